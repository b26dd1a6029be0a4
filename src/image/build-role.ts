import { Token } from 'aws-cdk-lib';
import type * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { Construct } from 'constructs';
import { buildCodeStatements, buildLogStatements } from './build-statements';
import { arnOfImage } from '../private/arns';
import { checkText } from '../private/errors';
import { allow, PERMISSIONS, servicePolicies } from '../private/permissions';
import { checkProps, having, listOf, pathOf, TEXT } from '../private/property-types';
import type { PropertyTypes } from '../private/property-types';
import { finishTrustPolicy, microvmService } from '../private/service-trust';
import { TypeMarker } from '../private/type-marker';
import { matchesWildcards } from '../private/wildcards';
import type { MicrovmImageRoleProps } from '../shared/service-role';
import { IMAGE_ROLE_TYPES } from '../shared/service-role';
import { SessionTagging } from '../shared/session-tagging';

/**
 * Properties of a build role.
 */
export interface MicrovmBuildRoleProps extends MicrovmImageRoleProps {
  /**
   * The name of the image that may use the role, in the account and Region of the stack: 1 to 64 letters, digits,
   * hyphens and underscores. `*` and `?` are wildcards: the role is then for all images whose names match. Changing it
   * updates the trust policy and replaces nothing.
   *
   * Pass a literal name. An attribute of the image would be a circular dependency, because CloudFormation creates the
   * role before the image.
   */
  readonly microvmImageName: string;

  /**
   * Private ECR repositories that the `FROM` line of the Dockerfile may name, in the same account. Changing them
   * replaces nothing.
   *
   * @default - no private repositories; public registries need no permission
   */
  readonly repositories?: ecr.IRepositoryRef[];
}

const TYPES: PropertyTypes<MicrovmBuildRoleProps> = {
  ...IMAGE_ROLE_TYPES, microvmImageName: TEXT.required(), repositories: listOf('ECR repositories', having('an ECR repository', 'repositoryRef')),
};
const TYPE = new TypeMarker('MicrovmBuildRole');

/**
 * Role that the builds of an image run as. It permits builds to read the code, write the build log and pull private
 * images from ECR.
 *
 * `MicrovmImage` creates one by default. Create one yourself for an L1 image. `addCode`, `addLogGroup` and
 * `addRepository` add statements to the inline policy of the role, so the policy exists as soon as the role does.
 *
 * The hooks of a build (ready and validate) run with the credentials of this role. So do the instructions of the
 * Dockerfile that call AWS.
 *
 * @resource AWS::IAM::Role
 *
 * @example
 * import type { aws_ecr as ecr, aws_s3 as s3, Stack } from 'aws-cdk-lib';
 * import { MicrovmBuildRole } from 'cdk-lambda-microvms';
 *
 * declare const stack: Stack;
 * declare const bucket: s3.Bucket;
 * declare const baseImages: ecr.Repository;
 *
 * const role = new MicrovmBuildRole(stack, 'BuildRole', { microvmImageName: 'sandbox', repositories: [baseImages] });
 * role.addCode(bucket, 'sandbox.zip');
 * const buildRoleArn = role.roleArn; // for a CfnMicrovmImage
 */
@propertyInjectable
export class MicrovmBuildRole extends iam.Role {
  /**
   * Identifies the class for property injectors.
   */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-lambda-microvms.MicrovmBuildRole';

  /**
   * Returns whether a value is a `MicrovmBuildRole`, also if another copy of this library created it.
   */
  public static isMicrovmBuildRole(x: any): x is MicrovmBuildRole {
    return TYPE.isOn(x);
  }

  /**
   * The name of the image that may use the role, or a pattern of names.
   */
  public readonly microvmImageName: string;

  private readonly statements: iam.PolicyStatement[];
  private mayLogInToRegistry = false;

  public constructor(scope: Construct, id: string, props: MicrovmBuildRoleProps) {
    checkProps(pathOf(scope, id), props, TYPES);
    checkText({
      property: 'microvmImageName',
      code: 'MicrovmBuildRoleImageNameInvalid',
      minLength: 1,
      maxLength: 64,
      pattern: /^[a-zA-Z0-9_*?-]+$/,
      allowed: 'letters, digits, hyphens, underscores, and the wildcards * and ?',
    }, props.microvmImageName, scope);
    const trust = { imageArn: arnOfImage(scope, props.microvmImageName), sourceArnCondition: props.sourceArnCondition ?? true };
    const tagging = (props.sessionTagging ?? SessionTagging.anyTags())._conditions();
    const statements: iam.PolicyStatement[] = [];

    super(scope, id, {
      assumedBy: microvmService(scope, trust, tagging),
      roleName: props.roleName,
      description: props.description ?? 'For the builds of a MicroVM image',
    });

    TYPE.mark(this);
    this.microvmImageName = props.microvmImageName;
    this.statements = statements;
    (this.node.defaultChild as iam.CfnRole).policies = servicePolicies('build', statements, props.denyFromFunctions ?? true);
    finishTrustPolicy(this, trust, tagging);
    props.repositories?.forEach(repository => this.addRepository(repository));
  }

  /**
   * Grants builds permission to read this object, and to decrypt it if the app knows the KMS key of the bucket.
   */
  public addCode(bucket: s3.IBucketRef, objectKey: string): void {
    this.statements.push(...buildCodeStatements(bucket, objectKey));
  }

  /**
   * Grants builds permission to write their logs to this log group, which must exist before a build starts.
   */
  public addLogGroup(logGroup: logs.ILogGroupRef): void {
    this.statements.push(...buildLogStatements(this, logGroup));
  }

  /**
   * Grants builds permission to pull images from this private ECR repository.
   */
  public addRepository(repository: ecr.IRepositoryRef): void {
    if (!this.mayLogInToRegistry) this.statements.push(allow(PERMISSIONS.build.registry, ['*']));
    this.mayLogInToRegistry = true;
    this.statements.push(allow(PERMISSIONS.build.repository, [repository.repositoryRef.repositoryArn]));
  }

  /**
   * Whether the role is for the image of this name. True if a name is an unresolved token.
   *
   * @internal
   */
  public _isFor(imageName: string): boolean {
    if (Token.isUnresolved(this.microvmImageName) || Token.isUnresolved(imageName)) return true;
    return matchesWildcards(this.microvmImageName, imageName);
  }
}
