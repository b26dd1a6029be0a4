/**
 * Checks whether programs for the last release still compile: compares the compiled API with baseline.json.
 *
 *   tsx tools/gate/compatibility.ts            fails on a change that breaks them
 *   tsx tools/gate/compatibility.ts --update   records the compiled API as the baseline
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { ROOT } from './repository';

const BASELINE = path.join(__dirname, 'baseline.json');
const MODULES = path.join(ROOT, 'node_modules');

/** Keeps what jsii-diff compares: neither the documentation of a type nor the place of its source. */
function compared(key: string, value: any): unknown {
  if (key === 'locationInModule' || key === 'symbolId') return undefined;
  if (key !== 'docs') return value;
  const { deprecated, stability } = value;
  return deprecated !== undefined || stability === 'experimental' ? { deprecated, stability } : undefined;
}

function update(): void {
  const { schema, name, version, dependencies, usedFeatures, types } = JSON.parse(readFileSync(path.join(ROOT, '.jsii'), 'utf8'));
  writeFileSync(BASELINE, `${JSON.stringify({ schema, name, version, dependencies, usedFeatures, types }, compared, 1)}\n`);
}

/** jsii-diff needs a package. It is outside of the repository, where jsii-docgen would read it as ours. */
function compare(): number {
  const directory = mkdtempSync(path.join(tmpdir(), 'baseline-'));
  try {
    copyFileSync(BASELINE, path.join(directory, '.jsii'));
    copyFileSync(path.join(ROOT, 'package.json'), path.join(directory, 'package.json'));
    symlinkSync(MODULES, path.join(directory, 'node_modules'));
    // A break of an experimental API is only a warning otherwise.
    const options = [directory, ROOT, '--error-on', 'all'];
    return spawnSync(path.join(MODULES, '.bin', 'jsii-diff'), options, { stdio: 'inherit' }).status ?? 1;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

if (process.argv[2] === '--update') update();
else process.exitCode = compare();
