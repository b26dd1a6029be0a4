import * as path from 'path';

/** Whether a text is a path of a file in an archive, such as `app/server.js`. */
export function isArchivePath(text: string): boolean {
  return text !== '' && path.posix.normalize(text) === text && !path.isAbsolute(text) && !/^\.\.?(\/|$)|\\|\/$/.test(text);
}

/** Returns two paths of which one is a file in the other one; undefined if there are none. */
export function fileInFile(paths: Iterable<string>): { readonly file: string; readonly other: string } | undefined {
  const all = new Set(paths);
  for (const other of all) {
    for (let file = path.posix.dirname(other); file !== '.'; file = path.posix.dirname(file)) {
      if (all.has(file)) return { file, other };
    }
  }
  return undefined;
}
