/**
 * What a workflow's states and their function say to each other.
 */

/** The environment variable with the request of the launch. */
export const LAUNCH_REQUEST_VARIABLE = 'MICROVM_LAUNCH_REQUEST';

/** The longest time from a launch until the MicroVM runs, in seconds, if the user sets none. */
export const DEFAULT_LAUNCH_TIMEOUT_SECONDS = 120;

export interface WorkflowEvent {
  readonly action: 'launch' | 'look' | 'terminate';
  readonly microvm: LaunchedMicrovm;
  /** Of the run hook. */
  readonly payload?: string;
  /** For a launch, in seconds. */
  readonly timeout?: number;
}

/** A MicroVM as the states of a workflow pass it on: at first only its token is known. */
export interface LaunchedMicrovm {
  /** The client token of the launch. */
  readonly token: string;
  readonly microvmId?: string;
  /** A host name. */
  readonly endpoint?: string;
  readonly imageVersion?: string;
  readonly state?: string;
  /** In milliseconds. */
  readonly launchedAt?: number;
}
