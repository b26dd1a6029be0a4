/** `npm run histories -- --runs N [--seed S]`: plays generated histories and prints what they came to. */
import { parseArgs } from 'node:util';
import { anyConnectorHistory, calmConnectorHistory } from './connector-arbitraries';
import { playConnectors } from './connector-player';
import { anyImageHistory, calmImageHistory } from './image-arbitraries';
import { playImages } from './image-player';
import { anyMicrovmHistory, calmMicrovmHistory } from './microvm-arbitraries';
import { playLaunchChecks, playMicrovms } from './microvm-player';
import { playAll } from './playing';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '1000' }, seed: { type: 'string' } } });

async function main(): Promise<void> {
  const options = { numRuns: Math.ceil(Number(values.runs) / 8), seed: values.seed === undefined ? undefined : Number(values.seed) };
  console.log(`images, any history: ${JSON.stringify(await playAll(anyImageHistory, playImages, options))}`);
  console.log(`images, calm history: ${JSON.stringify(await playAll(calmImageHistory, playImages, options))}`);
  console.log(`connectors, any history: ${JSON.stringify(await playAll(anyConnectorHistory, playConnectors, options))}`);
  console.log(`connectors, calm history: ${JSON.stringify(await playAll(calmConnectorHistory, playConnectors, options))}`);
  console.log(`MicroVMs, any history: ${JSON.stringify(await playAll(anyMicrovmHistory, playMicrovms, options))}`);
  console.log(`MicroVMs, calm history: ${JSON.stringify(await playAll(calmMicrovmHistory, playMicrovms, options))}`);
  console.log(`launch checks, any history: ${JSON.stringify(await playAll(anyMicrovmHistory, playLaunchChecks, options))}`);
  console.log(`launch checks, calm history: ${JSON.stringify(await playAll(calmMicrovmHistory, playLaunchChecks, options))}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error, error instanceof Error ? error.cause ?? '' : '');
  process.exit(1);
});
