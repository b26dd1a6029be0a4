import type { DeletionProperty, NetworkConnectorProperties, NetworkProtocolProperty } from '../../contract/connector';
import type { ResourceEvent } from '../engine/event';
import type { Owner, Tags } from '../engine/owner';
import { tagsIn } from '../engine/owner';

/** A connector as the template asks for it, or asked for it before. */
export interface DesiredConnector {
  readonly name: string;
  readonly nameIsGenerated: boolean;
  readonly vpcId: string;
  readonly networkProtocol: NetworkProtocolProperty;
  readonly subnetIds: string[];
  /** The Availability Zone of each subnet. */
  readonly subnetZones: string[];
  readonly securityGroupIds: string[];
  readonly operatorRoleArn: string;
  /** The user's tags. */
  readonly tags: Tags;
  readonly owner: Owner;
  readonly retainedVersions: number;
  readonly deletion: DeletionProperty;
}

export function desiredConnector(event: ResourceEvent, properties: NetworkConnectorProperties): DesiredConnector {
  return {
    name: properties.ConnectorName,
    nameIsGenerated: properties.NameIsGenerated === 'true',
    vpcId: properties.VpcId,
    networkProtocol: properties.NetworkProtocol,
    subnetIds: properties.SubnetIds,
    subnetZones: properties.SubnetZones,
    securityGroupIds: properties.SecurityGroupIds,
    operatorRoleArn: properties.OperatorRoleArn,
    tags: tagsIn(properties.Tags),
    owner: { stackId: event.StackId, logicalId: event.LogicalResourceId },
    retainedVersions: Math.max(1, Number(properties.RetainedVersions) || 1),
    deletion: properties.Deletion,
  };
}

const PHYSICAL_ID_PREFIX = 'network-connector:';

/** The name, since nobody knows the ARN before the connector is there; in a form that CloudFormation never invents. */
export function physicalIdOf(name: string): string {
  return `${PHYSICAL_ID_PREFIX}${name}`;
}

/** The name in a physical id of ours; undefined for one that CloudFormation or the framework invented. */
export function nameIn(physicalId: string): string | undefined {
  return physicalId.startsWith(PHYSICAL_ID_PREFIX) ? physicalId.slice(PHYSICAL_ID_PREFIX.length) : undefined;
}
