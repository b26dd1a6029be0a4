import type { TagProperty } from '../../contract/common';
import { OWNER_RESOURCE_TAG, OWNER_STACK_TAG } from '../../contract/common';

export type Tags = Readonly<Record<string, string>>;

/** The resource of a stack that something belongs to. It takes two tags, because one value is too short for both. */
export interface Owner {
  readonly stackId: string;
  readonly logicalId: string;
}

/** `unclear`: it is so new that the service may not show its owner tags yet. */
export type Ownership = 'ours' | 'nobodys' | 'foreign' | 'unclear';

/** How long the service may take to show tags, including the difference between its clock and ours. */
const TAGS_SHOW_AFTER = 60_000;

export function ownershipOf(tags: Tags, newSince: number, us: Owner, now: number): Ownership {
  const owner = ownerOf(tags);
  if (owner) return owner.stackId === us.stackId && owner.logicalId === us.logicalId ? 'ours' : 'foreign';
  return now - newSince < TAGS_SHOW_AFTER ? 'unclear' : 'nobodys';
}

export function ownerTags(owner: Owner): Record<string, string> {
  return { [OWNER_STACK_TAG]: owner.stackId, [OWNER_RESOURCE_TAG]: owner.logicalId };
}

export function ownerOf(tags: Tags): Owner | undefined {
  const stackId = tags[OWNER_STACK_TAG];
  const logicalId = tags[OWNER_RESOURCE_TAG];
  return stackId === undefined && logicalId === undefined ? undefined : { stackId: stackId ?? '', logicalId: logicalId ?? '' };
}

export function tagsIn(properties: TagProperty[] | undefined): Record<string, string> {
  return Object.fromEntries((properties ?? []).map(tag => [tag.Key, tag.Value]));
}

/**
 * Returns the tags to add and the keys to remove.
 *
 * Tags of others stay: only a key that the old properties have and the new ones lack is removed.
 */
export function tagChanges(found: Tags, wanted: Tags, before: Tags): { missing: Record<string, string>; superfluous: string[] } {
  return {
    missing: Object.fromEntries(Object.entries(wanted).filter(([key, value]) => found[key] !== value)),
    superfluous: Object.keys(before).filter(key => !(key in wanted) && key in found),
  };
}
