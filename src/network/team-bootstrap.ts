import { DefaultStackSynthesizer } from 'aws-cdk-lib';
import { permissionSetArns } from './permission-sets';
import type { Permission } from '../private/permissions';
import { PERMISSIONS, requireReasonForStar } from '../private/permissions';

/** What the team's bootstrap depends on. */
export interface TeamBootstrap {
  readonly qualifier: string;
  /** Starts and ends with a slash. */
  readonly networkTeamPath: string;
  readonly permissionSets: string[];
}

/** The ARNs of the roles of a bootstrap of the CDK, with placeholders. */
const ROLES = {
  deploy: DefaultStackSynthesizer.DEFAULT_DEPLOY_ROLE_ARN,
  filePublishing: DefaultStackSynthesizer.DEFAULT_FILE_ASSET_PUBLISHING_ROLE_ARN,
  imagePublishing: DefaultStackSynthesizer.DEFAULT_IMAGE_ASSET_PUBLISHING_ROLE_ARN,
  lookup: DefaultStackSynthesizer.DEFAULT_LOOKUP_ROLE_ARN,
  execution: DefaultStackSynthesizer.DEFAULT_CLOUDFORMATION_ROLE_ARN,
};

/**
 * The version of the CDK's own bootstrap whose features this one has. The CLI and the templates of apps require a
 * minimum, and the CLI never replaces a version with an older one.
 */
const VERSION = '33';

/** The CLI never replaces a bootstrap of another variant, so nobody overwrites the shared bootstrap by mistake. */
const VARIANT = 'cdk-lambda-microvms: network team';

const NO_VALUE = { Ref: 'AWS::NoValue' };

/** CloudFormation replaces the placeholders when it deploys the template. */
const sub = (text: string) => ({ 'Fn::Sub': text });

/** Returns the ARN of a role with the path of the team, with placeholders for partition, account and Region. */
export function teamRoleArn({ qualifier, networkTeamPath }: TeamBootstrap, name: keyof typeof ROLES): string {
  return qualified(ROLES[name], qualifier).replace(':role/', `:role${networkTeamPath}`);
}

/** Returns the name of the file of the template, in the cloud assembly of the app. */
export function teamBootstrapFile({ qualifier }: TeamBootstrap): string {
  return `bootstrap-${qualifier}.json`;
}

/**
 * Returns the template of the team's bootstrap, for `cdk bootstrap --template`.
 *
 * Only the team can use it: its roles trust principals of the team alone, and the bucket policy denies writing to
 * everybody else. The names are those that the CLI expects.
 */
export function teamBootstrapTemplate(bootstrap: TeamBootstrap): object {
  const resources = {
    StagingBucket: bucket(bootstrap),
    ContainerAssetsRepository: repository(bootstrap),
    FilePublishingRole: filePublishingRole(bootstrap),
    ImagePublishingRole: imagePublishingRole(bootstrap),
    LookupRole: lookupRole(bootstrap),
    ExecutionRole: executionRole(bootstrap),
    DeployRole: deployRole(bootstrap),
    PipelineArtifactsPolicy: pipelineArtifactsPolicy(),
    CdkBootstrapVersion: {
      Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Name: qualified('/cdk-bootstrap/${Qualifier}/version', bootstrap.qualifier), Value: VERSION },
    },
  };
  return {
    Description: `Bootstrap of the CDK for the app of a network team, whose roles have the path ${bootstrap.networkTeamPath}`,
    Parameters: parameters(bootstrap),
    Conditions: {
      HasTrustedAccounts: isGiven({ 'Fn::Join': ['', { Ref: 'TrustedAccounts' }] }),
      HasExecutionPolicies: isGiven({ 'Fn::Join': ['', { Ref: 'CloudFormationExecutionPolicies' }] }),
      HasPermissionsBoundary: isGiven({ Ref: 'InputPermissionsBoundary' }),
    },
    Resources: {
      ...resources,
      // Whoever creates the bucket may not belong to the team, and then cannot delete the policy again. CloudFormation
      // creates the policy last, so that a rollback need not delete it.
      StagingBucketPolicy: { ...bucketPolicy(bootstrap), DependsOn: Object.keys(resources).filter(id => id !== 'PipelineArtifactsPolicy') },
    },
    // The CLI reads these outputs.
    Outputs: {
      BucketName: { Value: { Ref: 'StagingBucket' } },
      BucketDomainName: { Value: { 'Fn::GetAtt': ['StagingBucket', 'RegionalDomainName'] } },
      ImageRepositoryName: { Value: { Ref: 'ContainerAssetsRepository' } },
      BootstrapVersion: { Value: VERSION },
    },
  };
}

/** The trust policy of the roles that the team assumes. */
export function teamTrust(bootstrap: TeamBootstrap): object {
  const accounts = { 'Fn::Join': [',', [{ Ref: 'AWS::AccountId' }, { 'Fn::Join': [',', { Ref: 'TrustedAccounts' }] }]] };
  return policy({
    Effect: 'Allow',
    Principal: { AWS: { 'Fn::If': ['HasTrustedAccounts', { 'Fn::Split': [',', accounts] }, { Ref: 'AWS::AccountId' }] } },
    Action: ['sts:AssumeRole', 'sts:TagSession'],
    // An external ID belongs to a service that acts for somebody else, and no such service deploys for the team.
    Condition: { ArnLike: { 'aws:PrincipalArn': teamArns(bootstrap) }, Null: { 'sts:ExternalId': 'true' } },
  });
}

/** The parameters that the CLI always sets, and those of its options that work with this bootstrap. */
function parameters({ qualifier }: TeamBootstrap): object {
  const fixed = (value: string, description: string) => ({ Type: 'String', Default: value, AllowedValues: [value], Description: description });
  const list = (description: string) => ({ Type: 'CommaDelimitedList', Default: '', Description: description });
  return {
    Qualifier: fixed(qualifier, 'The qualifier in the app of the team'),
    BootstrapVariant: fixed(VARIANT, 'Where this bootstrap comes from'),
    FileAssetsBucketKmsKeyId: fixed('AWS_MANAGED_KEY', 'The bucket is encrypted with a key of Amazon S3'),
    PublicAccessBlockConfiguration: fixed('true', 'Public access to the bucket is blocked'),
    TrustedAccounts: list('Accounts from which roles under the path of the team and its permission sets may deploy'),
    CloudFormationExecutionPolicies: list('ARNs of the managed policies of the execution role; empty for AdministratorAccess'),
    InputPermissionsBoundary: { Type: 'String', Default: '', Description: 'Name of the permissions boundary of all roles; empty for none' },
  };
}

/**
 * The bucket for templates and file assets. A key of Amazon S3 encrypts it. A KMS key would cost money, and would not
 * add protection: developers may read the objects, and the policy of the bucket decides who writes.
 */
function bucket({ qualifier }: TeamBootstrap): object {
  return {
    Type: 'AWS::S3::Bucket',
    // Deployed stacks refer to objects in the bucket.
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      BucketName: sub(bucketName(qualifier)),
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
      VersioningConfiguration: { Status: 'Enabled' },
      LifecycleConfiguration: {
        Rules: [
          { Id: 'DeleteOldVersions', Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 30 } },
          { Id: 'DeleteIncompleteUploads', Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
        ],
      },
    },
  };
}

function bucketPolicy(bootstrap: TeamBootstrap): object {
  const { onlyTls, onlyTeamWrites } = PERMISSIONS.teamBootstrap;
  const bucketArn = arnOfBucket(bootstrap);
  const everywhere = { Effect: 'Deny', Principal: '*', Resource: [sub(bucketArn), sub(`${bucketArn}/*`)] };
  return {
    Type: 'AWS::S3::BucketPolicy',
    Properties: {
      Bucket: { Ref: 'StagingBucket' },
      PolicyDocument: policy(
        { Sid: 'OnlyTls', ...everywhere, Action: onlyTls.actions, Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
        { Sid: 'OnlyTeamWrites', ...everywhere, NotAction: onlyTeamWrites.actions, Condition: { ArnNotLike: { 'aws:PrincipalArn': teamArns(bootstrap) } } },
      ),
    },
  };
}

/** The repository for image assets. Its policy lists actions: no source says that it may have `NotAction`. */
function repository(bootstrap: TeamBootstrap): object {
  const { functionImages, onlyTeamPushes } = PERMISSIONS.teamBootstrap;
  const expiry = {
    rulePriority: 1,
    description: 'Delete images without a tag',
    selection: { tagStatus: 'untagged', countType: 'sinceImagePushed', countUnit: 'days', countNumber: 30 },
    action: { type: 'expire' },
  };
  return {
    Type: 'AWS::ECR::Repository',
    Properties: {
      RepositoryName: sub(repositoryName(bootstrap.qualifier)),
      ImageTagMutability: 'IMMUTABLE',
      LifecyclePolicy: { LifecyclePolicyText: JSON.stringify({ rules: [expiry] }) },
      RepositoryPolicyText: policy(
        {
          Sid: 'FunctionImages',
          Effect: 'Allow',
          Principal: { Service: 'lambda.amazonaws.com' },
          Action: functionImages.actions,
          Condition: { ArnLike: { 'aws:SourceArn': sub('arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:*') } },
        },
        {
          Sid: 'OnlyTeamPushes',
          Effect: 'Deny',
          Principal: '*',
          Action: onlyTeamPushes.actions,
          Condition: { ArnNotLike: { 'aws:PrincipalArn': teamArns(bootstrap) } },
        },
      ),
    },
  };
}

function filePublishingRole(bootstrap: TeamBootstrap): object {
  const { fileBucket, files } = PERMISSIONS.teamBootstrap;
  const bucketArn = arnOfBucket(bootstrap);
  // The name of a deleted bucket is free, and another account can take it.
  const ownBucket = { StringEquals: { 'aws:ResourceAccount': { Ref: 'AWS::AccountId' } } };
  return roleOfTheTeam(bootstrap, 'filePublishing', {
    Policies: [inline(allow(fileBucket, [bucketArn], ownBucket), allow(files, [`${bucketArn}/*`], ownBucket))],
  });
}

function imagePublishingRole(bootstrap: TeamBootstrap): object {
  const { imageLogin, images } = PERMISSIONS.teamBootstrap;
  const repositoryArn = `arn:\${AWS::Partition}:ecr:\${AWS::Region}:\${AWS::AccountId}:repository/${repositoryName(bootstrap.qualifier)}`;
  return roleOfTheTeam(bootstrap, 'imagePublishing', { Policies: [inline(allow(imageLogin, ['*']), allow(images, [repositoryArn]))] });
}

function lookupRole(bootstrap: TeamBootstrap): object {
  const { noSecrets } = PERMISSIONS.teamBootstrap;
  return roleOfTheTeam(bootstrap, 'lookup', {
    ManagedPolicyArns: [managedPolicy('ReadOnlyAccess')],
    Policies: [inline({ Effect: 'Deny', Action: noSecrets.actions, Resource: '*' })],
  });
}

function deployRole(bootstrap: TeamBootstrap): object {
  const { stacks, readStacks, passExecutionRole, templates, version } = PERMISSIONS.teamBootstrap;
  return roleOfTheTeam(bootstrap, 'deploy', {
    Policies: [inline(
      allow(stacks, ['arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}:stack/*']),
      allow(readStacks, ['*']),
      allow(passExecutionRole, [teamRoleArn(bootstrap, 'execution')]),
      allow(templates, [`${arnOfBucket(bootstrap)}/*`]),
      allow(version, [`arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter/cdk-bootstrap/${bootstrap.qualifier}/version`]),
    )],
  });
}

/** Additional permissions of the deploy role, for pipelines of other accounts. */
function pipelineArtifactsPolicy(): object {
  const { pipelineArtifacts, pipelineKeys } = PERMISSIONS.teamBootstrap;
  const ofTrustedAccounts = { 'aws:ResourceAccount': { Ref: 'TrustedAccounts' } };
  return {
    Type: 'AWS::IAM::Policy',
    Condition: 'HasTrustedAccounts',
    Properties: {
      ...inline(
        allow(pipelineArtifacts, ['*'], { StringEquals: ofTrustedAccounts }),
        allow(pipelineKeys, ['*'], { StringEquals: ofTrustedAccounts, StringLike: { 'kms:ViaService': 's3.*' } }),
      ),
      PolicyName: 'pipeline-artifacts',
      Roles: [{ Ref: 'DeployRole' }],
    },
  };
}

/** The role with which CloudFormation changes the resources of the team's stacks. */
function executionRole(bootstrap: TeamBootstrap): object {
  return role(bootstrap, 'execution', {
    AssumeRolePolicyDocument: policy({ Effect: 'Allow', Principal: { Service: 'cloudformation.amazonaws.com' }, Action: 'sts:AssumeRole' }),
    ManagedPolicyArns: { 'Fn::If': ['HasExecutionPolicies', { Ref: 'CloudFormationExecutionPolicies' }, [managedPolicy('AdministratorAccess')]] },
  });
}

function roleOfTheTeam(bootstrap: TeamBootstrap, name: keyof typeof ROLES, properties: object): object {
  return role(bootstrap, name, { AssumeRolePolicyDocument: teamTrust(bootstrap), ...properties });
}

function role(bootstrap: TeamBootstrap, name: keyof typeof ROLES, properties: object): object {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: sub(qualified(ROLES[name], bootstrap.qualifier).replace(/^.*:role\//, '')),
      Path: bootstrap.networkTeamPath,
      PermissionsBoundary: {
        'Fn::If': ['HasPermissionsBoundary', sub('arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/${InputPermissionsBoundary}'), NO_VALUE],
      },
      ...properties,
    },
  };
}

/** Roles under the path, and the roles of the permission sets. Other accounts have roles with the same path. */
function teamArns({ networkTeamPath, permissionSets }: TeamBootstrap): object[] {
  const partition = '${AWS::Partition}';
  return [`arn:${partition}:iam::*:role${networkTeamPath}*`, ...permissionSetArns(partition, permissionSets)].map(sub);
}

function bucketName(qualifier: string): string {
  return qualified(DefaultStackSynthesizer.DEFAULT_FILE_ASSETS_BUCKET_NAME, qualifier);
}

function arnOfBucket({ qualifier }: TeamBootstrap): string {
  return `arn:\${AWS::Partition}:s3:::${bucketName(qualifier)}`;
}

function repositoryName(qualifier: string): string {
  return qualified(DefaultStackSynthesizer.DEFAULT_IMAGE_ASSETS_REPOSITORY_NAME, qualifier);
}

function qualified(text: string, qualifier: string): string {
  return text.replace('${Qualifier}', qualifier);
}

function managedPolicy(name: string): object {
  return sub(`arn:\${AWS::Partition}:iam::aws:policy/${name}`);
}

function isGiven(value: object): object {
  return { 'Fn::Not': [{ 'Fn::Equals': ['', value] }] };
}

function policy(...statements: object[]): object {
  return { Version: '2012-10-17', Statement: statements };
}

function inline(...statements: object[]): object {
  return { PolicyName: 'default', PolicyDocument: policy(...statements) };
}

function allow(permission: Permission, resources: string[], conditions?: object): object {
  requireReasonForStar(permission, resources);
  const resource = resources.map(text => text === '*' ? text : sub(text));
  return { Effect: 'Allow', Action: permission.actions, Resource: resource, ...conditions && { Condition: conditions } };
}
