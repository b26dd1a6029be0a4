import type { ShownSettings } from './request';
import type { Tags } from '../engine/owner';

/** What has been observed of one connector so far. Absent members have not been observed. */
export interface ObservedConnector {
  readonly connector?: Connector | 'absent';
  readonly tags?: Tags;
  readonly versions?: ConnectorVersion[];
  /** MicroVMs that use the connector and have not terminated. */
  readonly users?: ConnectorUser[];
}

/** What to observe. */
export type ConnectorObservation =
  /** With `confirmAbsence`, a missing connector is observed again, because the service may show it late. */
  | { readonly at: 'connector'; readonly name: string; readonly confirmAbsence: boolean }
  | { readonly at: 'tags' | 'versions' | 'users'; readonly name: string; readonly arn: string };

export interface Connector extends ShownSettings {
  /** Without a version. */
  readonly arn: string;
  readonly id: string;
  /** The latest version, if the service shows it. */
  readonly version?: number;
  readonly state: 'PENDING' | 'ACTIVE' | 'INACTIVE' | 'FAILED' | 'DELETING' | 'DELETE_FAILED';
  readonly stateReason: StateReason;
  /** Status of the last update. Absent before the first update. */
  readonly updateStatus?: 'Successful' | 'Failed' | 'InProgress';
  readonly updateReason: StateReason;
  /** In milliseconds. The service shows no time of creation. */
  readonly modifiedAt: number;
}

/** Why a connector is in its state (service-facts.md, 1.3). */
export interface StateReason {
  readonly code?: string;
  readonly message?: string;
}

export interface ConnectorVersion {
  readonly version: number;
  readonly state: Connector['state'];
  /** In milliseconds, if the service shows it. */
  readonly modifiedAt?: number;
}

export interface ConnectorUser {
  readonly microvmId: string;
  /** In milliseconds. */
  readonly startedAt: number;
  /** The version that the launch named. Absent: the launch used the latest version of that time. */
  readonly version?: number;
}
