import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Annotations } from 'aws-cdk-lib/assertions';
import type { Diagnostic } from '../src/contract/diagnostics';
import { addressOf, DEPLOYMENT_ERRORS, DOCUMENTATION, SYNTHESIS_ERRORS, SYNTHESIS_WARNINGS } from '../src/contract/diagnostics';
import { ValidationError } from '../src/private/errors';
import { warn } from '../src/private/warnings';
import { ERRORS_PAGE, errorsPage } from '../tools/gate/errors';
import { headingsOf } from '../tools/gate/markdown';
import { read, REPOSITORY_URL } from '../tools/gate/repository';

const ALL: Record<string, Diagnostic> = { ...SYNTHESIS_ERRORS, ...SYNTHESIS_WARNINGS, ...DEPLOYMENT_ERRORS };
const CODES = Object.keys(ALL);

/** The texts of TypeScript files by their paths in a directory of the repository. */
function filesIn(directory: string, isMeant: (file: string) => boolean): [file: string, text: string][] {
  const root = path.join(__dirname, '..', directory);
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && isMeant(file))
    .map(file => [file, readFileSync(path.join(root, file), 'utf8')]);
}

function textIn(directory: string, isMeant: (file: string) => boolean): string {
  return filesIn(directory, isMeant).map(([, text]) => text).join('\n');
}

describe('every code of the page of errors', () => {
  // The types check the other direction: a code without a heading does not compile.
  test('is one that the library reports', () => {
    const sources = textIn('src', file => path.basename(file) !== 'diagnostics.ts');
    expect(CODES.filter(code => !sources.includes(`'${code}'`))).toEqual([]);
  });

  test('is expected by a test', () => {
    const tests = textIn('test', file => file.endsWith('.test.ts'));
    expect(CODES.filter(code => !new RegExp(`\\b${code}\\b`).test(tests))).toEqual([]);
  });

  test('is of one kind only', () => {
    expect(CODES).toHaveLength([SYNTHESIS_ERRORS, SYNTHESIS_WARNINGS, DEPLOYMENT_ERRORS].flatMap(Object.keys).length);
  });

  test.each(Object.entries({ SYNTHESIS_ERRORS, SYNTHESIS_WARNINGS, DEPLOYMENT_ERRORS }))('is in alphabetical order: %s', (_, diagnostics) => {
    expect(Object.keys(diagnostics)).toEqual(Object.keys(diagnostics).sort());
  });

  test.each(Object.entries(ALL))('has at most three short sentences for each question: %s', (_, { means, remedy }) => {
    for (const text of [means, remedy]) {
      expect(text).toMatch(/^[A-Z`][^|\n]*\.$/);
      expect(text.split(/\. (?=[A-Z`])/).length).toBeLessThanOrEqual(3);
      expect(text.length).toBeLessThanOrEqual(200);
    }
  });

  test.each(Object.entries(ALL).filter(([, { example }]) => example !== undefined))('ends the first line of its example: %s', (code, { example }) => {
    expect(example!.split('\n')[0]).toMatch(new RegExp(`\\[${code}( at [\\w/]+)?\\]$`));
  });
});

describe('the page of errors', () => {
  test('is committed as it is generated; run npm run generate', () => {
    expect(read(ERRORS_PAGE)).toBe(errorsPage());
  });

  test('is in the repository that package.json names', () => {
    expect(DOCUMENTATION).toBe(`${REPOSITORY_URL}/blob/main/${ERRORS_PAGE}`);
  });

  test('has a heading at the address of each code', () => {
    const anchors = headingsOf(errorsPage()).map(({ anchor }) => `${DOCUMENTATION}#${anchor}`);
    expect(anchors).toEqual(expect.arrayContaining(CODES.map(code => addressOf(code as keyof typeof SYNTHESIS_ERRORS))));
  });
});

describe('constructs', () => {
  const sources = filesIn('src', file => !/^(handlers|contract)/.test(file));

  test('throw nothing without a code, except for a mistake in the list of permissions itself', () => {
    const others = sources.filter(([, text]) => [...text.matchAll(/new (\w*Error)\(/g)].some(([, type]) => type !== 'ValidationError'));
    expect(others.map(([file]) => file)).toEqual([path.join('private', 'permissions.ts')]);
  });

  test('end an error with its code, in the first line, and the address of its heading', () => {
    const error = new ValidationError('MicrovmMemoryInvalid', 'memory: 3 MiB is not valid', new Stack(new App(), 'Stack'));
    expect(error.message).toBe(`memory: 3 MiB is not valid [MicrovmMemoryInvalid at Stack]\n${DOCUMENTATION}#microvmmemoryinvalid`);
  });

  test('end a warning with the address of its heading, to which CDK adds the code', () => {
    const stack = new Stack(new App(), 'Stack');
    warn('cdk-lambda-microvms:buildRoleNotModified', 'buildRole: it stays as it is', stack);
    Annotations.fromStack(stack).hasWarning('/Stack', `buildRole: it stays as it is; see ${DOCUMENTATION}#cdk-lambda-microvmsbuildrolenotmodified `
      + '[ack: cdk-lambda-microvms:buildRoleNotModified]');
  });

  test('warn of nothing without a code', () => {
    const warning = sources.filter(([, text]) => /\.add(Warning|Error)/.test(text));
    expect(warning.map(([file]) => file)).toEqual([path.join('private', 'warnings.ts')]);
  });
});
