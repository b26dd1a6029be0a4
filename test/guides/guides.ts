import * as fs from 'node:fs';
import * as path from 'node:path';
import * as ts from 'typescript';
import * as library from '../../src';
import { parse } from '../../tools/gate/markdown';

const GUIDES = path.join(__dirname, '..', '..', 'docs', 'guides');

/** Runs the TypeScript block of a guide that contains a text, with this library, and returns what it exports. */
export function runSnippet(guide: string, part: string, exported: string[] = []): any {
  const blocks = parse(fs.readFileSync(path.join(GUIDES, guide), 'utf8')).blocks.filter(({ language, code }) => language === 'ts' && code.includes(part));
  if (blocks.length !== 1) throw new Error(`${blocks.length} blocks of ${guide} contain ${part}`);
  const source = `${blocks[0].code}\nexport { ${exported.join(', ')} };`;
  const { outputText } = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 } });
  const module = { exports: {} };
  new Function('require', 'exports', outputText)((name: string) => name === 'cdk-lambda-microvms' ? library : jest.requireActual(name), module.exports);
  return module.exports;
}
