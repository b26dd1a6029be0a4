import type { Version } from './observed';

/** Version numbers are compared as numbers: 10.0 is above 9.0. */
export function newestFirst(versions: readonly Version[]): Version[] {
  return [...versions].sort((a, b) => numberOf(b) - numberOf(a));
}

/** What a launch without a version takes. */
export function latestActive(versions: readonly Version[]): Version | undefined {
  return newestFirst(versions).find(version => version.active && version.state === 'SUCCESSFUL');
}

export function isAbove(a: Version, b: Version): boolean {
  return numberOf(a) > numberOf(b);
}

function numberOf(version: Version): number {
  return Number(version.version);
}

/** The service answers "1.0" for the base image version "1". */
export function sameBaseVersion(a: string, b: string): boolean {
  return Number(a) === Number(b);
}

/** Neither built nor gone yet. */
export function isInMotion(version: Version): boolean {
  return version.state === 'PENDING' || version.state === 'IN_PROGRESS' || version.state === 'DELETING';
}
