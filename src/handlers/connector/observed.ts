import type { NetworkProtocolProperty } from '../../contract/connector';
import type { Tags } from '../engine/owner';

/** What has been looked at so far of a connector, by its name; absent members have not been looked at. */
export interface ObservedConnector {
  readonly connector?: Connector | 'absent';
  readonly tags?: Tags;
  readonly versions?: ConnectorVersion[];
  /** MicroVMs that go out through it and have not terminated. */
  readonly users?: ConnectorUser[];
}

/** What can be looked at. */
export type ConnectorLook =
  /** With `confirmAbsence` a missing connector is looked for until that cannot be a delay of the service. */
  | { readonly at: 'connector'; readonly name: string; readonly confirmAbsence: boolean }
  | { readonly at: 'tags' | 'versions' | 'users'; readonly name: string; readonly arn: string };

export interface Connector {
  /** Without a version. */
  readonly arn: string;
  readonly id: string;
  /** The latest, if the service tells. */
  readonly version?: number;
  readonly state: 'PENDING' | 'ACTIVE' | 'INACTIVE' | 'FAILED' | 'DELETING' | 'DELETE_FAILED';
  readonly stateReason: StateReason;
  /** Of the last update; absent before the first. */
  readonly updateStatus?: 'Successful' | 'Failed' | 'InProgress';
  readonly updateReason: StateReason;
  readonly subnetIds: string[];
  readonly securityGroupIds: string[];
  readonly networkProtocol?: NetworkProtocolProperty;
  readonly operatorRoleArn?: string;
  /** In milliseconds; the service tells no time of creation. */
  readonly modifiedAt: number;
}

/** Why a connector is in its state: service facts 1.3. */
export interface StateReason {
  readonly code?: string;
  readonly words?: string;
}

export interface ConnectorVersion {
  readonly version: number;
  readonly state: Connector['state'];
  /** In milliseconds, if the service tells. */
  readonly modifiedAt?: number;
}

export interface ConnectorUser {
  readonly microvmId: string;
  /** In milliseconds. */
  readonly startedAt: number;
  /** The version that it was launched with by name; else it took the latest of the time. */
  readonly version?: number;
}
