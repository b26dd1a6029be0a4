import type { DesiredImage } from './desired';
import { adoptedVersion } from './desired';
import type { ImageStep } from './input';
import { isInUse, listCommand, livingIds, livingList, TERMINATE_COMMAND } from './microvms';
import type { Image, Microvms, ObservedImage } from './observed';
import { formerKey, formerTags, lacksTags, tagsWhere, withAllTags } from './tags';
import { isInMotion, newestFirst, sameVersion } from './versions';
import { ADOPTED_TAG } from '../../contract/image';
import type { Operation } from '../engine/operation';
import { ownershipOf, ownerTags } from '../engine/owner';
import { UNKNOWN } from '../engine/pace';
import { change, done, fail, observe, wait } from '../engine/step';

/** How many MicroVMs a poll terminates: the service accepts ten such calls a second (service-facts.md, 5). */
const TERMINATIONS_PER_POLL = 10;

/** How long a deletion is tried while the list of MicroVMs is too long to find those that are in the way. */
const LONG_LIST_PATIENCE = 300_000;

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
  if (adoptedVersion(found.tags) !== undefined && !image.deleteAdopted) return giveBack(image, current, found, operation);

  return deleteImage(image, current, operation);
}

/**
 * Deletes the image, and before that its MicroVMs, because the service deletes no image with running MicroVMs
 * (service-facts.md, 1.4).
 *
 * It asks the service first, because terminated MicroVMs can make the list very long. With NEVER it lists first:
 * whether the service counts a suspended MicroVM as running was not verified. No later poll finds more in a list that
 * is too long, so after a while a rejection is final.
 */
function deleteImage(image: DesiredImage, { microvms }: ObservedImage, operation: Operation): ImageStep {
  const { arn, name } = image;
  const list: ImageStep = observe({ at: 'microvms', arn, enough: TERMINATIONS_PER_POLL });
  if (!microvms && image.termination === 'NEVER') return list;
  const inTheWay = microvms && terminateMicrovms(image, microvms);
  const isDecisive = microvms?.areAll === false && isOutOfPatience(operation);
  return inTheWay ?? change({ do: 'deleteImage', arn, isDecisive }, `microvm image '${name}' to be deleted`, microvms ? undefined : list);
}

function isOutOfPatience({ now, startedAt }: Operation): boolean {
  return now >= startedAt + LONG_LIST_PATIENCE;
}

/**
 * Returns nothing if no MicroVM is left. A MicroVM that is TERMINATING still blocks a deletion (service-facts.md, 1.4).
 */
function terminateMicrovms(image: DesiredImage, microvms: Microvms): ImageStep | undefined {
  const { found, areAll } = microvms;
  if (found.length === 0) return undefined;
  const alive = livingIds(found);
  const waitingFor = `${areAll ? '' : 'at least '}${found.length} MicroVM(s) of image '${image.name}' to terminate`;
  if (alive.length === 0) return wait(waitingFor);
  if (image.termination === 'NEVER') {
    return fail('MicrovmImageInUse', `microvm image '${image.name}' is in use and microvmTermination is NEVER: `
      + `${livingList(microvms)}; terminate each with ${TERMINATE_COMMAND}, or deploy another microvmTermination first, and delete again`);
  }
  return change({ do: 'terminate', arn: image.arn, microvmIds: alive.slice(0, TERMINATIONS_PER_POLL) }, waitingFor);
}

/**
 * Returns an adopted image to its owner: without the versions and tags of this library, and with the former active
 * version.
 */
function giveBack(image: DesiredImage, current: ObservedImage, found: Image, operation: Operation): ImageStep {
  const { arn, name } = image;
  const waitingFor = `microvm image '${name}' to be as it was before its adoption`;
  if (!current.versions) return observe({ at: 'versions', arn });
  if (current.versions.some(isInMotion)) return wait(waitingFor);

  const adopted = adoptedVersion(found.tags);
  const before = current.versions.find(({ version }) => adopted !== undefined && sameVersion(version, adopted));
  if (before?.state === 'SUCCESSFUL' && !before.active) return change({ do: 'activate', arn, version: before.version }, waitingFor);

  const ours = newestFirst(current.versions).filter(version => version.marker && (version.state === 'SUCCESSFUL' || version.state === 'FAILED'));
  // The service does not delete the last version of an image (service-facts.md, 1.4).
  const removable = ours.length === current.versions.length ? ours.slice(1) : ours;
  if (removable.length > 0) {
    if (!current.microvms) return observe({ at: 'microvms', arn });
    const { areAll } = current.microvms;
    const users = current.microvms.found.filter(microvm => removable.some(version => isInUse(version, [microvm])));
    const inTheWay = terminateMicrovms(image, { found: users, areAll });
    if (inTheWay) return inTheWay;
    if (!areAll && image.termination === 'NEVER') {
      return isOutOfPatience(operation) ? unknownUsers(image) : wait(`the list of MicroVMs of image '${name}' to be short enough to read`);
    }
    return change({ do: 'deleteVersion', arn, version: removable[0].version }, waitingFor);
  }
  return giveTagsBack(image, found, waitingFor);
}

function unknownUsers({ arn, name }: DesiredImage): ImageStep {
  return fail('MicrovmImageInUse', `the list of MicroVMs of microvm image '${name}' is too long to find out whether one runs, and microvmTermination is NEVER: `
    + `list them with ${listCommand(arn)}, terminate those that run with ${TERMINATE_COMMAND}, deploy another microvmTermination, and delete again`);
}

/** Removes the tags of this library, after the tags of the owner that they replaced are back. */
function giveTagsBack(image: DesiredImage, found: Image, waitingFor: string): ImageStep {
  const { arn } = image;
  const former = formerTags(found.tags);
  // A tag that the template does not have any more has its value again, or another one that the owner chose since.
  const replaced = tagsWhere(former, key => key in image.tags && found.tags[key] !== former[key]);
  if (Object.keys(replaced).length > 0) return change({ do: 'tag', arn, tags: replaced }, waitingFor);
  const ours = Object.keys(image.tags).filter(key => !(key in former));
  const keys = [...ours, ...Object.keys(former).map(formerKey), ...Object.keys(ownerTags(image.owner)), ADOPTED_TAG];
  return change({ do: 'untag', arn, keys: keys.filter(key => key in found.tags) }, waitingFor);
}
