import type { DesiredImage } from './desired';
import { IMAGE_HINTS } from './hints';
import type { ImageReconcileInput, ImageStep } from './input';
import { isInUse, livingIds, livingList, TERMINATE_COMMAND } from './microvms';
import type { FailedBuilds, Image, ObservedImage, Version } from './observed';
import { remove } from './remove';
import { isFull, isNearQuota, surplusVersions } from './retention';
import { differences } from './source';
import { formerKey, formerTags, keysWithoutRecord, lacksTags, recordsOf, tagsWhere, withAllTags } from './tags';
import { BUILD } from './usual-times';
import { isAbove, latestActive, newestFirst, sameVersion } from './versions';
import { ADOPTED_TAG } from '../../contract/image';
import { hintsFor } from '../engine/hints';
import type { Operation } from '../engine/operation';
import { isDetailedPoll } from '../engine/operation';
import type { Tags } from '../engine/owner';
import { ownerOf, ownershipOf, ownerTags, tagChanges } from '../engine/owner';
import { change, done, fail, observe, changeAndContinue, wait } from '../engine/step';

/** How long to wait for the deletion of an old version. */
const VERSION_DELETION_PATIENCE = 60_000;

/** How long to try to delete old versions without any effect, and in all. */
const PRUNING_PATIENCE = 60_000;
const PRUNING_LIMIT = 300_000;

/** Decides the next step of an operation on an image. */
export function reconcile(input: ImageReconcileInput): ImageStep {
  const { operation, desired, observed } = input;
  if (operation.inGrace) return wait('calls of an earlier operation to take effect');
  if (operation.type === 'Delete') return remove(desired, observed.images[desired.arn] ?? {}, operation);
  return ensure(input, observed.images[desired.arn] ?? {});
}

/** Decides the next step until the image is as the properties describe it. */
function ensure(input: ImageReconcileInput, current: ObservedImage): ImageStep {
  const { operation, desired } = input;
  const { arn, name } = desired;
  if (!current.image) return observe({ at: 'image', arn, confirmAbsence: false });
  if (current.image === 'absent') return rejectRename(input) ?? build(input);

  const { state } = current.image;
  if (state === 'DELETING' || state === 'DELETED') return wait(`an earlier microvm image '${name}' to be deleted`);
  if (lacksTags(current)) return observe({ at: 'tags', arn });
  const image = withAllTags(current.image, current);
  const ownership = ownershipOf(image.tags, image.createdAt, desired.owner, operation.now);
  if (ownership === 'unclear') return wait(`the tags of microvm image '${name}' to show`);
  if (ownership === 'foreign' || (ownership === 'nobodys' && !desired.adoptExisting)) {
    return operation.phase === 'rollback' ? leaveToOwner(input, current, image) : alreadyExists(desired, image);
  }
  // The image's state does not say which version is being built: list the versions.
  if ((state === 'CREATING' || state === 'UPDATING') && !isDetailedPoll(operation)) return wait(`the builds of microvm image '${name}' to end`, undefined, BUILD);
  if (!current.versions) return observe({ at: 'versions', arn });
  if (ownership === 'nobodys') return rejectRename(input) ?? adopt(desired, image, current.versions);
  return settle(input, current, image, current.versions);
}

/**
 * Ends the rollback of an update that was rejected because the image is not ours, if the image is as before: the update
 * has changed nothing.
 */
function leaveToOwner(input: ImageReconcileInput, current: ObservedImage, image: Image): ImageStep {
  const { desired } = input;
  if (!current.versions) return observe({ at: 'versions', arn: desired.arn });
  const chosen = choose(input, current.versions);
  if (!chosen?.active || activeAbove(chosen, current.versions)) return alreadyExists(desired, image);
  return removeUnacknowledged(input) ?? done(attributesOf(desired, chosen));
}

/**
 * Decides the next step of an image of this resource: build and activate the right version, correct the tags, delete
 * old versions.
 */
function settle(input: ImageReconcileInput, current: ObservedImage, image: Image, versions: Version[]): ImageStep {
  const { operation, desired, observed } = input;
  const { arn, name } = desired;
  if (checksBase(input) && !observed.baseImage) return observe({ at: 'baseImage' });

  const chosen = choose(input, versions);
  const tooHigh = chosen && activeAbove(chosen, versions);
  const tagging = retag(input, image);
  // A build would not make these tags possible.
  if (tagging?.kind === 'fail') return tagging;
  const tagsSuffice = operation.phase === 'rollback' || !tagging;
  const asDesired = chosen?.active && !tooHigh && tagsSuffice ? done(attributesOf(desired, chosen)) : undefined;

  const building = versions.find(version => version.state === 'PENDING' || version.state === 'IN_PROGRESS');
  if (building) return wait(`version ${building.version} of microvm image '${name}' to be built`, asDesired, BUILD);
  const deleting = versions.find(version => version.state === 'DELETING' && isRecent(version, operation));
  if (deleting) return wait(`version ${deleting.version} of microvm image '${name}' to be deleted`, asDesired);

  if (!chosen) {
    const failed = versions.find(version => version.state === 'FAILED' && version.marker?.operationId === operation.id);
    if (failed) return current.builds ? buildFailed(desired, failed, current.builds) : observeBuilds(desired, failed, operation);
    // A client token builds one version, so that another request would not help.
    const forged = versions.find(version => version.marker?.operationId === operation.id && hasDesiredMarker(version, desired));
    if (forged) return versionForged(desired, forged);
    const next = build(input, versions);
    return (isNearQuota(versions) ? prune(input, { ...current, image }, versions, undefined, next) : undefined) ?? next;
  }
  const activeVersion = `version ${chosen.version} of microvm image '${name}' to be the active one`;
  if (!chosen.active) return changeAndContinue({ do: 'activate', arn, version: chosen.version }, activeVersion);
  if (tooHigh) return changeAndContinue({ do: 'deactivate', arn, version: tooHigh.version }, activeVersion);

  const finished = done(attributesOf(desired, chosen));
  return tagging
    ?? removeUnacknowledged(input)
    ?? prune(input, { ...current, image }, versions, chosen, finished)
    ?? finished;
}

/** Returns the highest active version if it is above the chosen one: a launch without a version would use it. */
function activeAbove(chosen: Version, versions: Version[]): Version | undefined {
  const latest = latestActive(versions);
  return latest && isAbove(latest, chosen) ? latest : undefined;
}

function isRecent(version: Version, operation: Operation): boolean {
  return operation.now - (version.updatedAt ?? operation.startedAt) < VERSION_DELETION_PATIENCE;
}

/** Returns the newest version with the desired content and source that this operation built, or may use. */
function choose(input: ImageReconcileInput, versions: Version[]): Version | undefined {
  const { operation, desired } = input;
  return newestFirst(versions)
    .filter(version => hasDesiredMarker(version, desired) && differences(version.source, desired.source).length === 0)
    .find(version => version.marker?.operationId === operation.id || isUsable(version, input));
}

function hasDesiredMarker({ state, marker }: Version, { fingerprint }: DesiredImage): boolean {
  return state === 'SUCCESSFUL' && marker?.fingerprint === fingerprint;
}

/**
 * Whether an operation may use a version that an earlier operation built.
 *
 * A creation does so only with `adoptExisting`, which is the choice to trust what exists: whoever may create images can
 * give one the name, the tags and the marker of an image that a stack will create.
 */
function isUsable(version: Version, input: ImageReconcileInput): boolean {
  const { operation, desired, observed } = input;
  if (operation.type === 'Create' && !desired.adoptExisting) return false;
  return !checksBase(input) || (observed.baseImage?.available.some(available => sameVersion(available, version.baseImageVersion)) ?? false);
}

/**
 * Whether an existing version may be used only while its base image version is available.
 *
 * That is not so in a rollback, nor if nothing has to be built.
 */
function checksBase({ operation, desired, previous }: ImageReconcileInput): boolean {
  return operation.phase === 'forward' && desired.baseImagePin === undefined && previous?.fingerprint !== desired.fingerprint;
}

/** Creates the image or, if it has versions, builds another one. */
function build({ desired, observed }: ImageReconcileInput, versions?: Version[]): ImageStep {
  if (desired.baseImagePin === undefined && !observed.baseImage) return observe({ at: 'baseImage' });
  const baseImageVersion = desired.baseImagePin ?? observed.baseImage?.newest;
  if (baseImageVersion === undefined) {
    return noBaseImage(desired, observed.baseImage?.unavailable ?? []);
  }
  const { arn, name } = desired;
  return change(
    versions
      ? { do: 'build', arn, baseImageVersion, listed: versions.map(({ version }) => version), isFull: isFull(versions) }
      : { do: 'create', arn, baseImageVersion },
    `the build of microvm image '${name}' to begin`,
  );
}

function noBaseImage(desired: DesiredImage, unavailable: string[]): ImageStep {
  const summary = `baseImage: no version of the base image of microvm image '${desired.name}' is AVAILABLE for ${desired.architectures.join(' and ')}`;
  const versions = unavailable.length > 0 ? ` (version ${unavailable.join(', version ')})` : '';
  return fail('MicrovmBaseImageUnavailable', `${summary}${versions}; use another base image or other architectures`);
}

function adopt(desired: DesiredImage, image: Image, versions: Version[]): ImageStep {
  const owners = tagsWhere(image.tags, key => key in desired.tags);
  const tags = { ...recordsOf(owners), ...ownerTags(desired.owner), [ADOPTED_TAG]: latestActive(versions)?.version ?? 'none' };
  return rejectTags(desired, owners, { ...image.tags, ...desired.tags, ...tags })
    ?? change({ do: 'tag', arn: desired.arn, tags }, `microvm image '${desired.name}' to be adopted`);
}

/**
 * Corrects the tags.
 *
 * The record of a tag of the owner stays until a later update, because a rollback of this one may need it.
 */
function retag({ operation, desired, previous }: ImageReconcileInput, image: Image): ImageStep | undefined {
  const { arn, name } = desired;
  // After a rename, the old tags are those of another image.
  const tagsBefore = previous?.arn === arn ? previous.tags : {};
  const former = formerTags(image.tags);
  const released = tagsWhere(former, key => !(key in desired.tags));
  const wanted = { ...afterRelease(released, image.tags, previous && tagsBefore), ...desired.tags, ...ownerTags(desired.owner) };
  const { missing, superfluous: ours } = tagChanges(image.tags, wanted, tagsBefore);
  const isOwners = (key: string) => key in missing && key in desired.tags && !(key in tagsBefore) && !(key in former);
  const owners = image.tags[ADOPTED_TAG] !== undefined && operation.phase !== 'rollback' ? tagsWhere(image.tags, isOwners) : {};
  const tags = { ...missing, ...recordsOf(owners) };
  const rejection = rejectTags(desired, owners, { ...image.tags, ...tags });
  if (rejection) return rejection;
  const superfluous = [...ours, ...Object.keys(released).filter(key => !(key in tagsBefore)).map(formerKey)];
  if (Object.keys(tags).length > 0) return changeAndContinue({ do: 'tag', arn, tags }, `microvm image '${name}' to be tagged`);
  return superfluous.length > 0 ? changeAndContinue({ do: 'untag', arn, keys: superfluous }, `microvm image '${name}' to be untagged`) : undefined;
}

/**
 * Returns the values of tags of the owner whose keys the template does not have any more: the recorded ones in place of
 * ours. The owner may have changed or removed a tag since, and then it stays so. A creation does not know ours.
 */
function afterRelease(records: Tags, found: Tags, tagsBefore: Tags | undefined): Tags {
  const isOurs = (key: string) => tagsBefore === undefined || found[key] === tagsBefore[key];
  return tagsWhere({ ...found, ...tagsWhere(records, isOurs) }, key => key in records && key in found);
}

/** Rejects tags that would replace tags of the owner of an adopted image which cannot be recorded. */
function rejectTags({ name }: DesiredImage, owners: Tags, all: Tags): ImageStep | undefined {
  const keys = keysWithoutRecord(owners, all);
  if (keys.length === 0) return undefined;
  return fail('MicrovmImageTagTaken', `tags: the adopted microvm image '${name}' has tags of its owner with the same keys: ${keys.join(', ')}; `
    + 'their values cannot be recorded, because the key is too long or the image would have more than 50 tags; use other keys');
}

/**
 * Deletes what a canceled rename left.
 *
 * CloudFormation may not know the image of the other name, and then never deletes it.
 */
function removeUnacknowledged({ desired, previous, requestPhysicalId, observed, operation }: ImageReconcileInput): ImageStep | undefined {
  if (!previous || previous.arn === desired.arn || requestPhysicalId !== desired.arn) return undefined;
  const step = remove(previous, observed.images[previous.arn] ?? {}, operation);
  return step.kind === 'done' ? undefined : step;
}

/**
 * Rejects a rename before its first change: after it, the cleanup deletes the old image and terminates its MicroVMs.
 */
function rejectRename({ operation, desired, previous, requestPhysicalId, observed }: ImageReconcileInput): ImageStep | undefined {
  if (!previous || previous.arn === desired.arn || requestPhysicalId === desired.arn || operation.phase === 'rollback') return undefined;
  if (desired.termination === 'ON_DELETE_OR_RENAME' && previous.termination !== 'NEVER') return undefined;
  const { microvms } = observed.images[previous.arn] ?? {};
  if (!microvms) return observe({ at: 'microvms', arn: previous.arn, enough: 1 });
  const anyLives = livingIds(microvms.found).length > 0;
  if (!anyLives && microvms.areAll) return undefined;
  const summary = `microvmImageName: renaming microvm image '${previous.name}' to '${desired.name}' would terminate running MicroVMs`;
  const advice = 'deploy microvmTermination ON_DELETE_OR_RENAME first, then rename';
  return fail('MicrovmImageInUse', anyLives
    ? `${summary}: ${livingList(microvms)}; terminate each with ${TERMINATE_COMMAND}, or ${advice}`
    : `${summary}, and the list of its MicroVMs is too long to find out whether one runs; ${advice}`);
}

/**
 * Deletes one of the versions that need not be kept. It never fails a deployment, and does nothing in a rollback.
 *
 * It gives up when it had no effect for a minute, whatever the reason, and after five minutes.
 */
function prune(
  { operation, desired, previous }: ImageReconcileInput,
  current: ObservedImage & { readonly image: Image },
  versions: Version[],
  chosen: Version | undefined,
  fallback: ImageStep,
): ImageStep | undefined {
  // If the content before is not known, any version may be the one to which a rollback returns.
  if (operation.phase !== 'forward' || previous?.contentIsKnown === false) return undefined;
  if (!hasTimeToPrune(operation, current.image, versions, chosen)) return undefined;
  const surplus = surplusVersions(versions, {
    chosen: chosen ?? newestFirst(versions).find(version => version.active),
    previousFingerprint: previous?.fingerprint,
    retainedVersions: desired.retainedVersions,
  });
  if (surplus.length === 0) return undefined;
  // No MicroVM runs from a failed version.
  const failed = surplus.find(version => version.state === 'FAILED');
  const { microvms } = current;
  if (!failed && !microvms) return observe({ at: 'microvms', arn: desired.arn }, fallback);
  const idle = failed ?? (microvms?.areAll ? surplus.find(version => !isInUse(version, microvms.found)) : undefined);
  if (!idle) return undefined;
  const { arn, name } = desired;
  return change({ do: 'deleteVersion', arn, version: idle.version }, `version ${idle.version} of microvm image '${name}' to be deleted`, fallback);
}

function hasTimeToPrune(operation: Operation, image: Image, versions: readonly Version[], chosen: Version | undefined): boolean {
  const { now, startedAt, rolesMayBeFresh } = operation;
  // Without room for a build, a new role is worth waiting for.
  if (!chosen) return rolesMayBeFresh || now - lastChange(image, versions, operation) < PRUNING_PATIENCE;
  // The chosen version does not change while others are deleted.
  const begun = Math.max(startedAt, chosen.updatedAt ?? now);
  return now - begun < PRUNING_LIMIT && now - lastChange(image, versions, operation) < PRUNING_PATIENCE;
}

/**
 * When the image last changed in this operation: a version was built, activated or deleted. At least the start of the
 * operation.
 */
function lastChange(image: Image, versions: readonly Version[], { startedAt }: Operation): number {
  return Math.max(startedAt, image.updatedAt ?? 0, ...versions.map(version => version.updatedAt ?? 0));
}

function attributesOf(desired: DesiredImage, version: Version): Record<string, string> {
  return { ImageArn: desired.arn, ImageVersion: version.version, BaseImageVersion: version.baseImageVersion };
}

function alreadyExists(desired: DesiredImage, image: Image): ImageStep {
  const owner = ownerOf(image.tags);
  if (!owner) {
    return fail('MicrovmImageExists',
      `microvmImageName: a microvm image '${desired.name}' already exists; choose another name, delete that image, or adopt it with adoptExisting`);
  }
  const keys = Object.keys(ownerTags(owner)).join(' ');
  return fail('MicrovmImageOwnedElsewhere',
    `microvmImageName: microvm image '${desired.name}' belongs to the resource '${owner.logicalId}' of the stack '${owner.stackId}'; choose another name; `
    + `if that resource no longer exists, release the image with 'aws lambda untag-resource --resource ${desired.arn} --tag-keys ${keys}' and adopt it with adoptExisting`);
}

function versionForged(desired: DesiredImage, { version, source }: Version): ImageStep {
  const found = differences(source, desired.source).map(member => `${member} ${source[member]} instead of ${desired.source[member]}`);
  return fail('MicrovmImageVersionForged',
    `version ${version} of microvm image '${desired.name}' has the marker of this deployment, but another source: ${found.join(', ')}; `
    + 'find out with AWS CloudTrail who requested it, then deploy again');
}

function observeBuilds({ arn }: DesiredImage, { version, createdAt }: Version, { startedAt }: Operation): ImageStep {
  return observe({ at: 'builds', arn, version, since: createdAt ?? startedAt });
}

function buildFailed(desired: DesiredImage, version: Version, { builds, log, whole }: FailedBuilds): ImageStep {
  const reasons = builds.length > 0 ? builds.map(({ processor, reason }) => `${processor}: ${reason}`) : ['the service gave no reason'];
  const summary = [`the build of version ${version.version} of microvm image '${desired.name}' failed`, ...reasons].join('\n');
  return fail('MicrovmImageBuildFailed', summary, { hints: hintsFor(reasons.join('\n'), IMAGE_HINTS), log, more: whole });
}
