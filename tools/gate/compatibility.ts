/**
 * Whether programs that were written for the last release still compile: compares the API as it is compiled now with baseline.json.
 *
 *   tsx tools/gate/compatibility.ts            fails on a change that breaks them
 *   tsx tools/gate/compatibility.ts --update   takes the API as it is now for the baseline
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

const ROOT = path.join(__dirname, '..', '..');
const BASELINE = path.join(__dirname, 'baseline.json');
const MODULES = path.join(ROOT, 'node_modules');

/** What jsii-diff compares: not what is said of a type, nor where its source is. */
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

/** As jsii-diff wants it, a package; not in the repository, where jsii-docgen would take it for one of ours. */
function compare(): number {
  const directory = mkdtempSync(path.join(tmpdir(), 'baseline-'));
  try {
    copyFileSync(BASELINE, path.join(directory, '.jsii'));
    copyFileSync(path.join(ROOT, 'package.json'), path.join(directory, 'package.json'));
    symlinkSync(MODULES, path.join(directory, 'node_modules'));
    return spawnSync(path.join(MODULES, '.bin', 'jsii-diff'), [directory, ROOT], { stdio: 'inherit' }).status ?? 1;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

if (process.argv[2] === '--update') update();
else process.exitCode = compare();
