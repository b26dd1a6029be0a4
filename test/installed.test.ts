import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { pack } from './support/packed';

/**
 * A project of a user, outside of this repository: the package that is packed, and the first program of the README. Its aws-cdk-lib and constructs
 * are the oldest that the package allows; with PEERS=newest, as in .ci/newest, the newest.
 */

const ROOT = path.join(__dirname, '..');

const directory = mkdtempSync(path.join(tmpdir(), 'installed-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const read = (file: string) => readFileSync(path.join(directory, file), 'utf8');
const run = (command: string, args: string[], env: NodeJS.ProcessEnv = {}) => {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: directory, encoding: 'utf8', env: { ...process.env, ...env } });
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')} fails:\n${stdout}${stderr}`);
};

const ours = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const { peerDependencies } = JSON.parse(ours('package.json'));
const { version: nodeTypes } = JSON.parse(ours('node_modules/@types/node/package.json'));
const peers = Object.entries<string>(peerDependencies).map(([name, range]) => `${name}@${process.env.PEERS === 'newest' ? range : range.replace('^', '')}`);

const section = ours('README.md').split(/^## /m).find(text => text.startsWith('The smallest program\n'))!;
const [, program] = /^```ts\n([^]*?)^```/m.exec(section)!;
const [, code] = /fromDirectory\('([\w-]+)'\)/.exec(program)!;

test('the first program of the README compiles and synthesizes with the package as users get it', () => {
  writeFileSync(path.join(directory, 'package.json'), JSON.stringify({ private: true }));
  writeFileSync(path.join(directory, 'app.ts'), program);
  mkdirSync(path.join(directory, code));
  writeFileSync(path.join(directory, code, 'Dockerfile'), 'FROM scratch\n');

  // A peer that is not as the package wants it is an error here. The types of Node.js are what `cdk init` adds.
  run('npm', ['install', '--strict-peer-deps', '--no-audit', '--no-fund', pack(directory).tarball, ...peers, `@types/node@${nodeTypes}`]);

  // Declarations of libraries are checked too: one of ours may name nothing that a user does not have.
  run(path.join(ROOT, 'node_modules', '.bin', 'tsc'), ['--strict', '--module', 'node16', '--target', 'es2022', '--types', 'node', 'app.ts']);
  run(process.execPath, ['app.js'], { CDK_OUTDIR: 'cdk.out' });

  const template = JSON.parse(read('cdk.out/Sandboxes.template.json'));
  const types = Object.values<{ Type: string }>(template.Resources).map(({ Type }) => Type);
  expect(types).toContain('Custom::MicrovmImage');
  const [dockerfiles, handlers] = ['Dockerfile', 'index.js'].map(name =>
    readdirSync(path.join(directory, 'cdk.out'), { recursive: true, encoding: 'utf8' }).filter(file => path.basename(file) === name));
  expect(dockerfiles.map(file => read(`cdk.out/${file}`))).toEqual(['FROM scratch\n']);
  expect(handlers.map(file => read(`cdk.out/${file}`))).toContain(read('node_modules/cdk-lambda-microvms/lib/handlers/index.js'));
});
