import type { Settings } from './request';
import type { DeletionProperty, NetworkConnectorProperties, PlacementRemovalProperty } from '../../contract/connector';
import { NETWORK_CONNECTOR_DEFAULTS as defaults } from '../../contract/connector';
import type { ResourceEvent } from '../engine/event';
import type { Owner, Tags } from '../engine/owner';
import { tagsIn } from '../engine/owner';

/** The connector that the properties, or the old properties, describe. */
export interface DesiredConnector extends Settings {
  readonly name: string;
  readonly nameIsGenerated: boolean;
  /** Absent in old properties that lack it. */
  readonly vpcId?: string;
  /** The Availability Zone of each subnet. */
  readonly subnetZones: string[];
  /** The user's tags. */
  readonly tags: Tags;
  readonly owner: Owner;
  readonly retainedVersions: number;
  readonly deletion: DeletionProperty;
  readonly placementRemoval: PlacementRemovalProperty;
}

/** Properties that an earlier release of the library wrote may lack members: old ones, and those of a deletion. */
export type PropertiesOfAnyRelease = Partial<NetworkConnectorProperties> & Pick<NetworkConnectorProperties, 'ConnectorName'>;

export function desiredConnector(event: ResourceEvent, properties: PropertiesOfAnyRelease): DesiredConnector {
  return {
    name: properties.ConnectorName,
    nameIsGenerated: properties.NameIsGenerated === 'true',
    vpcId: properties.VpcId,
    networkProtocol: properties.NetworkProtocol ?? defaults.NetworkProtocol,
    subnetIds: properties.SubnetIds ?? [],
    subnetZones: properties.SubnetZones ?? [],
    securityGroupIds: properties.SecurityGroupIds ?? [],
    operatorRoleArn: properties.OperatorRoleArn ?? '',
    elasticIps: properties.ElasticIps,
    requestOverrides: properties.RequestOverrides,
    tags: tagsIn(properties.Tags),
    owner: { stackId: event.StackId, logicalId: event.LogicalResourceId },
    retainedVersions: Math.max(1, Number(properties.RetainedVersions ?? defaults.RetainedVersions) || 1),
    deletion: properties.Deletion ?? defaults.Deletion,
    placementRemoval: properties.PlacementRemoval ?? defaults.PlacementRemoval,
  };
}

const PHYSICAL_ID_PREFIX = 'network-connector:';

/**
 * Contains the name, because the ARN is not known before the connector exists. CloudFormation never invents an ID of
 * this form.
 */
export function physicalIdOf(name: string): string {
  return `${PHYSICAL_ID_PREFIX}${name}`;
}

/** Returns the name in a physical ID. Undefined: CloudFormation or the framework invented the ID. */
export function nameIn(physicalId: string): string | undefined {
  return physicalId.startsWith(PHYSICAL_ID_PREFIX) ? physicalId.slice(PHYSICAL_ID_PREFIX.length) : undefined;
}
