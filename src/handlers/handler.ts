import { DEFAULT_TIMEOUT_SECONDS } from '../contract/common';
import { NETWORK_CONNECTOR_LOOKUP_RESOURCE_TYPE, NETWORK_CONNECTOR_RESOURCE_TYPE } from '../contract/connector';
import { nameIn } from './connector/desired';
import { isLookupId, lookupPhysicalId, NetworkConnectorLookup } from './connector/lookup';
import type { ConnectorDependencies } from './connector/resource';
import { connectorPhysicalId, NetworkConnectorResource } from './connector/resource';
import type { StackViewer } from './engine/control-plane';
import { MICROVM_IMAGE_ARN_PATTERN, MICROVM_IMAGE_RESOURCE_TYPE } from '../contract/image';
import type { IsCompleteAnswer, OnEventAnswer, PollEvent, ResourceEvent, OperationDescription } from './engine/event';
import { askFence } from './engine/fence';
import { firstView } from './engine/first-view';
import type { LogWriter } from './engine/log';
import { OperationLog } from './engine/log';
import { describeOperation, operationOf } from './engine/operation';
import type { Operation } from './engine/operation';
import { Pace } from './engine/pace';
import { poll } from './engine/poll';
import type { Reconciler } from './engine/poll';
import { isInProgress } from './engine/stack';
import type { StackView } from './engine/stack';
import type { ImageDependencies } from './image/resource';
import { imagePhysicalId, MicrovmImageResource, resolveImage } from './image/resource';
import { isLaunchCheckId, launchCheckPhysicalId, MicrovmLaunchCheckResource } from './microvm/check-resource';
import { isLaunchPhysicalId } from './microvm/launch';
import { MICROVM_LAUNCH_CHECK_RESOURCE_TYPE, MICROVM_RESOURCE_TYPE } from '../contract/microvm';
import type { MicrovmDependencies } from './microvm/resource';
import { microvmPhysicalId, MicrovmResource } from './microvm/resource';

/** What the handler depends on. It is created for each invocation, which has its own time limit. */
export interface Dependencies extends ImageDependencies, ConnectorDependencies, MicrovmDependencies {
  readonly viewStack: StackViewer;
  /** Whether the service exists in the Region of a stack. */
  readonly isServiceAvailable: (stackId: string) => Promise<boolean>;
  readonly log: LogWriter;
}

export type Handler = (event: ResourceEvent | PollEvent) => Promise<OnEventAnswer | IsCompleteAnswer>;

/** What is specific to one type of custom resource. Its properties are those that its construct wrote. */
interface ResourceType {
  /** Whether a physical ID may contain the ID of its operation, which then stays as `onEvent` described it. */
  readonly identifiesOperations?: boolean;
  /** Whether the physical ID has a form that this library gives it. CloudFormation and the framework invent others. */
  isOwnId(physicalId: string): boolean;
  physicalId(event: ResourceEvent<any>, operation: OperationDescription): string;
  /** Resolves once what all polls of an operation must agree on. */
  resolve?(event: ResourceEvent<any>, dependencies: Dependencies): Promise<Record<string, string> | undefined>;
  resource(event: PollEvent<any>, operation: Operation, dependencies: Dependencies): Reconciler<any, any, any>;
}

const RESOURCE_TYPES: Record<string, ResourceType> = {
  [MICROVM_IMAGE_RESOURCE_TYPE]: {
    isOwnId: id => MICROVM_IMAGE_ARN_PATTERN.test(id),
    physicalId: imagePhysicalId,
    resolve: resolveImage,
    resource: (event, operation, dependencies) => new MicrovmImageResource(event, operation, dependencies),
  },
  [NETWORK_CONNECTOR_RESOURCE_TYPE]: {
    isOwnId: id => nameIn(id) !== undefined,
    physicalId: connectorPhysicalId,
    resource: (event, operation, dependencies) => new NetworkConnectorResource(event, operation, dependencies),
  },
  [NETWORK_CONNECTOR_LOOKUP_RESOURCE_TYPE]: {
    isOwnId: isLookupId,
    physicalId: lookupPhysicalId,
    resource: (event, operation, dependencies) => new NetworkConnectorLookup(event, operation, dependencies),
  },
  [MICROVM_RESOURCE_TYPE]: {
    identifiesOperations: true,
    isOwnId: isLaunchPhysicalId,
    physicalId: microvmPhysicalId,
    resource: (event, operation, dependencies) => new MicrovmResource(event, operation, dependencies),
  },
  [MICROVM_LAUNCH_CHECK_RESOURCE_TYPE]: {
    isOwnId: isLaunchCheckId,
    physicalId: launchCheckPhysicalId,
    resource: (event, operation, dependencies) => new MicrovmLaunchCheckResource(event, operation, dependencies),
  },
};

/**
 * Creates the function that is both handlers of the provider.
 *
 * @param pace what the container remembers between polls.
 */
export function createHandler(dependencies: () => Dependencies, pace = new Pace()): Handler {
  return async event => 'Operation' in event ? isComplete(event, dependencies(), pace) : onEvent(event, dependencies());
}

/**
 * Describes the operation, and changes nothing: if it threw, CloudFormation would never delete a half-created resource.
 */
async function onEvent(event: ResourceEvent, dependencies: Dependencies): Promise<OnEventAnswer> {
  const { clock, random, log } = dependencies;
  const kind = resourceTypeOf(event);
  const startedAt = clock.now();
  // If this fails, the polls resolve it themselves, or say why they cannot.
  const resolving = kind.resolve?.(event, dependencies).catch(() => undefined);
  const stack = await firstView(event, async () => viewStack(event, dependencies, 'all'), clock, random);
  const operation = describeOperation(event, stack, startedAt, await resolving);
  new OperationLog(event, log, () => clock.now()).described(operation.Phase, stack);
  return { PhysicalResourceId: kind.physicalId(event, operation), Operation: operation };
}

async function isComplete(event: PollEvent, dependencies: Dependencies, pace: Pace): Promise<IsCompleteAnswer> {
  const { clock, random, isServiceAvailable, log } = dependencies;
  const kind = resourceTypeOf(event);
  const { TimeoutSeconds: timeout = DEFAULT_TIMEOUT_SECONDS } = event.ResourceProperties as { TimeoutSeconds?: string };
  const isIdInvented = !kind.isOwnId(event.PhysicalResourceId);
  // If `onEvent` saw nothing, the poll begins anew with the phase and the operation that the fence shows.
  let stackTime: string | undefined;
  const view = async (scope: 'all' | 'resource'): Promise<StackView> => {
    const shown = await viewStack(event, dependencies, scope);
    if (!kind.identifiesOperations && isInProgress(shown)) stackTime = shown.stackTime;
    return shown;
  };
  const operationLog = new OperationLog(event, log, () => clock.now());
  return poll(
    phase => kind.resource(event, operationOf(event, Number(timeout), clock.now(), { phase, stackTime, isIdInvented }), dependencies),
    event.Operation.Phase,
    {
      fence: async () => askFence(event, view, clock, random),
      isServiceAvailable: async () => isServiceAvailable(event.StackId),
      log: (entry, secrets) => operationLog.report(entry, secrets),
      pace,
    },
  );
}

/** A view that fails shows nothing yet. */
async function viewStack(event: ResourceEvent, dependencies: Dependencies, scope: 'all' | 'resource'): Promise<StackView> {
  return dependencies.viewStack(event.StackId, event.LogicalResourceId, scope).catch(() => ({ isIncomplete: true }));
}

function resourceTypeOf(event: ResourceEvent): ResourceType {
  const kind = RESOURCE_TYPES[event.ResourceType];
  if (!kind) throw new Error(`no handler for resources of type ${event.ResourceType}`);
  return kind;
}
