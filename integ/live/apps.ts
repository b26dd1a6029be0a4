import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { appFile } from '../apps';

const INTEG = path.join(__dirname, '..');

/** The assembly that `cdk synth` wrote for one app. */
export interface SynthesizedApp {
  readonly name: string;
  /** Directory of the assembly. */
  readonly assembly: string;
  /** All stacks. Dependencies come first. */
  readonly stacks: readonly SynthesizedStack[];
}

export interface SynthesizedStack {
  readonly name: string;
  /** Whether the stack holds assertions about resources of the other stacks. */
  readonly asserts: boolean;
  readonly template: Template;
}

export interface Template {
  readonly Resources?: Record<string, { readonly Type: string; readonly Properties?: Record<string, unknown> }>;
  readonly Outputs?: Record<string, unknown>;
}

/** Returns the command that runs an app. */
export function appCommand(name: string): string {
  return `npx tsx ${path.join(INTEG, appFile(name))}`;
}

/** Reads an assembly. IntegTest records which stacks hold assertions. */
export function readAssembly(name: string, assembly: string): SynthesizedApp {
  const read = (file: string) => JSON.parse(readFileSync(path.join(assembly, file), 'utf8'));
  const asserting = readdirSync(assembly).includes('integ.json')
    ? Object.values<{ assertionStackName?: string }>(read('integ.json').testCases).map(({ assertionStackName }) => assertionStackName)
    : [];
  const artifacts = Object.entries<Artifact>(read('manifest.json').artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  const stacks = inOrder(Object.fromEntries(artifacts)).map(id => {
    const { properties } = Object.fromEntries(artifacts)[id];
    const stackName = properties?.stackName ?? id;
    return { name: stackName, asserts: asserting.includes(stackName), template: read(properties!.templateFile) };
  });
  return { name, assembly, stacks };
}

interface Artifact {
  readonly type: string;
  readonly dependencies?: string[];
  readonly properties?: { readonly stackName?: string; readonly templateFile: string };
}

function inOrder(artifacts: Record<string, Artifact>): string[] {
  const order: string[] = [];
  const visit = (id: string) => {
    if (!(id in artifacts) || order.includes(id)) return;
    artifacts[id].dependencies?.forEach(visit);
    order.push(id);
  };
  Object.keys(artifacts).forEach(visit);
  return order;
}
