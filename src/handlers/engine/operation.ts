import { createHash } from 'node:crypto';
import type { PollEvent, RequestType, ResourceEvent } from './event';

/** A poll comes this long after the answer to the one before. */
export const POLL_INTERVAL = 6_000;

/** A change follows its fence within this time, or waits for the next poll. */
export const FENCE_FRESHNESS = 2_000;

/** After this time a changing call is over for us, with or without an answer. */
export const CALL_TIME_LIMIT = 4_000;

/** How long a change that was under way when it was fenced off may take to land: a fence and a call that are slow, and the rest of a poll. */
export const GRACE = CALL_TIME_LIMIT + POLL_INTERVAL;

/** At least one poll falls into the time this long before the deadline, even if it pauses. */
const LAST_POLLS = 3 * POLL_INTERVAL;

/** How often something in motion is looked at for more than its state. */
const CLOSER_LOOK_INTERVAL = 60_000;

/** How long a fresh role may take until every service knows it and its policies. */
export const IAM_PROPAGATION = 120_000;

/** The clocks of CloudFormation and of the handler differ by less. */
const CLOCK_DIFFERENCE = 10_000;

/** Where a stack stands; `unknown` if we may not ask or got no answer. */
export type Phase = 'forward' | 'rollback' | 'cleanup' | 'delete' | 'idle' | 'unknown';

/** What `onEvent` puts down about an operation, for all its polls; it changes nothing. */
export interface OperationDescription {
  /** Request id and time of the stack's operation: a request id is used again when a deployment is retried. */
  readonly Id: string;
  readonly StackTime?: string;
  readonly Phase: Phase;
  /** Own clock, in milliseconds; only for grace and deadline. */
  readonly StartedAt: number;
  /** The physical id of the request, before `onEvent` answered with another. */
  readonly RequestPhysicalId?: string;
  /** What had to be looked up once. */
  readonly Resolved?: Record<string, string>;
}

/** What CloudFormation shows about the stack and the resource; what it does not show is absent. */
export interface StackView {
  readonly stackStatus?: string;
  /** When the stack's current or last operation began. */
  readonly stackTime?: string;
  readonly resourceStatus?: string;
  /** CloudFormation says that the stack has no such resource (any more). */
  readonly resourceIsAbsent?: boolean;
  readonly physicalId?: string;
}

/** An operation as a poll sees it. */
export interface Operation {
  readonly type: RequestType;
  /** Identifies the operation within a marker. */
  readonly mark: string;
  readonly clientToken: string;
  /** Takes the place of the client token if that replays an answer from before this operation. */
  readonly secondClientToken: string;
  readonly phase: Phase;
  readonly startedAt: number;
  readonly now: number;
  /** A change of an earlier operation may still land. */
  readonly inGrace: boolean;
  /** Fresh roles may not be known everywhere yet. */
  readonly rolesMayBeFresh: boolean;
  readonly timeoutSeconds: number;
  /** This may be the last poll before the deadline: an error that has not passed by now counts. */
  readonly endsSoon: boolean;
  readonly expired: boolean;
}

export function describeOperation(event: ResourceEvent, view: StackView, now: number, resolved?: Record<string, string>): OperationDescription {
  // No operation begins in an idle stack: what CloudFormation shows is old.
  const stack = phaseOf(view.stackStatus) === 'idle' ? {} : view;
  return {
    Id: [event.RequestId, stack.stackTime ?? ''].join('@'),
    StackTime: stack.stackTime,
    Phase: phaseOf(stack.stackStatus),
    StartedAt: now,
    RequestPhysicalId: event.PhysicalResourceId,
    Resolved: resolved,
  };
}

export function operationOf(event: PollEvent, timeoutSeconds: number, now: number): Operation {
  const { Id: id, Phase: phase, StartedAt: startedAt } = event.Operation;
  const deadline = startedAt + timeoutSeconds * 1000;
  const clientToken = clientTokenOf(event, id);
  return {
    type: event.RequestType,
    mark: hash(id).slice(0, 12),
    clientToken,
    secondClientToken: hash(clientToken, '2'),
    phase,
    startedAt,
    now,
    inGrace: undoes(event.RequestType, phase) && now < startedAt + GRACE,
    rolesMayBeFresh: now < startedAt + IAM_PROPAGATION,
    timeoutSeconds,
    endsSoon: now >= deadline - LAST_POLLS,
    expired: now >= deadline,
  };
}

/** Whether this poll looks for more than the state of something in motion: once a minute, to ask the service for little, and at the end. */
export function looksCloser({ expired, now, startedAt }: Operation): boolean {
  return expired || (now - startedAt) % CLOSER_LOOK_INTERVAL < POLL_INTERVAL;
}

/** The same for each delivery of an operation, another for the next one. */
export function clientTokenOf(event: ResourceEvent, operationId: string): string {
  return hash(event.StackId, event.LogicalResourceId, operationId);
}

/** Whether an earlier operation of the same resource may still be under way when this one begins. */
function undoes(type: RequestType, phase: Phase): boolean {
  return type === 'Delete' || (type === 'Update' && (phase === 'rollback' || phase === 'unknown'));
}

export function phaseOf(stackStatus: string | undefined): Phase {
  if (stackStatus === undefined) return 'unknown';
  if (!stackStatus.endsWith('_IN_PROGRESS')) return 'idle';
  if (stackStatus.includes('ROLLBACK')) return 'rollback';
  if (stackStatus === 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS') return 'cleanup';
  return stackStatus === 'DELETE_IN_PROGRESS' ? 'delete' : 'forward';
}

/**
 * The fence: whether CloudFormation still waits for this operation.
 *
 * The waiter of a cancelled operation polls on for up to an hour, through the rollback and into later deployments. What is not known counts as current.
 */
export function isCurrent(event: PollEvent, stack: StackView): boolean {
  const { Phase: phase, StackTime: stackTime, StartedAt: startedAt } = event.Operation;
  const phaseNow = phaseOf(stack.stackStatus);
  if (phase !== 'unknown' && phaseNow !== 'unknown' && phaseNow !== phase) return false;
  if (stackTime !== undefined && stack.stackTime !== undefined && stack.stackTime !== stackTime) return false;
  // Delivered late, when its stack operation was over: whatever goes on now began after it.
  if (stackTime === undefined && stack.stackTime !== undefined && Date.parse(stack.stackTime) > startedAt + CLOCK_DIFFERENCE) return false;
  // A rollback can begin before its operation is described: then the phase is the same, but nothing is created in it.
  if (event.RequestType === 'Create' && phaseNow !== 'forward' && phaseNow !== 'unknown') return false;
  if (stack.resourceIsAbsent) return event.RequestType === 'Delete';
  if (stack.resourceStatus === undefined) return true;
  switch (event.RequestType) {
    case 'Create': return stack.resourceStatus === 'CREATE_IN_PROGRESS';
    case 'Update': return stack.resourceStatus === 'UPDATE_IN_PROGRESS';
    case 'Delete': return stack.resourceStatus === 'DELETE_IN_PROGRESS' || deletesWhatWasReplaced(event, phaseNow, stack);
  }
}

/** In a clean-up or rollback the resource lives on under another physical id while the one it had is deleted. */
function deletesWhatWasReplaced(event: PollEvent, phase: Phase, stack: StackView): boolean {
  return (phase === 'cleanup' || phase === 'rollback') && stack.physicalId !== undefined && stack.physicalId !== event.PhysicalResourceId;
}

export function hash(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
