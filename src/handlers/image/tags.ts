import type { Image, ObservedImage } from './observed';
import { FORMER_TAG_PREFIX } from '../../contract/image';
import type { Tags } from '../engine/owner';
import { ownerOf } from '../engine/owner';

/** Limits of the service: tags of an image, and characters of a key (service-facts.md, 1.1). */
const MAXIMUM_TAGS = 50;
const MAXIMUM_KEY_LENGTH = 128;

/**
 * Whether ListTags must be asked for the owner of the image.
 *
 * GetMicrovmImage has a member for tags, but no recording shows it filled. Without the answer of ListTags, every image
 * could look like nobody's.
 */
export function lacksTags({ image, tags }: ObservedImage): boolean {
  return image !== undefined && image !== 'absent' && ownerOf(image.tags) === undefined && tags === undefined;
}

/** Returns the image with the tags that either call showed. */
export function withAllTags(image: Image, { tags }: ObservedImage): Image {
  return tags === undefined ? image : { ...image, tags: { ...image.tags, ...tags } };
}

/** Returns the tags of the owner of an adopted image, as they were before tags of the template replaced them. */
export function formerTags(tags: Tags): Record<string, string> {
  return Object.fromEntries(Object.entries(tags)
    .filter(([key]) => key.startsWith(FORMER_TAG_PREFIX))
    .map(([key, value]) => [key.slice(FORMER_TAG_PREFIX.length), value]));
}

/** Returns tags that record these tags of the owner. */
export function recordsOf(tags: Tags): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [formerKey(key), value]));
}

export function formerKey(key: string): string {
  return `${FORMER_TAG_PREFIX}${key}`;
}

/** Returns the keys of tags of the owner that cannot be recorded. `all`: all tags that the image would have. */
export function keysWithoutRecord(owners: Tags, all: Tags): string[] {
  const hasRoom = Object.keys(all).length <= MAXIMUM_TAGS;
  return Object.keys(owners).filter(key => !hasRoom || formerKey(key).length > MAXIMUM_KEY_LENGTH);
}

/** Returns the tags whose keys meet a condition. */
export function tagsWhere(tags: Tags, isMeant: (key: string) => boolean): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => isMeant(key)));
}
