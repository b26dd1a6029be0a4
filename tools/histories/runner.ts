import type { Circumstances, Properties, StackModel, Template } from './cloudformation';
import type { Event } from './history';
import { SECRET } from './history';
import type { TestBed } from './test-bed';
import type { OperationName } from '../simulator/model';
import type { Microvm } from '../simulator/rows';

/** Counts what happened in a history, so that a run in which everything fails does not count as a pass. */
export interface Outcome {
  successes: number;
  rollbacks: number;
  /** Rollbacks that had a change to undo. */
  effectiveRollbacks: number;
  fencedPolls: number;
  /** Deployments without a rollback that failed. */
  stopped: number;
  faults: number;
}

export const EMPTY_OUTCOME: Outcome = { successes: 0, rollbacks: 0, effectiveRollbacks: 0, fencedPolls: 0, stopped: 0, faults: 0 };

/** How long an operation may take while the service does nothing for it. */
const IDLE_LIMIT = 120_000;
/** How much longer it may take because of one fault: the client gives up, and a later poll tries again. */
const IDLE_PER_FAULT = 10_000;
/** How long REFUSE_IN_USE waits for MicroVMs to end, and health checks for an answer. */
const PATIENCE_WITH_MICROVMS = 150_000;
const SAMPLING_INTERVAL = 6_000;

/** While one of these operations fails, a deployment may fail too. A deletion may not, and a rollback neither. */
const NEEDED_TO_DEPLOY: readonly OperationName[] =
  ['CreateMicrovmImage', 'UpdateMicrovmImage', 'RunMicrovm', 'CreateNetworkConnector', 'UpdateNetworkConnector'];

/** Runs a history, and throws at the first violation of an invariant. Subclasses add what is specific to a type. */
export abstract class Runner<Spec, Specific extends { readonly do: string }> {
  protected stack: StackModel;
  protected readonly outcome: Outcome = { ...EMPTY_OUTCOME };
  private stacks = 0;
  private readonly allStacks: StackModel[] = [];
  private mayTakeOverFailedCreates = false;
  /** MicroVMs that belong to nobody in the history. */
  private readonly foreignMicrovms: Microvm[] = [];
  /** What was found while the handler ran, where an error would count as one of the service. */
  private readonly violations: string[] = [];
  private hasLimits = false;
  protected hasCrashed = false;

  protected constructor(protected readonly testBed: TestBed, private readonly resourceType: string | Readonly<Record<string, string>>) {
    this.stack = this.newStack();
    testBed.watch(() => this.expectForeignMicrovmsAlive());
  }

  public async run(events: readonly (Event<Spec> | Specific)[]): Promise<Outcome> {
    // The resources of other owners are not new.
    await this.idle(5);
    for (const [index, event] of events.entries()) {
      this.testBed.serviceFaults.event = index;
      await this.apply(event);
      this.expectNoViolation();
    }
    await this.terminateMicrovms();
    // Waiters of canceled operations keep polling for an hour.
    await this.idle(75);
    if (isStable(this.stack.status)) this.expectStack('at the end');
    if (this.stack.status !== 'NONE') await this.deleteStack({});
    await this.idle(75);
    this.expectNothingLeft('after the stack has been deleted');
    this.expectForeignUntouched();
    this.expectNoSecret();
    expectThat(this.testBed.denials.length === 0, `denied: ${this.testBed.denials[0]}`);
    this.expectNoViolation();
    return { ...this.outcome, fencedPolls: this.testBed.fencedPolls, faults: this.testBed.faultCount() };
  }

  /** Applies an event that is specific to the type of resource. */
  protected abstract applySpecific(event: Specific): Promise<void> | void;
  protected abstract propertiesOf(spec: Spec, logicalId: string): Properties;
  /** Whether the deployment of a resource may fail for a reason that the history contains. */
  protected abstract specMayFail(spec: Spec, logicalId: string): boolean;
  /**
   * Records the state before a deployment, or before the deletion of the stack. Returns a function that checks the
   * state after it.
   */
  protected abstract beginCheck(before: Template, template: Template, circumstances: Circumstances): (status: string, what: string) => void;
  /** Expects all resources to be as the template describes them. */
  protected abstract expectStack(what: string): void;
  /** Returns the physical IDs of everything with the tags of this library. */
  protected abstract ours(): string[];
  protected abstract expectForeignUntouched(): void;

  private async apply(event: Event<Spec> | Specific): Promise<void> {
    const common = event as Event<Spec>;
    switch (common.do) {
      case 'deploy': return this.deploy(common.template, common.circumstances ?? {}, common.missing);
      case 'deleteStack': return this.deleteStack(common.circumstances ?? {});
      case 'idle': return this.idle(common.minutes);
      case 'terminateMicrovms': return this.terminateMicrovms();
      case 'limit': {
        this.hasLimits = true;
        return this.testBed.simulator.changeSettings({ limits: common.limits });
      }
      default: return this.applySpecific(event as Specific);
    }
  }

  private async deploy(specs: Readonly<Record<string, Spec>>, given: Circumstances, missing: readonly string[] = []): Promise<void> {
    const { stack } = this;
    // Nobody knows which properties a rollback sends that cancels an update and then deletes what a stop has left.
    const circumstances = isStable(stack.status) ? given : { ...given, siblingFailsAfter: undefined };
    if (circumstances.deletesFailedCreatesLast) this.mayTakeOverFailedCreates = true;
    const template: Template = Object.fromEntries(Object.entries(specs).map(([id, spec]) => [id, without(this.propertiesOf(spec, id), missing)]));
    const mayFail = this.mayFail(specs, circumstances);
    const orphansBefore = stack.silentOrphans.length;
    // After failed deployments without a rollback, a rollback returns to the state before all of them.
    const returnsFurther = !isStable(stack.status);
    const check = this.beginCheck(stack.deployed(), template, circumstances);

    let status = await this.complete(stack.deploy(template, circumstances), circumstances, [stack.deployed(), template]);
    if (status === 'UPDATE_ROLLBACK_FAILED') {
      expectThat(this.mayFailDeletions(circumstances), `the rollback fails without a reason: ${stack.reasons.join('; ')}`);
      await this.terminateMicrovms();
      status = await this.testBed.clock.complete(stack.continueRollback());
    }
    const what = `deploying ${JSON.stringify(specs)} (${JSON.stringify(circumstances)}), which ended as ${status}: ${stack.reasons.join('; ')}`;
    if (succeeded(status)) {
      this.outcome.successes++;
      this.expectStack(what);
    } else if (status === 'CREATE_FAILED' || status === 'UPDATE_FAILED') {
      expectThat(mayFail, `fails without a reason: ${what}`);
      this.outcome.stopped++;
      this.expectTakenBack(circumstances, what);
    } else {
      expectThat(mayFail, `fails without a reason: ${what}`);
      this.outcome.rollbacks++;
    }
    if (!returnsFurther || !status.includes('ROLLBACK')) check(status, what);
    expectThat(stack.silentOrphans.length === orphansBefore || this.mayFailDeletions(circumstances), `a cleanup fails without a reason: ${what}`);

    if (status === 'UPDATE_ROLLBACK_COMPLETE') this.expectStack(what);
    if (status === 'ROLLBACK_COMPLETE') {
      await this.idle(3);
      this.expectNothingLeft(what);
      this.stack = this.newStack();
    }
    expectThat(status !== 'UPDATE_ROLLBACK_FAILED', `the rollback fails again: ${what}`);
    if (status === 'ROLLBACK_FAILED') {
      expectThat(this.mayFailDeletions(circumstances), `the rollback fails: ${what}`);
      await this.deleteStack({});
    }
  }

  /** Expects that a deployment without a rollback took back what failed. What succeeded stays as it is. */
  private expectTakenBack(circumstances: Circumstances, what: string): void {
    const isStuck = [...this.stack.resources.values()].some(({ status }) => status === 'UPDATE_FAILED');
    expectThat(!isStuck || this.mayFailDeletions(circumstances), `a failed update is not taken back: ${what}`);
    if (!isStuck && !this.stack.hasLeftReplaced()) this.expectStack(what);
  }

  private async deleteStack(circumstances: Circumstances): Promise<void> {
    if (this.stack.status === 'NONE') return;
    const check = this.beginCheck(this.stack.deployed(), {}, circumstances);
    const status = await this.complete(this.stack.delete(circumstances), circumstances, [this.stack.deployed()]);
    check(status, `deleting the stack (${JSON.stringify(circumstances)}), which ended as ${status}: ${this.stack.reasons.join('; ')}`);
    if (status !== 'DELETE_COMPLETE') {
      const what = this.stack.reasons.join('; ');
      expectThat(this.mayFailDeletions(circumstances), `the deletion fails without a reason: ${what}`);
      await this.terminateMicrovms();
      // Errors do not stay forever.
      this.testBed.serviceFaults.event = Infinity;
      return this.deleteStack({});
    }
    this.expectNothingLeft('after the deletion of the stack');
    this.stack = this.newStack();
  }

  protected async idle(minutes: number): Promise<void> {
    await this.testBed.clock.run(this.testBed.clock.now() + minutes * 60_000);
  }

  protected async terminateMicrovms(): Promise<void> {
    this.liveMicrovms().forEach(({ id }) => this.testBed.simulator.terminateMicrovm(id));
    return this.idle(1);
  }

  /** Launches a MicroVM with which no resource of the history has to do. */
  protected launchForeign(image: string): void {
    this.foreignMicrovms.push(this.testBed.simulator.launchMicrovm(image));
  }

  /** Reports a violation that is found while the handler runs. */
  protected violate(violation: string): void {
    this.violations.push(violation);
  }

  private expectNoViolation(): void {
    expectThat(this.violations.length === 0, this.violations[0]);
  }

  private expectForeignMicrovmsAlive(): void {
    const now = this.testBed.clock.now();
    for (const { id, startedAt, maximumDurationInSeconds } of this.foreignMicrovms) {
      const state = this.testBed.simulator.microvms().find(microvm => microvm.id === id)?.state ?? 'TERMINATED';
      const isOver = now >= startedAt + maximumDurationInSeconds * 1000;
      if (!isOver && state.startsWith('TERMINAT')) this.violate(`MicroVM ${id} of another owner was terminated`);
    }
  }

  /** Completes a stack operation, and expects that none of its requests took long for no reason. */
  private async complete(operation: Promise<string>, circumstances: Circumstances, templates: readonly Template[]): Promise<string> {
    const { stack, testBed: { clock, serviceFaults } } = this;
    this.hasCrashed ||= circumstances.crash !== undefined;
    const first = stack.sent.length;
    const faultsBefore = this.testBed.faultCount() - serviceFaults.answered;
    const idle: number[] = [];
    let isDone = false;
    const sample = () => {
      if (isDone) return;
      if (!this.isServiceBusy()) idle.push(clock.now());
      clock.after(SAMPLING_INTERVAL, sample);
    };
    sample();
    const status = await clock.complete(operation);
    isDone = true;
    // A request with the ID of an earlier one can be answered by the waiter of that one, and is lost then.
    if (circumstances.reuseRequestIds || this.mayWait(templates)) return status;
    const faults = this.testBed.faultCount() - serviceFaults.answered - faultsBefore;
    const limit = IDLE_LIMIT + faults * IDLE_PER_FAULT + this.patience(templates);
    for (const { type, logicalId, sentAt, answeredAt = clock.now() } of stack.sent.slice(first)) {
      if (type === 'Delete' ? this.mayHoldDeletions() : this.mayLackSomething()) continue;
      const ms = idle.filter(at => at >= sentAt && at < answeredAt).length * SAMPLING_INTERVAL;
      if (ms > limit) this.violate(`${type} of ${logicalId} waits ${ms / 1000} s, during which the service does nothing, and ends as ${status}: ${stack.reasons.join('; ')}`);
    }
    return status;
  }

  private isServiceBusy(): boolean {
    const { simulator } = this.testBed;
    const states = [...simulator.images().flatMap(({ versions }) => versions), ...simulator.connectors().flatMap(({ versions }) => versions)];
    return simulator.isSettling() || states.some(({ state }) => state === 'DELETING');
  }

  /** Whether a quota or an error that stays may fail or delay a deployment. */
  private mayLackSomething(): boolean {
    return this.hasLimits || NEEDED_TO_DEPLOY.some(operation => this.testBed.serviceFaults.fails(operation));
  }

  /** How much longer the handler is patient for a reason that the history contains. */
  protected patience(_: readonly Template[]): number {
    return this.testBed.simulator.microvms().length > 0 ? PATIENCE_WITH_MICROVMS : 0;
  }

  /** Whether an error that stays may hold a deletion that cannot do without the operation. */
  protected mayHoldDeletions(): boolean {
    return false;
  }

  /** Whether the user chose to wait. */
  protected mayWait(templates: readonly Template[]): boolean {
    return /WAIT_UNTIL_UNUSED|NEVER/.test(JSON.stringify(templates));
  }

  /**
   * Expects these tags and no others.
   *
   * A creation may find what a failed creation left, before CloudFormation deletes that. It does not know which of the
   * tags came from there.
   */
  protected expectTags(found: readonly string[], wanted: readonly string[], what: string): void {
    expectThat(wanted.every(key => found.includes(key)) && (this.mayTakeOverFailedCreates || found.length === wanted.length), what);
  }

  private newStack(): StackModel {
    const stack = this.testBed.stack(`stack${this.stacks++}`, this.resourceType);
    this.allStacks.push(stack);
    return stack;
  }

  /** Whether a deployment may fail for a reason that the history contains. */
  private mayFail(specs: Readonly<Record<string, Spec>>, circumstances: Circumstances): boolean {
    const { siblingFailsAfter, crash, reuseRequestIds } = circumstances;
    if (siblingFailsAfter !== undefined || crash !== undefined || reuseRequestIds || this.mayLackSomething()) return true;
    return Object.entries(specs).some(([id, spec]) => this.specMayFail(spec, id));
  }

  /**
   * Whether deletions may fail for a reason that the history contains.
   *
   * A crash fails an operation, a waiter that times out answers a later request with the same ID, and the user may
   * protect running MicroVMs.
   */
  private mayFailDeletions(circumstances: Circumstances): boolean {
    return this.mayHoldDeletions() || circumstances.crash !== undefined || circumstances.reuseRequestIds === true || this.hasLiveMicrovms();
  }

  protected hasLiveMicrovms(): boolean {
    return this.liveMicrovms().length > 0;
  }

  protected liveMicrovms(): Microvm[] {
    return this.testBed.simulator.microvms().filter(({ id, state }) => state !== 'TERMINATED' && !this.foreignMicrovms.some(foreign => foreign.id === id));
  }

  private expectNothingLeft(what: string): void {
    this.expectOnly([], what);
  }

  /** Expects nothing with the tags of this library except these resources. */
  protected expectOnly(physicalIds: string[], what: string): void {
    // What a deployment without a rollback failed to create is only deleted by the next deployment.
    if (!isStable(this.stack.status)) return;
    const left = this.ours().filter(physicalId => !physicalIds.includes(physicalId) && !this.isKnownOrphan(physicalId));
    expectThat(left.length === 0, `left behind: ${left.join()}: ${what}`);
  }

  /** Whether the deletion of a resource failed in the cleanup of an update, which CloudFormation ignores. */
  protected isKnownOrphan(physicalId: string): boolean {
    return this.allStacks.some(stack => stack.silentOrphans.includes(physicalId));
  }

  private expectNoSecret(): void {
    const texts = this.allStacks.flatMap(stack => [...stack.outputs, ...stack.reasons]);
    expectThat(!texts.some(text => text.includes(SECRET)), 'an output or an error contains a value of the environment');
  }
}

function without(properties: Properties, missing: readonly string[]): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !missing.includes(name))) as Properties;
}

/** Whether the stack is as its template describes it. */
function isStable(status: string): boolean {
  return status !== 'CREATE_FAILED' && status !== 'UPDATE_FAILED';
}

export function succeeded(status: string): boolean {
  return status === 'CREATE_COMPLETE' || status === 'UPDATE_COMPLETE';
}

export function expectThat(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Error(message);
}
