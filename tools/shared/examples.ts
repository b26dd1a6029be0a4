import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';

const ROOT = path.join(__dirname, '..', '..');
export const EXAMPLES = path.join(ROOT, 'examples');

export type ExampleLanguage = 'typescript' | 'python';

/** What a developer may have left in a checkout. */
const NOT_COPIED = new Set(['node_modules', 'cdk.out', 'package-lock.json', 'layer', '.venv', '__pycache__']);

/** The examples in a language, such as `quickstart/typescript`: every folder with a `cdk.json` is one. */
export function examplesIn(language: ExampleLanguage): string[] {
  return filesIn(EXAMPLES)
    .filter(file => path.basename(file) === 'cdk.json' && file.split(path.sep)[1] === language)
    .map(file => path.dirname(file))
    .sort();
}

/** Paths of the files in a directory, and in those below it, as a user would copy them. */
export function filesIn(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).filter(({ name }) => !NOT_COPIED.has(name)).flatMap(entry => {
    if (!entry.isDirectory()) return [entry.name];
    return filesIn(path.join(directory, entry.name)).map(file => path.join(entry.name, file));
  });
}

export function readExample(example: string, file: string): string {
  return readFileSync(path.join(EXAMPLES, example, file), 'utf8');
}

/** Copies an example and nothing else. */
export function copyExample(example: string, into: string): string {
  const copy = path.join(into, example);
  cpSync(path.join(EXAMPLES, example), copy, { recursive: true, filter: source => !NOT_COPIED.has(path.basename(source)) });
  return copy;
}

/**
 * Copies a TypeScript example, and links what its `package.json` names, and nothing else, from the repository: no
 * example costs an installation.
 *
 * @param installed where packages are that do not come from the repository.
 */
export function installExample(example: string, into: string, installed: Record<string, string>): string {
  const copy = copyExample(example, into);
  const { dependencies, devDependencies } = JSON.parse(readExample(example, 'package.json'));
  for (const name of Object.keys({ ...dependencies, ...devDependencies })) {
    link(installed[name] ?? path.join(ROOT, 'node_modules', name), path.join(copy, 'node_modules', name));
  }
  for (const tool of ['tsx', 'esbuild', 'cdk']) link(path.join(ROOT, 'node_modules', '.bin', tool), path.join(copy, 'node_modules', '.bin', tool));
  // As an installation writes it. NodejsFunction takes the directory that has it for the project.
  writeFileSync(path.join(copy, 'package-lock.json'), '{}');
  return copy;
}

function link(target: string, file: string): void {
  if (!existsSync(target)) throw new Error(`${target} does not exist`);
  mkdirSync(path.dirname(file), { recursive: true });
  symlinkSync(target, file);
}
