import { App, Aspects, Duration, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { connectorPropertiesOf, SECURITY_GROUP, SUBNETS, testNetworkConnector, testVpc, VPC } from './support';
import type { NetworkConnectorProps } from '../../src';
import {
  MicrovmCode, MicrovmEgress, MicrovmImage, NetworkConnector, NetworkConnectorDeletion, NetworkConnectorOperatorRole, NetworkProtocol,
} from '../../src';
import { ACCOUNT, REGION, testApp, testStack } from '../support/stacks';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const ARN = `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-1`;

describe('a connector with nothing but its VPC', () => {
  const stack = testStack();
  const connector = new NetworkConnector(stack, 'Connector', { vpc: new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 }) });
  const template = Template.fromStack(stack);

  test('leads into its private subnets, with the safe choice of everything', () => {
    const properties = connectorPropertiesOf(connector);
    expect(properties).toMatchObject({
      ConnectorName: expect.stringMatching(/^Test-Connector-[0-9A-F]{8}-[0-9a-f]{8}$/),
      NameIsGenerated: 'true',
      NetworkProtocol: 'IPv4',
      SubnetIds: [{ Ref: 'VpcPrivateSubnet1Subnet536B997A' }, { Ref: 'VpcPrivateSubnet2Subnet3788AAA1' }],
      SubnetZones: [{ 'Fn::GetAtt': ['VpcPrivateSubnet1Subnet536B997A', 'AvailabilityZoneId'] }, { 'Fn::GetAtt': ['VpcPrivateSubnet2Subnet3788AAA1', 'AvailabilityZoneId'] }],
      RetainedVersions: '1',
      Deletion: 'REFUSE_IN_USE',
      TimeoutSeconds: '3000',
    });
    expect(properties.Tags).toBeUndefined();
  });

  test('has a security group of its own that lets nothing out, IPv6 included', () => {
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupEgress: [Match.objectLike({ CidrIp: '255.255.255.255/32', IpProtocol: 'icmp' })],
      SecurityGroupIngress: Match.absent(),
    });
  });

  test('waits for the policies of its operator role', () => {
    const [resource] = Object.values(template.findResources('Custom::NetworkConnector'));
    const [policy] = Object.keys(template.findResources('AWS::IAM::Policy')).filter(id => id.startsWith('ConnectorOperatorRolePolicy'));
    expect(resource.DependsOn).toEqual(expect.arrayContaining([policy, expect.stringMatching(/^ConnectorOperatorRole[0-9A-F]{8}$/)]));
  });

  test('goes with the stack, and its parts with it', () => {
    for (const resource of Object.values(template.toJSON().Resources) as any[]) expect(resource.DeletionPolicy ?? 'Delete').toBe('Delete');
  });

  test('tells what it is', () => {
    const [id] = Object.keys(template.findResources('Custom::NetworkConnector'));
    expect(stack.resolve(connector.networkConnectorArn)).toEqual({ 'Fn::GetAtt': [id, 'ConnectorArn'] });
    expect(stack.resolve(connector.networkConnectorName)).toEqual({ 'Fn::GetAtt': [id, 'ConnectorName'] });
    expect(stack.resolve(connector.networkConnectorId)).toEqual({ 'Fn::GetAtt': [id, 'ConnectorId'] });
    expect(stack.resolve(connector.networkConnectorRef)).toEqual({ networkConnectorArn: { 'Fn::GetAtt': [id, 'ConnectorArn'] } });
    expect(NetworkConnector.isNetworkConnector(connector)).toBe(true);
    expect([undefined, null, 'x', {}, stack].some(x => NetworkConnector.isNetworkConnector(x))).toBe(false);
  });
});

describe('what is asked for arrives at the handler', () => {
  test('as text', () => {
    const { connector } = testNetworkConnector({
      networkConnectorName: 'internal',
      networkProtocol: NetworkProtocol.IPV4,
      deletion: NetworkConnectorDeletion.WAIT_UNTIL_UNUSED,
      retainedVersions: 3,
      deploymentTimeout: Duration.minutes(20),
      tags: { team: 'network' },
    });
    expect(connectorPropertiesOf(connector)).toMatchObject({
      ConnectorName: 'internal',
      NameIsGenerated: 'false',
      VpcId: VPC,
      SubnetIds: SUBNETS,
      SubnetZones: ['eu-west-1a', 'eu-west-1b'],
      SecurityGroupIds: [SECURITY_GROUP],
      Deletion: 'WAIT_UNTIL_UNUSED',
      RetainedVersions: '3',
      TimeoutSeconds: '1200',
      Tags: [{ Key: 'team', Value: 'network' }],
    });
  });

  test('with the tags of the app and of the stack', () => {
    const stack = testStack(testApp(), 'Tagged', { tags: { stage: 'prod' } });
    const { connector } = testNetworkConnector({}, stack);
    Tags.of(stack).add('team', 'network');
    expect(connectorPropertiesOf(connector).Tags).toEqual([{ Key: 'stage', Value: 'prod' }, { Key: 'team', Value: 'network' }]);
  });

  test('and the connector stays if the user wants it to', () => {
    const { stack } = testNetworkConnector({ removalPolicy: RemovalPolicy.RETAIN });
    Template.fromStack(stack).hasResource('Custom::NetworkConnector', { DeletionPolicy: 'Retain' });
  });
});

describe('the generated name', () => {
  const nameOf = (props: Partial<NetworkConnectorProps>) => connectorPropertiesOf(testNetworkConnector(props).connector).ConnectorName;

  test('changes with protocol and VPC, which cannot change under one name, and with nothing else', () => {
    const name = nameOf({});
    expect(nameOf({ networkProtocol: NetworkProtocol.DUAL_STACK })).not.toBe(name);
    expect(connectorPropertiesOf(testNetworkConnector({}, testStack(), VPC.replace('1', '2')).connector).ConnectorName).not.toBe(name);
    expect(nameOf({ retainedVersions: 2, tags: { a: 'b' }, securityGroups: undefined })).toBe(name);
  });

  test('has at most 64 characters', () => {
    const stack = testStack(testApp(), 'S'.repeat(60));
    expect(connectorPropertiesOf(testNetworkConnector({}, stack).connector).ConnectorName).toMatch(/^[a-zA-Z0-9_-]{10,64}$/);
  });
});

describe('connections', () => {
  test('are the egress policy: allowTo writes the only rule', () => {
    const stack = testStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 });
    const database = new ec2.SecurityGroup(stack, 'Database', { vpc });
    new NetworkConnector(stack, 'Connector', { vpc }).connections.allowTo(database, ec2.Port.tcp(5432), 'queries');
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::EC2::SecurityGroupEgress', 1);
    template.hasResourceProperties('AWS::EC2::SecurityGroupEgress', { FromPort: 5432, ToPort: 5432, Description: 'queries' });
  });

  test('of an import with its security groups can be used, from another stack too', () => {
    const stack = testStack();
    const group = ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', SECURITY_GROUP, { allowAllOutbound: false });
    const connector = NetworkConnector.fromNetworkConnectorAttributes(stack, 'Import', { networkConnectorArn: ARN, securityGroups: [group] });
    connector.connections.allowTo(ec2.Peer.ipv4('10.0.0.0/16'), ec2.Port.HTTPS);
    Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroupEgress', { GroupId: SECURITY_GROUP, CidrIp: '10.0.0.0/16' });
  });

  test('fails for an import without security groups, with what to do', () => {
    const connector = NetworkConnector.fromNetworkConnectorArn(testStack(), 'Import', ARN);
    expect(() => connector.connections).toThrow(/connections: .*fromNetworkConnectorAttributes and securityGroups .*NetworkConnectorConnectionsUnknown/);
  });

  test.each([['a connector', false], ['an import', true]])('warns of an imported group for %s that takes no egress rules', (_, isImport) => {
    const stack = testStack();
    const group = ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', SECURITY_GROUP);
    if (isImport) NetworkConnector.fromNetworkConnectorAttributes(stack, 'Import', { networkConnectorArn: ARN, securityGroups: [group] });
    else testNetworkConnector({ securityGroups: [group] }, stack);
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('Test/Group is imported without allowAllOutbound: false.*cdk-lambda-microvms:securityGroupTakenToAllowAll'));
  });

  test('warns of no group that takes them', () => {
    const stack = testStack();
    const own = new ec2.SecurityGroup(stack, 'Own', { vpc: testVpc(stack), allowAllOutbound: true });
    new NetworkConnector(stack, 'Connector', { vpc: testVpc(stack, VPC, 'Other'), securityGroups: [own] });
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('securityGroupTakenToAllowAll'));
  });
});

describe('synthesis', () => {
  const attempt = (props: Partial<NetworkConnectorProps>) => () => Template.fromStack(testNetworkConnector(props).stack);

  test.each<[string, Partial<NetworkConnectorProps>, string]>([
    ['an empty list of security groups', { securityGroups: [] }, 'securityGroups: 0 are given; use 1 to 5'],
    ['a name that is too long', { networkConnectorName: 'a'.repeat(65) }, 'NetworkConnectorNameInvalid'],
    ['a name with a blank', { networkConnectorName: 'a b' }, 'NetworkConnectorNameInvalid'],
    ['no retained version', { retainedVersions: 0 }, 'retainedVersions: 0 is not valid; use a whole number from 1 to 10'],
    ['too many retained versions', { retainedVersions: 11 }, 'NetworkConnectorRetainedVersionsInvalid'],
    ['a short time-out', { deploymentTimeout: Duration.seconds(30) }, 'NetworkConnectorTimeoutInvalid'],
    ['a long time-out', { deploymentTimeout: Duration.hours(1) }, 'use 1 to 55 minutes'],
    ['a tag of this library', { tags: { 'cdk-lambda-microvms:stack': 'x' } }, 'NetworkConnectorTagsInvalid'],
    ['too many tags', { tags: Object.fromEntries(Array.from({ length: 48 }, (_, n) => [`t${n}`, 'x'])) }, 'use at most 47'],
    ['a selection without subnets', { vpcSubnets: { availabilityZones: ['eu-west-1z'] } }, 'vpcSubnets: the selection has 0 subnets; select 1 to 16'],
  ])('fails on %s', (_, props, message) => {
    expect(attempt(props)).toThrow(message);
  });

  test('fails on six security groups', () => {
    const stack = testStack();
    const groups = [1, 2, 3, 4, 5, 6].map(n => ec2.SecurityGroup.fromSecurityGroupId(stack, `G${n}`, `sg-${n}`, { allowAllOutbound: false }));
    expect(() => testNetworkConnector({ securityGroups: groups }, stack)).toThrow(/securityGroups: 6 are given; use 1 to 5.*NetworkConnectorSecurityGroupsInvalid/);
  });

  test('fails on seventeen subnets', () => {
    const stack = testStack();
    const subnets = Array.from({ length: 17 }, (_, n) => ec2.Subnet.fromSubnetId(stack, `S${n}`, `subnet-${n}`));
    expect(() => testNetworkConnector({ vpcSubnets: { subnets } }, stack)).toThrow(/vpcSubnets: the selection has 17 subnets.*NetworkConnectorSubnetsInvalid/);
  });

  test('fails on dual stack in subnets of the app that have no IPv6 range', () => {
    const stack = testStack();
    new NetworkConnector(stack, 'Connector', { vpc: new ec2.Vpc(stack, 'Vpc', { maxAzs: 1 }), networkProtocol: NetworkProtocol.DUAL_STACK });
    expect(() => Template.fromStack(stack)).toThrow(/networkProtocol: dual stack needs an IPv6 range in every subnet, and Test\/Vpc\/PrivateSubnet1 has none.*NetworkConnectorDualStackInvalid/);
  });

  test('takes dual stack in subnets that have one, or are given one apart, or are not known', () => {
    const stack = testStack();
    const dual = new ec2.Vpc(stack, 'Dual', { maxAzs: 1, ipProtocol: ec2.IpProtocol.DUAL_STACK });
    new NetworkConnector(stack, 'One', { vpc: dual, networkProtocol: NetworkProtocol.DUAL_STACK });
    const apart = new ec2.Vpc(stack, 'Apart', { maxAzs: 1 });
    new ec2.CfnSubnetCidrBlock(stack, 'Range', { subnetId: apart.privateSubnets[0].subnetId, ipv6CidrBlock: '2001:db8::/64' });
    new NetworkConnector(stack, 'Two', { vpc: apart, networkProtocol: NetworkProtocol.DUAL_STACK });
    testNetworkConnector({ networkProtocol: NetworkProtocol.DUAL_STACK }, stack);
    expect(() => Template.fromStack(stack)).not.toThrow();
  });

  test('fails on a subnet in a zone that the service is known to refuse', () => {
    const stack = testStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 1 });
    new NetworkConnector(stack, 'Connector', { vpc });
    const subnet = vpc.privateSubnets[0].node.defaultChild as ec2.CfnSubnet;
    subnet.availabilityZone = undefined;
    subnet.availabilityZoneId = 'use1-az3';
    expect(() => Template.fromStack(stack)).toThrow(/vpcSubnets: Test\/Vpc\/PrivateSubnet1 is in the zone use1-az3, which the service refuses for MicroVMs; leave it out.*NetworkConnectorZoneRefused/);
  });

  test('fails on an operator role for other subnets', () => {
    const stack = testStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 });
    const group = new ec2.SecurityGroup(stack, 'Group', { vpc, allowAllOutbound: false });
    const operatorRole = new NetworkConnectorOperatorRole(stack, 'Role', { subnets: [vpc.privateSubnets[0]], securityGroups: [group] });
    expect(() => new NetworkConnector(stack, 'Connector', { vpc, securityGroups: [group], operatorRole }))
      .toThrow(/operatorRole: Test\/Role does not cover .*VpcPrivateSubnet2.*; make it with the same subnets.*NetworkConnectorOperatorRoleInvalid/);
    expect(() => new NetworkConnector(stack, 'Fitting', { vpc, vpcSubnets: { subnets: [vpc.privateSubnets[0]] }, securityGroups: [group], operatorRole })).not.toThrow();
  });
});

describe('a role of the user\'s own', () => {
  test('gets what it needs, and the connector waits for that', () => {
    const stack = testStack();
    const operatorRole = new iam.Role(stack, 'Mine', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    testNetworkConnector({ operatorRole }, stack);
    const template = Template.fromStack(stack);
    const [id] = Object.keys(template.findResources('AWS::IAM::Policy')).filter(name => name.startsWith('ConnectorOperatorPolicy'));
    expect(Object.values(template.findResources('Custom::NetworkConnector'))[0].DependsOn).toEqual(expect.arrayContaining([id]));
    template.resourceCountIs('AWS::EC2::SecurityGroup', 0);
  });

  test('gives a warning with the statements if nothing can be added', () => {
    const stack = testStack();
    const operatorRole = iam.Role.fromRoleArn(stack, 'Mine', `arn:aws:iam::${ACCOUNT}:role/mine`, { mutable: false });
    testNetworkConnector({ operatorRole }, stack);
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('operatorRole: nothing can be added to this role.*ec2:CreateNetworkInterface.*cdk-lambda-microvms:operatorRoleNotModified'));
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', 3);
  });
});

describe('imports', () => {
  test('by ARN and by attributes tell what they were told', () => {
    const stack = testStack();
    const connector = NetworkConnector.fromNetworkConnectorAttributes(stack, 'Import', { networkConnectorArn: ARN, vpcId: VPC, networkProtocol: NetworkProtocol.DUAL_STACK });
    expect(connector).toMatchObject({ networkConnectorArn: ARN, vpcId: VPC, networkProtocol: 'DualStack', env: { account: ACCOUNT, region: REGION } });
    expect(NetworkConnector.isNetworkConnector(connector)).toBe(false);
  });

  test.each([
    `${ARN}:3`, `arn:aws:lambda:${REGION}:aws:network-connector:aws-network-connector:HTTP_INGRESS`, 'internal', ARN.replace('network-connector:', 'network-connector/'),
  ])('fails on %s, which is no ARN of a connector', arn => {
    expect(() => NetworkConnector.fromNetworkConnectorArn(testStack(), 'Import', arn)).toThrow('NetworkConnectorArnInvalid');
  });

  test('by name find the ARN at deployment', () => {
    const stack = testStack();
    const connector = NetworkConnector.fromNetworkConnectorName(stack, 'Import', 'internal');
    new MicrovmImage(stack, 'Image', { code: MicrovmCode.fromInline('FROM x'), buildEgress: MicrovmEgress.connector(connector) });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('Custom::NetworkConnectorLookup', { ConnectorName: 'internal', TimeoutSeconds: '600' });
    template.hasResourceProperties('Custom::MicrovmImage', { BuildEgressArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Import'), 'ConnectorArn'] } });
  });

  test('fails on a name that cannot be one', () => {
    expect(() => NetworkConnector.fromNetworkConnectorName(testStack(), 'Import', 'a b')).toThrow('NetworkConnectorNameInvalid');
  });
});

test('a connector is the way out of an image of another stack', () => {
  const app = testApp();
  const { connector } = testNetworkConnector({}, testStack(app, 'Network'));
  const stack = testStack(app, 'Images');
  new MicrovmImage(stack, 'Image', { code: MicrovmCode.fromInline('FROM x'), buildEgress: MicrovmEgress.connector(connector) });
  Template.fromStack(stack).hasResourceProperties('Custom::MicrovmImage', {
    BuildEgressArn: { 'Fn::ImportValue': Match.stringLikeRegexp('^Network:ExportsOutputFnGetAttConnector.*ConnectorArn') },
  });
});

test('an L1 can be imported, and used as it is', () => {
  const stack = testStack();
  const l1 = new lambda.CfnNetworkConnector(stack, 'L1', {
    operatorRole: 'arn:aws:iam::123456789012:role/x', configuration: { vpcEgressConfiguration: { subnetIds: ['s'], associatedComputeResourceTypes: ['MicroVm'] } },
  });
  expect(() => MicrovmEgress.connector(l1).bind(stack)).not.toThrow();
});

test('aspects see one connector as one construct', () => {
  const { stack } = testNetworkConnector();
  const seen: string[] = [];
  Aspects.of(stack).add({ visit: node => { if (NetworkConnector.isNetworkConnector(node)) seen.push(node.node.path); } });
  Template.fromStack(stack);
  expect(seen).toEqual(['Test/Connector']);
});

test('a stack that knows neither account nor Region will do', () => {
  const stack = new Stack(new App({ analyticsReporting: false }), 'Anywhere');
  new NetworkConnector(stack, 'Connector', { vpc: new ec2.Vpc(stack, 'Vpc') });
  expect(() => Template.fromStack(stack)).not.toThrow();
});
