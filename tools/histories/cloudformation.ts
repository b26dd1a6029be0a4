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
}

/** Creates the handler for one invocation. With `crashBeforeCall`, the call with that number never returns. */
export type Invocation = (crashBeforeCall?: number) => Handler;

/** When Lambda reports that an invocation has crashed. */
const CRASH_REPORTED_AFTER = 1_000;

interface Resource {
  status: string;
  physicalId?: string;
  properties: Properties;
}

interface Request {
  readonly event: ResourceEvent<Properties>;
  readonly answered: Promise<Answer>;
  readonly answer: (answer: Answer) => void;
}

type Answer = { readonly status: 'SUCCESS' | 'FAILED' | 'CANCELLED'; readonly physicalId?: string; readonly reason?: string; readonly data?: Record<string, string> };

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
 * such a
 * delivery from a request of the rollback or of the later deployment.
 */
const DELIVERY = 5_000;

const CREATE_FAILED_MARKER = 'AWSCDK::CustomResourceProviderFramework::CREATE_FAILED';

export class StackModel {
  public readonly id: string;
  public status = 'NONE';
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

  public constructor(
    name: string, private readonly resourceType: string, private readonly clock: VirtualClock, private readonly invocation: Invocation,
    private readonly pollInterval = POLL_INTERVAL,
  ) {
    this.id = `arn:aws:cloudformation:us-east-1:123456789012:stack/${name}/${uuid(name)}`;
  }

  /** Returns what DescribeStacks and DescribeStackResource show. */
  public view(logicalId: string): StackView {
    const resource = this.resources.get(logicalId);
    return {
      stackStatus: this.status,
      stackTime: this.time === undefined ? undefined : new Date(this.time).toISOString(),
      resourceStatus: resource?.status,
      resourceIsAbsent: resource === undefined,
      physicalId: resource?.physicalId,
    };
  }

  /** Creates or updates the stack, and returns its final status. */
  public async deploy(template: Template, circumstances: Circumstances = {}): Promise<string> {
    const creating = this.status === 'NONE' || this.status === 'DELETE_COMPLETE';
    this.begin(creating ? 'CREATE_IN_PROGRESS' : 'UPDATE_IN_PROGRESS', circumstances);
    const before = new Map([...this.resources].map(([id, resource]) => [id, { ...resource }]));
    this.roles = new Set([...this.roles, ...rolesOf(template)]);

    const changes = Object.entries(template).filter(([id, properties]) => !before.has(id) || !equal(before.get(id)?.properties, properties));
    const { siblingFailsAfter } = circumstances;
    const cancelAfter = siblingFailsAfter === undefined || creating ? siblingFailsAfter : Math.max(siblingFailsAfter, DELIVERY);
    const answers = await this.all(changes.map(([id, properties]) => this.createOrUpdate(id, properties)), cancelAfter);
    const failed = answers.some(answer => answer.status !== 'SUCCESS') || siblingFailsAfter !== undefined;

    if (!failed) {
      if (creating) {
        this.status = 'CREATE_COMPLETE';
      } else {
        this.status = 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS';
        const removed = [...before].filter(([id]) => !(id in template));
        const replaced = [...before].filter(([id, old]) => id in template && this.resources.get(id)?.physicalId !== old.physicalId);
        await this.cleanUp([...replaced, ...removed]);
        removed.forEach(([id]) => this.resources.delete(id));
        this.status = 'UPDATE_COMPLETE';
      }
      this.template = template;
      this.roles = rolesOf(template);
    } else {
      await this.rollBack(creating, before, changes.map(([id]) => id));
    }
    return this.status;
  }

  public async delete(circumstances: Circumstances = {}): Promise<string> {
    this.begin('DELETE_IN_PROGRESS', circumstances);
    const answers = await this.all([...this.resources].map(async ([id, resource]) => this.remove(id, resource.physicalId!, resource.properties)));
    this.status = answers.every(answer => answer.status === 'SUCCESS') ? 'DELETE_COMPLETE' : 'DELETE_FAILED';
    if (this.status === 'DELETE_COMPLETE') {
      this.template = {};
      this.roles = new Set();
    }
    return this.status;
  }

  public deployed(): Template {
    return this.template;
  }

  private begin(status: string, circumstances: Circumstances): void {
    this.status = status;
    this.time = this.clock.now();
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
    this.status = creating ? 'ROLLBACK_IN_PROGRESS' : 'UPDATE_ROLLBACK_IN_PROGRESS';
    const failed: string[] = [];
    const answers = await this.all(changed.map(async id => {
      const resource = this.resources.get(id);
      const old = before.get(id);
      if (!resource) return success();
      if (!old) {
        // A canceled create never returned its physical ID, so CloudFormation invents one.
        const answer = await this.remove(id, resource.physicalId ?? `model-${id}-INVENTED1234`, resource.properties);
        if (answer.status === 'SUCCESS') this.resources.delete(id);
        else failed.push(id);
        return answer;
      }
      const wasReplaced = resource.status === 'UPDATE_COMPLETE' && resource.physicalId !== old.physicalId;
      const choice = wasReplaced ? this.circumstances.rollbackOfReplacement ?? 'new' : 'new';
      const replaced = { ...resource };
      if (choice !== 'new') resource.physicalId = old.physicalId;
      if (choice === 'none') {
        this.resources.set(id, { ...old, status: 'UPDATE_COMPLETE' });
        left.push([id, replaced]);
        return success();
      }
      const answer = await this.update(id, resource, old.properties);
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
      this.status = answers.every(answer => answer.status === 'SUCCESS') ? 'ROLLBACK_COMPLETE' : 'ROLLBACK_FAILED';
      return;
    }
    if (answers.some(answer => answer.status !== 'SUCCESS')) {
      this.failedRollback = { before, changed: failed, left };
      this.status = 'UPDATE_ROLLBACK_FAILED';
      return;
    }
    this.status = 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS';
    await this.cleanUp(left.filter(([id, resource]) => resource.physicalId !== this.resources.get(id)?.physicalId));
    this.status = 'UPDATE_ROLLBACK_COMPLETE';
    this.roles = rolesOf(this.template);
  }

  private async cleanUp(left: [string, Resource][]): Promise<void> {
    const answers = await this.all(left.map(async ([id, resource]) => this.remove(id, resource.physicalId!, resource.properties)));
    answers.forEach((answer, index) => {
      if (answer.status !== 'SUCCESS') this.silentOrphans.push(left[index][1].physicalId!);
    });
  }

  private async createOrUpdate(id: string, properties: Properties): Promise<Answer> {
    const resource = this.resources.get(id);
    if (resource) return this.update(id, resource, properties);
    const created: Resource = { status: 'CREATE_IN_PROGRESS', properties };
    this.resources.set(id, created);
    const answer = await this.send('Create', id, { ResourceProperties: properties });
    created.physicalId = answer.physicalId;
    created.status = answer.status === 'SUCCESS' ? 'CREATE_COMPLETE' : 'CREATE_FAILED';
    return answer;
  }

  private async update(id: string, resource: Resource, properties: Properties): Promise<Answer> {
    const old = resource.properties;
    resource.status = 'UPDATE_IN_PROGRESS';
    resource.properties = properties;
    const answer = await this.send('Update', id, { ResourceProperties: properties, OldResourceProperties: old, PhysicalResourceId: resource.physicalId });
    // CloudFormation also accepts the physical ID of a failed update.
    resource.physicalId = answer.physicalId ?? resource.physicalId;
    resource.status = answer.status === 'SUCCESS' ? 'UPDATE_COMPLETE' : 'UPDATE_FAILED';
    return answer;
  }

  private async remove(id: string, physicalId: string, properties: Properties): Promise<Answer> {
    if (physicalId === CREATE_FAILED_MARKER) return success();
    const resource = this.resources.get(id);
    const deletesTheResource = resource !== undefined && (resource.physicalId ?? physicalId) === physicalId;
    if (deletesTheResource) {
      resource.status = 'DELETE_IN_PROGRESS';
      // The resource keeps an invented ID.
      resource.physicalId = physicalId;
    }
    const answer = await this.send('Delete', id, { ResourceProperties: properties, PhysicalResourceId: physicalId });
    if (deletesTheResource) {
      resource.status = answer.status === 'SUCCESS' ? 'DELETE_COMPLETE' : 'DELETE_FAILED';
      if (answer.status === 'SUCCESS' && this.resources.get(id) === resource) this.resources.delete(id);
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
      RequestType: type, RequestId: requestId, StackId: this.id, LogicalResourceId: logicalId, ResourceType: this.resourceType, ...rest,
    };
    const { time } = this;
    this.pending.set(requestId, { event, answered, answer: answerRequest });
    void this.framework(event);
    if (this.circumstances.secondDeliveryAfter !== undefined) {
      this.clock.after(this.circumstances.secondDeliveryAfter, () => {
        const isTooLate = type === 'Update' && !this.pending.has(requestId) && (this.status.includes('ROLLBACK') || this.time !== time);
        if (!isTooLate) void this.framework(event);
      });
    }
    const cancelTimeout = this.clock.after(SERVICE_TIMEOUT, () => answerRequest({ status: 'FAILED', reason: 'no answer from the custom resource' }));
    const answer = await answered;
    cancelTimeout();
    this.pending.delete(requestId);
    this.settledAt.set(requestId, this.clock.now());
    if (answer.status !== 'SUCCESS') this.failedSince.set(key, requestId);
    if (answer.reason) this.reasons.push(answer.reason);
    this.outputs.push(JSON.stringify(answer));
    return answer;
  }

  /** The Provider framework: it calls `onEvent`, then the waiter, which does not know about cancellations. */
  private async framework(event: ResourceEvent<Properties>): Promise<void> {
    let described: OnEventAnswer;
    try {
      described = await this.invoke(event) as OnEventAnswer;
    } catch (error) {
      const physicalId = event.PhysicalResourceId ?? CREATE_FAILED_MARKER;
      return this.respond(event.RequestId, { status: 'FAILED', physicalId, reason: (error as Error).message });
    }
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

function rolesOf(template: Template): Set<string> {
  return new Set(Object.values(template).map(({ ResourceRoleArn: roleArn }) => roleArn));
}

function success(): Answer {
  return { status: 'SUCCESS' };
}

function equal(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

export function uuid(seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
