import * as fs from 'fs';
import * as path from 'path';
import { gitPattern } from './code-pattern';
import { DEFAULT_EXCLUSIONS } from './code-rules';

export const DOCKERFILE = 'Dockerfile';

/** How deep to look for a Dockerfile that could be meant. */
const MAX_DEPTH = 3;
const NAMES = /^(dockerfile|containerfile)([._-].*)?$|\.(dockerfile|containerfile)$/i;

/**
 * Returns whether a directory contains a file under exactly this path. Lists the names, because some file systems
 * ignore upper and lower case in a lookup. The service does not.
 */
export function hasFile(directory: string, file: string): boolean {
  const names = file.split('/');
  return names.every((name, index) => {
    const place = path.join(directory, ...names.slice(0, index));
    return fs.existsSync(place) && fs.readdirSync(place).includes(name);
  }) && fs.statSync(path.join(directory, file), { throwIfNoEntry: false })?.isFile() === true;
}

/** Returns the path of the file that is most likely meant as the Dockerfile; undefined if there is none. */
export function likelyDockerfile(directory: string): string | undefined {
  const excluded = DEFAULT_EXCLUSIONS.flatMap(pattern => gitPattern(pattern) ?? []);
  let places = [''];
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const entries = places.flatMap(place => entriesOf(directory, place));
    const files = entries.filter(({ entry }) => entry.isFile() && NAMES.test(entry.name) && !entry.name.endsWith('.dockerignore'));
    const found = files.find(({ entry }) => entry.name.toLowerCase() === DOCKERFILE.toLowerCase()) ?? files[0];
    if (found) return found.place;
    places = entries.filter(({ entry }) => entry.isDirectory()).map(({ place }) => place)
      .filter(place => !excluded.some(pattern => pattern.matches(place, true)));
  }
  return undefined;
}

function entriesOf(directory: string, place: string): { entry: fs.Dirent; place: string }[] {
  try {
    return fs.readdirSync(path.join(directory, place), { withFileTypes: true })
      .sort((one, other) => one.name < other.name ? -1 : 1)
      .map(entry => ({ entry, place: path.posix.join(place, entry.name) }));
  } catch {
    // The error says that there is no Dockerfile. It is better without a proposal than about a directory on the way.
    return [];
  }
}
