/**
 * A network connector with default properties.
 *
 * In an account, it creates network interfaces in two isolated subnets, which cost nothing. The deployment waits some
 * minutes until the connector is active.
 */
import { ExpectedResult, IntegTest, Match } from '@aws-cdk/integ-tests-alpha';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { NetworkConnector } from '../src';

const app = new App();
const stack = new Stack(app, 'IntegNetworkConnector');

const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0, restrictDefaultSecurityGroup: false });
const connector = new NetworkConnector(stack, 'Internal', { vpc });
connector.connections.allowTo(ec2.Peer.ipv4(vpc.vpcCidrBlock), ec2.Port.HTTPS, 'endpoints of the VPC');
new CfnOutput(stack, 'ConnectorArn', { value: connector.networkConnectorArn });
new CfnOutput(stack, 'ConnectorName', { value: connector.networkConnectorName });

const integ = new IntegTest(app, 'IntegNetworkConnectorTest', { testCases: [stack] });

// The deployment waited until the connector was active, so its ID is known.
integ.assertions.awsApiCall('CloudFormation', 'describeStacks', { StackName: stack.stackName }).expect(ExpectedResult.objectLike({
  Stacks: [{
    Outputs: Match.arrayWith([
      Match.objectLike({
        OutputKey: 'ConnectorArn', OutputValue: Match.stringLikeRegexp('^arn:[^:]+:lambda:[^:]+:[0-9]{12}:network-connector:nc-.+$'),
      }),
    ]),
  }],
}));

// The service created network interfaces in the VPC, with the security group of the connector.
integ.assertions.awsApiCall('EC2', 'describeNetworkInterfaces', {
  Filters: [{ Name: 'group-id', Values: connector.connections.securityGroups.map(group => group.securityGroupId) }],
}).assertAtPath('NetworkInterfaces.0.VpcId', ExpectedResult.exact(vpc.vpcId)); // the whole response is too long
