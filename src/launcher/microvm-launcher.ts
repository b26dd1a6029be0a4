import { Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { IConstruct } from 'constructs';
import { Construct } from 'constructs';
import { ANY_LAUNCHER } from './any-launcher';
import { executionLogStatement, MicrovmExecutionRole } from './execution-role';
import { MicrovmImageVersion } from './image-version';
import type { MicrovmLaunchOptions } from './launch-options';
import { LAUNCH_OPTIONS_TYPES } from './launch-options';
import type { LaunchSettings } from './launch-request';
import { LAUNCH_MEMBERS_OF_CALLERS, launchRequest } from './launch-request';
import type { WebIdentityClaims, WebIdentityOptions } from './web-identity';
import { webIdentityConditions } from './web-identity';
import { LAUNCH_REQUEST_VARIABLE } from '../contract/workflow';
import { MicrovmImageGrants } from '../image/grants';
import type { MicrovmEgress } from '../network/egress';
import type { MicrovmIngress } from '../network/ingress';
import { grantEncryptionKey } from '../private/encryption-key';
import { checkText, ValidationError } from '../private/errors';
import { grantPermissions } from '../private/grant';
import { IMAGE_ROLE_TRUST, warnIfNotAssumable } from '../private/known-trust';
import { PERMISSIONS } from '../private/permissions';
import { checkProps, having, pathOf, ROLE, TEXT } from '../private/property-types';
import type { PropertyTypes } from '../private/property-types';
import { RequestOverrides } from '../private/request-overrides';
import { addPolicy } from '../private/role-policy';
import { secretReferenceErrors } from '../private/secret-references';
import { TypeMarker } from '../private/type-marker';
import { LOGGING, MicrovmLogging } from '../shared/logging';
import type { SessionTagging } from '../shared/session-tagging';
import { SESSION_TAGGING } from '../shared/session-tagging';

/**
 * Options of `addToFunction`, which passes the launch request to a Lambda function.
 */
export interface MicrovmLauncherFunctionOptions {
  /**
   * The name of the environment variable: 2 to 256 letters, digits and underscores, starting with a letter.
   *
   * @default MICROVM_LAUNCH_REQUEST
   */
  readonly environmentVariable?: string;
}

/**
 * A launcher, created by `MicrovmLauncher` or imported. It defines the image, execution role, network and lifetime of
 * MicroVMs.
 *
 * A grant to the launcher is a grant to its execution role.
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
export interface IMicrovmLauncher extends IConstruct, iam.IGrantable {
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
   * The execution role of the MicroVMs.
   */
  readonly executionRole: iam.IRole;

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
   * Adds the launch request to the environment variables of a function. This method grants no permissions: the function
   * also needs `grantLaunch`.
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
   * `grantWebIdentity` and grants to the launcher add statements to it. The import itself adds nothing.
   */
  readonly executionRole: iam.IRole;

  /**
   * The log group of the MicroVMs.
   *
   * @default - launches disable logging
   */
  readonly logGroup?: logs.ILogGroupRef;
}

/**
 * Properties of a launcher.
 *
 * No change replaces the launcher. Changes apply to future launches only: running MicroVMs keep the settings that they
 * were launched with. However, a change of the launch request replaces each `Microvm` construct that uses the launcher.
 */
export interface MicrovmLauncherProps extends MicrovmLaunchOptions {
  /**
   * The execution role of the MicroVMs. Changing it applies to future launches.
   *
   * The launcher attaches a policy for its log group to the role. If the role is immutable, a warning lists the
   * statement that it needs.
   *
   * The launcher does not change the trust policy of the role. It must permit `lambda.amazonaws.com` to call
   * `sts:AssumeRole` and `sts:TagSession`, as the one of a `MicrovmExecutionRole` does. If the app defines another
   * trust policy, a warning says so.
   *
   * Do not share a role between launchers, because IAM and web-identity tokens distinguish their MicroVMs only by the
   * role. If launchers of one app share a `MicrovmExecutionRole`, synth fails with `MicrovmExecutionRoleShared`.
   *
   * @default - a new `MicrovmExecutionRole`
   */
  readonly executionRole?: iam.IRole;

  /**
   * Session tags that the trust policy of the default execution role permits. Changing it updates the trust policy. It
   * cannot be combined with `executionRole`.
   *
   * @default SessionTagging.anyTags()
   */
  readonly sessionTagging?: SessionTagging;

  /**
   * The log group of the MicroVMs. Changing it applies to future launches. The image sets the log group of builds.
   *
   * @default MicrovmLogging.newLogGroup()
   */
  readonly logging?: MicrovmLogging;
}

const TYPES: PropertyTypes<MicrovmLauncherProps> = {
  ...LAUNCH_OPTIONS_TYPES, executionRole: ROLE, sessionTagging: SESSION_TAGGING, logging: LOGGING,
};
const ATTRIBUTES_TYPES: PropertyTypes<MicrovmLauncherAttributes> = {
  ...LAUNCH_OPTIONS_TYPES, executionRole: ROLE.required(), logGroup: having('a log group', 'logGroupRef', 'logGroupName'),
};
const FUNCTION_TYPES: PropertyTypes<MicrovmLauncherFunctionOptions> = { environmentVariable: TEXT };

abstract class MicrovmLauncherBase extends Construct implements IMicrovmLauncher {
  /** @internal */
  protected abstract readonly _settings: LaunchSettings;
  private readonly audiences: string[] = [];

  public constructor(scope: Construct, id: string) {
    super(scope, id);
    ANY_LAUNCHER.mark(this);
  }

  public get image(): lambda.IMicrovmImageRef {
    return this._settings.image;
  }

  public get imageVersion(): MicrovmImageVersion {
    return this._settings.imageVersion;
  }

  public get ingress(): MicrovmIngress {
    return this._settings.ingress;
  }

  public get egress(): MicrovmEgress {
    return this._settings.egress;
  }

  public get executionRole(): iam.IRole {
    return this._settings.executionRole;
  }

  public get encryptionKey(): kms.IKeyRef | undefined {
    return this._settings.encryptionKey;
  }

  /**
   * The log group of the MicroVMs, also if another app defines the launcher.
   *
   * @internal
   */
  public get _logGroup(): logs.ILogGroupRef | undefined {
    return this._settings.logGroup;
  }

  public get grantPrincipal(): iam.IPrincipal {
    return this.executionRole.grantPrincipal;
  }

  public get launchRequest(): string {
    return launchRequest(this, this._settings);
  }

  public get webIdentityClaims(): WebIdentityClaims {
    return {
      issuer: this._settings.webIdentityIssuer,
      audiences: Lazy.list({ produce: () => [...new Set(this.audiences)] }, { omitEmpty: true }),
      subject: this.executionRole.roleArn,
    };
  }

  public grantLaunch(grantee: iam.IGrantable): iam.Grant {
    const { passExecutionRole, passConnectors } = PERMISSIONS.launcherGrants;
    const connectorArns = [...this.ingress.bind(this).networkConnectorArns, ...this.egress.bind(this).passableArns];
    const grant = this.imageGrants.run(grantee)
      .combine(grantPermissions(grantee, [passExecutionRole], [this.executionRole.roleArn]))
      .combine(grantPermissions(grantee, [passConnectors], connectorArns));
    return this.encryptionKey ? grant.combine(grantEncryptionKey(grantee, this, this.encryptionKey)) : grant;
  }

  public grantConnect(grantee: iam.IGrantable): iam.Grant {
    if (!this.ingress.bind(this).admitsRequests) {
      throw new ValidationError('MicrovmLauncherNoIngress',
        'grantConnect: the ingress of this launcher admits no requests; use MicrovmIngress.http()', this);
    }
    return this.imageGrants.connect(grantee);
  }

  public grantShell(grantee: iam.IGrantable): iam.Grant {
    if (!this.ingress.bind(this).admitsShell) {
      throw new ValidationError('MicrovmLauncherNoShell',
        'grantShell: the ingress of this launcher has no shell; use MicrovmIngress.httpWithShell()', this);
    }
    return this.imageGrants.shell(grantee);
  }

  public grantManage(grantee: iam.IGrantable): iam.Grant {
    return this.imageGrants.manage(grantee);
  }

  public grantWebIdentity(options: WebIdentityOptions): iam.Grant {
    const conditions = webIdentityConditions(this, options);
    this.audiences.push(...options.audiences);
    return grantPermissions(this, [PERMISSIONS.execution.webIdentity], ['*'], conditions);
  }

  public addToFunction(fn: lambda.Function, options: MicrovmLauncherFunctionOptions = {}): void {
    checkProps(this, options, FUNCTION_TYPES);
    const name = options.environmentVariable ?? LAUNCH_REQUEST_VARIABLE;
    checkText({
      property: 'environmentVariable',
      code: 'MicrovmLauncherEnvironmentVariableInvalid',
      minLength: 2,
      maxLength: 256,
      pattern: /^[a-zA-Z]\w*$/,
      allowed: 'letters, digits and underscores, starting with a letter',
    }, name, this);
    fn.addEnvironment(name, this.launchRequest);
  }

  private get imageGrants(): MicrovmImageGrants {
    return MicrovmImageGrants.fromImage(this.image);
  }
}

const TYPE = new TypeMarker('MicrovmLauncher');

/**
 * Defines the image, execution role, network and lifetime of your MicroVMs in one place. A backend in any language
 * launches them from that definition.
 *
 * A launcher is to MicroVMs what a task definition is to containers: it starts nothing by itself. It creates a log
 * group and an execution role, which no other launcher uses.
 *
 * @example
 * import { Duration } from 'aws-cdk-lib';
 * import type { aws_dynamodb as dynamodb, aws_lambda as lambda, Stack } from 'aws-cdk-lib';
 * import type { IMicrovmImage } from 'cdk-lambda-microvms';
 * import { MicrovmEgress, MicrovmIngress, MicrovmLauncher } from 'cdk-lambda-microvms';
 *
 * declare const stack: Stack;
 * declare const image: IMicrovmImage;
 * declare const table: dynamodb.Table;
 * declare const backend: lambda.Function;
 *
 * const launcher = new MicrovmLauncher(stack, 'Launcher', {
 *   image,
 *   ingress: MicrovmIngress.http(),
 *   egress: MicrovmEgress.internet(),
 *   idlePolicy: { maxIdleDuration: Duration.minutes(15), suspendedDuration: Duration.hours(1), autoResume: true },
 *   maximumDuration: Duration.hours(4),
 * });
 * table.grantReadWriteData(launcher); // permissions of the MicroVMs
 * launcher.grantLaunch(backend);
 * launcher.grantConnect(backend);
 * launcher.addToFunction(backend);
 */
@propertyInjectable
export class MicrovmLauncher extends MicrovmLauncherBase {
  /**
   * Identifies the class for property injectors.
   */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-lambda-microvms.MicrovmLauncher';

  /**
   * Returns whether a value is a `MicrovmLauncher` of this library, not an imported launcher.
   */
  public static isMicrovmLauncher(x: any): x is MicrovmLauncher {
    return TYPE.isOn(x);
  }

  /**
   * Imports a launcher that another app defines, in the same account and Region.
   */
  public static fromMicrovmLauncherAttributes(scope: Construct, id: string, attrs: MicrovmLauncherAttributes): IMicrovmLauncher {
    checkProps(pathOf(scope, id), attrs, ATTRIBUTES_TYPES);
    class Import extends MicrovmLauncherBase {
      protected readonly _settings = { ...attrs, imageVersion: attrs.imageVersion ?? MicrovmImageVersion.latestActive() };
    }
    return new Import(scope, id);
  }

  /**
   * The log group of the MicroVMs; undefined if logging is disabled.
   */
  public readonly logGroup?: logs.ILogGroup;

  /** @internal */
  protected readonly _settings: LaunchSettings;
  private readonly requestOverrides = new RequestOverrides(this, LAUNCH_MEMBERS_OF_CALLERS);

  public constructor(scope: Construct, id: string, props: MicrovmLauncherProps) {
    checkProps(pathOf(scope, id), props, TYPES);
    super(scope, id);
    TYPE.mark(this);
    if (props.executionRole && props.sessionTagging) {
      throw new ValidationError('MicrovmLauncherSessionTaggingInvalid',
        'sessionTagging: cannot be combined with executionRole; set sessionTagging of the MicrovmExecutionRole instead', this);
    }
    this.logGroup = (props.logging ?? MicrovmLogging.newLogGroup())._logGroup(this, RemovalPolicy.DESTROY);
    const executionRole = props.executionRole
      ?? new MicrovmExecutionRole(this, 'ExecutionRole', { image: props.image, launcherName: this.node.path, sessionTagging: props.sessionTagging });
    this._settings = {
      ...props,
      imageVersion: props.imageVersion ?? MicrovmImageVersion.latestActive(),
      executionRole,
      logGroup: this.logGroup,
      requestOverrides: this.requestOverrides,
    };
    this.allowLogs(executionRole);
    this.node.addValidation({ validate: () => this.overrideErrors().map(error => error.message) });
    // Validates the settings here; otherwise only the first use of the launch request would.
    launchRequest(this, this._settings);
  }

  /**
   * Sets a member of the launch request, as `addPropertyOverride` of L1s sets a property. Use it for members of
   * `RunMicrovm` that this library does not know yet.
   *
   * Nothing checks the override, and no grant follows from it. The request has it for every caller, also if the
   * override is added after the request was read. A launcher that is imported elsewhere does not have it.
   *
   * @param path names of members with dots between them, and the index of an element of a list, as in
   * `logging.cloudWatch.logGroup`. A dot after a backslash belongs to the name. `clientToken`, `imageVersion` and
   * `runHookPayload` cannot be overridden.
   * @param value the value as the API expects it in JSON. It may contain tokens.
   */
  public addRequestOverride(path: string, value: any): void {
    this.requestOverrides.add(path, value);
  }

  private overrideErrors(): ValidationError[] {
    return secretReferenceErrors(this, Stack.of(this).resolve({ RequestOverrides: this.requestOverrides.property }));
  }

  /** Makes sure that the execution role may write logs, and that no other launcher uses it. */
  private allowLogs(role: iam.IRole): void {
    if (MicrovmExecutionRole.isMicrovmExecutionRole(role)) {
      const other = role._belongsTo(this);
      if (other) {
        throw new ValidationError('MicrovmExecutionRoleShared',
          `executionRole: ${role.node.path} already belongs to launcher ${other.node.path}; create one role for each launcher`, this);
      }
    }
    if (!MicrovmExecutionRole.isMicrovmExecutionRole(role)) {
      warnIfNotAssumable(this, { role, property: 'executionRole', code: 'cdk-lambda-microvms:executionRoleNotAssumable', needs: IMAGE_ROLE_TRUST });
    }
    if (!this.logGroup) return;
    if (MicrovmExecutionRole.isMicrovmExecutionRole(role) && Stack.of(role) === Stack.of(this)) return role.addLogGroup(this.logGroup);
    addPolicy(this, 'LogPolicy', {
      role,
      statements: [executionLogStatement(this, this.logGroup)],
      warning: {
        code: 'cdk-lambda-microvms:executionRoleNotModified',
        before: 'executionRole: the role is immutable; make sure that its policy allows',
        after: 'and that its trust policy allows lambda.amazonaws.com sts:AssumeRole and sts:TagSession',
      },
    });
  }
}
