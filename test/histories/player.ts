import type { Circumstances, Properties, StackModel, Template } from './cloudformation';
import type { Event, History, ImageSpec } from './history';
import { FOREIGN, imageProperties, SECRET } from './history';
import type { LabOptions } from './lab';
import { imageArn, Lab } from './lab';
import type { Image } from '../../integ/local/simulator/rows';
import { OWNER_RESOURCE_TAG, OWNER_STACK_TAG } from '../../src/handlers/contract';
import type { MicrovmImageProperties } from '../../src/handlers/image/contract';
import { fingerprintOf, markerOf } from '../../src/handlers/image/request';

/** What a history came to, so that always failing is no way to keep the invariants. */
export interface Tally {
  successes: number;
  rollbacks: number;
  takeBacks: number;
  fencedPolls: number;
}

/** Plays a history and throws at the first invariant that it violates. */
export async function play(history: History, options: LabOptions = {}): Promise<Tally> {
  const player = new Player(history, options);
  return player.play();
}

class Player {
  private readonly lab: Lab;
  private readonly foreign: Image;
  private stack: StackModel;
  private stacks = 0;
  private readonly everyStack: StackModel[] = [];
  private readonly tally: Tally = { successes: 0, rollbacks: 0, takeBacks: 0, fencedPolls: 0 };
  private basesPublished = 1;

  public constructor(private readonly history: History, options: LabOptions) {
    this.lab = new Lab({
      faults: history.faults,
      buildPlan: ({ ordinal, configuration }) => configuration.codeArtifact.uri.includes('broken')
        ? { failures: { 4: 'The container image build failed.', 3: 'The container image build failed.' } }
        : history.builds?.[ordinal % history.builds.length],
      limits: history.concurrentBuilds === undefined ? undefined : { concurrentBuilds: history.concurrentBuilds },
      blindfolded: history.blindfolded,
      ...options,
    });
    this.foreign = this.lab.simulator.addForeignImage(FOREIGN);
    this.stack = this.newStack();
  }

  public async play(): Promise<Tally> {
    // The image of somebody else is not new.
    await this.idle(5);
    for (const event of this.history.events) await this.happen(event);
    await this.happen({ do: 'endMicrovms' });
    // Waiters of cancelled operations poll on for an hour.
    await this.idle(75);
    this.expectStack('at the end');
    if (this.stack.status !== 'NONE') await this.deleteStack({});
    await this.idle(75);
    this.expectNothingLeft('after the stack is gone');
    this.expectForeignUntouched();
    this.expectNoSecret();
    return { ...this.tally, fencedPolls: this.lab.fencedPolls };
  }

  private async happen(event: Event): Promise<void> {
    const { simulator } = this.lab;
    switch (event.do) {
      case 'deploy': return this.deploy(event.template, event.circumstances ?? {});
      case 'deleteStack': return this.deleteStack(event.circumstances ?? {});
      case 'idle': return this.idle(event.minutes);
      case 'deprecateBase': {
        // One stays available.
        if (this.basesPublished > 1) simulator.deprecateBaseVersion(String(--this.basesPublished - 1));
        return;
      }
      case 'publishBase': return simulator.publishBaseVersion(String(++this.basesPublished));
      case 'launch': {
        const launchable = simulator.versions(event.name).some(version => version.state === 'SUCCESSFUL' && version.status === 'ACTIVE');
        if (launchable && !simulator.isSettling()) simulator.launchMicrovm(event.name);
        return this.idle(1);
      }
      case 'endMicrovms': {
        simulator.microvms().filter(({ state }) => state !== 'TERMINATED').forEach(({ id }) => simulator.terminateMicrovm(id));
        return this.idle(1);
      }
    }
  }

  private async deploy(specs: Readonly<Record<string, ImageSpec>>, circumstances: Circumstances): Promise<void> {
    const { stack, lab: { simulator } } = this;
    const before = stack.deployed();
    const template: Template = Object.fromEntries(Object.entries(specs).map(([id, spec]) => [id, imageProperties(spec) as unknown as Properties]));
    const mayFail = this.mayFail(specs, circumstances);
    const orphansBefore = stack.silentOrphans.length;
    const buildsBefore = simulator.startedBuilds().length;
    const existed = Object.fromEntries(Object.keys(before).map(id => [id, this.hasContent(before, id)]));

    let status = await this.lab.clock.complete(stack.deploy(template, circumstances));
    if (status === 'UPDATE_ROLLBACK_FAILED') {
      expectThat(this.mayFailDeletions(circumstances), `the rollback fails without a reason to: ${stack.reasons.join('; ')}`);
      await this.happen({ do: 'endMicrovms' });
      status = await this.lab.clock.complete(stack.continueRollback());
    }
    const what = `deploying ${JSON.stringify(specs)} (${JSON.stringify(circumstances)}), which ended as ${status}: ${stack.reasons.join('; ')}`;
    if (status === 'CREATE_COMPLETE' || status === 'UPDATE_COMPLETE') {
      this.tally.successes++;
      this.expectStack(what);
      this.expectRetention(before, template, what);
    } else {
      expectThat(mayFail, `fails without a reason to: ${what}`);
      this.tally.rollbacks++;
    }
    this.expectBuilds(buildsBefore, before, template, existed, status, what);
    this.expectVersionsInUse(what);
    expectThat(stack.silentOrphans.length === orphansBefore || this.mayFailDeletions(circumstances), `a clean-up fails without a reason to: ${what}`);

    if (status === 'UPDATE_ROLLBACK_COMPLETE') {
      if (simulator.startedBuilds().length > buildsBefore) this.tally.takeBacks++;
      this.expectStack(what);
    }
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
    const status = await this.lab.clock.complete(this.stack.delete(circumstances));
    if (status !== 'DELETE_COMPLETE') {
      const what = this.stack.reasons.join('; ');
      expectThat(this.mayFailDeletions(circumstances), `the deletion fails without a reason to: ${what}`);
      await this.happen({ do: 'endMicrovms' });
      return this.deleteStack({});
    }
    this.expectNothingLeft('after the deletion of the stack');
    this.stack = this.newStack();
  }

  private async idle(minutes: number): Promise<void> {
    await this.lab.clock.run(this.lab.clock.now() + minutes * 60_000);
  }

  private newStack(): StackModel {
    const stack = this.lab.stack(`stack${this.stacks++}`);
    this.everyStack.push(stack);
    return stack;
  }

  /** What may fail a deployment with good reason. */
  private mayFail(specs: Readonly<Record<string, ImageSpec>>, circumstances: Circumstances): boolean {
    const { siblingFailsAfter, crash, reuseRequestIds } = circumstances;
    if (siblingFailsAfter !== undefined || crash !== undefined || reuseRequestIds) return true;
    return Object.entries(specs).some(([id, spec]) => {
      const old = this.stack.deployed()[id] as unknown as MicrovmImageProperties | undefined;
      const renames = old !== undefined && old.ImageName !== spec.name;
      const isTaken = (spec.name === FOREIGN && !spec.adopt) || this.isKnownOrphan(imageArn(spec.name));
      return spec.content === 'broken' || isTaken || (renames && this.hasLiveMicrovms());
    });
  }

  /** A crash fails what it hits; a waiter that runs out answers for a later request with the same id; and the user may want MicroVMs to live. */
  private mayFailDeletions(circumstances: Circumstances): boolean {
    return circumstances.crash !== undefined || circumstances.reuseRequestIds === true || this.hasLiveMicrovms();
  }

  private hasLiveMicrovms(): boolean {
    return this.lab.simulator.microvms().some(({ state }) => state !== 'TERMINATED');
  }

  private hasContent(template: Template, id: string): boolean {
    const properties = template[id] as unknown as MicrovmImageProperties;
    return this.lab.simulator.versions(properties.ImageName)
      .some(version => version.state === 'SUCCESSFUL' && markerOf(version.configuration.description)?.fingerprint === fingerprintOf(properties));
  }

  /** Everything is as the template asks for it, and nothing else is ours. */
  private expectStack(what: string): void {
    const { simulator } = this.lab;
    const template = this.stack.deployed();
    for (const [id, given] of Object.entries(template)) {
      const properties = given as unknown as MicrovmImageProperties;
      const image = simulator.image(properties.ImageName);
      expectThat(image !== undefined, `${id}: no image ${properties.ImageName}: ${what}`);
      expectThat(image.tags[OWNER_STACK_TAG] === this.stack.id && image.tags[OWNER_RESOURCE_TAG] === id, `${id}: wrong owner tags ${JSON.stringify(image.tags)}: ${what}`);
      const active = image.versions.filter(version => version.state === 'SUCCESSFUL' && version.status === 'ACTIVE').map(version => version.number);
      const highest = image.versions.find(version => version.number === Math.max(...active));
      expectThat(highest?.configuration.codeArtifact.uri === properties.CodeUri,
        `${id}: wrong version active, ${highest?.configuration.codeArtifact.uri} instead of ${properties.CodeUri}: ${what}`);
      // An orphan that came back to its resource keeps tags that no properties tell of.
      if (this.isKnownOrphan(image.arn)) continue;
      const userTags = Object.keys(image.tags).filter(key => !key.startsWith('cdk-lambda-microvms:'));
      expectThat(JSON.stringify(userTags) === JSON.stringify((properties.Tags ?? []).map(tag => tag.Key)), `${id}: wrong tags ${userTags.join()}: ${what}`);
    }
    const names = Object.values(template).map(properties => (properties as unknown as MicrovmImageProperties).ImageName);
    const orphans = this.ours().filter(image => !names.includes(image.name) && !this.isKnownOrphan(image.arn));
    expectThat(orphans.length === 0, `left behind: ${orphans.map(image => image.name).join()}: ${what}`);
  }

  private expectNothingLeft(what: string): void {
    const left = this.ours().filter(image => !this.isKnownOrphan(image.arn));
    expectThat(left.length === 0, `left behind: ${left.map(image => `${image.name} (${image.state})`).join()}: ${what}`);
  }

  /** Its deletion failed in the clean-up of an update, which CloudFormation does not mind. */
  private isKnownOrphan(arn: string): boolean {
    return this.everyStack.some(stack => stack.silentOrphans.includes(arn));
  }

  private ours(): Image[] {
    return this.lab.simulator.images().filter(image => image.tags[OWNER_STACK_TAG] !== undefined);
  }

  /** A MicroVM may outlive its image's version in the service; we never take it away. */
  private expectVersionsInUse(what: string): void {
    const { simulator } = this.lab;
    const homeless = simulator.microvms().filter(microvm => microvm.state === 'RUNNING'
      && !simulator.versions(microvm.imageArn).some(version => version.number === microvm.imageVersion && version.state === 'SUCCESSFUL'));
    expectThat(homeless.length === 0, `a version is deleted under a MicroVM: ${what}`);
  }

  /** At most the retained versions, and those that a MicroVM holds. */
  private expectRetention(before: Template, template: Template, what: string): void {
    const { simulator } = this.lab;
    for (const [id, given] of Object.entries(template)) {
      if (JSON.stringify(before[id]) === JSON.stringify(given)) continue;
      const properties = given as unknown as MicrovmImageProperties;
      const ours = simulator.versions(properties.ImageName).filter(version => markerOf(version.configuration.description) && version.state !== 'DELETING');
      const held = ours.filter(version => simulator.microvms().some(microvm => microvm.state !== 'TERMINATED' && microvm.imageVersion === version.number));
      expectThat(ours.length <= Number(properties.RetainedVersions) + held.length,
        `${id}: ${ours.length} versions are left of ${properties.RetainedVersions} to be retained: ${what}`);
    }
  }

  /** One build at most for an operation, none for what is there already. */
  private expectBuilds(
    buildsBefore: number, before: Template, template: Template, existed: Record<string, boolean>, status: string, what: string,
  ): void {
    const builds = this.lab.simulator.startedBuilds().slice(buildsBefore);
    const operations = builds.map(build => `${build.imageArn} ${markerOf(build.description)?.operation}`);
    expectThat(new Set(operations).size === operations.length, `more than one build for an operation: ${what}`);
    for (const [id, given] of Object.entries(template)) {
      const properties = given as unknown as MicrovmImageProperties;
      const old = before[id] as unknown as MicrovmImageProperties | undefined;
      const own = builds.filter(build => build.imageArn === properties.ImageArn);
      const unchanged = old !== undefined && existed[id]
        && old.ImageName === properties.ImageName && fingerprintOf(old) === fingerprintOf(properties);
      expectThat(own.length <= (unchanged ? 0 : 1), `${id}: a needless build: ${what}`);
      if (old && existed[id] && old.ImageName !== properties.ImageName) {
        expectThat(!builds.some(build => build.imageArn === old.ImageArn), `${id}: a needless build of the old name (${status}): ${what}`);
      }
    }
  }

  private expectForeignUntouched(): void {
    const now = this.lab.simulator.image(FOREIGN);
    expectThat(now !== undefined, 'the image of somebody else is gone');
    expectThat(JSON.stringify(now.tags) === JSON.stringify(this.foreign.tags), `tags are left on the image of somebody else: ${JSON.stringify(now.tags)}`);
    const first = now.versions.find(version => version.number === 1);
    expectThat(first?.status === 'ACTIVE' && first.state === 'SUCCESSFUL', 'the version of somebody else is not as it was');
    expectThat(now.versions.length === 1, 'versions of ours are left in the image of somebody else');
  }

  private expectNoSecret(): void {
    const said = this.everyStack.flatMap(stack => [...stack.outputs, ...stack.reasons]);
    expectThat(!said.some(text => text.includes(SECRET)), 'a value of the environment is in an output or an error');
  }
}

function expectThat(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}
