import { anyConnectorHistory, calmConnectorHistory } from './connector-arbitraries';
import type { ConnectorHistory, ConnectorSpec } from './connector-history';
import { playConnectors } from './connector-player';
import { anyImageHistory, calmImageHistory } from './image-arbitraries';
import type { ImageHistory } from './image-history';
import { playImages } from './image-player';
import { anyMicrovmHistory, calmMicrovmHistory } from './microvm-arbitraries';
import type { MicrovmHistory, MicrovmSpec } from './microvm-history';
import { playLaunchChecks, playMicrovms } from './microvm-player';
import { playAll } from './playing';

/** `npm run histories -- --runs N` plays more of them, with other seeds. */
const SEED = 20261123;

jest.setTimeout(300_000);

test('whatever happens, a stack of images ends as it was asked for or as it was before, and nothing is left behind', async () => {
  const total = await playAll(anyImageHistory, playImages, { numRuns: 200, seed: SEED });
  expect(total.successes).toBeGreaterThan(100);
  expect(total.rollbacks).toBeGreaterThan(100);
  expect(total.takeBacks).toBeGreaterThan(30);
  expect(total.fencedPolls).toBeGreaterThan(5_000);
});

test('no image fails because of faults that pass', async () => {
  const total = await playAll(calmImageHistory, playImages, { numRuns: 150, seed: SEED });
  expect(total.successes).toBeGreaterThan(200);
});

test('whatever happens, a stack of connectors ends as it was asked for or as it was before, and nothing is left behind', async () => {
  const total = await playAll(anyConnectorHistory, playConnectors, { numRuns: 200, seed: SEED });
  expect(total.successes).toBeGreaterThan(100);
  expect(total.rollbacks).toBeGreaterThan(100);
  expect(total.takeBacks).toBeGreaterThan(10);
  expect(total.fencedPolls).toBeGreaterThan(5_000);
});

test('no connector fails because of faults that pass', async () => {
  const total = await playAll(calmConnectorHistory, playConnectors, { numRuns: 150, seed: SEED });
  expect(total.successes).toBeGreaterThan(200);
});

test('whatever happens, at most one MicroVM of each resource lives, one that need not stop does not, and nothing is left behind', async () => {
  const total = await playAll(anyMicrovmHistory, playMicrovms, { numRuns: 200, seed: SEED });
  expect(total.successes).toBeGreaterThan(100);
  expect(total.rollbacks).toBeGreaterThan(100);
  expect(total.takeBacks).toBeGreaterThan(30);
  expect(total.fencedPolls).toBeGreaterThan(5_000);
});

test('no MicroVM fails because of faults that pass', async () => {
  const total = await playAll(calmMicrovmHistory, playMicrovms, { numRuns: 150, seed: SEED });
  expect(total.successes).toBeGreaterThan(200);
});

test('whatever happens, no MicroVM lives on after a launch check, and nothing is left behind', async () => {
  const total = await playAll(anyMicrovmHistory, playLaunchChecks, { numRuns: 150, seed: SEED });
  expect(total.successes).toBeGreaterThan(100);
  expect(total.rollbacks).toBeGreaterThan(100);
  expect(total.fencedPolls).toBeGreaterThan(5_000);
});

test('no launch check fails because of faults that pass', async () => {
  const total = await playAll(calmMicrovmHistory, playLaunchChecks, { numRuns: 100, seed: SEED });
  expect(total.successes).toBeGreaterThan(100);
});

/** Found by generated histories, each once a violation. */
const found: Record<string, ImageHistory> = {
  'two deliveries that see different base images make one build': {
    events: [{ do: 'publishBase' }, { do: 'deploy', template: { A: { name: 'a1', content: 'one' } }, circumstances: { secondDeliveryAfter: 0 } }],
    faults: { stalenessMs: [0, 3_000] },
  },
  'an adopted image is not given back while a list still shows its build in progress': {
    events: [{ do: 'deploy', template: { A: { name: 'taken', content: 'one', adopt: true } }, circumstances: { siblingFailsAfter: 51_540 } }],
    faults: { latenciesMs: [10], stalenessMs: [0, 3_000] },
    builds: [{ durationMs: 400_000 }],
  },
};

test.each(Object.entries(found))('%s', async (_, history) => {
  await expect(playImages(history)).resolves.toBeDefined();
});

const internal: ConnectorSpec = { name: 'a1', subnets: ['1'] };

/** The same of connectors. */
const foundOfConnectors: Record<string, ConnectorHistory> = {
  'a replacement by a connector that was left behind is refused while the one in place is in use': {
    events: [
      { do: 'deploy', template: { A: { ...internal, deletion: 'WAIT_UNTIL_UNUSED' } } },
      { do: 'launch', name: 'a1' },
      { do: 'deploy', template: { A: { ...internal, name: 'a2' } } },
      { do: 'launch', name: 'a2' },
      { do: 'deploy', template: { A: internal } },
    ],
  },
  'a list of versions that is out of date keeps no old version from being removed': {
    events: [{ do: 'deploy', template: { A: internal } }, { do: 'deploy', template: { A: { ...internal, group: '2' } } }],
    faults: { latenciesMs: [10], stalenessMs: [1_000, 0] },
  },
  'the failure of an earlier update that still shows is not that of this one': {
    events: [
      { do: 'deploy', template: { A: internal } },
      { do: 'deploy', template: { A: { ...internal, subnets: ['full'] } } },
      { do: 'deploy', template: { A: { ...internal, subnets: ['2'] } } },
    ],
    faults: { stalenessMs: [0, 15_000, 0], tagStalenessMs: [0] },
  },
};

test.each(Object.entries(foundOfConnectors))('%s', async (_, history) => {
  await expect(playConnectors(history)).resolves.toBeDefined();
});

const shared: MicrovmSpec = { image: 'good', life: 480, isProbed: false };
const other: MicrovmSpec = { ...shared, image: 'other' };

/** The same of MicroVMs. */
const foundOfMicrovms: Record<string, MicrovmHistory> = {
  'a rollback to what a user has terminated forgets that one': {
    events: [
      { do: 'deploy', template: { A: shared, B: other } },
      { do: 'terminate', id: 'A' },
      { do: 'deploy', template: { A: other, B: shared }, circumstances: { siblingFailsAfter: 0, rollbackOfReplacement: 'old' } },
    ],
  },
  'a request that is delivered again when its stack has come to rest launches nothing in a later deployment': {
    events: [
      { do: 'deploy', template: { A: shared, B: shared }, circumstances: { secondDeliveryAfter: 3_941 } },
      { do: 'idle', minutes: 1 },
      { do: 'deploy', template: { A: other } },
      { do: 'deploy', template: { A: other, B: shared }, circumstances: { siblingFailsAfter: 0, crash: { inPoll: 0, beforeCall: 0 } } },
    ],
  },
};

test.each(Object.entries(foundOfMicrovms))('%s', async (_, history) => {
  await expect(playMicrovms(history)).resolves.toBeDefined();
});

test('two deliveries of a launch check that write over each other what came of it fail nothing', async () => {
  const history: MicrovmHistory = {
    events: [{ do: 'deploy', template: { A: shared }, circumstances: { secondDeliveryAfter: 4_861 } }],
    faults: { latenciesMs: [10, 10, 1_279], stalenessMs: [1_000] },
    ledgerFaults: [{ nth: 6, fault: { kind: 'lateLanding', afterMs: 241 } }],
  };
  await expect(playLaunchChecks(history)).resolves.toMatchObject({ successes: 1 });
});
