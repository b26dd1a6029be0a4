import type { HealthCheck } from './desired';
import type { Launch, LaunchRequest } from './launch';

/** What has been observed so far. Absent members have not been observed. */
export interface ObservedLaunches {
  readonly launches?: readonly Launch[];
  /** The names of parameters that should record launches, but are damaged. */
  readonly unreadable?: readonly string[];
  /** By the handler's clock, in milliseconds. */
  readonly launchesObservedAt?: number;
  /** By ID. */
  readonly microvms: Readonly<Record<string, Microvm | 'absent'>>;
  readonly health?: Health;
  /** The MicroVMs of the image of a launch, by the name of the launch. */
  readonly listed?: Readonly<Record<string, ListedMicrovms>>;
  /** The end of the log of the MicroVM that failed. */
  readonly log?: readonly string[];
}

/** What to observe. */
export type MicrovmObservation =
  /** With `confirmAbsence`, an empty list is observed again, because Parameter Store may show parameters late. */
  | { readonly at: 'launches'; readonly confirmAbsence: boolean }
  /** A MicroVM that is starting is observed for some seconds, but not at once after its launch. */
  | { readonly at: 'microvm'; readonly id: string; readonly roleArn: string; readonly launchedAt?: number }
  /** All MicroVMs of the image of a launch. */
  | { readonly at: 'list'; readonly launch: Launch; readonly roleArn: string }
  | { readonly at: 'log'; readonly id: string; readonly logGroup: string; readonly roleArn: string }
  | { readonly at: 'health'; readonly microvm: Microvm; readonly check: HealthCheck; readonly roleArn: string };

export interface Microvm {
  readonly id: string;
  readonly state: 'PENDING' | 'RUNNING' | 'SUSPENDING' | 'SUSPENDED' | 'TERMINATING' | 'TERMINATED';
  readonly stateReason?: string;
  /** A host name. */
  readonly endpoint: string;
  readonly imageVersion: string;
  readonly imageArn: string;
  readonly executionRoleArn?: string;
  /** When this was observed, by the handler's clock, in milliseconds. */
  readonly observedAt: number;
}

export interface ListedMicrovms {
  readonly found: readonly ListedMicrovm[];
  /** Whether there are no others. A long list may take longer than a poll. */
  readonly areAll: boolean;
}

/** A MicroVM as the list shows it. */
export interface ListedMicrovm {
  readonly id: string;
  readonly imageArn: string;
  readonly imageVersion: string;
  readonly state: Microvm['state'];
  /** By the clock of the service, in milliseconds. */
  readonly startedAt: number;
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

/** Whether a MicroVM runs the image of a request with its execution role. The ARN may end with a version. */
export function runsAs({ imageArn, executionRoleArn }: Microvm, request: LaunchRequest): boolean {
  return (imageArn === request.imageIdentifier || imageArn.startsWith(`${request.imageIdentifier}:`)) && executionRoleArn === request.executionRoleArn;
}

/** How much the clocks of the service and of the handler may differ. */
const CLOCK_SKEW = 60_000;

/** No operation requests a launch for longer: the deadline is at most 55 minutes after its start. */
const REQUESTED_FOR = 3_300_000;

/** Whether a MicroVM may be that of a launch whose ID never arrived. Only the image, version and time can tell. */
export function mayBeOf({ request, launchedAt }: Launch, { imageArn, imageVersion, state, startedAt }: ListedMicrovm): boolean {
  return imageArn === request.imageIdentifier
    && (request.imageVersion === undefined || Number(imageVersion) === Number(request.imageVersion))
    && state !== 'TERMINATING' && state !== 'TERMINATED'
    && startedAt >= launchedAt - CLOCK_SKEW && startedAt <= launchedAt + REQUESTED_FOR + CLOCK_SKEW;
}
