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

/** Returns the path of the file in a directory that is most likely meant as the Dockerfile. */
export function likelyDockerfile(directory: string): string | undefined {
  const excluded = DEFAULT_EXCLUSIONS.flatMap(pattern => gitPattern(pattern) ?? []);
  let places = [''];
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const entries = places.flatMap(place => entriesOf(directory, place));
    const found = likeliestDockerfile(entries.filter(({ entry }) => entry.isFile()).map(({ place }) => place));
    if (found !== undefined) return found;
    places = entries.filter(({ entry }) => entry.isDirectory()).map(({ place }) => place)
      .filter(place => !excluded.some(pattern => pattern.matches(place, true)));
  }
  return undefined;
}

/** Returns which of these paths is most likely meant as the Dockerfile. */
export function likeliestDockerfile(files: readonly string[]): string | undefined {
  const depth = (file: string) => file.split('/').length;
  const likely = files.filter(file => NAMES.test(path.posix.basename(file)) && !file.endsWith('.dockerignore')).sort((one, other) => depth(one) - depth(other));
  return likely.find(file => path.posix.basename(file).toLowerCase() === DOCKERFILE.toLowerCase()) ?? likely[0];
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
