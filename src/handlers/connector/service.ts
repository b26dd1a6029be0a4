import { LambdaMicrovmsClient, ListTagsCommand, TagResourceCommand, UntagResourceCommand } from '@aws-sdk/client-lambda-microvms';
import type { ConnectorAnswer } from './lambda-core';
import { isMissing, LambdaCoreClient } from './lambda-core';
import type { Connector, ConnectorUsers, ConnectorVersion } from './observed';
import type { Settings } from './request';
import { requestOf, settingsIn } from './request';
import type { EgressOfMicrovms, IncompleteLists, UserQuery } from './users';
import { UserSearch } from './users';
import type { CallLimits } from '../engine/calls';
import { CLIENT_SETTINGS } from '../engine/calls';
import type { RoleAssumer } from '../engine/control-plane';
import { classify } from '../engine/errors';
import { allPages } from '../engine/pages';

/** The calls that the handler makes with the resource role of a connector. */
export interface NetworkConnectorService {
  /** @param identifier name or ARN of the connector. */
  connector(identifier: string): Promise<Connector | 'absent'>;
  tags(arn: string): Promise<Record<string, string>>;
  versions(arn: string): Promise<ConnectorVersion[]>;
  users(arn: string, query: UserQuery): Promise<ConnectorUsers>;
  create(name: string, settings: Settings, tags: Record<string, string>, clientToken: string): Promise<{ readonly arn: string }>;
  update(arn: string, settings: Settings, clientToken: string): Promise<void>;
  deleteConnector(arn: string): Promise<void>;
  deleteVersion(arn: string, version: number): Promise<void>;
  tag(arn: string, tags: Record<string, string>): Promise<void>;
  untag(arn: string, keys: string[]): Promise<void>;
}

export class NetworkConnectorClient implements NetworkConnectorService {
  private readonly core: LambdaCoreClient;
  private readonly search: UserSearch;

  public constructor(
    private readonly client: LambdaMicrovmsClient,
    private readonly limits: CallLimits,
    egressOf: EgressOfMicrovms,
    incompleteLists: IncompleteLists = new Map(),
  ) {
    this.core = new LambdaCoreClient(client, limits);
    this.search = new UserSearch(client, limits, egressOf, incompleteLists);
  }

  public async connector(identifier: string): Promise<Connector | 'absent'> {
    try {
      return connectorOf(await this.core.getNetworkConnector(identifier));
    } catch (error) {
      if (classify(error) === 'notFound') return 'absent';
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
      // Not every Region may have this operation yet (service-facts.md, 1.3). Without it, no version is known to be
      // superfluous.
      if (isMissing(error)) return [];
      throw error;
    }
  }

  public async users(arn: string, query: UserQuery): Promise<ConnectorUsers> {
    return this.search.find(arn, query);
  }

  public async create(name: string, settings: Settings, tags: Record<string, string>, clientToken: string): Promise<{ arn: string }> {
    // An override cannot change what identifies the connector and the operation.
    const { Arn: arn } = await this.core.createNetworkConnector({ ...requestOf(settings), Name: name, Tags: tags, ClientToken: clientToken });
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

function connectorOf(answer: ConnectorAnswer): Connector {
  return {
    // Drops the version, which is that of the latest one.
    arn: answer.Arn.split(':').slice(0, 7).join(':'),
    id: answer.Id,
    version: answer.LatestVersion ?? answer.Version,
    state: stateOf(answer.State),
    stateReason: { code: answer.StateReasonCode, message: answer.StateReason },
    updateStatus: answer.LastUpdateStatus as Connector['updateStatus'],
    updateReason: { code: answer.LastUpdateStatusReasonCode, message: answer.LastUpdateStatusReason },
    ...settingsIn(answer),
    modifiedAt: timeOf(answer.LastModified) ?? 0,
  };
}

/** A connector without a state is being created. */
function stateOf(state: string | undefined): Connector['state'] {
  return (state ?? 'PENDING') as Connector['state'];
}

/** The service returns ISO 8601 text. Its protocol would also allow a number of seconds. */
function timeOf(time: string | number | undefined): number | undefined {
  if (time === undefined) return undefined;
  const milliseconds = typeof time === 'number' ? time * 1000 : Date.parse(time);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

const egressOfMicrovms: EgressOfMicrovms = new Map();
const incompleteLists: IncompleteLists = new Map();

/** Creates clients that use the role of one resource. */
export function connectorServices(assumeRole: RoleAssumer, limits: CallLimits): {
  connectors: (roleArn: string, sessionName: string) => Promise<NetworkConnectorService>;
} {
  return {
    connectors: async (roleArn, sessionName) => {
      const client = new LambdaMicrovmsClient({ ...CLIENT_SETTINGS, credentials: await assumeRole(roleArn, sessionName) });
      return new NetworkConnectorClient(client, limits, egressOfMicrovms, incompleteLists);
    },
  };
}
