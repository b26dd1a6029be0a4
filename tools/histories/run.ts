import * as fc from 'fast-check';
import type { Outcome } from './runner';
import { EMPTY_OUTCOME } from './runner';

/** Seed of the tests. `npm run histories -- --runs N` runs more histories, with other seeds. */
export const SEED = 20261123;

/** Runs generated histories, and returns the sum of their outcomes. */
export async function runAll<History>(
  histories: fc.Arbitrary<History>, run: (history: History) => Promise<Outcome>, options: { numRuns: number; seed?: number },
): Promise<Outcome> {
  const total = { ...EMPTY_OUTCOME };
  await fc.assert(fc.asyncProperty(histories, async history => {
    const outcome = await run(history);
    for (const key of Object.keys(total) as (keyof Outcome)[]) total[key] += outcome[key];
  }), options);
  return total;
}
