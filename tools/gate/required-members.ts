import * as fs from 'node:fs';
import * as path from 'node:path';
import * as ts from 'typescript';

/**
 * Returns the required members of each interface that describes properties of a custom resource, by its name.
 *
 * After an upgrade of the library, CloudFormation sends the properties of the older release: as old properties of an
 * update, in its rollback, and in a deletion. A handler that relies on a member which that release did not set fails
 * them all.
 */
export function requiredMembers(directory: string): Record<string, string[]> {
  const files = fs.readdirSync(directory).filter(name => name.endsWith('.ts')).map(name => path.join(directory, name));
  const program = ts.createProgram(files, { noResolve: false, skipLibCheck: true, noLib: true, strict: true });
  const checker = program.getTypeChecker();
  const interfaces = files.flatMap(file => program.getSourceFile(file)!.statements.filter(ts.isInterfaceDeclaration));
  const properties = interfaces.filter(({ name }) => /Propert(y|ies)$/.test(name.text));
  return Object.fromEntries(properties
    .map(declaration => [declaration.name.text, requiredOf(checker.getTypeAtLocation(declaration))] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1)));
}

function requiredOf(type: ts.Type): string[] {
  return type.getProperties().filter(member => !isOptional(member)).map(member => member.name).sort();
}

function isOptional({ valueDeclaration: declaration }: ts.Symbol): boolean {
  return declaration !== undefined && ts.isPropertySignature(declaration) && declaration.questionToken !== undefined;
}
