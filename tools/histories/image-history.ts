import type { Event, Conditions } from './history';
import { SECRET } from './history';
import type { ResourceLocation } from './roles';
import { BUILD_LOG_GROUP, BUILD_ROLE, imageResourceRole } from './roles';
import { imageArn } from './test-bed';
import type { MicrovmImageProperties } from '../../src/contract/image';
import type { CompleteProperties } from '../../src/handlers/image/properties';
import type { BuildPlan } from '../simulator/builder';

/** An image as the template of a history describes it. */
export interface ImageSpec {
  readonly name: string;
  /** The build of `broken` fails. */
  readonly content: string;
  readonly tag?: string;
  readonly retained?: number;
  readonly termination?: 'ON_DELETE' | 'ON_DELETE_OR_RENAME' | 'NEVER';
  readonly adopt?: boolean;
  /** Whether the image is built for x86-64 too. */
  readonly x86?: boolean;
  /** A memory size in MiB that an override of the request sets. */
  readonly memoryOverride?: number;
}

/** Events that are specific to images. */
export type ImageEvent =
  /** A user launches a MicroVM from an image. */
  | { readonly do: 'launch'; readonly name: string }
  /**
   * A stranger creates an image, or adds a version to one, with the tags and the marker of what this resource would
   * build.
   */
  | { readonly do: 'forge'; readonly id: string; readonly spec: ImageSpec; readonly passesBuildRole?: boolean }
  | { readonly do: 'deprecateBase' }
  | { readonly do: 'publishBase' };

export interface ImageHistory extends Conditions {
  readonly events: readonly (Event<ImageSpec> | ImageEvent)[];
  readonly builds?: readonly BuildPlan[];
  readonly concurrentBuilds?: number;
}

/** The name of an image of another owner. */
export const FOREIGN = 'taken';

/** Properties in which no default is left out. */
export type WrittenProperties = CompleteProperties & Required<Pick<MicrovmImageProperties, 'ImageArn'>>;

export function imageProperties(spec: ImageSpec, location: ResourceLocation): WrittenProperties {
  const tagKeys = spec.tag === undefined ? [] : [spec.tag];
  return {
    ResourceRoleArn: imageResourceRole(location, { name: spec.name, termination: spec.termination, tagKeys }),
    ImageArn: imageArn(spec.name),
    ImageName: spec.name,
    BaseImageArn: 'arn:aws:lambda:us-east-1:aws:microvm-image:al2023-1',
    BuildRoleArn: BUILD_ROLE,
    CodeUri: `s3://assets/${spec.content}.zip`,
    MemoryMiB: '2048',
    BuildEgressArn: 'arn:aws:lambda:us-east-1:aws:network-connector:aws-network-connector:INTERNET_EGRESS',
    Environment: { PASSPHRASE: SECRET },
    Tags: tagKeys.map(key => ({ Key: key, Value: 'yes' })),
    RetainedVersions: String(spec.retained ?? 3),
    MicrovmTermination: spec.termination ?? 'ON_DELETE',
    AdoptExisting: spec.adopt ? 'true' : 'false',
    DeleteAdopted: 'false',
    LogGroupName: BUILD_LOG_GROUP,
    ShowBuildLogInErrors: 'true',
    TimeoutSeconds: '3000',
    ...spec.x86 && { Architectures: ['ARM_64', 'X86_64'] },
    ...spec.memoryOverride !== undefined && { RequestOverrides: JSON.stringify({ 'resources.0.minimumMemoryInMiB': spec.memoryOverride }) },
  };
}
