/**
 * Fails if a generated file is not committed as it would be generated now.
 *
 *   tsx tools/gate/generated.ts project   the files that projen writes
 *   tsx tools/gate/generated.ts api       API.md, after a compilation
 *   tsx tools/gate/generated.ts notices   the licences of what is in the bundle of the handlers
 *   tsx tools/gate/generated.ts baseline  for a release: the API that later changes must be compatible with, after a compilation
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

interface Generator {
  readonly command: string[];
  readonly files: () => string[];
}

const generators: Record<string, Generator> = {
  project: {
    command: ['tsx', '.projenrc.ts'],
    files: () => ['package.json', 'package-lock.json', '.projen/files.json', ...JSON.parse(readFileSync('.projen/files.json', 'utf8')).files],
  },
  api: { command: ['jsii-docgen', '-o', 'API.md'], files: () => ['API.md'] },
  notices: { command: ['tsx', 'tools/gate/notices.ts'], files: () => ['THIRD-PARTY-NOTICES'] },
  baseline: { command: ['tsx', 'tools/gate/compatibility.ts', '--update'], files: () => ['tools/gate/baseline.json'] },
};

const generator = generators[process.argv[2] ?? ''];
if (!generator) {
  console.error(`usage: generated.ts ${Object.keys(generators).join('|')}`);
  process.exit(2);
}

const contents = () => new Map(generator.files().map(file => [file, existsSync(file) ? readFileSync(file, 'utf8') : undefined]));
const before = contents();
const [tool, ...args] = generator.command;
execFileSync(`node_modules/.bin/${tool}`, args, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, PROJEN_DISABLE_POST: 'true' } });
const after = contents();

const stale = [...new Set([...before.keys(), ...after.keys()])].filter(file => before.get(file) !== after.get(file));
if (stale.length > 0) {
  console.error(`generated files were not up to date; they are now, commit them: ${stale.join(', ')}`);
  process.exit(1);
}
