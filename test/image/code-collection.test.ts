import * as fs from 'fs';
import * as path from 'path';
import type { CollectionProps } from '../../src/image/code-collection';
import { collect } from '../../src/image/code-collection';
import { directoryWith } from '../support/directories';
import { testStack } from '../support/stacks';

const contentsOf = (files: Record<string, string>, props: Partial<CollectionProps> = {}, directory = directoryWith({ Dockerfile: 'FROM x', ...files })) => collect(testStack(), {
  directory, dockerfile: 'Dockerfile', exclude: [], followsExternalLinks: false, files: {}, outputs: [], ...props,
}).contents;

test('lists the uploaded files, sorted', () => {
  expect(contentsOf({ 'b/c.js': '', 'a.js': '', '.env': '' }).files).toEqual(['Dockerfile', 'a.js', 'b/c.js']);
});

describe('why a path is not uploaded', () => {
  const files = { '.npmrc': '', 'certs/root.crt': '', 'app/main.py': '', 'app/.env': '', 'data/deep/a.csv': '', 'docs/a.md': '', '.dockerignore': 'data\n' };
  const contents = contentsOf(files, { exclude: ['docs'] });

  test.each<[string, object | undefined]>([
    ['.npmrc', { pattern: '.npmrc', source: 'default' }],
    ['./.npmrc', { pattern: '.npmrc', source: 'default' }],
    ['/.npmrc', { pattern: '.npmrc', source: 'default' }],
    ['certs/root.crt', { pattern: '*.crt', source: 'default' }],
    ['certs', { pattern: '*.crt', source: 'default' }],
    ['certs/', { pattern: '*.crt', source: 'default' }],
    ['data', { pattern: 'data', source: '.dockerignore' }],
    ['data/deep/a.csv', { pattern: 'data', source: '.dockerignore' }],
    ['docs/a.md', { pattern: 'docs', source: 'exclude' }],
    ['app', undefined],
    ['app/main.py', undefined],
    ['.', undefined],
    ['Dockerfile', undefined],
    ['nowhere', undefined],
    ['data/nowhere', undefined],
    ['../outside', undefined],
  ])('%s', (place, expected) => {
    const reason = contents.leftOut(place);
    expect(reason && { pattern: reason.pattern, source: reason.source }).toEqual(expected);
  });

  test('is the target of a link', () => {
    const directory = directoryWith({ Dockerfile: 'FROM x', ...files });
    fs.symlinkSync('.npmrc', path.join(directory, 'npmrc'));
    expect(contentsOf({}, {}, directory).leftOut('npmrc')).toMatchObject({ pattern: '.npmrc', source: 'default' });
  });

  test('is that the path is in the output of the app', () => {
    const directory = directoryWith({ 'Dockerfile': 'FROM x', 'build/out/a': '' });
    expect(contentsOf({}, { outputs: [path.join(directory, 'build/out')] }, directory).leftOut('build/out/a')).toEqual({ pattern: 'build/out', source: 'default' });
  });

  test('does not concern files that replace those of the directory', () => {
    expect(contentsOf(files, { files: { 'data/deep/a.csv': __filename } }).leftOut('data/deep/a.csv')).toBeUndefined();
  });
});

test('recognizes empty directories, which no ZIP file of the CDK CLI contains', () => {
  const directory = directoryWith({ 'Dockerfile': 'FROM x', 'certs/root.crt': '', 'app/main.py': '' });
  fs.mkdirSync(path.join(directory, 'empty/deep'), { recursive: true });
  const contents = contentsOf({}, {}, directory);
  expect(['empty', 'empty/deep', 'certs', 'app', 'nowhere', 'app/main.py'].map(place => contents.isEmptyDirectory(place))).toEqual([true, true, false, false, false, false]);
  expect(contents.leftOut('empty')).toBeUndefined();
});
