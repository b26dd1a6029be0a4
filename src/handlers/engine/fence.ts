import type { Clock } from './clock';
import type { PollEvent } from './event';
import type { Phase, StackView } from './stack';
import { phaseOf } from './stack';

/** How long an answer of the fence is valid. A change that comes later waits for the next poll. */
export const FENCE_FRESHNESS = 2_000;

/** How often one poll asks while CloudFormation limits the rate of calls, and the longest pause in between. */
const ATTEMPTS = 3;
const LONGEST_PAUSE = 2_000;

/** How much the clocks of CloudFormation and of the handler may differ. */
const CLOUDFORMATION_CLOCK_SKEW = 10_000;

/**
 * How much later than its request a resource may seem to have got its status. Two requests for one resource are further
 * apart than this.
 */
const REQUEST_CLOCK_SKEW = 1_000;

/** Shows the stack and the resource of an event, or the resource alone. */
export type View = (scope: 'all' | 'resource') => Promise<StackView>;

/**
 * Returns the phase of the operation. Returns nothing if CloudFormation no longer waits for the operation, or if the
 * calls do not show whether it does.
 *
 * A poll that learns nothing changes nothing. What IAM does not let the handler see counts as current.
 */
export async function askFence(event: PollEvent, view: View, clock: Clock, random: () => number): Promise<Phase | undefined> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const asked = clock.now();
    const answer = await ask(event, view);
    // An answer that took long may be out of date: the next poll asks again.
    if (clock.now() - asked > FENCE_FRESHNESS) return undefined;
    if (answer !== 'incomplete') return answer;
    if (attempt < ATTEMPTS) await clock.sleep(LONGEST_PAUSE * (1 + random()) / 2);
  }
  return undefined;
}

/** Describes the resource alone if that may suffice. An account may describe stacks only a few times a second. */
async function ask(event: PollEvent, view: View): Promise<Phase | undefined | 'incomplete'> {
  if (mayDecideByResource(event)) {
    const shown = await view('resource');
    if (hasBegunFor(event, shown)) return event.Operation.Phase;
    if (event.RequestType === 'Create' && shown.resourceStatus !== undefined && !fits(event, shown)) return undefined;
  }
  const shown = await view('all');
  return shown.isIncomplete ? 'incomplete' : currentPhase(event, shown);
}

/** Whether the phase is certain: a creation has only one, and after the deletion of a stack nothing follows. */
function mayDecideByResource({ RequestType: type, Operation: { Phase: phase } }: PollEvent): boolean {
  return (type === 'Create' && phase === 'forward') || (type === 'Delete' && phase === 'delete');
}

/**
 * Returns the phase of an operation for which CloudFormation still waits, and nothing for any other.
 *
 * The waiter of a canceled operation keeps polling for up to an hour: through the rollback and into later deployments.
 * What CloudFormation does not show counts as current.
 */
export function currentPhase(event: PollEvent, stack: StackView): Phase | undefined {
  const { Phase: described } = event.Operation;
  const shown = phaseOf(stack.stackStatus);
  // A rollback creates nothing. It may have begun before `onEvent` described the operation.
  if (event.RequestType === 'Create' && shown !== 'forward' && shown !== 'unknown') return undefined;
  if (!fits(event, stack)) return undefined;
  const phase = shown === 'unknown' || shown === 'idle' ? described : shown;
  if (hasBegunFor(event, stack)) return phase;
  return mayBelongToThisStackOperation(event, stack) ? phase : undefined;
}

/** Whether the status of the resource is that of an operation like this one in progress. */
export function fits(event: Pick<PollEvent, 'RequestType' | 'PhysicalResourceId'>, stack: StackView): boolean {
  if (stack.resourceIsAbsent) return event.RequestType === 'Delete';
  if (stack.resourceStatus === undefined) return true;
  switch (event.RequestType) {
    case 'Create': return stack.resourceStatus === 'CREATE_IN_PROGRESS';
    case 'Update': return stack.resourceStatus === 'UPDATE_IN_PROGRESS';
    case 'Delete': return stack.resourceStatus === 'DELETE_IN_PROGRESS' || deletesReplaced(event, stack);
  }
}

/**
 * While CloudFormation deletes what was replaced, the resource has another physical ID, whatever its status.
 *
 * That happens in a cleanup, in a rollback, and in the deletion of a stack whose last update failed without a rollback.
 */
function deletesReplaced(event: Pick<PollEvent, 'PhysicalResourceId'>, stack: StackView): boolean {
  const phase = phaseOf(stack.stackStatus);
  return (phase === 'cleanup' || phase === 'rollback' || phase === 'delete') && stack.physicalId !== undefined && stack.physicalId !== event.PhysicalResourceId;
}

/**
 * Whether the resource got its status for this request or an earlier one, so that no later request can have begun.
 *
 * This holds whatever `onEvent` saw of the stack: the first view may be out of date.
 */
function hasBegunFor(event: PollEvent, stack: StackView): boolean {
  return stack.resourceTime !== undefined && stack.resourceStatus === `${event.RequestType.toUpperCase()}_IN_PROGRESS`
    && Date.parse(stack.resourceTime) <= event.Operation.StartedAt + REQUEST_CLOCK_SKEW;
}

/** Whether no later operation of the stack is known to have begun. */
function mayBelongToThisStackOperation(event: PollEvent, stack: StackView): boolean {
  const { Phase: described, StackTime: stackTime, StartedAt: startedAt } = event.Operation;
  const shown = phaseOf(stack.stackStatus);
  if (stackTime !== undefined && stack.stackTime !== undefined && stack.stackTime !== stackTime) return false;
  // This request arrived after its stack operation had ended, so the stack operation that runs now is a later one.
  if (stackTime === undefined && stack.stackTime !== undefined && Date.parse(stack.stackTime) > startedAt + CLOUDFORMATION_CLOCK_SKEW) return false;
  // The physical ID and the status of the resource distinguish a deletion from others.
  if (event.RequestType === 'Delete' || shown === 'unknown') return true;
  // Nobody saw in which phase the operation began. If the resource got its status later, another request has begun.
  if (described === 'unknown') return shown !== 'rollback' || stack.resourceTime === undefined;
  return shown === described;
}
