import { Stack } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { ValidationError } from '../private/errors';
import { shortHash } from '../private/names';
import { allow, notFromAFunction, PERMISSIONS } from '../private/permissions';

/**
 * Properties of an operator role.
 */
export interface NetworkConnectorOperatorRoleProps {
  /**
   * The subnets that the role may make network interfaces in, and no others.
   *
   * A change makes a second policy first; the old one goes after the change is done.
   */
  readonly subnets: ec2.ISubnetRef[];

  /**
   * The security groups that network interfaces of the role may have, and no others.
   *
   * A change makes a second policy first; the old one goes after the change is done.
   */
  readonly securityGroups: ec2.ISecurityGroupRef[];

  /**
   * The name of the role. A change replaces the role.
   *
   * @default - a name that CloudFormation generates
   */
  readonly roleName?: string;

  /**
   * A description of the role. A change replaces nothing.
   *
   * @default - says that the role is for a network connector
   */
  readonly description?: string;

  /**
   * The service that assumes the role: `lambda.amazonaws.com`, or `network-connectors.lambda.amazonaws.com`, with which others report
   * success. A change replaces nothing.
   *
   * @default 'lambda.amazonaws.com' - as in aws-cdk-lib and the samples of AWS
   */
  readonly servicePrincipal?: string;

  /**
   * Whether network interfaces can be made only with the tag that names their connector, which users cannot set themselves.
   *
   * It was not seen on an account whether the service sends that tag with every request; if connectors fail with
   * `InsufficientRolePermissions`, turn it off.
   *
   * @default false
   */
  readonly requireConnectorTag?: boolean;

  /**
   * Whether everything is denied to the code of an ordinary Lambda function that the role was passed to.
   *
   * @default true
   */
  readonly denyFromFunctions?: boolean;
}

/** The tags that the service puts on network interfaces of a connector: service facts 3.4. */
const INTERFACE_TAGS = ['aws:lambda:networkConnectorName', 'aws:lambda:networkConnectorId'];
const OPERATOR = 'network-connectors.lambda.amazonaws.com';

const BROAD_POLICY = 'AWSLambdaNetworkConnectorOperatorPolicy';

/**
 * The role that the service makes the network interfaces of a connector with: in exactly these subnets, with exactly these
 * security groups, and tagged only as the operator of connectors does.
 *
 * `NetworkConnector` makes one. Made by hand it serves an L1 `CfnNetworkConnector` or aws-cdk-lib's `lambda.NetworkConnector`, which must
 * depend on it: the service uses the role at once, and a role without its policy fails.
 *
 * Its trust policy has no condition on a source account or ARN, because the service presents none.
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
 * connector.node.addDependency(role); // covers its policy
 */
export class NetworkConnectorOperatorRole extends iam.Role {
  private readonly subnetIds: string[];
  private readonly securityGroupIds: string[];

  public constructor(scope: Construct, id: string, props: NetworkConnectorOperatorRoleProps) {
    for (const property of ['subnets', 'securityGroups'] as const) {
      if (props[property].length === 0) throw new ValidationError('NetworkConnectorOperatorRoleInvalid', `${property}: the list is empty; name at least one`, scope);
    }
    super(scope, id, {
      assumedBy: new iam.ServicePrincipal(props.servicePrincipal ?? 'lambda.amazonaws.com'),
      roleName: props.roleName,
      description: props.description ?? 'For the network interfaces of a network connector',
      inlinePolicies: props.denyFromFunctions ?? true
        ? { guard: new iam.PolicyDocument({ statements: [notFromAFunction()] }) }
        : undefined,
    });
    this.subnetIds = props.subnets.map(subnet => subnet.subnetRef.subnetId);
    this.securityGroupIds = props.securityGroups.map(group => group.securityGroupRef.securityGroupId);
    // Its id covers what it allows: a change makes a second policy first, and a connector keeps the old one until its change is done.
    new iam.Policy(this, `Policy${shortHash(this, ...this.subnetIds, '/', ...this.securityGroupIds)}`, {
      roles: [this],
      statements: operatorStatements(this, this.subnetIds, this.securityGroupIds, props.requireConnectorTag ?? false),
    });
  }

  /**
   * Attaches a managed policy to this role.
   *
   * Not the one that aws-cdk-lib's `lambda.NetworkConnector` attaches to each role that it is given, whatever its warning says: it is for every
   * subnet and security group, and this role has what it needs.
   */
  public override addManagedPolicy(policy: iam.IManagedPolicy): void {
    const arn = JSON.stringify(Stack.of(this).resolve(policy.managedPolicyArn));
    if (!arn.includes(BROAD_POLICY)) super.addManagedPolicy(policy);
  }

  /**
   * The subnets and security groups that a connector needs and this role does not cover.
   *
   * @internal
   */
  public _missing(subnetIds: string[], securityGroupIds: string[]): string[] {
    const resolved = (ids: string[]) => new Set(ids.map(id => JSON.stringify(Stack.of(this).resolve(id))));
    const [subnets, groups] = [resolved(this.subnetIds), resolved(this.securityGroupIds)];
    return [...[...resolved(subnetIds)].filter(id => !subnets.has(id)), ...[...resolved(securityGroupIds)].filter(id => !groups.has(id))];
  }
}

/** What a role needs to operate a connector. Describing and deleting interfaces is done by a service-linked role: service facts 3.4. */
export function operatorStatements(
  scope: Construct, subnetIds: string[], securityGroupIds: string[], requireConnectorTag = false,
): iam.PolicyStatement[] {
  // The subnets of a shared VPC belong to another account.
  const arn = (resource: string, resourceName: string) => Stack.of(scope).formatArn({ service: 'ec2', account: '*', resource, resourceName });
  const interfaces = arn('network-interface', '*');
  return [
    allow(PERMISSIONS.operator.place, [
      ...subnetIds.map(id => arn('subnet', id)),
      ...securityGroupIds.map(id => arn('security-group', id)),
    ]),
    allow(PERMISSIONS.operator.interfaces, [interfaces], {
      'ForAllValues:StringEquals': { 'aws:TagKeys': INTERFACE_TAGS },
      ...requireConnectorTag ? { Null: { 'aws:RequestTag/aws:lambda:networkConnectorId': 'false' } } : {},
    }),
    allow(PERMISSIONS.operator.tag, [interfaces], {
      StringEquals: { 'ec2:CreateAction': 'CreateNetworkInterface', 'ec2:ManagedResourceOperator': OPERATOR },
    }),
  ];
}
