import type { ConnectorUser, ConnectorVersion } from './observed';

/** How far the clocks of MicroVMs and versions may differ, and how long a launch may take to resolve the latest version. */
const MARGIN = 60_000;

/** Versions that need not stay, oldest first; the latest always stays. */
export function surplusVersions(versions: readonly ConnectorVersion[], retainedVersions: number): ConnectorVersion[] {
  const [latest, ...older] = newestFirst(versions);
  const usable = older.filter(version => version.state === 'ACTIVE' || version.state === 'INACTIVE');
  const kept = new Set([latest, ...usable.slice(0, retainedVersions - 1)]);
  return older.filter(version => !kept.has(version) && (version.state === 'FAILED' || usable.includes(version))).reverse();
}

/** Whether a MicroVM may go out through it: it names this version, or was launched before another version took its place. */
export function mayHold(version: ConnectorVersion, versions: readonly ConnectorVersion[], users: readonly ConnectorUser[]): boolean {
  const next = newestFirst(versions).reverse().find(other => other.version > version.version);
  const replacedAt = next?.modifiedAt ?? Infinity;
  return users.some(user => user.version === undefined ? user.startedAt < replacedAt + MARGIN : user.version === version.version);
}

function newestFirst(versions: readonly ConnectorVersion[]): ConnectorVersion[] {
  return [...versions].sort((a, b) => b.version - a.version);
}
