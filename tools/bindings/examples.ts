import { mkdirSync, readdirSync, rmSync } from 'fs';
import * as path from 'path';
import type { Comparison } from './comparison';
import { CACHE } from './places';
import type { Templates } from './templates';
import { copyExample, examplesIn } from '../shared/examples';

const COPIES = path.join(CACHE, 'examples');

/**
 * Copies of the examples in Python. Nothing of the repository is beside them, so they find what a user's copy finds.
 */
export function copyPythonExamples(): string[] {
  rmSync(COPIES, { recursive: true, force: true });
  return examplesIn('python').map(example => {
    const copy = copyExample(example, COPIES);
    // Where the user of the quickstart installs boto3.
    if (example.startsWith('quickstart/')) mkdirSync(path.join(copy, 'layer', 'python'), { recursive: true });
    return copy;
  });
}

/** The examples that have unit tests. */
export function withUnitTests(copies: readonly string[]): string[] {
  return copies.filter(copy => readdirSync(copy).some(file => file.startsWith('test_')));
}

/** Each example has one stack, with a resource of this library. */
export function checkExamples(copies: readonly string[], templates: Templates): Comparison {
  const stacks = Object.keys(templates);
  const without = stacks.filter(stack => !JSON.stringify(templates[stack]).includes('"Type":"Custom::'));
  const failures = [
    ...stacks.length === copies.length ? [] : [`${copies.length} examples have ${stacks.length} stacks`],
    ...without.map(stack => `${stack} has no resource of this library`),
  ];
  return { app: 'examples', stacks, failure: failures.length > 0 ? failures.join('; ') : undefined };
}
