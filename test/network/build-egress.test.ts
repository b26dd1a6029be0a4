import type { Stack } from 'aws-cdk-lib';
import { Annotations as CoreAnnotations } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { SECURITY_GROUP, SUBNETS, testVpc, VPC } from './support';
import { MicrovmCode, MicrovmEgress, MicrovmImage, NetworkConnector } from '../../src';
import { ACCOUNT, DOCKERFILE, REGION, testApp, testConnector, testStack } from '../support/stacks';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const CLOSED = 'cdk-lambda-microvms:buildEgressAllowsNothing';
const ISOLATED = 'cdk-lambda-microvms:buildEgressIsolated';
const HTTPS = ec2.Port.tcp(443);
const ISOLATED_SUBNETS = { subnetConfiguration: [{ name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }], maxAzs: 2, natGateways: 0 };

function image(stack: Stack, connector: lambda.INetworkConnectorRef): MicrovmImage {
  return new MicrovmImage(stack, 'Image', { code: MicrovmCode.fromInline(DOCKERFILE), buildEgress: MicrovmEgress.connector(connector) });
}

/** Returns which of the two warnings a stack has. */
function warnings(stack: Stack): string[] {
  const texts = Annotations.fromStack(stack).findWarning('*', Match.anyValue()).map(({ entry }) => entry.data as string);
  return [CLOSED, ISOLATED].filter(code => texts.some(text => text.includes(code)));
}

describe('a build whose connector permits nothing causes a warning', () => {
  test('with the rule to add', () => {
    const stack = testStack();
    image(stack, new NetworkConnector(stack, 'Connector', { vpc: new ec2.Vpc(stack, 'Vpc', { maxAzs: 1 }) }));
    Annotations.fromStack(stack).hasWarning('/Test/Image/Resource/Default', Match.stringLikeRegexp(
      'buildEgress: the security groups of Test/Connector permit no egress, so builds can fetch neither base images nor packages; '
      + 'add rules, for example connector.connections.allowToAnyIpv4.*' + CLOSED));
    expect(warnings(stack)).toEqual([CLOSED]);
  });

  test('that can be acknowledged', () => {
    const stack = testStack();
    const built = image(stack, new NetworkConnector(stack, 'Connector', { vpc: new ec2.Vpc(stack, 'Vpc', { maxAzs: 1 }) }));
    CoreAnnotations.of(built).acknowledgeWarning(CLOSED);
    expect(warnings(stack)).toEqual([]);
  });

  test.each<[string, (stack: Stack, vpc: ec2.IVpc) => lambda.INetworkConnectorRef]>([
    ['a security group of the user', (stack, vpc) => new NetworkConnector(stack, 'Connector', {
      vpc, securityGroups: [new ec2.SecurityGroup(stack, 'Group', { vpc, allowAllOutbound: false })],
    })],
    ['a security group without inline rules', (stack, vpc) => new NetworkConnector(stack, 'Connector', {
      vpc, securityGroups: [new ec2.SecurityGroup(stack, 'Group', { vpc, allowAllOutbound: false, disableInlineRules: true })],
    })],
    ['rules that admit others only', (stack, vpc) => {
      const connector = new NetworkConnector(stack, 'Connector', { vpc });
      connector.connections.allowFromAnyIpv4(HTTPS);
      return connector;
    }],
    ['an L1 connector', (stack, vpc) => {
      const connector = testConnector(stack);
      const { attrGroupId: id } = new ec2.SecurityGroup(stack, 'Group', { vpc, allowAllOutbound: false }).node.defaultChild as ec2.CfnSecurityGroup;
      connector.configuration = { vpcEgressConfiguration: { subnetIds: SUBNETS, securityGroupIds: [id], networkProtocol: 'IPv4', associatedComputeResourceTypes: ['MicroVm'] } };
      return connector;
    }],
  ])('with %s', (_, create) => {
    const stack = testStack();
    image(stack, create(stack, testVpc(stack)));
    expect(warnings(stack)).toEqual([CLOSED]);
  });
});

describe('a build causes no warning', () => {
  test.each<[string, (stack: Stack, vpc: ec2.IVpc) => lambda.INetworkConnectorRef]>([
    ['with a rule for addresses', (stack, vpc) => {
      const connector = new NetworkConnector(stack, 'Connector', { vpc });
      connector.connections.allowToAnyIpv4(HTTPS);
      return connector;
    }],
    ['with a rule for another security group', (stack, vpc) => {
      const connector = new NetworkConnector(stack, 'Connector', { vpc });
      connector.connections.allowTo(new ec2.SecurityGroup(stack, 'Mirror', { vpc }), HTTPS);
      return connector;
    }],
    ['with a rule in only one of two security groups', (stack, vpc) => {
      const groups = ['A', 'B'].map(id => new ec2.SecurityGroup(stack, id, { vpc, allowAllOutbound: false }));
      groups[1].addEgressRule(ec2.Peer.anyIpv4(), HTTPS);
      return new NetworkConnector(stack, 'Connector', { vpc, securityGroups: groups });
    }],
    ['with an L1 rule beside the security group', (stack, vpc) => {
      const connector = new NetworkConnector(stack, 'Connector', { vpc });
      const { securityGroupId } = connector.connections.securityGroups[0];
      new ec2.CfnSecurityGroupEgress(stack, 'Rule', { groupId: securityGroupId, ipProtocol: '-1', destinationPrefixListId: 'pl-1' });
      return connector;
    }],
    ['with a security group that allows everything', (stack, vpc) => new NetworkConnector(stack, 'Connector', {
      vpc, securityGroups: [new ec2.SecurityGroup(stack, 'Group', { vpc })],
    })],
    ['with an L1 security group without rules, because EC2 adds one', (stack, vpc) => new NetworkConnector(stack, 'Connector', {
      vpc, securityGroups: [new ec2.CfnSecurityGroup(stack, 'Group', { groupDescription: 'x', vpcId: vpc.vpcId })],
    })],
    ['with an imported security group, whose rules are not known', (stack, vpc) => new NetworkConnector(stack, 'Connector', {
      vpc, securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', SECURITY_GROUP, { allowAllOutbound: false })],
    })],
    ['with an imported connector', stack => NetworkConnector.fromNetworkConnectorArn(stack, 'Connector', `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-1`)],
  ])('%s', (_, create) => {
    const stack = testStack();
    image(stack, create(stack, testVpc(stack)));
    expect(warnings(stack)).toEqual([]);
  });
});

describe('a build in isolated subnets', () => {
  function open(stack: Stack, vpc: ec2.IVpc, vpcSubnets?: ec2.SubnetSelection): NetworkConnector {
    const connector = new NetworkConnector(stack, 'Connector', { vpc, vpcSubnets });
    connector.connections.allowToAnyIpv4(HTTPS);
    image(stack, connector);
    return connector;
  }

  test('causes a warning if the app creates neither routes nor endpoints', () => {
    const stack = testStack();
    open(stack, new ec2.Vpc(stack, 'Vpc', ISOLATED_SUBNETS));
    Annotations.fromStack(stack).hasWarning('/Test/Image/Resource/Default', Match.stringLikeRegexp('buildEgress: Test/Connector has only isolated subnets.*' + ISOLATED));
  });

  test('causes a warning in an imported VPC too', () => {
    const stack = testStack();
    open(stack, ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: VPC, availabilityZones: ['a', 'b'], isolatedSubnetIds: SUBNETS }));
    expect(warnings(stack)).toEqual([ISOLATED]);
  });

  test('causes no warning with an endpoint, also in another stack, or with a route', () => {
    const app = testApp();
    const one = testStack(app, 'One');
    const vpc = new ec2.Vpc(one, 'Vpc', ISOLATED_SUBNETS);
    open(one, vpc);
    new ec2.InterfaceVpcEndpoint(testStack(app, 'Endpoints'), 'Registry', { vpc, service: ec2.InterfaceVpcEndpointAwsService.ECR_DOCKER });
    expect(warnings(one)).toEqual([]);

    const two = testStack();
    const routed = new ec2.Vpc(two, 'Vpc', ISOLATED_SUBNETS);
    open(two, routed);
    (routed.isolatedSubnets[0] as ec2.Subnet).addRoute('Transit', { routerType: ec2.RouterType.TRANSIT_GATEWAY, routerId: 'tgw-1', destinationCidrBlock: '0.0.0.0/0' });
    expect(warnings(two)).toEqual([]);
  });

  test('causes no warning if only some subnets are isolated', () => {
    const stack = testStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', {
      maxAzs: 1,
      subnetConfiguration: [
        { name: 'Public', subnetType: ec2.SubnetType.PUBLIC },
        { name: 'Private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
        { name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      ],
    });
    open(stack, vpc, { subnets: [...vpc.privateSubnets, ...vpc.isolatedSubnets] });
    expect(warnings(stack)).toEqual([]);
  });
});

test('a connector that only MicroVMs use may permit nothing', () => {
  const stack = testStack();
  new NetworkConnector(stack, 'Connector', { vpc: new ec2.Vpc(stack, 'Vpc', ISOLATED_SUBNETS) });
  expect(warnings(stack)).toEqual([]);
  expect(() => Template.fromStack(stack)).not.toThrow();
});
