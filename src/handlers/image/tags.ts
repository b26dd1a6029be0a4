import type { Image, ObservedImage } from './observed';
import { ownerOf } from '../engine/owner';

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
