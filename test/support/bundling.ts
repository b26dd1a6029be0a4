import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';

const ROOT = path.join(__dirname, '..', '..');
const ENTRY = 'src/handlers/index.ts';

/** The metadata of esbuild about a bundle. */
export interface BundleMetadata {
  readonly bytes: number;
  /** By paths relative to the root of the repository. */
  readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>>;
}

/**
 * Bundles the handlers as the package contains them, into another file.
 *
 * @param source of an entry point that replaces theirs
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
