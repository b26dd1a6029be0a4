import type { Duration } from 'aws-cdk-lib';
import { Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { IConstruct } from 'constructs';
import { Construct } from 'constructs';
import { executionLogStatement, MicrovmExecutionRole } from './execution-role';
import type { MicrovmIdlePolicy } from './idle-policy';
import { MicrovmImageVersion } from './image-version';
import type { LaunchSettings } from './launch-request';
import { launchRequest } from './launch-request';
import type { WebIdentityClaims, WebIdentityOptions } from './web-identity';
import { webIdentityConditions } from './web-identity';
import { LAUNCH_REQUEST_VARIABLE } from '../contract/workflow';
import { MicrovmImageGrants } from '../image/grants';
import type { MicrovmEgress } from '../network/egress';
import type { MicrovmIngress } from '../network/ingress';
import { checkText, ValidationError } from '../private/errors';
import { grantActions } from '../private/grant';
import type { Permission } from '../private/permissions';
import { PERMISSIONS } from '../private/permissions';
import { addPolicy } from '../private/role-policy';
import { MicrovmLogging } from '../shared/logging';
import type { SessionTagging } from '../shared/session-tagging';

/**
 * How a backend is told what to launch.
 */
export interface MicrovmLauncherFunctionOptions {
  /**
   * The name of the environment variable.
   *
   * @default MICROVM_LAUNCH_REQUEST
   */
  readonly environmentVariable?: string;
}

/**
 * What MicroVMs are launched with: image, roles, network and lifetime. As a grantee it is its execution role.
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
 * table.grantReadData(launcher); // to its execution role
 */
export interface IMicrovmLauncher extends IConstruct, iam.IGrantable {
  /**
   * The image that is launched.
   */
  readonly image: lambda.IMicrovmImageRef;

  /**
   * The version of the image that is launched.
   */
  readonly imageVersion: MicrovmImageVersion;

  /**
   * The way in.
   */
  readonly ingress: MicrovmIngress;

  /**
   * The way out.
   */
  readonly egress: MicrovmEgress;

  /**
   * The role that the MicroVMs run as.
   */
  readonly executionRole: iam.IRole;

  /**
   * The request of a launch as JSON, with the members of `RunMicrovm` as all SDKs spell them. A caller adds a `clientToken` and, if the
   * image has a run hook, a `runHookPayload`.
   *
   * It can be read from other stacks, unless it names the deployed version of the image.
   */
  readonly launchRequest: string;

  /**
   * What a relying party pins in the web-identity tokens of these MicroVMs.
   */
  readonly webIdentityClaims: WebIdentityClaims;

  /**
   * Allows to launch: to run the image, any version of it, with this execution role, this way in and this way out, and to look at every MicroVM of it.
   *
   * IAM limits neither duration, idle policy, payload nor version of a launch. Whoever launches can neither connect to nor terminate what it
   * launched: those are grants of their own.
   */
  grantLaunch(grantee: iam.IGrantable): iam.Grant;

  /**
   * Allows to mint tokens for the endpoint of **every** MicroVM of the image, of every launcher and tenant, now and later, on all ports, the port
   * of its hooks included.
   *
   * IAM can limit neither MicroVM nor port. Isolate tenants by an image each, or by a broker that alone has this grant. Fails if nothing comes in.
   */
  grantConnect(grantee: iam.IGrantable): iam.Grant;

  /**
   * Allows to mint tokens for a root shell in **every** MicroVM of the image, of every tenant, now and later, that was launched with shell ingress.
   *
   * With a shell come the credentials of the execution role. This is part of no other grant. Fails if the launcher's ingress has no shell.
   */
  grantShell(grantee: iam.IGrantable): iam.Grant;

  /**
   * Allows to look at, suspend, resume and terminate **every** MicroVM of the image, of every launcher and tenant, now and later, and to list MicroVMs.
   *
   * IAM can limit no MicroVM. The list has no resource type, so it is on `*` and shows the ids of the MicroVMs of all images.
   */
  grantManage(grantee: iam.IGrantable): iam.Grant;

  /**
   * Allows the MicroVMs to get web-identity tokens (`sts:GetWebIdentityToken`) for these audiences, and no others.
   *
   * The tokens are for relying parties **outside** AWS, which verify them against the account's public keys; AWS itself refuses them. A role of another
   * account is reached by `sts:AssumeRole`, for which the execution role's ARN is the principal.
   *
   * A relying party pins `iss`, `aud` and `sub`, see `webIdentityClaims`. The tags in a token (`principal_tags`) only describe: who may tag roles
   * changes them. Outbound federation must be enabled in the account, and the Region's own STS endpoint be called, with `DurationSeconds`.
   */
  grantWebIdentity(options: WebIdentityOptions): iam.Grant;

  /**
   * Puts the launch request into the environment of a function, which needs grants besides.
   */
  addToFunction(fn: lambda.Function, options?: MicrovmLauncherFunctionOptions): void;
}

/**
 * What a launcher of another app is imported by. Say what it says: grants are made from it.
 */
export interface MicrovmLauncherAttributes {
  /**
   * The image that is launched, for example by `MicrovmImage.fromMicrovmImageName`.
   */
  readonly image: lambda.IMicrovmImageRef;

  /**
   * The role that the MicroVMs run as, for example by `iam.Role.fromRoleName`. Nothing is added to it but what `grantWebIdentity` gives.
   */
  readonly executionRole: iam.IRole;

  /**
   * The way in.
   */
  readonly ingress: MicrovmIngress;

  /**
   * The way out.
   */
  readonly egress: MicrovmEgress;

  /**
   * The version of the image.
   *
   * @default MicrovmImageVersion.latestActive()
   */
  readonly imageVersion?: MicrovmImageVersion;

  /**
   * What becomes of a MicroVM without requests.
   *
   * @default - it runs for its maximum duration
   */
  readonly idlePolicy?: MicrovmIdlePolicy;

  /**
   * How long a MicroVM lives.
   *
   * @default Duration.hours(8)
   */
  readonly maximumDuration?: Duration;

  /**
   * The log group of MicroVMs.
   *
   * @default - no logs
   */
  readonly logGroup?: logs.ILogGroupRef;

  /**
   * The issuer of the account's web-identity tokens.
   *
   * @default - not known
   */
  readonly webIdentityIssuer?: string;
}

/**
 * Properties of a launcher.
 *
 * All of it counts for launches to come; MicroVMs that run stay as they were launched. A change replaces nothing but what a stack launched itself,
 * see `Microvm`.
 */
export interface MicrovmLauncherProps {
  /**
   * The image to launch: a `MicrovmImage`, an L1 or an import, in the same account and Region.
   */
  readonly image: lambda.IMicrovmImageRef;

  /**
   * The way in. There is no default: nothing is public unless somebody wrote it.
   */
  readonly ingress: MicrovmIngress;

  /**
   * The way out; builds of the image have their own. There is no default: nothing reaches the internet unless somebody wrote it.
   */
  readonly egress: MicrovmEgress;

  /**
   * The version of the image.
   *
   * @default MicrovmImageVersion.latestActive()
   */
  readonly imageVersion?: MicrovmImageVersion;

  /**
   * What becomes of a MicroVM without requests.
   *
   * @default - it runs for its maximum duration
   */
  readonly idlePolicy?: MicrovmIdlePolicy;

  /**
   * How long a MicroVM lives, the time in suspension included: 1 second to 8 hours.
   *
   * @default Duration.hours(8) - the longest that the service allows
   */
  readonly maximumDuration?: Duration;

  /**
   * The role that the MicroVMs run as.
   *
   * The log group is added to what it may do. The trust policy of a role that is not a `MicrovmExecutionRole` is left as it is; it must let
   * `lambda.amazonaws.com` assume the role. A role to which nothing can be added gives a warning with the statement that it needs. Share
   * no role between launchers: IAM and web-identity tokens tell their MicroVMs apart by the role alone.
   *
   * @default - a new `MicrovmExecutionRole`
   */
  readonly executionRole?: iam.IRole;

  /**
   * Whether and with which keys the service may tag its sessions of the execution role; only for the default role.
   *
   * @default SessionTagging.anyTags()
   */
  readonly sessionTagging?: SessionTagging;

  /**
   * Where the log of MicroVMs goes; builds have their own.
   *
   * @default MicrovmLogging.newLogGroup()
   */
  readonly logging?: MicrovmLogging;

  /**
   * The issuer of the account's web-identity tokens, an https URL that IAM shows once outbound federation is enabled. It only shows up in `webIdentityClaims`.
   *
   * @default - not known
   */
  readonly webIdentityIssuer?: string;
}

abstract class MicrovmLauncherBase extends Construct implements IMicrovmLauncher {
  /** @internal */
  protected abstract readonly _settings: LaunchSettings;
  /** @internal */
  protected abstract readonly _webIdentityIssuer?: string;
  private readonly audiences: string[] = [];

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

  public get grantPrincipal(): iam.IPrincipal {
    return this.executionRole.grantPrincipal;
  }

  public get launchRequest(): string {
    return launchRequest(this, this._settings);
  }

  public get webIdentityClaims(): WebIdentityClaims {
    return {
      issuer: this._webIdentityIssuer,
      audiences: Lazy.list({ produce: () => [...new Set(this.audiences)] }, { omitEmpty: true }),
      subject: this.executionRole.roleArn,
    };
  }

  public grantLaunch(grantee: iam.IGrantable): iam.Grant {
    const { passExecutionRole, passConnectors } = PERMISSIONS.launcherGrants;
    const give = ({ actions }: Permission, resourceArns: string[]) => grantActions(grantee, actions, resourceArns);
    return this.imageGrants.run(grantee)
      .combine(give(passExecutionRole, [this.executionRole.roleArn]))
      .combine(give(passConnectors, [...this.ingress.bind(this).networkConnectorArns, ...this.egress.bind(this).passableArns]));
  }

  public grantConnect(grantee: iam.IGrantable): iam.Grant {
    if (!this.ingress.bind(this).admitsRequests) {
      throw new ValidationError('MicrovmLauncherNoIngress', 'grantConnect: ingress is none(), so a token opens nothing; use MicrovmIngress.http()', this);
    }
    return this.imageGrants.connect(grantee);
  }

  public grantShell(grantee: iam.IGrantable): iam.Grant {
    if (!this.ingress.bind(this).admitsShell) {
      throw new ValidationError('MicrovmLauncherNoShell', 'grantShell: the ingress of this launcher has no shell; use MicrovmIngress.httpWithShell()', this);
    }
    return this.imageGrants.shell(grantee);
  }

  public grantManage(grantee: iam.IGrantable): iam.Grant {
    return this.imageGrants.manage(grantee);
  }

  public grantWebIdentity(options: WebIdentityOptions): iam.Grant {
    const conditions = webIdentityConditions(this, options);
    this.audiences.push(...options.audiences);
    return iam.Grant.addToPrincipal({ grantee: this, actions: PERMISSIONS.execution.webIdentity.actions, resourceArns: ['*'], conditions });
  }

  public addToFunction(fn: lambda.Function, options: MicrovmLauncherFunctionOptions = {}): void {
    const name = options.environmentVariable ?? LAUNCH_REQUEST_VARIABLE;
    checkText({
      property: 'environmentVariable',
      code: 'MicrovmLauncherEnvironmentVariableInvalid',
      minLength: 2,
      maxLength: 256,
      pattern: /^[a-zA-Z]\w*$/,
      allowed: 'letters, digits and underscores, a letter first',
    }, name, this);
    fn.addEnvironment(name, this.launchRequest);
  }

  private get imageGrants(): MicrovmImageGrants {
    return MicrovmImageGrants.fromImage(this.image);
  }
}

const MICROVM_LAUNCHER_SYMBOL = Symbol.for('cdk-lambda-microvms.MicrovmLauncher');

/**
 * A launcher: what MicroVMs are launched with, written once, and launched from anywhere by whoever was granted it.
 *
 * It is to MicroVMs what a task definition is to containers. Nothing runs because of it; its log group and its execution role belong to it alone.
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
 * table.grantReadWriteData(launcher); // what the MicroVMs may do
 * launcher.grantLaunch(backend);
 * launcher.grantConnect(backend);
 * launcher.addToFunction(backend);
 */
export class MicrovmLauncher extends MicrovmLauncherBase {
  /**
   * Whether something is a `MicrovmLauncher` made by this library, and not an import.
   */
  public static isMicrovmLauncher(x: any): x is MicrovmLauncher {
    return x !== null && typeof x === 'object' && MICROVM_LAUNCHER_SYMBOL in x;
  }

  /**
   * A launcher of another app.
   */
  public static fromMicrovmLauncherAttributes(scope: Construct, id: string, attrs: MicrovmLauncherAttributes): IMicrovmLauncher {
    class Import extends MicrovmLauncherBase {
      protected readonly _settings = { ...attrs, imageVersion: attrs.imageVersion ?? MicrovmImageVersion.latestActive() };
      protected readonly _webIdentityIssuer = attrs.webIdentityIssuer;
    }
    return new Import(scope, id);
  }

  /**
   * The log group of MicroVMs; undefined if logging is disabled.
   */
  public readonly logGroup?: logs.ILogGroup;

  /** @internal */
  protected readonly _settings: LaunchSettings;
  /** @internal */
  protected readonly _webIdentityIssuer?: string;

  public constructor(scope: Construct, id: string, props: MicrovmLauncherProps) {
    super(scope, id);
    Object.defineProperty(this, MICROVM_LAUNCHER_SYMBOL, { value: true });
    if (props.executionRole && props.sessionTagging) {
      throw new ValidationError('MicrovmLauncherSessionTaggingInvalid', 'sessionTagging: is for the default execution role; give it to the MicrovmExecutionRole instead', this);
    }
    this._webIdentityIssuer = props.webIdentityIssuer;
    this.logGroup = (props.logging ?? MicrovmLogging.newLogGroup())._logGroup(this, RemovalPolicy.DESTROY);
    const executionRole = props.executionRole
      ?? new MicrovmExecutionRole(this, 'ExecutionRole', { image: props.image, launcherName: this.node.path, sessionTagging: props.sessionTagging });
    this._settings = { ...props, imageVersion: props.imageVersion ?? MicrovmImageVersion.latestActive(), executionRole, logGroup: this.logGroup };
    this.allowLogs(executionRole);
    // What is wrong with the settings shows now rather than when somebody asks for the request.
    launchRequest(this, this._settings);
  }

  private allowLogs(role: iam.IRole): void {
    if (role instanceof MicrovmExecutionRole) {
      const other = role._belongsTo(this);
      if (other) {
        throw new ValidationError('MicrovmExecutionRoleShared',
          `executionRole: ${role.node.path} belongs to launcher ${other.node.path}, and web-identity tokens tell launchers apart by it; make one for each`, this);
      }
    }
    if (!this.logGroup) return;
    if (role instanceof MicrovmExecutionRole && Stack.of(role) === Stack.of(this)) return role.addLogGroup(this.logGroup);
    addPolicy(this, 'LogPolicy', {
      role,
      statements: [executionLogStatement(this, this.logGroup)],
      warning: {
        code: 'cdk-lambda-microvms:executionRoleNotModified',
        before: 'executionRole: nothing can be added to this role; see that its policy allows',
        after: 'and that its trust policy allows lambda.amazonaws.com sts:AssumeRole and sts:TagSession',
      },
    });
  }
}
