import * as path from 'node:path';
import * as ts from 'typescript';
import type { Finding } from './findings';
import { parse } from './markdown';
import { files, read, ROOT } from './repository';

/** A block of TypeScript of a page. */
export interface Snippet {
  readonly file: string;
  /** Of its first line of code, from 1. */
  readonly line: number;
  readonly code: string;
}

const LANGUAGES = ['ts', 'typescript'];

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  esModuleInterop: true,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2022.d.ts'],
  module: ts.ModuleKind.Node16,
  moduleResolution: ts.ModuleResolutionKind.Node16,
  types: ['node'],
  typeRoots: [path.join(ROOT, 'node_modules', '@types')],
  paths: { 'cdk-lambda-microvms': [path.join(ROOT, 'src', 'index.ts')] },
};

/** All blocks of TypeScript in pages; jsii-rosetta compiles those of doc comments, from which API.md is made. */
export function snippets(): Snippet[] {
  return files().filter(file => file.endsWith('.md') && file !== 'API.md').flatMap(file => parse(read(file)).blocks
    .filter(({ language }) => LANGUAGES.includes(language))
    .map(({ line, code }) => ({ file, line, code })));
}

/** Compiles each snippet as a module of its own, all in one program. */
export function snippetFindings(all: readonly Snippet[] = snippets()): Finding[] {
  const modules = new Map(all.map((snippet, index) => [path.join(ROOT, `snippet-${index}.ts`), snippet]));
  const host = ts.createCompilerHost(OPTIONS);
  const { getSourceFile, fileExists, readFile } = host;
  // Without exports a file would share its names with all others.
  const textOf = (snippet: Snippet) => `${snippet.code}\nexport {};\n`;
  host.getSourceFile = (name, ...rest) => {
    const snippet = modules.get(path.normalize(name));
    if (!snippet) return getSourceFile.call(host, name, ...rest);
    const format: ts.CreateSourceFileOptions = { languageVersion: ts.ScriptTarget.ES2022, impliedNodeFormat: ts.ModuleKind.CommonJS };
    return ts.createSourceFile(name, textOf(snippet), format);
  };
  host.fileExists = name => modules.has(path.normalize(name)) || fileExists.call(host, name);
  host.readFile = name => {
    const snippet = modules.get(path.normalize(name));
    return snippet ? textOf(snippet) : readFile.call(host, name);
  };
  const program = ts.createProgram({ rootNames: [...modules.keys()], options: OPTIONS, host });
  const general = [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()].map(({ messageText }) => messageOf(messageText));
  if (general.length > 0) throw new Error(general.join('\n'));
  return [...modules].flatMap(([name, snippet]) => {
    const source = program.getSourceFile(name)!;
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(({ start, messageText }) => ({
      file: snippet.file,
      line: snippet.line + (start === undefined ? 0 : source.getLineAndCharacterOfPosition(start).line),
      problem: messageOf(messageText),
    }));
  });
}

function messageOf(text: string | ts.DiagnosticMessageChain): string {
  return ts.flattenDiagnosticMessageText(text, ' ');
}
