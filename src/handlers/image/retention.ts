import type { Version } from './observed';
import { newestFirst } from './versions';

/** How many versions an image may have: quota L-F8BECE9C (service-facts.md, 5). */
const VERSION_QUOTA = 50;

/** Whether the image has as many versions as the quota allows. The quota may have been increased. */
export function isFull(versions: readonly Version[]): boolean {
  return versions.filter(version => version.state !== 'DELETING').length >= VERSION_QUOTA;
}

/** Whether the quota leaves no version to spare. A build that another party starts takes one. */
export function isNearQuota(versions: readonly Version[]): boolean {
  return versions.length >= VERSION_QUOTA - 1;
}

/** Which versions to keep. */
export interface Retention {
  /** The version to activate, or the active one. */
  readonly chosen?: Version;
  /** Fingerprint of the old properties, to which a later rollback returns. */
  readonly previousFingerprint?: string;
  /** How many successful versions to keep, at least 2. */
  readonly retainedVersions: number;
}

/**
 * Returns the versions that need not be kept, oldest first. A version without a marker was not built by this library,
 * and stays.
 */
export function surplusVersions(versions: readonly Version[], retention: Retention): Version[] {
  const ours = newestFirst(versions).filter(version => version.marker);
  const successful = ours.filter(version => version.state === 'SUCCESSFUL');
  const previous = successful.find(version => version.marker?.fingerprint === retention.previousFingerprint);
  const byWorth = [retention.chosen, previous, ...successful].filter(version => version !== undefined);
  const kept = new Set([...new Set(byWorth)].slice(0, retention.retainedVersions));
  return ours.filter(version => !kept.has(version) && (version.state === 'SUCCESSFUL' || version.state === 'FAILED')).reverse();
}
