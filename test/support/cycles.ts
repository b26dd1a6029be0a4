import * as fs from 'fs';
import * as path from 'path';
import type { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';

/** Returns the cycles in the templates of an app, with nested stacks. Fails if stacks depend on each other. */
export function cyclesInApp(app: App): string[][] {
  const assembly = app.synth();
  const nested = fs.readdirSync(assembly.directory).filter(file => file.endsWith('.nested.template.json'))
    .map(file => JSON.parse(fs.readFileSync(path.join(assembly.directory, file), 'utf8')));
  const templates = assembly.stacksRecursively.map(({ template }: CloudFormationStackArtifact) => template);
  return [...templates, ...nested].flatMap(cyclesIn);
}

/** Returns the cycles in a template: resources that wait for themselves, by their logical IDs. */
export function cyclesIn(template: any): string[][] {
  const resources: Record<string, any> = template.Resources ?? {};
  const edges = new Map(Object.entries(resources).map(([id, { DependsOn: dependsOn = [], Properties: properties }]) => [
    id, [...new Set([...[dependsOn].flat(), ...namedIn(properties)])].filter(other => other in resources),
  ]));
  const cycles: string[][] = [];
  const done = new Set<string>();
  const visit = (id: string, trail: string[]): void => {
    const start = trail.indexOf(id);
    if (start >= 0) cycles.push([...trail.slice(start), id]);
    if (start >= 0 || done.has(id)) return;
    for (const next of edges.get(id)!) visit(next, [...trail, id]);
    done.add(id);
  };
  Object.keys(resources).forEach(id => visit(id, []));
  return cycles;
}

/** Returns the logical IDs in intrinsic functions. */
function namedIn(value: any): string[] {
  if (Array.isArray(value)) return value.flatMap(namedIn);
  if (value === null || typeof value !== 'object') return [];
  if (typeof value.Ref === 'string') return [value.Ref];
  if (value['Fn::GetAtt']) return [[value['Fn::GetAtt']].flat()[0].split('.')[0]];
  const [text, variables] = [value['Fn::Sub'] ?? []].flat();
  const inText = typeof text === 'string' ? [...text.matchAll(/\$\{([^!}.][^}.]*)/g)].map(([, id]) => id) : [];
  return [...inText, ...Object.values(variables === undefined ? value : variables).flatMap(namedIn)];
}

/** Returns the logical IDs that a resource of a template waits for, directly or through others. */
export function awaited(template: any, id: string): string[] {
  const found = new Set<string>();
  const visit = (one: string): void => {
    const { DependsOn: dependsOn = [], Properties: properties } = template.Resources[one];
    for (const next of [...[dependsOn].flat(), ...namedIn(properties)]) {
      if (!(next in template.Resources) || found.has(next)) continue;
      found.add(next);
      visit(next);
    }
  };
  visit(id);
  return [...found];
}

/** Returns the template of a stack, also if it has cycles. */
export function templateOf(stack: Parameters<typeof Template.fromStack>[0]): any {
  return Template.fromStack(stack, { skipCyclicalDependenciesCheck: true }).toJSON();
}
