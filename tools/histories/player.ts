import type { Circumstances, Properties, StackModel, Template } from './cloudformation';
import type { Event } from './history';
import { SECRET } from './history';
import type { Lab } from './lab';

/** What a history came to, so that always failing is no way to keep the invariants. */
export interface Tally {
  successes: number;
  rollbacks: number;
  /** Rollbacks that had something to take back. */
  takeBacks: number;
  fencedPolls: number;
}

export const NO_TALLY: Tally = { successes: 0, rollbacks: 0, takeBacks: 0, fencedPolls: 0 };

/** Plays a history and throws at the first invariant that it violates; what is particular to a kind of resource is for a subclass to say. */
export abstract class Player<Spec, Particular extends { readonly do: string }> {
  protected stack: StackModel;
  protected readonly tally: Tally = { ...NO_TALLY };
  private stacks = 0;
  private readonly everyStack: StackModel[] = [];

  protected constructor(protected readonly lab: Lab, private readonly resourceType: string) {
    this.stack = this.newStack();
  }

  public async play(events: readonly (Event<Spec> | Particular)[]): Promise<Tally> {
    // What belongs to somebody else is not new.
    await this.idle(5);
    for (const event of events) await this.happen(event);
    await this.endMicrovms();
    // Waiters of cancelled operations poll on for an hour.
    await this.idle(75);
    this.expectStack('at the end');
    if (this.stack.status !== 'NONE') await this.deleteStack({});
    await this.idle(75);
    this.expectNothingLeft('after the stack is gone');
    this.expectForeignUntouched();
    this.expectNoSecret();
    expectThat(this.lab.denials.length === 0, `denied: ${this.lab.denials[0]}`);
    return { ...this.tally, fencedPolls: this.lab.fencedPolls };
  }

  /** What else can happen. */
  protected abstract particularly(event: Particular): Promise<void> | void;
  protected abstract propertiesOf(spec: Spec, logicalId: string): Properties;
  /** Whether what is asked for may fail with good reason. */
  protected abstract mayFailToGive(spec: Spec, logicalId: string): boolean;
  /** Looks before a deployment, or a deletion of the whole stack; what it returns looks after it. */
  protected abstract watch(before: Template, template: Template, circumstances: Circumstances): (status: string, what: string) => void;
  /** Everything is as the template asks for it. */
  protected abstract expectStack(what: string): void;
  /** What carries our tags, by physical id. */
  protected abstract ours(): string[];
  protected abstract expectForeignUntouched(): void;

  private async happen(event: Event<Spec> | Particular): Promise<void> {
    const usual = event as Event<Spec>;
    switch (usual.do) {
      case 'deploy': return this.deploy(usual.template, usual.circumstances ?? {});
      case 'deleteStack': return this.deleteStack(usual.circumstances ?? {});
      case 'idle': return this.idle(usual.minutes);
      case 'endMicrovms': return this.endMicrovms();
      default: return this.particularly(event as Particular);
    }
  }

  private async deploy(specs: Readonly<Record<string, Spec>>, circumstances: Circumstances): Promise<void> {
    const { stack } = this;
    const template: Template = Object.fromEntries(Object.entries(specs).map(([id, spec]) => [id, this.propertiesOf(spec, id)]));
    const mayFail = this.mayFail(specs, circumstances);
    const orphansBefore = stack.silentOrphans.length;
    const look = this.watch(stack.deployed(), template, circumstances);

    let status = await this.lab.clock.complete(stack.deploy(template, circumstances));
    if (status === 'UPDATE_ROLLBACK_FAILED') {
      expectThat(this.mayFailDeletions(circumstances), `the rollback fails without a reason to: ${stack.reasons.join('; ')}`);
      await this.endMicrovms();
      status = await this.lab.clock.complete(stack.continueRollback());
    }
    const what = `deploying ${JSON.stringify(specs)} (${JSON.stringify(circumstances)}), which ended as ${status}: ${stack.reasons.join('; ')}`;
    if (succeeded(status)) {
      this.tally.successes++;
      this.expectStack(what);
    } else {
      expectThat(mayFail, `fails without a reason to: ${what}`);
      this.tally.rollbacks++;
    }
    look(status, what);
    expectThat(stack.silentOrphans.length === orphansBefore || this.mayFailDeletions(circumstances), `a clean-up fails without a reason to: ${what}`);

    if (status === 'UPDATE_ROLLBACK_COMPLETE') this.expectStack(what);
    if (status === 'ROLLBACK_COMPLETE') {
      await this.idle(3);
      this.expectNothingLeft(what);
      this.stack = this.newStack();
    }
    expectThat(status !== 'UPDATE_ROLLBACK_FAILED', `the rollback fails once more: ${what}`);
    if (status === 'ROLLBACK_FAILED') {
      expectThat(this.mayFailDeletions(circumstances), `the rollback fails: ${what}`);
      await this.deleteStack({});
    }
  }

  private async deleteStack(circumstances: Circumstances): Promise<void> {
    if (this.stack.status === 'NONE') return;
    const look = this.watch(this.stack.deployed(), {}, circumstances);
    const status = await this.lab.clock.complete(this.stack.delete(circumstances));
    look(status, `deleting the stack (${JSON.stringify(circumstances)}), which ended as ${status}: ${this.stack.reasons.join('; ')}`);
    if (status !== 'DELETE_COMPLETE') {
      const what = this.stack.reasons.join('; ');
      expectThat(this.mayFailDeletions(circumstances), `the deletion fails without a reason to: ${what}`);
      await this.endMicrovms();
      return this.deleteStack({});
    }
    this.expectNothingLeft('after the deletion of the stack');
    this.stack = this.newStack();
  }

  protected async idle(minutes: number): Promise<void> {
    await this.lab.clock.run(this.lab.clock.now() + minutes * 60_000);
  }

  protected async endMicrovms(): Promise<void> {
    const { simulator } = this.lab;
    simulator.microvms().filter(({ state }) => state !== 'TERMINATED').forEach(({ id }) => simulator.terminateMicrovm(id));
    return this.idle(1);
  }

  private newStack(): StackModel {
    const stack = this.lab.stack(`stack${this.stacks++}`, this.resourceType);
    this.everyStack.push(stack);
    return stack;
  }

  /** What may fail a deployment with good reason. */
  private mayFail(specs: Readonly<Record<string, Spec>>, circumstances: Circumstances): boolean {
    const { siblingFailsAfter, crash, reuseRequestIds } = circumstances;
    if (siblingFailsAfter !== undefined || crash !== undefined || reuseRequestIds) return true;
    return Object.entries(specs).some(([id, spec]) => this.mayFailToGive(spec, id));
  }

  /** A crash fails what it hits; a waiter that runs out answers for a later request with the same id; and the user may want MicroVMs to live. */
  private mayFailDeletions(circumstances: Circumstances): boolean {
    return circumstances.crash !== undefined || circumstances.reuseRequestIds === true || this.hasLiveMicrovms();
  }

  protected hasLiveMicrovms(): boolean {
    return this.lab.simulator.microvms().some(({ state }) => state !== 'TERMINATED');
  }

  private expectNothingLeft(what: string): void {
    this.expectOnly([], what);
  }

  /** Nothing else is ours. */
  protected expectOnly(physicalIds: string[], what: string): void {
    const left = this.ours().filter(physicalId => !physicalIds.includes(physicalId) && !this.isKnownOrphan(physicalId));
    expectThat(left.length === 0, `left behind: ${left.join()}: ${what}`);
  }

  /** Its deletion failed in the clean-up of an update, which CloudFormation does not mind. */
  protected isKnownOrphan(physicalId: string): boolean {
    return this.everyStack.some(stack => stack.silentOrphans.includes(physicalId));
  }

  private expectNoSecret(): void {
    const said = this.everyStack.flatMap(stack => [...stack.outputs, ...stack.reasons]);
    expectThat(!said.some(text => text.includes(SECRET)), 'a value of the environment is in an output or an error');
  }
}

export function succeeded(status: string): boolean {
  return status === 'CREATE_COMPLETE' || status === 'UPDATE_COMPLETE';
}

export function expectThat(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Error(message);
}
