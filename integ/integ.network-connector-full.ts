/**
 * A network connector with every property set, one with elastic IPs, an L1 with the same operator role, imported
 * connectors and grants.
 *
 * In an account, it creates network interfaces in two dual-stack subnets, which cost nothing, and in two public subnets
 * with elastic IPs, which cost half a US cent an hour each.
 */
import { ExpectedResult, IntegTest, Match } from '@aws-cdk/integ-tests-alpha';
import { App, CfnOutput, Duration, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import {
  NetworkConnector, NetworkConnectorDeletion, NetworkConnectorElasticIps, NetworkConnectorGrants, NetworkConnectorOperatorRole, NetworkProtocol,
  NetworkConnectorPlacementRemoval,
} from '../src';

const NAME = 'integ-network-connector-full';

const app = new App();
const stack = new Stack(app, 'IntegNetworkConnectorFull');
Tags.of(stack).add('cost-center', 'integration-tests');

const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0, ipProtocol: ec2.IpProtocol.DUAL_STACK, restrictDefaultSecurityGroup: false });
const securityGroup = new ec2.SecurityGroup(stack, 'MicroVMs', { vpc, description: 'MicroVMs', allowAllOutbound: false });
const subnets = vpc.selectSubnets({ subnetType: ec2.SubnetType.PRIVATE_ISOLATED });

const operatorRole = new NetworkConnectorOperatorRole(stack, 'OperatorRole', {
  subnets: subnets.subnets,
  securityGroups: [securityGroup],
  description: 'Creates the network interfaces of two connectors',
  servicePrincipal: 'lambda.amazonaws.com',
  requireConnectorTag: false,
  elasticIps: NetworkConnectorElasticIps.NONE,
  denyFromFunctions: true,
});

const connector = new NetworkConnector(stack, 'Internal', {
  vpc,
  vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
  securityGroups: [securityGroup],
  elasticIps: NetworkConnectorElasticIps.NONE,
  networkProtocol: NetworkProtocol.DUAL_STACK,
  networkConnectorName: NAME,
  operatorRole,
  deletion: NetworkConnectorDeletion.FORCE,
  placementRemoval: NetworkConnectorPlacementRemoval.WAIT_UNTIL_UNUSED,
  retainedVersions: 2,
  removalPolicy: RemovalPolicy.DESTROY,
  deploymentTimeout: Duration.minutes(30),
  tags: { purpose: 'integration-test' },
});
connector.connections.allowTo(ec2.Peer.ipv4(vpc.vpcCidrBlock), ec2.Port.tcp(5432));
new CfnOutput(stack, 'ConnectorArn', { value: connector.networkConnectorArn });

// Reaches the internet from fixed addresses, without a NAT gateway.
const outbound = new NetworkConnector(stack, 'Outbound', { vpc, elasticIps: NetworkConnectorElasticIps.SERVICE_MANAGED });
outbound.connections.allowTo(ec2.Peer.anyIpv4(), ec2.Port.HTTPS);
// Sets what the library could set itself: an override reaches the service as it is.
outbound.addRequestOverride('Configuration.VpcEgressConfiguration.ElasticIpConfiguration.Type', 'ServiceManaged');

// The operator role also works for an L1, which depends on it.
const l1 = new lambda.CfnNetworkConnector(stack, 'L1', {
  operatorRole: operatorRole.roleArn,
  configuration: {
    vpcEgressConfiguration: {
      subnetIds: subnets.subnetIds,
      securityGroupIds: [securityGroup.securityGroupId],
      networkProtocol: 'IPv4',
      associatedComputeResourceTypes: ['MicroVm'],
    },
  },
});
l1.node.addDependency(operatorRole);

// Finds the connector by name, as another app does.
const found = NetworkConnector.fromNetworkConnectorName(stack, 'Found', NAME);
found.node.addDependency(connector);
new CfnOutput(stack, 'FoundArn', { value: found.networkConnectorArn });

const developer = new iam.Role(stack, 'Developer', { assumedBy: new iam.AccountRootPrincipal() });
connector.grantUse(developer);
NetworkConnectorGrants.fromNetworkConnector(l1).use(developer);
const member = new iam.Role(stack, 'NetworkTeam', { assumedBy: new iam.AccountRootPrincipal() });
connector.grantManage(member);
NetworkConnectorGrants.create(stack, member, {
  subnets: subnets.subnets, securityGroups: [securityGroup], operatorRoles: [operatorRole], requiredTags: { team: 'network' },
});

const integ = new IntegTest(app, 'IntegNetworkConnectorFullTest', { testCases: [stack] });

integ.assertions.awsApiCall('EC2', 'describeNetworkInterfaces', {
  Filters: [{ Name: 'group-id', Values: [securityGroup.securityGroupId] }],
}).assertAtPath('NetworkInterfaces.0.VpcId', ExpectedResult.exact(vpc.vpcId)); // the whole response is too long

integ.assertions.awsApiCall('CloudFormation', 'describeStacks', { StackName: stack.stackName }).expect(ExpectedResult.objectLike({
  Stacks: [{
    Outputs: Match.arrayWith([
      Match.objectLike({ OutputKey: 'FoundArn', OutputValue: Match.stringLikeRegexp('^arn:[^:]+:lambda:[^:]+:[0-9]{12}:network-connector:nc-.+$') }),
    ]),
  }],
}));
