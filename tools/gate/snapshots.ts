/**
 * The committed templates of the integration apps, and the templates that the apps synthesize now.
 *
 *   tsx tools/gate/snapshots.ts --update   writes the templates of now to integ/*.snapshot
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { appFile, appNames } from '../../integ/apps';

const INTEG = path.join(__dirname, '..', '..', 'integ');
const ALL_APPS = path.join(__dirname, '..', 'bindings', 'all-apps.ts');
const TSX = path.join(__dirname, '..', '..', 'node_modules', '.bin', 'tsx');

/** A violation of CloudFormation's schemas is an error, not a warning. */
const STRICT = JSON.stringify({ '@aws-cdk/core:validateAgainstDefaultRules': true });

/**
 * Text by file name. It leaves out the hashes of assets, which change with each handler, and the salt of assertions,
 * which changes with each run.
 */
export type Templates = Record<string, string>;

export function integApps(): string[] {
  return appNames().map(appFile);
}

/** The templates of all apps as they are now, by app. One process runs all apps, which loads the CDK once. */
export function synthesized(): Record<string, Templates> {
  const output = mkdtempSync(path.join(tmpdir(), 'integ-'));
  try {
    execFileSync(TSX, [ALL_APPS, output, ...integApps().map(app => path.join(INTEG, app))], {
      stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, CDK_CONTEXT_JSON: STRICT },
    });
    return Object.fromEntries(integApps().map(app => [app, templatesIn(path.join(output, app))]));
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

export function committed(app: string): Templates {
  const directory = snapshotOf(app);
  return existsSync(directory) ? templatesIn(directory) : {};
}

function templatesIn(directory: string): Templates {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.template.json')).sort();
  return Object.fromEntries(files.map(file => [path.basename(file), withoutChance(readFileSync(path.join(directory, file), 'utf8'))]));
}

function withoutChance(template: string): string {
  return template.replace(/[0-9a-f]{64}/g, 'HASH').replace(/"salt": "\d+"/g, '"salt": "SALT"');
}

function snapshotOf(app: string): string {
  return path.join(INTEG, `${app}.snapshot`);
}

if (process.argv[2] === '--update') {
  for (const [app, templates] of Object.entries(synthesized())) {
    rmSync(snapshotOf(app), { recursive: true, force: true });
    mkdirSync(snapshotOf(app));
    for (const [file, template] of Object.entries(templates)) writeFileSync(path.join(snapshotOf(app), file), template);
  }
}
