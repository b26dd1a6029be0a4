import type { Owner } from './desired';
import { ownerOf } from './desired';
import type { Image } from './observed';

/**
 * Whose an image is. `unclear`: it is so new that its owner tags may not show yet.
 */
export type Ownership = 'ours' | 'nobodys' | 'foreign' | 'unclear';

/** Long enough for the tags of a new image to show, with some difference between the clocks. */
const TAGS_SHOW_AFTER = 60_000;

export function ownershipOf(image: Image, us: Owner, now: number): Ownership {
  const owner = ownerOf(image.tags);
  if (owner) return owner.stackId === us.stackId && owner.logicalId === us.logicalId ? 'ours' : 'foreign';
  return now - image.createdAt < TAGS_SHOW_AFTER ? 'unclear' : 'nobodys';
}
