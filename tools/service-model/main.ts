/**
 * `npm run service-model`: compares docs/design/service-model.txt with the newest botocore.
 *
 * Prints nothing if they agree. `--update` writes the file. CONTRIBUTING.md says what to do about a difference.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { newestModels } from './botocore';
import { difference } from './difference';
import { SERVICE_MODEL_FILE } from './members';
import { textOf } from './text';

async function main(): Promise<void> {
  const [option, ...others] = process.argv.slice(2);
  if (others.length > 0 || ![undefined, '--update'].includes(option)) throw new Error('the only option is --update');
  const newest = textOf(await newestModels());
  if (option === '--update') return writeFileSync(SERVICE_MODEL_FILE, newest);
  const lines = difference(readFileSync(SERVICE_MODEL_FILE, 'utf8'), newest);
  if (lines.length === 0) return;
  console.log(['The models of the newest botocore differ from docs/design/service-model.txt:', '', ...lines, '',
    'CONTRIBUTING.md, "A change of the service", says what to do.'].join('\n'));
  process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(2);
});
