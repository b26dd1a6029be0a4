import type { Circumstances } from './cloudformation';
import type { TestBedOptions } from './test-bed';
import type { Limits } from '../simulator/settings';

/** An event that can happen to resources of all types. A template describes resources by their logical IDs. */
export type Event<Spec> =
  | {
    readonly do: 'deploy';
    readonly template: Readonly<Record<string, Spec>>;
    readonly circumstances?: Circumstances;
    /** Properties that an older release of the library did not write. */
    readonly missing?: readonly string[];
  }
  | { readonly do: 'deleteStack'; readonly circumstances?: Circumstances }
  | { readonly do: 'terminateMicrovms' }
  | { readonly do: 'idle'; readonly minutes: number }
  /** AWS changes quotas of the account. */
  | { readonly do: 'limit'; readonly limits: Partial<Limits> };

/** Conditions of a whole history. */
export type Conditions = Pick<TestBedOptions, 'faults' | 'hidesStack' | 'lostLooks' | 'viewLagMs' | 'lastingFaults' | 'lists'>;

/** Returns the conditions of a history without its events. */
export function conditionsOf({ faults, hidesStack, lostLooks, viewLagMs, lastingFaults, lists }: Conditions): Conditions {
  return { faults, hidesStack, lostLooks, viewLagMs, lastingFaults, lists };
}

/** A value that no output may contain. */
export const SECRET = 'correct-horse-battery-staple';
