import type { Reason } from './answers';
import type { UsualTime } from './pace';
import type { DeploymentErrorCode } from '../../contract/diagnostics';

/** The answer of a reconciler to what it has observed: observe more, change something, wait, or end the operation. */
export type Step<Observation, Change> =
  ObserveStep<Observation, Change> | ChangeStep<Observation, Change> | WaitStep<Observation, Change> | DoneStep | FailStep;

export interface ObserveStep<Observation, Change> {
  readonly kind: 'observe';
  readonly observe: Observation;
  /**
   * The next step if the observation fails permanently, or still fails at the deadline. Absent: the operation fails.
   */
  readonly fallback?: Step<Observation, Change>;
}

export interface ChangeStep<Observation, Change> {
  readonly kind: 'change';
  readonly change: Change;
  /** The effect of the change, for the message at the deadline. */
  readonly waitingFor: string;
  /** The next step at the deadline, or if the change fails permanently. Absent: the operation fails. */
  readonly fallback?: Step<Observation, Change>;
  /** Whether the service shows the effect at once, so that the same poll continues with a new observation. */
  readonly showsAtOnce?: boolean;
}

export interface WaitStep<Observation, Change> {
  readonly kind: 'wait';
  readonly waitingFor: string;
  /** The next step at the deadline. Absent: the operation fails. */
  readonly fallback?: Step<Observation, Change>;
  /** How long it usually takes. Absent: every poll observes. */
  readonly usual?: UsualTime;
}

export interface DoneStep {
  readonly kind: 'done';
  /** Replaces the physical ID that `onEvent` returned. */
  readonly physicalId?: string;
  readonly data?: Record<string, string>;
}

export interface FailStep extends Reason {
  readonly kind: 'fail';
}

export function observe<Observation, Change>(what: Observation, fallback?: Step<Observation, Change>): ObserveStep<Observation, Change> {
  return { kind: 'observe', observe: what, fallback };
}

export function change<Observation, Change>(
  what: Change, waitingFor: string, fallback?: Step<Observation, Change>,
): ChangeStep<Observation, Change> {
  return { kind: 'change', change: what, waitingFor, fallback };
}

/** A change after which the same poll continues, if there is time. */
export function changeAndContinue<Observation, Change>(
  what: Change, waitingFor: string, fallback?: Step<Observation, Change>,
): ChangeStep<Observation, Change> {
  return { ...change(what, waitingFor, fallback), showsAtOnce: true };
}

export function wait<Observation, Change>(
  waitingFor: string, fallback?: Step<Observation, Change>, usual?: UsualTime,
): WaitStep<Observation, Change> {
  return { kind: 'wait', waitingFor, fallback, usual };
}

export function done(data?: Record<string, string>, physicalId?: string): DoneStep {
  return { kind: 'done', data, physicalId };
}

export function fail(code: DeploymentErrorCode, summary: string, details: Pick<Reason, 'hints' | 'log' | 'more'> = {}): FailStep {
  return { kind: 'fail', code, summary, ...details };
}
