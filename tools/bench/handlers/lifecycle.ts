import type { Implementation, ServiceTimes, Trial } from './trial';
import { LAUNCHABLE } from './trial';
import { NETWORK_CONNECTOR_RESOURCE_TYPE } from '../../../src/contract/connector';
import { MICROVM_IMAGE_RESOURCE_TYPE } from '../../../src/contract/image';
import { MICROVM_LAUNCH_CHECK_RESOURCE_TYPE, MICROVM_RESOURCE_TYPE } from '../../../src/contract/microvm';
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

/** Each generation replaces the previous one. */
export const MICROVM: ResourceType = {
  name: 'MicroVM',
  resourceType: MICROVM_RESOURCE_TYPE,
  properties: (location, generation) => microvmProperties('microvm', { image: LAUNCHABLE, lifetime: 60 * generation, hasHealthCheck: false }, location),
};

export const LAUNCH_CHECK: ResourceType = {
  name: 'launch check',
  resourceType: MICROVM_LAUNCH_CHECK_RESOURCE_TYPE,
  properties: (location, generation) => microvmProperties('launch check', { image: LAUNCHABLE, lifetime: 60 * generation, hasHealthCheck: false }, location),
};

/** The steps in the life of a resource. */
export const STEPS = ['create', 'update', 'rollback', 'delete'] as const;
export type StepName = typeof STEPS[number];

export interface Step {
  /** In milliseconds. */
  readonly duration: number;
  /** Calls to the MicroVM and connector API. */
  readonly calls: readonly string[];
  readonly otherCalls: readonly string[];
}

/** Every update is complete by then. */
const ROLLBACK_AFTER = 1_000_000;

/** Creates a resource, updates it, updates it again with a rollback, and deletes it. */
export async function measureLifecycle(implementation: Implementation, kind: ResourceType, times?: ServiceTimes): Promise<Record<StepName, Step>> {
  const trial = implementation(kind.resourceType, times);
  return {
    create: await measure(trial, 'CREATE_COMPLETE', deployment(trial, kind, 1)),
    update: await measure(trial, 'UPDATE_COMPLETE', deployment(trial, kind, 2)),
    rollback: await measureRollback(trial, kind),
    delete: await measure(trial, 'DELETE_COMPLETE', trial.stack.delete()),
  };
}

/** Duration of one create, in milliseconds. */
export async function createTime(implementation: Implementation, kind: ResourceType, times: ServiceTimes): Promise<number> {
  const trial = implementation(kind.resourceType, times);
  return (await measure(trial, 'CREATE_COMPLETE', deployment(trial, kind, 1))).duration;
}

/** Another resource fails after the update is complete. */
async function measureRollback(trial: Trial, kind: ResourceType): Promise<Step> {
  const { clock } = trial;
  const deployed = deployment(trial, kind, 3, { siblingFailsAfter: ROLLBACK_AFTER });
  await clock.run(clock.now() + ROLLBACK_AFTER - 1);
  return measure(trial, 'UPDATE_ROLLBACK_COMPLETE', deployed);
}

export async function deployment({ stack }: Trial, kind: ResourceType, generation: number, circumstances?: Circumstances): Promise<string> {
  const properties = kind.properties({ stackId: stack.id, logicalId: 'A' }, generation) as Properties;
  return stack.deploy({ A: properties }, circumstances);
}

export async function measure({ clock, simulator, stack, otherCalls }: Trial, expected: string, operation: Promise<string>): Promise<Step> {
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
