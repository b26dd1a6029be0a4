import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import type { ProbeOutputs } from './stack-outputs';
import type { ConnectorAnswer, VpcEgressConfiguration } from '../../../src/handlers/connector/lambda-core';
import { LambdaCoreClient } from '../../../src/handlers/connector/lambda-core';
import { CallLimits } from '../../../src/handlers/engine/calls';
import { SYSTEM_CLOCK } from '../../../src/handlers/engine/clock';
import type { Account } from '../account';

const POLL_INTERVAL = 3_000;
/** Some connectors are active within seconds. The service documents up to ten minutes. */
const TIMEOUT = 900_000;
const VERSION_TIMEOUT = 180_000;
const DELETED = 'DELETED';

/** The connectors that probes create in addition to the connector of the stack, in the same subnets. */
export class ProbeConnectors {
  private readonly created = new Set<string>();
  private readonly client: LambdaCoreClient;

  constructor(private readonly account: Account, private readonly outputs: ProbeOutputs) {
    this.client = coreClient(account, new LambdaMicrovmsClient(account.client));
  }

  /** Creates a connector. @returns its ARN. */
  async create(operatorRole: string, tags: Record<string, string> = {}, by?: LambdaMicrovmsClient, changes: object = {}): Promise<string> {
    const client = by === undefined ? this.client : coreClient(this.account, by);
    const id = randomUUID();
    const { Arn: arn } = await client.createNetworkConnector({
      Name: `live-probe-${id.slice(0, 8)}`,
      OperatorRole: operatorRole,
      Configuration: this.configuration(changes),
      Tags: tags,
      ClientToken: id,
    });
    this.created.add(unqualified(arn));
    return unqualified(arn);
  }

  async update(arn: string, operatorRole: string, changes: Partial<VpcEgressConfiguration>, by?: LambdaMicrovmsClient): Promise<void> {
    const Configuration = this.configuration(changes);
    const client = by === undefined ? this.client : coreClient(this.account, by);
    await client.updateNetworkConnector(arn, { OperatorRole: operatorRole, Configuration, ClientToken: randomUUID() });
  }

  async get(arn: string, by?: LambdaMicrovmsClient): Promise<ConnectorAnswer> {
    return (by === undefined ? this.client : coreClient(this.account, by)).getNetworkConnector(arn);
  }

  async versions(arn: string): Promise<number[]> {
    const { NetworkConnectorVersions: versions = [] } = await this.client.listNetworkConnectorVersions(arn);
    return versions.map(({ Version: version }) => version);
  }

  /** Lists the versions once this one has been deleted, or after a timeout. */
  async versionsWithout(arn: string, version: number): Promise<number[]> {
    const end = Date.now() + VERSION_TIMEOUT;
    for (;;) {
      const listed = await this.versions(arn);
      if (!listed.includes(version) || Date.now() > end) return listed;
      await this.pause();
    }
  }

  async delete(arn: string): Promise<void> {
    await this.client.deleteNetworkConnector(arn);
  }

  /** Waits until no creation, update or deletion of the connector is in progress. */
  async untilSettled(arn: string): Promise<ConnectorAnswer> {
    const end = Date.now() + TIMEOUT;
    for (;;) {
      const connector = await this.get(arn).catch(asDeleted);
      if (connector.State !== 'PENDING' && connector.State !== 'DELETING' && connector.LastUpdateStatus !== 'InProgress') return connector;
      if (Date.now() > end) throw new Error(`connector ${arn} is still ${connector.State} and its update is ${connector.LastUpdateStatus}`);
      await this.pause();
    }
  }

  /** Deletes the connectors of this run. @returns those that it could not delete. */
  async dispose(): Promise<string[]> {
    const left = await Promise.all([...this.created].map(async arn => {
      try {
        await this.untilSettled(arn);
        await this.delete(arn).catch(asDeleted);
        return (await this.untilSettled(arn)).State === DELETED ? [] : [`connector ${arn}`];
      } catch {
        return [`connector ${arn}`];
      }
    }));
    return left.flat();
  }

  private async pause(): Promise<void> {
    await sleep(this.account.endpoint === undefined ? POLL_INTERVAL : POLL_INTERVAL / 10);
  }

  private configuration(changes: Partial<VpcEgressConfiguration> = {}): { VpcEgressConfiguration: VpcEgressConfiguration } {
    return {
      VpcEgressConfiguration: {
        SubnetIds: this.outputs.SubnetIds.split(','),
        SecurityGroupIds: [this.outputs.SecurityGroupId],
        NetworkProtocol: 'IPv4',
        AssociatedComputeResourceTypes: ['MicroVm'],
        ...changes,
      },
    };
  }
}

/** Creates the client that the handlers of the library use, for calls from this process. */
export function coreClient(account: Account, microvmsClient: LambdaMicrovmsClient): LambdaCoreClient {
  // The client reads its endpoint from the environment, as it does in the handlers.
  if (account.endpoint !== undefined) process.env.AWS_ENDPOINT_URL_LAMBDA_CORE = account.endpoint;
  return new LambdaCoreClient(microvmsClient, new CallLimits(SYSTEM_CLOCK, Infinity));
}

function unqualified(arn: string): string {
  return arn.replace(/(:network-connector:[^:]+):\d+$/, '$1');
}

function asDeleted(error: Error): ConnectorAnswer {
  if (!/^ResourceNotFound/.test(error.name)) throw error;
  return { Arn: '', Name: '', Id: '', State: DELETED };
}
