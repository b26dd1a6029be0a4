import type { Properties, Template } from './cloudformation';
import { conditionsOf } from './history';
import type { ImageEvent, ImageHistory, ImageSpec, WrittenProperties } from './image-history';
import { FOREIGN, imageProperties } from './image-history';
import { BUILD_ROLE } from './roles';
import type { Outcome } from './runner';
import { expectThat, Runner, succeeded } from './runner';
import type { TestBedOptions } from './test-bed';
import { imageArn, TestBed } from './test-bed';
import { OWNER_RESOURCE_TAG, OWNER_STACK_TAG } from '../../src/contract/common';
import { MICROVM_IMAGE_RESOURCE_TYPE } from '../../src/contract/image';
import { markerOf, withMarker } from '../../src/handlers/image/marker';
import { fingerprintOf } from '../../src/handlers/image/request';
import type { Image, ImageVersion, Microvm } from '../simulator/rows';
import type { StartedBuild } from '../simulator/versions';

/** The operation in the markers of the stranger. */
const FORGER = 'f04ce4';

/** Runs a history of images, and throws at the first violation of an invariant. */
export async function runImages(history: ImageHistory, options: TestBedOptions = {}): Promise<Outcome> {
  return new ImageRunner(history, options).run(history.events);
}

class ImageRunner extends Runner<ImageSpec, ImageEvent> {
  private readonly foreign: Image;
  /** The images that the present operation keeps, and that have had an active version. */
  private readonly usable = new Set<string>();
  private kept: readonly string[] = [];
  private basesPublished = 1;
  /** When the deployments and deletions of stacks began. */
  private readonly begun: number[] = [];
  private readonly buildChecks: (() => void)[] = [];

  public constructor(private readonly history: ImageHistory, options: TestBedOptions) {
    super(new TestBed({
      buildPlan: ({ ordinal, configuration }) => configuration.codeArtifact.uri.includes('broken')
        ? { failures: { 4: 'The container image build failed.', 3: 'The container image build failed.' } }
        : history.builds?.[ordinal % history.builds.length],
      limits: history.concurrentBuilds === undefined ? undefined : { concurrentBuilds: history.concurrentBuilds },
      ...conditionsOf(history),
      ...options,
    }), MICROVM_IMAGE_RESOURCE_TYPE);
    this.foreign = this.testBed.simulator.addForeignImage(FOREIGN);
    this.testBed.simulator.addForeignImage('theirs');
    this.launchForeign('theirs');
    this.testBed.watch(() => this.expectUsable());
  }

  protected async applySpecific(event: ImageEvent): Promise<void> {
    const { simulator } = this.testBed;
    switch (event.do) {
      case 'deprecateBase': {
        // One version stays available.
        if (this.basesPublished > 1) simulator.deprecateBaseVersion(String(--this.basesPublished - 1));
        return;
      }
      case 'forge': return this.forge(event);
      case 'publishBase': return simulator.publishBaseVersion(String(++this.basesPublished));
      case 'launch': {
        const launchable = simulator.versions(event.name).some(version => version.state === 'SUCCESSFUL' && version.status === 'ACTIVE');
        if (launchable && !simulator.isSettling()) simulator.launchMicrovm(event.name);
        return this.idle(1);
      }
    }
  }

  /** Only a principal that may pass the build role can build with it, or from what only that role may read. */
  private async forge({ id, spec, passesBuildRole }: ImageEvent & { readonly do: 'forge' }): Promise<void> {
    const { simulator } = this.testBed;
    const properties = imageProperties(spec, { stackId: this.stack.id, logicalId: id });
    const configuration = {
      description: withMarker(undefined, { fingerprint: fingerprintOf(properties), operationId: FORGER }),
      ...passesBuildRole && { buildRoleArn: BUILD_ROLE, codeArtifact: { uri: properties.CodeUri } },
    };
    const image = simulator.image(spec.name);
    if (image === undefined) simulator.addForeignImage(spec.name, { [OWNER_STACK_TAG]: this.stack.id, [OWNER_RESOURCE_TAG]: id }, 'SUCCESSFUL', configuration);
    else if (!image.state.endsWith('ING')) simulator.addForeignVersion(spec.name, configuration);
    return this.idle(5);
  }

  protected propertiesOf(spec: ImageSpec, logicalId: string): Properties {
    return imageProperties(spec, { stackId: this.stack.id, logicalId }) as unknown as Properties;
  }

  protected specMayFail(spec: ImageSpec, id: string): boolean {
    const old = this.stack.deployed()[id] as unknown as WrittenProperties | undefined;
    const renames = old !== undefined && old.ImageName !== spec.name;
    const isTaken = (spec.name === FOREIGN && !spec.adopt) || this.isKnownOrphan(imageArn(spec.name)) || this.isForgedForAnother(spec.name, id);
    return spec.content === 'broken' || isTaken || (renames && this.hasLiveMicrovms());
  }

  /** Whether a forged image has the tags of another resource, or of an earlier stack. */
  private isForgedForAnother(name: string, id: string): boolean {
    const image = this.testBed.simulator.image(name);
    if (image === undefined || !isForged(image)) return false;
    return image.tags[OWNER_STACK_TAG] !== this.stack.id || image.tags[OWNER_RESOURCE_TAG] !== id;
  }

  /** An image is only returned to its owner without the versions of this library. */
  protected mayHoldDeletions(): boolean {
    const adopts = this.history.events.some(event => event.do === 'deploy' && Object.values(event.template).some(({ name }) => name === FOREIGN));
    return adopts && this.testBed.serviceFaults.fails('DeleteMicrovmImageVersion');
  }

  protected beginCheck(before: Template, template: Template): (status: string, what: string) => void {
    const { simulator } = this.testBed;
    const buildsBefore = simulator.startedBuilds().length;
    const deployment = this.begun.push(this.testBed.clock.now()) - 1;
    const existed = Object.fromEntries(Object.keys(before).map(id => [id, this.hasContent(before, id)]));
    const running = this.liveMicrovms();
    const arnsIn = (described: Template) => Object.keys(described).map(id => imageArnIn(described, id));
    this.kept = arnsIn(before).filter(arn => arnsIn(template).includes(arn));
    return (status, what) => {
      this.expectNotTerminated(running, before, template, status, what);
      if (succeeded(status)) {
        this.expectRetention(before, template, what);
        this.expectOwnBuilds(before, template, what);
      }
      if (status === 'UPDATE_ROLLBACK_COMPLETE' && simulator.startedBuilds().length > buildsBefore) this.outcome.effectiveRollbacks++;
      this.buildChecks.push(() => this.expectBuilds(this.buildsOf(deployment), before, template, existed, status, what));
      this.buildChecks.forEach(check => check());
      this.expectVersionsInUse(what);
    };
  }

  protected ours(): string[] {
    return this.testBed.simulator.images().filter(image => image.tags[OWNER_STACK_TAG] !== undefined && !isForged(image)).map(image => image.arn);
  }

  /** Expects that an image always has an active version once it had one, unless it is deleted. */
  private expectUsable(): void {
    for (const arn of this.kept) {
      const image = this.testBed.simulator.image(arn);
      if (image === undefined || image.state === 'DELETING') continue;
      const isUsable = image.versions.some(({ state, status }) => state === 'SUCCESSFUL' && status === 'ACTIVE');
      if (isUsable) this.usable.add(arn);
      else if (this.usable.has(arn)) this.violate(`${arn} has no active version for a while`);
    }
  }

  /** Expects that only those MicroVMs were terminated whose image was deleted, or renamed by the user's choice. */
  private expectNotTerminated(running: readonly Microvm[], before: Template, template: Template, status: string, what: string): void {
    for (const [id, given] of Object.entries(before)) {
      const { ImageArn: arn, MicrovmTermination: termination } = given as unknown as WrittenProperties;
      // The template that renames the image decides whether its MicroVMs may be terminated.
      const after = template[id] as unknown as WrittenProperties | undefined;
      const isRemoved = !after || (after.MicrovmTermination === 'ON_DELETE_OR_RENAME' && imageArnIn(template, id) !== arn);
      if (termination !== 'NEVER' && isRemoved && !status.includes('ROLLBACK')) continue;
      const terminated = running.filter(microvm => microvm.imageArn === arn && !this.isAlive(microvm));
      expectThat(terminated.length === 0, `${id}: MicroVMs of ${arn} were terminated: ${what}`);
    }
  }

  private isAlive({ id, startedAt, maximumDurationInSeconds }: Microvm): boolean {
    const isOver = this.testBed.clock.now() >= startedAt + maximumDurationInSeconds * 1000;
    return isOver || this.testBed.simulator.microvms().some(microvm => microvm.id === id && !microvm.state.startsWith('TERMINAT'));
  }

  private hasContent(template: Template, id: string): boolean {
    const properties = template[id] as unknown as WrittenProperties;
    return this.testBed.simulator.versions(properties.ImageName)
      .some(version => version.state === 'SUCCESSFUL' && version.configuration.buildRoleArn === BUILD_ROLE && markerOf(version.configuration.description)?.fingerprint === fingerprintOf(properties));
  }

  protected expectStack(what: string): void {
    const { simulator } = this.testBed;
    const template = this.stack.deployed();
    for (const [id, given] of Object.entries(template)) {
      const properties = given as unknown as WrittenProperties;
      const image = simulator.image(properties.ImageName);
      expectThat(image !== undefined, `${id}: image ${properties.ImageName} does not exist: ${what}`);
      expectThat(image.tags[OWNER_STACK_TAG] === this.stack.id && image.tags[OWNER_RESOURCE_TAG] === id, `${id}: wrong owner tags ${JSON.stringify(image.tags)}: ${what}`);
      const highest = latestActive(image.versions);
      expectThat(highest?.configuration.codeArtifact.uri === properties.CodeUri,
        `${id}: wrong version active, ${highest?.configuration.codeArtifact.uri} instead of ${properties.CodeUri}: ${what}`);
      // An orphan that its resource took over again may have tags that no properties contain.
      if (this.isKnownOrphan(image.arn)) continue;
      const userTags = Object.keys(image.tags).filter(key => !key.startsWith('cdk-lambda-microvms:'));
      this.expectTags(userTags, (properties.Tags ?? []).map(tag => tag.Key), `${id}: wrong tags ${userTags.join()}: ${what}`);
    }
    this.expectOnly(Object.values(template).map(properties => (properties as unknown as WrittenProperties).ImageArn), what);
  }

  /** Expects that each image has a version that the stack built. An update cannot know who used the build role. */
  private expectOwnBuilds(before: Template, template: Template, what: string): void {
    for (const [id, given] of Object.entries(template)) {
      const { ImageName: name, AdoptExisting: adopts } = given as unknown as WrittenProperties;
      const chosen = latestActive(this.testBed.simulator.versions(name));
      const isOwn = chosen?.configuration.buildRoleArn === BUILD_ROLE;
      const isOfForger = markerOf(chosen?.configuration.description)?.operationId === FORGER;
      expectThat(isOwn && (!isOfForger || id in before || adopts === 'true'), `${id}: a forged version is active: ${what}`);
    }
  }

  /** Expects that the version of each running MicroVM exists. The service would allow its deletion. */
  private expectVersionsInUse(what: string): void {
    const { simulator } = this.testBed;
    const orphaned = simulator.microvms().filter(microvm => microvm.state === 'RUNNING'
      && !simulator.versions(microvm.imageArn).some(version => version.number === microvm.imageVersion && version.state === 'SUCCESSFUL'));
    expectThat(orphaned.length === 0, `the version of a running MicroVM is deleted: ${what}`);
  }

  /** Expects at most the retained versions and those that a MicroVM uses. */
  private expectRetention(before: Template, template: Template, what: string): void {
    const { simulator, serviceFaults } = this.testBed;
    if (serviceFaults.fails('DeleteMicrovmImageVersion')) return;
    for (const [id, given] of Object.entries(template)) {
      if (JSON.stringify(before[id]) === JSON.stringify(given)) continue;
      const properties = given as unknown as WrittenProperties;
      const ours = simulator.versions(properties.ImageName).filter(version => markerOf(version.configuration.description) && version.state !== 'DELETING');
      const used = ours.filter(version => simulator.microvms().some(microvm => microvm.state !== 'TERMINATED' && microvm.imageArn === properties.ImageArn && microvm.imageVersion === version.number));
      expectThat(ours.length <= Number(properties.RetainedVersions) + used.length,
        `${id}: ${ours.length} versions are left instead of ${properties.RetainedVersions}: ${what}`);
    }
  }

  /**
   * Returns the builds of the operations of a deployment, those included that began after it.
   *
   * A crashed invocation fails its operation at once, but a call that was under way still takes effect. If the next
   * deployment begins right then, the build begins in that one.
   */
  private buildsOf(deployment: number): StartedBuild[] {
    const { begun, testBed } = this;
    return testBed.simulator.startedBuilds().filter(({ description, startedAt }) => {
      const start = testBed.operationStart(markerOf(description)?.operationId ?? '') ?? startedAt;
      return start >= begun[deployment] && start < (begun[deployment + 1] ?? Infinity);
    });
  }

  /** Expects at most one build for each operation, and none for content that has been built. */
  private expectBuilds(
    builds: readonly StartedBuild[], before: Template, template: Template, existed: Record<string, boolean>, status: string, what: string,
  ): void {
    const operations = builds.map(build => `${build.imageArn} ${markerOf(build.description)?.operationId}`);
    expectThat(new Set(operations).size === operations.length, `more than one build for an operation: ${what}`);
    for (const [id, given] of Object.entries(template)) {
      const properties = given as unknown as WrittenProperties;
      const old = before[id] as unknown as WrittenProperties | undefined;
      const own = builds.filter(build => build.imageArn === properties.ImageArn);
      const unchanged = old !== undefined && existed[id]
        && old.ImageName === properties.ImageName && fingerprintOf(old) === fingerprintOf(properties);
      expectThat(own.length <= (unchanged ? 0 : 1), `${id}: an unnecessary build: ${what}`);
      if (old && existed[id] && old.ImageName !== properties.ImageName) {
        expectThat(!builds.some(build => build.imageArn === old.ImageArn), `${id}: an unnecessary build of the old name (${status}): ${what}`);
      }
    }
  }

  protected expectForeignUntouched(): void {
    const now = this.testBed.simulator.image(FOREIGN);
    expectThat(now !== undefined, 'the image of another owner has been deleted');
    expectThat(JSON.stringify(now.tags) === JSON.stringify(this.foreign.tags), `the tags of the image of another owner have changed: ${JSON.stringify(now.tags)}`);
    const first = now.versions.find(version => version.number === 1);
    expectThat(first?.status === 'ACTIVE' && first.state === 'SUCCESSFUL', 'the version of another owner has changed');
    expectThat(now.versions.length === 1, 'versions of this library are left in the image of another owner');
  }
}

function latestActive(versions: readonly ImageVersion[]): ImageVersion | undefined {
  const active = versions.filter(version => version.state === 'SUCCESSFUL' && version.status === 'ACTIVE');
  return active.find(version => version.number === Math.max(...active.map(({ number }) => number)));
}

/** Whether nobody else than the stranger has built the image. */
function isForged({ versions }: Image): boolean {
  return versions.every(({ configuration: { description } }) => markerOf(description)?.operationId === FORGER);
}

function imageArnIn(template: Template, id: string): string {
  return (template[id] as unknown as WrittenProperties).ImageArn;
}
