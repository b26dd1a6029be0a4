import * as fc from 'fast-check';
import type { Outcome } from './runner';
import { EMPTY_OUTCOME } from './runner';

/** Seed of the tests. `npm run histories -- --runs N` runs more histories, with other seeds. */
export const SEED = 20261123;

export interface RunOptions {
  readonly numRuns: number;
  readonly seed?: number;
}

/** Runs generated histories, and returns the sum of their outcomes. Throws if a history violates an invariant. */
export async function runAll<History>(
  histories: fc.Arbitrary<History>, run: (history: History) => Promise<Outcome>, options: RunOptions,
): Promise<Outcome> {
  const total = { ...EMPTY_OUTCOME };
  const details = await fc.check(fc.asyncProperty(histories, async history => add(total, await run(history))), options);
  if (details.failed) throw new Error(describeViolation(details));
  return total;
}

export function add(total: Outcome, outcome: Outcome): void {
  for (const key of Object.keys(total) as (keyof Outcome)[]) total[key] += outcome[key];
}

/** Says with which seed a history was found, which it is and what it violates. */
function describeViolation<History>({ seed, counterexample, counterexamplePath, errorInstance, numShrinks }: fc.RunDetails<[History]>): string {
  const error = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  return `seed ${seed}, path ${counterexamplePath}, after ${numShrinks} shrinks: ${error}\n${JSON.stringify(counterexample?.[0])}`;
}
