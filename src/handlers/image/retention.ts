import type { Microvm, Version } from './observed';
import { newestFirst } from './versions';

/** Versions of one image that the service allows: service facts 5, quota L-F8BECE9C. */
const VERSION_QUOTA = 50;

/** Building fails at the quota; one place is left for a build that somebody else starts. */
export function isNearQuota(versions: readonly Version[]): boolean {
  return versions.length >= VERSION_QUOTA - 1;
}

/** Which of our versions stay whatever happens. */
export interface Retention {
  /** The one that is to be active, or is active now. */
  readonly chosen?: Version;
  /** Of the old properties: what a later rollback goes back to. */
  readonly previousFingerprint?: string;
  /** How many successful versions stay in all, at least 2. */
  readonly retainedVersions: number;
}

/** Our versions that need not stay, oldest first. Versions without our marker are not ours to delete. */
export function surplusVersions(versions: readonly Version[], retention: Retention): Version[] {
  const ours = newestFirst(versions).filter(version => version.marker);
  const successful = ours.filter(version => version.state === 'SUCCESSFUL');
  const previous = successful.find(version => version.marker?.fingerprint === retention.previousFingerprint);
  const byWorth = [retention.chosen, previous, ...successful].filter(version => version !== undefined);
  const kept = new Set([...new Set(byWorth)].slice(0, retention.retainedVersions));
  return ours.filter(version => !kept.has(version) && (version.state === 'SUCCESSFUL' || version.state === 'FAILED')).reverse();
}

/** A MicroVM runs from the snapshot of its version. */
export function isInUse(version: Version, microvms: readonly Microvm[]): boolean {
  return microvms.some(microvm => microvm.imageVersion === version.version);
}
