import { failure, NOT_YET } from './answers';
import { isDeniedForGood, LastingError, sortOf, wordsOf } from './errors';
import type { IsCompleteAnswer } from './event';
import type { Operation } from './operation';
import type { ChangeStep, FailStep, LookStep, Step } from './step';
import { fail } from './step';

/** A resource as a poll handles it, whatever its kind. */
export interface Reconciled<Seen, Look, Change> {
  readonly operation: Operation;
  readonly nothingSeen: Seen;
  /** What must not show in any message. */
  readonly secrets: string[];
  /** The rules: pure. */
  reconcile(seen: Seen): Step<Look, Change>;
  look(look: Look, seen: Seen): Promise<Seen>;
  /** Throws a `LastingError` if no later poll can succeed. */
  act(change: Change): Promise<void>;
}

/** Changes of one poll, if what comes of each shows at once. Whatever does not show counts as made, and is looked for in the next poll. */
const QUICK_CHANGES = 5;

/** The words of a denial name the role and the action, and not always what denies it. */
const HINT_FOR_DENIAL = 'hint: allow it in the policy of that role, unless a permissions boundary or service control policy denies it';

/**
 * One poll: look for as long as the rules ask for it, then take a step that changes something, or end the operation. Each change has its own fence.
 *
 * @param isStillCurrent the fence. A fenced poll answers neither success nor failure: the request it would answer may be another one by now.
 */
export async function poll<Seen, Look, Change>(
  resource: Reconciled<Seen, Look, Change>, isStillCurrent: () => Promise<boolean>,
): Promise<IsCompleteAnswer> {
  const { operation } = resource;
  let seen = resource.nothingSeen;
  let step = resource.reconcile(seen);
  let changes = 0;
  for (;;) {
    if (step.kind === 'look') {
      const looking: LookStep<Look, Change> = step;
      try {
        seen = await resource.look(looking.look, seen);
        step = resource.reconcile(seen);
      } catch (error) {
        step = stepAfter(error, looking, operation);
      }
    } else if (step.kind === 'wait' || step.kind === 'change') {
      if (operation.expired) {
        step = step.otherwise ?? timedOut(operation, step.for);
      } else if (step.kind === 'wait' || !await isStillCurrent()) {
        return NOT_YET;
      } else {
        const changing: ChangeStep<Look, Change> = step;
        try {
          await resource.act(changing.change);
          if (!changing.showsAtOnce || ++changes === QUICK_CHANGES) return NOT_YET;
          seen = resource.nothingSeen;
          step = resource.reconcile(seen);
        } catch (error) {
          step = stepAfter(error, changing, operation);
        }
      }
    } else if (!await isStillCurrent()) {
      return NOT_YET;
    } else if (step.kind === 'fail') {
      throw failure(step, resource.secrets);
    } else {
      return { IsComplete: true, ...step.physicalId === undefined ? {} : { PhysicalResourceId: step.physicalId }, Data: step.data };
    }
  }
}

/** What a look or change that failed leads to: its alternative or a failure if no poll to come can succeed, else one more try. */
function stepAfter<Look, Change>(
  error: unknown, step: LookStep<Look, Change> | ChangeStep<Look, Change>, operation: Operation,
): Step<Look, Change> {
  const words = wordsOf(error);
  const denied = isDeniedForGood(error, operation.rolesMayBeFresh);
  if (step.otherwise && (error instanceof LastingError || sortOf(error) === 'invalid' || denied)) return step.otherwise;
  if (error instanceof LastingError) return fail(error.code, error.message);
  // A deletion that is denied goes on until the deadline: answering success would leave the resource behind.
  if (denied && operation.type !== 'Delete') return fail('PermissionDenied', `${words}\n${HINT_FOR_DENIAL}`);
  const awaited = `${step.kind === 'change' ? step.for : 'a look at the service'}; the last answer was ${words}`;
  if (operation.endsSoon) return step.otherwise ?? timedOut(operation, awaited);
  return { kind: 'wait', for: awaited };
}

function timedOut(operation: Operation, awaited: string): FailStep {
  return fail('DeploymentTimedOut', `timed out after ${Math.round(operation.timeoutSeconds / 60)} minutes of waiting for ${awaited}`);
}
