import { Token } from 'aws-cdk-lib';
import type * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { buildCodeStatements, buildLogStatement } from './build-statements';
import { arnOfImage } from '../private/arns';
import { checkText } from '../private/errors';
import { allow, PERMISSIONS, servicePolicies } from '../private/permissions';
import { allowSessionTags, microvmService } from '../private/service-trust';
import type { MicrovmImageRoleProps } from '../shared/service-role';
import { SessionTagging } from '../shared/session-tagging';

/**
 * Properties of a build role.
 */
export interface MicrovmBuildRoleProps extends MicrovmImageRoleProps {
  /**
   * The name of the image that the role is for, in the account and Region of the stack. With `*` or `?` in it the role is for
   * every image whose name fits.
   *
   * A name, never an attribute of the image, which needs the role first. A change alters the trust policy and replaces nothing.
   */
  readonly microvmImageName: string;

  /**
   * Private repositories that the Dockerfile's `FROM` may name, in the same account.
   *
   * @default - none; public registries need no permission
   */
  readonly repositories?: ecr.IRepositoryRef[];
}

/**
 * The role that the builds of an image run as: it reads the code, writes the build log and pulls private base images.
 *
 * `MicrovmImage` makes one and adds what it needs. Made by hand it serves an L1 image; the methods then add to its one inline
 * policy, which is there as soon as the role is.
 *
 * The hooks of a build (ready and validate) run with its permissions, and so does every instruction of the Dockerfile that asks
 * for credentials.
 *
 * @resource AWS::IAM::Role
 *
 * @example
 * import type { aws_ecr as ecr, aws_s3 as s3, Stack } from 'aws-cdk-lib';
 * import { MicrovmBuildRole, SessionTagging } from 'cdk-lambda-microvms';
 *
 * declare const stack: Stack;
 * declare const bucket: s3.Bucket;
 * declare const baseImages: ecr.Repository;
 *
 * const role = new MicrovmBuildRole(stack, 'BuildRole', {
 *   microvmImageName: 'sandbox',
 *   sessionTagging: SessionTagging.none(),
 *   repositories: [baseImages],
 * });
 * role.addCode(bucket, 'sandbox.zip');
 */
export class MicrovmBuildRole extends iam.Role {
  /**
   * The name, or pattern of names, of the images that the role is for.
   */
  public readonly microvmImageName: string;

  private readonly document: iam.PolicyDocument;
  private mayLogInToRegistry = false;

  public constructor(scope: Construct, id: string, props: MicrovmBuildRoleProps) {
    checkText({
      property: 'microvmImageName',
      code: 'MicrovmBuildRoleImageNameInvalid',
      minLength: 1,
      maxLength: 64,
      pattern: /^[a-zA-Z0-9_*?-]+$/,
      allowed: 'letters, digits, hyphens and underscores, with * and ? for any',
    }, props.microvmImageName, scope);
    const trust = { imageArn: arnOfImage(scope, props.microvmImageName), sourceArnCondition: props.sourceArnCondition ?? true };
    const document = new iam.PolicyDocument();

    super(scope, id, {
      assumedBy: microvmService(scope, trust),
      roleName: props.roleName,
      description: props.description ?? 'For the builds of a MicroVM image',
    });

    this.microvmImageName = props.microvmImageName;
    this.document = document;
    (this.node.defaultChild as iam.CfnRole).policies = servicePolicies('build', document, props.denyFromFunctions ?? true);
    const tagging = (props.sessionTagging ?? SessionTagging.anyTags())._conditions();
    if (tagging) allowSessionTags(this, trust, tagging);
    props.repositories?.forEach(repository => this.addRepository(repository));
  }

  /**
   * Lets builds read the code: this object and no other.
   *
   * If the bucket has a KMS key of its own that is known here, builds may decrypt with it.
   */
  public addCode(bucket: s3.IBucketRef, objectKey: string): void {
    this.document.addStatements(...buildCodeStatements(bucket, objectKey));
  }

  /**
   * Lets builds write their log to this group, which must be there when they do.
   */
  public addLogGroup(logGroup: logs.ILogGroupRef): void {
    this.document.addStatements(buildLogStatement(this, logGroup));
  }

  /**
   * Lets builds pull from this private repository.
   */
  public addRepository(repository: ecr.IRepositoryRef): void {
    if (!this.mayLogInToRegistry) this.document.addStatements(allow(PERMISSIONS.build.registry, ['*']));
    this.mayLogInToRegistry = true;
    this.document.addStatements(allow(PERMISSIONS.build.repository, [repository.repositoryRef.repositoryArn]));
  }

  /** @internal */
  public _isFor(imageName: string): boolean {
    if (Token.isUnresolved(this.microvmImageName) || Token.isUnresolved(imageName)) return true;
    return new RegExp(`^${this.microvmImageName.replace(/\*/g, '.*').replace(/\?/g, '.')}$`).test(imageName);
  }
}
