import * as path from 'path';
import { setTimeout as sleep } from 'timers/promises';
import {
  CloudFormationClient, CreateChangeSetCommand, CreateStackCommand, DeleteStackCommand, DescribeStackResourcesCommand, DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import {
  AttachRolePolicyCommand, CreatePolicyVersionCommand, CreateRoleCommand, DeletePolicyCommand, DetachRolePolicyCommand, IAMClient,
  PutRolePolicyCommand, SetDefaultPolicyVersionCommand, UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  AddPermissionCommand, CreateFunctionCommand, InvokeCommand, LambdaClient, UpdateFunctionCodeCommand, UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { CreateMicrovmImageCommand, LambdaMicrovmsClient, TagResourceCommand } from '@aws-sdk/client-lambda-microvms';
import {
  DeleteBucketPolicyCommand, DeleteObjectCommand, ListObjectsV2Command, PutBucketPolicyCommand, PutBucketVersioningCommand, PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { DeleteParameterCommand, DeleteParametersCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { Requests } from './requests';
import type { ClientProps } from './stacks';
import { rootOf, sendTo, Stacks } from './stacks';
import type { SessionCredentials } from '../../../tools/local-aws/assume-role';
import type { LocalAws } from '../../../tools/local-aws/local-aws';
import { startLocalAws } from '../../../tools/local-aws/local-aws';
import { memberOf } from '../../../tools/local-aws/network-team';
import { VirtualBuilder } from '../../../tools/simulator/builder';
import { RealClock } from '../../../tools/simulator/clock';

const APP = `npx tsx ${path.join(__dirname, 'hand-over-attacks.app.ts')}`;
const TEAM = { networkTeamPath: '/network-team/', qualifier: 'netteam' };
const NETWORK = 'Network';
const LONG = 'platform-network-connectors-production';
const ACCOUNT = '000000000000';
const REGION = 'us-east-1';
const BUCKET = `cdk-${TEAM.qualifier}-assets-${ACCOUNT}-${REGION}`;
const roleArn = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const teamRole = (kind: string) => roleArn(`network-team/cdk-${TEAM.qualifier}-${kind}-role-${ACCOUNT}-${REGION}`);
const SHARED_DEPLOY_ROLE = roleArn(`cdk-hnb659fds-deploy-role-${ACCOUNT}-${REGION}`);
const CONNECTORS = '/2026-04-04/network-connectors';
const ADMINISTRATOR = 'arn:aws:iam::aws:policy/AdministratorAccess';

const DENIED = /explicit deny in a service control policy/;

let aws: LocalAws;
let root: ClientProps;
let member: SessionCredentials;
let developer: ClientProps & { readonly credentials: SessionCredentials };
let requests: Requests;
/** Physical IDs of the team's resources by type, in all stacks. */
let resources: Record<string, string[]>;
let nestedStack: string;
let outputs: Record<string, string>;

beforeAll(async () => {
  aws = await startLocalAws({
    builder: new VirtualBuilder({ clock: new RealClock(100) }),
    times: { buildPending: 500, imageSettling: 300, connectorCreation: 500, connectorUpdate: 500, connectorDeletion: 500, imageDeletion: 500 },
  });
  root = rootOf(aws);
  await aws.bootstrap();
  // An administrator does this before the policy is in force.
  succeeded(await aws.cdk.bootstrapTeam({ app: APP, context: { part: 'team' } }, TEAM.qualifier));
  member = await memberOf(aws, TEAM);
  await createAdministrator('developer');
  await createAdministrator('limited');
  succeeded(await deployAsTeam());
  outputs = await new Stacks(root).outputs(NETWORK);
  await readResources();
  await new IAMClient(root).send(new AttachRolePolicyCommand({ RoleName: 'limited', PolicyArn: outputs.DenyPolicy }));
  await aws.setServiceControlPolicy(JSON.parse(outputs.ServiceControlPolicy));
  developer = { ...root, credentials: await aws.credentialsOf(roleArn('developer')) };
  requests = new Requests({ url: aws.url, region: aws.region, credentials: developer.credentials });
});

afterAll(async () => aws.stop());

async function createAdministrator(RoleName: string): Promise<void> {
  const trust = document({ Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'sts:AssumeRole' });
  const iam = new IAMClient(root);
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
  await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: ADMINISTRATOR }));
}

async function deployAsTeam(context: Record<string, string> = {}) {
  return aws.cdk.deploy({ app: APP, stacks: [NETWORK, LONG], context: { part: 'team', ...context }, credentials: member });
}

function succeeded({ exitCode, output }: { readonly exitCode: number; readonly output: string }): void {
  if (exitCode !== 0) throw new Error(output);
  // The CLI would use the credentials of its caller if it could not assume a role of the bootstrap.
  expect(output).not.toMatch(/proceeding anyway/i);
}

async function readResources(): Promise<void> {
  const cloudFormation = new CloudFormationClient(root);
  resources = {};
  const read = async (StackName: string) => {
    const { StackResources = [] } = await cloudFormation.send(new DescribeStackResourcesCommand({ StackName }));
    for (const { ResourceType, PhysicalResourceId } of StackResources) (resources[ResourceType!] ??= []).push(PhysicalResourceId!);
  };
  await read(NETWORK);
  await read(LONG);
  [nestedStack] = resources['AWS::CloudFormation::Stack'];
  await read(nestedStack);
}

const TEMPLATE = { Resources: { Nothing: { Type: 'AWS::CloudFormation::WaitConditionHandle' } } };
const document = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });
const everything = document({ Effect: 'Allow', Action: '*', Resource: '*' });
const expectDenied = async (call: Promise<unknown>) => expect(call).rejects.toThrow(DENIED);

/** Why CloudFormation did not create a resource for the developer, with the developer's permissions. */
async function reasonFor(Type: string, Properties: object): Promise<string> {
  const name = `Attack${attacks++}`;
  const stacks = new Stacks(developer);
  expect(await stacks.create(name, { Resources: { Attack: { Type, Properties } } })).toBe('ROLLBACK_COMPLETE');
  return (await stacks.failures(name)).join();
}
let attacks = 0;

test('a planted asset: nobody but the team writes to the bucket with the code of its functions', async () => {
  const s3 = new S3Client({ ...developer, forcePathStyle: true });
  const { Contents = [] } = await new S3Client({ ...root, forcePathStyle: true }).send(new ListObjectsV2Command({ Bucket: BUCKET }));
  expect(Contents.length).toBeGreaterThan(2);
  const Key = Contents[0].Key!;
  await expectDenied(s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'planted' })));
  await expectDenied(s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'f'.repeat(64) + '.zip', Body: 'planted' })));
  await expectDenied(s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key })));
  await expectDenied(s3.send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy: everything })));
  await expectDenied(s3.send(new DeleteBucketPolicyCommand({ Bucket: BUCKET })));
  await expectDenied(s3.send(new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status: 'Suspended' } })));
  expect(await reasonFor('AWS::S3::BucketPolicy', { Bucket: BUCKET, PolicyDocument: JSON.parse(everything) })).toMatch(DENIED);
});

test('a planted asset: the policy of the bucket is enough without the service control policy', async () => {
  await aws.setServiceControlPolicy(undefined);
  const planted = new S3Client({ ...developer, forcePathStyle: true }).send(new PutObjectCommand({ Bucket: BUCKET, Key: 'a', Body: 'planted' }));
  await expect(planted).rejects.toThrow(/explicit deny in a resource-based policy/);
  await aws.setServiceControlPolicy(JSON.parse(outputs.ServiceControlPolicy));
});

test('the deploy role: nobody else assumes, passes or changes the roles of the team', async () => {
  const sts = new STSClient(developer);
  const kinds = ['deploy', 'cfn-exec', 'file-publishing', 'image-publishing', 'lookup'];
  for (const RoleArn of [...kinds.map(teamRole), roleArn('network-team/member')]) {
    await expectDenied(sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'attack' })));
  }
  const cloudFormation = new CloudFormationClient(developer);
  const RoleARN = teamRole('cfn-exec');
  await expectDenied(cloudFormation.send(new CreateStackCommand({ StackName: 'Mine', TemplateBody: JSON.stringify(TEMPLATE), RoleARN })));
  const code = { Runtime: 'nodejs22.x' as const, Handler: 'index.handler', Code: { ZipFile: Buffer.from('') } };
  await expectDenied(new LambdaClient(developer).send(new CreateFunctionCommand({ FunctionName: 'mine', Role: RoleARN, ...code })));
  await expectDenied(requests.stepFunctions('CreateStateMachine', { name: 'mine', definition: '{}', roleArn: RoleARN }));
  expect(await reasonFor('AWS::Lambda::Function', { ...code, Code: { ZipFile: 'x' }, Role: RoleARN })).toMatch(DENIED);
  const iam = new IAMClient(developer);
  const RoleName = RoleARN.split('/').pop()!;
  await expectDenied(iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: everything })));
  await expectDenied(iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument: everything })));
  await expectDenied(iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: ADMINISTRATOR })));
  await expectDenied(iam.send(new CreateRoleCommand({ RoleName: 'attacker', Path: '/network-team/', AssumeRolePolicyDocument: everything })));
  const properties = {
    Path: '/network-team/',
    AssumeRolePolicyDocument: JSON.parse(document({
      Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'sts:AssumeRole',
    })),
  };
  expect(await reasonFor('AWS::IAM::Role', properties)).toMatch(DENIED);
});

test('the deploy role: the shared one of the bootstrap does not change the stacks of the team', async () => {
  const { Credentials } = await new STSClient(developer).send(new AssumeRoleCommand({ RoleArn: SHARED_DEPLOY_ROLE, RoleSessionName: 'attack' }));
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
  const credentials = { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken };
  const shared = new CloudFormationClient({ ...root, credentials });
  await stackAttacks(shared, [NETWORK, LONG, nestedStack]);
});

test('stacks: those with long names and nested stacks are the team\'s, too', async () => {
  await stackAttacks(new CloudFormationClient(developer), [NETWORK, LONG, nestedStack]);
});

test('stacks: the bootstrap of the team is the team\'s', async () => {
  const StackName = `CDKToolkit-${TEAM.qualifier}`;
  await stackAttacks(new CloudFormationClient(developer), [StackName]);
  const Name = `/cdk-bootstrap/${TEAM.qualifier}/version`;
  await expectDenied(new SSMClient(developer).send(new PutParameterCommand({ Name, Value: '1', Overwrite: true })));
});

async function stackAttacks(cloudFormation: CloudFormationClient, stacks: string[]): Promise<void> {
  const TemplateBody = JSON.stringify(TEMPLATE);
  for (const StackName of stacks) {
    // The first one would change nothing, so that other tests still say something.
    await expectDenied(cloudFormation.send(new CreateChangeSetCommand({ StackName, ChangeSetName: 'attack', TemplateBody })));
    await expectDenied(cloudFormation.send(new UpdateStackCommand({ StackName, TemplateBody })));
    await expectDenied(cloudFormation.send(new DeleteStackCommand({ StackName })));
  }
}

test('functions: nobody else changes their code, invokes them or permits somebody to invoke them', async () => {
  const lambda = new LambdaClient(developer);
  const functions = resources['AWS::Lambda::Function'];
  // A handler and three functions of the provider framework for each of two stacks, and the one of the nested stack.
  expect(functions).toHaveLength(9);
  for (const FunctionName of functions) {
    await expectDenied(lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: Buffer.from('') })));
    await expectDenied(lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Layers: [] })));
    await expectDenied(lambda.send(new InvokeCommand({ FunctionName, Payload: Buffer.from('{}') })));
    await expectDenied(lambda.send(new AddPermissionCommand({ FunctionName, StatementId: 's', Action: 'lambda:InvokeFunction', Principal: ACCOUNT })));
    const ServiceToken = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${FunctionName}`;
    expect(await reasonFor('Custom::NetworkConnector', { ServiceToken })).toMatch(DENIED);
  }
});

test('rules and routes: nobody else changes the network of the connectors', async () => {
  const ids = (type: string) => resources[`AWS::EC2::${type}`];
  const all = '0.0.0.0/0';
  const rule = { 'IpPermissions.1.IpProtocol': '-1', 'IpPermissions.1.IpRanges.1.CidrIp': all };
  const [vpc] = ids('VPC');
  const [gateway] = ids('InternetGateway');
  const changes: [string, Record<string, string>][] = [
    ...ids('SecurityGroup').flatMap((GroupId): [string, Record<string, string>][] => [
      ['AuthorizeSecurityGroupEgress', { GroupId, ...rule }],
      ['RevokeSecurityGroupEgress', { GroupId, ...rule }],
      ['AuthorizeSecurityGroupIngress', { GroupId, ...rule }],
      ['ModifySecurityGroupRules', { GroupId, 'SecurityGroupRule.1.SecurityGroupRuleId': 'sgr-1' }],
    ]),
    ...ids('RouteTable').flatMap((RouteTableId): [string, Record<string, string>][] => [
      ['CreateRoute', { RouteTableId, DestinationCidrBlock: all, GatewayId: gateway }],
      ['ReplaceRoute', { RouteTableId, DestinationCidrBlock: all, GatewayId: gateway }],
      ['DeleteRoute', { RouteTableId, DestinationCidrBlock: all }],
    ]),
    ...ids('SubnetRouteTableAssociation').map((AssociationId): [string, Record<string, string>] =>
      ['ReplaceRouteTableAssociation', { AssociationId, RouteTableId: 'rtb-00000000' }]),
    ...ids('Subnet').flatMap((SubnetId): [string, Record<string, string>][] => [
      ['DeleteSubnet', { SubnetId }],
      ['ModifySubnetAttribute', { SubnetId, 'MapPublicIpOnLaunch.Value': 'true' }],
      ['CreateNatGateway', { SubnetId, AllocationId: 'eipalloc-00000000' }],
    ]),
    ['DetachInternetGateway', { InternetGatewayId: gateway, VpcId: vpc }],
    ['AttachInternetGateway', { InternetGatewayId: 'igw-00000000', VpcId: vpc }],
    ['CreateVpcPeeringConnection', { VpcId: vpc, PeerVpcId: 'vpc-00000000' }],
    ['CreateVpcEndpoint', { 'VpcId': vpc, 'ServiceName': 'com.amazonaws.us-east-1.s3', 'RouteTableId.1': ids('RouteTable')[0] }],
    ['CreateSubnet', { VpcId: vpc, CidrBlock: '10.0.200.0/24' }],
    ['ModifyVpcAttribute', { 'VpcId': vpc, 'EnableDnsSupport.Value': 'false' }],
  ];
  for (const [operation, parameters] of changes) await expectDenied(requests.ec2(operation, parameters));
  const route = { RouteTableId: ids('RouteTable')[0], DestinationCidrBlock: '192.0.2.0/24', GatewayId: gateway };
  expect(await reasonFor('AWS::EC2::Route', route)).toMatch(DENIED);
});

test('connectors: a developer uses the published one only, and creates, changes and tags none', async () => {
  const microvms = new LambdaMicrovmsClient(developer);
  const arns = Object.fromEntries(aws.simulator.connectors().map(({ name, arn }) => [name, arn]));
  const imageOf = (egress: string) => new CreateMicrovmImageCommand({
    name: 'attack',
    baseImageArn: `arn:aws:lambda:${REGION}:aws:microvm-image:al2023-1`,
    buildRoleArn: roleArn('developer'),
    codeArtifact: { uri: 's3://bucket/app.zip' },
    egressNetworkConnectors: [egress],
  });
  await expect(microvms.send(imageOf(arns.published))).resolves.toBeDefined();
  await expectDenied(microvms.send(imageOf(arns.long)));
  const configuration = { VpcEgressConfiguration: { SubnetIds: resources['AWS::EC2::Subnet'], SecurityGroupIds: resources['AWS::EC2::SecurityGroup'] } };
  const creation = { Name: 'attack', Configuration: configuration, OperatorRole: roleArn('developer'), ClientToken: 'attack' };
  await expectDenied(sendTo(microvms, 'POST', CONNECTORS, creation));
  const change = { Configuration: configuration, ClientToken: 'attack' };
  await expectDenied(sendTo(microvms, 'PUT', `${CONNECTORS}/published`, change));
  await expectDenied(sendTo(microvms, 'DELETE', `${CONNECTORS}/published`));
  await expectDenied(microvms.send(new TagResourceCommand({ Resource: arns.published, Tags: { attack: 'x' } })));
});

test('the catalog and the boundary belong to the team', async () => {
  const ssm = new SSMClient(developer);
  const Name = '/network-connectors/platform/published';
  const Value = `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:*`;
  await expectDenied(ssm.send(new PutParameterCommand({ Name, Value, Overwrite: true })));
  await expectDenied(ssm.send(new DeleteParameterCommand({ Name })));
  await expectDenied(ssm.send(new DeleteParametersCommand({ Names: ['/mine', Name] })));
  expect(await reasonFor('AWS::SSM::Parameter', { Name: '/network-connectors/platform/mine', Value, Type: 'String' })).toMatch(DENIED);
  const iam = new IAMClient(developer);
  for (const PolicyArn of [outputs.Boundary, outputs.DenyPolicy]) {
    await expectDenied(iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: everything, SetAsDefault: true })));
    await expectDenied(iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: 'v1' })));
    await expectDenied(iam.send(new DeletePolicyCommand({ PolicyArn })));
  }
});

test('the deny policy stays attached to whom it restricts', async () => {
  const iam = new IAMClient({ ...root, credentials: await aws.credentialsOf(roleArn('limited')) });
  const detach = new DetachRolePolicyCommand({ RoleName: 'limited', PolicyArn: outputs.DenyPolicy });
  await expect(iam.send(detach)).rejects.toThrow(/iam:DetachRolePolicy .*with an explicit deny in an identity-based policy/);
});

test('a forged response: nobody else reads the executions of a deployment of the team, which succeeds', async () => {
  // What the executions pass on, a developer's own rule and state machine would record.
  const trust = document({ Effect: 'Allow', Principal: { Service: ['states.amazonaws.com', 'events.amazonaws.com'] }, Action: 'sts:AssumeRole' });
  await new IAMClient(developer).send(new CreateRoleCommand({ RoleName: 'listener', AssumeRolePolicyDocument: trust }));
  const definition = JSON.stringify({ StartAt: 'Done', States: { Done: { Type: 'Succeed' } } });
  const listener = await requests.stepFunctions('CreateStateMachine', { name: 'listener', definition, roleArn: roleArn('listener') });
  const machines: string[] = resources['AWS::StepFunctions::StateMachine'];
  const pattern = { source: ['aws.states'], detail: { stateMachineArn: machines } };
  await requests.events('PutRule', { Name: 'listening', EventPattern: JSON.stringify(pattern) });
  await requests.events('PutTargets', { Rule: 'listening', Targets: [{ Id: '1', Arn: listener.stateMachineArn, RoleArn: roleArn('listener') }] });

  let finished = false;
  const deployment = deployAsTeam({ groups: '2' }).finally(() => { finished = true; });
  const seen = new Set<string>();
  while (!finished) {
    for (const stateMachineArn of machines) {
      const { executions } = await requests.stepFunctions('ListExecutions', { stateMachineArn, statusFilter: 'RUNNING' });
      for (const { executionArn } of executions) {
        if (seen.has(executionArn)) continue;
        seen.add(executionArn);
        for (const operation of ['DescribeExecution', 'GetExecutionHistory', 'StopExecution', 'RedriveExecution']) {
          await expectDenied(requests.stepFunctions(operation, { executionArn }));
        }
      }
    }
    await sleep(200);
  }
  succeeded(await deployment);
  expect(seen.size).toBeGreaterThan(0);
  const { executions: recorded } = await requests.stepFunctions('ListExecutions', { stateMachineArn: listener.stateMachineArn });
  expect(recorded.length).toBeGreaterThan(0);
  for (const { executionArn } of recorded) {
    const { input } = await requests.stepFunctions('DescribeExecution', { executionArn });
    expect(JSON.parse(input).detail).toMatchObject({ input: null, output: null });
    expect(input).not.toContain('ResponseURL');
  }
  const { detail } = JSON.parse((await requests.stepFunctions('DescribeExecution', recorded[0])).input);
  expect(machines).toContain(detail.stateMachineArn);
});

test('a forged response: the key of the executions is the team\'s, even for an administrator without the policy', async () => {
  await aws.setServiceControlPolicy(undefined);
  const [machine] = resources['AWS::StepFunctions::StateMachine'];
  const { executions } = await requests.stepFunctions('ListExecutions', { stateMachineArn: machine });
  await expect(requests.stepFunctions('DescribeExecution', executions[0])).rejects.toThrow(/kms:Decrypt .*resource-based policy/);
  for (const KeyId of resources['AWS::KMS::Key']) {
    for (const [operation, input] of Object.entries({ PutKeyPolicy: { PolicyName: 'default', Policy: everything }, CreateGrant: {}, DescribeKey: {} })) {
      await expect(requests.kms(operation, { KeyId, ...input })).rejects.toThrow(/resource-based policy/);
    }
  }
  await aws.setServiceControlPolicy(JSON.parse(outputs.ServiceControlPolicy));
});

test('waiters: nobody else starts or changes them', async () => {
  for (const stateMachineArn of resources['AWS::StepFunctions::StateMachine']) {
    await expectDenied(requests.stepFunctions('StartExecution', { stateMachineArn, input: '{}' }));
    await expectDenied(requests.stepFunctions('UpdateStateMachine', { stateMachineArn, encryptionConfiguration: { type: 'AWS_OWNED_KEY' } }));
    await expectDenied(requests.stepFunctions('DeleteStateMachine', { stateMachineArn }));
    await expectDenied(requests.stepFunctions('UntagResource', { resourceArn: stateMachineArn, tagKeys: ['a'] }));
  }
});

test('a developer deploys an app whose stack has a name like that of the team, through the published connector', async () => {
  const app = { app: APP, stacks: ['Network-dev'], context: { part: 'developer' }, credentials: developer.credentials };
  succeeded(await aws.cdk.deploy(app));
  const [image] = aws.simulator.images().filter(({ name }) => name.startsWith('Network-dev-'));
  const [published] = aws.simulator.connectors().filter(({ name }) => name === 'published');
  expect(image.versions[0].configuration.egressNetworkConnectors).toEqual([published.arn]);
  succeeded(await aws.cdk.destroy(app));
});

test('the team destroys its app under the policy', async () => {
  succeeded(await aws.cdk.destroy({ app: APP, stacks: [NETWORK, LONG], context: { part: 'team' }, credentials: member }));
  expect(aws.simulator.connectors()).toEqual([]);
  const { Stacks: left = [] } = await new CloudFormationClient(root).send(new DescribeStacksCommand({}));
  expect(left.filter(({ StackName, StackStatus }) => [NETWORK, LONG].includes(StackName!) && StackStatus !== 'DELETE_COMPLETE')).toEqual([]);
});
