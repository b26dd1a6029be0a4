import { AttachRolePolicyCommand, CreateRoleCommand, DeleteRolePermissionsBoundaryCommand, IAMClient } from '@aws-sdk/client-iam';
import { LambdaMicrovmsClient, RunMicrovmCommand } from '@aws-sdk/client-lambda-microvms';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import { App, CfnOutput, Fn, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { ClientProps } from './stacks';
import { assume, rootOf, sendTo, Stacks } from './stacks';
import { AllowedNetworkConnectors, NetworkConnectorGuardrail, NetworkConnectorOperatorRole } from '../../../src';
import type { LocalAws } from '../../../tools/local-aws/local-aws';
import { startLocalAws } from '../../../tools/local-aws/local-aws';
import { VirtualBuilder } from '../../../tools/simulator/builder';
import { RealClock } from '../../../tools/simulator/clock';

/** The local AWS for network connectors: VPCs, operator roles, permissions boundaries and Parameter Store. */

const SPEED = 300;
const ACCOUNT = '000000000000';
const CONNECTORS = '/2026-04-04/network-connectors';
const NETWORK = 'Network';
const BOUNDARY = `arn:aws:iam::${ACCOUNT}:policy/developer-boundary`;
const EXECUTION_ROLE = `arn:aws:iam::${ACCOUNT}:role/cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-us-east-1`;
const roleArn = (name: string, path = '/') => `arn:aws:iam::${ACCOUNT}:role${path}${name}`;
const connectorArn = (id: string) => `arn:aws:lambda:us-east-1:${ACCOUNT}:network-connector:${id}`;

const allow = (actions: string[], resources: string | string[], condition?: object) =>
  ({ Effect: 'Allow', Action: actions, Resource: resources, ...condition === undefined ? {} : { Condition: condition } });
const document = (...statements: object[]) => ({ Version: '2012-10-17', Statement: statements });
const trustOf = (principal: object, condition?: object) =>
  document({ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole', ...condition === undefined ? {} : { Condition: condition } });
const LAMBDA = { Service: 'lambda.amazonaws.com' };
const ANYBODY = { AWS: `arn:aws:iam::${ACCOUNT}:root` };

const role = (RoleName: string, statements: object[], more: object = {}) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName,
    AssumeRolePolicyDocument: trustOf(ANYBODY),
    Policies: statements.length > 0 ? [{ PolicyName: 'own', PolicyDocument: document(...statements) }] : [],
    ...more,
  },
});
const EVERYTHING = [allow(['*'], '*')];

let aws: LocalAws;
let root: ClientProps;
let stacks: Stacks;

beforeAll(async () => {
  const clock = new RealClock(SPEED);
  aws = await startLocalAws({ waitScale: 0.1, speed: SPEED, builder: new VirtualBuilder({ clock }), unsupportedZones: ['use1-az3'] });
  root = rootOf(aws);
  stacks = new Stacks(root);
});

afterAll(async () => aws.stop());

const asRoot = () => new LambdaMicrovmsClient(root);
const as = async (arn: string) => new LambdaMicrovmsClient({ ...root, credentials: await assume(root, arn) });
const connector = (name: string) => aws.simulator.connectors().find(found => found.name === name);

interface Wish {
  readonly name?: string;
  readonly role?: string;
  readonly subnets?: string[];
  readonly groups?: string[];
}

/** Properties of the network that the tests create. */
let network: Record<string, string>;

function configuration({ subnets = [network.SubnetA], groups = [network.Group] }: Wish) {
  return { VpcEgressConfiguration: { SubnetIds: subnets, SecurityGroupIds: groups, NetworkProtocol: 'IPv4', AssociatedComputeResourceTypes: ['MicroVm'] } };
}

async function createConnector(wish: Wish, caller = asRoot()): Promise<void> {
  const name = wish.name ?? 'internal';
  await sendTo(caller, 'POST', CONNECTORS, {
    Name: name, ClientToken: `${name}-${Math.random()}`, OperatorRole: roleArn(wish.role ?? 'operator'), Configuration: configuration(wish),
  });
}

async function updateConnector(name: string, change: object): Promise<void> {
  await sendTo(asRoot(), 'PUT', `${CONNECTORS}/${name}`, { ClientToken: `${name}-${Math.random()}`, ...change });
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setTimeout(resolve, 50));
}

async function deleteConnector(name: string): Promise<void> {
  await until(() => connector(name)!.state === 'ACTIVE');
  await sendTo(asRoot(), 'DELETE', `${CONNECTORS}/${name}`);
  await until(() => connector(name) === undefined);
}

/**
 * A network as the CDK creates it, with a subnet in each zone, and an operator role of this library for the first
 * subnet.
 */
function networkTemplate(zones: string[], description = 'a database'): object {
  const stack = newStack(NETWORK);
  const vpc = new ec2.Vpc(stack, 'Vpc', { availabilityZones: ['us-east-1a'], natGateways: 0, restrictDefaultSecurityGroup: false, subnetConfiguration: [] });
  const group = new ec2.SecurityGroup(stack, 'Group', { vpc, allowAllOutbound: false });
  const other = new ec2.SecurityGroup(stack, 'Other', { vpc, allowAllOutbound: false });
  group.connections.allowTo(other, ec2.Port.tcp(5432), description);
  const subnets = zones.map(zone => new ec2.CfnSubnet(stack, `Subnet${zone.toUpperCase()}`, {
    vpcId: vpc.vpcId, cidrBlock: `10.0.${zone.charCodeAt(0)}.0/24`, availabilityZone: Fn.select(zone.charCodeAt(0) - 97, Fn.getAzs()),
  }));
  new NetworkConnectorOperatorRole(stack, 'Operator', { roleName: 'operator', subnets, securityGroups: [group], requireConnectorTag: true });
  const outputs = { Group: group.securityGroupId, Other: other.securityGroupId, Vpc: vpc.vpcId, VpcCidr: vpc.vpcCidrBlock };
  for (const [name, value] of Object.entries(outputs)) new CfnOutput(stack, `${name}Is`, { value }).overrideLogicalId(name);
  for (const subnet of subnets) {
    new CfnOutput(stack, `${subnet.node.id}Is`, { value: subnet.ref }).overrideLogicalId(subnet.node.id);
    new CfnOutput(stack, `${subnet.node.id}Zone`, { value: subnet.attrAvailabilityZoneId }).overrideLogicalId(`${subnet.node.id}Zone`);
  }
  return templateOf(stack);
}

function newStack(name: string): Stack {
  return new Stack(new App({ analyticsReporting: false }), name, { env: { account: ACCOUNT, region: 'us-east-1' } });
}

/** Returns the template of a stack that needs no bootstrap. */
function templateOf(stack: Stack): object {
  const { Rules, Parameters, ...template } = App.of(stack)!.synth().getStackByName(stack.stackName).template;
  return template;
}

/** Returns the description of a security group from the API of EC2. */
async function describeGroup(groupId: string): Promise<string> {
  const body = new URLSearchParams({ 'Action': 'DescribeSecurityGroups', 'Version': '2016-11-15', 'GroupId.1': groupId }).toString();
  const { hostname, port, protocol } = new URL(aws.url);
  const headers = { 'host': `${hostname}:${port}`, 'content-type': 'application/x-www-form-urlencoded' };
  const request = new HttpRequest({ method: 'POST', protocol, hostname, port: Number(port), path: '/', headers, body });
  const signer = new SignatureV4({ service: 'ec2', region: aws.region, credentials: root.credentials, sha256: asRoot().config.sha256 });
  const signed = await signer.sign(request);
  return (await fetch(aws.url, { method: 'POST', headers: signed.headers, body })).text();
}

describe('the network of a connector', () => {
  beforeAll(async () => {
    expect(await stacks.create(NETWORK, networkTemplate(['a', 'b', 'c']))).toBe('CREATE_COMPLETE');
    network = await stacks.outputs(NETWORK);
  });

  test('has the attributes of CloudFormation', () => {
    expect(network).toMatchObject({ VpcCidr: '10.0.0.0/16', SubnetAZone: 'use1-az1', SubnetBZone: 'use1-az2', SubnetCZone: 'use1-az3' });
  });

  test('has the rules between groups that are separate resources', async () => {
    const [from, to] = await Promise.all([describeGroup(network.Group), describeGroup(network.Other)]);
    for (const [rules, peer] of [[from.split('<ipPermissionsEgress>')[1], network.Other], [to.split('<ipPermissionsEgress>')[0], network.Group]]) {
      expect(rules).toContain('<fromPort>5432</fromPort>');
      expect(rules).toContain(`<groupId>${peer}</groupId>`);
    }
    expect(await stacks.update(NETWORK, networkTemplate(['a', 'b', 'c'], 'a cache'))).toBe('UPDATE_COMPLETE');
    expect(await describeGroup(network.Group)).toContain('<fromPort>5432</fromPort>');
  });

  test('keeps its subnets and security groups while a version of the connector exists', async () => {
    await createConnector({ subnets: [network.SubnetA, network.SubnetB] });
    await until(() => connector('internal')!.state === 'ACTIVE');
    await updateConnector('internal', { Configuration: configuration({}) });
    await until(() => connector('internal')!.versions.length === 2);

    expect(await stacks.update(NETWORK, networkTemplate(['a', 'c']))).toBe('UPDATE_COMPLETE');
    expect(await stacks.failures(NETWORK)).toEqual([expect.stringContaining(`The subnet '${network.SubnetB}' has dependencies and cannot be deleted.`)]);

    await sendTo(asRoot(), 'DELETE', `${CONNECTORS}/${encodeURIComponent(`${connector('internal')!.arn}:1`)}`);
    await until(() => connector('internal')!.versions.length === 1);
    expect(await stacks.delete(NETWORK)).toBe('DELETE_FAILED');
    const failures = (await stacks.failures(NETWORK)).slice(1).join('\n');
    expect(failures).toContain(`The subnet '${network.SubnetA}' has dependencies`);
    expect(failures).toContain(`resource ${network.Group} has a dependent object`);
    expect(failures).not.toContain(network.SubnetB);

    await deleteConnector('internal');
    expect(await stacks.delete(NETWORK)).toBe('DELETE_COMPLETE');
  });
});

describe('the operator role', () => {
  const interfaces = 'arn:aws:ec2:*:*:network-interface/*';
  const create = ['ec2:CreateNetworkInterface'];
  const tag = (more: object = {}) => allow(['ec2:CreateTags'], interfaces, {
    StringEquals: { 'ec2:CreateAction': 'CreateNetworkInterface', 'ec2:ManagedResourceOperator': 'network-connectors.lambda.amazonaws.com' }, ...more,
  });
  const whole = [allow(create, '*'), tag()];
  const operator = (name: string, statements: object[], more: object = {}) =>
    role(name, statements, { AssumeRolePolicyDocument: trustOf(LAMBDA), ...more });
  const place = () => [`arn:aws:ec2:*:*:subnet/${network.SubnetA}`, `arn:aws:ec2:*:*:security-group/${network.Group}`];
  const UNASSUMABLE = /unable to assume the provided NetworkConnectorOperatorRole/;
  const UNAUTHORIZED = /unauthorized operation while calling EC2 due to invalid ConnectorOperatorRole permissions/;

  beforeAll(async () => {
    await stacks.create(NETWORK, networkTemplate(['a', 'c']));
    await stacks.create('OtherNetwork', {
      Resources: {
        Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.1.0.0/16' } },
        Group: { Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: 'elsewhere', VpcId: { Ref: 'Vpc' } } },
      },
      Outputs: { OtherGroup: { Value: { 'Fn::GetAtt': ['Group', 'GroupId'] } } },
    });
    network = { ...await stacks.outputs(NETWORK), ...await stacks.outputs('OtherNetwork') };
    const roles = [
      operator('whole', whole),
      operator('other-principal', whole, { AssumeRolePolicyDocument: trustOf({ Service: 'network-connectors.lambda.amazonaws.com' }) }),
      operator('of-another-service', whole, { AssumeRolePolicyDocument: trustOf({ Service: 'ec2.amazonaws.com' }) }),
      operator('with-a-source', whole, { AssumeRolePolicyDocument: trustOf(LAMBDA, { StringEquals: { 'aws:SourceAccount': ACCOUNT } }) }),
      operator('without-a-policy', []),
      operator('without-the-subnet', [allow(create, [place()[1], interfaces]), tag()]),
      operator('without-the-group', [allow(create, [place()[0], interfaces]), tag()]),
      operator('without-interfaces', [allow(create, place()), tag()]),
      operator('without-tags', [allow(create, '*')]),
      operator('with-other-tags', [allow(create, '*', { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] } }), tag()]),
      operator('with-a-vpc', [allow(create, '*', { ArnEquals: { 'ec2:Vpc': `arn:aws:ec2:us-east-1:${ACCOUNT}:vpc/${network.Vpc}` } }), tag()]),
      operator('bounded', whole, { PermissionsBoundary: { Ref: 'Boundary' } }),
    ];
    const boundary = { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: document(allow(['lambda:*'], '*')) } };
    const resources = Object.fromEntries(roles.map((resource, index) => [`Role${index}`, resource]));
    expect(await stacks.create('Operators', { Resources: { ...resources, Boundary: boundary } })).toBe('CREATE_COMPLETE');
  });

  test.each(['operator', 'whole', 'other-principal'])('is sufficient: %s', async name => {
    await createConnector({ name, role: name });
    await deleteConnector(name);
  });

  test.each([
    ['of-another-service', UNASSUMABLE],
    ['with-a-source', UNASSUMABLE],
    ['that-does-not-exist', UNASSUMABLE],
    ['without-a-policy', UNAUTHORIZED],
    ['without-the-subnet', UNAUTHORIZED],
    ['without-the-group', UNAUTHORIZED],
    ['without-interfaces', UNAUTHORIZED],
    ['without-tags', UNAUTHORIZED],
    ['with-other-tags', UNAUTHORIZED],
    ['with-a-vpc', UNAUTHORIZED],
    ['bounded', UNAUTHORIZED],
  ])('fails if the role is one %s', async (name, words) => {
    await expect(createConnector({ name, role: name })).rejects.toMatchObject({ name: 'InvalidParameterValueException', message: expect.stringMatching(words) });
    expect(connector(name)).toBeUndefined();
  });

  test('is checked again in an update, also for unchanged properties', async () => {
    await createConnector({ name: 'updated' });
    await until(() => connector('updated')!.state === 'ACTIVE');
    await expect(updateConnector('updated', { Configuration: configuration({ groups: [network.Other] }) })).rejects.toThrow(UNAUTHORIZED);
    await expect(updateConnector('updated', { OperatorRole: roleArn('without-the-subnet') })).rejects.toThrow(UNAUTHORIZED);
    await updateConnector('updated', { OperatorRole: roleArn('whole'), Configuration: configuration({ groups: [network.Other] }) });
    await until(() => connector('updated')!.lastUpdateStatus === 'Successful');
    await deleteConnector('updated');
  });

  test('fails for groups of another VPC, and for a zone without MicroVMs', async () => {
    await expect(createConnector({ role: 'whole', groups: [network.OtherGroup] })).rejects.toThrow('Subnets and Security Groups must belong to the same VPC');
    await expect(createConnector({ role: 'whole', subnets: [network.SubnetA, network.SubnetC] }))
      .rejects.toThrow('Availability zone use1-az3 is not available for compute type MicroVm');
  });
});

describe('a developer under the boundary of the guardrail', () => {
  const published = connectorArn('nc-published');
  const pass = allow(['lambda:PassNetworkConnector'], '*');
  const bounded = (name: string, statements: object[], more: object = {}) => role(name, statements, { PermissionsBoundary: BOUNDARY, ...more });

  function guardrail(): object {
    const stack = newStack('Guardrail');
    new NetworkConnectorGuardrail(stack, 'Guardrail', {
      allowed: AllowedNetworkConnectors.only({ networkConnectorRef: { networkConnectorArn: published } } as any),
      networkTeamPath: '/network-team/',
      boundaryName: 'developer-boundary',
    });
    return templateOf(stack);
  }

  beforeAll(async () => {
    expect(await stacks.create('Guardrail', guardrail())).toBe('CREATE_COMPLETE');
    expect(await stacks.create('Developers', {
      Resources: {
        Developer: bounded('developer', EVERYTHING),
        Exempt: bounded('exempt', EVERYTHING, { Path: '/network-team/' }),
        Launcher: bounded('launcher', [allow(['lambda:RunMicrovm'], '*'), pass]),
      },
    })).toBe('CREATE_COMPLETE');
    aws.simulator.addForeignImage('app', {});
  });

  const run = (egress: string) => new RunMicrovmCommand({
    imageIdentifier: `arn:aws:lambda:us-east-1:${ACCOUNT}:microvm-image:app`, egressNetworkConnectors: [egress],
  });

  test('may pass only the published connector, whatever its own policy allows', async () => {
    const developer = await as(roleArn('developer'));
    await expect(developer.send(run(connectorArn('nc-other')))).rejects
      .toThrow(/lambda:PassNetworkConnector on resource: .*:nc-other with an explicit deny in a permissions boundary/);
    const failure = await developer.send(run(published)).then(() => undefined, (error: Error) => error.message);
    expect(failure ?? '').not.toMatch(/not authorized/);
  });

  test('fails to create a connector, unless its role has the path of the network team', async () => {
    await expect(createConnector({ role: 'whole' }, await as(roleArn('developer')))).rejects
      .toThrow(/lambda:CreateNetworkConnector on resource: .* with an explicit deny in a permissions boundary/);
    await createConnector({ name: 'by-team', role: 'whole' }, await as(roleArn('exempt', '/network-team/')));
    await deleteConnector('by-team');
  });

  test('also needs permissions of its own', async () => {
    const image = new RunMicrovmCommand({ imageIdentifier: `arn:aws:lambda:us-east-1:${ACCOUNT}:microvm-image:app`, executionRoleArn: roleArn('whole') });
    await expect((await as(roleArn('launcher'))).send(image)).rejects.toThrow('because no identity-based policy allows the iam:PassRole action');
  });

  test('cannot create roles without the boundary or under the path, and cannot remove boundaries', async () => {
    const developer = new IAMClient({ ...root, credentials: await assume(root, roleArn('developer')) });
    const create = (RoleName: string, more: object) => developer.send(new CreateRoleCommand({
      RoleName, AssumeRolePolicyDocument: JSON.stringify(trustOf(LAMBDA)), ...more,
    }));
    await expect(create('free', {})).rejects.toMatchObject({ name: 'AccessDenied', message: expect.stringMatching(/iam:CreateRole/) });
    await expect(create('free', { PermissionsBoundary: 'arn:aws:iam::aws:policy/AdministratorAccess' })).rejects.toThrow(/iam:CreateRole/);
    await expect(create('free', { PermissionsBoundary: BOUNDARY, Path: '/network-team/' })).rejects.toThrow(/iam:CreateRole/);
    await create('kept', { PermissionsBoundary: BOUNDARY });
    await developer.send(new AttachRolePolicyCommand({ RoleName: 'kept', PolicyArn: BOUNDARY }));
    await expect(developer.send(new AttachRolePolicyCommand({ RoleName: 'whole', PolicyArn: BOUNDARY }))).rejects.toThrow(/iam:AttachRolePolicy/);
    await expect(developer.send(new DeleteRolePermissionsBoundaryCommand({ RoleName: 'kept' }))).rejects.toThrow(/iam:DeleteRolePermissionsBoundary/);
  });

  describe('who deploys', () => {
    beforeAll(async () => aws.bootstrap(['--custom-permissions-boundary', 'developer-boundary']));

    const deniedResources: [string, object, RegExp][] = [
      ['a role without the boundary', role('unbounded', []), /iam:CreateRole on resource: .*role\/unbounded with an explicit deny in a permissions boundary/],
      ['a role of the network team', bounded('impostor', [], { Path: '/network-team/' }), /iam:CreateRole on resource: .*role\/network-team\/impostor /],
      ['an inline policy of a role that has none', { Type: 'AWS::IAM::Policy', Properties: { PolicyName: 'more', Roles: ['whole'], PolicyDocument: document(pass) } },
        /iam:PutRolePolicy on resource: .*role\/whole /],
      ['a name in the catalog', { Type: 'AWS::SSM::Parameter', Properties: { Name: '/network-connectors/prod/own', Type: 'String', Value: 'arn' } },
        /ssm:PutParameter on resource: .*parameter\/network-connectors\/prod\/own /],
      ['a connector of CloudFormation\'s own', { Type: 'AWS::Lambda::NetworkConnector', Properties: {} }, /lambda:CreateNetworkConnector on resource: .* explicit deny/],
    ];

    test.each(deniedResources)('fails to deploy %s', async (_, resource, words) => {
      const name = `Denied${deniedResources.findIndex(([, other]) => other === resource)}`;
      expect(await stacks.create(name, { Resources: { Resource: resource } }, { roleArn: EXECUTION_ROLE })).toBe('ROLLBACK_COMPLETE');
      expect((await stacks.failures(name)).join('\n')).toMatch(words);
      expect((await stacks.failures(name)).join('\n')).toContain(`assumed-role/${EXECUTION_ROLE.split('/')[1]}/AWSCloudFormation`);
    });

    test('deploys roles with the boundary, and its own parameters', async () => {
      const resources = (boundary: object) => ({
        Resources: {
          Role: role('bounded-role', [allow(['lambda:RunMicrovm'], '*'), pass], boundary),
          Policy: { Type: 'AWS::IAM::Policy', Properties: { PolicyName: 'more', Roles: [{ Ref: 'Role' }], PolicyDocument: document(pass) } },
          Parameter: { Type: 'AWS::SSM::Parameter', Properties: { Name: '/own/name', Type: 'String', Value: 'value' } },
        },
      });
      const options = { roleArn: EXECUTION_ROLE };
      const first = await stacks.create('Own', resources({ PermissionsBoundary: BOUNDARY }), options);
      expect(await stacks.failures('Own')).toEqual([]);
      expect(first).toBe('CREATE_COMPLETE');
      expect(await stacks.update('Own', resources({}), options)).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect((await stacks.failures('Own')).join('\n')).toMatch(/iam:DeleteRolePermissionsBoundary/);
      await expect((await as(roleArn('bounded-role'))).send(run(connectorArn('nc-other')))).rejects.toThrow(/in a permissions boundary/);
      expect(await stacks.delete('Own')).toBe('DELETE_COMPLETE');
    });
  });

  test('prevents the deletion of the boundary until the boundary is removed', async () => {
    expect(await stacks.delete('Guardrail')).toBe('DELETE_FAILED');
    expect((await stacks.failures('Guardrail')).join('\n')).toContain('Cannot delete a policy attached to entities.');
    const freed = { Resources: { Developer: role('developer', EVERYTHING), Exempt: role('exempt', [], { Path: '/network-team/' }), Launcher: role('launcher', []) } };
    expect(await stacks.update('Developers', freed)).toBe('UPDATE_COMPLETE');
    const failure = await (await as(roleArn('developer'))).send(run(connectorArn('nc-other'))).then(() => undefined, (error: Error) => error.message);
    expect(failure ?? '').not.toMatch(/not authorized/);
  });

  test('fails with a boundary that does not exist', async () => {
    const missing = { PermissionsBoundary: `arn:aws:iam::${ACCOUNT}:policy/none` };
    expect(await stacks.create('Missing', { Resources: { Role: role('missing', [], missing) } })).toBe('ROLLBACK_COMPLETE');
    expect((await stacks.failures('Missing')).join('\n')).toContain('policy/none does not exist or is not attachable');
  });
});

describe('the Parameter Store', () => {
  const published = (Value: string) => ({
    Resources: { Parameter: { Type: 'AWS::SSM::Parameter', Properties: { Name: '/network-connectors/prod/internal', Type: 'String', Value } } },
  });
  const user = (path: string) => ({
    Parameters: { Connector: { Type: 'AWS::SSM::Parameter::Value<String>', Default: path } },
    Resources: { Copy: { Type: 'AWS::SSM::Parameter', Properties: { Name: '/copy', Type: 'String', Value: { Ref: 'Connector' } } } },
    Outputs: { Connector: { Value: { Ref: 'Connector' } } },
  });

  test('is read again in each deployment', async () => {
    const template = user('/network-connectors/prod/internal');
    await stacks.create('Publisher', published('nc-1'));
    expect(await stacks.create('User', template)).toBe('CREATE_COMPLETE');
    await stacks.update('Publisher', published('nc-2'));
    expect(await stacks.update('User', template)).toBe('UPDATE_COMPLETE');
    expect(await stacks.outputs('User')).toEqual({ Connector: 'nc-2' });
  });

  test('fails with the path of an unknown parameter before anything is created', async () => {
    await expect(stacks.create('Unknown', user('/network-connectors/prod/none')))
      .rejects.toThrow('Unable to fetch parameters [/network-connectors/prod/none] from parameter store for this account.');
  });
});
