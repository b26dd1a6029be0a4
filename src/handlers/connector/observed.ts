import type { ShownSettings } from './request';
import type { Tags } from '../engine/owner';

/** What has been observed of one connector so far. Absent members have not been observed. */
export interface ObservedConnector {
  readonly connector?: Connector | 'absent';
  readonly tags?: Tags;
  readonly versions?: ConnectorVersion[];
  readonly users?: ConnectorUsers;
}

/** What to observe. */
export type ConnectorObservation =
  /** With `confirmAbsence`, a missing connector is observed again, because the service may show it late. */
  | { readonly at: 'connector'; readonly name: string; readonly confirmAbsence: boolean }
  | { readonly at: 'tags'; readonly name: string; readonly arn: string }
  /** A list without the version `latest` is outdated, and counts as no answer. An empty list is not outdated. */
  | ({ readonly at: 'versions'; readonly name: string; readonly arn: string; readonly latest?: number } & Optional)
  /** One user is enough. `since`: launches until then are included in a complete answer. */
  | { readonly at: 'users'; readonly name: string; readonly arn: string; readonly since: number }
  /** Only a complete answer counts. */
  | ({ readonly at: 'usersForPruning'; readonly name: string; readonly arn: string; readonly since: number } & Optional);

/** Work without which an operation can succeed. */
export interface Optional {
  /** Whether the next poll tries again after an error. Otherwise the fallback of the step follows. */
  readonly triesAgain: boolean;
}

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

/** The MicroVMs of the account that use a connector, or may use it. */
export interface ConnectorUsers {
  /** Have the connector as egress, and have not terminated. */
  readonly known: ConnectorUser[];
  /** Are listed, but cannot be described or show no egress yet. They are new or have just been deleted. */
  readonly unknown: ConnectorUser[];
  /** Whether all MicroVMs of the account have been listed. */
  readonly isComplete: boolean;
}

export interface ConnectorUser {
  readonly microvmId: string;
  /** In milliseconds. */
  readonly startedAt: number;
  /** The version that the launch named. Absent: the launch used the latest version of that time. */
  readonly version?: number;
}
