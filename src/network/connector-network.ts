import { CfnResource, Reference, Tokenization } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';

/** Where a connector is, as far as the app knows. */
export interface ConnectorNetwork {
  readonly vpcId?: string;
  readonly securityGroupIds: string[];
  /** The subnets of the connector, if its VPC lists all of them as isolated. */
  readonly isolatedSubnets: ec2.ISubnet[];
}

const UNKNOWN: ConnectorNetwork = { securityGroupIds: [], isolatedSubnets: [] };

/** Returns where a connector is: one of this library, an L1 or one of aws-cdk-lib. */
export function networkOf(connector: lambda.INetworkConnectorRef): ConnectorNetwork {
  const { _network: own } = connector as { _network?: ConnectorNetwork };
  if (own) return own;
  const resource = CfnResource.isCfnResource(connector) ? connector : connector.node.defaultChild;
  return isOfType<lambda.CfnNetworkConnector>(resource, 'AWS::Lambda::NetworkConnector') ? networkOfL1(resource) : UNKNOWN;
}

function networkOfL1({ configuration }: lambda.CfnNetworkConnector): ConnectorNetwork {
  if (Tokenization.isResolvable(configuration)) return UNKNOWN;
  const { vpcEgressConfiguration: placement } = configuration;
  if (placement === undefined || Tokenization.isResolvable(placement)) return UNKNOWN;
  return { ...UNKNOWN, securityGroupIds: placement.securityGroupIds ?? [] };
}

/**
 * Whether a construct is a resource of a type. The types are texts here, so that images load no classes of EC2.
 */
export function isOfType<T extends CfnResource>(construct: IConstruct | undefined, resourceType: string): construct is T {
  return construct !== undefined && CfnResource.isCfnResource(construct) && construct.cfnResourceType === resourceType;
}

/** Whether two IDs are of the same resource: equal texts, or attributes of one L1. */
export function isSameId(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  if (a === b) return true;
  const owner = ownerOf(a);
  return owner !== undefined && owner === ownerOf(b);
}

/** Returns the construct whose attribute a value is; undefined for a text. */
export function ownerOf(value: string): IConstruct | undefined {
  const token = Tokenization.reverse(value, { failConcat: false });
  return Reference.isReference(token) ? token.target : undefined;
}

/** Whether a resource is an egress rule of one of these security groups. */
export function isEgressRule(resource: IConstruct, securityGroupIds: string[]): resource is ec2.CfnSecurityGroupEgress {
  return isOfType<ec2.CfnSecurityGroupEgress>(resource, 'AWS::EC2::SecurityGroupEgress')
    && securityGroupIds.some(id => isSameId(id, resource.groupId));
}

/** Whether a resource is an endpoint of the VPC. */
export function isEndpoint(resource: IConstruct, vpcId: string | undefined): resource is ec2.CfnVPCEndpoint {
  return isOfType<ec2.CfnVPCEndpoint>(resource, 'AWS::EC2::VPCEndpoint') && isSameId(vpcId, resource.vpcId);
}
