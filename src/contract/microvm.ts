import type { BooleanProperty } from './common';

/**
 * Properties and attributes of the custom resources that launch MicroVMs.
 */

/** The type of the custom resource of a MicroVM that keeps running after the deployment. */
export const MICROVM_RESOURCE_TYPE = 'Custom::Microvm';

/** The type of the custom resource of a launch check, whose MicroVM is terminated during the deployment. */
export const MICROVM_LAUNCH_CHECK_RESOURCE_TYPE = 'Custom::MicrovmLaunchCheck';

/** The properties of both types. */
export interface MicrovmProperties {
  /** The resource role: the handler assumes it to launch and terminate MicroVMs. */
  readonly ResourceRoleArn: string;
  /** The request of RunMicrovm as JSON. */
  readonly LaunchRequest: string;
  /** Overrides the image version in the launch request. */
  readonly ImageVersion?: string;
  /** The payload for the run hook. */
  readonly Payload?: string;
  /** JSON object of values by path, which are merged into the launch request last. */
  readonly RequestOverrides?: string;
  /** Changing this text launches again. */
  readonly Trigger?: string;
  readonly HealthCheck?: HealthCheckProperties;
  /** Whether errors show the end of the log of the MicroVM. Absent: they do not. */
  readonly ShowLogInErrors?: BooleanProperty;
  /** The deadline of one create, update or delete, in seconds. Absent: `DEFAULT_TIMEOUT_SECONDS`. */
  readonly TimeoutSeconds?: string;
}

/** A request that the handler sends, with an endpoint token, until the answer has a 2xx status. */
export interface HealthCheckProperties {
  readonly Port: string;
  readonly Path: string;
  /** How long the answer may take after the MicroVM is RUNNING, in seconds. */
  readonly TimeoutSeconds: string;
  /** How long the response to one request may take, in seconds. Absent: 4. */
  readonly ResponseTimeoutSeconds?: string;
}

/** The attributes of a MicroVM (`Fn::GetAtt`). */
export interface MicrovmAttributes {
  readonly MicrovmId: string;
  /** The host name, without a scheme. */
  readonly Endpoint: string;
  readonly ImageVersion: string;
}

/** The attributes of a launch check (`Fn::GetAtt`). */
export interface MicrovmLaunchCheckAttributes {
  readonly ImageVersion: string;
  /** Milliseconds from the launch until the handler observed RUNNING. */
  readonly RunningAfter: string;
  /** Milliseconds from the launch until the first answer with a 2xx status. */
  readonly RespondedAfter: string;
}

/**
 * The path of the parameters that record launches. It continues with the UUID in the ID of the stack and with the
 * logical ID.
 */
export const LEDGER_PATH = '/cdk-lambda-microvms';

/**
 * How long the record of a launch may be before the launch, in characters. A standard parameter holds 4,096. The
 * handler later adds the ID of the MicroVM, two times, and the reason of a failed health check.
 */
export const LONGEST_RECORD = 3_584;
