import type { TagProperty } from '../../contract/common';
import { OWNER_RESOURCE_TAG, OWNER_STACK_TAG } from '../../contract/common';

export type Tags = Readonly<Record<string, string>>;

/** Who something belongs to: a resource of a stack. Two tags, because one value is too short for both. */
export interface Owner {
  readonly stackId: string;
  readonly logicalId: string;
}

/** Whose something is. `unclear`: it is so new that its owner tags may not show yet. */
export type Ownership = 'ours' | 'nobodys' | 'foreign' | 'unclear';

/** Long enough for the tags of what is new to show, with some difference between the clocks. */
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

/** What is to be put on and taken off. A tag of others is never taken off: only keys that the old properties had and the new ones have not. */
export function tagChanges(found: Tags, wanted: Tags, before: Tags): { missing: Record<string, string>; superfluous: string[] } {
  return {
    missing: Object.fromEntries(Object.entries(wanted).filter(([key, value]) => found[key] !== value)),
    superfluous: Object.keys(before).filter(key => !(key in wanted) && key in found),
  };
}
