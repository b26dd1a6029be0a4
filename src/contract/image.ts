import type { BooleanProperty, TagProperty } from './common';

/**
 * What the construct and the handler of a MicroVM image say to each other.
 */

/** The type of the custom resource. */
export const MICROVM_IMAGE_RESOURCE_TYPE = 'Custom::MicrovmImage';

/** On an adopted image: the version that was active when it was adopted. */
export const ADOPTED_TAG = 'cdk-lambda-microvms:adopted';

/** The properties of the custom resource. */
export interface MicrovmImageProperties {
  /** The role that the handler assumes for all that it does to this image. */
  readonly ResourceRoleArn: string;
  readonly ImageArn: string;
  readonly ImageName: string;
  readonly Description?: string;
  readonly BaseImageArn: string;
  /** Absent: the newest available version, resolved at each deployment. */
  readonly BaseImageVersion?: string;
  readonly BuildRoleArn: string;
  /** `s3://bucket/key` of a ZIP with a Dockerfile at its root. */
  readonly CodeUri: string;
  /** Tells two contents under the same URI apart. */
  readonly CodeHash?: string;
  /** A change of this string builds again. */
  readonly RebuildTrigger?: string;
  readonly MemoryMiB: string;
  readonly OsCapabilities?: string[];
  /** ARN of the network connector that the build goes out through. */
  readonly BuildEgressArn: string;
  /** Absent: no build log. */
  readonly LogGroupName?: string;
  readonly Hooks?: HookProperties;
  readonly Environment?: Record<string, string>;
  readonly Tags?: TagProperty[];
  readonly RetainedVersions: string;
  readonly MicrovmTermination: MicrovmTerminationProperty;
  readonly AdoptExisting: BooleanProperty;
  readonly DeleteAdopted: BooleanProperty;
  /** Whether the tail of the build log is part of the error of a failed build. */
  readonly ShowBuildLogInErrors: BooleanProperty;
  /** For one create, update or delete, in seconds. */
  readonly TimeoutSeconds: string;
}

/** When a deployment may end MicroVMs that still run. */
export type MicrovmTerminationProperty = 'ON_DELETE' | 'ON_DELETE_OR_RENAME' | 'NEVER';

/** A hook is enabled if its time-out in seconds is there. */
export interface HookProperties {
  readonly Port: string;
  readonly Ready?: string;
  readonly Validate?: string;
  readonly Run?: string;
  readonly Resume?: string;
  readonly Suspend?: string;
  readonly Terminate?: string;
}

/** The attributes of the custom resource (`Fn::GetAtt`). */
export interface MicrovmImageAttributes {
  readonly ImageArn: string;
  /** The version that this deployment made or activated. */
  readonly ImageVersion: string;
  /** Version of the base image that it was built on. */
  readonly BaseImageVersion: string;
}
