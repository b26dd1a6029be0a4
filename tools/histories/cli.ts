/** `npm run histories -- --runs N [--seed S]`: runs generated histories, and prints their outcomes. */
import { parseArgs } from 'node:util';
import { anyConnectorHistory, calmConnectorHistory } from './connector-arbitraries';
import { runConnectors } from './connector-runner';
import { anyImageHistory, calmImageHistory } from './image-arbitraries';
import { runImages } from './image-runner';
import { anyMicrovmHistory, calmMicrovmHistory } from './microvm-arbitraries';
import { runLaunchChecks, runMicrovms } from './microvm-runner';
import { runAll } from './run';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '1000' }, seed: { type: 'string' } } });

async function main(): Promise<void> {
  const options = { numRuns: Math.ceil(Number(values.runs) / 8), seed: values.seed === undefined ? undefined : Number(values.seed) };
  console.log(`images, any history: ${JSON.stringify(await runAll(anyImageHistory, runImages, options))}`);
  console.log(`images, calm history: ${JSON.stringify(await runAll(calmImageHistory, runImages, options))}`);
  console.log(`connectors, any history: ${JSON.stringify(await runAll(anyConnectorHistory, runConnectors, options))}`);
  console.log(`connectors, calm history: ${JSON.stringify(await runAll(calmConnectorHistory, runConnectors, options))}`);
  console.log(`MicroVMs, any history: ${JSON.stringify(await runAll(anyMicrovmHistory, runMicrovms, options))}`);
  console.log(`MicroVMs, calm history: ${JSON.stringify(await runAll(calmMicrovmHistory, runMicrovms, options))}`);
  console.log(`launch checks, any history: ${JSON.stringify(await runAll(anyMicrovmHistory, runLaunchChecks, options))}`);
  console.log(`launch checks, calm history: ${JSON.stringify(await runAll(calmMicrovmHistory, runLaunchChecks, options))}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error, error instanceof Error ? error.cause ?? '' : '');
  process.exit(1);
});
