import { architecturesOf, fingerprintOf } from './request';
import type { MicrovmImageProperties, MicrovmTerminationProperty } from '../../contract/image';
import { ADOPTED_TAG } from '../../contract/image';
import type { ResourceEvent } from '../engine/event';
import type { Owner } from '../engine/owner';
import { tagsIn } from '../engine/owner';

/**
 * The active version, and the one to which a rollback returns.
 *
 * The number may come from a CloudFormation parameter, which the construct cannot check.
 */
const FEWEST_VERSIONS = 2;

/** The image that the properties, or the old properties, describe. */
export interface DesiredImage {
  readonly arn: string;
  readonly name: string;
  readonly fingerprint: string;
  readonly baseImagePin?: string;
  readonly architectures: readonly string[];
  /** The user's tags. */
  readonly tags: Record<string, string>;
  readonly owner: Owner;
  readonly retainedVersions: number;
  readonly termination: MicrovmTerminationProperty;
  readonly adoptExisting: boolean;
  readonly deleteAdopted: boolean;
}

export function desiredImage(event: ResourceEvent, properties: MicrovmImageProperties): DesiredImage {
  return {
    arn: properties.ImageArn,
    name: properties.ImageName,
    fingerprint: fingerprintOf(properties),
    baseImagePin: properties.BaseImageVersion,
    architectures: architecturesOf(properties),
    tags: tagsIn(properties.Tags),
    owner: { stackId: event.StackId, logicalId: event.LogicalResourceId },
    retainedVersions: Math.max(FEWEST_VERSIONS, Number(properties.RetainedVersions) || FEWEST_VERSIONS),
    termination: properties.MicrovmTermination,
    adoptExisting: properties.AdoptExisting === 'true',
    deleteAdopted: properties.DeleteAdopted === 'true',
  };
}

/**
 * Returns the version that was active at the adoption, `none` if there was none, and undefined for an image that was
 * not adopted.
 */
export function adoptedVersion(tags: Record<string, string>): string | undefined {
  return tags[ADOPTED_TAG];
}
