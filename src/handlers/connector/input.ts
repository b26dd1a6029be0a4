import type { DesiredConnector } from './desired';
import type { ConnectorLook, ObservedConnector } from './observed';
import type { Operation } from '../engine/operation';
import type { Step } from '../engine/step';

/** All that the rules decide from: plain data. */
export interface ConnectorSituation {
  readonly operation: Operation;
  readonly desired: DesiredConnector;
  /** From the old properties of an update. */
  readonly previous?: DesiredConnector;
  /** The physical id that CloudFormation knew when it sent the request. */
  readonly requestPhysicalId?: string;
  readonly seen: SeenConnectors;
}

/** By name. */
export type SeenConnectors = Readonly<Record<string, ObservedConnector>>;

export type ConnectorChange =
  | { readonly do: 'create'; readonly name: string }
  | { readonly do: 'update'; readonly name: string; readonly arn: string; readonly attempt: Attempt }
  | { readonly do: 'tag'; readonly name: string; readonly arn: string; readonly tags: Record<string, string> }
  | { readonly do: 'untag'; readonly name: string; readonly arn: string; readonly keys: string[] }
  | { readonly do: 'deleteVersion'; readonly name: string; readonly arn: string; readonly version: number }
  | { readonly do: 'deleteConnector'; readonly name: string; readonly arn: string };

/** An operation asks again only for what failed before its roles were known everywhere, or for what was changed back behind its back. */
export type Attempt = 1 | 2;

export type ConnectorStep = Step<ConnectorLook, ConnectorChange>;
