import type { MicrovmImageProperties } from '../../../src/contract/image';
import { MICROVM_IMAGE_RESOURCE_TYPE } from '../../../src/contract/image';
import type { PollEvent } from '../../../src/handlers/engine/event';
import type { Operation } from '../../../src/handlers/engine/operation';
import { ownerTags } from '../../../src/handlers/engine/owner';
import type { DesiredImage } from '../../../src/handlers/image/desired';
import type { ImageReconcileInput } from '../../../src/handlers/image/input';
import type { BaseImage, Image, Microvm, Microvms, ObservedImage, Version } from '../../../src/handlers/image/observed';
import type { CompleteProperties } from '../../../src/handlers/image/properties';
import type { ImageDependencies } from '../../../src/handlers/image/resource';
import type { MicrovmImageService } from '../../../src/handlers/image/service';
import type { Source } from '../../../src/handlers/image/source';
import type { PollCircumstancesOf } from '../engine/inputs';
import { EARLIER_OPERATION, FakeClock, FakeService, MINUTE, NOW, operation, OWNER, pollEventOf } from '../engine/inputs';

/** Fingerprints of the desired content, of the previous content and of other content. */
export const CONTENT = 'c0ffee';
export const OLD_CONTENT = 'facade';
export const OTHER_CONTENT = 'decade';

/** What every version is built from. */
export const SOURCE: Source = {
  baseImageArn: 'arn:aws:lambda:us-east-1:aws:microvm-image:al2023-1', buildRoleArn: 'arn:aws:iam::123456789012:role/build', codeUri: 's3://assets/code.zip',
};

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
    contentIsKnown: true,
    source: SOURCE,
    architectures: ['ARM_64'],
    tags: {},
    owner: OWNER,
    retainedVersions: 3,
    termination: 'ON_DELETE',
    adoptExisting: false,
    deleteAdopted: false,
    ...more,
  };
}

/** Returns an idle image of this resource. */
export function image(more: Partial<Image> = {}): Image {
  return { state: 'UPDATED', tags: ownerTags(OWNER), createdAt: NOW - 60 * MINUTE, ...more };
}

/** Returns an active version with the desired content, which an earlier operation built. */
export function version(number: number, more: Partial<Version> & { readonly content?: string; readonly by?: string } = {}): Version {
  const { content = CONTENT, by = EARLIER_OPERATION, ...rest } = more;
  return {
    version: `${number}.0`,
    state: 'SUCCESSFUL',
    active: true,
    baseImageVersion: '2.0',
    source: SOURCE,
    marker: { fingerprint: content, operationId: by },
    updatedAt: NOW - 60 * MINUTE,
    ...rest,
  };
}

/** Returns a version that this library did not build. */
export function foreignVersion(number: number, more: Partial<Version> = {}): Version {
  return { ...version(number, more), marker: undefined };
}

export function microvm(id: string, imageVersion = '1.0', state: Microvm['state'] = 'RUNNING'): Microvm {
  return { id, state, imageVersion };
}

/** Returns a complete list of MicroVMs. */
export function listOf(...found: Microvm[]): Microvms {
  return { found, areAll: true };
}

export interface Circumstances {
  readonly operation?: Partial<Operation>;
  readonly desired?: Partial<DesiredImage>;
  /** How the old properties differ from the new ones. */
  readonly previous?: Partial<DesiredImage>;
  readonly requestPhysicalId?: string;
  readonly baseImage?: BaseImage;
  /** What has been observed of the desired image. */
  readonly observed?: ObservedImage;
  /** What has been observed of other images, by name. */
  readonly observedElsewhere?: Record<string, ObservedImage>;
}

/** Returns the input of an update of the content, unless the circumstances differ. */
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

/** Returns the input of a rollback after an update of the content. */
export function rollingBack(circumstances: Circumstances = {}): ImageReconcileInput {
  return updating({ ...circumstances, operation: { phase: 'rollback', ...circumstances.operation } });
}

/** Returns all properties of an image, so that no default applies. */
export function properties(more: Partial<CompleteProperties> = {}): CompleteProperties & Required<Pick<MicrovmImageProperties, 'ImageArn'>> {
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

export type PollCircumstances = PollCircumstancesOf<CompleteProperties>;

/** Returns a poll of an update of the content. */
export function pollEvent(more: PollCircumstances = {}): PollEvent<CompleteProperties> {
  const old = { CodeHash: 'before', ...more.OldResourceProperties };
  return pollEventOf(MICROVM_IMAGE_RESOURCE_TYPE, arnOf('sandbox'), properties, { ...more, OldResourceProperties: old });
}

const METHODS: (keyof MicrovmImageService)[] = [
  'image', 'tags', 'versions', 'microvms', 'failedBuilds', 'buildLog', 'create', 'build', 'setStatus', 'deleteVersion', 'deleteImage', 'terminate', 'tag', 'untag',
];

export class FakeImages extends FakeService<MicrovmImageService> {
  public constructor(answers: Partial<MicrovmImageService>) {
    super(METHODS, answers);
  }
}

export function imageDependencies(images: FakeImages, more: Partial<ImageDependencies> = {}): ImageDependencies {
  const baseImages = { baseImage: async () => BASE_IMAGE };
  return { clock: new FakeClock(), random: () => 0.5, baseImages, images: async () => images.service, ...more };
}
