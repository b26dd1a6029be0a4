import type { Circumstances } from './cloudformation';
import type { FaultPlan } from '../simulator/faults';

/** An event that can happen to resources of all types. A template describes resources by their logical IDs. */
export type Event<Spec> =
  | { readonly do: 'deploy'; readonly template: Readonly<Record<string, Spec>>; readonly circumstances?: Circumstances }
  | { readonly do: 'deleteStack'; readonly circumstances?: Circumstances }
  | { readonly do: 'terminateMicrovms' }
  | { readonly do: 'idle'; readonly minutes: number };

/** Conditions of a whole history. */
export interface Conditions {
  readonly faults?: FaultPlan;
  /** Whether CloudFormation shows the handler nothing about its stack. */
  readonly hidesStack?: boolean;
}

/** A value that no output may contain. */
export const SECRET = 'correct-horse-battery-staple';
