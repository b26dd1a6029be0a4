import * as path from 'node:path';
import { preProcessFile } from 'typescript';
import { devDependencies, peerDependencies, version } from '../../package.json';
import { EXAMPLES, examplesIn, filesIn, readExample } from '../../tools/shared/examples';

/**
 * Each example is a folder that a user copies and deploys on its own. test/installed.test.ts and `npm run bindings`
 * synthesize them.
 */

const BUILT_IN = /^node:/;
const FRAMEWORK = ['aws-cdk-lib', 'cdk-lambda-microvms', 'constructs'];

const sourcesOf = (example: string, extension: string) => filesIn(path.join(EXAMPLES, example)).filter(file => file.endsWith(extension));

/** The README of an example, or of the topic if its folders belong together. */
function readmesOf(example: string): string[] {
  return [example, path.dirname(example)].map(folder => path.join(folder, 'README.md')).filter(file => filesIn(EXAMPLES).includes(file));
}

test('there are examples in TypeScript for all topics, and in Python for the quickstart, the network team and unit tests', () => {
  expect(examplesIn('typescript')).toEqual([
    'broker/typescript', 'docker-inside/typescript', 'network-team/typescript/developer', 'network-team/typescript/team', 'quickstart/typescript',
    'shell/typescript', 'step-functions/typescript', 'token-check/typescript', 'unit-tests/typescript',
  ]);
  expect(examplesIn('python')).toEqual(['network-team/python/developer', 'network-team/python/team', 'quickstart/python', 'unit-tests/python']);
  const [topics] = [/^\| \[([\w-]+)\]\(\1\) \|/gm].map(row => [...readExample('.', 'README.md').matchAll(row)].map(([, topic]) => topic).sort());
  expect(topics).toEqual([...new Set(examplesIn('typescript').map(example => example.split('/')[0]))]);
});

describe.each(examplesIn('typescript'))('%s', example => {
  const declared = JSON.parse(readExample(example, 'package.json'));
  const packages: Record<string, string> = { ...declared.dependencies, ...declared.devDependencies };

  test('imports files of its own folder and packages that it declares, and this package by its name', () => {
    for (const source of sourcesOf(example, '.ts')) {
      for (const { fileName } of preProcessFile(readExample(example, source)).importedFiles) {
        if (fileName.startsWith('.')) {
          expect(path.join(path.dirname(source), fileName)).not.toMatch(/^\.\./);
        } else if (!BUILT_IN.test(fileName)) {
          expect(Object.keys(packages)).toContain(/^(@[^/]+\/)?[^/]+/.exec(fileName)![0]);
        }
      }
    }
    expect(preProcessFile(readExample(example, 'app.ts')).importedFiles.map(({ fileName }) => fileName)).toContain('cdk-lambda-microvms');
  });

  test('asks for the versions that this repository is tested with', () => {
    const number = (range: string) => range.replace(/^[\^~]/, '');
    const { [FRAMEWORK[0]]: cdk, [FRAMEWORK[1]]: own, [FRAMEWORK[2]]: constructs, ...others } = packages;
    expect([cdk, own, constructs]).toEqual([peerDependencies['aws-cdk-lib'], `^${version}`, peerDependencies.constructs]);
    const tested: Record<string, string> = devDependencies;
    for (const [name, range] of Object.entries(others)) expect([name, number(range)]).toEqual([name, number(tested[name])]);
  });

  test('has a README, and the configuration that all have', () => {
    expect(readmesOf(example)).toHaveLength(1);
    expect(JSON.parse(readExample(example, 'cdk.json')).app).toBe('npx tsx app.ts');
    expect(readExample(example, 'tsconfig.json')).toBe(readExample('quickstart/typescript', 'tsconfig.json'));
    expect(Object.keys(declared)).toEqual(['private', 'dependencies', 'devDependencies']);
  });
});

describe.each(examplesIn('python'))('%s', example => {
  test('imports the CDK and this package, and has requirements for them', () => {
    const imported = [...readExample(example, 'app.py').matchAll(/^(?:from|import) ([a-z_]+)/gm)].map(([, name]) => name);
    expect(imported).toContain('cdk_lambda_microvms');
    const own = sourcesOf(example, '.py').map(file => path.basename(file, '.py'));
    expect(imported.filter(name => !['aws_cdk', 'cdk_lambda_microvms', 'pathlib', ...own].includes(name))).toEqual([]);
    const next = `0.${Number(version.split('.')[1]) + 1}`;
    expect(readExample(example, 'requirements.txt')).toBe([
      `aws-cdk-lib>=${peerDependencies['aws-cdk-lib'].slice(1)},<3`,
      `cdk-lambda-microvms>=${version},<${next}`,
      `constructs>=${peerDependencies.constructs.slice(1)},<11`,
      '',
    ].join('\n'));
  });

  test('has a README, and the context of its twin in TypeScript', () => {
    expect(readmesOf(example)).toHaveLength(1);
    const { app, ...settings } = JSON.parse(readExample(example, 'cdk.json'));
    expect(app).toBe('python3 app.py');
    const { app: _, ...twin } = JSON.parse(readExample(example.replace('python', 'typescript'), 'cdk.json'));
    expect(settings).toEqual(twin);
  });
});

test('the quickstarts in both languages build the same image', () => {
  const [typescript, python] = ['typescript', 'python'].map(language => {
    const files = filesIn(path.join(EXAMPLES, 'quickstart', language, 'sandbox'));
    return Object.fromEntries(files.map(file => [file, readExample(`quickstart/${language}/sandbox`, file)]));
  });
  expect(python).toEqual(typescript);
});
