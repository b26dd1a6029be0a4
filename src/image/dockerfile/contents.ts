import * as fs from 'fs';
import * as path from 'path';
import { IgnoreStrategy } from 'aws-cdk-lib';

/** What will be uploaded beside the Dockerfile. */
export interface CodeContents {
  /** Paths of all files that are uploaded, relative to the root, with `/`. Undefined if they are not known. */
  readonly files?: readonly string[];
  /**
   * Returns why a path of the directory is not uploaded: the pattern that leaves it out and who wrote it. For a
   * directory that lacks all of its files, it is the pattern of one of them. Undefined if the path does not exist.
   */
  leftOut(path: string): LeftOut | undefined;
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
  return { files, leftOut: () => undefined };
}

/** Contents of a directory. The patterns have the syntax of `.gitignore`; those of the user follow the default ones. */
export class DirectoryContents implements CodeContents {
  private readonly ignore: IgnoreStrategy;
  private found?: string[];

  public constructor(private readonly directory: string, private readonly byDefault: readonly string[], private readonly byUser: readonly string[]) {
    this.ignore = IgnoreStrategy.git(directory, [...byDefault, ...byUser]);
  }

  public get files(): readonly string[] {
    this.found ??= this.below('', file => !this.ignore.ignores(file), file => !this.ignore.completelyIgnores(file));
    return this.found;
  }

  public leftOut(file: string): LeftOut | undefined {
    const absolute = path.join(this.directory, file);
    if (!fs.existsSync(absolute)) return undefined;
    const patterns = [...this.byDefault, ...this.byUser];
    const candidates = fs.statSync(absolute).isDirectory() && !this.ignore.ignores(absolute) ? this.below(file, () => true, () => true) : [file];
    for (const candidate of candidates) {
      const index = patterns.map(pattern => this.matches(pattern, candidate)).lastIndexOf(true);
      if (index >= 0) return { pattern: patterns[index], source: index < this.byDefault.length ? 'default' : 'exclude' };
    }
    return undefined;
  }

  private matches(pattern: string, file: string): boolean {
    return !pattern.startsWith('!') && IgnoreStrategy.git(this.directory, [pattern]).ignores(path.join(this.directory, file));
  }

  private below(start: string, keep: (file: string) => boolean, enter: (directory: string) => boolean): string[] {
    return fs.readdirSync(path.join(this.directory, start), { withFileTypes: true }).flatMap(entry => {
      const name = path.posix.join(start, entry.name);
      const absolute = path.join(this.directory, name);
      if (entry.isDirectory()) return enter(absolute) ? this.below(name, keep, enter) : [];
      return keep(absolute) ? [name] : [];
    });
  }
}
