import type { ConnectorUser, ConnectorVersion } from './observed';

/**
 * How much the times of MicroVMs and versions may differ, including the time that a launch takes to resolve the latest
 * version.
 */
const MARGIN = 60_000;

/** Returns the versions that need not be kept, oldest first. The latest version is always kept. */
export function surplusVersions(versions: readonly ConnectorVersion[], retainedVersions: number): ConnectorVersion[] {
  const [latest, ...older] = newestFirst(versions);
  const usable = older.filter(version => version.state === 'ACTIVE' || version.state === 'INACTIVE');
  const kept = new Set([latest, ...usable.slice(0, retainedVersions - 1)]);
  return older.filter(version => !kept.has(version) && (version.state === 'FAILED' || usable.includes(version))).reverse();
}

/**
 * Whether a MicroVM may use a version: its launch named the version, or happened before the next version replaced it.
 */
export function mayHold(version: ConnectorVersion, versions: readonly ConnectorVersion[], users: readonly ConnectorUser[]): boolean {
  const next = newestFirst(versions).reverse().find(other => other.version > version.version);
  const replacedAt = next?.modifiedAt ?? Infinity;
  return users.some(user => user.version === undefined ? user.startedAt < replacedAt + MARGIN : user.version === version.version);
}

function newestFirst(versions: readonly ConnectorVersion[]): ConnectorVersion[] {
  return [...versions].sort((a, b) => b.version - a.version);
}
