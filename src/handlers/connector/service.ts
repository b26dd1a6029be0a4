import { GetMicrovmCommand, LambdaMicrovmsClient, ListMicrovmsCommand, ListTagsCommand, TagResourceCommand, UntagResourceCommand } from '@aws-sdk/client-lambda-microvms';
import type { ConnectorAnswer, ConnectorRequest } from './lambda-core';
import { LambdaCoreClient } from './lambda-core';
import type { Connector, ConnectorUser, ConnectorVersion } from './observed';
import type { NetworkProtocolProperty } from '../../contract/connector';
import type { CallLimits, RoleAssumer } from '../engine/control-plane';
import { CLIENT_SETTINGS } from '../engine/control-plane';
import { nameOf, sortOf } from '../engine/errors';
import { allPages } from '../engine/pages';

/** What is sent alike to create and to update a connector. */
export type Settings = Pick<Connector, 'subnetIds' | 'securityGroupIds'> & { readonly networkProtocol: NetworkProtocolProperty; readonly operatorRoleArn: string };

/** The calls that the handler of a connector makes, with the role of that connector. */
export interface NetworkConnectorService {
  /** @param identifier name or ARN. */
  connector(identifier: string): Promise<Connector | 'absent'>;
  tags(arn: string): Promise<Record<string, string>>;
  versions(arn: string): Promise<ConnectorVersion[]>;
  /** MicroVMs of the account that go out through the connector and have not terminated. */
  users(arn: string): Promise<ConnectorUser[]>;
  create(name: string, settings: Settings, tags: Record<string, string>, clientToken: string): Promise<{ readonly arn: string }>;
  update(arn: string, settings: Settings, clientToken: string): Promise<void>;
  deleteConnector(arn: string): Promise<void>;
  deleteVersion(arn: string, version: number): Promise<void>;
  tag(arn: string, tags: Record<string, string>): Promise<void>;
  untag(arn: string, keys: string[]): Promise<void>;
}

/** MicroVMs that are looked at side by side: the service answers a hundred such calls a second (service facts 5). */
const LOOKS_AT_ONCE = 10;

/** The ways out of MicroVMs by id: they are fixed at launch, so one look at each that has one is enough for the life of a container. */
export type EgressOfMicrovms = Map<string, readonly string[]>;

export class NetworkConnectorClient implements NetworkConnectorService {
  private readonly core: LambdaCoreClient;

  public constructor(
    private readonly client: LambdaMicrovmsClient, private readonly limits: CallLimits, private readonly egressOf: EgressOfMicrovms,
  ) {
    this.core = new LambdaCoreClient(client, limits);
  }

  public async connector(identifier: string): Promise<Connector | 'absent'> {
    try {
      return connectorOf(await this.core.getNetworkConnector(identifier));
    } catch (error) {
      if (sortOf(error) === 'notFound') return 'absent';
      throw error;
    }
  }

  public async tags(arn: string): Promise<Record<string, string>> {
    const { Tags: tags } = await this.client.send(new ListTagsCommand({ Resource: arn }), this.limits.options());
    return tags ?? {};
  }

  public async versions(arn: string): Promise<ConnectorVersion[]> {
    try {
      const items = await allPages(async marker => {
        const page = await this.core.listNetworkConnectorVersions(arn, marker);
        return { items: page.NetworkConnectorVersions, nextToken: page.NextMarker };
      });
      return items.map(item => ({ version: Number(item.Version), state: stateOf(item.State ?? 'ACTIVE'), modifiedAt: timeOf(item.LastModified) }));
    } catch (error) {
      // The list is newer than the service's own SDK: where there is none, nothing is known to be superfluous (service facts 1.3).
      if (nameOf(error) === 'UnknownOperationException' || sortOf(error) === 'notFound') return [];
      throw error;
    }
  }

  public async users(arn: string): Promise<ConnectorUser[]> {
    const items = await allPages(async nextToken => this.client.send(new ListMicrovmsCommand({ nextToken }), this.limits.options()));
    const living = items.filter(item => item.state !== 'TERMINATED');
    const ids = new Set(living.map(item => item.microvmId!));
    for (const id of this.egressOf.keys()) if (!ids.has(id)) this.egressOf.delete(id);

    const unknown = [...ids].filter(id => !this.egressOf.get(id)?.length);
    for (let start = 0; start < unknown.length; start += LOOKS_AT_ONCE) {
      await Promise.all(unknown.slice(start, start + LOOKS_AT_ONCE).map(async id => this.lookAtMicrovm(id)));
    }
    return living.flatMap(({ microvmId, startedAt }) => {
      const through = this.egressOf.get(microvmId!)?.find(egress => egress === arn || egress.startsWith(`${arn}:`));
      if (through === undefined) return [];
      const version = through === arn ? undefined : Number(through.slice(arn.length + 1));
      return [{ microvmId: microvmId!, startedAt: startedAt?.getTime() ?? 0, version }];
    });
  }

  private async lookAtMicrovm(id: string): Promise<void> {
    const microvm = await this.client.send(new GetMicrovmCommand({ microvmIdentifier: id }), this.limits.options());
    this.egressOf.set(id, microvm.egressNetworkConnectors ?? []);
  }

  public async create(name: string, settings: Settings, tags: Record<string, string>, clientToken: string): Promise<{ arn: string }> {
    const { Arn: arn } = await this.core.createNetworkConnector({ Name: name, ...requestOf(settings), Tags: tags, ClientToken: clientToken });
    return { arn };
  }

  public async update(arn: string, settings: Settings, clientToken: string): Promise<void> {
    await this.core.updateNetworkConnector(arn, { ...requestOf(settings), ClientToken: clientToken });
  }

  public async deleteConnector(arn: string): Promise<void> {
    await this.core.deleteNetworkConnector(arn);
  }

  public async deleteVersion(arn: string, version: number): Promise<void> {
    await this.core.deleteNetworkConnector(`${arn}:${version}`);
  }

  public async tag(arn: string, tags: Record<string, string>): Promise<void> {
    await this.client.send(new TagResourceCommand({ Resource: arn, Tags: tags }), this.limits.options());
  }

  public async untag(arn: string, keys: string[]): Promise<void> {
    await this.client.send(new UntagResourceCommand({ Resource: arn, TagKeys: keys }), this.limits.options());
  }
}

/** The service asks for every member, although its model calls them optional: service facts 1.3. */
function requestOf(settings: Settings): ConnectorRequest {
  return {
    Configuration: {
      VpcEgressConfiguration: {
        SubnetIds: settings.subnetIds,
        SecurityGroupIds: settings.securityGroupIds,
        NetworkProtocol: settings.networkProtocol,
        AssociatedComputeResourceTypes: ['MicroVm'],
      },
    },
    OperatorRole: settings.operatorRoleArn,
  };
}

function connectorOf(answer: ConnectorAnswer): Connector {
  const egress = answer.Configuration?.VpcEgressConfiguration;
  return {
    // A version behind it is of the latest one.
    arn: answer.Arn.split(':').slice(0, 7).join(':'),
    id: answer.Id,
    version: answer.Version,
    state: stateOf(answer.State),
    stateReason: { code: answer.StateReasonCode, words: answer.StateReason },
    updateStatus: answer.LastUpdateStatus as Connector['updateStatus'],
    updateReason: { code: answer.LastUpdateStatusReasonCode, words: answer.LastUpdateStatusReason },
    subnetIds: egress?.SubnetIds ?? [],
    securityGroupIds: egress?.SecurityGroupIds ?? [],
    networkProtocol: egress?.NetworkProtocol as NetworkProtocolProperty | undefined,
    operatorRoleArn: answer.OperatorRole,
    modifiedAt: timeOf(answer.LastModified) ?? 0,
  };
}

/** A connector that tells no state is on its way. */
function stateOf(state: string | undefined): Connector['state'] {
  return (state ?? 'PENDING') as Connector['state'];
}

/** The service answers ISO 8601 text; numbers of seconds are how its protocol writes times by default. */
function timeOf(time: string | number | undefined): number | undefined {
  if (time === undefined) return undefined;
  const milliseconds = typeof time === 'number' ? time * 1000 : Date.parse(time);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

const egressOfMicrovms: EgressOfMicrovms = new Map();

/** The service of the world outside, with the role of one resource. */
export function connectorServices(assumeRole: RoleAssumer, limits: CallLimits): {
  connectors: (roleArn: string, sessionName: string) => Promise<NetworkConnectorService>;
} {
  return {
    connectors: async (roleArn, sessionName) => {
      const client = new LambdaMicrovmsClient({ ...CLIENT_SETTINGS, credentials: await assumeRole(roleArn, sessionName) });
      return new NetworkConnectorClient(client, limits, egressOfMicrovms);
    },
  };
}
