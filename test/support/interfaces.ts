import * as fs from 'fs';
import * as path from 'path';
import * as ts from 'typescript';

const SOURCES = path.join(__dirname, '..', '..', 'src');

export interface Member {
  readonly name: string;
  readonly isOptional: boolean;
}

/** Returns the names of the types that the package exports and that are interfaces. */
export function exportedInterfaces(): string[] {
  const index = sourceFile(path.join(SOURCES, 'index.ts'));
  const exported = index.statements.filter(ts.isExportDeclaration)
    .flatMap(({ exportClause }) => exportClause && ts.isNamedExports(exportClause) ? exportClause.elements.map(({ name }) => name.text) : []);
  const declared = declarations();
  return exported.filter(name => declared.has(name)).sort();
}

/** Returns the members of an interface, with those that it inherits in this package. */
export function membersOf(name: string): Member[] {
  const declaration = declarations().get(name)!;
  const inherited = (declaration.heritageClauses ?? []).flatMap(({ types }) => types.map(type => type.expression.getText()))
    .filter(base => declarations().has(base)).flatMap(membersOf);
  const own = declaration.members.filter(ts.isPropertySignature)
    .map(member => ({ name: member.name.getText(), isOptional: member.questionToken !== undefined }));
  return [...inherited, ...own];
}

let cache: Map<string, ts.InterfaceDeclaration> | undefined;

function declarations(): Map<string, ts.InterfaceDeclaration> {
  cache ??= new Map(fs.readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && !file.startsWith('handlers') && !file.startsWith('contract'))
    .flatMap(file => sourceFile(path.join(SOURCES, file)).statements.filter(ts.isInterfaceDeclaration))
    .map(declaration => [declaration.name.text, declaration]));
  return cache;
}

function sourceFile(file: string): ts.SourceFile {
  return ts.createSourceFile(file, fs.readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
}
