import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import * as ts from 'typescript';

/**
 * Returns the paths of all properties of an L1 of aws-lambda in the installed aws-cdk-lib, in the form of
 * `service-model.txt`: `hooks.microvmHooks.run`, `cpuConfigurations[].architecture`.
 */
export function propertiesOfL1(name: string): string[] {
  const file = path.join(path.dirname(require.resolve('aws-cdk-lib/package.json')), 'aws-lambda', 'lib', 'lambda.generated.d.ts');
  const interfaces = interfacesIn(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest), name);
  if (!interfaces.has(`${name}Props`)) throw new Error(`aws-cdk-lib has no interface ${name}Props`);
  return pathsOf(interfaces, `${name}Props`, '');
}

/** Finds the interface of the properties, and those in the namespace of the L1 for nested properties. */
function interfacesIn(source: ts.SourceFile, name: string): Map<string, ts.InterfaceDeclaration> {
  const found = new Map<string, ts.InterfaceDeclaration>();
  for (const statement of source.statements) {
    if (ts.isInterfaceDeclaration(statement) && statement.name.text === `${name}Props`) found.set(statement.name.text, statement);
    if (ts.isModuleDeclaration(statement) && statement.name.text === name && statement.body && ts.isModuleBlock(statement.body)) {
      statement.body.statements.filter(ts.isInterfaceDeclaration).forEach(nested => found.set(nested.name.text, nested));
    }
  }
  return found;
}

function pathsOf(interfaces: Map<string, ts.InterfaceDeclaration>, of: string, prefix: string): string[] {
  return interfaces.get(of)!.members.filter(ts.isPropertySignature).flatMap(property => {
    const itself = prefix + (property.name as ts.Identifier).text;
    const { nested, isList } = nestedIn(property.type!);
    return [itself, ...nested === undefined || !interfaces.has(nested) ? [] : pathsOf(interfaces, nested, `${itself}${isList ? '[]' : ''}.`)];
  });
}

/** Finds the interface in a type like `Array<CfnMicrovmImage.HooksProperty | cdk.IResolvable> | cdk.IResolvable`. */
function nestedIn(type: ts.TypeNode, isList = false): { readonly nested?: string; readonly isList: boolean } {
  if (ts.isUnionTypeNode(type)) return type.types.map(part => nestedIn(part, isList)).find(({ nested }) => nested !== undefined) ?? { isList };
  if (!ts.isTypeReferenceNode(type)) return { isList };
  const { typeName, typeArguments } = type;
  if (ts.isIdentifier(typeName)) return typeName.text === 'Array' ? nestedIn(typeArguments![0], true) : { isList };
  return typeName.right.text.endsWith('Property') ? { nested: typeName.right.text, isList } : { isList };
}
