import type { HealthCheck } from './desired';
import type { Launch } from './launch';

/** What has been observed so far. Absent members have not been observed. */
export interface ObservedLaunches {
  readonly launches?: readonly Launch[];
  /** By the handler's clock, in milliseconds. */
  readonly launchesObservedAt?: number;
  /** By ID. */
  readonly microvms: Readonly<Record<string, Microvm | 'absent'>>;
  readonly health?: Health;
}

/** What to observe. */
export type MicrovmObservation =
  /** With `confirmAbsence`, an empty list is observed again, because Parameter Store may show parameters late. */
  | { readonly at: 'launches'; readonly confirmAbsence: boolean }
  /** A MicroVM that is starting is observed for some seconds. */
  | { readonly at: 'microvm'; readonly id: string; readonly roleArn: string }
  | { readonly at: 'health'; readonly microvm: Microvm; readonly check: HealthCheck; readonly roleArn: string };

export interface Microvm {
  readonly id: string;
  readonly state: 'PENDING' | 'RUNNING' | 'SUSPENDING' | 'SUSPENDED' | 'TERMINATING' | 'TERMINATED';
  readonly stateReason?: string;
  /** A host name. */
  readonly endpoint: string;
  readonly imageVersion: string;
  /** When this was observed, by the handler's clock, in milliseconds. */
  readonly observedAt: number;
}

export interface LivingMicrovm extends Microvm {
  readonly state: 'PENDING' | 'RUNNING' | 'SUSPENDING' | 'SUSPENDED';
}

/** The last answer to the requests of a health check. */
export interface Health {
  readonly isHealthy: boolean;
  /** Describes the answer, for messages. */
  readonly answer: string;
  /** By the handler's clock, in milliseconds. */
  readonly at: number;
}

export function hasTerminated(microvm: Microvm | 'absent'): boolean {
  return microvm === 'absent' || microvm.state === 'TERMINATED';
}

export function isAlive(microvm: Microvm | 'absent'): microvm is LivingMicrovm {
  return microvm !== 'absent' && microvm.state !== 'TERMINATED' && microvm.state !== 'TERMINATING';
}
