import { ArnFormat, Stack } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { FOR_THE_SERVICE, serviceLinkedRoleArn } from './service-linked-role';
import { withVersions } from '../private/arns';
import { ValidationError } from '../private/errors';
import { grantPermissions } from '../private/grant';
import type { Permission } from '../private/permissions';
import { PERMISSIONS } from '../private/permissions';

type Conditions = { [test: string]: { [key: string]: unknown } };

/**
 * Which connectors `NetworkConnectorGrants.create` grants permission to create.
 */
export interface NetworkConnectorCreationOptions {
  /**
   * The subnets that the connectors may use, and no others.
   */
  readonly subnets: ec2.ISubnetRef[];

  /**
   * The security groups that the connectors may have, and no others.
   */
  readonly securityGroups: ec2.ISecurityGroupRef[];

  /**
   * The operator roles that the connectors may have. Their permissions on subnets also restrict later updates, which
   * IAM cannot restrict.
   */
  readonly operatorRoles: iam.IRoleRef[];

  /**
   * Tags that each new connector must have, with these values. It cannot have other tags at creation.
   *
   * @default - a new connector cannot have tags at creation
   */
  readonly requiredTags?: { [key: string]: string };
}

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
   * It does not grant permission to update connectors, because IAM cannot restrict the subnets of an update. IAM cannot
   * restrict elastic IPs either: a connector gets them only if its operator role may allocate them.
   *
   * It also grants permission to create the service-linked role of Lambda, and to describe subnets and security groups.
   * Sources of AWS disagree whether the service needs these permissions of its caller.
   */
  public static create(scope: IConstruct, grantee: iam.IGrantable, options: NetworkConnectorCreationOptions): iam.Grant {
    for (const property of ['subnets', 'securityGroups', 'operatorRoles'] as const) {
      if (options[property].length > 0) continue;
      throw new ValidationError('NetworkConnectorCreationInvalid', `${property}: the list is empty; name at least one`, scope);
    }
    const { networkTeam, connectorCaller } = PERMISSIONS;
    const tags = Object.entries(options.requiredTags ?? {});
    const hasTags: Conditions = tags.length > 0
      ? { StringEquals: Object.fromEntries(tags.map(([key, value]) => [`aws:RequestTag/${key}`, value])) }
      : {};
    const connectors = Stack.of(scope).formatArn({
      service: 'lambda', resource: 'network-connector', resourceName: '*', arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const grant = grantPermissions(grantee, [networkTeam.create], [connectors], {
      ...hasTags,
      'ForAllValues:StringEquals': {
        'lambda:SubnetIds': options.subnets.map(subnet => subnet.subnetRef.subnetId),
        'lambda:SecurityGroupIds': options.securityGroups.map(group => group.securityGroupRef.securityGroupId),
      },
      // ForAllValues also holds if the key is absent. Without this, a request without security groups would be allowed.
      'Null': { 'lambda:SubnetIds': 'false', 'lambda:SecurityGroupIds': 'false' },
    }).combine(grantPermissions(grantee, [networkTeam.passOperatorRole], options.operatorRoles.map(role => role.roleRef.roleArn)))
      .combine(grantPermissions(grantee, [connectorCaller.serviceLinkedRole], [serviceLinkedRoleArn(scope)], FOR_THE_SERVICE))
      .combine(grantPermissions(grantee, [connectorCaller.placement], ['*']));
    if (tags.length === 0) return grant;
    const tagKeys = tags.map(([key]) => key);
    return grant.combine(grantPermissions(grantee, [networkTeam.tag], ['*'], {
      ...hasTags, 'ForAllValues:StringEquals': { 'aws:TagKeys': tagKeys },
    }));
  }

  private constructor(private readonly connector: lambda.INetworkConnectorRef) {}

  /**
   * Grants permission to pass the connector to images and MicroVMs, by its ARN or by one of its versions, and to read
   * it; nothing else.
   *
   * This grant restricts nobody: other policies of the grantee may still permit more. To restrict developers, use
   * `NetworkConnectorGuardrail`.
   */
  public use(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, [PERMISSIONS.connectorGrants.pass, PERMISSIONS.connectorGrants.describe]);
  }

  /**
   * Grants permission to read, update, tag and delete the connector; neither to create connectors nor to pass this one.
   *
   * An update also needs `iam:PassRole` on the operator role. IAM cannot restrict the subnets of an update, but the
   * permissions of the operator role do. The grant includes permission to describe subnets and security groups, which
   * the service may need of its caller.
   */
  public manage(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, [PERMISSIONS.connectorGrants.describe, PERMISSIONS.connectorGrants.manage])
      .combine(grantPermissions(grantee, [PERMISSIONS.connectorCaller.placement], ['*']));
  }

  private grant(grantee: iam.IGrantable, permissions: Permission[]): iam.Grant {
    return grantPermissions(grantee, permissions, withVersions(this.connector.networkConnectorRef.networkConnectorArn));
  }
}
