import type { Duration } from 'aws-cdk-lib';
import { RemovalPolicy } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import { MicrovmArchitecture } from './architecture';
import type { MicrovmBaseImage } from './base-image';
import { BASE_IMAGE } from './base-image';
import type { MicrovmCode } from './code';
import { CODE } from './code';
import { ENVIRONMENT } from './environment';
import type { MicrovmHooks } from './hooks';
import { HOOKS } from './hooks';
import type { MicrovmMemory } from './memory';
import { MEMORY } from './memory';
import { MicrovmOsCapabilities } from './os-capabilities';
import { MicrovmTermination } from './termination';
import type { MicrovmEgress } from '../network/egress';
import { EGRESS } from '../network/egress';
import { BOOLEAN, DURATION, KEY, listOf, NUMBER, oneOf, ROLE, TEXT, TEXT_BY_NAME } from '../private/property-types';
import type { PropertyTypes } from '../private/property-types';
import type { MicrovmLogging } from '../shared/logging';
import { LOGGING } from '../shared/logging';

/**
 * Properties of a MicroVM image.
 *
 * Changing the name replaces the image. Changing the code, base image, architectures, rebuild trigger, memory, hooks,
 * environment, OS capabilities, build egress, build role, encryption key, log group, description or a request override
 * builds a new version. A build takes 2 to 6 minutes (service-facts.md, 5). All other changes neither replace nor
 * build.
 *
 * A running MicroVM stays on the version that it was launched from.
 */
export interface MicrovmImageProps {
  /**
   * The Dockerfile and the files that it copies. Changing the content builds a new version.
   */
  readonly code: MicrovmCode;

  /**
   * The name of the image: 1 to 64 letters, digits, hyphens and underscores, unique in the account and Region.
   *
   * Changing it replaces the image: the deployment creates a new image and deletes the old one. If MicroVMs of the old
   * image run, the deployment fails with `MicrovmImageInUse` before it changes anything. With
   * `MicrovmTermination.ON_DELETE_OR_RENAME`, it terminates them instead.
   *
   * @default - a stable name, derived from the names of the stack and the construct
   */
  readonly microvmImageName?: string;

  /**
   * A description of each version. Changing it builds a new version. The service shows the description, followed by a
   * short marker that this library adds.
   *
   * @default - only the marker of the library
   */
  readonly description?: string;

  /**
   * The base image that builds start from. Changing it builds a new version.
   *
   * Without a pinned version, each build uses the newest available version. A newer version of the base image does not
   * start a build by itself; to build again, change `rebuildTrigger`.
   *
   * @default MicrovmBaseImage.AL2023
   */
  readonly baseImage?: MicrovmBaseImage;

  /**
   * The CPU architectures that the image is built for. Changing them builds a new version.
   *
   * The Dockerfile, and all programs that it copies, must fit each architecture. Without a pinned version of the base
   * image, builds use the newest available version that supports all of them.
   *
   * The service's API takes a list. Neither x86-64 nor an image of several architectures was verified against live AWS.
   *
   * @default [MicrovmArchitecture.ARM_64]
   */
  readonly architectures?: MicrovmArchitecture[];

  /**
   * A text that builds a new version of the same code whenever it changes, for example the current month. The new
   * version picks up fixes of base images and packages.
   *
   * @default - only changes of other properties build
   */
  readonly rebuildTrigger?: string;

  /**
   * The memory of each MicroVM. The service derives the vCPUs and the size of the disk from it. Changing it builds a
   * new version.
   *
   * @default MicrovmMemory.GIB_2
   */
  readonly memory?: MicrovmMemory;

  /**
   * The lifecycle requests that the service sends to the application. Changing them builds a new version.
   *
   * @default - no hooks; the service takes the snapshot as soon as the application has started
   */
  readonly hooks?: MicrovmHooks;

  /**
   * Environment variables of builds and of every MicroVM: at most 100. Changing them builds a new version.
   *
   * A name has 1 to 256 characters without white space. A value has at most 4,096 characters. The service reserves
   * `AWS_REGION`.
   *
   * Do not put secrets here. The values are in the template, in the execution history of the deployment's state machine
   * and in the snapshot that all MicroVMs share. A dynamic reference to a secret throws
   * `MicrovmSecretReferenceInvalid`. No output contains them, and logs and errors of a deployment show `***` instead of
   * values of 8 characters or more.
   *
   * @default - no environment variables
   */
  readonly environment?: { [name: string]: string };

  /**
   * Additional Linux capabilities, for example to run containers inside a MicroVM. Changing them builds a new version.
   *
   * @default MicrovmOsCapabilities.NONE
   */
  readonly osCapabilities?: MicrovmOsCapabilities;

  /**
   * Network egress of builds. Changing it builds a new version. The launcher sets the egress of MicroVMs.
   *
   * Builds through a connector wait for the routes of its subnets, the rules of its security groups and the endpoints
   * of its VPC, as far as the app creates them.
   *
   * @default MicrovmEgress.internet()
   */
  readonly buildEgress?: MicrovmEgress;

  /**
   * Log group of builds. Changing the log group builds a new version. The launcher sets the log group of MicroVMs.
   *
   * @default MicrovmLogging.newLogGroup()
   */
  readonly logging?: MicrovmLogging;

  /**
   * The role that builds run as. Changing it builds a new version. The role may belong to another stack.
   *
   * The image attaches a policy to the role, with permissions on the code and the log group, and depends on that
   * policy. An L1 gets the policy too: an `AWS::IAM::Policy` that names the role. If the role is immutable, a warning
   * lists the statements that it needs.
   *
   * The image does not change the trust policy of the role. It must permit `lambda.amazonaws.com` to call
   * `sts:AssumeRole` and `sts:TagSession`. If the app defines a trust policy that does not, a warning says so.
   *
   * Builds start after the role has the policies that the same stack defines, except policies that wait for the image.
   *
   * @default - a new `MicrovmBuildRole`
   */
  readonly buildRole?: iam.IRoleRef;

  /**
   * The customer managed KMS key that encrypts contents and metadata of the image's versions. Changing it builds a new
   * version. Older versions stay encrypted with the key that they were built with.
   *
   * The role that deployments use and the grantees of `grantRun` may use the key, but only through Lambda. The image
   * adds these permissions to policies of principals and does not change the key policy. So the key policy must let IAM
   * policies of the account decide, as the default key policy does. That these permissions are enough was not verified
   * against live AWS.
   *
   * @default - the service uses a key of its own
   */
  readonly encryptionKey?: kms.IKeyRef;

  /**
   * Whether the error of a failed build shows the last lines of the build log. Changing it replaces and builds nothing.
   *
   * The error masks values of `environment` that have 8 characters or more. It can show shorter values.
   *
   * Names of log streams do not contain the image. If other images write to the same log group at the same time, the
   * error can show lines of their builds, with values of their environments.
   *
   * @default - true; false if you pass a log group with `MicrovmLogging.logGroup`, because other images may write to it
   */
  readonly showBuildLogInErrors?: boolean;

  /**
   * The number of successful versions to retain, including the deployed one: 2 to 40. Changing it builds nothing.
   *
   * A deployment deletes older versions and failed ones. It keeps a version while a MicroVM runs on it, and it keeps
   * versions that this library did not build. AWS bills the storage of each version (service-facts.md, 5).
   *
   * A rollback to a retained version takes seconds, because it needs no build.
   *
   * @default 3
   */
  readonly retainedVersions?: number;

  /**
   * Determines when a deployment may terminate running MicroVMs of the image. Changing it builds nothing.
   *
   * @default MicrovmTermination.ON_DELETE
   */
  readonly microvmTermination?: MicrovmTermination;

  /**
   * Whether the deployment takes over an image that already exists under `microvmImageName`, which is required then.
   * Changing it builds nothing.
   *
   * It never takes over an image with the owner tags of another stack or resource: the deployment fails with
   * `MicrovmImageOwnedElsewhere`.
   *
   * @default false - if the image exists, the deployment fails with `MicrovmImageExists`
   */
  readonly adoptExisting?: boolean;

  /**
   * Whether an image that was taken over is deleted together with this resource. Changing it builds nothing.
   *
   * @default false - the image stays: the deployment removes the versions and tags of this resource, and activates the
   * version that was active before
   */
  readonly deleteAdopted?: boolean;

  /**
   * Removal policy of the image. Changing it builds nothing. A retained image keeps its name, so a new image cannot
   * take that name.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Maximum time of one create, update or delete: 1 to 55 minutes, in whole seconds. After this time, the operation
   * fails with `DeploymentTimedOut` and says what it was waiting for. Changing it builds nothing.
   *
   * @default Duration.minutes(50)
   */
  readonly deploymentTimeout?: Duration;

  /**
   * Tags of the image, in addition to those of `Tags.of()` and of the stack. Changing tags builds nothing.
   *
   * At most 47 tags, with keys of 1 to 128 characters and values of at most 256 characters. Keys that begin with `aws:`
   * or `cdk-lambda-microvms:` are rejected. `cdk deploy --tags` has no effect on the image, because CloudFormation does
   * not pass those tags to custom resources.
   *
   * @default - no additional tags
   */
  readonly tags?: { [key: string]: string };
}

export const MICROVM_IMAGE_TYPES: PropertyTypes<MicrovmImageProps> = {
  code: CODE.required(),
  microvmImageName: TEXT,
  description: TEXT,
  baseImage: BASE_IMAGE,
  architectures: listOf('architectures, such as [MicrovmArchitecture.ARM_64]', oneOf('MicrovmArchitecture', MicrovmArchitecture)),
  rebuildTrigger: TEXT,
  memory: MEMORY,
  hooks: HOOKS,
  // Environment checks the values, to show none of them.
  environment: ENVIRONMENT,
  osCapabilities: oneOf('MicrovmOsCapabilities', MicrovmOsCapabilities),
  buildEgress: EGRESS,
  logging: LOGGING,
  buildRole: ROLE,
  encryptionKey: KEY,
  showBuildLogInErrors: BOOLEAN,
  retainedVersions: NUMBER,
  microvmTermination: oneOf('MicrovmTermination', MicrovmTermination),
  adoptExisting: BOOLEAN,
  deleteAdopted: BOOLEAN,
  removalPolicy: oneOf('RemovalPolicy', RemovalPolicy),
  deploymentTimeout: DURATION,
  tags: TEXT_BY_NAME,
};
