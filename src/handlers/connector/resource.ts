import type { DesiredConnector } from './desired';
import { desiredConnector, nameIn, physicalIdOf } from './desired';
import { hintFor } from './hints';
import type { Attempt, ConnectorChange, ConnectorStep, SeenConnectors } from './input';
import type { ConnectorLook, ObservedConnector } from './observed';
import { reconcile } from './reconcile';
import type { NetworkConnectorService } from './service';
import { OPERATION_TAG } from '../../contract/connector';
import type { NetworkConnectorProperties } from '../../contract/connector';
import { ServicesByRole } from '../engine/clients-by-role';
import { confirmAbsence } from '../engine/confirm-absence';
import type { Clock } from '../engine/control-plane';
import { LastingError, nameOf } from '../engine/errors';
import type { PollEvent, ResourceEvent } from '../engine/event';
import type { Operation } from '../engine/operation';
import { ownerTags } from '../engine/owner';
import type { Reconciled } from '../engine/poll';
import { ask } from '../engine/rejections';

/** What the handler of a connector needs of the world. */
export interface ConnectorWorld {
  readonly clock: Clock;
  /** The service as the role of one resource may use it. */
  readonly connectors: (roleArn: string, sessionName: string) => Promise<NetworkConnectorService>;
}

/** Room at a quota may be made by what is deleted at the same time; after this there is no hope of it. */
const QUOTA_PATIENCE = 600_000;

export function connectorPhysicalId(event: ResourceEvent<NetworkConnectorProperties>): string {
  return event.RequestType === 'Delete' ? event.PhysicalResourceId! : physicalIdOf(event.ResourceProperties.ConnectorName);
}

export class NetworkConnectorResource implements Reconciled<SeenConnectors, ConnectorLook, ConnectorChange> {
  public readonly nothingSeen: SeenConnectors = {};
  public readonly secrets: string[] = [];
  private readonly desired: DesiredConnector;
  private readonly previous?: DesiredConnector;
  private readonly services: ServicesByRole<NetworkConnectorService>;

  public constructor(
    private readonly event: PollEvent<NetworkConnectorProperties>, public readonly operation: Operation, private readonly world: ConnectorWorld,
  ) {
    const { ResourceProperties: properties, OldResourceProperties: old } = event;
    const desired = desiredConnector(event, properties);
    const deleted = event.RequestType === 'Delete' ? nameIn(event.PhysicalResourceId) : undefined;
    this.desired = deleted === undefined ? desired : { ...desired, name: deleted };
    this.previous = old && desiredConnector(event, old);
    const roles = { ...(old ? { [old.ConnectorName]: old.ResourceRoleArn } : {}), [this.desired.name]: properties.ResourceRoleArn };
    this.services = new ServicesByRole(async roleArn => world.connectors(roleArn, event.LogicalResourceId), roles, properties.ResourceRoleArn);
  }

  public reconcile(seen: SeenConnectors): ConnectorStep {
    const { operation, desired, previous } = this;
    return reconcile({ operation, desired, previous, requestPhysicalId: this.event.Operation.RequestPhysicalId, seen });
  }

  public async look(look: ConnectorLook, seen: SeenConnectors): Promise<SeenConnectors> {
    const service = await this.services.for(look.name);
    return { ...seen, [look.name]: { ...seen[look.name], ...await this.lookAt(service, look) } };
  }

  private async lookAt(service: NetworkConnectorService, look: ConnectorLook): Promise<ObservedConnector> {
    switch (look.at) {
      case 'connector': {
        const once = async () => service.connector(look.name);
        return { connector: look.confirmAbsence ? await confirmAbsence(once, this.world.clock) : await once() };
      }
      case 'tags': return { tags: await service.tags(look.arn) };
      case 'versions': return { versions: await service.versions(look.arn) };
      case 'users': return { users: await service.users(look.arn) };
    }
  }

  public async act(change: ConnectorChange): Promise<void> {
    const service = await this.services.for(change.name);
    switch (change.do) {
      case 'create': return this.ask(async () => this.create(service));
      case 'update': return this.ask(async () => this.update(service, change.arn, change.attempt));
      case 'tag': return this.ask(async () => service.tag(change.arn, change.tags));
      case 'untag': return this.ask(async () => service.untag(change.arn, change.keys));
      case 'deleteVersion': return service.deleteVersion(change.arn, change.version);
      case 'deleteConnector': return service.deleteConnector(change.arn);
    }
  }

  /** A token that replays the answer about a connector deleted since gives way to the second; two connectors of one name cannot come of it. */
  private async create(service: NetworkConnectorService): Promise<void> {
    const { desired, operation } = this;
    const tags = { ...desired.tags, ...ownerTags(desired.owner) };
    const { arn } = await service.create(desired.name, desired, { ...tags, ...this.markOf(1) }, operation.clientToken);
    if (await service.connector(arn) === 'absent') await service.create(desired.name, desired, { ...tags, ...this.markOf(2) }, operation.secondClientToken);
  }

  /** Marked when it is accepted: without a mark the same token is used again, which changes nothing. */
  private async update(service: NetworkConnectorService, arn: string, attempt: Attempt): Promise<void> {
    const { operation } = this;
    await service.update(arn, this.desired, attempt === 1 ? operation.clientToken : operation.secondClientToken);
    await service.tag(arn, this.markOf(attempt, operation.now));
  }

  private markOf(attempt: Attempt, askedAt?: number): Record<string, string> {
    return { [OPERATION_TAG]: [this.operation.mark, attempt, ...askedAt === undefined ? [] : [askedAt]].join('/') };
  }

  private async ask(call: () => Promise<void>): Promise<void> {
    const { operation } = this;
    try {
      await ask(call, operation, { code: 'NetworkConnectorRefused', mayPass: words => this.mayPass(words), tell: words => this.refusal(words) });
    } catch (error) {
      if (nameOf(error) === 'NetworkConnectorLimitExceededException' && operation.now >= operation.startedAt + QUOTA_PATIENCE) {
        throw new LastingError('NetworkConnectorQuotaReached',
          `${this.refusal((error as Error).message)}\nhint: raise the quota of the account, or remove connectors or retained versions`);
      }
      throw error;
    }
  }

  /** A fresh role, a name just freed, and a connector in motion are refused as invalid too. */
  private mayPass(words: string): boolean {
    return /already exists|not active|client ?token|idempoten/i.test(words)
      || (this.operation.rolesMayBeFresh && /assume|unauthorized operation|ConnectorOperatorRole permissions/i.test(words));
  }

  private refusal(words: string): string {
    const hint = hintFor(words, this.desired);
    return `the service refuses network connector '${this.desired.name}': ${words}${hint === undefined ? '' : `\nhint: ${hint}`}`;
  }
}
