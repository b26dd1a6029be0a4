/** `npm run histories -- --runs N [--seed S] [--only NAME]`: runs generated histories, and says whether all is well. */
import { parseArgs } from 'node:util';
import { add } from './run';
import { EMPTY_OUTCOME } from './runner';
import { suiteOf, SUITES } from './suites';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '1000' }, seed: { type: 'string' }, only: { type: 'string' } } });

async function main(): Promise<void> {
  const suites = values.only === undefined ? SUITES : [suiteOf(values.only)];
  const numRuns = Math.ceil(Number(values.runs) / suites.length);
  // With one seed for all, some suites would play the same histories under other conditions.
  const seedOf = (index: number) => values.seed === undefined ? undefined : Number(values.seed) + index;
  const total = { ...EMPTY_OUTCOME };
  for (const [index, { name, run }] of suites.entries()) {
    const outcome = await run({ numRuns, seed: seedOf(index) }).catch((error: Error) => { throw new Error(`${name}: an invariant is violated; ${error.message}`); });
    console.log(`${name}: ${JSON.stringify(outcome)}`);
    add(total, outcome);
  }
  const { successes, rollbacks, stopped, fencedPolls, faults } = total;
  console.log(`All is well: ${numRuns * suites.length} histories with ${successes + rollbacks + stopped} deployments, of which ${rollbacks} were rolled back `
    + `and ${stopped} stopped without a rollback, ${fencedPolls} polls that the fence stopped and ${faults} faults violated no invariant.`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
