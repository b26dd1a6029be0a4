/**
 * Input and output of the function that the states of a `MicrovmStateMachineFragment` call.
 */

/** The environment variable that contains the launch request. */
export const LAUNCH_REQUEST_VARIABLE = 'MICROVM_LAUNCH_REQUEST';

/** The longest time from a launch until the MicroVM runs, in seconds, if the user sets none. */
export const DEFAULT_LAUNCH_TIMEOUT_SECONDS = 120;

export interface WorkflowEvent {
  readonly action: 'launch' | 'describe' | 'terminate';
  readonly microvm: LaunchedMicrovm;
  /** The payload for the run hook. */
  readonly payload?: string;
  /** The timeout of a launch, in seconds. */
  readonly timeout?: number;
}

/** A MicroVM as the states pass it on. Before the launch, it has a token only. */
export interface LaunchedMicrovm {
  /** The client token of the launch. */
  readonly token: string;
  readonly microvmId?: string;
  /** The host name, without a scheme. */
  readonly endpoint?: string;
  readonly imageVersion?: string;
  readonly state?: string;
  /** Milliseconds since the Unix epoch. */
  readonly launchedAt?: number;
}
