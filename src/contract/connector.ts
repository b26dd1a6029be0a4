import type { BooleanProperty, TagProperty } from './common';
import { DEFAULT_TIMEOUT_SECONDS } from './common';

/**
 * Properties and attributes of the custom resources of network connectors.
 */

/** The type of the custom resource. */
export const NETWORK_CONNECTOR_RESOURCE_TYPE = 'Custom::NetworkConnector';

/** The properties of the custom resource. */
export interface NetworkConnectorProperties {
  /** The resource role: the handler assumes it to manage this connector. */
  readonly ResourceRoleArn: string;
  readonly ConnectorName: string;
  /** Whether the library generated the name. A generated name changes with the VPC and the protocol. */
  readonly NameIsGenerated: BooleanProperty;
  /** A change needs a new name. */
  readonly VpcId: string;
  /** A change needs a new name. */
  readonly NetworkProtocol?: NetworkProtocolProperty;
  readonly SubnetIds: string[];
  /**
   * The Availability Zone of each subnet, in the order of the subnets: the ID if the template contains it, otherwise
   * the name; empty if the template contains neither.
   */
  readonly SubnetZones: string[];
  readonly SecurityGroupIds: string[];
  readonly OperatorRoleArn: string;
  /** Absent: the network interfaces have no elastic IPs. */
  readonly ElasticIps?: ElasticIpsProperty;
  /**
   * JSON object of paths and values, merged into requests to create and to update the connector. Absent: no overrides.
   */
  readonly RequestOverrides?: string;
  readonly Tags?: TagProperty[];
  readonly RetainedVersions?: string;
  readonly Deletion?: DeletionProperty;
  readonly PlacementRemoval?: PlacementRemovalProperty;
  /** The deadline of one create, update or delete, in seconds. */
  readonly TimeoutSeconds?: string;
}

/** The values of absent members. They never change, because the templates of deployed stacks leave them out too. */
export const NETWORK_CONNECTOR_DEFAULTS = {
  NetworkProtocol: 'IPv4',
  RetainedVersions: '1',
  Deletion: 'REFUSE_IN_USE',
  PlacementRemoval: 'REFUSE_IN_USE',
  TimeoutSeconds: DEFAULT_TIMEOUT_SECONDS,
} as const satisfies Partial<NetworkConnectorProperties>;

export type NetworkProtocolProperty = 'IPv4' | 'DualStack';

export type ElasticIpsProperty = 'ServiceManaged';

/** What a deletion does while MicroVMs use the connector. */
export type DeletionProperty = 'REFUSE_IN_USE' | 'WAIT_UNTIL_UNUSED' | 'FORCE';

/** What an update does that removes a subnet or security group while MicroVMs use the connector. */
export type PlacementRemovalProperty = 'REFUSE_IN_USE' | 'WAIT_UNTIL_UNUSED' | 'KEEP_UNTIL_UNUSED';

/** The attributes of the custom resource (`Fn::GetAtt`). */
export interface NetworkConnectorAttributes {
  /** Without a version. */
  readonly ConnectorArn: string;
  readonly ConnectorName: string;
  /** Begins with `nc-`. */
  readonly ConnectorId: string;
}

/** The type of the custom resource that finds a connector by its name. */
export const NETWORK_CONNECTOR_LOOKUP_RESOURCE_TYPE = 'Custom::NetworkConnectorLookup';

/** The properties of a lookup. Its attributes are those of a connector. */
export interface NetworkConnectorLookupProperties {
  /** The resource role: the handler assumes it to find the connector. */
  readonly ResourceRoleArn: string;
  readonly ConnectorName: string;
  readonly TimeoutSeconds: string;
}

/**
 * Tag of a connector: the operation that created or changed it last, the attempt, for a change the time, and the hash
 * of the request overrides if there are any.
 */
export const OPERATION_TAG = 'cdk-lambda-microvms:operation';
