import type { MicrovmImageProperties } from '../../../src/contract/image';
import { MICROVM_IMAGE_RESOURCE_TYPE } from '../../../src/contract/image';
import type { PollEvent } from '../../../src/handlers/engine/event';
import type { Operation } from '../../../src/handlers/engine/operation';
import { ownerTags } from '../../../src/handlers/engine/owner';
import type { DesiredImage } from '../../../src/handlers/image/desired';
import type { ImageReconcileInput } from '../../../src/handlers/image/input';
import type { BaseImage, Image, Microvm, ObservedImage, Version } from '../../../src/handlers/image/observed';
import type { ImageDependencies } from '../../../src/handlers/image/resource';
import type { MicrovmImageService } from '../../../src/handlers/image/service';
import type { PollCircumstancesOf } from '../engine/inputs';
import { EARLIER_OPERATION, FakeClock, FakeService, MINUTE, NOW, operation, OWNER, pollEventOf } from '../engine/inputs';

/** Fingerprints of the content asked for, of what was there before, and of something else. */
export const CONTENT = 'c0ffee';
export const OLD_CONTENT = 'facade';
export const OTHER_CONTENT = 'decade';

export const BASE_IMAGE: BaseImage = { newest: '2', available: ['2', '1'] };

export function arnOf(name: string): string {
  return `arn:aws:lambda:us-east-1:123456789012:microvm-image:${name}`;
}

export function desired(more: Partial<DesiredImage> = {}): DesiredImage {
  const name = more.name ?? 'sandbox';
  return {
    arn: arnOf(name),
    name,
    fingerprint: CONTENT,
    tags: {},
    owner: OWNER,
    retainedVersions: 3,
    termination: 'ON_DELETE',
    adoptExisting: false,
    deleteAdopted: false,
    ...more,
  };
}

/** An image that is ours and at rest. */
export function image(more: Partial<Image> = {}): Image {
  return { state: 'UPDATED', tags: ownerTags(OWNER), createdAt: NOW - 60 * MINUTE, ...more };
}

/** An active version of the content asked for, built by an earlier operation. */
export function version(number: number, more: Partial<Version> & { readonly content?: string; readonly by?: string } = {}): Version {
  const { content = CONTENT, by = EARLIER_OPERATION, ...rest } = more;
  return {
    version: `${number}.0`,
    state: 'SUCCESSFUL',
    active: true,
    baseImageVersion: '2.0',
    marker: { fingerprint: content, operationId: by },
    updatedAt: NOW - 60 * MINUTE,
    ...rest,
  };
}

/** A version that we did not build. */
export function foreignVersion(number: number, more: Partial<Version> = {}): Version {
  return { ...version(number, more), marker: undefined };
}

export function microvm(id: string, imageVersion = '1.0', state: Microvm['state'] = 'RUNNING'): Microvm {
  return { id, state, imageVersion };
}

export interface Circumstances {
  readonly operation?: Partial<Operation>;
  readonly desired?: Partial<DesiredImage>;
  /** As far as the old properties differ from the new ones. */
  readonly previous?: Partial<DesiredImage>;
  readonly requestPhysicalId?: string;
  readonly baseImage?: BaseImage;
  /** Of the image asked for. */
  readonly observed?: ObservedImage;
  /** Of other images, by name. */
  readonly observedElsewhere?: Record<string, ObservedImage>;
}

/** An update from other content, unless the circumstances differ. */
export function updating(circumstances: Circumstances = {}): ImageReconcileInput {
  const wanted = desired(circumstances.desired);
  const previous = { ...wanted, fingerprint: OLD_CONTENT, ...circumstances.previous };
  const elsewhere = Object.entries(circumstances.observedElsewhere ?? {}).map(([name, observed]) => [arnOf(name), observed]);
  return {
    operation: operation(circumstances.operation),
    desired: wanted,
    previous: { ...previous, arn: arnOf(previous.name) },
    requestPhysicalId: circumstances.requestPhysicalId ?? arnOf(previous.name),
    observed: {
      baseImage: 'baseImage' in circumstances ? circumstances.baseImage : BASE_IMAGE,
      images: { [wanted.arn]: circumstances.observed ?? {}, ...Object.fromEntries(elsewhere) },
    },
  };
}

export function creating(circumstances: Circumstances = {}): ImageReconcileInput {
  const input = updating({ ...circumstances, operation: { type: 'Create', ...circumstances.operation } });
  return { ...input, previous: undefined, requestPhysicalId: undefined };
}

/** The rollback of an update that had asked for other content. */
export function rollingBack(circumstances: Circumstances = {}): ImageReconcileInput {
  return updating({ ...circumstances, operation: { phase: 'rollback', ...circumstances.operation } });
}

/** All properties of an image, so that nothing is left to a default. */
export function properties(more: Partial<MicrovmImageProperties> = {}): MicrovmImageProperties {
  return {
    ResourceRoleArn: 'arn:aws:iam::123456789012:role/handler-of-sandbox',
    ImageArn: arnOf('sandbox'),
    ImageName: 'sandbox',
    Description: 'for untrusted code',
    BaseImageArn: 'arn:aws:lambda:us-east-1:aws:microvm-image:al2023-1',
    BaseImageVersion: '1',
    BuildRoleArn: 'arn:aws:iam::123456789012:role/build',
    CodeUri: 's3://assets/code.zip',
    CodeHash: '5d41402a',
    RebuildTrigger: 'spring',
    MemoryMiB: '2048',
    OsCapabilities: ['ALL'],
    BuildEgressArn: 'arn:aws:lambda:us-east-1:aws:network-connector:aws-network-connector:INTERNET_EGRESS',
    LogGroupName: '/aws/lambda-microvms/sandbox',
    Hooks: { Port: '8080', Ready: '30', Validate: '60', Run: '1', Resume: '2', Suspend: '3', Terminate: '4' },
    Environment: { LEVEL: 'debug', PASSPHRASE: 'correct horse battery staple' },
    Tags: [{ Key: 'team', Value: 'runtime' }],
    RetainedVersions: '3',
    MicrovmTermination: 'ON_DELETE',
    AdoptExisting: 'false',
    DeleteAdopted: 'false',
    ShowBuildLogInErrors: 'true',
    TimeoutSeconds: '3000',
    ...more,
  };
}

export type PollCircumstances = PollCircumstancesOf<MicrovmImageProperties>;

/** The old content differs. */
export function pollEvent(more: PollCircumstances = {}): PollEvent<MicrovmImageProperties> {
  const old = { CodeHash: 'before', ...more.OldResourceProperties };
  return pollEventOf(MICROVM_IMAGE_RESOURCE_TYPE, arnOf('sandbox'), properties, { ...more, OldResourceProperties: old });
}

const METHODS: (keyof MicrovmImageService)[] = [
  'image', 'versions', 'microvms', 'failedBuilds', 'buildLog', 'create', 'build', 'setStatus', 'deleteVersion', 'deleteImage', 'terminate', 'tag', 'untag',
];

export class FakeImages extends FakeService<MicrovmImageService> {
  public constructor(answers: Partial<MicrovmImageService>) {
    super(METHODS, answers);
  }
}

export function imageWorld(images: FakeImages, more: Partial<ImageDependencies> = {}): ImageDependencies {
  const baseImages = { baseImage: async () => BASE_IMAGE };
  return { clock: new FakeClock(), random: () => 0.5, baseImages, images: async () => images.service, ...more };
}
