import type { DesiredImage } from './desired';
import { hintsFor } from './hints';
import type { ImageSituation, ImageStep } from './input';
import type { FailedBuilds, Image, ObservedImage, Version } from './observed';
import { idsOfLiving, remove } from './remove';
import { isInUse, isNearQuota, surplusVersions } from './retention';
import { isAbove, latestActive, newestFirst, sameBaseVersion } from './versions';
import { ADOPTED_TAG } from '../../contract/image';
import { named } from '../engine/list-ids';
import type { Operation } from '../engine/operation';
import { looksCloser } from '../engine/operation';
import { ownerOf, ownershipOf, ownerTags, tagChanges } from '../engine/owner';
import { change, done, fail, look, quickly, wait } from '../engine/step';

/** How long a deletion of an old version is waited for. */
const VERSION_DELETION_PATIENCE = 60_000;

/** The next step of an operation on an image: a pure function of what was asked for and what was seen. */
export function reconcile(situation: ImageSituation): ImageStep {
  const { operation, desired, seen } = situation;
  if (operation.inGrace) return wait('changes of an earlier operation to land');
  if (operation.type === 'Delete') return remove(desired, seen.images[desired.arn] ?? {}, operation);
  return ensure(situation, seen.images[desired.arn] ?? {});
}

/** The next step towards the image as the template asks for it. */
function ensure(situation: ImageSituation, observed: ObservedImage): ImageStep {
  const { operation, desired } = situation;
  const { arn, name } = desired;
  if (!observed.image) return look({ at: 'image', arn, confirmAbsence: false });
  if (observed.image === 'absent') return refuseRename(situation) ?? build(situation);

  const { state } = observed.image;
  if (state === 'DELETING' || state === 'DELETED') return wait(`an earlier microvm image '${name}' to be deleted`);
  const ownership = ownershipOf(observed.image.tags, observed.image.createdAt, desired.owner, operation.now);
  if (ownership === 'unclear') return wait(`the tags of microvm image '${name}' to show`);
  if (ownership === 'foreign' || (ownership === 'nobodys' && !desired.adoptExisting)) return existsAlready(desired, observed.image);
  // Only the versions tell whether what it is busy with matters.
  if ((state === 'CREATING' || state === 'UPDATING') && !looksCloser(operation)) return wait(`the builds of microvm image '${name}' to end`);
  if (!observed.versions) return look({ at: 'versions', arn });
  if (ownership === 'nobodys') return refuseRename(situation) ?? adopt(desired, observed.versions);
  return settle(situation, observed, observed.image, observed.versions);
}

/** The next step of an image that is ours: the right version built and active, the tags right, the rest gone. */
function settle(situation: ImageSituation, observed: ObservedImage, image: Image, versions: Version[]): ImageStep {
  const { operation, desired, seen } = situation;
  const { arn, name } = desired;
  if (checksBase(situation) && !seen.baseImage) return look({ at: 'baseImage' });

  const chosen = choose(situation, versions);
  const latest = latestActive(versions);
  const tooHigh = latest && chosen && isAbove(latest, chosen) ? latest : undefined;
  const isGoodEnough = operation.phase === 'rollback' || !retag(situation, image);
  const asAskedFor = chosen?.active && !tooHigh && isGoodEnough ? done(attributesOf(desired, chosen)) : undefined;

  const building = versions.find(version => version.state === 'PENDING' || version.state === 'IN_PROGRESS');
  if (building) return wait(`version ${building.version} of microvm image '${name}' to be built`, asAskedFor);
  const deleting = versions.find(version => version.state === 'DELETING' && isRecent(version, operation));
  if (deleting) return wait(`version ${deleting.version} of microvm image '${name}' to be deleted`, asAskedFor);

  if (!chosen) {
    const failed = versions.find(version => version.state === 'FAILED' && version.marker?.operation === operation.mark);
    if (failed) return observed.builds ? theBuildFailed(desired, failed, observed.builds) : look({ at: 'builds', arn, version: failed.version });
    const next = build(situation, versions);
    return (isNearQuota(versions) ? prune(situation, observed, versions, undefined, next) : undefined) ?? next;
  }
  const activeVersion = `version ${chosen.version} of microvm image '${name}' to be the active one`;
  if (!chosen.active) return quickly({ do: 'activate', arn, version: chosen.version }, activeVersion);
  if (tooHigh) return quickly({ do: 'deactivate', arn, version: tooHigh.version }, activeVersion);

  const finished = done(attributesOf(desired, chosen));
  return retag(situation, image)
    ?? removeUnacknowledged(situation)
    ?? prune(situation, observed, versions, chosen, finished)
    ?? finished;
}

function isRecent(version: Version, operation: Operation): boolean {
  return operation.now - (version.updatedAt ?? operation.startedAt) < VERSION_DELETION_PATIENCE;
}

/** Among the versions of this content the newest whose base image is still good enough. */
function choose(situation: ImageSituation, versions: Version[]): Version | undefined {
  const { operation, desired, seen } = situation;
  return newestFirst(versions)
    .filter(version => version.state === 'SUCCESSFUL' && version.marker?.fingerprint === desired.fingerprint)
    .find(version => !checksBase(situation)
      || version.marker?.operation === operation.mark
      || seen.baseImage?.available.some(available => sameBaseVersion(available, version.baseImageVersion)));
}

/** Whether a version built earlier counts only while its base image is available: not in a rollback, and not if nothing is to be built. */
function checksBase({ operation, desired, previous }: ImageSituation): boolean {
  return operation.phase === 'forward' && desired.baseImagePin === undefined && previous?.fingerprint !== desired.fingerprint;
}

/** The first build of an image, or one more besides the versions that are there. */
function build({ desired, seen }: ImageSituation, versions?: Version[]): ImageStep {
  if (desired.baseImagePin === undefined && !seen.baseImage) return look({ at: 'baseImage' });
  const baseImageVersion = desired.baseImagePin ?? seen.baseImage?.newest;
  if (baseImageVersion === undefined) {
    return fail('MicrovmBaseImageUnavailable', `baseImage: no version of the base image of microvm image '${desired.name}' is available; use another base image`);
  }
  const { arn, name } = desired;
  return change(
    versions ? { do: 'build', arn, baseImageVersion, listed: versions.map(({ version }) => version) } : { do: 'create', arn, baseImageVersion },
    `the build of microvm image '${name}' to begin`,
  );
}

function adopt(desired: DesiredImage, versions: Version[]): ImageStep {
  const active = latestActive(versions);
  const tags = { ...ownerTags(desired.owner), [ADOPTED_TAG]: active?.version ?? 'none' };
  return change({ do: 'tag', arn: desired.arn, tags }, `microvm image '${desired.name}' to be adopted`);
}

function retag({ desired, previous }: ImageSituation, image: Image): ImageStep | undefined {
  const { arn, name } = desired;
  // The tags of an old name are those of another image.
  const tagsBefore = previous?.arn === arn ? previous.tags : {};
  const { missing, superfluous } = tagChanges(image.tags, { ...desired.tags, ...ownerTags(desired.owner) }, tagsBefore);
  if (Object.keys(missing).length > 0) return quickly({ do: 'tag', arn, tags: missing }, `microvm image '${name}' to be tagged`);
  return superfluous.length > 0 ? quickly({ do: 'untag', arn, keys: superfluous }, `microvm image '${name}' to be untagged`) : undefined;
}

/**
 * A rename that was cancelled midway: CloudFormation may not know the image of the other name, and then never asks for its deletion.
 */
function removeUnacknowledged({ desired, previous, requestPhysicalId, seen, operation }: ImageSituation): ImageStep | undefined {
  if (!previous || previous.arn === desired.arn || requestPhysicalId !== desired.arn) return undefined;
  const step = remove(previous, seen.images[previous.arn] ?? {}, operation);
  return step.kind === 'done' ? undefined : step;
}

/** Refused before the first step: once the new image is there, the clean-up deletes the old one and its MicroVMs with it. */
function refuseRename({ operation, desired, previous, requestPhysicalId, seen }: ImageSituation): ImageStep | undefined {
  if (!previous || previous.arn === desired.arn || requestPhysicalId === desired.arn || operation.phase !== 'forward') return undefined;
  if (desired.termination === 'ON_DELETE_OR_RENAME' && previous.termination !== 'NEVER') return undefined;
  const { microvms } = seen.images[previous.arn] ?? {};
  if (!microvms) return look({ at: 'microvms', arn: previous.arn });
  const alive = idsOfLiving(microvms);
  if (alive.length === 0) return undefined;
  return fail('MicrovmImageInUse', `microvmImageName: renaming microvm image '${previous.name}' to '${desired.name}' would end MicroVMs that run: `
    + `${named(alive)}; terminate them, or deploy microvmTermination ON_DELETE_OR_RENAME first, then rename`);
}

/** Deletes one of the versions that need not stay; never fails a deployment, and never in a rollback. */
function prune(
  { operation, desired, previous }: ImageSituation, observed: ObservedImage, versions: Version[], chosen: Version | undefined, otherwise: ImageStep,
): ImageStep | undefined {
  if (operation.phase !== 'forward') return undefined;
  const surplus = surplusVersions(versions, {
    chosen: chosen ?? newestFirst(versions).find(version => version.active),
    previousFingerprint: previous?.fingerprint,
    retainedVersions: desired.retainedVersions,
  });
  if (surplus.length === 0) return undefined;
  if (!observed.microvms) return look({ at: 'microvms', arn: desired.arn }, otherwise);
  const idle = surplus.find(version => !isInUse(version, observed.microvms ?? []));
  if (!idle) return undefined;
  const { arn, name } = desired;
  return change({ do: 'deleteVersion', arn, version: idle.version }, `version ${idle.version} of microvm image '${name}' to be deleted`, otherwise);
}

function attributesOf(desired: DesiredImage, version: Version): Record<string, string> {
  return { ImageArn: desired.arn, ImageVersion: version.version, BaseImageVersion: version.baseImageVersion };
}

function existsAlready(desired: DesiredImage, image: Image): ImageStep {
  const owner = ownerOf(image.tags);
  if (!owner) {
    return fail('MicrovmImageExists',
      `microvmImageName: a microvm image '${desired.name}' exists already: choose another name, delete that image, or adopt it with adoptExisting`);
  }
  const keys = Object.keys(ownerTags(owner)).join(' ');
  return fail('MicrovmImageOwnedElsewhere',
    `microvmImageName: microvm image '${desired.name}' belongs to the resource '${owner.logicalId}' of the stack '${owner.stackId}': choose another name; `
    + `if that resource is gone, give the image up with 'aws lambda untag-resource --resource ${desired.arn} --tag-keys ${keys}' and adopt it with adoptExisting`);
}

function theBuildFailed(desired: DesiredImage, version: Version, { builds, log, whole }: FailedBuilds): ImageStep {
  const reasons = builds.length > 0 ? builds.map(({ generation, reason }) => `Graviton ${generation}: ${reason}`) : ['the service gives no reason'];
  const summary = [`the build of version ${version.version} of microvm image '${desired.name}' failed`, ...reasons, ...hintsFor(reasons.join('\n'))].join('\n');
  return fail('MicrovmImageBuildFailed', summary, { log, more: whole });
}
