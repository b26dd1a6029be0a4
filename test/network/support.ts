import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { NetworkConnectorProps } from '../../src';
import { NetworkConnector } from '../../src';
import { testStack } from '../support/stacks';

export const VPC = 'vpc-0123456789abcdef1';
export const SUBNETS = ['subnet-0123456789abcdef1', 'subnet-0123456789abcdef2'];
export const SECURITY_GROUP = 'sg-0123456789abcdef1';

/** A VPC that exists already, with two private subnets. */
export function testVpc(stack: Stack, vpcId = VPC, id = 'Vpc'): ec2.IVpc {
  return ec2.Vpc.fromVpcAttributes(stack, id, { vpcId, availabilityZones: ['eu-west-1a', 'eu-west-1b'], privateSubnetIds: SUBNETS });
}

/** A connector into it, with a security group that exists already. */
export function testNetworkConnector(props: Partial<NetworkConnectorProps> = {}, stack = testStack(), vpcId = VPC) {
  const vpc = testVpc(stack, vpcId);
  const group = ec2.SecurityGroup.fromSecurityGroupId(stack, 'ConnectorGroup', SECURITY_GROUP, { allowAllOutbound: false });
  return { stack, vpc, connector: new NetworkConnector(stack, 'Connector', { vpc, securityGroups: [group], ...props }) };
}

/** The properties of the custom resource of the one connector of a stack. */
export function connectorPropertiesOf(connector: NetworkConnector): any {
  return Object.values(Template.fromStack(Stack.of(connector)).findResources('Custom::NetworkConnector'))[0].Properties;
}
