import type { Event, Surroundings } from './history';
import { SECRET } from './history';
import { imageArn } from './lab';
import type { Home } from './roles';
import { BUILD_LOG_GROUP, BUILD_ROLE, imageResourceRole } from './roles';
import type { MicrovmImageProperties } from '../../src/contract/image';
import type { BuildPlan } from '../simulator/builder';

/** One image as a template of a history asks for it. */
export interface ImageSpec {
  readonly name: string;
  /** `broken` does not build. */
  readonly content: string;
  readonly tag?: string;
  readonly retained?: number;
  readonly termination?: 'ON_DELETE' | 'ON_DELETE_OR_RENAME' | 'NEVER';
  readonly adopt?: boolean;
}

/** What else can happen. */
export type ImageEvent =
  /** A user launches a MicroVM from an image. */
  | { readonly do: 'launch'; readonly name: string }
  | { readonly do: 'deprecateBase' }
  | { readonly do: 'publishBase' };

export interface ImageHistory extends Surroundings {
  readonly events: readonly (Event<ImageSpec> | ImageEvent)[];
  readonly builds?: readonly BuildPlan[];
  readonly concurrentBuilds?: number;
}

/** The name of an image of somebody else. */
export const FOREIGN = 'taken';

export function imageProperties(spec: ImageSpec, home: Home): MicrovmImageProperties {
  return {
    ResourceRoleArn: imageResourceRole(home, spec),
    ImageArn: imageArn(spec.name),
    ImageName: spec.name,
    BaseImageArn: 'arn:aws:lambda:us-east-1:aws:microvm-image:al2023-1',
    BuildRoleArn: BUILD_ROLE,
    CodeUri: `s3://assets/${spec.content}.zip`,
    MemoryMiB: '2048',
    BuildEgressArn: 'arn:aws:lambda:us-east-1:aws:network-connector:aws-network-connector:INTERNET_EGRESS',
    Environment: { PASSPHRASE: SECRET },
    Tags: spec.tag === undefined ? [] : [{ Key: spec.tag, Value: 'yes' }],
    RetainedVersions: String(spec.retained ?? 3),
    MicrovmTermination: spec.termination ?? 'ON_DELETE',
    AdoptExisting: spec.adopt ? 'true' : 'false',
    DeleteAdopted: 'false',
    LogGroupName: BUILD_LOG_GROUP,
    ShowBuildLogInErrors: 'true',
    TimeoutSeconds: '3000',
  };
}
