/**
 * Prints who may do what: the page of permissions, and the table of the hand-over from network team to developers.
 *
 *   npm run permissions                 prints both
 *   npm run permissions -- --update     writes them into PERMISSIONS.md and README.md
 */
import { readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { markdown, matrix } from './matrix';
import { page } from './page';
import { synthesizeSample } from './sample';

const ROOT = path.join(__dirname, '..', '..');
const README = path.join(ROOT, 'README.md');

async function main(): Promise<void> {
  const permissions = page(synthesizeSample());
  const handOver = markdown(await matrix());
  if (process.argv[2] !== '--update') return console.log(`${permissions}\n${handOver}`);
  writeFileSync(path.join(ROOT, 'PERMISSIONS.md'), permissions);
  writeFileSync(README, readFileSync(README, 'utf8').replace(/(<!-- npm run permissions -->\n\n)(\|.*\n)+/, (_, marker: string) => `${marker}${handOver}\n`));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
