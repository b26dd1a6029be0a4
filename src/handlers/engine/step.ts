import type { Reason } from './answers';
import type { DeploymentErrorCode } from '../../contract/diagnostics';

/** What a reconciler answers to what it has seen: look closer, take one step that changes something, wait, or end the operation. */
export type Step<Look, Change> = LookStep<Look, Change> | ChangeStep<Look, Change> | WaitStep<Look, Change> | DoneStep | FailStep;

export interface LookStep<Look, Change> {
  readonly kind: 'look';
  readonly look: Look;
  /** If the look is refused for good, or still fails at the deadline; a failure if absent. */
  readonly otherwise?: Step<Look, Change>;
}

export interface ChangeStep<Look, Change> {
  readonly kind: 'change';
  readonly change: Change;
  /** What the step brings about, for the message at the deadline. */
  readonly for: string;
  /** At the deadline, or if the change is refused for good; a failure if absent. */
  readonly otherwise?: Step<Look, Change>;
  /** What comes of it shows at once, and is looked at in the same poll. */
  readonly showsAtOnce?: boolean;
}

export interface WaitStep<Look, Change> {
  readonly kind: 'wait';
  readonly for: string;
  /** At the deadline; a failure if absent. */
  readonly otherwise?: Step<Look, Change>;
}

export interface DoneStep {
  readonly kind: 'done';
  /** If it is another one than `onEvent` gave. */
  readonly physicalId?: string;
  readonly data?: Record<string, string>;
}

export interface FailStep extends Reason {
  readonly kind: 'fail';
}

export function look<Look, Change>(closer: Look, otherwise?: Step<Look, Change>): LookStep<Look, Change> {
  return { kind: 'look', look: closer, otherwise };
}

export function change<Look, Change>(what: Change, forWhat: string, otherwise?: Step<Look, Change>): ChangeStep<Look, Change> {
  return { kind: 'change', change: what, for: forWhat, otherwise };
}

/** A change that the same poll goes on from, if there is time. */
export function quickly<Look, Change>(what: Change, forWhat: string, otherwise?: Step<Look, Change>): ChangeStep<Look, Change> {
  return { ...change(what, forWhat, otherwise), showsAtOnce: true };
}

export function wait<Look, Change>(forWhat: string, otherwise?: Step<Look, Change>): WaitStep<Look, Change> {
  return { kind: 'wait', for: forWhat, otherwise };
}

export function done(data?: Record<string, string>, physicalId?: string): DoneStep {
  return { kind: 'done', data, physicalId };
}

export function fail(code: DeploymentErrorCode, summary: string, details: Pick<Reason, 'log' | 'more'> = {}): FailStep {
  return { kind: 'fail', code, summary, ...details };
}
