/**
 * Writes THIRD-PARTY-NOTICES: the licenses of what is in the bundles of the handlers and of the parser of Dockerfiles.
 *
 *   tsx tools/gate/notices.ts
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { BundleName } from '../../test/support/bundling';
import { bundle } from '../../test/support/bundling';

const ROOT = path.join(__dirname, '..', '..');

/** Licenses under which a bundle may be distributed with this package's own license, if it has a notice. */
const COMPATIBLE = ['Apache-2.0', 'MIT', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC'];

/** An npm package with code in the bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** The license, and the notice that it requires to distribute, if there is one. */
  readonly text: string;
}

/** The files that are in a bundle, by their paths from the root of the repository. */
export function bundledFiles(name: BundleName = 'handlers/index'): string[] {
  const directory = mkdtempSync(path.join(tmpdir(), 'bundle-'));
  try {
    const { inputs } = bundle(path.join(directory, 'index.js'), undefined, name);
    return Object.keys(inputs).filter(file => inputs[file].bytesInOutput > 0).sort();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export function bundledPackages(files: readonly string[]): BundledPackage[] {
  const directories = new Set(files.flatMap(file => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []));
  return [...directories].map(packageIn).sort((a, b) => idOf(a) < idOf(b) ? -1 : 1);
}

export function idOf({ name, version }: BundledPackage): string {
  return `${name} ${version}`;
}

function packageIn(directory: string): BundledPackage {
  const { name, version, license } = JSON.parse(readFileSync(path.join(ROOT, directory, 'package.json'), 'utf8'));
  if (!COMPATIBLE.includes(license)) throw new Error(`${name} ${version} has the license ${license}, which is not one of ${COMPATIBLE.join(', ')}`);
  const files = readdirSync(path.join(ROOT, directory));
  const textOf = (pattern: RegExp) => files.filter(file => pattern.test(file)).map(file => readFileSync(path.join(ROOT, directory, file), 'utf8').trim());
  const texts = textOf(/^licen[cs]e(\.(md|txt))?$/i);
  // Some packages only name the license; the text of Apache-2.0 is the same for all.
  if (texts.length === 0 && license === 'Apache-2.0') texts.push(readFileSync(path.join(ROOT, 'LICENSE'), 'utf8').trim());
  if (texts.length !== 1) throw new Error(`${name} ${version} has ${texts.length} license files`);
  return { name, version, license, text: [...texts, ...textOf(/^notice(\.(md|txt))?$/i)].join('\n\n') };
}

export function notices(packages = bundledPackages([...bundledFiles(), ...bundledFiles('image/dockerfile-ast/index')])): string {
  const texts = new Map<string, BundledPackage[]>();
  packages.forEach(bundled => texts.set(bundled.text, [...texts.get(bundled.text) ?? [], bundled]));
  const sections = [...texts].map(([text, bundled]) => [`${bundled.map(one => `${idOf(one)} (${one.license})`).join('\n')}\n`, text].join('\n'));
  return [
    'lib/handlers/index.js and lib/image/dockerfile-ast/index.js have parts of the packages below. Each list of packages is followed by their license.',
    ...sections,
  ].join(`\n\n${'-'.repeat(80)}\n\n`) + '\n';
}

if (require.main === module) writeFileSync(path.join(ROOT, 'THIRD-PARTY-NOTICES'), notices());
