/**
 * Prints who may do what, from templates: the page of permissions, and the table of the hand-over from network team
 * to developers.
 *
 *   npm run permissions                 prints both
 *   npm run permissions -- --update     writes them, and how many resources constructs make, into PERMISSIONS.md and
 * README.md
 */
import { writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { markdown, matrix } from './matrix';
import { page } from './page';
import { resourceTable } from './resources';
import { synthesizeSample } from './sample';
import { updateReadme } from '../gate/readme';

const ROOT = path.join(__dirname, '..', '..');

async function main(): Promise<void> {
  const permissions = page(synthesizeSample());
  const handOver = markdown(await matrix());
  if (process.argv[2] !== '--update') return console.log(`${permissions}\n${handOver}`);
  writeFileSync(path.join(ROOT, 'PERMISSIONS.md'), permissions);
  updateReadme({ 'npm run permissions: who may do what': handOver, 'npm run permissions: resources of a stack': resourceTable() });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
