import { Stack } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { hasElasticIps, NetworkConnectorElasticIps } from './elastic-ips';
import { ValidationError } from '../private/errors';
import { shortHash } from '../private/names';
import { allow, notFromAFunction, PERMISSIONS } from '../private/permissions';
import { BOOLEAN, checkProps, having, listOf, oneOf, pathOf, TEXT } from '../private/property-types';
import type { PropertyTypes } from '../private/property-types';
import type { MicrovmServiceRoleProps } from '../shared/service-role';
import { SERVICE_ROLE_TYPES } from '../shared/service-role';

/**
 * Properties of an operator role.
 *
 * Changing the subnets or the security groups replaces the policy of the role. CloudFormation creates the new policy
 * first. It deletes the old policy after the connector has been updated.
 */
export interface NetworkConnectorOperatorRoleProps extends MicrovmServiceRoleProps {
  /**
   * The subnets in which the role may create network interfaces, and no others. At least one. Changing the list
   * replaces the policy of the role.
   */
  readonly subnets: ec2.ISubnetRef[];

  /**
   * The security groups that network interfaces of the role may have, and no others. At least one. Changing the list
   * replaces the policy of the role.
   */
  readonly securityGroups: ec2.ISecurityGroupRef[];

  /**
   * The service principal that assumes the role: `lambda.amazonaws.com` or `network-connectors.lambda.amazonaws.com`.
   * Both are reported to work, and one project reports that the service rejects the first one (service-facts.md, 3.4).
   * Changing it replaces nothing.
   *
   * @default 'lambda.amazonaws.com' - as in aws-cdk-lib and in samples of AWS
   */
  readonly servicePrincipal?: string;

  /**
   * Whether the role may create network interfaces only with the tag that contains the ID of their connector. Users
   * cannot set this tag themselves. Changing it replaces nothing.
   *
   * Not yet verified against AWS: the service may not send this tag with every request (service-facts.md, 3.4). Turn
   * this off if connectors fail with `InsufficientRolePermissions`.
   *
   * @default false
   */
  readonly requireConnectorTag?: boolean;

  /**
   * Whether the role may allocate Elastic IP addresses, and associate them with network interfaces of connectors in
   * these subnets. Changing it replaces the policy of the role, as a change of subnets does.
   *
   * Set it if the connector has `elasticIps` or, as an L1, `ElasticIpConfiguration`. Not yet verified against live AWS.
   *
   * @default NetworkConnectorElasticIps.NONE
   */
  readonly elasticIps?: NetworkConnectorElasticIps;
}

const TYPES: PropertyTypes<NetworkConnectorOperatorRoleProps> = {
  ...SERVICE_ROLE_TYPES,
  subnets: listOf('subnets', having('a subnet', 'subnetRef', 'subnetId')).required(),
  securityGroups: listOf('security groups', having('a security group', 'securityGroupRef', 'securityGroupId')).required(),
  servicePrincipal: TEXT,
  requireConnectorTag: BOOLEAN,
  elasticIps: oneOf('NetworkConnectorElasticIps', NetworkConnectorElasticIps),
};

/** The service puts these tags on the network interfaces of a connector (service-facts.md, 3.4). */
const INTERFACE_TAGS = ['aws:lambda:networkConnectorName', 'aws:lambda:networkConnectorId'];

/** The operator that EC2 records for these network interfaces (service-facts.md, 3.4). */
const MANAGED_RESOURCE_OPERATOR = 'network-connectors.lambda.amazonaws.com';

/** A managed policy of AWS for network interfaces in all subnets and with all security groups. */
const BROAD_POLICY = 'AWSLambdaNetworkConnectorOperatorPolicy';

/**
 * Role with which the service creates the network interfaces of a connector.
 *
 * The role may create network interfaces only in the given subnets and with the given security groups. It may tag them
 * only while the service creates them for a connector.
 *
 * `NetworkConnector` creates one by default. Create one yourself for an L1 `CfnNetworkConnector` or for aws-cdk-lib's
 * `lambda.NetworkConnector`. Let the connector depend on the role, as in the example. The service uses the role at once
 * and fails if the policy is not attached yet.
 *
 * The trust policy has no condition on a source account or ARN, because the service sends neither (service-facts.md,
 * 3.4).
 *
 * @resource AWS::IAM::Role
 *
 * @example
 * import { aws_lambda as lambda } from 'aws-cdk-lib';
 * import type { aws_ec2 as ec2, Stack } from 'aws-cdk-lib';
 * import { NetworkConnectorOperatorRole } from 'cdk-lambda-microvms';
 *
 * declare const stack: Stack;
 * declare const vpc: ec2.Vpc;
 * declare const securityGroup: ec2.SecurityGroup;
 *
 * const role = new NetworkConnectorOperatorRole(stack, 'OperatorRole', {
 *   subnets: vpc.selectSubnets().subnets,
 *   securityGroups: [securityGroup],
 * });
 * const connector = new lambda.CfnNetworkConnector(stack, 'Connector', {
 *   operatorRole: role.roleArn,
 *   configuration: {
 *     vpcEgressConfiguration: {
 *       subnetIds: vpc.selectSubnets().subnetIds,
 *       securityGroupIds: [securityGroup.securityGroupId],
 *       networkProtocol: 'IPv4',
 *       associatedComputeResourceTypes: ['MicroVm'],
 *     },
 *   },
 * });
 * connector.node.addDependency(role); // includes its policy
 */
export class NetworkConnectorOperatorRole extends iam.Role {
  private readonly subnetIds: string[];
  private readonly securityGroupIds: string[];
  private readonly hasElasticIps: boolean;

  public constructor(scope: Construct, id: string, props: NetworkConnectorOperatorRoleProps) {
    checkProps(pathOf(scope, id), props, TYPES);
    for (const property of ['subnets', 'securityGroups'] as const) {
      if (props[property].length > 0) continue;
      throw new ValidationError('NetworkConnectorOperatorRoleInvalid', `${property}: the list is empty; pass at least one`, scope);
    }
    super(scope, id, {
      assumedBy: new iam.ServicePrincipal(props.servicePrincipal ?? 'lambda.amazonaws.com'),
      roleName: props.roleName,
      description: props.description ?? 'Creates the network interfaces of a network connector',
      inlinePolicies: props.denyFromFunctions ?? true
        ? { guard: new iam.PolicyDocument({ statements: [notFromAFunction()] }) }
        : undefined,
    });
    this.subnetIds = props.subnets.map(subnet => subnet.subnetRef.subnetId);
    this.securityGroupIds = props.securityGroups.map(group => group.securityGroupRef.securityGroupId);
    this.hasElasticIps = hasElasticIps(props.elasticIps);
    new iam.Policy(this, `Policy${hashOfPlacement(this, this.subnetIds, this.securityGroupIds, this.hasElasticIps)}`, {
      roles: [this],
      statements: operatorStatements(this, this.subnetIds, this.securityGroupIds, this.hasElasticIps, props.requireConnectorTag ?? false),
    });
  }

  /**
   * Attaches a managed policy to this role, except `AWSLambdaNetworkConnectorOperatorPolicy`.
   *
   * aws-cdk-lib's `lambda.NetworkConnector` attaches that policy to every role. It covers all subnets and security
   * groups, and this role already has the permissions that it needs. Ignore the warning of that construct.
   */
  public override addManagedPolicy(policy: iam.IManagedPolicy): void {
    const arn = JSON.stringify(Stack.of(this).resolve(policy.managedPolicyArn));
    if (!arn.includes(BROAD_POLICY)) super.addManagedPolicy(policy);
  }

  /**
   * Returns the subnets, security groups and elastic IPs of a connector that this role does not cover.
   *
   * @internal
   */
  public _missing(subnetIds: string[], securityGroupIds: string[], elasticIps: boolean): string[] {
    const resolved = (ids: string[]) => new Set(ids.map(id => JSON.stringify(Stack.of(this).resolve(id))));
    const [subnets, groups] = [resolved(this.subnetIds), resolved(this.securityGroupIds)];
    return [
      ...[...resolved(subnetIds)].filter(id => !subnets.has(id)),
      ...[...resolved(securityGroupIds)].filter(id => !groups.has(id)),
      ...elasticIps && !this.hasElasticIps ? ['elasticIps'] : [],
    ];
  }
}

/**
 * Returns a hash of what the policy of an operator role covers. As part of the policy's ID, it makes CloudFormation
 * create the new policy first, and keep the old one until the connector has been updated.
 */
export function hashOfPlacement(scope: Construct, subnetIds: string[], securityGroupIds: string[], elasticIps: boolean): string {
  return shortHash(scope, ...subnetIds, '/', ...securityGroupIds, ...elasticIps ? ['/', 'elastic-ips'] : []);
}

/**
 * Returns the statements that an operator role needs. A service-linked role describes and deletes the network
 * interfaces, so that the operator role needs neither permission (service-facts.md, 3.4).
 */
export function operatorStatements(
  scope: Construct, subnetIds: string[], securityGroupIds: string[], elasticIps: boolean, requireConnectorTag = false,
): iam.PolicyStatement[] {
  // The subnets of a shared VPC belong to another account, so the account is a wildcard.
  const arn = (resource: string, resourceName: string) => Stack.of(scope).formatArn({ service: 'ec2', account: '*', resource, resourceName });
  const interfaces = arn('network-interface', '*');
  const subnets = subnetIds.map(id => arn('subnet', id));
  return [
    allow(PERMISSIONS.operator.place, [
      ...subnets,
      ...securityGroupIds.map(id => arn('security-group', id)),
    ]),
    allow(PERMISSIONS.operator.interfaces, [interfaces], {
      'ForAllValues:StringEquals': { 'aws:TagKeys': INTERFACE_TAGS },
      ...requireConnectorTag ? { Null: { 'aws:RequestTag/aws:lambda:networkConnectorId': 'false' } } : {},
    }),
    allow(PERMISSIONS.operator.tag, [interfaces], {
      StringEquals: { 'ec2:CreateAction': 'CreateNetworkInterface', 'ec2:ManagedResourceOperator': MANAGED_RESOURCE_OPERATOR },
    }),
    ...elasticIps ? elasticIpStatements(scope, interfaces, subnets) : [],
  ];
}

/**
 * IAM authorizes AssociateAddress on the address and on the interface. Only the interface has condition keys that
 * identify the connector's subnets and the operator.
 */
function elasticIpStatements(scope: Construct, interfaces: string, subnets: string[]): iam.PolicyStatement[] {
  const addresses = Stack.of(scope).formatArn({ service: 'ec2', resource: 'elastic-ip', resourceName: '*' });
  return [
    allow(PERMISSIONS.operator.addresses, [addresses]),
    allow(PERMISSIONS.operator.associate, [interfaces], {
      ArnLike: { 'ec2:Subnet': subnets },
      StringEquals: { 'ec2:ManagedResourceOperator': MANAGED_RESOURCE_OPERATOR },
    }),
  ];
}
