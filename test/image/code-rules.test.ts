import * as path from 'path';
import { IgnoreStrategy } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import { dockerPattern, gitPattern } from '../../src/image/code-pattern';
import type { Verdict } from '../../src/image/code-rules';
import { CodeRules, DEFAULT_EXCLUSIONS, ROOT_VERDICT } from '../../src/image/code-rules';

/** Returns the rule that leaves a file out, with all directories above it judged first. */
function leftOutBy(rules: CodeRules, file: string) {
  const names = file.split('/');
  return names.reduce<Verdict>((verdict, _, index) => rules.judge(verdict, names.slice(0, index + 1).join('/'), index < names.length - 1), ROOT_VERDICT).leftOutBy;
}

const docker = (lines: string[], file: string) => leftOutBy(new CodeRules([], lines, []), file) !== undefined;
const exclude = (patterns: string[], file: string) => leftOutBy(new CodeRules([], [], patterns), file) !== undefined;

describe('lines of .dockerignore', () => {
  test.each<[string[], string, boolean]>([
    [['docs'], 'docs/a.md', true],
    [['docs'], 'app/docs/a.md', false],
    [['/docs/'], 'docs/a.md', true],
    [['./docs'], 'docs/a.md', true],
    [['app/../docs'], 'docs/a.md', true],
    [['**/docs'], 'app/docs/a.md', true],
    [['**/docs'], 'docs/a.md', true],
    [['*.md'], 'a.md', true],
    [['*.md'], 'docs/a.md', false],
    [['*/*.md'], 'docs/a.md', true],
    [['docs/**'], 'docs/a/b.md', true],
    [['**/*.md', '!README.md'], 'README.md', false],
    [['**/*.md', '!README.md'], 'docs/README.md', true],
    [['!README.md', '**/*.md'], 'README.md', true],
    [['*', '!app'], 'app/main.py', false],
    [['*', '!app'], 'data/a.csv', true],
    [['*', '!app/**'], 'app/a/main.py', false],
    [['docs', '!docs/keep.md'], 'docs/keep.md', false],
    [['docs', '!docs/keep.md'], 'docs/other.md', true],
    [['# docs', ' docs '], 'docs/a.md', true],
    [['#docs'], '#docs', false],
    [['\\#docs'], '#docs', true],
    [['README.md'], 'readme.md', false],
    [['a?.txt'], 'ab.txt', true],
    [['a[0-9].txt'], 'a1.txt', true],
    [['a[^0-9].txt'], 'a1.txt', false],
    [['(a).txt'], '(a).txt', true],
    [['.', '', ' ', '!'], 'a.txt', false],
    [['[z-a]'], 'z', false],
  ])('%j on %s: %p', (lines, file, expected) => {
    expect(docker(lines, file)).toBe(expected);
  });

  const name = fc.constantFrom('a', 'b', 'ab', 'a.md', '.c');
  const file = fc.array(name, { minLength: 1, maxLength: 4 }).map(names => names.join('/'));
  const part = fc.constantFrom('a', 'b', '*', '**', 'a*', '?', '*.md', '.c', '[ab]', 'ab');
  const pattern = fc.tuple(fc.constantFrom('', '!', '/'), fc.array(part, { minLength: 1, maxLength: 3 }), fc.constantFrom('', '/'))
    .map(([before, parts, after]) => `${before}${parts.join('/')}${after}`);

  test('have the effect that they have for CDK', () => {
    fc.assert(fc.property(fc.array(pattern, { maxLength: 4 }), file, (lines, tried) => {
      expect(docker(lines, tried)).toBe(IgnoreStrategy.docker('/root', lines).ignores(path.join('/root', tried)));
    }), { numRuns: 3_000 });
  });

  test('single patterns of exclude have the effect that they have for CDK', () => {
    fc.assert(fc.property(pattern, file, (line, tried) => {
      // The library that CDK uses differs from git here: a/**/ matches files, and **/** is not the same as **.
      fc.pre(!/\*\*\/(\*\*|$)/.test(line));
      expect(exclude([line], tried)).toBe(IgnoreStrategy.git('/root', [line]).ignores(path.join('/root', tried)));
    }), { numRuns: 3_000 });
  });

  test('a directory that is left out is visited if something in it can be included', () => {
    fc.assert(fc.property(fc.array(pattern, { maxLength: 4 }), fc.array(pattern, { maxLength: 2 }), file, (lines, patterns, tried) => {
      const rules = new CodeRules(['.c'], lines, patterns);
      if (leftOutBy(rules, tried) !== undefined) return;
      const names = tried.split('/');
      names.slice(0, -1).reduce<Verdict>((parent, _, index) => {
        const directory = names.slice(0, index + 1).join('/');
        const verdict = rules.judge(parent, directory, true);
        expect(verdict.leftOutBy === undefined || rules.canIncludeIn(verdict, directory)).toBe(true);
        return verdict;
      }, ROOT_VERDICT);
    }), { numRuns: 3_000 });
  });
});

describe('patterns of exclude', () => {
  test.each<[string[], string, boolean]>([
    [['docs'], 'app/docs/a.md', true],
    [['/docs'], 'app/docs/a.md', false],
    [['docs/'], 'docs', false],
    [['*.MD'], 'docs/a.md', true],
    [['docs/**'], 'docs/a/b.md', true],
    [['*.md', '!keep.md'], 'docs/keep.md', false],
    [['docs', '!keep.md'], 'docs/keep.md', true],
    [['docs', '!docs/keep.md'], 'docs/keep.md', false],
    [['docs', '!docs/keep'], 'docs/keep/a.md', false],
    [['docs', '!docs/keep'], 'docs/other/a.md', true],
    [['# docs'], '# docs', false],
    [['a\\ ', '  '], 'a ', true],
    [['a[!0-9].txt'], 'a1.txt', false],
  ])('%j on %s: %p', (patterns, file, expected) => {
    expect(exclude(patterns, file)).toBe(expected);
  });
});

describe('default exclusions, .dockerignore and exclude together', () => {
  test.each<[string, string[], string[], string, object | undefined]>([
    ['a default exclusion', [], [], 'app/.npmrc', { pattern: '.npmrc', source: 'default' }],
    ['exclude includes it', [], ['!.npmrc'], '.npmrc', undefined],
    ['exclude includes a directory', [], ['!node_modules'], 'node_modules/x/index.js', undefined],
    ['but not secrets in it', [], ['!node_modules'], 'node_modules/x/.env', { pattern: '*.env', source: 'default' }],
    ['exclude includes a part of a directory', [], ['!node_modules/mine'], 'node_modules/mine/index.js', undefined],
    ['and not the rest', [], ['!node_modules/mine'], 'node_modules/x/index.js', { pattern: 'node_modules', source: 'default' }],
    ['exclude without a path does not look into directories', [], ['!*.pem'], 'node_modules/x/a.pem', { pattern: 'node_modules', source: 'default' }],
    ['a line of .dockerignore that names the file', ['!.npmrc'], [], '.npmrc', undefined],
    ['also in a directory', ['certs/*', '!certs/root.crt'], [], 'certs/root.crt', undefined],
    ['which exclude leaves out', ['!.npmrc'], ['.npmrc'], '.npmrc', { pattern: '.npmrc', source: 'exclude' }],
    ['or its directory', ['!docs/.npmrc'], ['docs'], 'docs/.npmrc', { pattern: 'docs', source: 'exclude' }],
    ['not a line for the directory', ['*', '!src'], [], 'src/.env', { pattern: '*.env', source: 'default' }],
    ['not a line with wildcards', ['*', '!src/**'], [], 'src/id_rsa', { pattern: 'id_rsa*', source: 'default' }],
    ['.dockerignore leaves out', ['data'], [], 'data/a.csv', { pattern: 'data', source: '.dockerignore' }],
    ['exclude includes what .dockerignore leaves out', ['data'], ['!data'], 'data/a.csv', undefined],
    ['and a file of it', ['data'], ['!data/a.csv'], 'data/a.csv', undefined],
    ['but not what another line leaves out', ['data', '**/*.tmp'], ['!data'], 'data/a.tmp', { pattern: '**/*.tmp', source: '.dockerignore' }],
    ['exclude leaves out what .dockerignore includes', ['*', '!app'], ['*.log'], 'app/a.log', { pattern: '*.log', source: 'exclude' }],
    ['the ignore file itself', [], [], '.dockerignore', { pattern: '/.dockerignore', source: 'default' }],
  ])('%s', (_, dockerignore, patterns, file, expected) => {
    const rule = leftOutBy(new CodeRules(DEFAULT_EXCLUSIONS, dockerignore, patterns), file);
    expect(rule && { pattern: rule.pattern, source: rule.source }).toEqual(expected);
  });

  test('patterns without wildcards name their path', () => {
    expect([gitPattern('!a/b')?.literal, dockerPattern('!./a/b/')?.literal, dockerPattern('*.a')?.literal]).toEqual(['a/b', 'a/b', undefined]);
  });
});
