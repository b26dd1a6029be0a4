import type { NetworkConnectorLookupProperties, NetworkConnectorProperties } from '../../../src/contract/connector';
import { NETWORK_CONNECTOR_LOOKUP_RESOURCE_TYPE, NETWORK_CONNECTOR_RESOURCE_TYPE, OPERATION_TAG } from '../../../src/contract/connector';
import type { DesiredConnector } from '../../../src/handlers/connector/desired';
import { physicalIdOf } from '../../../src/handlers/connector/desired';
import type { ConnectorReconcileInput } from '../../../src/handlers/connector/input';
import type { Connector, ConnectorUser, ConnectorUsers, ConnectorVersion, ObservedConnector } from '../../../src/handlers/connector/observed';
import type { ConnectorDependencies } from '../../../src/handlers/connector/resource';
import type { NetworkConnectorService } from '../../../src/handlers/connector/service';
import type { PollEvent } from '../../../src/handlers/engine/event';
import type { Operation } from '../../../src/handlers/engine/operation';
import { ownerTags } from '../../../src/handlers/engine/owner';
import type { PollCircumstancesOf } from '../engine/inputs';
import { EARLIER_OPERATION, FakeClock, FakeService, MINUTE, NOW, operation, OWNER, pollEventOf } from '../engine/inputs';

export const NAME = 'net';
export const OLD_NAME = 'old-net';
export const ARN = arnOf(NAME);
export const OLD_ARN = arnOf(OLD_NAME);
export const OPERATOR_ROLE = 'arn:aws:iam::123456789012:role/operator';

export function arnOf(name: string): string {
  return `arn:aws:lambda:us-east-1:123456789012:network-connector:nc-${name}`;
}

export function desired(more: Partial<DesiredConnector> = {}): DesiredConnector {
  return {
    name: NAME,
    nameIsGenerated: false,
    vpcId: 'vpc-1',
    networkProtocol: 'IPv4',
    subnetIds: ['subnet-1', 'subnet-2'],
    subnetZones: ['use1-az1', 'use1-az2'],
    securityGroupIds: ['sg-1', 'sg-2'],
    operatorRoleArn: OPERATOR_ROLE,
    tags: {},
    owner: OWNER,
    retainedVersions: 1,
    deletion: 'REFUSE_IN_USE',
    placementRemoval: 'REFUSE_IN_USE',
    ...more,
  };
}

/** Returns an active connector that is as desired, and has never been updated. */
export function connector(more: Partial<Connector> = {}): Connector {
  return {
    arn: ARN,
    id: 'nc-net',
    state: 'ACTIVE',
    stateReason: { message: 'Initial creation' },
    updateReason: {},
    subnetIds: ['subnet-1', 'subnet-2'],
    securityGroupIds: ['sg-1', 'sg-2'],
    networkProtocol: 'IPv4',
    operatorRoleArn: OPERATOR_ROLE,
    modifiedAt: NOW - 60 * MINUTE,
    ...more,
  };
}

/** Returns the tags of a connector of this resource, with the tag of the operation that changed it last. */
export function ourTags(operationTag = `${EARLIER_OPERATION}/1`, more: Record<string, string> = {}): Record<string, string> {
  return { ...ownerTags(OWNER), [OPERATION_TAG]: operationTag, ...more };
}

/** Returns an idle connector of this resource with one version and no users. It is as desired, except for `more`. */
export function ours(more: Partial<Connector> = {}, observed: ObservedConnector = {}): ObservedConnector {
  return { connector: connector(more), tags: ourTags(), versions: [version(1)], users: usage(), ...observed };
}

/** Returns a version. The tenth was created now, and each one before it an hour earlier. */
export function version(number: number, more: Partial<ConnectorVersion> = {}): ConnectorVersion {
  return { version: number, state: 'ACTIVE', modifiedAt: NOW - (10 - number) * 60 * MINUTE, ...more };
}

/** Returns a MicroVM that was launched a day ago. */
export function user(microvmId: string, more: Partial<ConnectorUser> = {}): ConnectorUser {
  return { microvmId, startedAt: NOW - 24 * 60 * MINUTE, ...more };
}

/** Returns a complete search for the users of a connector. */
export function usage(known: ConnectorUser[] = [], more: Partial<ConnectorUsers> = {}): ConnectorUsers {
  return { known, unknown: [], isComplete: true, ...more };
}

export const TWELVE_USERS = Array.from({ length: 12 }, (_, index) => user(`microvm-${index + 1}`));
export const TEN_IDS_AND_MORE = 'microvm-1, microvm-2, microvm-3, microvm-4, microvm-5, microvm-6, microvm-7, microvm-8, microvm-9, microvm-10 and 2 more';

export interface Circumstances {
  readonly operation?: Partial<Operation>;
  readonly desired?: Partial<DesiredConnector>;
  /** How the old properties differ from the new ones. */
  readonly previous?: Partial<DesiredConnector>;
  readonly requestPhysicalId?: string;
  /** What has been observed of the desired connector. */
  readonly observed?: ObservedConnector;
  /** What has been observed of other connectors, by name. */
  readonly observedElsewhere?: Record<string, ObservedConnector>;
}

/** Returns the input of a forward update that began 20 minutes ago, unless the circumstances differ. */
export function updating(circumstances: Circumstances = {}): ConnectorReconcileInput {
  const wanted = desired(circumstances.desired);
  const previous = { ...wanted, ...circumstances.previous };
  return {
    operation: operation(circumstances.operation),
    desired: wanted,
    previous,
    requestPhysicalId: circumstances.requestPhysicalId ?? physicalIdOf(previous.name),
    observed: { [wanted.name]: circumstances.observed ?? {}, ...circumstances.observedElsewhere },
  };
}

export function creating(circumstances: Circumstances = {}): ConnectorReconcileInput {
  const input = updating({ ...circumstances, operation: { type: 'Create', ...circumstances.operation } });
  return { ...input, previous: undefined, requestPhysicalId: undefined };
}

export function rollingBack(circumstances: Circumstances = {}): ConnectorReconcileInput {
  return updating({ ...circumstances, operation: { phase: 'rollback', ...circumstances.operation } });
}

/** Returns all properties of a connector, so that no default applies. */
export function properties(more: Partial<NetworkConnectorProperties> = {}): NetworkConnectorProperties {
  return {
    ResourceRoleArn: 'arn:aws:iam::123456789012:role/handler-of-net',
    ConnectorName: NAME,
    NameIsGenerated: 'false',
    VpcId: 'vpc-1',
    NetworkProtocol: 'IPv4',
    SubnetIds: ['subnet-1', 'subnet-2'],
    SubnetZones: ['use1-az1', 'use1-az2'],
    SecurityGroupIds: ['sg-1', 'sg-2'],
    OperatorRoleArn: OPERATOR_ROLE,
    Tags: [{ Key: 'team', Value: 'network' }],
    RetainedVersions: '1',
    Deletion: 'REFUSE_IN_USE',
    TimeoutSeconds: '3000',
    ...more,
  };
}

export type PollCircumstances = PollCircumstancesOf<NetworkConnectorProperties>;

export function pollEvent(more: PollCircumstances = {}): PollEvent<NetworkConnectorProperties> {
  return pollEventOf(NETWORK_CONNECTOR_RESOURCE_TYPE, physicalIdOf(NAME), properties, more);
}

/** Returns a poll of a lookup that has just begun. */
export function lookupEvent(more: Partial<PollEvent<NetworkConnectorLookupProperties>> = {}): PollEvent<NetworkConnectorLookupProperties> {
  return {
    ...pollEvent({ RequestType: 'Create' }),
    OldResourceProperties: undefined,
    ResourceType: NETWORK_CONNECTOR_LOOKUP_RESOURCE_TYPE,
    PhysicalResourceId: `network-connector-lookup:${NAME}`,
    ResourceProperties: { ResourceRoleArn: 'arn:aws:iam::123456789012:role/lookup', ConnectorName: NAME, TimeoutSeconds: '300' },
    ...more,
  };
}

const METHODS: (keyof NetworkConnectorService)[] = [
  'connector', 'tags', 'versions', 'users', 'create', 'update', 'deleteConnector', 'deleteVersion', 'tag', 'untag',
];

export class FakeConnectors extends FakeService<NetworkConnectorService> {
  public constructor(answers: Partial<NetworkConnectorService>) {
    super(METHODS, answers);
  }
}

export function connectorDependencies(connectors: FakeConnectors, more: Partial<ConnectorDependencies> = {}): ConnectorDependencies {
  return { clock: new FakeClock(), connectors: async () => connectors.service, ...more };
}
