import * as fc from 'fast-check';
import type { Tally } from './player';
import { NO_TALLY } from './player';

/** `npm run histories -- --runs N` plays more of them, with other seeds. */
export const SEED = 20261123;

/** Plays generated histories and adds up what they came to. */
export async function playAll<History>(
  histories: fc.Arbitrary<History>, play: (history: History) => Promise<Tally>, options: { numRuns: number; seed?: number },
): Promise<Tally> {
  const total = { ...NO_TALLY };
  await fc.assert(fc.asyncProperty(histories, async history => {
    const tally = await play(history);
    for (const key of Object.keys(total) as (keyof Tally)[]) total[key] += tally[key];
  }), options);
  return total;
}
