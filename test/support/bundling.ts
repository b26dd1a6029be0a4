import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';

const ROOT = path.join(__dirname, '..', '..');
const ENTRY = 'src/handlers/index.ts';

/** Metadata of a bundle from esbuild. */
export interface BundleMetadata {
  readonly bytes: number;
  /** The inputs by their paths, relative to the root of the repository. */
  readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>>;
}

/**
 * Bundles the handlers with the options of the package.
 *
 * @param source the text of another entry point, which replaces that of the handlers
 */
export function bundle(outfile: string, source?: string): BundleMetadata {
  const { tasks } = JSON.parse(readFileSync(path.join(ROOT, '.projen', 'tasks.json'), 'utf8'));
  const [{ execArgs: [esbuild, ...args] }] = tasks['bundle:handlers/index'].steps;
  const options = args.filter((arg: string) => arg !== ENTRY && !arg.startsWith('--outfile'));
  const metafile = `${outfile}.metadata`;
  execFileSync(
    path.join(ROOT, 'node_modules', '.bin', esbuild),
    [...options, ...source === undefined ? [ENTRY] : [], `--outfile=${outfile}`, `--metafile=${metafile}`, '--log-level=error'],
    { cwd: ROOT, input: source },
  );
  const { outputs } = JSON.parse(readFileSync(metafile, 'utf8'));
  const [metadata] = Object.values<BundleMetadata>(outputs);
  return metadata;
}
