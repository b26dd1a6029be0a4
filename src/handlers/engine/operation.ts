import { CALL_TIME_LIMIT } from './calls';
import type { OperationDescription, PollEvent, RequestType, ResourceEvent } from './event';
import { FENCE_FRESHNESS } from './fence';
import { hash } from './fingerprint';
import type { Phase, StackView } from './stack';
import { phaseOf } from './stack';

/** The provider's waiter polls again this long after an answer. The query interval of the provider must agree. */
export const POLL_INTERVAL = 4_000;

/** How long a call of an earlier operation may still take effect after the fence has stopped that operation. */
export const GRACE = 2 * FENCE_FRESHNESS + CALL_TIME_LIMIT;

/** At least one poll falls into this time before the deadline, even if the poll pauses. */
const LAST_POLLS = 3 * POLL_INTERVAL;

/** How often a poll observes more than the state of something in motion. */
const DETAILED_POLL_INTERVAL = 60_000;

/** How long IAM may take to propagate a new role and its policies. */
export const IAM_PROPAGATION = 120_000;

/** One create, update or delete of one resource, as a poll sees it. */
export interface Operation {
  readonly type: RequestType;
  /** Identifies the operation in tags and descriptions. */
  readonly id: string;
  readonly clientToken: string;
  /** The key under which a container remembers what polls of the operation wait for. */
  readonly paceKey: string;
  /** Replaces the client token if the service answers that with a result from before this operation. */
  readonly secondClientToken: string;
  readonly phase: Phase;
  readonly startedAt: number;
  readonly now: number;
  /** Whether an earlier operation of the same resource may have been stopped shortly before this one began. */
  readonly mayFollowAnother: boolean;
  /** Whether a call of that earlier operation may still take effect. */
  readonly inGrace: boolean;
  /** Whether IAM may not have propagated new roles yet. */
  readonly rolesMayBeFresh: boolean;
  readonly timeoutSeconds: number;
  /** Whether this may be the last poll before the deadline, so that an error counts now. */
  readonly endsSoon: boolean;
  readonly expired: boolean;
}

/** @param startedAt when the request arrived. The view of the stack may have taken some seconds since. */
export function describeOperation(event: ResourceEvent, view: StackView, startedAt: number, resolved?: Record<string, string>): OperationDescription {
  // No operation begins in an idle stack: CloudFormation still shows the last one.
  const stack = phaseOf(view.stackStatus) === 'idle' ? {} : view;
  return {
    Id: describedId(event, stack.stackTime),
    StackTime: stack.stackTime,
    Phase: phaseOf(stack.stackStatus),
    StartedAt: startedAt,
    RequestPhysicalId: event.PhysicalResourceId,
    Resolved: resolved,
  };
}

function describedId({ RequestId: requestId }: ResourceEvent, stackTime = ''): string {
  return [requestId, stackTime].join('@');
}

/** What a poll may know besides its event. */
export interface Knowledge {
  /** The phase that the fence showed. By default, the one that `onEvent` saw. */
  readonly phase?: Phase;
  /** The start of the stack operation, as the fence shows it. Used if `onEvent` did not see the start. */
  readonly stackTime?: string;
  /** Whether CloudFormation or the framework invented the physical ID of the event. */
  readonly isIdInvented?: boolean;
}

export function operationOf(event: PollEvent, timeoutSeconds: number, now: number, knowledge: Knowledge = {}): Operation {
  const { Id: described, StackTime: seen, StartedAt: startedAt } = event.Operation;
  const { phase = event.Operation.Phase, stackTime, isIdInvented = false } = knowledge;
  // Two deliveries of a request are one operation, even if `onEvent` saw nothing of the stack for one of them.
  const id = seen === undefined && stackTime !== undefined ? describedId(event, stackTime) : described;
  const deadline = startedAt + timeoutSeconds * 1000;
  const followsAnother = mayFollowAnother(event.RequestType, phase, isIdInvented);
  const clientToken = clientTokenOf(event, id);
  return {
    type: event.RequestType,
    id: hash(id).slice(0, 12),
    clientToken,
    paceKey: hash(event.StackId, event.LogicalResourceId, described),
    secondClientToken: hash(clientToken, '2'),
    phase,
    startedAt,
    now,
    mayFollowAnother: followsAnother,
    inGrace: followsAnother && now < startedAt + GRACE,
    rolesMayBeFresh: now < startedAt + IAM_PROPAGATION,
    timeoutSeconds,
    endsSoon: now >= deadline - LAST_POLLS,
    expired: now >= deadline,
  };
}

/**
 * Whether this poll observes more than the state of something in motion.
 *
 * That is so once a minute, to send few requests, and at the deadline.
 */
export function isDetailedPoll({ expired, now, startedAt }: Operation): boolean {
  return expired || (now - startedAt) % DETAILED_POLL_INTERVAL < POLL_INTERVAL;
}

/** Returns the same token for each delivery of an operation, and another one for the next operation. */
export function clientTokenOf(event: ResourceEvent, operationId: string): string {
  return hash(event.StackId, event.LogicalResourceId, operationId);
}

/**
 * Whether an earlier operation of the same resource may be under way when this one begins.
 *
 * CloudFormation invents the physical ID of a creation that it canceled. Otherwise a deleted stack, and the cleanup of
 * an update, wait for the operations before them.
 */
function mayFollowAnother(type: RequestType, phase: Phase, isIdInvented: boolean): boolean {
  switch (type) {
    case 'Create': return false;
    case 'Update': return phase === 'rollback' || phase === 'unknown';
    case 'Delete': return isIdInvented || (phase !== 'delete' && phase !== 'cleanup');
  }
}
