import type { DeliveredProperties } from './properties';
import { arnBeside, completed } from './properties';
import { architecturesOf, fingerprintOf, requestedSource } from './request';
import type { Source } from './source';
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

/** What every version is built from. */
const CONTENT: (keyof MicrovmImageProperties)[] = ['BuildRoleArn', 'CodeUri', 'MemoryMiB'];

/** The image that the properties, or the old properties, describe. */
export interface DesiredImage {
  readonly arn: string;
  readonly name: string;
  readonly fingerprint: string;
  /** Whether the properties have all members that the fingerprint covers. Otherwise it may match no version. */
  readonly contentIsKnown: boolean;
  /** What every version with the fingerprint is built from. */
  readonly source: Source;
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

export function desiredImage(event: ResourceEvent, delivered: DeliveredProperties): DesiredImage {
  const properties = completed(event, delivered);
  return {
    ...identityOf(event, properties),
    fingerprint: fingerprintOf(properties),
    contentIsKnown: CONTENT.every(member => properties[member] !== undefined),
    source: requestedSource(properties),
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

/** Every release has set the ARN or the name. An image is in the account and Region of its stack. */
export function identityOf(event: ResourceEvent, { ImageArn: arn, ImageName: name }: DeliveredProperties): Pick<DesiredImage, 'arn' | 'name'> {
  if (arn !== undefined) return { arn, name: name ?? nameIn(arn) };
  return { arn: arnBeside(event, `microvm-image:${name}`), name: String(name) };
}

export function nameIn(arn: string): string {
  return arn.split(':').pop()!;
}

/**
 * Returns the version that was active at the adoption, `none` if there was none, and undefined for an image that was
 * not adopted.
 */
export function adoptedVersion(tags: Record<string, string>): string | undefined {
  return tags[ADOPTED_TAG];
}
