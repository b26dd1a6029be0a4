/**
 * Input and output of the function that the states of a `MicrovmStateMachineFragment` call.
 */

/** The environment variable that contains the launch request. */
export const LAUNCH_REQUEST_VARIABLE = 'MICROVM_LAUNCH_REQUEST';

/** The environment variable with the name of the parameter that contains the launch request. */
export const LAUNCH_REQUEST_PARAMETER_VARIABLE = 'MICROVM_LAUNCH_REQUEST_PARAMETER';

/** The longest time from a launch until the MicroVM runs, in seconds, if the user sets none. */
export const DEFAULT_LAUNCH_TIMEOUT_SECONDS = 120;

export interface WorkflowEvent {
  readonly action: 'launch' | 'describe' | 'terminate';
  readonly microvm: LaunchedMicrovm;
  /** The payload for the run hook; an object is sent as JSON. */
  readonly payload?: unknown;
  /** The timeout of a launch, in seconds. */
  readonly timeout?: number;
}

/** A MicroVM as the states pass it on. Before the launch, it has a token and perhaps a payload. */
export interface LaunchedMicrovm {
  /** The client token of the launch. */
  readonly token: string;
  /** The payload for the run hook, if it is a JSONPath. An object is sent as JSON. */
  readonly payload?: unknown;
  readonly microvmId?: string;
  /** The host name, without a scheme. */
  readonly endpoint?: string;
  readonly imageVersion?: string;
  readonly state?: string;
  /** Milliseconds since the Unix epoch. */
  readonly launchedAt?: number;
}
