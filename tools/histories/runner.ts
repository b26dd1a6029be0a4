import type { Circumstances, Properties, StackModel, Template } from './cloudformation';
import type { Event } from './history';
import { SECRET } from './history';
import type { TestBed } from './test-bed';

/** Counts what happened in a history, so that a run in which everything fails does not count as a pass. */
export interface Outcome {
  successes: number;
  rollbacks: number;
  /** Rollbacks that had a change to undo. */
  effectiveRollbacks: number;
  fencedPolls: number;
}

export const EMPTY_OUTCOME: Outcome = { successes: 0, rollbacks: 0, effectiveRollbacks: 0, fencedPolls: 0 };

/** Runs a history, and throws at the first violation of an invariant. Subclasses add what is specific to a type. */
export abstract class Runner<Spec, Specific extends { readonly do: string }> {
  protected stack: StackModel;
  protected readonly outcome: Outcome = { ...EMPTY_OUTCOME };
  private stacks = 0;
  private readonly allStacks: StackModel[] = [];

  protected constructor(protected readonly testBed: TestBed, private readonly resourceType: string) {
    this.stack = this.newStack();
  }

  public async run(events: readonly (Event<Spec> | Specific)[]): Promise<Outcome> {
    // The resources of other owners are not new.
    await this.idle(5);
    for (const event of events) await this.apply(event);
    await this.terminateMicrovms();
    // Waiters of canceled operations keep polling for an hour.
    await this.idle(75);
    this.expectStack('at the end');
    if (this.stack.status !== 'NONE') await this.deleteStack({});
    await this.idle(75);
    this.expectNothingLeft('after the stack has been deleted');
    this.expectForeignUntouched();
    this.expectNoSecret();
    expectThat(this.testBed.denials.length === 0, `denied: ${this.testBed.denials[0]}`);
    return { ...this.outcome, fencedPolls: this.testBed.fencedPolls };
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
      case 'deploy': return this.deploy(common.template, common.circumstances ?? {});
      case 'deleteStack': return this.deleteStack(common.circumstances ?? {});
      case 'idle': return this.idle(common.minutes);
      case 'terminateMicrovms': return this.terminateMicrovms();
      default: return this.applySpecific(event as Specific);
    }
  }

  private async deploy(specs: Readonly<Record<string, Spec>>, circumstances: Circumstances): Promise<void> {
    const { stack } = this;
    const template: Template = Object.fromEntries(Object.entries(specs).map(([id, spec]) => [id, this.propertiesOf(spec, id)]));
    const mayFail = this.mayFail(specs, circumstances);
    const orphansBefore = stack.silentOrphans.length;
    const check = this.beginCheck(stack.deployed(), template, circumstances);

    let status = await this.testBed.clock.complete(stack.deploy(template, circumstances));
    if (status === 'UPDATE_ROLLBACK_FAILED') {
      expectThat(this.mayFailDeletions(circumstances), `the rollback fails without a reason: ${stack.reasons.join('; ')}`);
      await this.terminateMicrovms();
      status = await this.testBed.clock.complete(stack.continueRollback());
    }
    const what = `deploying ${JSON.stringify(specs)} (${JSON.stringify(circumstances)}), which ended as ${status}: ${stack.reasons.join('; ')}`;
    if (succeeded(status)) {
      this.outcome.successes++;
      this.expectStack(what);
    } else {
      expectThat(mayFail, `fails without a reason: ${what}`);
      this.outcome.rollbacks++;
    }
    check(status, what);
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

  private async deleteStack(circumstances: Circumstances): Promise<void> {
    if (this.stack.status === 'NONE') return;
    const check = this.beginCheck(this.stack.deployed(), {}, circumstances);
    const status = await this.testBed.clock.complete(this.stack.delete(circumstances));
    check(status, `deleting the stack (${JSON.stringify(circumstances)}), which ended as ${status}: ${this.stack.reasons.join('; ')}`);
    if (status !== 'DELETE_COMPLETE') {
      const what = this.stack.reasons.join('; ');
      expectThat(this.mayFailDeletions(circumstances), `the deletion fails without a reason: ${what}`);
      await this.terminateMicrovms();
      return this.deleteStack({});
    }
    this.expectNothingLeft('after the deletion of the stack');
    this.stack = this.newStack();
  }

  protected async idle(minutes: number): Promise<void> {
    await this.testBed.clock.run(this.testBed.clock.now() + minutes * 60_000);
  }

  protected async terminateMicrovms(): Promise<void> {
    const { simulator } = this.testBed;
    simulator.microvms().filter(({ state }) => state !== 'TERMINATED').forEach(({ id }) => simulator.terminateMicrovm(id));
    return this.idle(1);
  }

  private newStack(): StackModel {
    const stack = this.testBed.stack(`stack${this.stacks++}`, this.resourceType);
    this.allStacks.push(stack);
    return stack;
  }

  /** Whether a deployment may fail for a reason that the history contains. */
  private mayFail(specs: Readonly<Record<string, Spec>>, circumstances: Circumstances): boolean {
    const { siblingFailsAfter, crash, reuseRequestIds } = circumstances;
    if (siblingFailsAfter !== undefined || crash !== undefined || reuseRequestIds) return true;
    return Object.entries(specs).some(([id, spec]) => this.specMayFail(spec, id));
  }

  /**
   * Whether deletions may fail for a reason that the history contains.
   *
   * A crash fails an operation, a waiter that times out answers a later request with the same ID, and the user may
   * protect
   * running MicroVMs.
   */
  private mayFailDeletions(circumstances: Circumstances): boolean {
    return circumstances.crash !== undefined || circumstances.reuseRequestIds === true || this.hasLiveMicrovms();
  }

  protected hasLiveMicrovms(): boolean {
    return this.testBed.simulator.microvms().some(({ state }) => state !== 'TERMINATED');
  }

  private expectNothingLeft(what: string): void {
    this.expectOnly([], what);
  }

  /** Expects nothing with the tags of this library except these resources. */
  protected expectOnly(physicalIds: string[], what: string): void {
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

export function succeeded(status: string): boolean {
  return status === 'CREATE_COMPLETE' || status === 'UPDATE_COMPLETE';
}

export function expectThat(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Error(message);
}
