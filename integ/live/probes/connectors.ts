import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import type { ProbeOutputs } from './stack-outputs';
import type { ConnectorAnswer, VpcEgressConfiguration } from '../../../src/handlers/connector/lambda-core';
import { LambdaCoreClient } from '../../../src/handlers/connector/lambda-core';
import { CallLimits } from '../../../src/handlers/engine/calls';
import { SYSTEM_CLOCK } from '../../../src/handlers/engine/clock';
import type { Account } from '../account';

const LOOK_EVERY = 3_000;
/** Some are active within seconds; up to ten minutes are documented. */
const PATIENCE = 900_000;
const PATIENCE_WITH_VERSIONS = 180_000;
const DELETED = 'DELETED';

/** The connectors that probes make beside the stack's, in its subnets. */
export class ConnectorsOfRun {
  private readonly created = new Set<string>();
  private readonly client: LambdaCoreClient;

  constructor(private readonly account: Account, private readonly outputs: ProbeOutputs) {
    this.client = coreClient(account, new LambdaMicrovmsClient(account.client));
  }

  /** @returns its ARN. */
  async create(operatorRole: string, tags: Record<string, string> = {}, by?: LambdaMicrovmsClient): Promise<string> {
    const client = by === undefined ? this.client : coreClient(this.account, by);
    const id = randomUUID();
    const { Arn: arn } = await client.createNetworkConnector({
      Name: `live-probe-${id.slice(0, 8)}`,
      OperatorRole: operatorRole,
      Configuration: this.configuration(),
      Tags: tags,
      ClientToken: id,
    });
    this.created.add(unqualified(arn));
    return unqualified(arn);
  }

  async update(arn: string, operatorRole: string, changes: Partial<VpcEgressConfiguration>): Promise<void> {
    const Configuration = this.configuration(changes);
    await this.client.updateNetworkConnector(arn, { OperatorRole: operatorRole, Configuration, ClientToken: randomUUID() });
  }

  async get(arn: string, by?: LambdaMicrovmsClient): Promise<ConnectorAnswer> {
    return (by === undefined ? this.client : coreClient(this.account, by)).getNetworkConnector(arn);
  }

  async versions(arn: string): Promise<number[]> {
    const { NetworkConnectorVersions: versions = [] } = await this.client.listNetworkConnectorVersions(arn);
    return versions.map(({ Version: version }) => version);
  }

  /** What is listed once a version is gone, or after some time. */
  async versionsWithout(arn: string, version: number): Promise<number[]> {
    const end = Date.now() + PATIENCE_WITH_VERSIONS;
    for (;;) {
      const listed = await this.versions(arn);
      if (!listed.includes(version) || Date.now() > end) return listed;
      await this.pause();
    }
  }

  async delete(arn: string): Promise<void> {
    await this.client.deleteNetworkConnector(arn);
  }

  /** Waits until nothing of it is under way. */
  async untilSettled(arn: string): Promise<ConnectorAnswer> {
    const end = Date.now() + PATIENCE;
    for (;;) {
      const connector = await this.get(arn).catch(gone);
      if (connector.State !== 'PENDING' && connector.State !== 'DELETING' && connector.LastUpdateStatus !== 'InProgress') return connector;
      if (Date.now() > end) throw new Error(`connector ${arn} is still ${connector.State}, its update ${connector.LastUpdateStatus}`);
      await this.pause();
    }
  }

  /** Deletes what is there. @returns what could not be deleted. */
  async dispose(): Promise<string[]> {
    const left = await Promise.all([...this.created].map(async arn => {
      try {
        await this.untilSettled(arn);
        await this.delete(arn).catch(gone);
        return (await this.untilSettled(arn)).State === DELETED ? [] : [`connector ${arn}`];
      } catch {
        return [`connector ${arn}`];
      }
    }));
    return left.flat();
  }

  private async pause(): Promise<void> {
    await sleep(this.account.endpoint === undefined ? LOOK_EVERY : LOOK_EVERY / 10);
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

/** The client of the library's handlers, for the calls of this process. */
export function coreClient(account: Account, sister: LambdaMicrovmsClient): LambdaCoreClient {
  // It is led elsewhere by its environment, as a handler is.
  if (account.endpoint !== undefined) process.env.AWS_ENDPOINT_URL_LAMBDA_CORE = account.endpoint;
  return new LambdaCoreClient(sister, new CallLimits(SYSTEM_CLOCK, Infinity));
}

function unqualified(arn: string): string {
  return arn.replace(/(:network-connector:[^:]+):\d+$/, '$1');
}

function gone(error: Error): ConnectorAnswer {
  if (!/^ResourceNotFound/.test(error.name)) throw error;
  return { Arn: '', Name: '', Id: '', State: DELETED };
}
