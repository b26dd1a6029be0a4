import { failure, NOT_YET } from './answers';
import { classify, isDeniedPermanently, messageOf, TerminalError } from './errors';
import type { IsCompleteAnswer } from './event';
import type { Hint } from './hints';
import type { Operation } from './operation';
import type { ChangeStep, DoneStep, FailStep, ObserveStep, Step, WaitStep } from './step';
import { fail } from './step';

/** Brings one resource to the state that its properties describe. */
export interface Reconciler<Observed, Observation, Change> {
  readonly operation: Operation;
  readonly nothingObserved: Observed;
  /** Values that no message may contain. */
  readonly secrets: string[];
  /** Decides the next step. This is a pure function, and all rules are in it. */
  reconcile(observed: Observed): Step<Observation, Change>;
  observe(what: Observation, observed: Observed): Promise<Observed>;
  /** Throws a `TerminalError` if no later poll can succeed. */
  apply(change: Change): Promise<void>;
}

/**
 * How many changes one poll makes if each shows its effect at once. The next poll observes the effect of all others.
 */
const CHANGES_PER_POLL = 5;

/** The message of a denial names the role and the action, but not always the policy that denies. */
const DENIAL_HINT: Hint = { text: 'allow it in the policy of that role, unless a permissions boundary or service control policy denies it' };

/**
 * Runs one poll: observes until the rules know enough, then waits, changes something or ends the operation.
 *
 * A poll that the fence stops answers neither success nor failure, because CloudFormation may use the request for
 * another operation by now.
 *
 * @param isStillCurrent the fence. It is asked again before each change and before each final answer.
 */
export async function poll<Observed, Observation, Change>(
  reconciler: Reconciler<Observed, Observation, Change>, isStillCurrent: () => Promise<boolean>,
): Promise<IsCompleteAnswer> {
  const { operation, nothingObserved, secrets } = reconciler;
  let observed = nothingObserved;
  let step = reconciler.reconcile(observed);
  let changes = 0;
  for (;;) {
    switch (step.kind) {
      case 'observe':
        ({ observed, step } = await observeMore(reconciler, step, observed));
        break;
      case 'wait':
        if (!operation.expired) return NOT_YET;
        step = stepAtDeadline(step, operation);
        break;
      case 'change': {
        if (operation.expired) {
          step = stepAtDeadline(step, operation);
          break;
        }
        if (!await isStillCurrent()) return NOT_YET;
        const stepAfterFailure = await applyChange(reconciler, step);
        if (stepAfterFailure) {
          step = stepAfterFailure;
          break;
        }
        if (!step.showsAtOnce || ++changes === CHANGES_PER_POLL) return NOT_YET;
        observed = nothingObserved;
        step = reconciler.reconcile(observed);
        break;
      }
      default:
        return await isStillCurrent() ? finalAnswer(step, secrets) : NOT_YET;
    }
  }
}

async function observeMore<Observed, Observation, Change>(
  reconciler: Reconciler<Observed, Observation, Change>, step: ObserveStep<Observation, Change>, before: Observed,
): Promise<{ observed: Observed; step: Step<Observation, Change> }> {
  try {
    const observed = await reconciler.observe(step.observe, before);
    return { observed, step: reconciler.reconcile(observed) };
  } catch (error) {
    return { observed: before, step: stepAfterError(error, step, reconciler.operation) };
  }
}

/** Returns the step after a failure, and nothing if the change succeeded. */
async function applyChange<Observed, Observation, Change>(
  reconciler: Reconciler<Observed, Observation, Change>, step: ChangeStep<Observation, Change>,
): Promise<Step<Observation, Change> | undefined> {
  try {
    await reconciler.apply(step.change);
    return undefined;
  } catch (error) {
    return stepAfterError(error, step, reconciler.operation);
  }
}

/** Throws the error that CloudFormation shows if the operation failed. */
function finalAnswer(step: DoneStep | FailStep, secrets: string[]): IsCompleteAnswer {
  if (step.kind === 'fail') throw failure(step, secrets);
  return { IsComplete: true, ...step.physicalId === undefined ? {} : { PhysicalResourceId: step.physicalId }, Data: step.data };
}

/**
 * Decides what follows a failed observation or change: the step's fallback, a failure if no later poll can succeed,
 * otherwise another poll.
 */
function stepAfterError<Observation, Change>(
  error: unknown, step: ObserveStep<Observation, Change> | ChangeStep<Observation, Change>, operation: Operation,
): Step<Observation, Change> {
  const message = messageOf(error);
  const denied = isDeniedPermanently(error, operation.rolesMayBeFresh);
  if (step.fallback && (error instanceof TerminalError || classify(error) === 'invalid' || denied)) return step.fallback;
  if (error instanceof TerminalError) return fail(error.code, error.message, { hints: error.hints });
  // A denied deletion is retried until the deadline: to answer success would leave the resource behind.
  if (denied && operation.type !== 'Delete') return fail('PermissionDenied', message, { hints: [DENIAL_HINT] });
  const waitingFor = `${step.kind === 'change' ? step.waitingFor : 'an answer of the service'}; the last answer was ${message}`;
  if (operation.endsSoon) return step.fallback ?? timedOut(operation, waitingFor);
  return { kind: 'wait', waitingFor };
}

function stepAtDeadline<Observation, Change>(
  step: WaitStep<Observation, Change> | ChangeStep<Observation, Change>, operation: Operation,
): Step<Observation, Change> {
  return step.fallback ?? timedOut(operation, step.waitingFor);
}

function timedOut(operation: Operation, waitingFor: string): FailStep {
  return fail('DeploymentTimedOut', `timed out after ${Math.round(operation.timeoutSeconds / 60)} minutes of waiting for ${waitingFor}`);
}
