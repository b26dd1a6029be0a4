import * as path from 'node:path';
import * as ts from 'typescript';
import { parse } from './markdown';
import { files, read } from './repository';

/** Text that people read: a page, a comment, or a string of a program. */
export interface Text {
  readonly file: string;
  /** Of its beginning, from 1. */
  readonly line: number;
  readonly kind: 'page' | 'comment' | 'string';
  /** With the marks of comments and strings, on as many lines as it has. */
  readonly text: string;
}

/** Written by a program from texts that are checked where they stand, or by others. */
const NOT_OURS = [
  /^(API|PERMISSIONS)\.md$/, /^LICENSE$/, /^THIRD-PARTY-NOTICES$/, /^package(-lock)?\.json$/, /^\.projen\//, /^integ\/[^/]+\.snapshot\//,
  /^test\/recorded\/(cases|LICENSE)/, /^tools\/gate\/baseline\.json$/, /^docs\/pictures\/.*\.svg$/,
];

const PAGES = /\.md$|^llms\.txt$|^\.github\/.*\.(yml|md)$/;
const SCRIPTS = /\.(ts|js|mjs|cjs|java)$/;
const HASHED = /\.(py|sh|toml|yml|yaml)$|(^|\/)(Dockerfile|CODEOWNERS|requirements\.txt)$|^\.ci\//;
const DRAWINGS = /\.dot$/;

/** All texts of the repository that we wrote, in order of files and lines. */
export function texts(): Text[] {
  known ??= files().filter(file => !NOT_OURS.some(pattern => pattern.test(file))).flatMap(textsIn);
  return known;
}

let known: Text[] | undefined;

function textsIn(file: string): Text[] {
  if (PAGES.test(file) || DRAWINGS.test(file)) return [{ file, line: 1, kind: 'page', text: read(file) }];
  if (SCRIPTS.test(file)) return ofScript(file, read(file));
  if (HASHED.test(file)) return ofHashed(file, read(file));
  return [];
}

/** A text without the marks that begin the lines of a comment; each character is where it was. */
export function withoutMarks({ text, kind }: Text): string {
  if (kind !== 'comment') return text;
  return text.replace(/^\s*(\/\*+|\*\/|\*|\/\/|#+)|\*\/$/gm, mark => ' '.repeat(mark.length));
}

/** The line of a position in a text. */
export function lineOf({ line, text }: Text, position: number): number {
  return line + (text.slice(0, position).match(/\n/g)?.length ?? 0);
}

/** Comments and strings of a program; strings without white space are names. */
export function ofScript(file: string, program: string): Text[] {
  const strings = file.endsWith('.java') ? stringsOfJava(program) : stringsOfTypeScript(file, program);
  const lineAt = lineCounter(program);
  const found = strings.filter(({ prose, start, end }) => prose && /\S\s+\S/.test(program.slice(start, end)))
    .map(({ start, end }): Text => ({ file, line: lineAt(start), kind: 'string', text: program.slice(start, end) }));
  const withoutStrings = blank(program, strings);
  const comments = [...withoutStrings.matchAll(/\/\/.*(?:\n\s*\/\/.*)*|\/\*[^]*?\*\//g)]
    .map((match): Text => ({ file, line: lineAt(match.index), kind: 'comment', text: program.slice(match.index, match.index + match[0].length) }));
  return [...found, ...comments].sort((a, b) => a.line - b.line);
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly prose: boolean;
}

function stringsOfTypeScript(file: string, program: string): Span[] {
  const source = ts.createSourceFile(path.basename(file), program, ts.ScriptTarget.Latest, false, file.endsWith('.ts') ? ts.ScriptKind.TS : ts.ScriptKind.JS);
  const spans: Span[] = [];
  const visit = (node: ts.Node): void => {
    const isTemplate = ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node);
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || isTemplate) {
      spans.push({ start: node.getStart(source), end: node.end, prose: true });
    } else if (ts.isRegularExpressionLiteral(node)) {
      spans.push({ start: node.getStart(source), end: node.end, prose: false });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return spans;
}

function stringsOfJava(program: string): Span[] {
  return [...program.matchAll(/"(?:[^"\\\n]|\\.)*"/g)].map(match => ({ start: match.index, end: match.index + match[0].length, prose: true }));
}

/** Comments that begin with #, and for Python all strings. */
function ofHashed(file: string, text: string): Text[] {
  const lineAt = lineCounter(text);
  const strings = file.endsWith('.py')
    ? [...text.matchAll(/("""|''')[^]*?\1|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|#.*(?:\n\s*#.*)*/g)]
    : [...text.matchAll(/(?<=^|\s)#.*(?:\n\s*#.*)*/gm)];
  return strings.filter(match => match[0].startsWith('#') || /\S\s+\S/.test(match[0]))
    .map((match): Text => ({ file, line: lineAt(match.index), kind: match[0].startsWith('#') ? 'comment' : 'string', text: match[0] }));
}

function blank(text: string, spans: readonly Span[]): string {
  const parts: string[] = [];
  let position = 0;
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    parts.push(text.slice(position, start), text.slice(start, end).replace(/[^\n]/g, ' '));
    position = end;
  }
  return [...parts, text.slice(position)].join('');
}

function lineCounter(text: string): (position: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return position => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (starts[middle] <= position) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}

/** The lines of a page that are prose: no blocks of code, tables or comments. */
export function proseOf(page: string): { readonly number: number; readonly text: string }[] {
  return parse(page).lines.filter(({ text }) => !/^\s*(\||<!--|\[[^\]]+\]: )/.test(text));
}
