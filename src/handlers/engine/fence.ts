import type { PollEvent } from './event';
import type { Phase, StackView } from './stack';
import { phaseOf } from './stack';

/** How long an answer of the fence is valid. A change that comes later waits for the next poll. */
export const FENCE_FRESHNESS = 2_000;

/** How much the clocks of CloudFormation and of the handler may differ. */
const CLOUDFORMATION_CLOCK_SKEW = 10_000;

/**
 * Decides whether CloudFormation still waits for this operation.
 *
 * The waiter of a canceled operation keeps polling for up to an hour: through the rollback and into later deployments.
 * What CloudFormation does not show counts as current.
 */
export function isCurrent(event: PollEvent, stack: StackView): boolean {
  const { Phase: phase, StackTime: stackTime, StartedAt: startedAt } = event.Operation;
  const phaseNow = phaseOf(stack.stackStatus);
  if (phase !== 'unknown' && phaseNow !== 'unknown' && phaseNow !== phase) return false;
  if (stackTime !== undefined && stack.stackTime !== undefined && stack.stackTime !== stackTime) return false;
  // This request arrived after its stack operation had ended, so the stack operation that runs now is a later one.
  if (stackTime === undefined && stack.stackTime !== undefined && Date.parse(stack.stackTime) > startedAt + CLOUDFORMATION_CLOCK_SKEW) return false;
  // A rollback may begin before `onEvent` describes the operation. The phases are equal then, but a rollback creates
  // nothing.
  if (event.RequestType === 'Create' && phaseNow !== 'forward' && phaseNow !== 'unknown') return false;
  if (stack.resourceIsAbsent) return event.RequestType === 'Delete';
  if (stack.resourceStatus === undefined) return true;
  switch (event.RequestType) {
    case 'Create': return stack.resourceStatus === 'CREATE_IN_PROGRESS';
    case 'Update': return stack.resourceStatus === 'UPDATE_IN_PROGRESS';
    case 'Delete': return stack.resourceStatus === 'DELETE_IN_PROGRESS' || deletesReplaced(event, phaseNow, stack);
  }
}

/** In a cleanup or rollback the resource has another physical ID while CloudFormation deletes what that ID replaced. */
function deletesReplaced(event: PollEvent, phase: Phase, stack: StackView): boolean {
  return (phase === 'cleanup' || phase === 'rollback') && stack.physicalId !== undefined && stack.physicalId !== event.PhysicalResourceId;
}
