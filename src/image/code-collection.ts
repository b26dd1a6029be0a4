import * as fs from 'fs';
import * as path from 'path';
import type { Construct } from 'constructs';
import { DirectoryContents } from './code-contents';
import { DOCKERFILE, hasFile, likelyDockerfile } from './code-dockerfile';
import type { CodeFile, Walked } from './code-files';
import { failOnExternalLink, fileOf, isInside, walk } from './code-files';
import { fileInFile } from './code-paths';
import { CodeRules, DEFAULT_EXCLUSIONS } from './code-rules';
import { ValidationError } from '../private/errors';

/** What to collect. All paths on disk are absolute. */
export interface CollectionProps {
  readonly directory: string;
  /** The output of the build step, which is uploaded instead of the directory. */
  readonly buildOutput?: string;
  /** The path of the Dockerfile in the directory, or in the output of the build step. */
  readonly dockerfile: string;
  readonly exclude: readonly string[];
  readonly followsExternalLinks: boolean;
  /** More files and directories, by their paths in the archive. */
  readonly files: Readonly<Record<string, string>>;
  /** Output directories of this app. */
  readonly outputs: readonly string[];
}

/** What is uploaded. */
export interface Collection {
  readonly files: readonly CodeFile[];
  readonly contents: DirectoryContents;
  /** The file on disk. */
  readonly dockerfile: string;
}

/** Collects the files of a directory, with the Dockerfile at the root. */
export function collect(scope: Construct, props: CollectionProps): Collection {
  const dockerfile = locateDockerfile(scope, props);
  const parts = [main(scope, props), ...Object.entries(props.files).map(([at, source]) => extra(scope, props, at, source))];
  const files = new Map(parts.flatMap(part => part.files).map(file => [file.path, file]));
  files.set(DOCKERFILE, fileOf(DOCKERFILE, dockerfile));
  const conflict = fileInFile(files.keys());
  if (conflict) {
    throw new ValidationError('MicrovmCodeOptionsInvalid', `code: files: '${conflict.file}' is a file, so it cannot contain '${conflict.other}'; change a path`, scope);
  }
  const reasons = new Map(parts.flatMap(part => [...part.leftOut]));
  return {
    files: [...files.values()],
    contents: new DirectoryContents([...files.keys()].sort(), props.buildOutput ?? props.directory, reasons),
    dockerfile,
  };
}

function main(scope: Construct, { directory, buildOutput, dockerfile, exclude, ...options }: CollectionProps): Walked {
  if (buildOutput !== undefined) return walk(scope, buildOutput, { ...options, rules: new CodeRules([], [], exclude) });
  const defaults = [...DEFAULT_EXCLUSIONS, ownIgnoreFile(dockerfile)];
  return walk(scope, directory, { ...options, rules: new CodeRules(defaults, dockerignoreOf(directory, dockerfile), exclude) });
}

/** Returns a pattern for the ignore file of a Dockerfile, whose content would otherwise build a new version. */
function ownIgnoreFile(dockerfile: string): string {
  return `/${dockerfile.replace(/[*?[\]\\]/g, '\\$&')}.dockerignore`;
}

function extra(scope: Construct, { exclude, ...options }: CollectionProps, at: string, source: string): Walked {
  if (!fs.existsSync(source)) {
    throw new ValidationError('MicrovmCodeNotFound', `code: files: '${at}' is to be copied from ${source}, which does not exist; correct the path, or build it first`, scope);
  }
  if (!fs.statSync(source).isDirectory()) return { files: [fileOf(at, source)], leftOut: new Map() };
  return walk(scope, source, { ...options, at, rules: new CodeRules(DEFAULT_EXCLUSIONS, [], exclude) });
}

/** As Docker does, takes the ignore file of this Dockerfile instead of the one at the root. */
function dockerignoreOf(directory: string, dockerfile: string): string[] {
  const file = [`${dockerfile}.dockerignore`, '.dockerignore'].find(name => hasFile(directory, name));
  return file === undefined ? [] : fs.readFileSync(path.join(directory, file), 'utf8').replace(/^\uFEFF/, '').split(/\r?\n/);
}

function locateDockerfile(scope: Construct, props: CollectionProps): string {
  const { directory, buildOutput, dockerfile, files, followsExternalLinks } = props;
  const given = files[DOCKERFILE];
  if (given !== undefined) return given;
  const root = [buildOutput, directory].find(place => place !== undefined && hasFile(place, dockerfile));
  if (root === undefined) failWithoutDockerfile(scope, props);
  const file = path.join(root, dockerfile);
  if (!followsExternalLinks && !isInside(root, file)) failOnExternalLink(scope, root, dockerfile, fs.realpathSync(file));
  return file;
}

function failWithoutDockerfile(scope: Construct, { directory, dockerfile }: CollectionProps): never {
  const likely = likelyDockerfile(directory);
  const what = dockerfile === DOCKERFILE ? `${directory} has no file named ${DOCKERFILE} at its root` : `dockerfile: ${directory} has no file '${dockerfile}'`;
  const isDirectory = fs.statSync(path.join(directory, dockerfile), { throwIfNoEntry: false })?.isDirectory() ?? false;
  throw new ValidationError('MicrovmCodeDockerfileNotFound',
    `code: ${what}${isDirectory ? `, '${dockerfile}' is a directory` : ''}${likely ? `, only '${likely}'` : ''}; `
    + (likely ? `rename it, or set dockerfile: '${likely}'` : 'add one under exactly this name'), scope);
}
