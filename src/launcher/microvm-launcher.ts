import { Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { ResourceEnvironment } from 'aws-cdk-lib/interfaces';
import { Construct } from 'constructs';
import { ANY_LAUNCHER } from './any-launcher';
import { executionLogStatement, MicrovmExecutionRole } from './execution-role';
import { addToFunction, FUNCTION_TYPES } from './function-environment';
import { warnOfIdlePolicy } from './idle-policy';
import { MicrovmImageVersion } from './image-version';
import type { MicrovmLaunchCheckOptions } from './launch-check';
import { MicrovmLaunchCheck } from './launch-check';
import { checkEnvironments } from './launch-environment';
import type { MicrovmLaunchOptions } from './launch-options';
import { LAUNCH_OPTIONS_TYPES } from './launch-options';
import type { LaunchSettings } from './launch-request';
import { LAUNCH_MEMBERS_OF_CALLERS, launchRequest, requiredExecutionRole } from './launch-request';
import { MicrovmLauncherGrants } from './launcher-grants';
import type { IMicrovmLauncher, MicrovmLauncherAttributes, MicrovmLauncherFunctionOptions } from './launcher-interface';
import type { IPublishedMicrovmLauncher } from './published-launcher';
import { importLauncher, publishLauncher } from './published-launcher';
import type { WebIdentityClaims, WebIdentityOptions } from './web-identity';
import { LAUNCH_REQUEST_VARIABLE } from '../contract/workflow';
import type { MicrovmEgress } from '../network/egress';
import type { MicrovmIngress } from '../network/ingress';
import { ValidationError } from '../private/errors';
import { IMAGE_ROLE_TRUST, warnIfNotAssumable } from '../private/known-trust';
import { BOOLEAN, checkProps, having, pathOf, ROLE } from '../private/property-types';
import type { PropertyTypes } from '../private/property-types';
import { RequestOverrides } from '../private/request-overrides';
import { addPolicy } from '../private/role-policy';
import { secretReferenceErrors } from '../private/secret-references';
import { TypeMarker } from '../private/type-marker';
import { LOGGING, MicrovmLogging } from '../shared/logging';
import type { SessionTagging } from '../shared/session-tagging';
import { SESSION_TAGGING } from '../shared/session-tagging';

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
   * `sts:AssumeRole` and `sts:TagSession`, as the one of a `MicrovmExecutionRole` does. If the app defines a trust
   * policy that does not, a warning says so.
   *
   * Do not share a role between launchers, because IAM and web-identity tokens distinguish their MicroVMs only by the
   * role. If launchers of one app share a `MicrovmExecutionRole`, synth fails with `MicrovmExecutionRoleShared`.
   *
   * @default - a new `MicrovmExecutionRole`
   */
  readonly executionRole?: iam.IRole;

  /**
   * Whether MicroVMs are launched without an execution role. The application then has no AWS credentials at all. This
   * needs `MicrovmLogging.disabled()`, because MicroVMs write logs with their role. Changing it applies to future
   * launches.
   *
   * Grants to the launcher, and its `grantWebIdentity`, `addToRolePolicy`, `executionRole` and `webIdentityClaims`
   * throw `MicrovmLauncherNoExecutionRole`. It cannot be combined with `executionRole` or `sessionTagging`.
   *
   * @default false
   */
  readonly omitExecutionRole?: boolean;

  /**
   * Session tags that the trust policy of the default execution role permits. Changing it updates the trust policy. It
   * cannot be combined with `executionRole` or `omitExecutionRole`.
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
  ...LAUNCH_OPTIONS_TYPES, executionRole: ROLE, sessionTagging: SESSION_TAGGING, omitExecutionRole: BOOLEAN, logging: LOGGING,
};
const ATTRIBUTES_TYPES: PropertyTypes<MicrovmLauncherAttributes> = {
  ...LAUNCH_OPTIONS_TYPES, executionRole: ROLE, logGroup: having('a log group', 'logGroupRef', 'logGroupName'),
};

abstract class MicrovmLauncherBase extends Construct implements IMicrovmLauncher {
  /** @internal */
  protected abstract readonly _settings: LaunchSettings;
  private ownGrants?: MicrovmLauncherGrants;

  public constructor(scope: Construct, id: string) {
    super(scope, id);
    ANY_LAUNCHER.mark(this);
  }

  public get stack(): Stack {
    return Stack.of(this);
  }

  public get env(): ResourceEnvironment {
    const { account, region } = this.stack;
    return { account, region };
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
    return requiredExecutionRole(this, this._settings);
  }

  /**
   * The execution role; undefined if the MicroVMs have none.
   *
   * @internal
   */
  public get _executionRole(): iam.IRole | undefined {
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

  /**
   * The network connections of the MicroVMs: those of the connector of the egress. Use them for egress rules. A
   * connector carries no ingress.
   *
   * Throws `MicrovmLauncherConnectionsUnknown` if the egress is the internet, or a connector whose security groups the
   * app does not know.
   */
  public get connections(): ec2.Connections {
    const { _connector: connector } = this.egress;
    if (connector && 'connections' in connector) return connector.connections as ec2.Connections;
    throw new ValidationError('MicrovmLauncherConnectionsUnknown',
      'connections: the egress of this launcher has no security groups that the app knows; use MicrovmEgress.connector() with a NetworkConnector, '
      + 'or import the connector with its securityGroups', this);
  }

  public get grants(): MicrovmLauncherGrants {
    this.ownGrants ??= MicrovmLauncherGrants._of(this, this._settings);
    return this.ownGrants;
  }

  public get launchRequest(): string {
    return launchRequest(this, this._settings);
  }

  public get webIdentityClaims(): WebIdentityClaims {
    return {
      issuer: this._settings.webIdentityIssuer,
      audiences: Lazy.list({ produce: () => [...new Set(this.grants._audiences)] }, { omitEmpty: true }),
      subject: this.executionRole.roleArn,
    };
  }

  public grantLaunch(grantee: iam.IGrantable): iam.Grant {
    return this.grants.launch(grantee);
  }

  public grantConnect(grantee: iam.IGrantable): iam.Grant {
    return this.grants.connect(grantee);
  }

  public grantShell(grantee: iam.IGrantable): iam.Grant {
    return this.grants.shell(grantee);
  }

  public grantManage(grantee: iam.IGrantable): iam.Grant {
    return this.grants.manage(grantee);
  }

  public grantWebIdentity(options: WebIdentityOptions): iam.Grant {
    return this.grants.webIdentity(options);
  }

  public addToRolePolicy(statement: iam.PolicyStatement): void {
    this.grantPrincipal.addToPrincipalPolicy(statement);
  }

  public addToFunction(fn: lambda.Function, options: MicrovmLauncherFunctionOptions = {}): void {
    checkProps(this, options, FUNCTION_TYPES);
    // In another stack, the version of ofThisDeployment() is an error, and it would show at the end of synth only.
    this.imageVersion._version(this.image, fn);
    addToFunction(this, fn, options.environmentVariable ?? LAUNCH_REQUEST_VARIABLE, this.launchRequest);
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
    const launcher = new Import(scope, id);
    checkEnvironments(launcher, attrs);
    return launcher;
  }

  /**
   * Imports a launcher that another app of the same account and Region publishes with `publish`.
   *
   * @param parameterName the name of the SSM parameter, for example `/sandbox/launcher`.
   */
  public static fromMicrovmLauncherName(scope: Construct, id: string, parameterName: string): IPublishedMicrovmLauncher {
    return importLauncher(scope, id, parameterName);
  }

  /**
   * The log group of the MicroVMs; undefined if logging is disabled.
   */
  public readonly logGroup?: logs.ILogGroup;

  /** @internal */
  protected readonly _settings: LaunchSettings;
  private readonly requestOverrides = new RequestOverrides(this, LAUNCH_MEMBERS_OF_CALLERS);
  private publication?: IPublishedMicrovmLauncher;

  public constructor(scope: Construct, id: string, props: MicrovmLauncherProps) {
    checkProps(pathOf(scope, id), props, TYPES);
    super(scope, id);
    TYPE.mark(this);
    this.checkRoleProps(props);
    checkEnvironments(this, props);
    this.logGroup = (props.logging ?? MicrovmLogging.newLogGroup())._logGroup(this, RemovalPolicy.DESTROY);
    checkEnvironments(this, { logGroup: this.logGroup });
    const executionRole = props.omitExecutionRole ? undefined : props.executionRole
      ?? new MicrovmExecutionRole(this, 'ExecutionRole', { image: props.image, launcherName: this.node.path, sessionTagging: props.sessionTagging });
    if (props.omitExecutionRole && this.logGroup) {
      throw new ValidationError('MicrovmLauncherExecutionRoleInvalid',
        'omitExecutionRole: MicroVMs write logs with their execution role; set logging to MicrovmLogging.disabled()', this);
    }
    this._settings = {
      ...props,
      imageVersion: props.imageVersion ?? MicrovmImageVersion.latestActive(),
      executionRole,
      logGroup: this.logGroup,
      requestOverrides: this.requestOverrides,
    };
    if (executionRole) this.allowLogs(executionRole);
    this.node.addValidation({ validate: () => this.overrideErrors().map(error => error.message) });
    warnOfIdlePolicy(this, this._settings);
    // Validates the settings here; otherwise only the first use of the launch request would.
    launchRequest(this, this._settings);
  }

  /**
   * Sets a member of the launch request, as `addPropertyOverride` of L1s sets a property. Use it for members of
   * `RunMicrovm` that this library does not know yet.
   *
   * Nothing checks the override, and no grant follows from it. The request has it for every caller, also if the
   * override is added after the request was read, and so has the parameter of `publish`. An import by attributes does
   * not know it.
   *
   * @param path names of members with dots between them, and the index of an element of a list, as in
   * `logging.cloudWatch.logGroup`. A dot after a backslash belongs to the name. `clientToken`, `imageVersion` and
   * `runHookPayload` cannot be overridden.
   * @param value the value as the API expects it in JSON. It may contain tokens.
   */
  public addRequestOverride(path: string, value: any): void {
    this.requestOverrides.add(path, value);
  }

  /**
   * Publishes the launcher under a name, so that other apps of the account and Region can launch from it: backends in
   * any service, not only in Lambda, and functions whose environment variables have no room for the launch request.
   *
   * This creates two SSM parameters: one with this name, which contains the launch request, and `<name>/grants`, with
   * the ARNs that `grantLaunch` of an import needs. A backend reads the launch request at run time, so a change reaches
   * the backend without another deployment of it. If the image, the ingress, the egress or the execution role changes,
   * deploy the apps that import the launcher again, so that their policies follow.
   *
   * The launch request may have at most 4,096 bytes, the limit of a standard parameter.
   *
   * @param parameterName a path that starts with a slash: 2 to 900 letters, digits and `_ . - /`, with at most 14
   * levels. The first level must not begin with `aws` or `ssm`, or be `cdk-lambda-microvms`. Changing the name replaces
   * the parameters.
   */
  public publish(parameterName: string): IPublishedMicrovmLauncher {
    if (this.publication) {
      throw new ValidationError('MicrovmLauncherPublicationInvalid',
        `parameterName: the launcher is already published as '${this.publication.parameterName}'; publish it once`, this);
    }
    this.publication = publishLauncher(this, this._settings, parameterName);
    return this.publication;
  }

  /**
   * Adds a `MicrovmLaunchCheck` of this launcher to the launcher. Each `Microvm` of the launcher waits for the check.
   *
   * To let a backend use a new version of the image only after the check, let the backend depend on the check.
   *
   * @param id the ID of the check in the launcher. The default is `LaunchCheck`.
   */
  public addLaunchCheck(id?: string, options: MicrovmLaunchCheckOptions = {}): MicrovmLaunchCheck {
    return new MicrovmLaunchCheck(this, id ?? 'LaunchCheck', { ...options, launcher: this });
  }

  private checkRoleProps({ executionRole, omitExecutionRole, sessionTagging }: MicrovmLauncherProps): void {
    if (executionRole && omitExecutionRole) {
      throw new ValidationError('MicrovmLauncherExecutionRoleInvalid', 'omitExecutionRole: cannot be combined with executionRole; set one of the two', this);
    }
    if (executionRole && sessionTagging) {
      throw new ValidationError('MicrovmLauncherSessionTaggingInvalid',
        'sessionTagging: cannot be combined with executionRole; set sessionTagging of the MicrovmExecutionRole instead', this);
    }
    if (omitExecutionRole && sessionTagging) {
      throw new ValidationError('MicrovmLauncherSessionTaggingInvalid',
        'sessionTagging: cannot be combined with omitExecutionRole, because there is no role to tag; remove one of the two', this);
    }
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
