import type { Event, Conditions } from './history';
import type { ResourceLocation } from './roles';
import { connectorResourceRole, OPERATOR_ROLE } from './roles';
import type { DeletionProperty, NetworkConnectorProperties, NetworkProtocolProperty, PlacementRemovalProperty } from '../../src/contract/connector';

/** A connector as the template of a history describes it. */
export interface ConnectorSpec {
  readonly name: string;
  /** Last parts of subnet IDs. The subnet `full` has no free addresses. */
  readonly subnets: readonly string[];
  readonly group?: string;
  readonly protocol?: NetworkProtocolProperty;
  readonly vpc?: string;
  readonly tag?: string;
  readonly retained?: number;
  readonly elasticIps?: boolean;
  /** The last part of the ID of a second security group, which an override of the request adds. */
  readonly override?: string;
  readonly deletion?: DeletionProperty;
  readonly placementRemoval?: PlacementRemovalProperty;
}

/** Events that are specific to connectors. */
export type ConnectorEvent =
  /** A user launches a MicroVM through a connector. */
  | { readonly do: 'launch'; readonly name: string };

export interface ConnectorHistory extends Conditions {
  readonly events: readonly (Event<ConnectorSpec> | ConnectorEvent)[];
  /** How long the creations and updates of connectors take, in their order. */
  readonly durationsMs?: readonly number[];
}

/** The name of a connector of another owner. */
export const FOREIGN = 'taken';

const OVERRIDDEN = 'Configuration.VpcEgressConfiguration.SecurityGroupIds.1';

/** Returns the security groups that the connector must have. */
export function wantedGroups({ SecurityGroupIds: groups, RequestOverrides: overrides }: NetworkConnectorProperties): string[] {
  return overrides === undefined ? groups : [...groups, JSON.parse(overrides)[OVERRIDDEN]];
}

export const FULL_SUBNET = 'subnet-full';

export function connectorProperties(spec: ConnectorSpec, location: ResourceLocation): NetworkConnectorProperties {
  const subnetIds = spec.subnets.map(subnet => `subnet-${subnet}`);
  const securityGroupIds = [`sg-${spec.group ?? '1'}`];
  const overrides: Record<string, string> = spec.override === undefined ? {} : { [OVERRIDDEN]: `sg-${spec.override}` };
  const tagKeys = spec.tag === undefined ? [] : [spec.tag];
  return {
    ResourceRoleArn: connectorResourceRole(location, { name: spec.name, subnetIds, securityGroupIds, overrides, tagKeys }),
    ConnectorName: spec.name,
    NameIsGenerated: 'false',
    VpcId: spec.vpc ?? 'vpc-1',
    NetworkProtocol: spec.protocol ?? 'IPv4',
    SubnetIds: subnetIds,
    SubnetZones: spec.subnets.map(() => 'use1-az1'),
    SecurityGroupIds: securityGroupIds,
    OperatorRoleArn: OPERATOR_ROLE,
    ...spec.elasticIps && { ElasticIps: 'ServiceManaged' },
    ...spec.override !== undefined && { RequestOverrides: JSON.stringify(overrides) },
    Tags: tagKeys.map(key => ({ Key: key, Value: 'yes' })),
    RetainedVersions: String(spec.retained ?? 1),
    Deletion: spec.deletion ?? 'REFUSE_IN_USE',
    ...spec.placementRemoval && { PlacementRemoval: spec.placementRemoval },
    TimeoutSeconds: '3000',
  };
}
