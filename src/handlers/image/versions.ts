import type { Version } from './observed';

/** Compares versions as numbers: 10.0 is above 9.0. */
export function newestFirst(versions: readonly Version[]): Version[] {
  return [...versions].sort((a, b) => numberOf(b) - numberOf(a));
}

/** Returns the version that a launch without a version uses. */
export function latestActive(versions: readonly Version[]): Version | undefined {
  return newestFirst(versions).find(version => version.active && version.state === 'SUCCESSFUL');
}

export function isAbove(a: Version, b: Version): boolean {
  return numberOf(a) > numberOf(b);
}

function numberOf(version: Version): number {
  return Number(version.version);
}

/** Compares versions of an image or of a base image as numbers: the service returns "1.0" for "1". */
export function sameVersion(a: string, b: string): boolean {
  return Number(a) === Number(b);
}

/** Whether a version is being built or deleted. */
export function isInMotion(version: Version): boolean {
  return version.state === 'PENDING' || version.state === 'IN_PROGRESS' || version.state === 'DELETING';
}
