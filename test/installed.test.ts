import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { pack } from './support/packed';
import { examplesIn, filesIn, installExample } from '../tools/shared/examples';

/**
 * Installs the packed package outside this repository, as a user does, and synthesizes the program of the README and
 * every TypeScript example with it.
 *
 * aws-cdk-lib and constructs are the oldest that the package allows or, with PEERS=newest (.ci/newest), the newest.
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

const section = ours('README.md').split(/^## /m).find(text => text.startsWith('Quickstart\n'))!;
const [, program] = /^```ts\n([^]*?)^```/m.exec(section)!;
const QUICKSTART = 'quickstart/typescript';

/** Runs the apps of several projects in one process, which loads the CDK once. Each has its own context and cdk.out. */
const RUN_ALL = `
for (const project of process.argv.slice(2)) {
  process.chdir(project);
  process.env.CDK_OUTDIR = project + '/cdk.out';
  process.env.CDK_CONTEXT_JSON = JSON.stringify(require(project + '/cdk.json').context ?? {});
  require(project + '/app.js');
}`;

/** Directories of the copied examples, by name. */
const copies: Record<string, string> = {};

beforeAll(() => {
  writeFileSync(path.join(directory, 'package.json'), JSON.stringify({ private: true }));

  // Here npm rejects a peer that the package does not allow. `cdk init` adds the types of Node.js too.
  run('npm', ['install', '--strict-peer-deps', '--no-audit', '--no-fund', pack(directory).tarball, ...peers, `@types/node@${nodeTypes}`]);
  const installed = Object.fromEntries(['aws-cdk-lib', 'cdk-lambda-microvms', 'constructs', '@types/node'].map(name => [name, path.join(directory, 'node_modules', name)]));
  for (const example of examplesIn('typescript')) copies[example] = installExample(example, path.join(directory, 'examples'), installed);

  // The program of the README is a shorter one for the files of the quickstart.
  const readme = path.join(directory, 'readme');
  cpSync(copies[QUICKSTART], readme, { recursive: true });
  writeFileSync(path.join(readme, 'app.ts'), program);

  // Checks declarations of libraries too: those of this package may import nothing that a user does not have.
  writeFileSync(path.join(directory, 'tsconfig.json'), JSON.stringify({
    extends: `${copies[QUICKSTART]}/tsconfig.json`,
    compilerOptions: { noEmit: false, skipLibCheck: false },
    files: ['readme/app.ts', ...Object.values(copies).flatMap(copy => filesIn(copy).filter(file => file.endsWith('.ts')).map(file => path.join(copy, file)))],
  }));
  run(path.join(ROOT, 'node_modules', '.bin', 'tsc'), ['--project', '.']);

  writeFileSync(path.join(directory, 'run-all.js'), RUN_ALL);
  // `npx` adds the tools of a project to the path too.
  const tools = path.join(copies[QUICKSTART], 'node_modules', '.bin');
  run(process.execPath, ['run-all.js', readme, ...Object.values(copies)], { PATH: `${tools}${path.delimiter}${process.env.PATH}` });
});

const templateOf = (output: string) => {
  const [file, ...others] = readdirSync(path.join(directory, output)).filter(name => name.endsWith('.template.json'));
  expect(others).toEqual([]);
  return JSON.parse(read(path.join(output, file)));
};
const typesIn = (template: { Resources: Record<string, { Type: string }> }) => Object.values(template.Resources).map(({ Type }) => Type);
/** Returns the texts of the files with this name in an output directory. */
const assetsNamed = (name: string, output: string) => readdirSync(path.join(directory, output), { recursive: true, encoding: 'utf8' })
  .filter(file => path.basename(file) === name).map(file => read(path.join(output, file)));
const handler = () => read('node_modules/cdk-lambda-microvms/lib/handlers/index.js');

test('the program of the README compiles and synthesizes with the package as users install it', () => {
  const output = path.join('readme', 'cdk.out');
  expect(typesIn(templateOf(output))).toContain('Custom::MicrovmImage');
  expect(assetsNamed('Dockerfile', output)).toEqual([ours('examples/quickstart/typescript/sandbox/Dockerfile')]);
  expect(assetsNamed('index.js', output)).toContain(handler());
});

test('the unit tests of an example pass outside the repository', () => {
  const tests = Object.values(copies).flatMap(copy => filesIn(copy).filter(file => file.endsWith('.test.js')).map(file => path.join(copy, file)));
  expect(tests).toEqual([expect.stringMatching(/unit-tests\/typescript\/sandbox-stack\.test\.js$/)]);
  run(process.execPath, ['--test', ...tests]);
});

test.each(examplesIn('typescript'))('the example %s compiles and synthesizes outside the repository', example => {
  const output = path.join('examples', example, 'cdk.out');
  expect(typesIn(templateOf(output))).toContain(example.endsWith('/team') ? 'Custom::NetworkConnector' : 'Custom::MicrovmImage');
  expect(assetsNamed('index.js', output)).toContain(handler());
});
