/**
 * What constructs and handlers of MicroVMs that a deployment launches say to each other.
 */

/** The type of the custom resource of a MicroVM that lives on after the deployment. */
export const MICROVM_RESOURCE_TYPE = 'Custom::Microvm';

/** The type of the custom resource of one that is launched to see whether it comes up. */
export const MICROVM_LAUNCH_CHECK_RESOURCE_TYPE = 'Custom::MicrovmLaunchCheck';

/** The properties of both. */
export interface MicrovmProperties {
  /** The role that the handler assumes for all that it does with these MicroVMs. */
  readonly ResourceRoleArn: string;
  /** A RunMicrovm request as JSON. */
  readonly LaunchRequest: string;
  /** Takes the place of the one in the request, or of none. */
  readonly ImageVersion?: string;
  /** Of the run hook. */
  readonly Payload?: string;
  /** A change of this text launches anew. */
  readonly Trigger?: string;
  readonly HealthCheck?: HealthCheckProperties;
  /** For one create, update or delete, in seconds. */
  readonly TimeoutSeconds: string;
}

/** A request with a minted token, until its answer is 2xx. */
export interface HealthCheckProperties {
  readonly Port: string;
  readonly Path: string;
  /** From when it runs, in seconds. */
  readonly TimeoutSeconds: string;
}

/** The attributes of a MicroVM (`Fn::GetAtt`). */
export interface MicrovmAttributes {
  readonly MicrovmId: string;
  /** A host name. */
  readonly Endpoint: string;
  readonly ImageVersion: string;
}

/** The attributes of a launch check (`Fn::GetAtt`). */
export interface MicrovmLaunchCheckAttributes {
  readonly ImageVersion: string;
  /** Milliseconds from the launch until it was seen to run. */
  readonly RunningAfter: string;
  /** Milliseconds from the launch until the first answer of 2xx. */
  readonly RespondedAfter: string;
}

/** Where the parameters of a stack's launches are; the path goes on with the uuid in the stack's id and the logical id. */
export const LEDGER_PATH = '/cdk-lambda-microvms';
