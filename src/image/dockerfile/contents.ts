/** What will be uploaded beside the Dockerfile. */
export interface CodeContents {
  /** Paths of all files that are uploaded, relative to the root, with `/`. Undefined if they are not known. */
  readonly files?: readonly string[];
  /**
   * Returns why a path of the directory is not uploaded: the pattern that leaves it out and who wrote it. For a
   * directory that lacks all of its files, it is the pattern of one of them. Undefined if the path does not exist.
   */
  leftOut(path: string): LeftOut | undefined;
  /** Returns a path that exists, matches and is left out. */
  leftOutLike(pattern: RegExp): string | undefined;
  /** Returns whether a path is a directory without files, which the upload does not contain. */
  isEmptyDirectory(path: string): boolean;
}

/** A pattern that leaves a path out of the code. */
export interface LeftOut {
  readonly pattern: string;
  readonly source: 'default' | 'exclude' | '.dockerignore';
}

/** A Dockerfile and what will be uploaded beside it. */
export interface DockerfileInCode {
  readonly text: string;
  readonly contents: CodeContents;
}

/** Contents of which everything is uploaded, such as those of a ZIP file. */
export function allOf(files: readonly string[]): CodeContents {
  return { files, leftOut: () => undefined, leftOutLike: () => undefined, isEmptyDirectory: () => false };
}
