import type { Properties, Template } from './cloudformation';
import type { ImageEvent, ImageHistory, ImageSpec } from './image-history';
import { FOREIGN, imageProperties } from './image-history';
import type { LabOptions } from './lab';
import { imageArn, Lab } from './lab';
import type { Tally } from './player';
import { expectThat, Player, succeeded } from './player';
import { OWNER_RESOURCE_TAG, OWNER_STACK_TAG } from '../../src/contract/common';
import type { MicrovmImageProperties } from '../../src/contract/image';
import { MICROVM_IMAGE_RESOURCE_TYPE } from '../../src/contract/image';
import { markerOf } from '../../src/handlers/image/marker';
import { fingerprintOf } from '../../src/handlers/image/request';
import type { Image } from '../simulator/rows';

/** Plays a history of images and throws at the first invariant that it violates. */
export async function playImages(history: ImageHistory, options: LabOptions = {}): Promise<Tally> {
  return new ImagePlayer(history, options).play(history.events);
}

class ImagePlayer extends Player<ImageSpec, ImageEvent> {
  private readonly foreign: Image;
  private basesPublished = 1;

  public constructor(history: ImageHistory, options: LabOptions) {
    super(new Lab({
      faults: history.faults,
      buildPlan: ({ ordinal, configuration }) => configuration.codeArtifact.uri.includes('broken')
        ? { failures: { 4: 'The container image build failed.', 3: 'The container image build failed.' } }
        : history.builds?.[ordinal % history.builds.length],
      limits: history.concurrentBuilds === undefined ? undefined : { concurrentBuilds: history.concurrentBuilds },
      blindfolded: history.blindfolded,
      ...options,
    }), MICROVM_IMAGE_RESOURCE_TYPE);
    this.foreign = this.lab.simulator.addForeignImage(FOREIGN);
  }

  protected async particularly(event: ImageEvent): Promise<void> {
    const { simulator } = this.lab;
    switch (event.do) {
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
    }
  }

  protected propertiesOf(spec: ImageSpec, logicalId: string): Properties {
    return imageProperties(spec, { stackId: this.stack.id, logicalId }) as unknown as Properties;
  }

  protected mayFailToGive(spec: ImageSpec, id: string): boolean {
    const old = this.stack.deployed()[id] as unknown as MicrovmImageProperties | undefined;
    const renames = old !== undefined && old.ImageName !== spec.name;
    const isTaken = (spec.name === FOREIGN && !spec.adopt) || this.isKnownOrphan(imageArn(spec.name));
    return spec.content === 'broken' || isTaken || (renames && this.hasLiveMicrovms());
  }

  protected watch(before: Template, template: Template): (status: string, what: string) => void {
    const { simulator } = this.lab;
    const buildsBefore = simulator.startedBuilds().length;
    const existed = Object.fromEntries(Object.keys(before).map(id => [id, this.hasContent(before, id)]));
    return (status, what) => {
      if (succeeded(status)) this.expectRetention(before, template, what);
      if (status === 'UPDATE_ROLLBACK_COMPLETE' && simulator.startedBuilds().length > buildsBefore) this.tally.takeBacks++;
      this.expectBuilds(buildsBefore, before, template, existed, status, what);
      this.expectVersionsInUse(what);
    };
  }

  protected ours(): string[] {
    return this.lab.simulator.images().filter(image => image.tags[OWNER_STACK_TAG] !== undefined).map(image => image.arn);
  }

  private hasContent(template: Template, id: string): boolean {
    const properties = template[id] as unknown as MicrovmImageProperties;
    return this.lab.simulator.versions(properties.ImageName)
      .some(version => version.state === 'SUCCESSFUL' && markerOf(version.configuration.description)?.fingerprint === fingerprintOf(properties));
  }

  protected expectStack(what: string): void {
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
    this.expectOnly(Object.values(template).map(properties => (properties as unknown as MicrovmImageProperties).ImageArn), what);
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
    const operations = builds.map(build => `${build.imageArn} ${markerOf(build.description)?.operationId}`);
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

  protected expectForeignUntouched(): void {
    const now = this.lab.simulator.image(FOREIGN);
    expectThat(now !== undefined, 'the image of somebody else is gone');
    expectThat(JSON.stringify(now.tags) === JSON.stringify(this.foreign.tags), `tags are left on the image of somebody else: ${JSON.stringify(now.tags)}`);
    const first = now.versions.find(version => version.number === 1);
    expectThat(first?.status === 'ACTIVE' && first.state === 'SUCCESSFUL', 'the version of somebody else is not as it was');
    expectThat(now.versions.length === 1, 'versions of ours are left in the image of somebody else');
  }
}
