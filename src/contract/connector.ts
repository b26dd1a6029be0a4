import type { BooleanProperty, TagProperty } from './common';

/**
 * What the construct and the handler of a network connector say to each other.
 */

/** The type of the custom resource. */
export const NETWORK_CONNECTOR_RESOURCE_TYPE = 'Custom::NetworkConnector';

/** The properties of the custom resource. */
export interface NetworkConnectorProperties {
  /** The role that the handler assumes for all that it does to this connector. */
  readonly ResourceRoleArn: string;
  readonly ConnectorName: string;
  /** A generated name changes with VPC and protocol, a given one does not. */
  readonly NameIsGenerated: BooleanProperty;
  /** Cannot change under one name. */
  readonly VpcId: string;
  /** Cannot change under one name. */
  readonly NetworkProtocol: NetworkProtocolProperty;
  readonly SubnetIds: string[];
  /** The Availability Zone of each subnet, in their order: its id if the template has it, else its name; empty if nobody knows. */
  readonly SubnetZones: string[];
  readonly SecurityGroupIds: string[];
  readonly OperatorRoleArn: string;
  readonly Tags?: TagProperty[];
  readonly RetainedVersions: string;
  readonly Deletion: DeletionProperty;
  /** For one create, update or delete, in seconds. */
  readonly TimeoutSeconds: string;
}

export type NetworkProtocolProperty = 'IPv4' | 'DualStack';

/** What a deletion does while MicroVMs use the connector. */
export type DeletionProperty = 'REFUSE_IN_USE' | 'WAIT_UNTIL_UNUSED' | 'FORCE';

/** The attributes of the custom resource (`Fn::GetAtt`). */
export interface NetworkConnectorAttributes {
  /** Without a version. */
  readonly ConnectorArn: string;
  readonly ConnectorName: string;
  /** `nc-...` */
  readonly ConnectorId: string;
}

/** The type of the custom resource that finds a connector by its name. */
export const NETWORK_CONNECTOR_LOOKUP_RESOURCE_TYPE = 'Custom::NetworkConnectorLookup';

/** The properties of a look-up; its attributes are those of a connector. */
export interface NetworkConnectorLookupProperties {
  /** The role that the handler assumes to look. */
  readonly ResourceRoleArn: string;
  readonly ConnectorName: string;
  readonly TimeoutSeconds: string;
}

/** On a connector: which operation made or changed it last, at which attempt, and, of a change, when. */
export const OPERATION_TAG = 'cdk-lambda-microvms:operation';
