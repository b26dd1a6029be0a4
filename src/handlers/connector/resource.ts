import type { DesiredConnector } from './desired';
import { desiredConnector, nameIn, physicalIdOf } from './desired';
import { hintsForRejection } from './hints';
import { inBrief } from './in-brief';
import type { Attempt, ConnectorChange, ConnectorStep, ObservedConnectors } from './input';
import type { ConnectorObservation, ConnectorUsers, ConnectorVersion, ObservedConnector, Optional } from './observed';
import { operationTagValue, overridesHash } from './operation-tag';
import { reconcile } from './reconcile';
import type { NetworkConnectorService } from './service';
import { OPERATION_TAG } from '../../contract/connector';
import type { NetworkConnectorProperties } from '../../contract/connector';
import { ClientsByRole } from '../engine/clients-by-role';
import type { Clock } from '../engine/clock';
import { confirmAbsence } from '../engine/confirm-absence';
import { messageOf, nameOf, TerminalError } from '../engine/errors';
import type { PollEvent, ResourceEvent } from '../engine/event';
import type { Hint } from '../engine/hints';
import type { Operation } from '../engine/operation';
import { ownerTags } from '../engine/owner';
import type { Reconciler } from '../engine/poll';
import type { Explanation } from '../engine/rejections';
import { submit, terminalError } from '../engine/rejections';

/** What the handler of a connector depends on. Tests pass fakes. */
export interface ConnectorDependencies {
  readonly clock: Clock;
  /** Creates a client that uses the role with this ARN. */
  readonly connectors: (roleArn: string, sessionName: string) => Promise<NetworkConnectorService>;
}

/** How long to wait at a quota: the same deployment may delete another connector. */
const QUOTA_PATIENCE = 600_000;

const QUOTA_HINT: Hint = { text: 'raise the quota of the account, or remove connectors or retained versions' };

export function connectorPhysicalId(event: ResourceEvent<NetworkConnectorProperties>): string {
  return event.RequestType === 'Delete' ? event.PhysicalResourceId! : physicalIdOf(event.ResourceProperties.ConnectorName);
}

export class NetworkConnectorResource implements Reconciler<ObservedConnectors, ConnectorObservation, ConnectorChange> {
  public readonly nothingObserved: ObservedConnectors = {};
  public readonly secrets: string[] = [];
  private readonly desired: DesiredConnector;
  private readonly previous?: DesiredConnector;
  private readonly clients: ClientsByRole<NetworkConnectorService>;

  public constructor(
    private readonly event: PollEvent<NetworkConnectorProperties>,
    public readonly operation: Operation,
    private readonly dependencies: ConnectorDependencies,
  ) {
    const { ResourceProperties: properties, OldResourceProperties: old } = event;
    const desired = desiredConnector(event, properties);
    const deleted = event.RequestType === 'Delete' ? nameIn(event.PhysicalResourceId) : undefined;
    this.desired = deleted === undefined ? desired : { ...desired, name: deleted };
    this.previous = old && desiredConnector(event, old);
    const roles = { ...(old ? { [old.ConnectorName]: old.ResourceRoleArn } : {}), [this.desired.name]: properties.ResourceRoleArn };
    this.clients = new ClientsByRole(async roleArn => dependencies.connectors(roleArn, event.LogicalResourceId), roles, properties.ResourceRoleArn);
  }

  public reconcile(observed: ObservedConnectors): ConnectorStep {
    const { operation, desired, previous } = this;
    return reconcile({ operation, desired, previous, requestPhysicalId: this.event.Operation.RequestPhysicalId, observed });
  }

  public inBrief(observed: ObservedConnectors): Record<string, unknown> | undefined {
    const { desired, previous } = this;
    const brief = inBrief(observed[desired.name]);
    const former = previous && previous.name !== desired.name ? inBrief(observed[previous.name]) : undefined;
    return former ? { ...brief, previous: former } : brief;
  }

  public async observe(what: ConnectorObservation, observed: ObservedConnectors): Promise<ObservedConnectors> {
    const service = await this.clients.for(what.name);
    return { ...observed, [what.name]: { ...observed[what.name], ...await this.observePart(service, what) } };
  }

  private async observePart(service: NetworkConnectorService, what: ConnectorObservation): Promise<ObservedConnector> {
    switch (what.at) {
      case 'connector': {
        const once = async () => service.connector(what.name);
        return { connector: what.confirmAbsence ? await confirmAbsence(once, this.dependencies.clock, this.operation) : await once() };
      }
      case 'tags': return { tags: await service.tags(what.arn) };
      case 'versions': return this.optional(what, async () => ({ versions: await this.versions(service, what) }));
      case 'users': return { users: await service.users(what.arn, { now: this.operation.now, since: what.since, oneIsEnough: true }) };
      case 'usersForPruning': return this.optional(what, async () => ({ users: await this.allUsers(service, what) }));
    }
  }

  private async versions(service: NetworkConnectorService, { name, arn, latest }: Extract<ConnectorObservation, { at: 'versions' }>): Promise<ConnectorVersion[]> {
    const versions = await service.versions(arn);
    const isOutOfDate = latest !== undefined && versions.length > 0 && !versions.some(({ version }) => version === latest);
    if (isOutOfDate) throw new Error(`version ${latest} of network connector '${name}' is not listed yet`);
    return versions;
  }

  private async allUsers(service: NetworkConnectorService, { arn, since }: Extract<ConnectorObservation, { at: 'usersForPruning' }>): Promise<ConnectorUsers> {
    const users = await service.users(arn, { now: this.operation.now, since, oneIsEnough: false });
    if (!users.isComplete) throw new Error('not all MicroVMs of the account are listed yet');
    return users;
  }

  private async optional<Answer>({ triesAgain }: Optional, call: () => Promise<Answer>): Promise<Answer> {
    try {
      return await call();
    } catch (error) {
      if (triesAgain) throw error;
      throw new TerminalError('NetworkConnectorRejected', messageOf(error));
    }
  }

  public async apply(change: ConnectorChange): Promise<void> {
    const service = await this.clients.for(change.name);
    switch (change.do) {
      case 'create': return this.submit(async () => this.create(service));
      case 'update': return this.submit(async () => this.update(service, change));
      case 'tag': return this.submit(async () => service.tag(change.arn, change.tags));
      case 'untag': return this.submit(async () => service.untag(change.arn, change.keys));
      case 'deleteVersion': return this.optional(change, async () => service.deleteVersion(change.arn, change.version));
      case 'deleteConnector': return service.deleteConnector(change.arn);
    }
  }

  /**
   * Uses the second client token if the first one replays the answer about a connector that has been deleted since.
   *
   * That cannot create two connectors, because names are unique.
   */
  private async create(service: NetworkConnectorService): Promise<void> {
    const { desired, operation } = this;
    const tags = { ...desired.tags, ...ownerTags(desired.owner) };
    const { arn } = await service.create(desired.name, desired, { ...tags, ...this.operationTag(1) }, operation.clientToken);
    if (await service.connector(arn) === 'absent') await service.create(desired.name, desired, { ...tags, ...this.operationTag(2) }, operation.secondClientToken);
  }

  /**
   * Tags the connector once the service has accepted the update. Without the tag, the next poll repeats the request
   * with the same token.
   */
  private async update(service: NetworkConnectorService, { arn, attempt, elasticIps }: Extract<ConnectorChange, { do: 'update' }>): Promise<void> {
    const { operation } = this;
    await service.update(arn, { ...this.desired, elasticIps }, attempt === 1 ? operation.clientToken : operation.secondClientToken);
    await service.tag(arn, this.operationTag(attempt, operation.now));
  }

  private operationTag(attempt: Attempt, requestedAt?: number): Record<string, string> {
    return { [OPERATION_TAG]: operationTagValue({ operationId: this.operation.id, attempt, requestedAt, overrides: overridesHash(this.desired) }) };
  }

  private async submit(call: () => Promise<void>): Promise<void> {
    const { operation } = this;
    try {
      await submit(call, operation, {
        code: 'NetworkConnectorRejected',
        isTransient: message => this.isTransient(message),
        explain: message => this.explain(message),
      });
    } catch (error) {
      if (nameOf(error) === 'NetworkConnectorLimitExceededException' && operation.now >= operation.startedAt + QUOTA_PATIENCE) {
        const { summary } = this.explain((error as Error).message);
        throw terminalError('NetworkConnectorQuotaReached', { summary, hints: [QUOTA_HINT] });
      }
      throw error;
    }
  }

  /**
   * Whether a later request may succeed: the role is new, the name was just released, or the connector is in motion.
   */
  private isTransient(message: string): boolean {
    return /already exists|not active|client ?token|idempoten/i.test(message)
      || (this.operation.rolesMayBeFresh && /assume|unauthorized operation|ConnectorOperatorRole permissions/i.test(message));
  }

  private explain(message: string): Explanation {
    return {
      summary: `the service rejected network connector '${this.desired.name}': ${message}`,
      hints: hintsForRejection(message, this.desired),
    };
  }
}
