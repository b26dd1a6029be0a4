import { Fn, Names, Stack, Tags, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct, IConstruct } from 'constructs';
import { MicrovmImage } from '../image/microvm-image';
import { arnOfImage, logGroupArns } from '../private/arns';
import { checkText } from '../private/errors';
import { shortHash } from '../private/names';
import { allow, PERMISSIONS, servicePolicies } from '../private/permissions';
import { allowSessionTags, microvmService } from '../private/service-trust';
import { SessionTagging } from '../shared/session-tagging';

/**
 * Properties of an execution role.
 */
export interface MicrovmExecutionRoleProps {
  /**
   * The image whose MicroVMs may run as this role: a `MicrovmImage`, an L1 or an import. A change alters the trust policy and replaces nothing.
   */
  readonly image: lambda.IMicrovmImageRef;

  /**
   * The name of the role, unique in the account, all Regions together. A change replaces the role, and with it the `sub` of its web identity.
   *
   * @default - a name made of the names of stack and construct, and the Region, which stays the same
   */
  readonly roleName?: string;

  /**
   * A description of the role. A change replaces nothing.
   *
   * @default - says that the role is for MicroVMs
   */
  readonly description?: string;

  /**
   * What the role's tag `cdk-lambda-microvms:launcher` says, which web-identity tokens show among their `principal_tags`. A change replaces nothing.
   *
   * @default - the path of the construct
   */
  readonly launcherName?: string;

  /**
   * Whether and with which keys the service may tag its sessions of the role; never with the keys of this role's own tags. A change replaces nothing.
   *
   * @default SessionTagging.anyTags()
   */
  readonly sessionTagging?: SessionTagging;

  /**
   * Whether the role can be assumed for the image alone (`aws:SourceArn`), besides for the account alone, which it always is.
   *
   * AWS's own samples show that the service presents the ARN of the image. Turn this off if MicroVMs end because the service could not assume the
   * role; the role can then be given to MicroVMs of any image of the account by whoever may pass it.
   *
   * @default true
   */
  readonly sourceArnCondition?: boolean;

  /**
   * Whether everything is denied to the code of an ordinary Lambda function that the role was passed to.
   *
   * @default true
   */
  readonly denyFromFunctions?: boolean;
}

const IMAGE_TAG = 'cdk-lambda-microvms:image';
const LAUNCHER_TAG = 'cdk-lambda-microvms:launcher';

const ROLE_NAME_LENGTH = 64;
/** Names of Regions are not longer, and the Region may be known to CloudFormation only. */
const REGION_LENGTH = 16;

/**
 * The role that the MicroVMs of a launcher run as.
 *
 * `MicrovmLauncher` makes one; made by hand it serves whoever calls `RunMicrovm` without a launcher. It may write to its log group and nothing
 * else; grant it what the application needs. Its credentials can be read by every process in the MicroVM.
 *
 * One launcher, one role: IAM and web-identity tokens tell MicroVMs apart by their role alone. Its name stays the same, so that what others pinned
 * stays right.
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
export class MicrovmExecutionRole extends iam.Role {
  private readonly document: iam.PolicyDocument;
  private launcher?: IConstruct;

  public constructor(scope: Construct, id: string, props: MicrovmExecutionRoleProps) {
    checkText({
      property: 'roleName',
      code: 'MicrovmExecutionRoleNameInvalid',
      minLength: 1,
      maxLength: ROLE_NAME_LENGTH,
      pattern: /^[\w+=,.@-]+$/,
      allowed: 'letters, digits and + = , . @ _ -',
    }, props.roleName, scope);
    const image = identityOf(props.image);
    const trust = { imageArn: image.arn, sourceArnCondition: props.sourceArnCondition ?? true };
    const document = new iam.PolicyDocument();
    super(scope, id, {
      assumedBy: microvmService(scope, trust),
      roleName: props.roleName ?? generatedRoleName(scope, id),
      description: props.description ?? 'For the MicroVMs of a launcher',
    });
    this.document = document;
    (this.node.defaultChild as iam.CfnRole).policies = servicePolicies('microvm', document, props.denyFromFunctions ?? true);
    const tagging = (props.sessionTagging ?? SessionTagging.anyTags())._conditions();
    // A session tag overrides a tag of the role, whatever the case of its key.
    if (tagging) allowSessionTags(this, trust, { ...tagging, 'ForAllValues:StringNotEqualsIgnoreCase': { 'aws:TagKeys': [IMAGE_TAG, LAUNCHER_TAG] } });
    Tags.of(this).add(IMAGE_TAG, image.name);
    Tags.of(this).add(LAUNCHER_TAG, tagValue(props.launcherName ?? `${scope.node.path}/${id}`));
  }

  /**
   * Lets MicroVMs write their log to this group, which must be there when they do.
   */
  public addLogGroup(logGroup: logs.ILogGroupRef): void {
    this.document.addStatements(executionLogStatement(this, logGroup));
  }

  /**
   * Remembers whose it is; returns another launcher that has it already.
   *
   * @internal
   */
  public _belongsTo(launcher: IConstruct): IConstruct | undefined {
    const other = this.launcher;
    this.launcher ??= launcher;
    return other === launcher ? undefined : other;
  }
}

/** What any execution role needs. */
export function executionLogStatement(scope: IConstruct, logGroup: logs.ILogGroupRef): iam.PolicyStatement {
  return allow(PERMISSIONS.execution.logs, [logGroupArns(scope, logGroup).streams]);
}

/** Not by attributes where the name is known: the role then need not wait for the image, and is known everywhere when that is launched. */
function identityOf(image: lambda.IMicrovmImageRef): { arn: string; name: string } {
  if (MicrovmImage.isMicrovmImage(image)) return { arn: arnOfImage(image, image._imageName), name: image._imageName };
  const arn = image.microvmImageRef.imageArn;
  return { arn, name: Token.isUnresolved(arn) ? Fn.select(6, Fn.split(':', arn)) : arn.split(':')[6] };
}

/** With the Region: IAM is global. */
function generatedRoleName(scope: Construct, id: string): string {
  const hash = shortHash(scope, id);
  const maxLength = ROLE_NAME_LENGTH - REGION_LENGTH - hash.length - 2;
  const prefix = Names.uniqueResourceName(scope, { maxLength, separator: '-', allowedSpecialCharacters: '_-' });
  return `${prefix}-${hash}-${Stack.of(scope).region}`;
}

/** Characters and length that a tag may have. */
function tagValue(name: string): string {
  return name.replace(/[^\p{L}\p{N}_.:/=+\-@ ]/gu, '_').slice(-256);
}
