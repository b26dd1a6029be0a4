/**
 * Compares the costs of this library with those of other ways to do the same, and checks its goals.
 *
 *   npm run bench                  all rows
 *   npm run bench -- constructs    the rows of one section
 *   npm run bench -- --update      all rows, and writes them into docs/guides/benchmarks.md
 */
import type { Row } from './row';
import { table } from './row';
import { updateTables } from '../gate/tables';

/** Loaded when it runs, because importing a library is part of what is measured. */
const SECTIONS: Record<string, () => Promise<Row[]>> = {
  constructs: async () => (await import('./constructs.js')).rows(),
  handlers: async () => (await import('./handlers.js')).rows(),
};

async function main(args: string[]): Promise<void> {
  const names = args.filter(arg => !arg.startsWith('--'));
  const unknown = names.find(name => !(name in SECTIONS));
  if (unknown !== undefined) throw new Error(`${unknown} is not one of ${Object.keys(SECTIONS).join(', ')}`);
  const rows: Row[] = [];
  for (const name of names.length > 0 ? names : Object.keys(SECTIONS)) rows.push(...await SECTIONS[name]());
  const printed = table(rows);
  console.log(printed);
  if (args.includes('--update')) updateTables({ 'npm run bench': printed });
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
