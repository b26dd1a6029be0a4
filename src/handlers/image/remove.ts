import type { DesiredImage } from './desired';
import { adoptedVersion } from './desired';
import type { ImageStep } from './input';
import type { Image, Microvm, ObservedImage } from './observed';
import { isInUse } from './retention';
import { isInMotion, newestFirst } from './versions';
import { ADOPTED_TAG } from '../../contract/image';
import { named } from '../engine/list-ids';
import type { Operation } from '../engine/operation';
import { ownershipOf, ownerTags } from '../engine/owner';
import { change, done, fail, look, wait } from '../engine/step';

/** Terminations a poll asks for at once: the service takes ten a second (service facts 5). */
const TERMINATIONS_PER_POLL = 10;

/** The next step towards an image that is gone, or, if it was adopted, given back as it was. */
export function remove(image: DesiredImage, observed: ObservedImage, operation: Operation): ImageStep {
  if (!observed.image) return look({ at: 'image', arn: image.arn, confirmAbsence: true });
  if (observed.image === 'absent') return done();
  if (observed.image.state === 'DELETING' || observed.image.state === 'DELETED') return wait(`microvm image '${image.name}' to be deleted`);

  switch (ownershipOf(observed.image.tags, observed.image.createdAt, image.owner, operation.now)) {
    case 'unclear': return wait(`the tags of microvm image '${image.name}' to show`);
    case 'foreign':
    case 'nobodys': return done();
    case 'ours':
  }
  if (observed.image.state === 'CREATING' || observed.image.state === 'UPDATING') {
    return wait(`the builds of microvm image '${image.name}' to end; the service can neither cancel a build nor delete an image that is being built`);
  }
  if (adoptedVersion(observed.image.tags) !== undefined && !image.deleteAdopted) return giveBack(image, observed, observed.image);

  if (!observed.microvms) return look({ at: 'microvms', arn: image.arn });
  return endMicrovms(image, observed.microvms)
    ?? change({ do: 'deleteImage', arn: image.arn }, `microvm image '${image.name}' to be deleted`);
}

/** Nothing if there is nothing to end; a TERMINATING one still blocks a deletion: service facts 1.4. */
function endMicrovms(image: DesiredImage, microvms: readonly Microvm[]): ImageStep | undefined {
  if (microvms.length === 0) return undefined;
  const alive = idsOfLiving(microvms);
  const waitingFor = `${microvms.length} MicroVM(s) of image '${image.name}' to terminate`;
  if (alive.length === 0) return wait(waitingFor);
  if (image.termination === 'NEVER') {
    return fail('MicrovmImageInUse', `microvm image '${image.name}' is in use and microvmTermination is NEVER: `
      + `${named(alive)}; terminate them, or allow their termination and deploy, then delete the image`);
  }
  return change({ do: 'terminate', arn: image.arn, microvmIds: alive.slice(0, TERMINATIONS_PER_POLL) }, waitingFor);
}

export function idsOfLiving(microvms: readonly Microvm[]): string[] {
  return microvms.filter(microvm => microvm.state !== 'TERMINATING').map(microvm => microvm.id);
}

/** An adopted image stays, without our versions and tags, and with the version active that was so before. */
function giveBack(image: DesiredImage, observed: ObservedImage, found: Image): ImageStep {
  const { arn, name } = image;
  const waitingFor = `microvm image '${name}' to be as it was before its adoption`;
  if (!observed.versions) return look({ at: 'versions', arn });
  if (observed.versions.some(isInMotion)) return wait(waitingFor);

  const before = observed.versions.find(version => version.version === adoptedVersion(found.tags));
  if (before?.state === 'SUCCESSFUL' && !before.active) return change({ do: 'activate', arn, version: before.version }, waitingFor);

  const ours = newestFirst(observed.versions).filter(version => version.marker && (version.state === 'SUCCESSFUL' || version.state === 'FAILED'));
  // The service refuses to delete the last version of an image: service facts 1.4.
  const removable = ours.length === observed.versions.length ? ours.slice(1) : ours;
  if (removable.length > 0) {
    if (!observed.microvms) return look({ at: 'microvms', arn });
    const users = observed.microvms.filter(microvm => removable.some(version => isInUse(version, [microvm])));
    return endMicrovms(image, users) ?? change({ do: 'deleteVersion', arn, version: removable[0].version }, waitingFor);
  }
  const keys = [...Object.keys(image.tags), ...Object.keys(ownerTags(image.owner)), ADOPTED_TAG];
  return change({ do: 'untag', arn, keys: keys.filter(key => key in found.tags) }, waitingFor);
}
