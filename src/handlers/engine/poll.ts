import { failure, NOT_YET } from './answers';
import { classify, isDeniedPermanently, isDeniedWithoutMessage, messageOf, OutOfTimeError, TerminalError } from './errors';
import type { IsCompleteAnswer } from './event';
import type { Hint } from './hints';
import type { Entry } from './log';
import type { Operation } from './operation';
import { isDetailedPoll } from './operation';
import type { Pace } from './pace';
import { UNKNOWN } from './pace';
import type { Phase } from './stack';
import type { ChangeStep, DoneStep, FailStep, ObserveStep, Step, WaitStep } from './step';
import { done, fail } from './step';

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
  /** Returns what was observed in a few short values, for the log. They stay equal while nothing changes. */
  inBrief?(observed: Observed): Record<string, unknown> | undefined;
}

/** What a poll asks of its surroundings. */
export interface Surroundings {
  /** Returns the phase of the operation, and nothing if CloudFormation no longer waits for it. */
  readonly fence: () => Promise<Phase | undefined>;
  /** Whether the service exists in this Region. */
  readonly isServiceAvailable: () => Promise<boolean>;
  readonly log: (entry: Entry, secrets: string[]) => void;
  readonly pace: Pace;
}

/**
 * How many changes one poll makes if each shows its effect at once. The next poll observes the effect of all others.
 */
const CHANGES_PER_POLL = 5;

/** An update that waits longer than this may wait in the wrong phase. */
const WRONG_PHASE_SHOWS_AFTER = 30_000;

/** How long a deletion that IAM denies is tried again. */
const DENIED_DELETION_PATIENCE = 600_000;

/** The message of a denial names the role and the action, but not always the policy that denies. */
const DENIAL_HINT: Hint = { text: 'allow it in the policy of that role, unless a permissions boundary or service control policy denies it' };

/**
 * Runs one poll: observes until the rules know enough, then waits, changes something or ends the operation.
 *
 * The fence is asked before each change and before each final answer. If it shows another phase than the reconciler was
 * created for, the poll begins anew. A poll that the fence stops answers neither success nor failure, because
 * CloudFormation may use the request for another operation by now.
 *
 * @param reconcilerIn creates the reconciler of an operation in a phase.
 * @param phase the phase that `onEvent` saw.
 */
export async function poll(
  reconcilerIn: (phase: Phase) => Reconciler<any, any, any>, phase: Phase, surroundings: Surroundings,
): Promise<IsCompleteAnswer> {
  let result: IsCompleteAnswer | Phase = phase;
  do result = await new Poll(reconcilerIn(result), surroundings).run(); while (typeof result === 'string');
  return result;
}

/** One poll in one phase. */
class Poll<Observed, Observation, Change> {
  private observed: Observed;
  private changes = 0;

  public constructor(
    private readonly reconciler: Reconciler<Observed, Observation, Change>, private readonly surroundings: Surroundings,
  ) {
    this.observed = reconciler.nothingObserved;
  }

  /** Returns the answer to the framework, or the phase in which to begin anew. */
  public async run(): Promise<IsCompleteAnswer | Phase> {
    const { reconciler, reconciler: { operation }, surroundings: { pace } } = this;
    if (pace.isTooEarly(operation)) return NOT_YET;
    let step = reconciler.reconcile(this.observed);
    for (;;) {
      switch (step.kind) {
        case 'observe':
          step = await this.observe(step);
          break;
        case 'wait':
          if (!operation.expired) return await this.otherPhase() ?? this.notYet(step);
          step = stepAtDeadline(step, operation);
          break;
        case 'change': {
          if (operation.expired) {
            step = stepAtDeadline(step, operation);
            break;
          }
          const stopped = await this.askFence();
          if (stopped) return stopped;
          const next: Step<Observation, Change> | undefined = await this.change(step);
          if (!next) return NOT_YET;
          step = next;
          break;
        }
        default:
          return await this.askFence() ?? this.finalAnswer(step);
      }
    }
  }

  private async observe(step: ObserveStep<Observation, Change>): Promise<Step<Observation, Change>> {
    const { reconciler } = this;
    try {
      this.observed = await reconciler.observe(step.observe, this.observed);
      return reconciler.reconcile(this.observed);
    } catch (error) {
      return this.stepAfterError(error, step);
    }
  }

  /** Returns the next step, and nothing if the next poll observes the effect of the change. */
  private async change(step: ChangeStep<Observation, Change>): Promise<Step<Observation, Change> | undefined> {
    const { reconciler } = this;
    try {
      await reconciler.apply(step.change);
    } catch (error) {
      return this.stepAfterError(error, step);
    }
    this.surroundings.pace.forget(reconciler.operation);
    this.report({ step: 'change', text: `changed: ${nameOfChange(step.change)}; waits for ${step.waitingFor}` });
    if (!step.showsAtOnce || ++this.changes === CHANGES_PER_POLL) return undefined;
    this.observed = reconciler.nothingObserved;
    return reconciler.reconcile(this.observed);
  }

  /** Returns nothing if CloudFormation still waits for the operation in this phase. */
  private async askFence(): Promise<IsCompleteAnswer | Phase | undefined> {
    const shown = await this.surroundings.fence();
    if (shown === this.reconciler.operation.phase) return undefined;
    if (shown !== undefined) return shown;
    // A canceled operation polls for up to an hour.
    this.surroundings.pace.remember(this.reconciler.operation, UNKNOWN);
    this.report({ level: 'WARN', step: 'held', text: 'changes nothing, because CloudFormation does not show that it still waits for this operation' });
    return NOT_YET;
  }

  /**
   * Returns the phase of an update that waits, if it is in another one than the first view showed.
   *
   * Only a change or the end of an operation needs the fence, but a wait in the wrong phase may never end. A canceled
   * operation goes on waiting.
   */
  private async otherPhase(): Promise<Phase | undefined> {
    const { operation } = this.reconciler;
    const mayBeWrong = operation.type === 'Update' && operation.now >= operation.startedAt + WRONG_PHASE_SHOWS_AFTER;
    if (!mayBeWrong || !isDetailedPoll(operation)) return undefined;
    const shown = await this.surroundings.fence();
    return shown === operation.phase ? undefined : shown;
  }

  private notYet(step: WaitStep<Observation, Change>): IsCompleteAnswer {
    this.surroundings.pace.remember(this.reconciler.operation, step.usual);
    this.report({ step: 'wait', text: `waits for ${step.waitingFor}` });
    return NOT_YET;
  }

  /** Throws the error that CloudFormation shows if the operation failed. */
  private finalAnswer(step: DoneStep | FailStep): IsCompleteAnswer {
    this.surroundings.pace.forget(this.reconciler.operation);
    if (step.kind === 'fail') {
      const error = failure(step, this.reconciler.secrets);
      this.report({ level: 'ERROR', step: 'fail', text: error.message });
      throw error;
    }
    this.report({ step: 'done', text: 'is done' });
    return { IsComplete: true, ...step.physicalId === undefined ? {} : { PhysicalResourceId: step.physicalId }, Data: step.data };
  }

  private report(entry: Omit<Entry, 'phase' | 'observed'>): void {
    const { operation: { phase }, secrets } = this.reconciler;
    this.surroundings.log({ ...entry, phase, observed: this.reconciler.inBrief?.(this.observed) }, secrets);
  }

  /** Returns the step after a failed observation or change. */
  private async stepAfterError(
    error: unknown, step: ObserveStep<Observation, Change> | ChangeStep<Observation, Change>,
  ): Promise<Step<Observation, Change>> {
    const { operation } = this.reconciler;
    const isNowhere = isDeniedWithoutMessage(error) && mayBeNowhere(operation) && !await this.surroundings.isServiceAvailable();
    if (!isNowhere) return stepAfterError(error, step, operation);
    // Nothing can have been created in a Region without the service.
    return operation.type === 'Delete' ? done() : fail('RegionNotSupported',
      'this Region does not have Lambda MicroVMs: the service denies every call; deploy the stack to a Region that has them');
  }
}

/**
 * Whether the Region may lack the service, as far as the operation shows.
 *
 * What is updated exists. The deletion of a stack or of a replaced resource goes on for a while before it believes that
 * there is nothing to delete.
 */
function mayBeNowhere({ type, phase, rolesMayBeFresh }: Operation): boolean {
  switch (type) {
    case 'Create': return true;
    case 'Update': return false;
    case 'Delete': return phase === 'rollback' || !rolesMayBeFresh;
  }
}

/** Returns the name of a change, which all types of resources keep in the same member. */
function nameOfChange(change: unknown): string {
  return (change as { readonly do?: string }).do ?? String(change);
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
  const isPermanent = error instanceof TerminalError || classify(error) === 'invalid' || denied;
  // An optional observation that takes longer than a poll would be cut off in every poll.
  if (step.fallback && (isPermanent || error instanceof OutOfTimeError)) return step.fallback;
  if (error instanceof TerminalError) return fail(error.code, error.message, { hints: error.hints });
  // A denied deletion is retried for a while, and then fails: success would leave the resource behind.
  const isLasting = operation.type !== 'Delete' || operation.now >= operation.startedAt + DENIED_DELETION_PATIENCE;
  if (denied && isLasting) return fail('PermissionDenied', message, { hints: [DENIAL_HINT] });
  const waitingFor = `${step.kind === 'change' ? step.waitingFor : 'an answer of the service'}; the last answer was ${message}`;
  if (operation.endsSoon) return step.fallback ?? timedOut(operation, waitingFor);
  return { kind: 'wait', waitingFor, usual: UNKNOWN };
}

function stepAtDeadline<Observation, Change>(
  step: WaitStep<Observation, Change> | ChangeStep<Observation, Change>, operation: Operation,
): Step<Observation, Change> {
  return step.fallback ?? timedOut(operation, step.waitingFor);
}

function timedOut(operation: Operation, waitingFor: string): FailStep {
  return fail('DeploymentTimedOut', `timed out after ${Math.round(operation.timeoutSeconds / 60)} minutes of waiting for ${waitingFor}`);
}
