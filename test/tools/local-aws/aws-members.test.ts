import { LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import { CfnOutput, App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import type { ClientProps } from './stacks';
import { assume, rootOf, sendTo, Stacks } from './stacks';
import type { LocalAws } from '../../../tools/local-aws/local-aws';
import { startLocalAws } from '../../../tools/local-aws/local-aws';
import { VirtualBuilder } from '../../../tools/simulator/builder';
import { RealClock } from '../../../tools/simulator/clock';

/** The local AWS for customer managed keys, and for elastic IPs of connectors. */

const SPEED = 300;
const ACCOUNT = '000000000000';
const VIA_LAMBDA = { StringEquals: { 'kms:ViaService': 'lambda.us-east-1.amazonaws.com' } };
const FOR_SERVICES = { ...VIA_LAMBDA, Bool: { 'kms:GrantIsForAWSResource': 'true' } };
const OPERATOR = { StringEquals: { 'ec2:ManagedResourceOperator': 'network-connectors.lambda.amazonaws.com' } };

let aws: LocalAws;
let root: ClientProps;
let stacks: Stacks;
let outputs: Record<string, string>;

beforeAll(async () => {
  aws = await startLocalAws({ waitScale: 0.1, speed: SPEED, builder: new VirtualBuilder({ clock: new RealClock(SPEED) }) });
  root = rootOf(aws);
  stacks = new Stacks(root);
});

afterAll(async () => aws.stop());

function newStack(name: string): Stack {
  return new Stack(new App({ analyticsReporting: false }), name, { env: { account: ACCOUNT, region: 'us-east-1' } });
}

async function deploy(stack: Stack, values: Record<string, string>): Promise<Record<string, string>> {
  for (const [name, value] of Object.entries(values)) new CfnOutput(stack, `${name}Is`, { value }).overrideLogicalId(name);
  const { Rules, Parameters, ...template } = App.of(stack)!.synth().getStackByName(stack.stackName).template;
  const status = await stacks.create(stack.stackName, template);
  expect([status, await stacks.failures(stack.stackName)]).toEqual(['CREATE_COMPLETE', []]);
  return stacks.outputs(stack.stackName);
}

const failure = async (sent: Promise<void>) => sent.then(() => undefined, (error: Error) => `${error.name}: ${error.message}`);

describe('a customer managed key', () => {
  beforeAll(async () => {
    aws.simulator.addForeignImage('app');
    const stack = newStack('Keys');
    const key = new kms.Key(stack, 'Key', { alias: 'microvms' });
    const closed = new kms.Key(stack, 'Closed', {
      policy: new iam.PolicyDocument({
        statements: [new iam.PolicyStatement({ principals: [new iam.AccountRootPrincipal()], actions: ['kms:DescribeKey', 'kms:Put*'], resources: ['*'] })],
      }),
    });
    const disabled = new kms.Key(stack, 'Disabled', { enabled: false });
    const caller = (roleName: string, leftOut?: string) => {
      const role = new iam.Role(stack, roleName, { roleName, assumedBy: new iam.AccountRootPrincipal() });
      const allow = (actions: string[], conditions: object = {}) => {
        const allowed = actions.filter(action => action !== leftOut);
        if (allowed.length > 0) role.addToPolicy(new iam.PolicyStatement({ actions: allowed, resources: ['*'], conditions: { ...conditions } }));
      };
      allow(['lambda:RunMicrovm', 'lambda:PassNetworkConnector', 'lambda:CreateMicrovmImage', 'iam:PassRole']);
      allow(['kms:DescribeKey', 'kms:GenerateDataKey', 'kms:Decrypt'], VIA_LAMBDA);
      allow(['kms:CreateGrant'], FOR_SERVICES);
    };
    caller('complete');
    for (const action of ['DescribeKey', 'GenerateDataKey', 'Decrypt', 'CreateGrant']) caller(`without-${action}`, `kms:${action}`);
    outputs = await deploy(stack, { Key: key.keyArn, Closed: closed.keyArn, Disabled: disabled.keyArn });
  });

  async function run(role: string, kmsKeyIdentifier: string): Promise<string | undefined> {
    const client = new LambdaMicrovmsClient({ ...root, credentials: await assume(root, `arn:aws:iam::${ACCOUNT}:role/${role}`) });
    const imageIdentifier = `arn:aws:lambda:us-east-1:${ACCOUNT}:microvm-image:app`;
    return failure(sendTo(client, 'POST', '/2025-09-09/microvms', { imageIdentifier, kmsKeyIdentifier }));
  }

  test('may be used by a caller with permissions for calls through Lambda only, by ARN and by alias', async () => {
    expect(await run('complete', outputs.Key)).toBeUndefined();
    expect(await run('complete', 'alias/microvms')).toBeUndefined();
    expect(aws.simulator.microvms().map(({ kmsKeyIdentifier }) => kmsKeyIdentifier)).toEqual([outputs.Key, 'alias/microvms']);
  });

  test.each(['DescribeKey', 'GenerateDataKey', 'Decrypt', 'CreateGrant'])('fails for a caller without kms:%s', async action => {
    for (const identifier of [outputs.Key, 'alias/microvms']) {
      expect(await run(`without-${action}`, identifier)).toMatch(new RegExp(
        `^AccessDeniedException: User: .*/without-${action}/test is not authorized to perform: kms:${action} on resource: ${outputs.Key} because no identity-based policy allows`));
    }
  });

  test('fails if the policy of the key does not let the account decide', async () => {
    expect(await run('complete', outputs.Closed))
      .toMatch(/^AccessDeniedException: .* kms:GenerateDataKey on resource: .* because no resource-based policy allows the kms:GenerateDataKey action$/);
  });

  test('fails if it is disabled', async () => {
    expect(await run('complete', outputs.Disabled)).toMatch(/^ValidationException: The service is unable to use the KMS key provided: .* is in the state Disabled$/);
  });

  test('is needed by whoever creates an image with it', async () => {
    const create = async (role: string, name: string) => {
      const client = new LambdaMicrovmsClient({ ...root, credentials: await assume(root, `arn:aws:iam::${ACCOUNT}:role/${role}`) });
      return failure(sendTo(client, 'POST', '/2025-09-09/microvm-images', {
        name,
        baseImageArn: 'arn:aws:lambda:us-east-1:aws:microvm-image:al2023-1',
        buildRoleArn: `arn:aws:iam::${ACCOUNT}:role/build`,
        codeArtifact: { uri: 's3://assets/code.zip' },
        kmsKeyIdentifier: outputs.Key,
      }));
    };
    expect(await create('complete', 'encrypted')).toBeUndefined();
    expect(aws.simulator.versions('encrypted')[0].configuration.kmsKeyIdentifier).toBe(outputs.Key);
    expect(await create('without-Decrypt', 'other')).toMatch(/kms:Decrypt/);
  });
});

describe('a connector with elastic IPs', () => {
  const connector = (name: string) => aws.simulator.connectors().find(found => found.name === name);

  async function create(name: string, role: string, subnet: string, type = 'ServiceManaged'): Promise<string | undefined> {
    const group = outputs[`${subnet.startsWith('Closed') ? 'Closed' : 'Open'}Group`];
    const configuration = { SubnetIds: [outputs[subnet]], SecurityGroupIds: [group], NetworkProtocol: 'IPv4', AssociatedComputeResourceTypes: ['MicroVm'] };
    return failure(sendTo(new LambdaMicrovmsClient(root), 'POST', '/2026-04-04/network-connectors', {
      Name: name,
      ClientToken: name,
      OperatorRole: `arn:aws:iam::${ACCOUNT}:role/${role}`,
      Configuration: { VpcEgressConfiguration: { ...configuration, ElasticIpConfiguration: { Type: type } } },
    }));
  }

  async function settled(name: string): Promise<{ state: string; stateReasonCode?: string; stateReason?: string }> {
    while (connector(name)!.state === 'PENDING') await new Promise(resolve => setTimeout(resolve, 50));
    return connector(name)!;
  }

  beforeAll(async () => {
    const stack = newStack('Networks');
    const zones = { availabilityZones: ['us-east-1a'], natGateways: 0, restrictDefaultSecurityGroup: false };
    const open = new ec2.Vpc(stack, 'Open', {
      ...zones,
      subnetConfiguration: [{ name: 'public', subnetType: ec2.SubnetType.PUBLIC }, { name: 'isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
    });
    const closed = new ec2.Vpc(stack, 'Closed', { ...zones, subnetConfiguration: [{ name: 'isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }] });
    const groups = [open, closed].map((vpc, index) => new ec2.SecurityGroup(stack, `Group${index}`, { vpc }));
    const operator = (roleName: string, ...more: iam.PolicyStatementProps[]) => {
      const role = new iam.Role(stack, roleName, { roleName, assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
      const statements = [
        { actions: ['ec2:CreateNetworkInterface'], resources: ['*'] },
        { actions: ['ec2:CreateTags'], resources: ['arn:aws:ec2:*:*:network-interface/*'] },
        ...more,
      ];
      statements.forEach(statement => role.addToPolicy(new iam.PolicyStatement(statement)));
    };
    const addresses = { actions: ['ec2:AllocateAddress', 'ec2:AssociateAddress'], resources: [`arn:aws:ec2:us-east-1:${ACCOUNT}:elastic-ip/*`] };
    const associate = { actions: ['ec2:AssociateAddress'], resources: ['arn:aws:ec2:*:*:network-interface/*'], conditions: OPERATOR };
    operator('elastic', addresses, associate);
    operator('plain');
    operator('without-addresses', associate);
    operator('without-interfaces', addresses);
    outputs = await deploy(stack, {
      Public: open.publicSubnets[0].subnetId,
      Isolated: open.isolatedSubnets[0].subnetId,
      ClosedIsolated: closed.isolatedSubnets[0].subnetId,
      OpenGroup: groups[0].securityGroupId,
      ClosedGroup: groups[1].securityGroupId,
    });
  });

  test('becomes active in a public subnet, with a role that may allocate and associate addresses', async () => {
    expect(await create('elastic', 'elastic', 'Public')).toBeUndefined();
    expect(await settled('elastic')).toMatchObject({ state: 'ACTIVE' });
  });

  test.each(['plain', 'without-addresses', 'without-interfaces'])('fails with the operator role %s', async role => {
    expect(await create(role, role, 'Public')).toMatch(/^InvalidParameterValueException: .* due to invalid ConnectorOperatorRole permissions$/);
    expect(connector(role)).toBeUndefined();
  });

  test('needs no further permissions without elastic IPs', async () => {
    expect(await create('none', 'plain', 'Isolated', 'None')).toBeUndefined();
    expect(await settled('none')).toMatchObject({ state: 'ACTIVE' });
  });

  test('fails after the answer without an internet gateway, and in a subnet without a route to it', async () => {
    expect(await create('closed', 'elastic', 'ClosedIsolated')).toBeUndefined();
    expect(await settled('closed')).toMatchObject({ state: 'FAILED', stateReasonCode: 'InternetGatewayNotAttached' });
    expect(await create('isolated', 'elastic', 'Isolated')).toBeUndefined();
    expect(await settled('isolated'))
      .toMatchObject({ state: 'FAILED', stateReasonCode: 'InvalidSubnet', stateReason: `The subnet ${outputs.Isolated} has no route to an internet gateway` });
  });
});
