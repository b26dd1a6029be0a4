import * as path from 'path';
import { closest } from './closest';
import type { CodeContents, LeftOut } from './contents';
import type { EvaluatedStage, Step } from './evaluate';
import { mountOf } from './evaluate';
import { globPattern, hasWildcard } from './glob';
import type { Problem } from './problem';

/** A path in the code that an instruction needs. */
interface Source {
  readonly line: number;
  readonly written: string;
  /** Relative to the root of the code. */
  readonly path: string;
  readonly isPattern: boolean;
}

/** The sources of one instruction. */
interface Group {
  readonly sources: readonly Source[];
  /** Whether the instruction has other sources, which may exist. */
  readonly hasOthers: boolean;
}

/** Finds what the instructions of the needed stages copy although it is not uploaded. */
export function sourceProblems(stages: readonly EvaluatedStage[], contents: CodeContents): Problem[] {
  const steps = stages.filter(({ isNeeded }) => isNeeded).flatMap(stage => stage.steps);
  const groups = steps.flatMap(groupsOf);
  const remote = steps.flatMap(urlProblems);
  // Lists the files only if they are needed.
  if (groups.every(({ sources }) => sources.length === 0) || contents.files === undefined) return remote;
  const uploaded = new Uploaded(contents.files);
  return [...remote, ...groups.flatMap(group => problemsOf(group, uploaded, contents))];
}

/** The paths that exist in the code. */
class Uploaded {
  public readonly files: ReadonlySet<string>;
  public readonly directories = new Set<string>(['']);

  public constructor(files: readonly string[]) {
    this.files = new Set(files);
    for (const file of files) {
      for (let at = file.indexOf('/'); at >= 0; at = file.indexOf('/', at + 1)) this.directories.add(file.slice(0, at));
    }
  }

  public has(file: string): boolean {
    // Below a symbolic link, which is listed as a file, nothing is known.
    return this.files.has(file) || this.directories.has(file) || parentsOf(file).some(parent => this.files.has(parent));
  }

  public matches(pattern: string): boolean {
    const regExp = globPattern(pattern);
    return regExp === undefined || [...this.files, ...this.directories].some(file => file !== '' && regExp.test(file));
  }

  /** Returns the path that a user probably means. */
  public nearest(file: string): string | undefined {
    const all = [...this.files];
    return all.find(other => other.toLowerCase() === file.toLowerCase())
      ?? all.find(other => path.posix.basename(other) === path.posix.basename(file))
      ?? closest(file, all);
  }
}

function parentsOf(file: string): string[] {
  return file.split('/').slice(0, -1).map((_, index, parts) => parts.slice(0, index + 1).join('/'));
}

/** Returns the sources of a COPY or ADD, and those of the bind mounts of a RUN. */
function groupsOf(step: Step): Group[] {
  const { keyword, line, flags, words } = step.instruction;
  if (keyword === 'RUN') {
    const mounts = flags.filter(({ name }) => name === 'mount').map(({ value }) => mountOf(value));
    const bound = mounts.filter(mount => (mount.type ?? 'bind') === 'bind' && mount.from === undefined);
    const sources = bound.flatMap(mount => sourceOf(step, line, mount.source ?? mount.src ?? ''));
    return [{ sources: sources.map(source => ({ ...source, isPattern: false })), hasOthers: false }];
  }
  if (keyword !== 'ADD' && keyword !== 'COPY' || flags.some(({ name }) => name === 'from')) return [];
  const written = words.slice(0, -1);
  const sources = written.filter(word => !isHeredoc(word)).flatMap(word => sourceOf(step, line, word));
  // With --parents, Docker requires no file for a pattern, and patterns have other rules.
  const takesParents = flags.some(({ name, value }) => name === 'parents' && value !== 'false');
  return [{ sources: takesParents ? sources.filter(({ isPattern }) => !isPattern) : sources, hasOthers: sources.length < written.length }];
}

function sourceOf(step: Step, line: number, written: string): Source[] {
  const expanded = step.expand(written);
  if (expanded === undefined || isRemote(expanded)) return [];
  // Nothing leaves the code: `..` at its root stays at the root, which exists.
  const relative = path.posix.resolve('/', expanded).slice(1);
  return relative === '' ? [] : [{ line, written: expanded, path: relative, isPattern: hasWildcard(expanded) }];
}

function isHeredoc(word: string): boolean {
  return /^\d*<</.test(word);
}

function isRemote(word: string): boolean {
  return /^([a-z][a-z0-9+.-]*:\/\/|[\w.-]+@[\w.-]+:|github\.com\/)/i.test(word);
}

function urlProblems({ instruction: { keyword, line, flags, words } }: Step): Problem[] {
  const url = keyword === 'COPY' && !flags.some(({ name }) => name === 'from') ? words.slice(0, -1).find(word => /^https?:\/\//.test(word)) : undefined;
  return url === undefined ? [] : [{ line, error: 'MicrovmCodeDockerfileInvalid', text: `copies the URL '${url}'; use ADD, because COPY takes only files of the code` }];
}

function problemsOf({ sources, hasOthers }: Group, uploaded: Uploaded, contents: CodeContents): Problem[] {
  const missing = sources.filter(source => !source.isPattern && !uploaded.has(source.path));
  if (missing.length > 0) {
    return missing.map(source => ({ line: source.line, error: 'MicrovmCodeDockerfileSourceNotFound', text: absence(source, uploaded, contents) }));
  }
  // A pattern without a match is common beside another source: COPY package.json package-lock.json* ./
  const unmatched = sources.filter(source => source.isPattern && !uploaded.matches(source.path));
  const copiesNothing = !hasOthers && unmatched.length === sources.length;
  const reported = unmatched.filter(source => copiesNothing || leftOutMatch(source, contents) !== undefined);
  return reported.map(source => ({ line: source.line, warning: 'cdk-lambda-microvms:dockerfileCopiesNothing', text: absence(source, uploaded, contents) }));
}

function absence(source: Source, uploaded: Uploaded, contents: CodeContents): string {
  const match = source.isPattern ? leftOutMatch(source, contents) : undefined;
  if (match !== undefined) return `copies '${source.written}', which matches only '${match}', ${reason(contents.leftOut(match)!, match)}`;
  if (source.isPattern) return `copies '${source.written}', which matches no file of the code`;
  const leftOut = contents.leftOut(source.path);
  if (leftOut) return `copies '${source.written}', ${reason(leftOut, source.path)}`;
  if (contents.isEmptyDirectory(source.path)) {
    return `copies '${source.written}', an empty directory, and the upload contains no empty directories; use RUN mkdir instead`;
  }
  const nearest = uploaded.nearest(source.path);
  return `copies '${source.written}', which is not in the code; ${nearest ? `did you mean '${nearest}'?` : 'add it to the code, or remove the line'}`;
}

/** Returns a path that a pattern would match if it were uploaded. */
function leftOutMatch({ path: pattern }: Source, contents: CodeContents): string | undefined {
  const regExp = globPattern(pattern);
  return regExp && contents.leftOutLike(regExp);
}

function reason({ pattern, source }: LeftOut, file: string): string {
  const included = `!${includedBy(pattern, file)}`;
  if (source === '.dockerignore') return `which .dockerignore leaves out (${pattern}); add the line ${included} to it`;
  const who = source === 'default' ? 'which is left out by default' : 'which exclude leaves out';
  return `${who} (${pattern}); include it with exclude: ['${included}']`;
}

/** Returns the pattern that includes a path again. Nothing below a directory that is left out can be included alone. */
function includedBy(pattern: string, file: string): string {
  const anchor = pattern.replace(/^(\*\*)?\//, '').replace(/\/?(\*\*)?$/, '');
  const regExp = globPattern(anchor);
  const matches = (name: string) => regExp !== undefined && (regExp.test(name) || regExp.test(path.posix.basename(name)));
  if (matches(file)) return file;
  const parent = parentsOf(file).find(matches);
  return parent ?? `${file}/**`;
}
