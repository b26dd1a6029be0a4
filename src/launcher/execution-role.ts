import { Fn, Names, Stack, Tags, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { Construct, IConstruct } from 'constructs';
import { MicrovmImage } from '../image/microvm-image';
import { arnOfImage, logGroupArns } from '../private/arns';
import { environmentOf, requireSameAccount } from '../private/environments';
import { checkText } from '../private/errors';
import { shortHash } from '../private/names';
import { allow, PERMISSIONS, servicePolicies } from '../private/permissions';
import { checkProps, having, pathOf, TEXT } from '../private/property-types';
import type { PropertyTypes } from '../private/property-types';
import { finishTrustPolicy, microvmService } from '../private/service-trust';
import { TypeMarker } from '../private/type-marker';
import type { MicrovmImageRoleProps } from '../shared/service-role';
import { IMAGE_ROLE_TYPES } from '../shared/service-role';
import { SessionTagging } from '../shared/session-tagging';

/**
 * Properties of an execution role.
 */
export interface MicrovmExecutionRoleProps extends MicrovmImageRoleProps {
  /**
   * The image whose MicroVMs may use this role: a `MicrovmImage`, an L1 or an imported image. Changing it updates the
   * trust policy and replaces nothing.
   */
  readonly image: lambda.IMicrovmImageRef;

  /**
   * The value of the tag `cdk-lambda-microvms:launcher` of the role. Web-identity tokens contain it in
   * `principal_tags`. Changing it replaces nothing.
   *
   * The library replaces characters that a tag cannot have with underscores, and keeps only the last 256 characters.
   *
   * @default - the path of the construct
   */
  readonly launcherName?: string;
}

const TYPES: PropertyTypes<MicrovmExecutionRoleProps> = {
  ...IMAGE_ROLE_TYPES, image: having('a MicrovmImage', 'microvmImageRef').required(), launcherName: TEXT,
};

const IMAGE_TAG = 'cdk-lambda-microvms:image';
const LAUNCHER_TAG = 'cdk-lambda-microvms:launcher';

const ROLE_NAME_LENGTH = 64;
/** The longest name of a Region. The Region of the stack may be an unresolved token. */
const REGION_LENGTH = 16;

const TYPE = new TypeMarker('MicrovmExecutionRole');

/**
 * Execution role of MicroVMs, which provides the credentials of the application. Every process in the MicroVM can read
 * them (service-facts.md, 3.3).
 *
 * `MicrovmLauncher` creates one by default. Create one yourself if you call `RunMicrovm` without a launcher. The role
 * permits writing to the log groups that you add, and nothing else: grant it the permissions that the application
 * needs.
 *
 * Create one role for each launcher, because IAM and web-identity tokens distinguish MicroVMs only by their role. The
 * default name of the role is stable, so relying parties can pin its ARN. Changing the name changes the `sub` of
 * web-identity tokens.
 *
 * The trust policy rejects session tags that have the keys of the role's own tags, because they would override these.
 *
 * @resource AWS::IAM::Role
 *
 * @example
 * import type { aws_dynamodb as dynamodb, aws_lambda as lambda, aws_logs as logs, Stack } from 'aws-cdk-lib';
 * import { MicrovmExecutionRole } from 'cdk-lambda-microvms';
 *
 * declare const stack: Stack;
 * declare const image: lambda.CfnMicrovmImage;
 * declare const logGroup: logs.LogGroup;
 * declare const table: dynamodb.Table;
 *
 * const role = new MicrovmExecutionRole(stack, 'ExecutionRole', { image });
 * role.addLogGroup(logGroup);
 * table.grantReadData(role);
 */
@propertyInjectable
export class MicrovmExecutionRole extends iam.Role {
  /**
   * Identifies the class for property injectors.
   */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-lambda-microvms.MicrovmExecutionRole';

  /**
   * Returns whether a value is a `MicrovmExecutionRole`, also if another copy of this library created it.
   */
  public static isMicrovmExecutionRole(x: any): x is MicrovmExecutionRole {
    return TYPE.isOn(x);
  }

  private readonly statements: iam.PolicyStatement[];
  private launcher?: IConstruct;

  public constructor(scope: Construct, id: string, props: MicrovmExecutionRoleProps) {
    checkProps(pathOf(scope, id), props, TYPES);
    checkText({
      property: 'roleName',
      code: 'MicrovmExecutionRoleNameInvalid',
      minLength: 1,
      maxLength: ROLE_NAME_LENGTH,
      pattern: /^[\w+=,.@-]+$/,
      allowed: 'letters, digits and + = , . @ _ -',
    }, props.roleName, scope);
    requireSameAccount(scope, 'MicrovmLauncherCrossEnvironment', 'image', environmentOf(props.image, props.image.microvmImageRef.imageArn), 'images');
    const image = identityOf(props.image);
    const trust = { imageArn: image.arn, sourceArnCondition: props.sourceArnCondition ?? true };
    const statements: iam.PolicyStatement[] = [];
    super(scope, id, {
      assumedBy: microvmService(scope, trust),
      roleName: props.roleName ?? generatedRoleName(scope, id),
      description: props.description ?? 'Runs the MicroVMs of a launcher',
    });
    TYPE.mark(this);
    this.statements = statements;
    (this.node.defaultChild as iam.CfnRole).policies = servicePolicies('microvm', statements, props.denyFromFunctions ?? true);
    const tagging = (props.sessionTagging ?? SessionTagging.anyTags())._conditions();
    // A session tag overrides a tag of the role, and IAM ignores the case of keys.
    const ownTags = { 'ForAllValues:StringNotEqualsIgnoreCase': { 'aws:TagKeys': [IMAGE_TAG, LAUNCHER_TAG] } };
    finishTrustPolicy(this, trust, tagging && { ...tagging, ...ownTags });
    Tags.of(this).add(IMAGE_TAG, image.name);
    Tags.of(this).add(LAUNCHER_TAG, tagValue(props.launcherName ?? `${scope.node.path}/${id}`));
  }

  /**
   * Grants MicroVMs permission to write their logs to this log group, which must exist when they run.
   */
  public addLogGroup(logGroup: logs.ILogGroupRef): void {
    this.statements.push(executionLogStatement(this, logGroup));
  }

  /**
   * Records the launcher that uses the role. Returns another launcher that already uses it, if there is one.
   *
   * @internal
   */
  public _belongsTo(launcher: IConstruct): IConstruct | undefined {
    const other = this.launcher;
    this.launcher ??= launcher;
    return other === launcher ? undefined : other;
  }
}

/** Returns the statement that every execution role needs. */
export function executionLogStatement(scope: IConstruct, logGroup: logs.ILogGroupRef): iam.PolicyStatement {
  return allow(PERMISSIONS.execution.logs, [logGroupArns(scope, logGroup).streams]);
}

/**
 * Returns ARN and name of an image. For a `MicrovmImage` they do not contain attributes, so that the role need not wait
 * for the image: IAM has propagated the role by the time the image is launched.
 */
function identityOf(image: lambda.IMicrovmImageRef): { arn: string; name: string } {
  if (MicrovmImage.isMicrovmImage(image)) return { arn: arnOfImage(image, image._imageName), name: image._imageName };
  const arn = image.microvmImageRef.imageArn;
  return { arn, name: Token.isUnresolved(arn) ? Fn.select(6, Fn.split(':', arn)) : arn.split(':')[6] };
}

/** The name contains the Region, because names of roles are unique across Regions. */
function generatedRoleName(scope: Construct, id: string): string {
  const hash = shortHash(scope, id);
  const maxLength = ROLE_NAME_LENGTH - REGION_LENGTH - hash.length - 2;
  const prefix = Names.uniqueResourceName(scope, { maxLength, separator: '-', allowedSpecialCharacters: '_-' });
  return `${prefix}-${hash}-${Stack.of(scope).region}`;
}

/** Replaces characters that tags cannot have, and shortens the text to the limit of tags. */
function tagValue(name: string): string {
  return name.replace(/[^\p{L}\p{N}_.:/=+\-@ ]/gu, '_').slice(-256);
}
