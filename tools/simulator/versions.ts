import { checkImageIdentifier } from './arns';
import type { BuildOutcome } from './builder';
import { conflict, notFound, quotaExceeded, validationError } from './errors';
import { architecturesOf } from './image-rules';
import { describeBuild, describeVersion, isBuilding, isBusy, unknownImage, versionName } from './image-views';
import type { OperationName } from './model';
import { page } from './pagination';
import type { Build, Image, ImageConfiguration, ImageVersion } from './rows';
import { CHIPSETS } from './rows';
import type { CallContext, Handler, Input, World } from './world';

const PAGE_SIZE = 50;

/** A version that was requested, whatever its outcome. */
export interface StartedBuild {
  readonly imageArn: string;
  readonly imageVersion: string;
  readonly clientToken?: string;
  readonly description?: string;
  readonly startedAt: number;
}

/** Versions of images, and the builds of each version. */
export class Versions {
  readonly started: StartedBuild[] = [];

  constructor(private readonly world: World) {}

  handlers(): Partial<Record<OperationName, Handler>> {
    return {
      GetMicrovmImageVersion: (input, call) => {
        const { image, version } = this.find(input, call);
        return describeVersion(image, version);
      },
      ListMicrovmImageVersions: (input, call) => this.list(input, call),
      UpdateMicrovmImageVersion: (input, call) => this.setStatus(input, call),
      DeleteMicrovmImageVersion: (input, call) => this.delete(input, call),
      GetMicrovmImageBuild: (input, call) => this.getBuild(input, call),
      ListMicrovmImageBuilds: (input, call) => this.listBuilds(input, call),
    };
  }

  checkBuildQuota(): void {
    const building = this.world.images.list().flatMap(image => image.versions).filter(isBuilding).length;
    if (building >= this.world.limits.concurrentBuilds) {
      throw quotaExceeded(`The maximum number of concurrent builds (${this.world.limits.concurrentBuilds}) has been reached`);
    }
  }

  /** Adds the next version to an image and starts its builds. */
  start(imageArn: string, configuration: ImageConfiguration, clientToken: string | undefined): ImageVersion {
    const { world } = this;
    const now = world.clock.now();
    const image = world.images.get(imageArn) ?? unknownImage(imageArn);
    const version: ImageVersion = {
      number: image.lastVersionNumber + 1,
      configuration,
      state: 'PENDING',
      status: 'INACTIVE',
      builds: architecturesOf(configuration.cpuConfigurations).flatMap(architecture => CHIPSETS[architecture].generations.map(generation =>
        ({ id: world.ids.uuid(), architecture, generation, state: 'PENDING', createdAt: now }))),
      clientToken,
      createdAt: now,
      updatedAt: now,
    };
    world.images.change(imageArn, { versions: [...image.versions, version], lastVersionNumber: version.number });
    const imageVersion = versionName(version.number);
    const ordinal = this.started.push({ imageArn, imageVersion, clientToken, description: configuration.description, startedAt: now }) - 1;
    world.clock.after(world.times.buildPending, () => void this.build(image, version, ordinal));
    return version;
  }

  private async build(image: Image, version: ImageVersion, ordinal: number): Promise<void> {
    const { world } = this;
    this.change(image, version, current => ({
      ...current,
      state: 'IN_PROGRESS',
      builds: current.builds.map(build => ({ ...build, state: 'IN_PROGRESS' })),
    }));
    const outcomes = await Promise.all(version.builds.map(async build => {
      const outcome = await this.buildOne(image, version, build, ordinal);
      this.change(image, version, current => ({
        ...current,
        builds: current.builds.map(other => (other.id === build.id ? finished(other, outcome) : other)),
      }));
      return outcome;
    }));
    const succeeded = outcomes.every(outcome => outcome.succeeded);
    this.change(image, version, current => ({
      ...current,
      state: succeeded ? 'SUCCESSFUL' : 'FAILED',
      status: succeeded ? 'ACTIVE' : 'INACTIVE',
    }));
    world.clock.after(world.times.imageSettling, () => this.settle(image, succeeded));
  }

  private async buildOne(image: Image, version: ImageVersion, build: Build, ordinal: number): Promise<BuildOutcome> {
    try {
      return await this.world.builder.build({
        ordinal,
        buildId: build.id,
        imageArn: image.arn,
        imageName: image.name,
        imageVersion: versionName(version.number),
        architecture: build.architecture,
        generation: build.generation,
        account: this.world.account,
        region: this.world.region,
        configuration: version.configuration,
      });
    } catch (error) {
      return { succeeded: false, reason: `INTERNAL_PLATFORM_ERROR: ${String(error)}` };
    }
  }

  /** The state of the image follows the state of its version shortly afterwards. */
  private settle(image: Image, succeeded: boolean): void {
    const first = this.world.images.get(image.arn)?.state === 'CREATING';
    const state = first ? (succeeded ? 'CREATED' : 'CREATE_FAILED') : (succeeded ? 'UPDATED' : 'UPDATE_FAILED');
    this.changeImage(image, current => ({ ...current, state }));
  }

  private list(input: Input, call: CallContext): object {
    checkImageIdentifier(this.world, input.imageIdentifier, call.operation, call.caller);
    const image = this.world.images.get(input.imageIdentifier, call.asOf) ?? unknownImage(input.imageIdentifier);
    const cut = page([...image.versions].reverse(), input.maxResults ?? PAGE_SIZE, input.nextToken, validationError);
    return { items: cut.items.map(version => describeVersion(image, version)), nextToken: cut.next ?? null };
  }

  private setStatus(input: Input, call: CallContext): object {
    const { image, version } = this.find(input, { ...call, asOf: Infinity });
    if (isBusy(image)) throw conflict(`MicroVM Image is already in state: ${image.state}`);
    if (version.state !== 'SUCCESSFUL') throw validationError(`Cannot change the status of a version in state: ${version.state}`);
    this.change(image, version, current => ({ ...current, status: input.status }));
    const after = this.find(input, { ...call, asOf: Infinity });
    return describeVersion(after.image, after.version);
  }

  private delete(input: Input, call: CallContext): object {
    const { world } = this;
    const { image, version } = this.find(input, { ...call, asOf: Infinity });
    if (isBusy(image)) throw conflict(`MicroVM Image is already in state: ${image.state}`);
    if (image.versions.length === 1) throw validationError('This is the last version. Please delete the entire image');
    this.change(image, version, current => ({ ...current, state: 'DELETING', status: 'INACTIVE' }));
    this.changeImage(image, current => ({ ...current, state: 'UPDATING' }));
    world.clock.after(world.times.versionDeletion, () => {
      this.changeImage(image, current => ({
        ...current,
        state: 'UPDATED',
        versions: current.versions.filter(({ number }) => number !== version.number),
      }));
      world.builder.discard?.(image.arn, versionName(version.number));
    });
    return { imageIdentifier: image.arn, imageVersion: versionName(version.number), state: 'DELETING' };
  }

  private getBuild(input: Input, call: CallContext): object {
    const { image, version } = this.find(input, call);
    const build = version.builds.find(({ id }) => id === input.buildId);
    if (build === undefined) throw notFound(`MicroVMImageBuild not found for BuildID: ${input.buildId}`);
    return { ...describeBuild(image, version, build), snapshotBuild: build.snapshot ?? null };
  }

  private listBuilds(input: Input, call: CallContext): object {
    const { image, version } = this.find(input, call);
    const builds = version.builds
      .filter(build => input.architecture === undefined || build.architecture === input.architecture)
      .filter(build => input.chipset === undefined || CHIPSETS[build.architecture].chipset === input.chipset)
      .filter(build => input.chipsetGeneration === undefined || build.generation === input.chipsetGeneration);
    const cut = page(builds, input.maxResults ?? PAGE_SIZE, input.nextToken, validationError);
    return { items: cut.items.map(build => describeBuild(image, version, build)), nextToken: cut.next ?? null };
  }

  private find(input: Input, call: CallContext): { image: Image; version: ImageVersion } {
    checkImageIdentifier(this.world, input.imageIdentifier, call.operation, call.caller);
    const image = this.world.images.get(input.imageIdentifier, call.asOf);
    const version = image?.versions.find(({ number }) => versionName(number) === input.imageVersion);
    if (image === undefined || version === undefined) {
      throw notFound(`MicroVMImage not found for MicroVMImage: ${input.imageIdentifier}, Version: ${input.imageVersion}`);
    }
    return { image, version };
  }

  private change(image: Image, version: ImageVersion, change: (current: ImageVersion) => ImageVersion): void {
    const now = this.world.clock.now();
    this.changeImage(image, current => ({
      ...current,
      versions: current.versions.map(other => (other.number === version.number ? { ...change(other), updatedAt: now } : other)),
    }));
  }

  /** Changes an image unless it was deleted. Another image with the same name is not changed. */
  private changeImage(image: Image, change: (current: Image) => Image): void {
    if (this.world.images.get(image.arn)?.id !== image.id) return;
    this.world.images.change(image.arn, current => ({ ...change(current), updatedAt: this.world.clock.now() }));
  }
}

function finished(build: Build, outcome: BuildOutcome): Build {
  return outcome.succeeded
    ? { ...build, state: 'SUCCESSFUL', snapshot: outcome.snapshot }
    : { ...build, state: 'FAILED', reason: outcome.reason };
}
