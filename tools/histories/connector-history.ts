import type { Event, Surroundings } from './history';
import type { Home } from './roles';
import { connectorResourceRole, OPERATOR_ROLE } from './roles';
import type { DeletionProperty, NetworkConnectorProperties, NetworkProtocolProperty } from '../../src/contract/connector';

/** One connector as a template of a history asks for it. */
export interface ConnectorSpec {
  readonly name: string;
  /** Ends of subnet ids; one in `full` has no free addresses. */
  readonly subnets: readonly string[];
  readonly group?: string;
  readonly protocol?: NetworkProtocolProperty;
  readonly vpc?: string;
  readonly tag?: string;
  readonly retained?: number;
  readonly deletion?: DeletionProperty;
}

/** What else can happen. */
export type ConnectorEvent =
  /** A user launches a MicroVM through a connector. */
  | { readonly do: 'launch'; readonly name: string };

export interface ConnectorHistory extends Surroundings {
  readonly events: readonly (Event<ConnectorSpec> | ConnectorEvent)[];
  /** How long changes of connectors take, one after the other. */
  readonly durationsMs?: readonly number[];
}

/** The name of a connector of somebody else. */
export const FOREIGN = 'taken';

export const FULL_SUBNET = 'subnet-full';

export function connectorProperties(spec: ConnectorSpec, home: Home): NetworkConnectorProperties {
  return {
    ResourceRoleArn: connectorResourceRole(home, spec.name),
    ConnectorName: spec.name,
    NameIsGenerated: 'false',
    VpcId: spec.vpc ?? 'vpc-1',
    NetworkProtocol: spec.protocol ?? 'IPv4',
    SubnetIds: spec.subnets.map(subnet => `subnet-${subnet}`),
    SubnetZones: spec.subnets.map(() => 'use1-az1'),
    SecurityGroupIds: [`sg-${spec.group ?? '1'}`],
    OperatorRoleArn: OPERATOR_ROLE,
    Tags: spec.tag === undefined ? [] : [{ Key: spec.tag, Value: 'yes' }],
    RetainedVersions: String(spec.retained ?? 1),
    Deletion: spec.deletion ?? 'REFUSE_IN_USE',
    TimeoutSeconds: '3000',
  };
}
