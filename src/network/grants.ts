import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { PERMISSIONS } from '../private/permissions';

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

  private constructor(private readonly connector: lambda.INetworkConnectorRef) {}

  /**
   * Pass the connector to images and MicroVMs, by its ARN or one of its versions, and look at it; nothing else.
   *
   * It is convenience, not control: whoever may do more by another policy still may. `NetworkConnectorGuardrail` is control.
   */
  public use(grantee: iam.IGrantable): iam.Grant {
    return this.allow(grantee, [...PERMISSIONS.connectorGrants.pass.actions, ...PERMISSIONS.connectorGrants.look.actions]);
  }

  /**
   * Look at the connector, update, tag and delete it; neither create one nor pass it.
   *
   * An update also needs `iam:PassRole` for the operator role. IAM cannot limit the subnets of an update; those of the operator role do.
   */
  public manage(grantee: iam.IGrantable): iam.Grant {
    return this.allow(grantee, [...PERMISSIONS.connectorGrants.look.actions, ...PERMISSIONS.connectorGrants.manage.actions]);
  }

  /** The service may check the ARN with or without a version: service facts 2.3. */
  private allow(grantee: iam.IGrantable, actions: string[]): iam.Grant {
    const { networkConnectorArn: arn } = this.connector.networkConnectorRef;
    return iam.Grant.addToPrincipal({ grantee, actions, resourceArns: [arn, `${arn}:*`] });
  }
}
