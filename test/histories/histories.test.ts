import * as fc from 'fast-check';
import { anyHistory, calmHistory } from './arbitraries';
import type { History } from './history';
import type { Tally } from './player';
import { play } from './player';

/** `npm run histories -- --runs N` plays more of them, with other seeds. */
const SEED = 20261123;

async function playAll(histories: typeof anyHistory, numRuns: number): Promise<Tally> {
  const total: Tally = { successes: 0, rollbacks: 0, takeBacks: 0, fencedPolls: 0 };
  await fc.assert(fc.asyncProperty(histories, async history => {
    const tally = await play(history);
    for (const key of Object.keys(total) as (keyof Tally)[]) total[key] += tally[key];
  }), { numRuns, seed: SEED });
  return total;
}

test('whatever happens, a stack ends as it was asked for or as it was before, and nothing is left behind', async () => {
  const total = await playAll(anyHistory, 200);
  expect(total.successes).toBeGreaterThan(100);
  expect(total.rollbacks).toBeGreaterThan(100);
  expect(total.takeBacks).toBeGreaterThan(30);
  expect(total.fencedPolls).toBeGreaterThan(5_000);
}, 300_000);

test('nothing fails because of faults that pass', async () => {
  const total = await playAll(calmHistory, 150);
  expect(total.successes).toBeGreaterThan(200);
}, 300_000);

/** Found by generated histories, each once a violation. */
const found: Record<string, History> = {
  'two deliveries that see different base images make one build': {
    events: [{ do: 'publishBase' }, { do: 'deploy', template: { A: { name: 'a1', content: 'one' } }, circumstances: { secondDeliveryAfter: 0 } }],
    faults: { stalenessMs: [0, 3_000] },
  },
  'an adopted image is not given back while a list still shows its build in progress': {
    events: [{ do: 'deploy', template: { A: { name: 'taken', content: 'one', adopt: true } }, circumstances: { siblingFailsAfter: 51_540 } }],
    faults: { latenciesMs: [10], stalenessMs: [0, 3_000] },
    builds: [{ durationMs: 400_000 }],
  },
};

test.each(Object.entries(found))('%s', async (_, history) => {
  await expect(play(history)).resolves.toBeDefined();
});
