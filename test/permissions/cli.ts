/**
 * Prints who may do what, from templates: the page of permissions, and the table of the hand-over from network team to developers.
 *
 *   npm run permissions                 prints both
 *   npm run permissions -- --update     writes them, and how many resources constructs make, into PERMISSIONS.md and README.md
 */
import { readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { markdown, matrix } from './matrix';
import { page } from './page';
import { resourceTable } from './resources';
import { synthesizeSample } from './sample';

const ROOT = path.join(__dirname, '..', '..');
const README = path.join(ROOT, 'README.md');

async function main(): Promise<void> {
  const permissions = page(synthesizeSample());
  const handOver = markdown(await matrix());
  if (process.argv[2] !== '--update') return console.log(`${permissions}\n${handOver}`);
  writeFileSync(path.join(ROOT, 'PERMISSIONS.md'), permissions);
  const tables = { 'who may do what': handOver, 'resources of a stack': resourceTable() };
  writeFileSync(README, Object.entries(tables).reduce((text, [name, table]) => withTable(text, name, table), readFileSync(README, 'utf8')));
}

/** The table after its marker. */
function withTable(text: string, name: string, table: string): string {
  return text.replace(new RegExp(`(<!-- npm run permissions: ${name} -->\n\n)(\\|.*\n)*`), (_, marker: string) => `${marker}${table}\n`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
