/** `npm run histories -- --runs N [--seed S]`: plays generated histories and prints what they came to. */
import { parseArgs } from 'node:util';
import * as fc from 'fast-check';
import { anyHistory, calmHistory } from './arbitraries';
import type { Tally } from './player';
import { play } from './player';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '1000' }, seed: { type: 'string' } } });

async function main(): Promise<void> {
  for (const [name, histories] of Object.entries({ 'any history': anyHistory, 'calm history': calmHistory })) {
    const total: Tally = { successes: 0, rollbacks: 0, takeBacks: 0, fencedPolls: 0 };
    const property = fc.asyncProperty(histories, async history => {
      const tally = await play(history);
      for (const key of Object.keys(total) as (keyof Tally)[]) total[key] += tally[key];
    });
    await fc.assert(property, { numRuns: Math.ceil(Number(values.runs) / 2), seed: values.seed === undefined ? undefined : Number(values.seed) });
    console.log(`${name}: ${JSON.stringify(total)}`);
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error, error instanceof Error ? error.cause ?? '' : '');
  process.exit(1);
});
