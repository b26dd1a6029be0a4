import type { BooleanProperty, TagProperty } from './common';
import { DEFAULT_TIMEOUT_SECONDS } from './common';

/**
 * Properties and attributes of the custom resource of a MicroVM image.
 */

/** The type of the custom resource. */
export const MICROVM_IMAGE_RESOURCE_TYPE = 'Custom::MicrovmImage';

/** The ARN of an image: a colon before the name, and no version. */
export const MICROVM_IMAGE_ARN_PATTERN = /^arn:[^:]+:lambda:[^:]+:[^:]+:microvm-image:[a-zA-Z0-9_-]+$/;

/** Tag of an adopted image. Its value is the version that was active at adoption. */
export const ADOPTED_TAG = 'cdk-lambda-microvms:adopted';

/**
 * Prefix of tags of an adopted image. Such a tag holds the value that a tag of the owner had before a tag of the
 * template replaced it. The rest of its key is the key of that tag.
 */
export const FORMER_TAG_PREFIX = 'cdk-lambda-microvms:was:';

/** The properties of the custom resource. */
export interface MicrovmImageProperties {
  /** The resource role: the handler assumes it to manage this image. */
  readonly ResourceRoleArn: string;
  /** Absent: the image of this name in the account and Region of the stack. */
  readonly ImageArn?: string;
  readonly ImageName: string;
  readonly Description?: string;
  /** Absent: the managed image `DEFAULT_BASE_IMAGE`. */
  readonly BaseImageArn?: string;
  /** Absent: each build uses the newest available version. */
  readonly BaseImageVersion?: string;
  /** CPU architectures of the image. Absent: `ARM_64` only. */
  readonly Architectures?: string[];
  readonly BuildRoleArn: string;
  /** `s3://bucket/key` of a ZIP file with a Dockerfile at its root. */
  readonly CodeUri: string;
  /** Distinguishes two contents under the same URI. */
  readonly CodeHash?: string;
  /** Changing this text builds a new version. */
  readonly RebuildTrigger?: string;
  readonly MemoryMiB: string;
  readonly OsCapabilities?: string[];
  /** ARN of the network connector of the build's egress. Absent: the managed connector `DEFAULT_BUILD_EGRESS`. */
  readonly BuildEgressArn?: string;
  /** Absent: builds write no log. */
  readonly LogGroupName?: string;
  readonly Hooks?: HookProperties;
  readonly Environment?: Record<string, string>;
  /** ARN of the customer managed key of the versions. Absent: a key of the service. */
  readonly KmsKeyArn?: string;
  /** JSON of paths in the request and their values. Absent: the request contains what the other properties describe. */
  readonly RequestOverrides?: string;
  readonly Tags?: TagProperty[];
  readonly RetainedVersions?: string;
  readonly MicrovmTermination?: MicrovmTerminationProperty;
  readonly AdoptExisting?: BooleanProperty;
  readonly DeleteAdopted?: BooleanProperty;
  /** Whether the error of a failed build contains the last lines of the build log. */
  readonly ShowBuildLogInErrors?: BooleanProperty;
  /** The deadline of one create, update or delete, in seconds. */
  readonly TimeoutSeconds?: string;
}

/** The values of absent members. They never change, because the templates of deployed stacks leave them out too. */
export const MICROVM_IMAGE_DEFAULTS = {
  RetainedVersions: '3',
  MicrovmTermination: 'ON_DELETE',
  AdoptExisting: 'false',
  DeleteAdopted: 'false',
  ShowBuildLogInErrors: 'true',
  TimeoutSeconds: DEFAULT_TIMEOUT_SECONDS,
} as const satisfies Partial<MicrovmImageProperties>;

/** The name of the managed image if the property is absent. It never changes. */
export const DEFAULT_BASE_IMAGE = 'al2023-1';

/** The name of the managed connector if the property is absent. It never changes. */
export const DEFAULT_BUILD_EGRESS = 'INTERNET_EGRESS';

/** Determines when a deployment may terminate running MicroVMs. */
export type MicrovmTerminationProperty = 'ON_DELETE' | 'ON_DELETE_OR_RENAME' | 'NEVER';

/** The port of the hooks, and the timeout of each enabled hook in seconds. */
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
  /** The version that this deployment built or activated. */
  readonly ImageVersion: string;
  /** The version of the base image that this version was built on. */
  readonly BaseImageVersion: string;
}
