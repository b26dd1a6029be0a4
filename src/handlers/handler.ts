import { NETWORK_CONNECTOR_LOOKUP_RESOURCE_TYPE, NETWORK_CONNECTOR_RESOURCE_TYPE } from '../contract/connector';
import { lookupPhysicalId, NetworkConnectorLookup } from './connector/lookup';
import type { ConnectorWorld } from './connector/resource';
import { connectorPhysicalId, NetworkConnectorResource } from './connector/resource';
import type { StackViewer } from './engine/control-plane';
import type { IsCompleteAnswer, OnEventAnswer, PollEvent, ResourceEvent } from './engine/event';
import { MICROVM_IMAGE_RESOURCE_TYPE } from '../contract/image';
import { describeOperation, FENCE_FRESHNESS, isCurrent, operationOf } from './engine/operation';
import type { Operation, OperationDescription } from './engine/operation';
import { poll } from './engine/poll';
import type { Reconciled } from './engine/poll';
import type { ImageWorld } from './image/resource';
import { imagePhysicalId, MicrovmImageResource, resolveImage } from './image/resource';
import { launchCheckPhysicalId, MicrovmLaunchCheckResource } from './microvm/check-resource';
import { MICROVM_LAUNCH_CHECK_RESOURCE_TYPE, MICROVM_RESOURCE_TYPE } from '../contract/microvm';
import type { MicrovmWorld } from './microvm/resource';
import { microvmPhysicalId, MicrovmResource } from './microvm/resource';

/** All that the handlers need of the world outside; made anew for each invocation, which has its own time limit. */
export interface World extends ImageWorld, ConnectorWorld, MicrovmWorld {
  readonly viewStack: StackViewer;
}

export type Handler = (event: ResourceEvent | PollEvent) => Promise<OnEventAnswer | IsCompleteAnswer>;

/** What one type of resource has of its own. Its properties are what its construct wrote. */
interface Kind {
  physicalId(event: ResourceEvent<any>, operation: OperationDescription): string;
  /** Looks up once what all polls of an operation are to agree on. */
  resolve?(event: ResourceEvent<any>, world: World): Promise<Record<string, string> | undefined>;
  resource(event: PollEvent<any>, operation: Operation, world: World): Reconciled<any, any, any>;
}

const KINDS: Record<string, Kind> = {
  [MICROVM_IMAGE_RESOURCE_TYPE]: {
    physicalId: imagePhysicalId,
    resolve: resolveImage,
    resource: (event, operation, world) => new MicrovmImageResource(event, operation, world),
  },
  [NETWORK_CONNECTOR_RESOURCE_TYPE]: {
    physicalId: connectorPhysicalId,
    resource: (event, operation, world) => new NetworkConnectorResource(event, operation, world),
  },
  [NETWORK_CONNECTOR_LOOKUP_RESOURCE_TYPE]: {
    physicalId: lookupPhysicalId,
    resource: (event, operation, world) => new NetworkConnectorLookup(event, operation, world),
  },
  [MICROVM_RESOURCE_TYPE]: {
    physicalId: microvmPhysicalId,
    resource: (event, operation, world) => new MicrovmResource(event, operation, world),
  },
  [MICROVM_LAUNCH_CHECK_RESOURCE_TYPE]: {
    physicalId: launchCheckPhysicalId,
    resource: (event, operation, world) => new MicrovmLaunchCheckResource(event, operation, world),
  },
};

/** One function is both handlers of the provider. */
export function createHandler(world: () => World): Handler {
  return async event => 'Operation' in event ? isComplete(event, world()) : onEvent(event, world());
}

/** Describes the operation and changes nothing: a throw here would make CloudFormation forget a half-made resource. */
async function onEvent(event: ResourceEvent, world: World): Promise<OnEventAnswer> {
  const kind = kindOf(event);
  const stack = await world.viewStack(event.StackId, event.LogicalResourceId).catch(() => ({}));
  // If nothing can be resolved now, the polls try again and say why they cannot.
  const resolved = await kind.resolve?.(event, world).catch(() => undefined);
  const operation = describeOperation(event, stack, world.clock.now(), resolved);
  return { PhysicalResourceId: kind.physicalId(event, operation), Operation: operation };
}

async function isComplete(event: PollEvent, world: World): Promise<IsCompleteAnswer> {
  const kind = kindOf(event);
  const { TimeoutSeconds: timeout } = event.ResourceProperties as { TimeoutSeconds: string };
  const operation = operationOf(event, Number(timeout), world.clock.now());
  return poll(kind.resource(event, operation, world), () => isStillCurrent(event, world));
}

/** An answer that took long may be out of date: then the next poll asks again. */
async function isStillCurrent(event: PollEvent, { clock, viewStack }: World): Promise<boolean> {
  const asked = clock.now();
  try {
    const stack = await viewStack(event.StackId, event.LogicalResourceId);
    return isCurrent(event, stack) && clock.now() - asked <= FENCE_FRESHNESS;
  } catch {
    return false;
  }
}

function kindOf(event: ResourceEvent): Kind {
  const kind = KINDS[event.ResourceType];
  if (!kind) throw new Error(`no handler for resources of type ${event.ResourceType}`);
  return kind;
}
