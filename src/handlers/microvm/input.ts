import type { DesiredMicrovm } from './desired';
import type { Launch } from './launch';
import type { MicrovmLook, ObservedLaunches } from './observed';
import type { Operation } from '../engine/operation';
import type { Step } from '../engine/step';

/** All that the rules decide from: plain data. */
export interface MicrovmSituation {
  readonly operation: Operation;
  readonly desired: DesiredMicrovm;
  /** From the old properties of an update. */
  readonly previous?: DesiredMicrovm;
  /** The physical id that CloudFormation knew when it sent the request. */
  readonly requestPhysicalId?: string;
  readonly seen: ObservedLaunches;
}

/** Whose roles are known: those of the properties, and of those before. */
export function askedFor({ desired, previous }: MicrovmSituation): DesiredMicrovm[] {
  return previous ? [desired, previous] : [desired];
}

export type MicrovmChange =
  /** Written down unless that was done before, asked for, and its id written down: with the same token the service answers the same. */
  | { readonly do: 'launch'; readonly launch: Launch; readonly isNew: boolean }
  /** Asked for once more, to end it; forgotten if the service will not have it, and so never had, or if nobody may ask any more. */
  | { readonly do: 'identify'; readonly launch: Launch }
  | { readonly do: 'write'; readonly launch: Launch }
  | { readonly do: 'terminate'; readonly id: string; readonly roleArn: string }
  | { readonly do: 'forget'; readonly launch: Launch };

export type MicrovmStep = Step<MicrovmLook, MicrovmChange>;
