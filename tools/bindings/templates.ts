import { existsSync, readdirSync, readFileSync } from 'fs';
import * as path from 'path';

/** Templates by stack name. */
export type Templates = Record<string, Template>;

export interface Template {
  readonly Outputs?: Record<string, { readonly Export?: { readonly Name: unknown }; readonly Value?: unknown }>;
  readonly [section: string]: unknown;
}

const FILE = /^(.+)\.template\.json$/;
const ASSERTIONS = /DeployAssert[0-9A-F]{8}$/;

export function templatesIn(directory: string): Templates {
  if (!existsSync(directory)) return {};
  return Object.fromEntries(readdirSync(directory).flatMap(file => {
    const stack = FILE.exec(file)?.[1];
    return stack ? [[stack, JSON.parse(readFileSync(path.join(directory, file), 'utf8'))]] : [];
  }));
}

/**
 * Returns the stacks under test, without the stacks of assertions and without what the CDK adds for them:
 * a stack gets an export if an assertion reads one of its values.
 */
export function underTest(templates: Templates): Templates {
  const stacks = Object.entries(templates).filter(([stack]) => !ASSERTIONS.test(stack));
  const needed = new Set(stacks.flatMap(([, template]) => imports(template)));
  const forAssertions = new Set(Object.values(templates).flatMap(imports).filter(name => !needed.has(name)));
  return Object.fromEntries(stacks.map(([stack, template]) => [stack, withoutExports(template, forAssertions)]));
}

function imports(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => key === 'Fn::ImportValue' ? [String(inner)] : imports(inner));
}

function withoutExports({ Outputs = {}, ...sections }: Template, names: ReadonlySet<string>): Template {
  const kept = Object.entries(Outputs).filter(([, { Export }]) => !names.has(String(Export?.Name)));
  return kept.length > 0 ? { ...sections, Outputs: Object.fromEntries(kept) } : sections;
}

export interface Difference {
  /** Path in the template, with dots between the keys. */
  readonly path: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** Returns the first difference of two JSON values. The order of keys does not matter. */
export function firstDifference(expected: unknown, actual: unknown, at: readonly string[] = []): Difference | undefined {
  if (!isContainer(expected) || !isContainer(actual) || Array.isArray(expected) !== Array.isArray(actual)) {
    return expected === actual ? undefined : { path: at.join('.'), expected, actual };
  }
  for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const difference = firstDifference(expected[key], actual[key], [...at, key]);
    if (difference) return difference;
  }
  return undefined;
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
