import { checkImageIdentifier, imageArn } from './arns';
import { conflict, quotaExceeded, validationError } from './errors';
import type { ClientTokens } from './idempotency';
import { imageConfiguration } from './image-rules';
import { describeConfiguration, isBusy, summary, unknownImage, versionName } from './image-views';
import type { OperationName } from './model';
import { page } from './pagination';
import type { Image, ImageVersion } from './rows';
import type { Versions } from './versions';
import type { CallContext, Handler, Input, World } from './world';

const PAGE_SIZE = 50;

/** Images as a whole. Their versions and builds are in versions.ts. */
export class Images {
  constructor(private readonly world: World, private readonly versions: Versions, private readonly tokens: ClientTokens) {}

  handlers(): Partial<Record<OperationName, Handler>> {
    return {
      CreateMicrovmImage: input => this.tokens.once('CreateMicrovmImage', input.clientToken, input, validationError, () => this.create(input)),
      UpdateMicrovmImage: (input, call) => {
        checkImageIdentifier(this.world, input.imageIdentifier, call.operation, call.caller);
        return this.tokens.once('UpdateMicrovmImage', input.clientToken, input, validationError, () => this.update(input));
      },
      GetMicrovmImage: (input, call) => this.get(input, call),
      ListMicrovmImages: (input, call) => this.list(input, call),
      DeleteMicrovmImage: (input, call) => this.delete(input, call),
      ListManagedMicrovmImages: (input, call) => this.listManaged(input, call),
      ListManagedMicrovmImageVersions: (input, call) => this.listManagedVersions(input, call),
    };
  }

  private create(input: Input): object {
    const { world } = this;
    const configuration = imageConfiguration(world, input);
    const arn = imageArn(world, input.name);
    if (world.images.get(arn) !== undefined) {
      throw validationError(`A MicroVM image with the name '${input.name}' already exists in this account`);
    }
    if (world.images.list().length >= world.limits.images) throw quotaExceeded('The maximum number of MicroVM images has been reached');
    this.versions.checkBuildQuota();
    const now = world.clock.now();
    world.images.put(arn, {
      arn,
      id: world.ids.uuid(),
      name: input.name,
      state: 'CREATING',
      tags: input.tags ?? {},
      versions: [],
      lastVersionNumber: 0,
      createdAt: now,
      updatedAt: now,
    });
    const version = this.versions.start(arn, configuration, input.clientToken);
    return this.describeChange(arn, version, { tags: input.tags ?? null });
  }

  /** Replaces the whole configuration. Always creates a version, even without a difference. */
  private update(input: Input): object {
    const { world } = this;
    const arn = input.imageIdentifier;
    const image = world.images.get(arn) ?? unknownImage(arn);
    if (isBusy(image)) throw conflict(`MicroVM Image is already in state: ${image.state}`);
    const configuration = imageConfiguration(world, input);
    if (image.versions.length >= world.limits.versionsPerImage) {
      throw quotaExceeded('The maximum number of versions of the MicroVM image has been reached');
    }
    this.versions.checkBuildQuota();
    world.images.change(arn, { state: 'UPDATING', updatedAt: world.clock.now() });
    return this.describeChange(arn, this.versions.start(arn, configuration, input.clientToken), {});
  }

  private get(input: Input, call: CallContext): object {
    checkImageIdentifier(this.world, input.imageIdentifier, call.operation, call.caller);
    const image = this.world.images.get(input.imageIdentifier, call.asOf) ?? unknownImage(input.imageIdentifier);
    const tags = this.world.images.get(image.arn, Math.min(call.asOf, call.tagsAsOf))?.tags ?? {};
    return { ...summary(image), tags, updatedAt: image.updatedAt / 1000 };
  }

  /** The filter applies after paging, so a page may be empty without being the last. */
  private list(input: Input, call: CallContext): object {
    const cut = page(this.world.images.list(call.asOf), input.maxResults ?? PAGE_SIZE, input.nextToken, validationError);
    const items = cut.items.filter(image => image.name.includes(input.nameFilter ?? ''));
    return { items: items.map(summary), nextToken: cut.next ?? null };
  }

  private delete(input: Input, call: CallContext): object {
    const { world } = this;
    const arn = input.imageIdentifier;
    checkImageIdentifier(world, arn, call.operation, call.caller);
    const image = world.images.get(arn) ?? unknownImage(arn);
    if (image.state !== 'DELETING') {
      this.checkDeletable(image);
      world.images.change(arn, { state: 'DELETING', updatedAt: world.clock.now() });
      world.clock.after(world.times.imageDeletion, () => {
        if (world.images.get(arn)?.id === image.id) world.images.delete(arn);
        image.versions.forEach(({ number }) => world.builder.discard?.(arn, versionName(number)));
      });
    }
    return { imageIdentifier: arn, state: 'DELETING' };
  }

  private checkDeletable(image: Image): void {
    // This includes an image of which a version is being deleted.
    if (isBusy(image)) throw validationError(`Cannot delete MicroVM image in its current state: ${image.state}`);
    // TERMINATING counts as running.
    if (this.world.microvms.list().some(microvm => microvm.imageArn === image.arn && microvm.state !== 'TERMINATED')) {
      throw validationError('Cannot delete microvm image with running microvms.');
    }
  }

  private listManaged(input: Input, call: CallContext): object {
    const cut = page(this.world.managedImages.list(call.asOf), input.maxResults ?? PAGE_SIZE, input.nextToken, validationError);
    const items = cut.items.map(({ arn, createdAt, updatedAt }) => ({ imageArn: arn, createdAt: createdAt / 1000, updatedAt: updatedAt / 1000 }));
    return { items, nextToken: cut.next ?? null };
  }

  private listManagedVersions(input: Input, call: CallContext): object {
    const arn = input.imageIdentifier;
    if (!arn.startsWith('arn:')) throw validationError(`Invalid ARN format: ${arn}`);
    const image = this.world.managedImages.get(arn, call.asOf) ?? unknownImage(arn);
    const cut = page(image.versions, input.maxResults ?? PAGE_SIZE, input.nextToken, validationError);
    const items = cut.items.map(({ version, status, architectures, createdAt, updatedAt }) => ({
      imageArn: arn,
      imageVersion: version,
      status,
      ...(this.world.members === 'recorded' || architectures === undefined ? {}
        : { supportedCpuConfigurations: architectures.map(architecture => ({ architecture })) }),
      createdAt: createdAt / 1000,
      updatedAt: updatedAt / 1000,
    }));
    return { items, nextToken: cut.next ?? null };
  }

  /** The answer to create and update: the image and the version that will be built. */
  private describeChange(arn: string, version: ImageVersion, more: object): object {
    const image = this.world.images.get(arn) ?? unknownImage(arn);
    return {
      ...summary(image),
      ...describeConfiguration(version.configuration),
      imageVersion: versionName(version.number),
      updatedAt: image.updatedAt / 1000,
      buildPhaseOverrides: null,
      roleConfiguration: null,
      ...more,
    };
  }
}
