import { readFileSync } from 'node:fs';
import * as ts from 'typescript';

/** Maximum line length in this repository. */
const COLUMNS = 150;

/**
 * Counts the lines that a user would write: lines with code, without imports, and without the signatures and results
 * of the exported functions, which only connect the program to the benchmark.
 */
export function linesOfCode(file: string): number {
  const source = parsed(file);
  const written = source.statements.flatMap(statement => {
    if (ts.isImportDeclaration(statement)) return [];
    if (ts.isFunctionDeclaration(statement) && isExported(statement)) return statement.body!.statements.filter(inner => !ts.isReturnStatement(inner));
    return [statement];
  });
  const lines = new Set(written.flatMap(statement => tokensOf(statement, source)).flatMap(token => linesOf(token, source)));
  return lines.size;
}

/**
 * Finds code on several lines that would fit on one line. The programs must be as short as this repository writes
 * them.
 */
export function brokenWithoutNeed(file: string): string[] {
  const source = parsed(file);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const line = inOneLine(node, source);
    if (mayBeOneLine(node) && line !== undefined && line.length <= COLUMNS) found.push(line.trim());
    else node.forEachChild(visit);
  };
  source.forEachChild(visit);
  return found;
}

function parsed(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true);
}

function isExported(declaration: ts.FunctionDeclaration): boolean {
  return declaration.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

function tokensOf(node: ts.Node, source: ts.SourceFile): ts.Node[] {
  const children = node.getChildren(source).filter(child => !ts.isJSDoc(child));
  return children.length === 0 && node.getWidth(source) > 0 ? [node] : children.flatMap(child => tokensOf(child, source));
}

function linesOf(token: ts.Node, source: ts.SourceFile): number[] {
  const [first, last] = [token.getStart(source), token.getEnd()].map(position => source.getLineAndCharacterOfPosition(position).line);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function mayBeOneLine(node: ts.Node): boolean {
  const isStatement = ts.isVariableStatement(node) || ts.isExpressionStatement(node);
  const isList = ts.isObjectLiteralExpression(node) || ts.isArrayLiteralExpression(node) || ts.isCallExpression(node) || ts.isNewExpression(node);
  return (isStatement || isList) && !hasBlock(node);
}

function hasBlock(node: ts.Node): boolean {
  return ts.isBlock(node) || (ts.forEachChild(node, hasBlock) ?? false);
}

/** Undefined if the node is on one line already. */
function inOneLine(node: ts.Node, source: ts.SourceFile): string | undefined {
  const lines = linesOf(node, source);
  if (lines.length === 1) return undefined;
  const starts = source.getLineStarts();
  const text = source.text.slice(starts[lines[0]], starts[lines[lines.length - 1] + 1]).trimEnd();
  return text
    .replace(/([([])\n\s*/g, '$1')
    .replace(/,?\n\s*([)\]])/g, '$1')
    .replace(/,?\n\s*\}/g, ' }')
    .replace(/\n\s*/g, ' ');
}
