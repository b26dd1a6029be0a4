import type { Templates } from './templates';
import { firstDifference } from './templates';

/** The stacks that an app was compared with, and why they differ, if they do. */
export interface Comparison {
  readonly app: string;
  readonly stacks: readonly string[];
  readonly failure?: string;
}

/** A language must synthesize the stacks of each app, and no other stacks. */
export function compare(expected: ReadonlyMap<string, Templates>, actual: Templates): Comparison[] {
  const comparisons = [...expected].map(([app, templates]) => ({ app, stacks: Object.keys(templates), failure: failureOf(templates, actual) }));
  const others = Object.keys(actual).filter(stack => !comparisons.some(({ stacks }) => stacks.includes(stack)));
  return others.length === 0 ? comparisons : [...comparisons, { app: '(none)', stacks: others, failure: 'no TypeScript app has these stacks' }];
}

function failureOf(expected: Templates, actual: Templates): string | undefined {
  if (Object.keys(expected).length === 0) return 'the TypeScript app has no stack';
  for (const [stack, template] of Object.entries(expected)) {
    if (!(stack in actual)) return `${stack} is missing`;
    const difference = firstDifference(template, actual[stack]);
    if (difference) return `${stack} differs at ${difference.path}\n  TypeScript: ${text(difference.expected)}\n  here:       ${text(difference.actual)}`;
  }
  return undefined;
}

function text(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
