import * as fs from 'fs';
import * as path from 'path';
import type { Construct } from 'constructs';
import type { CodeRules, Rule, Verdict } from './code-rules';
import { ROOT_VERDICT } from './code-rules';
import { ValidationError } from '../private/errors';

/** A file of the code. */
export interface CodeFile {
  /** The path in the archive, with `/` between its parts. */
  readonly path: string;
  /** The file on disk, or the text. */
  readonly source: string | { readonly text: string };
  readonly executable: boolean;
}

/** How to collect the files of a directory. */
export interface WalkOptions {
  readonly rules: CodeRules;
  /** Directories that are left out, such as the output of this app. */
  readonly outputs: readonly string[];
  /** Whether links that lead out of the directory are followed. */
  readonly followsExternalLinks: boolean;
  /** Where the directory is in the archive. @default - at the root */
  readonly at?: string;
}

/** The files of a directory, and what is left out: the topmost paths, each with its reason. */
export interface Walked {
  readonly files: CodeFile[];
  readonly leftOut: ReadonlyMap<string, Rule>;
}

/**
 * Returns the file for this path. Of its mode, only the owner's bit counts: the others depend on the umask, and Windows
 * has none.
 */
export function fileOf(at: string, source: string): CodeFile {
  return { path: at, source, executable: Math.floor(fs.statSync(source).mode / 0o100) % 2 === 1 };
}

/** Whether a file is in a directory, also if it is a link. */
export function isInside(directory: string, file: string): boolean {
  return partsBelow(fs.realpathSync(directory), fs.realpathSync(file)) !== undefined;
}

/** Fails because of a link that leads out of the directory. */
export function failOnExternalLink(scope: Construct, directory: string, link: string, target: string): never {
  failOnLink(scope, directory, link, `a link to '${target}', outside of the directory; `
    + 'copy the target into the directory, or set followSymlinks: SymlinkFollowMode.EXTERNAL to upload it');
}

function failOnLink(scope: Construct, directory: string, link: string, problem: string): never {
  throw new ValidationError('MicrovmCodeLinkInvalid', `code: in ${directory}, '${link}' is ${problem}, or leave it out with exclude: ['/${link}']`, scope);
}

/**
 * Collects the files of a directory. Links become copies of their targets, because the ZIP file of the CDK CLI contains
 * no links. What a link leads to is left out if the rules leave out the link or the target.
 */
export function walk(scope: Construct, directory: string, options: WalkOptions): Walked {
  return new Walk(scope, fs.realpathSync(directory), options).run();
}

/** A file or directory on the way. */
interface Place {
  /** The path in the archive. */
  readonly path: string;
  readonly verdict: Verdict;
  /** Where it is on disk, without links. */
  readonly real: string;
  /** Where a link led to, if that is in the directory too: the same rules apply to it. */
  readonly target?: { readonly path: string; readonly verdict: Verdict };
}

class Walk {
  private readonly files: CodeFile[] = [];
  private readonly leftOut = new Map<string, Rule>();
  private readonly open: string[] = [];
  private readonly outputs: Set<string>;
  private readonly start: Place;

  public constructor(private readonly scope: Construct, private readonly root: string, private readonly options: WalkOptions) {
    this.start = { path: options.at ?? '', verdict: ROOT_VERDICT, real: root };
    this.outputs = new Set(options.outputs.filter(output => fs.existsSync(output)).map(output => fs.realpathSync(output)));
  }

  public run(): Walked {
    this.directory(this.start);
    return { files: this.files, leftOut: this.leftOut };
  }

  private directory(place: Place): void {
    const entries = fs.readdirSync(place.real, { withFileTypes: true });
    const isOutput = this.outputs.has(place.real) || isCloudAssembly(entries);
    if (isOutput && place.real !== this.root) {
      this.leftOut.set(place.path, { pattern: place.path, source: 'default' });
      return;
    }
    this.open.push(place.real);
    for (const entry of entries) {
      const { name } = entry;
      const real = path.join(place.real, name);
      const isDirectory = entry.isDirectory();
      if (entry.isSymbolicLink()) this.link(place, name, real);
      else if (isDirectory || entry.isFile()) this.entry(below(place, name, real, isDirectory, this.options.rules), isDirectory);
    }
    this.open.pop();
  }

  private entry(place: Place, isDirectory: boolean): void {
    const leftOutBy = place.verdict.leftOutBy ?? place.target?.verdict.leftOutBy;
    if (leftOutBy) this.leftOut.set(place.path, leftOutBy);
    if (isDirectory) {
      if (!leftOutBy || this.canIncludeIn(place)) this.directory(place);
    } else if (!leftOutBy) {
      this.files.push(fileOf(place.path, place.real));
    }
  }

  private canIncludeIn({ path: place, verdict, target }: Place): boolean {
    return this.options.rules.canIncludeIn(verdict, place) && (!target || this.options.rules.canIncludeIn(target.verdict, target.path));
  }

  private link(parent: Place, name: string, link: string): void {
    const stats = statsOfTarget(link);
    const isDirectory = stats?.isDirectory() ?? false;
    const place = below(parent, name, link, isDirectory, this.options.rules);
    if (place.verdict.leftOutBy) {
      this.leftOut.set(place.path, place.verdict.leftOutBy);
      return;
    }
    if (!stats) this.fail(place, `a link to '${fs.readlinkSync(link)}', which does not exist or is a link to itself; correct or remove the link`);
    const real = fs.realpathSync(link);
    const target = partsBelow(this.root, real);
    if (!target && !this.options.followsExternalLinks) failOnExternalLink(this.scope, this.root, place.path, real);
    if (this.open.includes(real)) this.fail(place, `a link to '${real}', a directory that contains the link; remove the link`);
    if (isDirectory || stats.isFile()) this.entry({ ...place, real, target: target && this.judged(target, isDirectory) }, isDirectory);
  }

  private fail(place: Place, problem: string): never {
    failOnLink(this.scope, this.root, place.path, problem);
  }

  /** Judges the target of a link. */
  private judged(parts: string[], isDirectory: boolean): Place['target'] {
    let place = this.start;
    parts.forEach((name, index) => { place = below(place, name, '', isDirectory || index < parts.length - 1, this.options.rules); });
    return place;
  }
}

function below(parent: Place, name: string, real: string, isDirectory: boolean, rules: CodeRules): Place {
  const judge = (at: { readonly path: string; readonly verdict: Verdict }) => {
    const place = at.path === '' ? name : `${at.path}/${name}`;
    return { path: place, verdict: rules.judge(at.verdict, place, isDirectory) };
  };
  return { ...judge(parent), real, target: parent.target && judge(parent.target) };
}

/** Returns the parts of a path relative to a directory; undefined if it is not in the directory. */
function partsBelow(directory: string, place: string): string[] | undefined {
  const parts = path.relative(directory, place).split(path.sep);
  if (parts[0] === '..' || path.isAbsolute(parts[0])) return undefined;
  return parts.filter(part => part !== '');
}

function statsOfTarget(link: string): fs.Stats | undefined {
  try {
    return fs.statSync(link);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** Whether a directory is what a synthesis wrote, perhaps with another name of the output directory than this time. */
function isCloudAssembly(entries: fs.Dirent[]): boolean {
  return ['manifest.json', 'cdk.out'].every(name => entries.some(entry => entry.name === name && entry.isFile()));
}
