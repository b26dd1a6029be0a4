import { NETWORK_CONNECTOR_LOOKUP_RESOURCE_TYPE, NETWORK_CONNECTOR_RESOURCE_TYPE } from '../contract/connector';
import { lookupPhysicalId, NetworkConnectorLookup } from './connector/lookup';
import type { ConnectorDependencies } from './connector/resource';
import { connectorPhysicalId, NetworkConnectorResource } from './connector/resource';
import type { StackViewer } from './engine/control-plane';
import { MICROVM_IMAGE_RESOURCE_TYPE } from '../contract/image';
import type { IsCompleteAnswer, OnEventAnswer, PollEvent, ResourceEvent, OperationDescription } from './engine/event';
import { FENCE_FRESHNESS, isCurrent } from './engine/fence';
import { describeOperation, operationOf } from './engine/operation';
import type { Operation } from './engine/operation';
import { poll } from './engine/poll';
import type { Reconciler } from './engine/poll';
import type { ImageDependencies } from './image/resource';
import { imagePhysicalId, MicrovmImageResource, resolveImage } from './image/resource';
import { launchCheckPhysicalId, MicrovmLaunchCheckResource } from './microvm/check-resource';
import { MICROVM_LAUNCH_CHECK_RESOURCE_TYPE, MICROVM_RESOURCE_TYPE } from '../contract/microvm';
import type { MicrovmDependencies } from './microvm/resource';
import { microvmPhysicalId, MicrovmResource } from './microvm/resource';

/** What the handler depends on. It is created for each invocation, which has its own time limit. */
export interface Dependencies extends ImageDependencies, ConnectorDependencies, MicrovmDependencies {
  readonly viewStack: StackViewer;
}

export type Handler = (event: ResourceEvent | PollEvent) => Promise<OnEventAnswer | IsCompleteAnswer>;

/** What is specific to one type of custom resource. Its properties are those that its construct wrote. */
interface ResourceType {
  physicalId(event: ResourceEvent<any>, operation: OperationDescription): string;
  /** Resolves once what all polls of an operation must agree on. */
  resolve?(event: ResourceEvent<any>, dependencies: Dependencies): Promise<Record<string, string> | undefined>;
  resource(event: PollEvent<any>, operation: Operation, dependencies: Dependencies): Reconciler<any, any, any>;
}

const RESOURCE_TYPES: Record<string, ResourceType> = {
  [MICROVM_IMAGE_RESOURCE_TYPE]: {
    physicalId: imagePhysicalId,
    resolve: resolveImage,
    resource: (event, operation, dependencies) => new MicrovmImageResource(event, operation, dependencies),
  },
  [NETWORK_CONNECTOR_RESOURCE_TYPE]: {
    physicalId: connectorPhysicalId,
    resource: (event, operation, dependencies) => new NetworkConnectorResource(event, operation, dependencies),
  },
  [NETWORK_CONNECTOR_LOOKUP_RESOURCE_TYPE]: {
    physicalId: lookupPhysicalId,
    resource: (event, operation, dependencies) => new NetworkConnectorLookup(event, operation, dependencies),
  },
  [MICROVM_RESOURCE_TYPE]: {
    physicalId: microvmPhysicalId,
    resource: (event, operation, dependencies) => new MicrovmResource(event, operation, dependencies),
  },
  [MICROVM_LAUNCH_CHECK_RESOURCE_TYPE]: {
    physicalId: launchCheckPhysicalId,
    resource: (event, operation, dependencies) => new MicrovmLaunchCheckResource(event, operation, dependencies),
  },
};

/** Creates the function that is both handlers of the provider. */
export function createHandler(dependencies: () => Dependencies): Handler {
  return async event => 'Operation' in event ? isComplete(event, dependencies()) : onEvent(event, dependencies());
}

/**
 * Describes the operation, and changes nothing: if it threw, CloudFormation would never delete a half-created resource.
 */
async function onEvent(event: ResourceEvent, dependencies: Dependencies): Promise<OnEventAnswer> {
  const kind = resourceTypeOf(event);
  const stack = await dependencies.viewStack(event.StackId, event.LogicalResourceId).catch(() => ({}));
  // If this fails, the polls resolve it themselves, or say why they cannot.
  const resolved = await kind.resolve?.(event, dependencies).catch(() => undefined);
  const operation = describeOperation(event, stack, dependencies.clock.now(), resolved);
  return { PhysicalResourceId: kind.physicalId(event, operation), Operation: operation };
}

async function isComplete(event: PollEvent, dependencies: Dependencies): Promise<IsCompleteAnswer> {
  const kind = resourceTypeOf(event);
  const { TimeoutSeconds: timeout } = event.ResourceProperties as { TimeoutSeconds: string };
  const operation = operationOf(event, Number(timeout), dependencies.clock.now());
  return poll(kind.resource(event, operation, dependencies), () => isStillCurrent(event, dependencies));
}

/** Asks the fence. An answer that took long may be out of date, and counts as no: the next poll asks again. */
async function isStillCurrent(event: PollEvent, { clock, viewStack }: Dependencies): Promise<boolean> {
  const asked = clock.now();
  try {
    const stack = await viewStack(event.StackId, event.LogicalResourceId);
    return isCurrent(event, stack) && clock.now() - asked <= FENCE_FRESHNESS;
  } catch {
    return false;
  }
}

function resourceTypeOf(event: ResourceEvent): ResourceType {
  const kind = RESOURCE_TYPES[event.ResourceType];
  if (!kind) throw new Error(`no handler for resources of type ${event.ResourceType}`);
  return kind;
}
