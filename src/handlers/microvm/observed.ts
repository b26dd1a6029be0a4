import type { HealthCheck } from './desired';
import type { Launch } from './launch';

/** What has been looked at so far; absent members have not been looked at. */
export interface ObservedLaunches {
  readonly launches?: readonly Launch[];
  /** Own clock, in milliseconds. */
  readonly launchesSeenAt?: number;
  /** By id. */
  readonly microvms: Readonly<Record<string, Microvm | 'absent'>>;
  readonly probe?: Probe;
}

/** What can be looked at. */
export type MicrovmLook =
  /** With `confirmAbsence` an empty list is looked at until that cannot be a delay. */
  | { readonly at: 'launches'; readonly confirmAbsence: boolean }
  /** One that is on its way is looked at for some time. */
  | { readonly at: 'microvm'; readonly id: string; readonly roleArn: string }
  | { readonly at: 'probe'; readonly microvm: Microvm; readonly check: HealthCheck; readonly roleArn: string };

export interface Microvm {
  readonly id: string;
  readonly state: 'PENDING' | 'RUNNING' | 'SUSPENDING' | 'SUSPENDED' | 'TERMINATING' | 'TERMINATED';
  readonly stateReason?: string;
  /** A host name. */
  readonly endpoint: string;
  readonly imageVersion: string;
  /** When this was seen; own clock, in milliseconds. */
  readonly seenAt: number;
}

export interface LivingMicrovm extends Microvm {
  readonly state: 'PENDING' | 'RUNNING' | 'SUSPENDING' | 'SUSPENDED';
}

/** The last answer to the requests of a health check. */
export interface Probe {
  readonly isHealthy: boolean;
  /** What was answered, in words. */
  readonly answer: string;
  /** Own clock, in milliseconds. */
  readonly at: number;
}

export function hasEnded(microvm: Microvm | 'absent'): boolean {
  return microvm === 'absent' || microvm.state === 'TERMINATED';
}

export function isAlive(microvm: Microvm | 'absent'): microvm is LivingMicrovm {
  return microvm !== 'absent' && microvm.state !== 'TERMINATED' && microvm.state !== 'TERMINATING';
}
