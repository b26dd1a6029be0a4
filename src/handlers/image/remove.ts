import type { DesiredImage } from './desired';
import { adoptedVersion } from './desired';
import type { ImageStep } from './input';
import type { Image, Microvm, ObservedImage } from './observed';
import { isInUse } from './retention';
import { lacksTags, withAllTags } from './tags';
import { isInMotion, newestFirst } from './versions';
import { ADOPTED_TAG } from '../../contract/image';
import { listIds } from '../engine/list-ids';
import type { Operation } from '../engine/operation';
import { ownershipOf, ownerTags } from '../engine/owner';
import { UNKNOWN } from '../engine/pace';
import { change, done, fail, observe, wait } from '../engine/step';

/** How many MicroVMs a poll terminates: the service accepts ten such calls a second (service-facts.md, 5). */
const TERMINATIONS_PER_POLL = 10;

/** Decides the next step until the image is deleted or, if it was adopted, is as it was before. */
export function remove(image: DesiredImage, current: ObservedImage, operation: Operation): ImageStep {
  if (!current.image) return observe({ at: 'image', arn: image.arn, confirmAbsence: true });
  if (current.image === 'absent') return done();
  if (current.image.state === 'DELETING' || current.image.state === 'DELETED') return wait(`microvm image '${image.name}' to be deleted`);
  if (lacksTags(current)) return observe({ at: 'tags', arn: image.arn });

  const found = withAllTags(current.image, current);
  switch (ownershipOf(found.tags, found.createdAt, image.owner, operation.now)) {
    case 'unclear': return wait(`the tags of microvm image '${image.name}' to show`);
    case 'foreign':
    case 'nobodys': return done();
    case 'ours':
  }
  if (found.state === 'CREATING' || found.state === 'UPDATING') {
    return wait(`the builds of microvm image '${image.name}' to end; the service can neither cancel a build nor delete an image that is being built`, undefined, UNKNOWN);
  }
  if (adoptedVersion(found.tags) !== undefined && !image.deleteAdopted) return giveBack(image, current, found);

  if (!current.microvms) return observe({ at: 'microvms', arn: image.arn });
  return terminateMicrovms(image, current.microvms)
    ?? change({ do: 'deleteImage', arn: image.arn }, `microvm image '${image.name}' to be deleted`);
}

/**
 * Returns nothing if no MicroVM is left. A MicroVM that is TERMINATING still blocks a deletion (service-facts.md, 1.4).
 */
function terminateMicrovms(image: DesiredImage, microvms: readonly Microvm[]): ImageStep | undefined {
  if (microvms.length === 0) return undefined;
  const alive = livingIds(microvms);
  const waitingFor = `${microvms.length} MicroVM(s) of image '${image.name}' to terminate`;
  if (alive.length === 0) return wait(waitingFor);
  if (image.termination === 'NEVER') {
    return fail('MicrovmImageInUse', `microvm image '${image.name}' is in use and microvmTermination is NEVER: `
      + `${listIds(alive)}; terminate them, or deploy another microvmTermination first, and delete again`);
  }
  return change({ do: 'terminate', arn: image.arn, microvmIds: alive.slice(0, TERMINATIONS_PER_POLL) }, waitingFor);
}

export function livingIds(microvms: readonly Microvm[]): string[] {
  return microvms.filter(microvm => microvm.state !== 'TERMINATING').map(microvm => microvm.id);
}

/**
 * Returns an adopted image to its owner: without the versions and tags of this library, and with the former active
 * version.
 */
function giveBack(image: DesiredImage, current: ObservedImage, found: Image): ImageStep {
  const { arn, name } = image;
  const waitingFor = `microvm image '${name}' to be as it was before its adoption`;
  if (!current.versions) return observe({ at: 'versions', arn });
  if (current.versions.some(isInMotion)) return wait(waitingFor);

  const before = current.versions.find(version => version.version === adoptedVersion(found.tags));
  if (before?.state === 'SUCCESSFUL' && !before.active) return change({ do: 'activate', arn, version: before.version }, waitingFor);

  const ours = newestFirst(current.versions).filter(version => version.marker && (version.state === 'SUCCESSFUL' || version.state === 'FAILED'));
  // The service does not delete the last version of an image (service-facts.md, 1.4).
  const removable = ours.length === current.versions.length ? ours.slice(1) : ours;
  if (removable.length > 0) {
    if (!current.microvms) return observe({ at: 'microvms', arn });
    const users = current.microvms.filter(microvm => removable.some(version => isInUse(version, [microvm])));
    return terminateMicrovms(image, users) ?? change({ do: 'deleteVersion', arn, version: removable[0].version }, waitingFor);
  }
  const keys = [...Object.keys(image.tags), ...Object.keys(ownerTags(image.owner)), ADOPTED_TAG];
  return change({ do: 'untag', arn, keys: keys.filter(key => key in found.tags) }, waitingFor);
}
