import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';

const ROOT = path.join(__dirname, '..', '..');

/** The entry points of the bundles of the package, by the names of their tasks. */
const ENTRIES = { 'handlers/index': 'src/handlers/index.ts', 'image/dockerfile-ast/index': 'src/image/dockerfile-ast/index.ts' };
export type BundleName = keyof typeof ENTRIES;

/** Metadata of a bundle from esbuild. */
export interface BundleMetadata {
  readonly bytes: number;
  /** The inputs by their paths, relative to the root of the repository. */
  readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>>;
}

/**
 * Makes a bundle with the options of the package.
 *
 * @param source the text of another entry point, which replaces that of the bundle
 */
export function bundle(outfile: string, source?: string, name: BundleName = 'handlers/index'): BundleMetadata {
  const entry = ENTRIES[name];
  const { tasks } = JSON.parse(readFileSync(path.join(ROOT, '.projen', 'tasks.json'), 'utf8'));
  const [{ execArgs: [esbuild, ...args] }] = tasks[`bundle:${name}`].steps;
  const options = args.filter((arg: string) => arg !== entry && !arg.startsWith('--outfile'));
  const metafile = `${outfile}.metadata`;
  execFileSync(
    path.join(ROOT, 'node_modules', '.bin', esbuild),
    [...options, ...source === undefined ? [entry] : [], `--outfile=${outfile}`, `--metafile=${metafile}`, '--log-level=error'],
    { cwd: ROOT, input: source },
  );
  const { outputs } = JSON.parse(readFileSync(metafile, 'utf8'));
  const [metadata] = Object.values<BundleMetadata>(outputs);
  return metadata;
}
