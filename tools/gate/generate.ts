/**
 * Writes every generated file, in order, except those that record a decision or a measurement: the baseline and the
 * benchmarks.
 *
 *   npm run generate                                 writes all
 *   tsx tools/gate/generate.ts --check project       fails if a file of these generators differs from what it writes
 * now
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import * as path from 'node:path';
import { ROOT } from './repository';

interface Generator {
  readonly command: string[];
  /** Files that it writes; a directory stands for the files in it. */
  readonly files: () => string[];
  /** Tool without which it is skipped. */
  readonly needs?: string;
  /** Runs only when it is named. */
  readonly onRequest?: boolean;
}

/** In order: later ones read what earlier ones write. */
const GENERATORS: Record<string, Generator> = {
  'project': {
    command: ['tsx', '--tsconfig', 'projenrc/tsconfig.json', '.projenrc.ts'],
    files: () => ['package.json', 'package-lock.json', '.projen/files.json', ...JSON.parse(readFileSync(path.join(ROOT, '.projen/files.json'), 'utf8')).files],
  },
  'lib': { command: ['projen', 'build'], files: () => [] },
  'api': { command: ['jsii-docgen', '-o', 'API.md'], files: () => ['API.md'] },
  'notices': { command: ['tsx', 'tools/gate/notices.ts'], files: () => ['THIRD-PARTY-NOTICES'] },
  'snapshots': { command: ['tsx', 'tools/gate/snapshots.ts', '--update'], files: () => ['integ'] },
  'permissions': { command: ['tsx', 'tools/permissions/cli.ts', '--update'], files: () => ['PERMISSIONS.md', 'test/permissions/contained.txt', 'README.md', 'docs'] },
  'errors': { command: ['tsx', 'tools/gate/errors.ts'], files: () => ['docs/guides/errors.md'] },
  'logical-ids': { command: ['tsx', 'tools/gate/logical-ids.ts'], files: () => ['test/logical-ids.json'] },
  'pictures': { command: ['tsx', 'tools/pictures/render.ts'], files: () => ['docs/pictures'], needs: 'dot' },
  'baseline': { command: ['tsx', 'tools/gate/compatibility.ts', '--update'], files: () => ['tools/gate/baseline.json'], onRequest: true },
};

function generate(): void {
  for (const [name, generator] of Object.entries(GENERATORS)) {
    if (generator.onRequest) continue;
    if (generator.needs !== undefined && spawnSync(generator.needs, ['-V']).error) {
      console.log(`${name}: skipped, because ${generator.needs} is not installed`);
      continue;
    }
    const changed = changesOf(generator);
    console.log(`${name}: ${changed.length === 0 ? 'no change' : changed.join(', ')}`);
  }
}

function check(names: readonly string[]): void {
  const changed = names.flatMap(name => changesOf(generatorOf(name), { PROJEN_DISABLE_POST: 'true' }));
  if (changed.length === 0) return;
  console.error(`generated files are not up to date: ${changed.join(', ')}; run npm run generate, and commit what it writes`);
  process.exit(1);
}

function generatorOf(name: string): Generator {
  const generator = GENERATORS[name];
  if (!generator) throw new Error(`there is no generator ${name}, only ${Object.keys(GENERATORS).join(', ')}`);
  return generator;
}

/** Runs a generator, and returns the files whose content it changed. */
function changesOf({ command: [tool, ...args], files }: Generator, env: NodeJS.ProcessEnv = {}): string[] {
  const before = contentsOf(files());
  const { status, stdout } = spawnSync(path.join(ROOT, 'node_modules', '.bin', tool), args, {
    cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 100_000_000, env: { ...process.env, ...env },
  });
  if (status !== 0) {
    console.error(stdout);
    throw new Error(`${tool} ${args.join(' ')} failed`);
  }
  const after = contentsOf(files());
  return [...new Set([...before.keys(), ...after.keys()])].filter(file => before.get(file) !== after.get(file));
}

function contentsOf(files: readonly string[]): Map<string, string | undefined> {
  return new Map(files.flatMap(filesIn).map(file => [file, contentOf(path.join(ROOT, file))]));
}

function filesIn(file: string): string[] {
  const absolute = path.join(ROOT, file);
  if (!existsSync(absolute) || !statSync(absolute).isDirectory()) return [file];
  return readdirSync(absolute, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
    .map(entry => path.relative(ROOT, path.join(entry.parentPath, entry.name)));
}

function contentOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

const [option, ...names] = process.argv.slice(2);
if (option === '--check') check(names);
else generate();
