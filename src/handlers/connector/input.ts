import type { DesiredConnector } from './desired';
import type { ConnectorObservation, ObservedConnector, Optional } from './observed';
import type { ElasticIps } from './request';
import type { Operation } from '../engine/operation';
import type { Step } from '../engine/step';

/** All that the rules decide from. This is plain data. */
export interface ConnectorReconcileInput {
  readonly operation: Operation;
  readonly desired: DesiredConnector;
  /** The connector that the old properties of an update describe. */
  readonly previous?: DesiredConnector;
  /** The physical ID that CloudFormation had when it sent the request. */
  readonly requestPhysicalId?: string;
  readonly observed: ObservedConnectors;
}

/** By name. */
export type ObservedConnectors = Readonly<Record<string, ObservedConnector>>;

export type ConnectorChange =
  | { readonly do: 'create'; readonly name: string }
  | { readonly do: 'update'; readonly name: string; readonly arn: string; readonly attempt: Attempt; readonly elasticIps?: ElasticIps }
  | { readonly do: 'tag'; readonly name: string; readonly arn: string; readonly tags: Record<string, string> }
  | { readonly do: 'untag'; readonly name: string; readonly arn: string; readonly keys: string[] }
  | ({ readonly do: 'deleteVersion'; readonly name: string; readonly arn: string; readonly version: number } & Optional)
  | { readonly do: 'deleteConnector'; readonly name: string; readonly arn: string };

/** An operation tries again only if its roles may not have been propagated, or if another party reverted its change. */
export type Attempt = 1 | 2;

export type ConnectorStep = Step<ConnectorObservation, ConnectorChange>;
