/**
 * Prints who may do what, from templates: the page of permissions, and what each person may do with a network team's
 * connectors.
 *
 *   npm run permissions                 prints both
 *   npm run permissions -- --update     writes PERMISSIONS.md, test/permissions/contained.txt and the tables in docs
 */
import { writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { listing } from './contained';
import { markdown, matrix } from './matrix';
import { page } from './page';
import { resourceTable } from './resources';
import { synthesizeSample } from './sample';
import { ROOT } from '../gate/repository';
import { updateTables } from '../gate/tables';

async function main(): Promise<void> {
  const sample = synthesizeSample();
  const permissions = page(sample);
  const connectors = markdown(await matrix());
  if (process.argv[2] !== '--update') return console.log(`${permissions}\n${connectors}`);
  writeFileSync(path.join(ROOT, 'PERMISSIONS.md'), permissions);
  writeFileSync(path.join(ROOT, 'test/permissions/contained.txt'), listing(sample));
  updateTables({ 'npm run permissions: who may do what': connectors, 'npm run permissions: resources of a stack': resourceTable() });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
