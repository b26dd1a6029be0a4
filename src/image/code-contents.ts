import * as fs from 'fs';
import * as path from 'path';
import type { Rule } from './code-rules';
import type { CodeContents } from './dockerfile/contents';

/** The contents of a directory. */
export class DirectoryContents implements CodeContents {
  /**
   * @param directory the directory on disk.
   * @param reasons what is left out: the topmost paths, each with its reason.
   */
  public constructor(
    public readonly files: readonly string[],
    private readonly directory: string,
    private readonly reasons: ReadonlyMap<string, Rule>,
  ) {}

  public leftOut(place: string): Rule | undefined {
    const name = normalized(place);
    if (this.isUploaded(name)) return undefined;
    const own = this.reasons.get(name);
    if (own) return own;
    if (!fs.existsSync(path.join(this.directory, name))) return undefined;
    for (let above = path.posix.dirname(name); above !== '.'; above = path.posix.dirname(above)) {
      const reason = this.reasons.get(above);
      if (reason) return reason;
    }
    // Of a directory, everything in it can be left out.
    return [...this.reasons].find(([key]) => key.startsWith(`${name}/`))?.[1];
  }

  public leftOutLike(pattern: RegExp): string | undefined {
    return [...this.reasons.keys()].find(key => pattern.test(key));
  }

  public isEmptyDirectory(place: string): boolean {
    const name = normalized(place);
    return !this.isUploaded(name) && !this.leftOut(name)
      && fs.statSync(path.join(this.directory, name), { throwIfNoEntry: false })?.isDirectory() === true;
  }

  private isUploaded(name: string): boolean {
    return name === '.' || this.files.some(file => file === name || file.startsWith(`${name}/`));
  }
}

function normalized(place: string): string {
  return path.posix.normalize(place).replace(/^\/+|\/+$/g, '') || '.';
}
