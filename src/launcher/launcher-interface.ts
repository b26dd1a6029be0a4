import type { Stack } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { ResourceEnvironment } from 'aws-cdk-lib/interfaces';
import type { IConstruct } from 'constructs';
import type { MicrovmImageVersion } from './image-version';
import type { MicrovmLaunchOptions } from './launch-options';
import type { MicrovmLauncherGrants } from './launcher-grants';
import type { WebIdentityClaims, WebIdentityOptions } from './web-identity';
import type { MicrovmEgress } from '../network/egress';
import type { MicrovmIngress } from '../network/ingress';

/**
 * Options of `addToFunction`, which passes the launch request to a Lambda function.
 */
export interface MicrovmLauncherFunctionOptions {
  /**
   * The name of the environment variable: 2 to 256 letters, digits and underscores, starting with a letter.
   *
   * @default - `MICROVM_LAUNCH_REQUEST`; `MICROVM_LAUNCH_REQUEST_PARAMETER` for a published launcher
   */
  readonly environmentVariable?: string;
}

/**
 * A launcher, created by `MicrovmLauncher` or imported. It defines the image, execution role, network and lifetime of
 * MicroVMs.
 *
 * A grant to the launcher is a grant to its execution role. The `connections` of the launcher are those of the
 * connector of its egress. They throw `MicrovmLauncherConnectionsUnknown` if the egress is the internet, or a connector
 * whose security groups the app does not know.
 *
 * @example
 * import type { aws_dynamodb as dynamodb, aws_lambda as lambda } from 'aws-cdk-lib';
 * import type { IMicrovmLauncher } from 'cdk-lambda-microvms';
 *
 * declare const launcher: IMicrovmLauncher;
 * declare const backend: lambda.Function;
 * declare const table: dynamodb.Table;
 *
 * launcher.addToFunction(backend);
 * launcher.grantLaunch(backend);
 * table.grantReadData(launcher); // for the execution role
 */
export interface IMicrovmLauncher extends IConstruct, iam.IGrantable, ec2.IConnectable {
  /**
   * The stack of the launcher.
   */
  readonly stack: Stack;

  /**
   * The account and Region of the launcher, in which its MicroVMs run.
   */
  readonly env: ResourceEnvironment;

  /**
   * The image to launch.
   */
  readonly image: lambda.IMicrovmImageRef;

  /**
   * The version of the image to launch.
   */
  readonly imageVersion: MicrovmImageVersion;

  /**
   * Ingress of the MicroVMs.
   */
  readonly ingress: MicrovmIngress;

  /**
   * Egress of the MicroVMs.
   */
  readonly egress: MicrovmEgress;

  /**
   * The execution role of the MicroVMs. Throws `MicrovmLauncherNoExecutionRole` if the launcher has none.
   */
  readonly executionRole: iam.IRole;

  /**
   * The grants of the launcher, each as a method: `grants.launch` is the same as `grantLaunch`, and so on.
   */
  readonly grants: MicrovmLauncherGrants;

  /**
   * The customer managed KMS key of the MicroVMs; undefined if AWS owns the key.
   */
  readonly encryptionKey?: kms.IKeyRef;

  /**
   * The launch request as JSON: a `RunMicrovm` request with the field names that the AWS SDKs use. The caller adds a
   * `clientToken` and, if the image has a run hook, a `runHookPayload`.
   *
   * Other stacks can read it, except with `MicrovmImageVersion.ofThisDeployment()`.
   */
  readonly launchRequest: string;

  /**
   * The claims that a relying party must check in web-identity tokens of these MicroVMs.
   */
  readonly webIdentityClaims: WebIdentityClaims;

  /**
   * Grants permission to launch MicroVMs of the image (any version) with this execution role, ingress and egress, and
   * to describe every MicroVM of the image. If the launcher has an `encryptionKey`, this includes its use through
   * Lambda.
   *
   * IAM cannot restrict the duration, the idle policy, the payload or the version of a launch. This grant includes no
   * permission to connect to MicroVMs or to terminate them; see `grantConnect` and `grantManage`.
   */
  grantLaunch(grantee: iam.IGrantable): iam.Grant;

  /**
   * Grants permission to create endpoint tokens for **every** MicroVM of the image, present and future, of all
   * launchers and tenants, and on all ports, including the port of its hooks.
   *
   * IAM cannot restrict this permission to single MicroVMs or ports. See `MicrovmImageGrants` for how to isolate
   * tenants. Throws `MicrovmLauncherNoIngress` if the ingress of the launcher admits no requests.
   */
  grantConnect(grantee: iam.IGrantable): iam.Grant;

  /**
   * Grants permission to create tokens for a root shell in **every** MicroVM of the image, present and future, of all
   * launchers and tenants, that was launched with shell ingress.
   *
   * Whoever has a shell can read the credentials of the execution role. No other grant includes this permission. Throws
   * `MicrovmLauncherNoShell` if the ingress of the launcher has no shell.
   */
  grantShell(grantee: iam.IGrantable): iam.Grant;

  /**
   * Grants permission to describe, suspend, resume and terminate **every** MicroVM of the image, present and future, of
   * all launchers and tenants, and to list MicroVMs.
   *
   * The list shows the IDs of the MicroVMs of all images: `lambda:ListMicrovms` has no resource type, so it is granted
   * on `*`.
   */
  grantManage(grantee: iam.IGrantable): iam.Grant;

  /**
   * Grants the MicroVMs permission to get web-identity tokens (`sts:GetWebIdentityToken`) for these audiences, and no
   * others.
   *
   * The tokens are for relying parties **outside** AWS, which verify them against the account's public keys. AWS itself
   * does not accept them. To use a role of another account, let the application call `sts:AssumeRole`, with the ARN of
   * the execution role as principal in the trust policy of that role.
   *
   * A relying party must check `iss`, `aud` and `sub`, see `webIdentityClaims`. It must not rely on the tags in a token
   * (`principal_tags`), because whoever may tag roles can change them.
   *
   * Outbound identity federation must be enabled in the account. The application must call the STS endpoint of the
   * Region, with `DurationSeconds` (service-facts.md, 3.5).
   */
  grantWebIdentity(options: WebIdentityOptions): iam.Grant;

  /**
   * Adds a statement to the policy of the execution role: a permission of the MicroVMs. If the role is immutable, this
   * method does nothing. If the launcher has no execution role, it throws `MicrovmLauncherNoExecutionRole`.
   */
  addToRolePolicy(statement: iam.PolicyStatement): void;

  /**
   * Adds the launch request to the environment variables of a function. This method grants no permissions: the function
   * also needs `grantLaunch`.
   *
   * Throws `MicrovmLauncherEnvironmentVariableTaken` if the variable contains the request of another launcher. Lambda
   * accepts 4 KB of variables for each function, and a launch request needs some 700 bytes. If there is no room, use
   * `publish` of `MicrovmLauncher`.
   */
  addToFunction(fn: lambda.Function, options?: MicrovmLauncherFunctionOptions): void;
}

/**
 * Attributes of a launcher that another app defines. They must match that launcher exactly, because the library derives
 * grants and the launch request from them.
 */
export interface MicrovmLauncherAttributes extends MicrovmLaunchOptions {
  /**
   * The execution role of the MicroVMs, for example from `iam.Role.fromRoleName`. If the role is mutable,
   * `grantWebIdentity`, `addToRolePolicy` and grants to the launcher add statements to it. The import itself adds
   * nothing.
   *
   * @default - the MicroVMs have no execution role, as with `omitExecutionRole`
   */
  readonly executionRole?: iam.IRole;

  /**
   * The log group of the MicroVMs.
   *
   * @default - launches disable logging
   */
  readonly logGroup?: logs.ILogGroupRef;
}
