import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { pack } from './support/packed';
import { examplesIn, filesIn, installExample } from '../tools/shared/examples';

/**
 * A project of a user, outside this repository: the packed package, the first program of the README, and every example in TypeScript. Its
 * aws-cdk-lib and constructs are the oldest that the package allows; with PEERS=newest, as in .ci/newest, the newest.
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

/** Runs the apps of projects in one process, which loads the CDK once. Each has the context of its cdk.json, and its own cdk.out. */
const RUN_ALL = `
for (const project of process.argv.slice(2)) {
  process.chdir(project);
  process.env.CDK_OUTDIR = project + '/cdk.out';
  process.env.CDK_CONTEXT_JSON = JSON.stringify(require(project + '/cdk.json').context ?? {});
  require(project + '/app.js');
}`;

/** The examples that are copied, by their name. */
const copies: Record<string, string> = {};

beforeAll(() => {
  writeFileSync(path.join(directory, 'package.json'), JSON.stringify({ private: true }));
  writeFileSync(path.join(directory, 'cdk.json'), '{}');
  writeFileSync(path.join(directory, 'app.ts'), program);
  mkdirSync(path.join(directory, code));
  writeFileSync(path.join(directory, code, 'Dockerfile'), 'FROM scratch\n');

  // A peer that is not as the package wants it is an error here. The types of Node.js are what `cdk init` adds.
  run('npm', ['install', '--strict-peer-deps', '--no-audit', '--no-fund', pack(directory).tarball, ...peers, `@types/node@${nodeTypes}`]);
  const installed = Object.fromEntries(['aws-cdk-lib', 'cdk-lambda-microvms', 'constructs', '@types/node'].map(name => [name, path.join(directory, 'node_modules', name)]));
  for (const example of examplesIn('typescript')) copies[example] = installExample(example, path.join(directory, 'examples'), installed);

  // With the settings of the examples. Declarations of libraries are checked too: one of ours may name nothing that a user does not have.
  writeFileSync(path.join(directory, 'tsconfig.json'), JSON.stringify({
    extends: `${copies['quickstart/typescript']}/tsconfig.json`,
    compilerOptions: { noEmit: false, skipLibCheck: false },
    files: ['app.ts', ...Object.values(copies).flatMap(copy => filesIn(copy).filter(file => file.endsWith('.ts')).map(file => path.join(copy, file)))],
  }));
  run(path.join(ROOT, 'node_modules', '.bin', 'tsc'), ['--project', '.']);

  writeFileSync(path.join(directory, 'run-all.js'), RUN_ALL);
  // `npx` puts the tools of a project into the path too.
  const tools = path.join(copies['quickstart/typescript'], 'node_modules', '.bin');
  run(process.execPath, ['run-all.js', directory, ...Object.values(copies)], { PATH: `${tools}${path.delimiter}${process.env.PATH}` });
});

const templateOf = (output: string) => {
  const [file, ...others] = readdirSync(path.join(directory, output)).filter(name => name.endsWith('.template.json'));
  expect(others).toEqual([]);
  return JSON.parse(read(path.join(output, file)));
};
const typesIn = (template: { Resources: Record<string, { Type: string }> }) => Object.values(template.Resources).map(({ Type }) => Type);
/** Texts of the files with a name in an output directory. */
const assetsNamed = (name: string, output: string) => readdirSync(path.join(directory, output), { recursive: true, encoding: 'utf8' })
  .filter(file => path.basename(file) === name).map(file => read(path.join(output, file)));
const handler = () => read('node_modules/cdk-lambda-microvms/lib/handlers/index.js');

test('the first program of the README compiles and synthesizes with the package as users get it', () => {
  expect(typesIn(templateOf('cdk.out'))).toContain('Custom::MicrovmImage');
  expect(assetsNamed('Dockerfile', 'cdk.out')).toEqual(['FROM scratch\n']);
  expect(assetsNamed('index.js', 'cdk.out')).toContain(handler());
});

test.each(examplesIn('typescript'))('the example %s compiles and synthesizes, copied out of the repository', example => {
  const output = path.join('examples', example, 'cdk.out');
  expect(typesIn(templateOf(output))).toContain(example.endsWith('/team') ? 'Custom::NetworkConnector' : 'Custom::MicrovmImage');
  expect(assetsNamed('index.js', output)).toContain(handler());
});
