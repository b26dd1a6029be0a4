import type { DesiredMicrovm } from './desired';
import type { Launch } from './launch';
import type { MicrovmObservation, ObservedLaunches } from './observed';
import type { Operation } from '../engine/operation';
import type { Step } from '../engine/step';

/** All that the rules decide from. This is plain data. */
export interface MicrovmReconcileInput {
  readonly operation: Operation;
  readonly desired: DesiredMicrovm;
  /** The MicroVM that the old properties of an update describe. */
  readonly previous?: DesiredMicrovm;
  /** The physical ID that CloudFormation had when it sent the request. */
  readonly requestPhysicalId?: string;
  /** The path of the parameters that record the launches. */
  readonly ledgerPath: string;
  readonly observed: ObservedLaunches;
}

/** Returns what the properties and the old properties describe, whose roles exist. */
export function desiredStates({ desired, previous }: MicrovmReconcileInput): DesiredMicrovm[] {
  return previous ? [desired, previous] : [desired];
}

export type MicrovmChange =
  /** Records the launch if it is new, requests it, and records the ID. The same token gives the same MicroVM. */
  | { readonly do: 'launch'; readonly launch: Launch; readonly isNew: boolean }
  /**
   * Repeats RunMicrovm with the same token to learn the ID of a launch whose answer was lost, so that it can be
   * terminated.
   * Deletes the record if the service rejects the request. Fails if a quota does not allow the request for minutes.
   */
  | { readonly do: 'identify'; readonly launch: Launch }
  | { readonly do: 'write'; readonly launch: Launch }
  | { readonly do: 'terminate'; readonly id: string; readonly roleArn: string }
  | { readonly do: 'forget'; readonly launch: Launch };

export type MicrovmStep = Step<MicrovmObservation, MicrovmChange>;
