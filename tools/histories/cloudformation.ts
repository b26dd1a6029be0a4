import { createHash } from 'node:crypto';
import type { IsCompleteAnswer, OnEventAnswer, PollEvent, RequestType, ResourceEvent } from '../../src/handlers/engine/event';
import { POLL_INTERVAL } from '../../src/handlers/engine/operation';
import type { StackView } from '../../src/handlers/engine/stack';
import type { Handler } from '../../src/handlers/handler';
import type { VirtualClock } from '../simulator/clock';

/**
 * A model of CloudFormation and of the Provider framework, as a custom resource sees them.
 *
 * It contains what we know about them. Where AWS does not define an order, the history chooses one. A test with this
 * model proves our code, not AWS.
 */

/** Text such as `${A.Name}` refers to an attribute of another resource, on which the resource then depends. */
export type Properties = Record<string, unknown> & { readonly ResourceRoleArn: string };
export type Template = Readonly<Record<string, Properties>>;

/** Circumstances of one stack operation. */
export interface Circumstances {
  /** Another resource of the stack fails after this time, and CloudFormation cancels the operations in progress. */
  readonly siblingFailsAfter?: number;
  /** Each request is delivered again after this time, so that two waiters poll. */
  readonly secondDeliveryAfter?: number;
  /** Requests have the IDs of an earlier, failed operation of the same resource. */
  readonly reuseRequestIds?: boolean;
  /** What a rollback sends for a replaced resource: no Update, or one with the new or the old physical ID. */
  readonly rollbackOfReplacement?: 'none' | 'new' | 'old';
  /** The handler crashes once in the operation: in the poll with this number, before the call with this number. */
  readonly crash?: { readonly inPoll: number; readonly beforeCall: number };
  /**
   * What fails stays as it is (`cdk deploy --no-rollback`), except for failed updates, which are taken back at once.
   *
   * Nothing is canceled then.
   */
  readonly disableRollback?: boolean;
  /** Creates that failed in an earlier deployment are deleted after the new ones, and not before them. */
  readonly deletesFailedCreatesLast?: boolean;
}

/** One request to a custom resource. */
export interface SentRequest {
  readonly type: RequestType;
  readonly logicalId: string;
  readonly sentAt: number;
  answeredAt?: number;
}

/** Creates the handler for one invocation. With `crashBeforeCall`, the call with that number never returns. */
export type Invocation = (crashBeforeCall?: number) => Handler;

/** When Lambda reports that an invocation has crashed. */
const CRASH_REPORTED_AFTER = 1_000;

interface Resource {
  status: string;
  physicalId?: string;
  properties: Properties;
  dependsOn: readonly string[];
  attributes?: Readonly<Record<string, string>>;
}

/** What CloudFormation shows from a time on. */
interface Shown {
  readonly at: number;
  readonly stackStatus: string;
  readonly stackTime: number;
  readonly resources: ReadonlyMap<string, { readonly status: string; readonly physicalId?: string; readonly since: number }>;
}

interface Request {
  readonly event: ResourceEvent<Properties>;
  readonly answered: Promise<Answer>;
  readonly answer: (answer: Answer) => void;
}

type Answer = { readonly status: 'SUCCESS' | 'FAILED' | 'CANCELLED'; readonly physicalId?: string; readonly reason?: string; readonly data?: Record<string, string> };

const REFERENCE = /\$\{(\w+)\.(\w+)\}/g;

/** CloudFormation fails a custom resource that has not answered after this time. */
const SERVICE_TIMEOUT = 3_600_000;
/** The waiter stops polling after this time. */
const WAITER_TIMEOUT = 3_600_000;

/** How long after the answer to a request the model keeps the poll interval of its waiters. */
const FULL_POLLING_AFTER_ANSWER = 180_000;

/**
 * An update is described within this time, before it can be canceled.
 *
 * It is not delivered again in a rollback or in a later deployment. CloudFormation shows nothing that distinguishes
 * such a delivery from a request of the rollback or of the later deployment. For the same reason, no second delivery of
 * a creation is described in a later deployment, which may create the resource again.
 */
const DELIVERY = 5_000;

const CREATE_FAILED_MARKER = 'AWSCDK::CustomResourceProviderFramework::CREATE_FAILED';

export class StackModel {
  public readonly id: string;
  /** The types of all requests, with their times, in order. */
  public readonly sent: SentRequest[] = [];
  /** Start of the current or last stack operation. */
  public time?: number;
  public readonly resources = new Map<string, Resource>();
  /** Reasons of failed resource operations, in order. */
  public readonly reasons: string[] = [];
  /** All answers to CloudFormation and all errors, as text. They may not contain secrets. */
  public readonly outputs: string[] = [];
  /** Physical IDs of resources whose deletion failed in a cleanup, which CloudFormation ignores. */
  public readonly silentOrphans: string[] = [];
  public pollCount = 0;
  /** The roles that exist: those of the template, and during an operation those of the old and the new template. */
  public roles: ReadonlySet<string> = new Set();
  private currentStatus = 'NONE';
  private readonly shown: Shown[] = [];
  private readonly createdAt: number;
  /** The resources before the first of some failed deployments without a rollback. */
  private stable?: { readonly resources: Map<string, Resource>; readonly template: Template };
  /** Resources that failed deployments without a rollback have replaced. */
  private replaced: [string, Resource][] = [];
  private failedRollback?: { before: Map<string, Resource>; changed: string[]; left: [string, Resource][] };
  private template: Template = {};
  private circumstances: Circumstances = {};
  private polls = 0;
  private crashed = false;
  private requests = 0;
  private readonly pending = new Map<string, Request>();
  private readonly settledAt = new Map<string, number>();
  /** IDs of failed requests, of this stack operation and of earlier ones. */
  private readonly failedSince = new Map<string, string>();
  private readonly failedBefore = new Map<string, string>();

  /** @param resourceType the type of all resources, or the types by logical ID */
  public constructor(
    name: string, private readonly resourceType: string | Readonly<Record<string, string>>, private readonly clock: VirtualClock,
    private readonly invocation: Invocation, private readonly pollInterval = POLL_INTERVAL,
  ) {
    this.id = `arn:aws:cloudformation:us-east-1:123456789012:stack/${name}/${uuid(name)}`;
    this.createdAt = clock.now();
    this.show();
  }

  public get status(): string {
    return this.currentStatus;
  }

  /** Returns what DescribeStacks and DescribeStackResource show, or what they showed at an earlier time. */
  public view(logicalId: string, asOf = Infinity): StackView & { readonly resourceTime?: string } {
    let last = this.shown.length - 1;
    while (last > 0 && this.shown[last].at > asOf) last--;
    const shown = this.shown[last];
    const resource = shown.resources.get(logicalId);
    return {
      stackStatus: shown.stackStatus,
      stackTime: new Date(shown.stackTime).toISOString(),
      resourceStatus: resource?.status,
      resourceIsAbsent: resource === undefined,
      resourceTime: resource && new Date(resource.since).toISOString(),
      physicalId: resource?.physicalId,
    };
  }

  /** Whether something that was replaced is not deleted yet. */
  public hasLeftReplaced(): boolean {
    return this.replacedAmong(this.replaced).length > 0;
  }

  private become(status: string): void {
    this.currentStatus = status;
    this.show();
  }

  /** Records what CloudFormation shows from now on. */
  private show(): void {
    const at = this.clock.now();
    const before = this.shown[this.shown.length - 1]?.resources;
    const resources = new Map([...this.resources].map(([id, { status, physicalId }]) => {
      const last = before?.get(id);
      return [id, { status, physicalId, since: last?.status === status ? last.since : at }];
    }));
    // The CDK creates a stack by a change set. The stack exists before its first operation begins.
    const stackStatus = this.status === 'NONE' ? 'REVIEW_IN_PROGRESS' : this.status;
    this.shown.push({ at, stackStatus, stackTime: this.time ?? this.createdAt, resources });
  }

  private set(id: string, resource: Resource): Resource {
    this.resources.set(id, resource);
    this.show();
    return resource;
  }

  private drop(id: string): void {
    this.resources.delete(id);
    this.show();
  }

  /** Creates or updates the stack, and returns its final status. */
  public async deploy(template: Template, circumstances: Circumstances = {}): Promise<string> {
    const creating = this.status === 'NONE' || this.status === 'DELETE_COMPLETE';
    this.begin(creating ? 'CREATE_IN_PROGRESS' : 'UPDATE_IN_PROGRESS', circumstances);
    this.roles = new Set([...this.roles, ...rolesOf(template)]);
    await this.deleteFailedCreates();
    const before = new Map([...this.resources].map(([id, resource]) => [id, { ...resource }]));

    const { siblingFailsAfter, disableRollback } = circumstances;
    const cancelAfter = siblingFailsAfter === undefined || creating ? siblingFailsAfter : Math.max(siblingFailsAfter, DELIVERY);
    const changed: string[] = [];
    const operations = inOrder(Object.keys(template), id => dependenciesIn(template[id]), async id => {
      const properties = this.resolve(template[id]);
      if (equal(this.resources.get(id)?.properties, properties)) return success();
      changed.push(id);
      return this.createOrUpdate(id, properties, dependenciesIn(template[id]));
    });
    const answers = await this.all(operations, disableRollback ? undefined : cancelAfter);
    const failed = answers.some(answer => answer.status !== 'SUCCESS') || siblingFailsAfter !== undefined;

    if (!failed) {
      if (creating) {
        this.become('CREATE_COMPLETE');
      } else {
        this.become('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
        const removed = [...before].filter(([id]) => !(id in template));
        await this.cleanUp([...this.replacedAmong([...this.replaced, ...before]), ...removed]);
        removed.forEach(([id]) => this.drop(id));
        this.become('UPDATE_COMPLETE');
      }
      this.settle(template);
    } else if (disableRollback) {
      await this.stopAtFailure(creating, before, changed, template);
    } else {
      const stable = this.stable?.resources ?? before;
      const earlier = this.stable === undefined ? [] : [...this.resources.keys()].filter(id => !equal(stable.get(id), this.resources.get(id)));
      const replaced = this.stable === undefined ? [] : [...this.replaced, ...before];
      await this.rollBack(creating, stable, [...new Set([...changed, ...earlier])], replaced);
    }
    return this.status;
  }

  public async delete(circumstances: Circumstances = {}): Promise<string> {
    this.begin('DELETE_IN_PROGRESS', circumstances);
    const left = [...this.replacedAmong(this.replaced), ...this.resources];
    const answers = await this.all(this.removeInOrder(left));
    this.become(answers.every(answer => answer.status === 'SUCCESS') ? 'DELETE_COMPLETE' : 'DELETE_FAILED');
    if (this.status === 'DELETE_COMPLETE') {
      this.settle({});
      this.roles = new Set();
    }
    return this.status;
  }

  public deployed(): Template {
    return this.template;
  }

  /** Returns properties with the attributes to which they refer. */
  private resolve(properties: Properties): Properties {
    return JSON.parse(JSON.stringify(properties).replace(REFERENCE, (_, id, attribute) => {
      const value = this.resources.get(id)?.attributes?.[attribute];
      if (value === undefined) throw new Error(`the resource ${id} has no attribute ${attribute}`);
      return value;
    }));
  }

  /** The stack is as a template describes it. */
  private settle(template: Template): void {
    this.template = template;
    this.roles = rolesOf(template);
    this.stable = undefined;
    this.replaced = [];
  }

  /** Deletes what earlier deployments without a rollback failed to create, or leaves it to the cleanup. */
  private async deleteFailedCreates(): Promise<void> {
    const failed = [...this.resources].filter(([, { status }]) => status === 'CREATE_FAILED');
    if (this.circumstances.deletesFailedCreatesLast) this.replaced.push(...failed);
    else await this.cleanUp(failed);
    failed.forEach(([id]) => this.drop(id));
  }

  /** Ends a deployment without a rollback: takes failed updates back, and leaves failed creates. */
  private async stopAtFailure(creating: boolean, before: Map<string, Resource>, changed: readonly string[], template: Template): Promise<void> {
    this.stable ??= { resources: before, template: this.template };
    const failed = changed.filter(id => this.resources.get(id)?.status === 'UPDATE_FAILED');
    await this.all(failed.map(async id => {
      const resource = this.resources.get(id)!;
      this.replaced.push([id, { ...resource }]);
      return this.update(id, resource, before.get(id)!.properties, before.get(id)!.dependsOn);
    }));
    this.replaced.push(...before);
    const kept = [...this.resources].filter(([, { status }]) => status !== 'CREATE_FAILED').map(([id]) => id);
    this.template = Object.fromEntries(kept.map(id => [id, changed.includes(id) && !failed.includes(id) ? template[id] : this.template[id]]));
    this.become(creating ? 'CREATE_FAILED' : 'UPDATE_FAILED');
  }

  /** Returns those that have been replaced, each once. */
  private replacedAmong(resources: readonly [string, Resource][]): [string, Resource][] {
    const replaced = resources.filter(([id, { physicalId }]) => physicalId !== this.resources.get(id)?.physicalId);
    return [...new Map(replaced.map(entry => [`${entry[0]} ${entry[1].physicalId}`, entry])).values()];
  }

  private begin(status: string, circumstances: Circumstances): void {
    this.time = this.clock.now();
    this.become(status);
    this.circumstances = circumstances;
    this.polls = 0;
    this.crashed = false;
    this.failedSince.forEach((requestId, key) => this.failedBefore.set(key, requestId));
    this.failedSince.clear();
  }

  /** Continues a rollback after UPDATE_ROLLBACK_FAILED, where it failed. */
  public async continueRollback(): Promise<string> {
    const { before, changed, left } = this.failedRollback!;
    this.circumstances = {};
    await this.rollBack(false, before, changed, left);
    return this.status;
  }

  private async rollBack(creating: boolean, before: Map<string, Resource>, changed: string[], left: [string, Resource][] = []): Promise<void> {
    this.become(creating ? 'ROLLBACK_IN_PROGRESS' : 'UPDATE_ROLLBACK_IN_PROGRESS');
    const failed: string[] = [];
    const isNew = (id: string) => !before.has(id);
    const comesFirst = (id: string) => isNew(id) ? this.dependentsOf(id) : this.resources.get(id)?.dependsOn.filter(other => !isNew(other)) ?? [];
    const answers = await this.all(inOrder(changed, comesFirst, async id => {
      const resource = this.resources.get(id);
      const old = before.get(id);
      if (!resource) return success();
      if (!old) {
        const answer = await this.remove(id, resource);
        if (answer.status === 'SUCCESS') this.drop(id);
        else failed.push(id);
        return answer;
      }
      const wasReplaced = resource.status === 'UPDATE_COMPLETE' && resource.physicalId !== old.physicalId;
      const choice = wasReplaced ? this.circumstances.rollbackOfReplacement ?? 'new' : 'new';
      const replaced = { ...resource };
      if (choice !== 'new') resource.physicalId = old.physicalId;
      if (choice === 'none') {
        this.set(id, { ...old, status: 'UPDATE_COMPLETE' });
        left.push([id, replaced]);
        return success();
      }
      const answer = await this.update(id, resource, old.properties, old.dependsOn);
      if (answer.status !== 'SUCCESS') {
        failed.push(id);
        resource.properties = replaced.properties;
        return answer;
      }
      // CloudFormation only deletes what the failed update created if it knows the physical ID.
      if (wasReplaced || replaced.physicalId !== this.resources.get(id)?.physicalId) left.push([id, replaced]);
      return answer;
    }));
    if (creating) {
      this.become(answers.every(answer => answer.status === 'SUCCESS') ? 'ROLLBACK_COMPLETE' : 'ROLLBACK_FAILED');
      return;
    }
    if (answers.some(answer => answer.status !== 'SUCCESS')) {
      this.failedRollback = { before, changed: failed, left };
      this.become('UPDATE_ROLLBACK_FAILED');
      return;
    }
    this.become('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
    await this.cleanUp(this.replacedAmong(left));
    this.become('UPDATE_ROLLBACK_COMPLETE');
    this.settle(this.stable?.template ?? this.template);
  }

  /** Deletes what has been replaced or removed. CloudFormation ignores failures of it. */
  private async cleanUp(left: readonly [string, Resource][]): Promise<void> {
    const answers = await this.all(this.removeInOrder(left));
    answers.forEach((answer, index) => {
      if (answer.status !== 'SUCCESS') this.silentOrphans.push(left[index][1].physicalId!);
    });
  }

  private dependentsOf(id: string): string[] {
    return [...this.resources].filter(([, { dependsOn }]) => dependsOn.includes(id)).map(([other]) => other);
  }

  /** Deletes each resource after those that depend on it. */
  private removeInOrder(left: readonly [string, Resource][]): Promise<Answer>[] {
    const indexes = left.map((_, index) => index);
    const comesFirst = (index: number) => indexes.filter(other => left[other][1].dependsOn.includes(left[index][0]));
    return inOrder(indexes, comesFirst, async index => this.remove(...left[index]));
  }

  private async createOrUpdate(id: string, properties: Properties, dependsOn: readonly string[]): Promise<Answer> {
    const resource = this.resources.get(id);
    if (resource) return this.update(id, resource, properties, dependsOn);
    const created = this.set(id, { status: 'CREATE_IN_PROGRESS', properties, dependsOn });
    const answer = await this.send('Create', id, { ResourceProperties: properties });
    created.physicalId = answer.physicalId;
    created.attributes = answer.data;
    created.status = answer.status === 'SUCCESS' ? 'CREATE_COMPLETE' : 'CREATE_FAILED';
    this.show();
    return answer;
  }

  private async update(id: string, resource: Resource, properties: Properties, dependsOn: readonly string[]): Promise<Answer> {
    const old = resource.properties;
    resource.status = 'UPDATE_IN_PROGRESS';
    resource.properties = properties;
    resource.dependsOn = dependsOn;
    this.show();
    const answer = await this.send('Update', id, { ResourceProperties: properties, OldResourceProperties: old, PhysicalResourceId: resource.physicalId });
    // CloudFormation also accepts the physical ID of a failed update.
    resource.physicalId = answer.physicalId ?? resource.physicalId;
    resource.attributes = answer.data ?? resource.attributes;
    resource.status = answer.status === 'SUCCESS' ? 'UPDATE_COMPLETE' : 'UPDATE_FAILED';
    this.show();
    return answer;
  }

  private async remove(id: string, { physicalId: known, properties }: Resource): Promise<Answer> {
    // A canceled create never returned its physical ID, so CloudFormation invents one.
    const physicalId = known ?? `model-${id}-INVENTED1234`;
    if (physicalId === CREATE_FAILED_MARKER) return success();
    const resource = this.resources.get(id);
    const deletesTheResource = resource !== undefined && (resource.physicalId ?? physicalId) === physicalId;
    if (deletesTheResource) {
      resource.status = 'DELETE_IN_PROGRESS';
      // The resource keeps an invented ID.
      resource.physicalId = physicalId;
      this.show();
    }
    const answer = await this.send('Delete', id, { ResourceProperties: properties, PhysicalResourceId: physicalId });
    if (deletesTheResource) {
      resource.status = answer.status === 'SUCCESS' ? 'DELETE_COMPLETE' : 'DELETE_FAILED';
      if (answer.status === 'SUCCESS' && this.resources.get(id) === resource) this.drop(id);
      else this.show();
    }
    return answer;
  }

  /** Runs operations in parallel. Those that are in progress when another resource fails are canceled. */
  private async all(operations: Promise<Answer>[], cancelAfter?: number): Promise<Answer[]> {
    const started = Promise.all(operations);
    if (cancelAfter === undefined) return started;
    await this.clock.sleep(cancelAfter);
    [...this.pending.values()].forEach(request => request.answer({ status: 'CANCELLED' }));
    return started;
  }

  private async send(
    type: RequestType, logicalId: string, rest: Pick<ResourceEvent<Properties>, 'ResourceProperties' | 'OldResourceProperties' | 'PhysicalResourceId'>,
  ): Promise<Answer> {
    const key = `${type} ${logicalId}`;
    const reused = this.circumstances.reuseRequestIds ? this.failedBefore.get(key) : undefined;
    const requestId = reused ?? uuid(`${this.id} request ${this.requests++}`);
    let answerRequest: (answer: Answer) => void = () => undefined;
    const answered = new Promise<Answer>(resolve => { answerRequest = resolve; });
    const event: ResourceEvent<Properties> = {
      RequestType: type, RequestId: requestId, StackId: this.id, LogicalResourceId: logicalId, ResourceType: this.typeOf(logicalId), ...rest,
    };
    const { time } = this;
    const sent: SentRequest = { type, logicalId, sentAt: this.clock.now() };
    this.sent.push(sent);
    this.pending.set(requestId, { event, answered, answer: answerRequest });
    void this.framework(event, () => false);
    if (this.circumstances.secondDeliveryAfter !== undefined) {
      this.clock.after(this.circumstances.secondDeliveryAfter, () => {
        const isTooLate = () => !this.pending.has(requestId) && (this.time !== time || this.status.includes('ROLLBACK'));
        if (type !== 'Update' || !isTooLate()) void this.framework(event, () => type === 'Create' && this.time !== time);
      });
    }
    const cancelTimeout = this.clock.after(SERVICE_TIMEOUT, () => answerRequest({ status: 'FAILED', reason: 'no answer from the custom resource' }));
    const answer = await answered;
    cancelTimeout();
    sent.answeredAt = this.clock.now();
    this.pending.delete(requestId);
    this.settledAt.set(requestId, this.clock.now());
    if (answer.status !== 'SUCCESS') this.failedSince.set(key, requestId);
    if (answer.reason) this.reasons.push(answer.reason);
    this.outputs.push(JSON.stringify(answer));
    return answer;
  }

  private typeOf(logicalId: string): string {
    return typeof this.resourceType === 'string' ? this.resourceType : this.resourceType[logicalId];
  }

  /** The Provider framework: it calls `onEvent`, then the waiter, which does not know about cancellations. */
  private async framework(event: ResourceEvent<Properties>, isDescribedTooLate: () => boolean): Promise<void> {
    let described: OnEventAnswer;
    try {
      described = await this.invoke(event) as OnEventAnswer;
    } catch (error) {
      const physicalId = event.PhysicalResourceId ?? CREATE_FAILED_MARKER;
      return this.respond(event.RequestId, { status: 'FAILED', physicalId, reason: (error as Error).message });
    }
    if (isDescribedTooLate()) return;
    const poll: PollEvent<Properties> = { ...event, ...described };
    const end = this.clock.now() + WAITER_TIMEOUT;
    while (this.clock.now() < end) {
      try {
        const answer = await this.invoke(poll) as IsCompleteAnswer;
        this.outputs.push(JSON.stringify(answer));
        if (answer.IsComplete) {
          const physicalId = answer.PhysicalResourceId ?? poll.PhysicalResourceId;
          return this.respond(event.RequestId, { status: 'SUCCESS', physicalId, data: answer.Data });
        }
      } catch (error) {
        return this.respond(event.RequestId, { status: 'FAILED', physicalId: poll.PhysicalResourceId, reason: (error as Error).message });
      }
      await this.clock.sleep(this.intervalAfter(event.RequestId));
    }
    return this.respond(event.RequestId, { status: 'FAILED', physicalId: poll.PhysicalResourceId, reason: 'Operation timed out' });
  }

  /** A waiter also polls after its request has been answered. The model then polls less often, to save time. */
  private intervalAfter(requestId: string): number {
    if (this.pending.has(requestId)) return this.pollInterval;
    const since = this.settledAt.get(requestId) ?? 0;
    return this.clock.now() - since < FULL_POLLING_AFTER_ANSWER ? this.pollInterval : 10 * this.pollInterval;
  }

  /** CloudFormation accepts any answer with the ID of a pending request. */
  private respond(requestId: string, answer: Answer): void {
    this.pending.get(requestId)?.answer(answer);
  }

  private async invoke(event: ResourceEvent<Properties> | PollEvent<Properties>): Promise<OnEventAnswer | IsCompleteAnswer> {
    this.pollCount++;
    // As in the framework, the handler receives and returns JSON.
    const input = JSON.parse(JSON.stringify(event));
    const { crash } = this.circumstances;
    if (!('Operation' in event) || this.crashed || crash === undefined || this.polls++ !== crash.inPoll) {
      return JSON.parse(JSON.stringify(await this.invocation()(input)));
    }
    this.crashed = true;
    return Promise.race([
      this.invocation(crash.beforeCall)(input),
      this.clock.sleep(CRASH_REPORTED_AFTER).then(() => { throw new Error('Task timed out'); }),
    ]);
  }
}

/** Returns the ARN of a role without the part after `@`, its policy, which a deployment may change. */
export function withoutPolicy(arn: string): string {
  return arn.split('@')[0];
}

function rolesOf(template: Template): Set<string> {
  return new Set(Object.values(template).map(({ ResourceRoleArn: roleArn }) => withoutPolicy(roleArn)));
}

function success(): Answer {
  return { status: 'SUCCESS' };
}

function dependenciesIn(properties: Properties): string[] {
  return [...new Set([...JSON.stringify(properties).matchAll(REFERENCE)].map(([, id]) => id))];
}

/** Runs operations in parallel, each after those that come first. If one of those fails, it does not run. */
function inOrder<Key>(keys: readonly Key[], comesFirst: (key: Key) => readonly Key[], run: (key: Key) => Promise<Answer>): Promise<Answer>[] {
  const started = new Map<Key, Promise<Answer>>();
  const start = async (key: Key): Promise<Answer> => {
    const first = await Promise.all(comesFirst(key).filter(other => keys.includes(other)).map(once));
    return first.every(({ status }) => status === 'SUCCESS') ? run(key) : { status: 'CANCELLED' };
  };
  const once = async (key: Key): Promise<Answer> => {
    const known = started.get(key) ?? start(key);
    started.set(key, known);
    return known;
  };
  return keys.map(once);
}

function equal(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

export function uuid(seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
