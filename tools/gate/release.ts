/**
 * Checks whether a version can be released from this tree, and what is in its packages.
 *
 *   tsx tools/gate/release.ts ready    before the packages are created: fails with what is not ready, and empties dist/
 *   tsx tools/gate/release.ts packed   after they are created: fails if one lacks something, and lists them
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import { unzipSync } from 'fflate';

const ROOT = path.join(__dirname, '..', '..');
const DIST = path.join(ROOT, 'dist');

export interface Tree {
  readonly version: string;
  /** The version in package-lock.json. */
  readonly lockedVersion: string;
  readonly changelog: string;
  /** The output of `git status --porcelain`. */
  readonly changes: string;
}

/** The reasons why the tree cannot be released; empty if it can. */
export function reasonsAgainst({ version, lockedVersion, changelog, changes }: Tree): string[] {
  return [
    ...changes === '' ? [] : [`there are changes that are not committed:\n${changes}`],
    ...isReleaseVersion(version) ? [] : [`the version ${version} is not a semantic version from 0.1.0 on`],
    ...lockedVersion === version ? [] : [`package-lock.json has the version ${lockedVersion}, package.json has ${version}`],
    ...hasSection(changelog, version) ? [] : [`CHANGELOG.md has no section '## [${version}]' with content`],
  ];
}

function isReleaseVersion(version: string): boolean {
  return /^(0\.[1-9]\d*|[1-9]\d*\.(0|[1-9]\d*))\.(0|[1-9]\d*)$/.test(version);
}

function hasSection(changelog: string, version: string): boolean {
  const section = changelog.split(/^## /m).find(text => text.startsWith(`[${version}]`));
  return section !== undefined && section.split('\n').slice(1).join('').trim() !== '';
}

function readTree(): Tree {
  const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
  return {
    version: JSON.parse(read('package.json')).version,
    lockedVersion: JSON.parse(read('package-lock.json')).version,
    changelog: read('CHANGELOG.md'),
    changes: execFileSync('git', ['status', '--porcelain'], { cwd: ROOT, encoding: 'utf8' }).trimEnd(),
  };
}

function ready(): void {
  const reasons = reasonsAgainst(readTree());
  if (reasons.length > 0) throw new Error(reasons.join('\n'));
  rmSync(DIST, { recursive: true, force: true });
}

/**
 * The wheel, the source distribution and the jar contain the whole npm package: the bundle with its licenses is in all
 * three alike.
 */
function packed(): void {
  const { version } = readTree();
  const maven = `java/io/github/cdklambdamicrovms/cdk-lambda-microvms/${version}/cdk-lambda-microvms-${version}`;
  const npm = `js/cdk-lambda-microvms@${version}.jsii.tgz`;
  const carriers = [`python/cdk_lambda_microvms-${version}-py3-none-any.whl`, `python/cdk_lambda_microvms-${version}.tar.gz`, `${maven}.jar`];

  const inTarball = execFileSync('tar', ['-tzf', path.join(DIST, npm)], { encoding: 'utf8' }).split('\n');
  for (const file of ['LICENSE', 'THIRD-PARTY-NOTICES', 'CHANGELOG.md', '.jsii', '.jsii.tabl.json', 'lib/handlers/index.js']) {
    if (!inTarball.includes(`package/${file}`)) throw new Error(`${npm} lacks ${file}`);
  }
  for (const carrier of carriers) {
    if (!contentOf(npm).equals(carriedBy(carrier))) throw new Error(`${carrier} contains another package than ${npm}`);
  }
  for (const file of [npm, ...carriers, `${maven}-sources.jar`, `${maven}-javadoc.jar`, `${maven}.pom`]) {
    const content = contentOf(file);
    console.log(`${createHash('sha256').update(content).digest('hex')}  ${String(content.length).padStart(7)}  dist/${file}`);
  }
  const { author } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  if (author.email.endsWith('.example')) console.log('Do not publish: author and repository are placeholders (RELEASING.md).');
}

function contentOf(file: string): Buffer {
  return readFileSync(path.join(DIST, file));
}

function carriedBy(file: string): Uint8Array {
  if (file.endsWith('.tar.gz')) {
    return execFileSync('tar', ['-xzOf', path.join(DIST, file), '--wildcards', '*.jsii.tgz'], { maxBuffer: 100_000_000 });
  }
  const [tarball] = Object.values(unzipSync(contentOf(file), { filter: ({ name }) => name.endsWith('.jsii.tgz') }));
  if (!tarball) throw new Error(`${file} contains no npm package`);
  return tarball;
}

if (require.main === module) {
  const step = new Map([['ready', ready], ['packed', packed]]).get(process.argv[2]);
  if (!step) {
    console.error('usage: release.ts ready|packed');
    process.exit(2);
  }
  try {
    step();
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}
