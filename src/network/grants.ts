import { ArnFormat, Stack } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { withVersions } from '../private/arns';
import { ValidationError } from '../private/errors';
import { grantActions } from '../private/grant';
import type { Permission } from '../private/permissions';
import { PERMISSIONS } from '../private/permissions';

type Conditions = { [test: string]: { [key: string]: unknown } };

/** What users of a connector may do with it. */
const USE = [...PERMISSIONS.connectorGrants.pass.actions, ...PERMISSIONS.connectorGrants.look.actions];

/**
 * What a network team may make connectors of.
 */
export interface NetworkConnectorCreationOptions {
  /**
   * The subnets that connectors may lead into, and no others.
   */
  readonly subnets: ec2.ISubnetRef[];

  /**
   * The security groups that connectors may have, and no others.
   */
  readonly securityGroups: ec2.ISecurityGroupRef[];

  /**
   * The operator roles that connectors may be given. Their own subnets bound later updates, which IAM cannot.
   */
  readonly operatorRoles: iam.IRoleRef[];

  /**
   * Tags that each new connector must carry, with these values. Others cannot be put on it at creation.
   *
   * @default - none are required, and none can be put on it at creation
   */
  readonly requiredTags?: { [key: string]: string };
}

/**
 * Permissions on a network connector: an L1, a `NetworkConnector`, aws-cdk-lib's `lambda.NetworkConnector` or an import.
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
   * Grants on a connector.
   */
  public static fromNetworkConnector(connector: lambda.INetworkConnectorRef): NetworkConnectorGrants {
    return new NetworkConnectorGrants(connector);
  }

  /**
   * For the network team: create connectors in these subnets with these security groups, and no others, in the account and Region of
   * the scope. It allows no update, which IAM could not limit to subnets.
   */
  public static create(scope: IConstruct, grantee: iam.IGrantable, options: NetworkConnectorCreationOptions): iam.Grant {
    for (const property of ['subnets', 'securityGroups', 'operatorRoles'] as const) {
      if (options[property].length === 0) throw new ValidationError('NetworkConnectorCreationInvalid', `${property}: the list is empty; name at least one`, scope);
    }
    const { networkTeam } = PERMISSIONS;
    const tags = Object.entries(options.requiredTags ?? {});
    const carryingTags: Conditions = tags.length > 0 ? { StringEquals: Object.fromEntries(tags.map(([key, value]) => [`aws:RequestTag/${key}`, value])) } : {};
    const connectors = Stack.of(scope).formatArn({ service: 'lambda', resource: 'network-connector', resourceName: '*', arnFormat: ArnFormat.COLON_RESOURCE_NAME });
    const give = ({ actions }: Permission, resourceArns: string[], conditions?: Conditions) =>
      iam.Grant.addToPrincipal({ grantee, actions, resourceArns, conditions });

    const grant = give(networkTeam.create, [connectors], {
      ...carryingTags,
      'ForAllValues:StringEquals': {
        'lambda:SubnetIds': options.subnets.map(subnet => subnet.subnetRef.subnetId),
        'lambda:SecurityGroupIds': options.securityGroups.map(group => group.securityGroupRef.securityGroupId),
      },
      // Of an absent key all values are anything: without this a request that names no security group would pass.
      'Null': { 'lambda:SubnetIds': 'false', 'lambda:SecurityGroupIds': 'false' },
    }).combine(give(networkTeam.passOperatorRole, options.operatorRoles.map(role => role.roleRef.roleArn)));
    if (tags.length === 0) return grant;
    return grant.combine(give(networkTeam.tag, ['*'], { ...carryingTags, 'ForAllValues:StringEquals': { 'aws:TagKeys': tags.map(([key]) => key) } }));
  }

  private constructor(private readonly connector: lambda.INetworkConnectorRef) {}

  /**
   * Pass the connector to images and MicroVMs, by its ARN or one of its versions, and look at it; nothing else.
   *
   * It is convenience, not control: whoever may do more by another policy still may. `NetworkConnectorGuardrail` is control.
   */
  public use(grantee: iam.IGrantable): iam.Grant {
    return this.allow(grantee, USE);
  }

  /**
   * Look at the connector, update, tag and delete it; neither create one nor pass it.
   *
   * An update also needs `iam:PassRole` for the operator role. IAM cannot limit the subnets of an update; those of the operator role do.
   */
  public manage(grantee: iam.IGrantable): iam.Grant {
    return this.allow(grantee, [...PERMISSIONS.connectorGrants.look.actions, ...PERMISSIONS.connectorGrants.manage.actions]);
  }

  private allow(grantee: iam.IGrantable, actions: string[]): iam.Grant {
    return grantActions(grantee, actions, withVersions(this.connector.networkConnectorRef.networkConnectorArn));
  }
}
