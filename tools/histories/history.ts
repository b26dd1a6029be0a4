import type { Circumstances } from './cloudformation';
import type { FaultPlan } from '../simulator/faults';

/** What can happen to resources of all kinds; a template asks for resources by their logical ids. */
export type Event<Spec> =
  | { readonly do: 'deploy'; readonly template: Readonly<Record<string, Spec>>; readonly circumstances?: Circumstances }
  | { readonly do: 'deleteStack'; readonly circumstances?: Circumstances }
  | { readonly do: 'endMicrovms' }
  | { readonly do: 'idle'; readonly minutes: number };

/** What goes on all the while. */
export interface Surroundings {
  readonly faults?: FaultPlan;
  /** CloudFormation tells the handler nothing about its stack. */
  readonly blindfolded?: boolean;
}

/** A value that must never show. */
export const SECRET = 'correct-horse-battery-staple';
