import type { Contender, ServiceTimes, Trial } from './trial';
import { LAUNCHABLE } from './trial';
import { NETWORK_CONNECTOR_RESOURCE_TYPE } from '../../../src/contract/connector';
import { MICROVM_IMAGE_RESOURCE_TYPE } from '../../../src/contract/image';
import { MICROVM_RESOURCE_TYPE } from '../../../src/contract/microvm';
import type { Circumstances, Properties } from '../../histories/cloudformation';
import { connectorProperties } from '../../histories/connector-history';
import { imageProperties } from '../../histories/image-history';
import { microvmProperties } from '../../histories/microvm-history';
import type { ResourceLocation } from '../../histories/roles';

/** A type of resource, and its properties in each generation. */
export interface ResourceType {
  readonly name: string;
  readonly resourceType: string;
  readonly properties: (location: ResourceLocation, generation: number) => object;
}

export const IMAGE: ResourceType = {
  name: 'image',
  resourceType: MICROVM_IMAGE_RESOURCE_TYPE,
  properties: (location, generation) => imageProperties({ name: location.logicalId, content: `content-${generation}` }, location),
};

export const CONNECTOR: ResourceType = {
  name: 'connector',
  resourceType: NETWORK_CONNECTOR_RESOURCE_TYPE,
  properties: (location, generation) => connectorProperties({ name: location.logicalId, subnets: [String(generation)] }, location),
};

/** Each generation replaces the one before. */
export const MICROVM: ResourceType = {
  name: 'MicroVM',
  resourceType: MICROVM_RESOURCE_TYPE,
  properties: (location, generation) => microvmProperties('microvm', { image: LAUNCHABLE, lifetime: 60 * generation, hasHealthCheck: false }, location),
};

/** The operations of CloudFormation on a resource, in order. */
export const STEPS = ['create', 'update', 'rollback', 'delete'] as const;
export type StepName = typeof STEPS[number];

export interface Step {
  /** In milliseconds. */
  readonly duration: number;
  /** Calls to the service of MicroVMs and connectors. */
  readonly calls: readonly string[];
  readonly otherCalls: readonly string[];
}

/** Every update has ended after this time. */
const ROLLBACK_AFTER = 1_000_000;

/** Creates a resource, updates it, rolls another update back, and deletes it. */
export async function measureLife(contender: Contender, type: ResourceType, times?: ServiceTimes): Promise<Record<StepName, Step>> {
  const trial = contender(type.resourceType, times);
  return {
    create: await measure(trial, 'CREATE_COMPLETE', deployment(trial, type, 1)),
    update: await measure(trial, 'UPDATE_COMPLETE', deployment(trial, type, 2)),
    rollback: await measureRollback(trial, type),
    delete: await measure(trial, 'DELETE_COMPLETE', trial.stack.delete()),
  };
}

/** Returns the duration of the creation of a resource, in milliseconds. */
export async function createTime(contender: Contender, type: ResourceType, times: ServiceTimes): Promise<number> {
  const trial = contender(type.resourceType, times);
  return (await measure(trial, 'CREATE_COMPLETE', deployment(trial, type, 1))).duration;
}

/** Measures a rollback that begins after the update of the resource has ended, because another resource fails. */
async function measureRollback(trial: Trial, type: ResourceType): Promise<Step> {
  const { clock } = trial;
  const deployed = deployment(trial, type, 3, { siblingFailsAfter: ROLLBACK_AFTER });
  await clock.run(clock.now() + ROLLBACK_AFTER - 1);
  return measure(trial, 'UPDATE_ROLLBACK_COMPLETE', deployed);
}

export async function deployment({ stack }: Trial, type: ResourceType, generation: number, circumstances?: Circumstances): Promise<string> {
  const properties = type.properties({ stackId: stack.id, logicalId: 'A' }, generation) as Properties;
  return stack.deploy({ A: properties }, circumstances);
}

async function measure({ clock, simulator, stack, otherCalls }: Trial, expected: string, operation: Promise<string>): Promise<Step> {
  const begun = clock.now();
  const callsBefore = simulator.calls().length;
  const otherCallsBefore = otherCalls.length;
  const status = await clock.complete(operation);
  if (status !== expected) throw new Error(`the stack ends as ${status}: ${stack.reasons.join('; ')}`);
  return {
    duration: clock.now() - begun,
    calls: simulator.calls().slice(callsBefore).map(call => call.operation),
    otherCalls: otherCalls.slice(otherCallsBefore),
  };
}
