import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { IConstruct } from 'constructs';
import { ValidationError } from '../private/errors';

/**
 * The connections of a connector. Its network interfaces have exactly the security groups of the connector, so rules of
 * a group that is added here would have no effect.
 */
export class ConnectorConnections extends ec2.Connections {
  public constructor(private readonly connector: IConstruct, securityGroups: ec2.ISecurityGroup[]) {
    super({ securityGroups });
  }

  public override addSecurityGroup(...securityGroups: ec2.ISecurityGroup[]): void {
    throw new ValidationError('NetworkConnectorSecurityGroupsInvalid',
      `connections: ${securityGroups.map(group => group.node.path).join(', ')} cannot be added to the connector; pass it in securityGroups`, this.connector);
  }
}
