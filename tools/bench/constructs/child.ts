/**
 * Prints the cost of a synthesis, measured from the start of the process: aws-cdk-lib loads its modules on demand, so
 * that imports cannot be measured separately.
 *
 *   node child.js <module of a variant> <pairs> <directory with the code of images> <output directory>
 */
import * as path from 'node:path';
import type { Variant } from './app';
import { synthesize } from './app';

async function main([module, pairs, code, outdir]: string[]): Promise<void> {
  const variant: Variant = await import(module);
  synthesize(variant, { pairs: Number(pairs), directoryOf: index => path.join(code, `sandbox${index}`), outdir });
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({ cpu: (user + system) / 1000, wall: performance.now() }));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
