import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { placementConditions } from './placement-conditions';
import { FOR_THE_SERVICE, serviceLinkedRoleArn } from './service-linked-role';
import { arnOfAny, withVersions } from '../private/arns';
import { ValidationError } from '../private/errors';
import { grantPermissions, withWarning } from '../private/grant';
import type { Permission } from '../private/permissions';
import { PERMISSIONS } from '../private/permissions';
import { checkProps, having, listOf, TEXT_BY_NAME } from '../private/property-types';
import type { PropertyTypes } from '../private/property-types';

type Conditions = { [test: string]: { [key: string]: unknown } };

/**
 * Options of `NetworkConnectorGrants.create`. They limit the connectors that the grantee may create.
 *
 * @example
 * import type { aws_ec2 as ec2, aws_iam as iam, Stack } from 'aws-cdk-lib';
 * import { NetworkConnectorGrants } from 'cdk-lambda-microvms';
 *
 * declare const stack: Stack;
 * declare const networkTeam: iam.Role;
 * declare const vpc: ec2.Vpc;
 * declare const securityGroup: ec2.SecurityGroup;
 * declare const operatorRole: iam.Role;
 *
 * NetworkConnectorGrants.create(stack, networkTeam, {
 *   subnets: vpc.privateSubnets,
 *   securityGroups: [securityGroup],
 *   operatorRoles: [operatorRole],
 *   requiredTags: { team: 'network' },
 * });
 */
export interface NetworkConnectorCreationOptions {
  /**
   * The subnets that the connectors may use, and no others. At least one.
   */
  readonly subnets: ec2.ISubnetRef[];

  /**
   * The security groups that the connectors may have, and no others. At least one.
   */
  readonly securityGroups: ec2.ISecurityGroupRef[];

  /**
   * The operator roles that the connectors may have, and no others. At least one.
   *
   * A connector can use only the subnets on which its operator role has permissions. This also limits later updates,
   * whose subnets IAM cannot restrict.
   */
  readonly operatorRoles: iam.IRoleRef[];

  /**
   * Tags that each new connector must have, with these values. A request to create a connector cannot contain other
   * tags.
   *
   * The ARN of a connector is not known before it exists, so IAM authorizes these tags on `*`. The grantee can also put
   * them on other Lambda resources that have none of these keys, for example on a function without tags. Use keys that
   * control no access elsewhere.
   *
   * @default - a request to create a connector cannot contain tags
   */
  readonly requiredTags?: { [key: string]: string };
}

const CREATION_TYPES: PropertyTypes<NetworkConnectorCreationOptions> = {
  subnets: listOf('subnets', having('a subnet', 'subnetRef')).required(),
  securityGroups: listOf('security groups', having('a security group', 'securityGroupRef')).required(),
  operatorRoles: listOf('IAM roles', having('an IAM role', 'roleRef')).required(),
  requiredTags: TEXT_BY_NAME,
};

/**
 * Grants permissions on a network connector: an L1, a `NetworkConnector`, aws-cdk-lib's `lambda.NetworkConnector` or an
 * imported one.
 *
 * @example
 * import type { aws_iam as iam, aws_lambda as lambda } from 'aws-cdk-lib';
 * import { NetworkConnectorGrants } from 'cdk-lambda-microvms';
 *
 * declare const connector: lambda.CfnNetworkConnector;
 * declare const developers: iam.IGrantable;
 *
 * NetworkConnectorGrants.fromNetworkConnector(connector).use(developers);
 */
export class NetworkConnectorGrants {
  /**
   * Returns the grants of a connector.
   */
  public static fromNetworkConnector(connector: lambda.INetworkConnectorRef): NetworkConnectorGrants {
    return new NetworkConnectorGrants(connector);
  }

  /**
   * Grants a network team permission to create connectors in these subnets with these security groups, and no others,
   * in the account and Region of the scope.
   *
   * This grant includes no permission to update connectors, because IAM cannot restrict the subnets of an update. For
   * updates of one connector, see `manage`.
   * IAM cannot restrict elastic IPs either: a connector gets them only if its operator role may allocate them.
   *
   * The grant includes permission to create the service-linked role of Lambda, and to describe subnets and security
   * groups. Sources of AWS disagree whether the service needs these permissions of its caller (service-facts.md, 2.5).
   */
  public static create(scope: IConstruct, grantee: iam.IGrantable, options: NetworkConnectorCreationOptions): iam.Grant {
    checkProps(scope, options, CREATION_TYPES);
    for (const property of ['subnets', 'securityGroups', 'operatorRoles'] as const) {
      if (options[property].length > 0) continue;
      throw new ValidationError('NetworkConnectorCreationInvalid', `${property}: the list is empty; pass at least one`, scope);
    }
    const { networkTeam, connectorCaller } = PERMISSIONS;
    const subnetIds = options.subnets.map(subnet => subnet.subnetRef.subnetId);
    const securityGroupIds = options.securityGroups.map(group => group.securityGroupRef.securityGroupId);
    const tags = Object.entries(options.requiredTags ?? {});
    const hasTags: Conditions = tags.length > 0
      ? { StringEquals: Object.fromEntries(tags.map(([key, value]) => [`aws:RequestTag/${key}`, value])) }
      : {};
    const grant = grantPermissions(grantee, [networkTeam.create], [arnOfAny(scope, 'network-connector')], {
      ...hasTags, ...placementConditions(subnetIds, securityGroupIds),
    }).combine(grantPermissions(grantee, [networkTeam.passOperatorRole], options.operatorRoles.map(role => role.roleRef.roleArn)))
      .combine(grantPermissions(grantee, [connectorCaller.serviceLinkedRole], [serviceLinkedRoleArn(scope)], FOR_THE_SERVICE))
      .combine(grantPermissions(grantee, [connectorCaller.placement], ['*']));
    if (tags.length === 0) return withWarning(scope, grantee, grant);
    const tagKeys = tags.map(([key]) => key);
    return withWarning(scope, grantee, grant).combine(grantPermissions(grantee, [networkTeam.tag], ['*'], {
      ...hasTags,
      'ForAllValues:StringEquals': { 'aws:TagKeys': tagKeys },
      // The tags may be what other policies go by, so what has one of them keeps its value.
      'Null': Object.fromEntries(tagKeys.map(key => [`aws:ResourceTag/${key}`, 'true'])),
    }));
  }

  private constructor(private readonly connector: lambda.INetworkConnectorRef) {}

  /**
   * Grants permission to pass the connector to images and MicroVMs, and to read it.
   *
   * The grant covers the ARN of the connector with and without a version, because it is not known which one AWS checks
   * for MicroVMs (service-facts.md, 2.3).
   *
   * A grant does not restrict the grantee: other policies may permit more. To restrict developers, use
   * `NetworkConnectorGuardrail`.
   */
  public use(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, [PERMISSIONS.connectorGrants.pass, PERMISSIONS.connectorGrants.describe]);
  }

  /**
   * Grants permission to read, update, tag and delete the connector. This grant includes no permission to create
   * connectors or to pass this one.
   *
   * An update also needs `iam:PassRole` on the operator role. IAM cannot restrict the subnets of an update. A connector
   * can use only the subnets on which its operator role has permissions. The grant includes permission to describe
   * subnets and security groups, which the service may need of its caller.
   */
  public manage(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, [PERMISSIONS.connectorGrants.describe, PERMISSIONS.connectorGrants.manage])
      .combine(grantPermissions(grantee, [PERMISSIONS.connectorCaller.placement], ['*']));
  }

  private grant(grantee: iam.IGrantable, permissions: Permission[]): iam.Grant {
    const grant = grantPermissions(grantee, permissions, withVersions(this.connector.networkConnectorRef.networkConnectorArn));
    return withWarning(this.connector, grantee, grant);
  }
}
