import { Template, Annotations, Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { connectorPropertiesOf, SECURITY_GROUP, testNetworkConnector, testVpc, VPC } from './support';
import type { NetworkConnectorProps } from '../../src';
import { NetworkConnector, NetworkConnectorElasticIps, NetworkProtocol } from '../../src';
import { ACCOUNT, REGION, testApp, testStack } from '../support/stacks';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const ARN = `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-1`;

describe('subnets', () => {
  test('fails on a selection without subnets', () => {
    expect(() => testNetworkConnector({ vpcSubnets: { availabilityZones: ['eu-west-1z'] } }))
      .toThrow('vpcSubnets: the selection has 0 subnets; select 1 to 16');
  });

  test('fails on a selection that the VPC does not have, with the property and the path', () => {
    const stack = testStack();
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: VPC, availabilityZones: ['eu-west-1a'] });
    expect(() => new NetworkConnector(stack, 'Connector', { vpc })).toThrow(
      /^vpcSubnets: the VPC Test\/Vpc does not have the selected subnets \(There are no .*NetworkConnectorSubnetsInvalid at Test\/Connector\]/);
  });

  test('fails on seventeen subnets', () => {
    const stack = testStack();
    const subnets = Array.from({ length: 17 }, (_, n) => ec2.Subnet.fromSubnetId(stack, `S${n}`, `subnet-${n}`));
    expect(() => testNetworkConnector({ vpcSubnets: { subnets } }, stack))
      .toThrow(/vpcSubnets: the selection has 17 subnets.*NetworkConnectorSubnetsInvalid/);
  });

  test('dual stack fails in subnets of the app that have no IPv6 range', () => {
    const stack = testStack();
    new NetworkConnector(stack, 'Connector', { vpc: new ec2.Vpc(stack, 'Vpc', { maxAzs: 1 }), networkProtocol: NetworkProtocol.DUAL_STACK });
    expect(() => Template.fromStack(stack))
      .toThrow(new RegExp('networkProtocol: DUAL_STACK needs an IPv6 range in every subnet; Test/Vpc/PrivateSubnet1 has none'
        + '.*NetworkConnectorDualStackInvalid'));
  });

  test('dual stack works in subnets that have a range, get a separate range, or are imported', () => {
    const stack = testStack();
    const dual = new ec2.Vpc(stack, 'Dual', { maxAzs: 1, ipProtocol: ec2.IpProtocol.DUAL_STACK });
    new NetworkConnector(stack, 'One', { vpc: dual, networkProtocol: NetworkProtocol.DUAL_STACK });
    const apart = new ec2.Vpc(stack, 'Apart', { maxAzs: 1 });
    new ec2.CfnSubnetCidrBlock(stack, 'Range', { subnetId: apart.privateSubnets[0].subnetId, ipv6CidrBlock: '2001:db8::/64' });
    new NetworkConnector(stack, 'Two', { vpc: apart, networkProtocol: NetworkProtocol.DUAL_STACK });
    testNetworkConnector({ networkProtocol: NetworkProtocol.DUAL_STACK }, stack);
    expect(() => Template.fromStack(stack)).not.toThrow();
  });

  test('fails on a subnet in an Availability Zone that the service is known to reject', () => {
    const stack = testStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 1 });
    new NetworkConnector(stack, 'Connector', { vpc });
    const subnet = vpc.privateSubnets[0].node.defaultChild as ec2.CfnSubnet;
    subnet.availabilityZone = undefined;
    subnet.availabilityZoneId = 'use1-az3';
    expect(() => Template.fromStack(stack))
      .toThrow(new RegExp('vpcSubnets: Test/Vpc/PrivateSubnet1 is in the Availability Zone use1-az3; '
        + 'the service rejects that zone for MicroVMs; leave the subnet out.*NetworkConnectorZoneRejected'));
  });
});

describe('elastic IPs', () => {
  const SERVICE_MANAGED = NetworkConnectorElasticIps.SERVICE_MANAGED;
  const PUBLIC = /^vpcSubnets: (.*) (?:is|are) public.*reach nothing outside the VPC over IPv4.*SERVICE_MANAGED.*cdk-lambda-microvms:publicSubnetsWithoutElasticIps/;
  const NOT_PUBLIC = /^elasticIps: (.*) (?:is|are) not public.*select public subnets, or omit elasticIps.*cdk-lambda-microvms:elasticIpsOutsidePublicSubnets/;

  /** Returns the paths in the warnings about the placement of a connector in a new VPC. */
  function warnings(props: Partial<NetworkConnectorProps>, vpcProps: ec2.VpcProps = { maxAzs: 1 }): { public: string[]; notPublic: string[] } {
    const stack = testStack();
    new NetworkConnector(stack, 'Connector', { vpc: new ec2.Vpc(stack, 'Vpc', vpcProps), ...props });
    const texts = Annotations.fromStack(stack).findWarning('*', Match.anyValue()).map(({ entry }) => entry.data as string);
    const paths = (pattern: RegExp) => texts.flatMap(text => pattern.exec(text)?.[1] ?? []);
    return { public: paths(PUBLIC), notPublic: paths(NOT_PUBLIC) };
  }

  test('are missing in public subnets, which causes a warning that names the property', () => {
    expect(warnings({ vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC } })).toEqual({ public: ['Test/Vpc/PublicSubnet1'], notPublic: [] });
    expect(warnings({ vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC }, elasticIps: NetworkConnectorElasticIps.NONE })).toMatchObject({ public: ['Test/Vpc/PublicSubnet1'] });
  });

  test('are also missing in the default VPC, which has only public subnets', () => {
    const app = testApp({
      'vpc-provider:account=123456789012:filter.isDefault=true:region=eu-west-1:returnAsymmetricSubnets=true': {
        vpcId: 'vpc-default',
        vpcCidrBlock: '172.31.0.0/16',
        availabilityZones: [],
        subnetGroups: [{ name: 'Public', type: 'Public', subnets: [{ subnetId: 'subnet-1', cidr: '172.31.0.0/20', availabilityZone: 'eu-west-1a', routeTableId: 'rtb-1' }] }],
      },
    });
    const stack = testStack(app);
    new NetworkConnector(stack, 'Connector', { vpc: ec2.Vpc.fromLookup(stack, 'Vpc', { isDefault: true }) });
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('vpcSubnets: Test/Vpc/PublicSubnet1 is public.*publicSubnetsWithoutElasticIps'));
  });

  test('are also missing if the VPC has only public subnets', () => {
    const onlyPublic = { maxAzs: 2, natGateways: 0, subnetConfiguration: [{ name: 'Public', subnetType: ec2.SubnetType.PUBLIC }] };
    expect(warnings({}, onlyPublic)).toEqual({ public: ['Test/Vpc/PublicSubnet1, Test/Vpc/PublicSubnet2'], notPublic: [] });
  });

  test('have no effect in private and isolated subnets, which causes a warning', () => {
    expect(warnings({ elasticIps: SERVICE_MANAGED, vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS } }))
      .toEqual({ public: [], notPublic: ['Test/Vpc/PrivateSubnet1'] });
    const isolated = { maxAzs: 1, natGateways: 0 };
    expect(warnings({ elasticIps: SERVICE_MANAGED, vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED } }, isolated))
      .toEqual({ public: [], notPublic: ['Test/Vpc/IsolatedSubnet1'] });
  });

  test('make public subnets the default, without a warning', () => {
    const stack = testStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 1 });
    const connector = new NetworkConnector(stack, 'Connector', { vpc, elasticIps: SERVICE_MANAGED });
    expect(connector.subnets).toEqual(vpc.publicSubnets);
    expect(warnings({ elasticIps: SERVICE_MANAGED })).toEqual({ public: [], notPublic: [] });
  });

  test('cause no warning in private subnets without them, and in subnets that the VPC does not list', () => {
    expect(warnings({})).toEqual({ public: [], notPublic: [] });
    const stack = testStack();
    const vpcSubnets = { subnets: [ec2.Subnet.fromSubnetId(stack, 'Subnet', 'subnet-1')] };
    testNetworkConnector({ elasticIps: SERVICE_MANAGED, vpcSubnets }, stack);
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('elasticIps'));
  });
});

describe('security groups', () => {
  test('fails on an empty list', () => {
    expect(() => testNetworkConnector({ securityGroups: [] })).toThrow('securityGroups: the list has 0 security groups; use 1 to 16');
  });

  test('may be sixteen, and seventeen fail', () => {
    const stack = testStack();
    const groups = Array.from({ length: 17 }, (_, n) => ec2.SecurityGroup.fromSecurityGroupId(stack, `G${n}`, `sg-${n}`, { allowAllOutbound: false }));
    expect(() => testNetworkConnector({ securityGroups: groups }, stack))
      .toThrow(/securityGroups: the list has 17 security groups; use 1 to 16.*NetworkConnectorSecurityGroupsInvalid/);
    const { connector } = testNetworkConnector({ securityGroups: groups.slice(1) });
    expect(connectorPropertiesOf(connector).SecurityGroupIds).toHaveLength(16);
  });

  test.each([['a connector', false], ['an imported connector', true]])('warn for %s if an imported one gets no egress rules', (_, isImport) => {
    const stack = testStack();
    const group = ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', SECURITY_GROUP);
    if (isImport) NetworkConnector.fromNetworkConnectorAttributes(stack, 'Import', { networkConnectorArn: ARN, securityGroups: [group] });
    else testNetworkConnector({ securityGroups: [group] }, stack);
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp(
      'Test/Group is imported without allowAllOutbound: false.*cdk-lambda-microvms:securityGroupTakenToAllowAll',
    ));
  });

  test('cause no warning if they get egress rules', () => {
    const stack = testStack();
    const own = new ec2.SecurityGroup(stack, 'Own', { vpc: testVpc(stack), allowAllOutbound: true });
    new NetworkConnector(stack, 'Connector', { vpc: testVpc(stack, VPC, 'Other'), securityGroups: [own] });
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('securityGroupTakenToAllowAll'));
  });
});
