import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { DEPLOYMENT_ERRORS, SYNTHESIS_ERRORS, SYNTHESIS_WARNINGS } from '../src/contract/diagnostics';
import { diagnosticTables } from '../tools/gate/diagnostics';
import { readmeTable } from '../tools/gate/readme';

const ALL = { ...SYNTHESIS_ERRORS, ...SYNTHESIS_WARNINGS, ...DEPLOYMENT_ERRORS };
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

describe('every code of the page of diagnostics', () => {
  // The types see to the other direction: a code that is not on the page does not compile.
  test('is one that the library gives', () => {
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

  test.each(Object.entries({ SYNTHESIS_ERRORS, SYNTHESIS_WARNINGS, DEPLOYMENT_ERRORS }))('is where the alphabet puts it: %s', (_, diagnostics) => {
    expect(Object.keys(diagnostics)).toEqual(Object.keys(diagnostics).sort());
  });

  test.each(Object.entries(ALL))('has a short line for each column of the table: %s', (_, { means, remedy }) => {
    for (const line of [means, remedy]) {
      expect(line).toMatch(/^[a-z`][^|\n]*[^.|\n]$/);
      expect(line.length).toBeLessThanOrEqual(140);
    }
  });
});

describe('constructs', () => {
  const sources = filesIn('src', file => !/^(handlers|contract)/.test(file));

  test('throw nothing without a code, but for a mistake in the page of permissions itself', () => {
    const others = sources.filter(([, text]) => [...text.matchAll(/new (\w*Error)\(/g)].some(([, type]) => type !== 'ValidationError'));
    expect(others.map(([file]) => file)).toEqual([path.join('private', 'permissions.ts')]);
  });

  test('warn of nothing without a code', () => {
    const warning = sources.filter(([, text]) => /\.add(Warning|Error)/.test(text));
    expect(warning.map(([file]) => file)).toEqual([path.join('private', 'warnings.ts')]);
  });
});

test.each(Object.entries(diagnosticTables()))('the README has the table as `npm run diagnostics` writes it: %s', (marker, table) => {
  expect(readmeTable(marker)).toBe(table);
});
