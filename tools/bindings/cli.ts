/**
 * `npm run bindings`: checks that the integration apps in Python and Java synthesize the same templates as in
 * TypeScript, and that the examples in Python synthesize with the package that users get.
 *
 *   npm run bindings              both languages
 *   npm run bindings -- python    one language
 */
import * as fs from 'fs';
import * as path from 'path';
import { run } from './command';
import type { Comparison } from './comparison';
import { compare } from './comparison';
import { JAVA, LOCAL_REPOSITORY } from './java';
import type { Language } from './language';
import { PACKAGES, REPOSITORY, TEMPLATES } from './places';
import { PYTHON } from './python';
import { synthesizeTypeScript } from './typescript';
import { appNames } from '../../integ/apps';

const LANGUAGES = [PYTHON, JAVA];
const REPORT = path.join(REPOSITORY, 'test-reports', 'bindings.xml');

async function main(names: readonly string[]): Promise<void> {
  const languages = names.length > 0 ? names.map(languageOf) : LANGUAGES;
  const apps = appNames();
  for (const outdated of [PACKAGES, TEMPLATES, REPORT]) fs.rmSync(outdated, { recursive: true, force: true });

  console.log(`creating packages, and running ${apps.length} apps in TypeScript and ${languages.map(({ name }) => name).join(' and ')}`);
  const typescript = synthesizeTypeScript(apps);
  const packages = makePackages(languages);
  const synthesized = languages.map(language => language.synthesize(apps, packages));
  // If one language fails, the others still finish and are compared.
  await Promise.allSettled([typescript, ...synthesized]);
  const expected = await typescript;

  const comparisons: Comparison[] = [];
  for (const [index, language] of languages.entries()) {
    const { name } = language;
    const compared: Comparison[] = await synthesized[index].then(
      actual => compare(expected, actual),
      (error: Error) => apps.map((app, first) => ({ app, stacks: [], failure: first === 0 ? error.message : 'see above' })),
    );
    if (language.checkExamples) {
      compared.push(await language.checkExamples().catch((error: Error) => ({ app: 'examples', stacks: [], failure: error.message })));
    }
    for (const comparison of compared) console.log(lineOf(name, comparison));
    comparisons.push(...compared);
  }

  const failed = comparisons.filter(({ failure }) => failure !== undefined).length;
  writeReport(comparisons.length, failed);
  console.log(`${comparisons.length - failed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}

function languageOf(name: string): Language {
  const language = LANGUAGES.find(one => one.name === name);
  if (!language) throw new Error(`${name} is not one of ${LANGUAGES.map(one => one.name).join(', ')}`);
  return language;
}

async function makePackages(languages: readonly Language[]): Promise<void> {
  // Without this option, jsii-pacmak downloads all Maven plugins each time.
  await run('jsii-pacmak', [
    ...languages.flatMap(({ name }) => ['--target', name]), '--outdir', PACKAGES, '--no-npmignore', '--maven-local-repository', LOCAL_REPOSITORY,
  ]);
}

function lineOf(language: string, { app, stacks, failure }: Comparison): string {
  const start = `${language.padEnd(6)}  ${app.padEnd(24)}`;
  return failure === undefined ? `${start} ok: ${stacks.join(', ')}` : `${start} FAILED: ${failure}`;
}

/** Writes a report in the format of jest-junit, for tools that count tests. */
function writeReport(tests: number, failures: number): void {
  fs.mkdirSync(path.dirname(REPORT), { recursive: true });
  fs.writeFileSync(REPORT, `<testsuites name="bindings" tests="${tests}" failures="${failures}" errors="0"/>\n`);
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
