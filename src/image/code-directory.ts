import * as fs from 'fs';
import * as path from 'path';
import type { BundlingOptions } from 'aws-cdk-lib';
import { AssetHashType, AssetStaging, BundlingOutput, Stack, Stage, SymlinkFollowMode } from 'aws-cdk-lib';
import * as assets from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { archiveAsset } from './code-archive';
import type { Collection, CollectionProps } from './code-collection';
import { collect } from './code-collection';
import type { LocatedCode } from './code-config';
import { assetLocation } from './code-config';
import { DOCKERFILE } from './code-dockerfile';
import { isArchivePath } from './code-paths';
import { ValidationError } from '../private/errors';
import { shortHash } from '../private/names';

/**
 * Options for code from a directory. Changing the set of uploaded files, or their content, builds a new version of the
 * image.
 */
export interface MicrovmCodeDirectoryOptions {
  /**
   * The path of the Dockerfile in the directory, for example `docker/microvm/Dockerfile`. It is uploaded as the
   * `Dockerfile` at the root, which the service builds. Another `Dockerfile` at the root is not uploaded. As with
   * Docker, an ignore file of its own, such as `docker/microvm/Dockerfile.dockerignore`, replaces `.dockerignore`.
   *
   * @default Dockerfile
   */
  readonly dockerfile?: string;

  /**
   * Files to exclude in addition to the default exclusions and to `.dockerignore`, as patterns in the syntax of
   * `.gitignore`. Patterns ignore upper and lower case. They apply after the default exclusions and after
   * `.dockerignore`. So a pattern that begins with `!` includes files again, for example `!node_modules` or `!.npmrc`.
   * Unlike in `.gitignore`, it can name a file in an excluded directory by its path from the root, such as
   * `!node_modules/mine`. The Dockerfile is never excluded.
   *
   * @default - only `.dockerignore` and the default exclusions, which are version control, dependencies, caches, CDK's
   * outputs, env files, keys, certificates and state files
   */
  readonly exclude?: string[];

  /**
   * What happens to symbolic links. The upload contains copies of their targets in all modes, because the CDK CLI
   * follows links when it creates the ZIP file. If a pattern excludes the target, the link is left out too.
   *
   * - `NEVER` and `BLOCK_EXTERNAL`: a link that leads out of the directory is an error.
   * - `EXTERNAL` and `ALWAYS`: the upload contains the files outside of the directory to which links lead.
   *
   * In all modes, a link to nothing or to a directory that contains the link is an error.
   *
   * @default SymlinkFollowMode.NEVER
   */
  readonly followSymlinks?: SymlinkFollowMode;

  /**
   * A build step, as CDK assets have it, which runs at each synth. It reads the directory at `/asset-input`, and its
   * output in `/asset-output` is uploaded instead of the directory. If it writes no Dockerfile, the Dockerfile of the
   * directory is added. The default exclusions and `.dockerignore` do not apply to the output; `exclude` does.
   * `outputType` has no effect: all files of the output are uploaded.
   *
   * A build step whose output differs each time builds a new version of the image each time.
   *
   * @default - no build step; the files of the directory are uploaded
   */
  readonly bundling?: BundlingOptions;

  /**
   * More files and directories to upload, for example the output of a compiler that is outside of the directory. The
   * keys are paths in the upload, such as `app/runner.mjs`. The values are paths on disk, absolute or relative to the
   * working directory of the CDK app. They replace files of the directory at the same path. The default exclusions and
   * `exclude` apply to the contents of such a directory, but not to the file or directory itself. `.dockerignore` does
   * not apply.
   *
   * @default - only the files of the directory
   */
  readonly files?: { [path: string]: string };
}

/** Locates the code in a directory, which becomes an asset. */
export function directoryCode(scope: Construct, given: string, options: MicrovmCodeDirectoryOptions): LocatedCode {
  checkOptions(scope, options);
  const directory = path.resolve(given);
  if (given === '' || !fs.statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    throw new ValidationError('MicrovmCodeNotFound',
      `code: '${given}' is not a directory (looked for ${directory}); pass the path of a directory with a Dockerfile`, scope);
  }
  const { bundling } = options;
  if (bundling && !Stack.of(scope).bundlingRequired) {
    // The command does not deploy this stack, for example `cdk list`. CDK skips the build step.
    return { config: assetLocation(new assets.Asset(scope, 'Code', { path: directory, bundling, assetHashType: AssetHashType.OUTPUT })) };
  }
  const outdir = Stage.of(scope)!.assetOutdir;
  const props: CollectionProps = {
    directory,
    buildOutput: bundling && buildOutput(scope, directory, bundling),
    dockerfile: path.posix.normalize(options.dockerfile ?? DOCKERFILE),
    exclude: options.exclude ?? [],
    followsExternalLinks: options.followSymlinks === SymlinkFollowMode.ALWAYS || options.followSymlinks === SymlinkFollowMode.EXTERNAL,
    files: Object.fromEntries(Object.entries(options.files ?? {}).map(([at, source]) => [at, path.resolve(source)])),
    // The outputs of nested stages are in that of the app.
    outputs: [outdir],
  };
  try {
    const { files, contents, dockerfile } = collected(scope, props);
    return { config: assetLocation(archiveAsset(scope, files)), dockerfile: { text: fs.readFileSync(dockerfile, 'utf8'), contents } };
  } catch (error) {
    throw explained(error, scope, outdir);
  }
}

/** Names the construct if a file of the code cannot be read. */
function explained(error: unknown, scope: Construct, outdir: string): unknown {
  const { code, path: place } = error as NodeJS.ErrnoException;
  if (!['EACCES', 'EPERM'].includes(code ?? '') || place?.startsWith(outdir)) return error;
  return new ValidationError('MicrovmCodeNotReadable', `code: ${place} cannot be read (${code}); correct its permissions, or leave it out with exclude`, scope);
}

function checkOptions(scope: Construct, { dockerfile, files }: MicrovmCodeDirectoryOptions): void {
  const fail = (message: string) => { throw new ValidationError('MicrovmCodeOptionsInvalid', `code: ${message}`, scope); };
  if (dockerfile !== undefined && !isArchivePath(path.posix.normalize(dockerfile))) {
    fail(`dockerfile: ${JSON.stringify(dockerfile)} is not a path in the directory; use a relative path such as 'docker/Dockerfile'`);
  }
  for (const [at, source] of Object.entries(files ?? {})) {
    if (!isArchivePath(at)) fail(`files: '${at}' is not a valid path in the upload; use a relative path such as 'app/server.js'`);
    if (source === '') fail(`files: the source of '${at}' is not a path; use the path of a file or directory`);
    if (at === DOCKERFILE && dockerfile !== undefined) fail(`files: '${DOCKERFILE}' is also set by dockerfile: '${dockerfile}'; use one of them`);
  }
}

/** The collections of an app. Images with the same code share them, because each reads all files. */
const COLLECTIONS = new WeakMap<object, Map<string, Collection>>();

function collected(scope: Construct, props: CollectionProps): Collection {
  const { root } = scope.node;
  const known = COLLECTIONS.get(root) ?? new Map<string, Collection>();
  COLLECTIONS.set(root, known);
  const key = JSON.stringify(props);
  const collection = known.get(key) ?? collect(scope, props);
  known.set(key, collection);
  return collection;
}

/**
 * Runs the build step, once for the same code. Returns the directory with its output.
 *
 * CDK keeps the output of an earlier synthesis if both have the same hash, and this hash ignores modes. So the output
 * moves to another place, where CDK does not find it.
 */
function buildOutput(scope: Construct, directory: string, bundling: BundlingOptions): string {
  const { absoluteStagedPath } = new AssetStaging(scope, 'Bundling', {
    sourcePath: directory,
    assetHashType: AssetHashType.OUTPUT,
    // Another asset with the same content stays where it is.
    extraHash: 'cdk-lambda-microvms',
    // An output with a single file is a directory too.
    bundling: { ...bundling, outputType: BundlingOutput.NOT_ARCHIVED },
  });
  const moved = path.join(path.dirname(absoluteStagedPath), `microvm-build-output.${shortHash(scope, directory, JSON.stringify(bundling))}`);
  if (fs.existsSync(absoluteStagedPath)) {
    fs.rmSync(moved, { recursive: true, force: true });
    fs.renameSync(absoluteStagedPath, moved);
  }
  return moved;
}
