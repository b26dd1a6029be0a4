import { Annotations as CoreAnnotations, App, Aspects, Duration, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { connectorPropertiesOf, SECURITY_GROUP, SUBNETS, testNetworkConnector, VPC } from './support';
import type { NetworkConnectorProps } from '../../src';
import {
  MicrovmCode, MicrovmEgress, MicrovmImage, NetworkConnector, NetworkConnectorCatalog, NetworkConnectorDeletion, NetworkConnectorElasticIps,
  NetworkConnectorOperatorRole, NetworkConnectorPlacementRemoval, NetworkProtocol,
} from '../../src';
import { NETWORK_CONNECTOR_DEFAULTS } from '../../src/contract/connector';
import { ACCOUNT, REGION, testApp, testStack } from '../support/stacks';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const ARN = `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-1`;

describe('a connector with default properties', () => {
  const stack = testStack();
  const connector = new NetworkConnector(stack, 'Connector', { vpc: new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 }) });
  const template = Template.fromStack(stack);

  test('uses private subnets and safe defaults', () => {
    const properties = connectorPropertiesOf(connector);
    expect(properties).toMatchObject({
      ConnectorName: expect.stringMatching(/^Test-Connector-[0-9A-F]{8}-[0-9a-f]{8}$/),
      NameIsGenerated: 'true',
      SubnetIds: [{ Ref: 'VpcPrivateSubnet1Subnet536B997A' }, { Ref: 'VpcPrivateSubnet2Subnet3788AAA1' }],
      SubnetZones: ['VpcPrivateSubnet1Subnet536B997A', 'VpcPrivateSubnet2Subnet3788AAA1'].map(id => ({ 'Fn::GetAtt': [id, 'AvailabilityZoneId'] })),
    });
    for (const absent of ['Tags', 'ElasticIps', 'RequestOverrides', ...Object.keys(NETWORK_CONNECTOR_DEFAULTS)]) expect(properties).not.toHaveProperty(absent);
  });

  test('creates a security group without egress (IPv4 or IPv6)', () => {
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupEgress: [Match.objectLike({ CidrIp: '255.255.255.255/32', IpProtocol: 'icmp' })],
      SecurityGroupIngress: Match.absent(),
    });
  });

  test('waits for the policies of its operator role', () => {
    const [resource] = Object.values(template.findResources('Custom::NetworkConnector'));
    const [policy] = Object.keys(template.findResources('AWS::IAM::Policy')).filter(id => id.startsWith('ConnectorOperatorRolePolicy'));
    expect(resource.DependsOn).toContain(policy);
    // The reference to the role makes it wait for the role, too.
    expect(resource.Properties.OperatorRoleArn).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^ConnectorOperatorRole[0-9A-F]{8}$/), 'Arn'] });
  });

  test('is deleted with the stack, with all of its resources', () => {
    for (const resource of Object.values(template.toJSON().Resources) as any[]) expect(resource.DeletionPolicy ?? 'Delete').toBe('Delete');
  });

  test('has attributes and a reference', () => {
    const [id] = Object.keys(template.findResources('Custom::NetworkConnector'));
    expect(stack.resolve(connector.networkConnectorArn)).toEqual({ 'Fn::GetAtt': [id, 'ConnectorArn'] });
    expect(stack.resolve(connector.networkConnectorName)).toEqual({ 'Fn::GetAtt': [id, 'ConnectorName'] });
    expect(stack.resolve(connector.networkConnectorId)).toEqual({ 'Fn::GetAtt': [id, 'ConnectorId'] });
    expect(stack.resolve(connector.networkConnectorRef)).toEqual({ networkConnectorArn: { 'Fn::GetAtt': [id, 'ConnectorArn'] } });
    expect(NetworkConnector.isNetworkConnector(connector)).toBe(true);
    expect([undefined, null, 'x', {}, stack].some(x => NetworkConnector.isNetworkConnector(x))).toBe(false);
  });
});

describe('properties of the custom resource', () => {
  test('contain the properties of the user as text', () => {
    const { connector } = testNetworkConnector({
      networkConnectorName: 'internal',
      networkProtocol: NetworkProtocol.IPV4,
      deletion: NetworkConnectorDeletion.WAIT_UNTIL_UNUSED,
      placementRemoval: NetworkConnectorPlacementRemoval.KEEP_UNTIL_UNUSED,
      retainedVersions: 3,
      deploymentTimeout: Duration.minutes(20),
      tags: { team: 'network' },
      elasticIps: NetworkConnectorElasticIps.SERVICE_MANAGED,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
    });
    expect(connectorPropertiesOf(connector)).toMatchObject({
      ElasticIps: 'ServiceManaged',
      ConnectorName: 'internal',
      NameIsGenerated: 'false',
      VpcId: VPC,
      SubnetIds: SUBNETS,
      SubnetZones: ['eu-west-1a', 'eu-west-1b'],
      SecurityGroupIds: [SECURITY_GROUP],
      Deletion: 'WAIT_UNTIL_UNUSED',
      PlacementRemoval: 'KEEP_UNTIL_UNUSED',
      RetainedVersions: '3',
      TimeoutSeconds: '1200',
      Tags: [{ Key: 'team', Value: 'network' }],
    });
  });

  test('contain request overrides as JSON, with the values of tokens', () => {
    const { connector } = testNetworkConnector();
    connector.addRequestOverride('Configuration.VpcEgressConfiguration.NewMember', { Type: 'New', Vpc: connector.vpcId, Count: 2 });
    connector.addRequestOverride('TopLevel', true);
    expect(JSON.parse(connectorPropertiesOf(connector).RequestOverrides))
      .toEqual({ 'Configuration.VpcEgressConfiguration.NewMember': { Type: 'New', Vpc: VPC, Count: 2 }, 'TopLevel': true });
    expect(() => connector.addRequestOverride('A..B', 1)).toThrow('MicrovmRequestOverrideInvalid');
    for (const path of ['Name', 'Tags.team', 'ClientToken']) {
      expect(() => connector.addRequestOverride(path, 'x')).toThrow(/cannot be overridden.*MicrovmRequestOverrideInvalid/);
    }
  });

  test('contain the tags of the app and of the stack', () => {
    const stack = testStack(testApp(), 'Tagged', { tags: { stage: 'prod' } });
    const { connector } = testNetworkConnector({}, stack);
    Tags.of(stack).add('team', 'network');
    expect(connectorPropertiesOf(connector).Tags).toEqual([{ Key: 'stage', Value: 'prod' }, { Key: 'team', Value: 'network' }]);
  });

  test.each(Object.values(NetworkConnectorPlacementRemoval))('say what the removal of a subnet in use does: %s', placementRemoval => {
    const properties = connectorPropertiesOf(testNetworkConnector({ placementRemoval }).connector);
    expect({ ...NETWORK_CONNECTOR_DEFAULTS, ...properties }.PlacementRemoval).toBe(placementRemoval);
  });

  test('leave it out by default, so that an upgrade of the library updates no connector', () => {
    expect(connectorPropertiesOf(testNetworkConnector().connector)).not.toHaveProperty('PlacementRemoval');
  });

  test('do not affect the removal policy, which can retain the connector', () => {
    const { stack } = testNetworkConnector({ removalPolicy: RemovalPolicy.RETAIN });
    Template.fromStack(stack).hasResource('Custom::NetworkConnector', { DeletionPolicy: 'Retain' });
  });
});

describe('the generated name', () => {
  const nameOf = (props: Partial<NetworkConnectorProps>) => connectorPropertiesOf(testNetworkConnector(props).connector).ConnectorName;

  test('changes with protocol and VPC, which are immutable, and with no other property', () => {
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
  test('define the egress: allowTo creates the only rule', () => {
    const stack = testStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 });
    const database = new ec2.SecurityGroup(stack, 'Database', { vpc });
    new NetworkConnector(stack, 'Connector', { vpc }).connections.allowTo(database, ec2.Port.tcp(5432), 'queries');
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::EC2::SecurityGroupEgress', 1);
    template.hasResourceProperties('AWS::EC2::SecurityGroupEgress', { FromPort: 5432, ToPort: 5432, Description: 'queries' });
  });

  test('of a connector that was imported with security groups can be used', () => {
    const stack = testStack();
    const group = ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', SECURITY_GROUP, { allowAllOutbound: false });
    const connector = NetworkConnector.fromNetworkConnectorAttributes(stack, 'Import', { networkConnectorArn: ARN, securityGroups: [group] });
    connector.connections.allowTo(ec2.Peer.ipv4('10.0.0.0/16'), ec2.Port.HTTPS);
    Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroupEgress', { GroupId: SECURITY_GROUP, CidrIp: '10.0.0.0/16' });
  });

  test('fail to add a security group, which the network interfaces would not have', () => {
    const { stack, connector } = testNetworkConnector();
    const group = ec2.SecurityGroup.fromSecurityGroupId(stack, 'Added', 'sg-2');
    expect(() => connector.connections.addSecurityGroup(group)).toThrow(
      'connections: Test/Added cannot be added to the connector; pass it in securityGroups [NetworkConnectorSecurityGroupsInvalid at Test/Connector]');
  });

  test('fail for a connector that was imported without security groups, with the fix', () => {
    const connector = NetworkConnector.fromNetworkConnectorArn(testStack(), 'Import', ARN);
    expect(() => connector.connections)
      .toThrow(/connections: .*fromNetworkConnectorAttributes and securityGroups .*NetworkConnectorConnectionsUnknown/);
  });
});

describe('security groups that are L1s', () => {
  test('get the rules of connections beside them', () => {
    const stack = testStack();
    const groups = ['A', 'B'].map(id => new ec2.CfnSecurityGroup(stack, id, { groupDescription: id }));
    const { connector } = testNetworkConnector({ securityGroups: groups }, stack);
    connector.connections.allowToAnyIpv4(ec2.Port.HTTPS);
    expect(connectorPropertiesOf(connector).SecurityGroupIds).toEqual(groups.map(group => stack.resolve(group.ref)));
    Template.fromStack(stack).resourceCountIs('AWS::EC2::SecurityGroupEgress', 2);
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('securityGroups'));
  });

  test('keep the logical IDs of their rules if the list changes', () => {
    const rulesOf = (...ids: string[]) => {
      const stack = testStack();
      const groups = ids.map(id => new ec2.CfnSecurityGroup(stack, id, { groupDescription: id }));
      testNetworkConnector({ securityGroups: groups }, stack).connector.connections.allowToAnyIpv4(ec2.Port.HTTPS);
      return Object.keys(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroupEgress'));
    };
    expect(rulesOf('A', 'B')).toEqual(expect.arrayContaining(rulesOf('B')));
  });
});

test('the grants of a connector are those of its methods', () => {
  const use = (give: (connector: NetworkConnector, role: iam.Role) => void) => {
    const { stack, connector } = testNetworkConnector();
    give(connector, new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() }));
    return Template.fromStack(stack).toJSON().Resources;
  };
  expect(use((connector, role) => connector.grants.use(role))).toEqual(use((connector, role) => connector.grantUse(role)));
  expect(use((connector, role) => connector.grants.manage(role))).toEqual(use((connector, role) => connector.grantManage(role)));
});

describe('synthesis', () => {
  const attempt = (props: Partial<NetworkConnectorProps>) => () => Template.fromStack(testNetworkConnector(props).stack);

  test.each<[string, Partial<NetworkConnectorProps>, string]>([
    ['a name that is too long', { networkConnectorName: 'a'.repeat(65) }, 'NetworkConnectorNameInvalid'],
    ['a name with a blank', { networkConnectorName: 'a b' }, 'NetworkConnectorNameInvalid'],
    ['no retained version', { retainedVersions: 0 }, 'retainedVersions: 0 is not valid; use a whole number from 1 to 10'],
    ['too many retained versions', { retainedVersions: 11 }, 'NetworkConnectorRetainedVersionsInvalid'],
    ['a short timeout', { deploymentTimeout: Duration.seconds(30) }, 'NetworkConnectorTimeoutInvalid'],
    ['a long timeout', { deploymentTimeout: Duration.hours(1) }, 'use 1 to 55 minutes'],
    ['a tag of this library', { tags: { 'cdk-lambda-microvms:stack': 'x' } }, 'NetworkConnectorTagsInvalid'],
    ['too many tags', { tags: Object.fromEntries(Array.from({ length: 48 }, (_, n) => [`t${n}`, 'x'])) }, 'use at most 47'],
  ])('fails on %s', (_, props, message) => {
    expect(attempt(props)).toThrow(message);
  });

  test('fails on an operator role for other subnets', () => {
    const stack = testStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 });
    const group = new ec2.SecurityGroup(stack, 'Group', { vpc, allowAllOutbound: false });
    const operatorRole = new NetworkConnectorOperatorRole(stack, 'Role', { subnets: [vpc.privateSubnets[0]], securityGroups: [group] });
    expect(() => new NetworkConnector(stack, 'Connector', { vpc, securityGroups: [group], operatorRole }))
      .toThrow(/operatorRole: Test\/Role does not cover .*VpcPrivateSubnet2.*; create it with the same subnets, security groups and elasticIps.*NetworkConnectorOperatorRoleInvalid/);
    const vpcSubnets = { subnets: [vpc.privateSubnets[0]] };
    expect(() => new NetworkConnector(stack, 'Fitting', { vpc, vpcSubnets, securityGroups: [group], operatorRole }))
      .not.toThrow();
  });
});

describe('elastic IPs', () => {
  const elasticIps = NetworkConnectorElasticIps.SERVICE_MANAGED;
  const SELECTION = { vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS } };

  test('give the operator role permission to allocate and associate addresses', () => {
    const allows = (props: Partial<NetworkConnectorProps>) => JSON.stringify(Template.fromStack(testNetworkConnector(props).stack).findResources('AWS::IAM::Policy'));
    expect(allows({ ...SELECTION, elasticIps })).toMatch(/ec2:AllocateAddress.*ec2:AssociateAddress/);
    expect(allows(SELECTION)).not.toContain('Address');
  });

  test('delay the connector until the internet gateway and the routes of a VPC in the same stack exist', () => {
    const stack = testStack();
    new NetworkConnector(stack, 'Connector', { vpc: new ec2.Vpc(stack, 'Vpc', { maxAzs: 1 }), elasticIps });
    const { DependsOn } = Object.values(Template.fromStack(stack).findResources('Custom::NetworkConnector'))[0];
    expect(DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^VpcPublicSubnet1DefaultRoute/)]));
  });

  test('give the same permission to an operator role of the user', () => {
    const stack = testStack();
    const operatorRole = new iam.Role(stack, 'Mine', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    testNetworkConnector({ ...SELECTION, elasticIps, operatorRole }, stack);
    expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Policy'))).toContain('ec2:AllocateAddress');
  });

  test('fail with an operator role that covers none, and may be fewer than it covers', () => {
    const stack = testStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 1 });
    const securityGroups = [new ec2.SecurityGroup(stack, 'Group', { vpc, allowAllOutbound: false })];
    const role = (id: string, props: { elasticIps?: NetworkConnectorElasticIps }) =>
      new NetworkConnectorOperatorRole(stack, id, { subnets: vpc.publicSubnets, securityGroups, ...props });
    expect(() => new NetworkConnector(stack, 'One', { vpc, securityGroups, elasticIps, operatorRole: role('Without', {}) }))
      .toThrow(/operatorRole: Test\/Without does not cover elasticIps; create it with the same subnets, security groups and elasticIps.*NetworkConnectorOperatorRoleInvalid/);
    const vpcSubnets = { subnetType: ec2.SubnetType.PUBLIC };
    expect(() => new NetworkConnector(stack, 'Two', { vpc, vpcSubnets, securityGroups, operatorRole: role('With', { elasticIps }) })).not.toThrow();
  });
});

describe('an operator role of the user', () => {
  test('gets the policy that it needs, and the connector waits for the policy', () => {
    const stack = testStack();
    const operatorRole = new iam.Role(stack, 'Mine', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    testNetworkConnector({ operatorRole }, stack);
    const template = Template.fromStack(stack);
    const [id] = Object.keys(template.findResources('AWS::IAM::Policy')).filter(name => name.startsWith('ConnectorOperatorPolicy'));
    expect(Object.values(template.findResources('Custom::NetworkConnector'))[0].DependsOn).toEqual(expect.arrayContaining([id]));
    template.resourceCountIs('AWS::EC2::SecurityGroup', 0);
  });

  test('gets a warning with the statements if it is immutable', () => {
    const stack = testStack();
    const operatorRole = iam.Role.fromRoleArn(stack, 'Mine', `arn:aws:iam::${ACCOUNT}:role/mine`, { mutable: false });
    testNetworkConnector({ operatorRole }, stack);
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp(
      'operatorRole: the role is immutable; make sure that its policy allows.*ec2:CreateNetworkInterface'
      + '.*cdk-lambda-microvms:operatorRoleNotModified',
    ));
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', 3);
  });
});

describe('an operator role that is an L1', () => {
  function l1(stack: Stack, statement: object): iam.CfnRole {
    return new iam.CfnRole(stack, 'Mine', { path: '/network/', assumeRolePolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', ...statement }] } });
  }

  test('is used by its ARN, and gets the policy by its name', () => {
    const stack = testStack();
    const { connector } = testNetworkConnector({ operatorRole: l1(stack, { Principal: { Service: 'lambda.amazonaws.com' } }) }, stack);
    expect(connectorPropertiesOf(connector).OperatorRoleArn).toEqual({ 'Fn::GetAtt': ['Mine', 'Arn'] });
    expect(stack.resolve([connector.operatorRole.roleArn, connector.operatorRole.roleName])).toEqual([{ 'Fn::GetAtt': ['Mine', 'Arn'] }, { Ref: 'Mine' }]);
    const template = Template.fromStack(stack);
    const [id, policy] = Object.entries(template.findResources('AWS::IAM::Policy')).find(([name]) => name.startsWith('ConnectorOperatorPolicy'))!;
    expect(policy.Properties.Roles).toEqual([{ Ref: 'Mine' }]);
    expect(Object.values(template.findResources('Custom::NetworkConnector'))[0].DependsOn).toEqual(expect.arrayContaining([id]));
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('operatorRole'));
  });
});

describe('the trust policy of an operator role of the user', () => {
  const LAMBDA = new iam.ServicePrincipal('lambda.amazonaws.com');

  test.each<[string, iam.IPrincipal, string]>([
    ['a condition on the source account', LAMBDA.withConditions({ StringEquals: { 'aws:SourceAccount': ACCOUNT } }), 'has a condition on aws:SourceAccount, which the service does not send'],
    ['another service', new iam.ServicePrincipal('ec2.amazonaws.com'), 'does not name lambda.amazonaws.com'],
  ])('causes a warning with %s', (_, assumedBy, problem) => {
    const stack = testStack();
    testNetworkConnector({ operatorRole: new iam.Role(stack, 'Mine', { assumedBy }) }, stack);
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp(
      `operatorRole: the trust policy of Test/Mine ${problem}; create the role with .*cdk-lambda-microvms:operatorRoleNotAssumable`));
  });

  test('causes no warning if it names the service, or if the role is imported', () => {
    const stack = testStack();
    testNetworkConnector({ operatorRole: new iam.Role(stack, 'Mine', { assumedBy: LAMBDA }) }, stack);
    const other = testStack();
    testNetworkConnector({ operatorRole: iam.Role.fromRoleName(other, 'Mine', 'mine') }, other);
    for (const each of [stack, other]) Annotations.fromStack(each).hasNoWarning('*', Match.stringLikeRegexp('operatorRoleNotAssumable'));
  });

  test('causes a warning that the connector can acknowledge', () => {
    const stack = testStack();
    const operatorRole = new iam.Role(stack, 'Mine', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
    const { connector } = testNetworkConnector({ operatorRole }, stack);
    CoreAnnotations.of(connector).acknowledgeWarning('cdk-lambda-microvms:operatorRoleNotAssumable');
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('operatorRoleNotAssumable'));
  });
});

describe('imported connectors', () => {
  test('have the given attributes', () => {
    const stack = testStack();
    const attributes = { networkConnectorArn: ARN, vpcId: VPC, networkProtocol: NetworkProtocol.DUAL_STACK };
    const connector = NetworkConnector.fromNetworkConnectorAttributes(stack, 'Import', attributes);
    expect(connector)
      .toMatchObject({ networkConnectorArn: ARN, vpcId: VPC, networkProtocol: 'DualStack', env: { account: ACCOUNT, region: REGION } });
    expect(NetworkConnector.isNetworkConnector(connector)).toBe(false);
  });

  test.each([
    `${ARN}:3`,
    `arn:aws:lambda:${REGION}:aws:network-connector:aws-network-connector:HTTP_INGRESS`,
    'internal',
    ARN.replace('network-connector:', 'network-connector/'),
  ])('fail on %s, which is not the ARN of a connector', arn => {
    expect(() => NetworkConnector.fromNetworkConnectorArn(testStack(), 'Import', arn)).toThrow('NetworkConnectorArnInvalid');
  });

  test('have an ARN that the deployment finds by name', () => {
    const stack = testStack();
    const connector = NetworkConnector.fromNetworkConnectorName(stack, 'Import', 'internal');
    new MicrovmImage(stack, 'Image', { code: MicrovmCode.fromInline('FROM x'), buildEgress: MicrovmEgress.connector(connector) });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('Custom::NetworkConnectorLookup', { ConnectorName: 'internal', TimeoutSeconds: '600' });
    template.hasResourceProperties('Custom::MicrovmImage', { BuildEgressArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Import'), 'ConnectorArn'] } });
  });

  test('have a lookup by name that creates two resources, in addition to the handler of the stack', () => {
    const count = (stack: Stack) => Object.keys(Template.fromStack(stack).toJSON().Resources).length;
    const stack = testStack();
    ['A', 'B'].forEach(id => NetworkConnector.fromNetworkConnectorName(stack, id, 'internal'));
    const other = testStack();
    NetworkConnector.fromNetworkConnectorName(other, 'A', 'internal');
    expect(count(stack) - count(other)).toBe(2);
    expect(Object.keys(Template.fromStack(importOnly()).toJSON().Resources ?? {})).toEqual([]);
  });

  function importOnly(): Stack {
    const stack = testStack();
    NetworkConnector.fromNetworkConnectorArn(stack, 'Arn', ARN);
    NetworkConnectorCatalog.fromCatalogName(stack, 'Catalog', 'platform').connector('internal');
    return stack;
  }

  test('fail on an invalid name', () => {
    expect(() => NetworkConnector.fromNetworkConnectorName(testStack(), 'Import', 'a b')).toThrow('NetworkConnectorNameInvalid');
  });
});

test('aspects visit a connector once', () => {
  const { stack } = testNetworkConnector();
  const seen: string[] = [];
  Aspects.of(stack).add({ visit: node => { if (NetworkConnector.isNetworkConnector(node)) seen.push(node.node.path); } });
  Template.fromStack(stack);
  expect(seen).toEqual(['Test/Connector']);
});

test('works in a stack without account and Region', () => {
  const stack = new Stack(new App({ analyticsReporting: false }), 'Anywhere');
  new NetworkConnector(stack, 'Connector', { vpc: new ec2.Vpc(stack, 'Vpc') });
  expect(() => Template.fromStack(stack)).not.toThrow();
});
