import { CallLog } from '../../tools/histories/calls';
import { anyImageHistory, calmImageHistory } from '../../tools/histories/image-arbitraries';
import type { ImageHistory } from '../../tools/histories/image-history';
import { playImages } from '../../tools/histories/image-player';
import { playAll, SEED } from '../../tools/histories/playing';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const calls = new CallLog();

test('whatever happens, a stack of images ends as it was asked for or as it was before, and nothing is left behind', async () => {
  const total = await playAll(anyImageHistory, async history => playImages(history, { calls }), { numRuns: 200, seed: SEED });
  expect(total.successes).toBeGreaterThan(100);
  expect(total.rollbacks).toBeGreaterThan(100);
  expect(total.takeBacks).toBeGreaterThan(30);
  expect(total.fencedPolls).toBeGreaterThan(5_000);
});

test('no image fails because of faults that pass', async () => {
  const total = await playAll(calmImageHistory, async history => playImages(history, { calls }), { numRuns: 150, seed: SEED });
  expect(total.successes).toBeGreaterThan(200);
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
  await expect(playImages(history, { calls })).resolves.toBeDefined();
});

test('what still runs is ended when its image is deleted', async () => {
  const history: ImageHistory = {
    events: [{ do: 'deploy', template: { A: { name: 'a1', content: 'one' } } }, { do: 'launch', name: 'a1' }, { do: 'deleteStack' }],
  };
  await expect(playImages(history, { calls })).resolves.toMatchObject({ successes: 1 });
});

describe('the role of an image', () => {
  test('has no permission that no history needs, and no statement that could be left out', () => {
    expect(calls.needlessPairs('image')).toEqual([
      // Which of the two forms the service checks was not measured.
      'find the log of a failed build: logs:DescribeLogStreams (resource 1)',
    ]);
    expect(calls.needlessStatements('image')).toEqual([]);
  });

  test('allows calls that are possible by the service authorization data, with their conditions', async () => {
    expect(calls.size('image')).toBeGreaterThan(100);
    expect(await calls.invalidCalls('image')).toEqual([]);
  });

  test('trusts the handler that assumes it', async () => {
    expect(await calls.untrusted()).toEqual([]);
  });
});

test('the role of the handler has no permission that no history needs, but for its log', () => {
  const log = 'write the log of the handler and of the framework that calls it';
  expect(calls.needlessPairs('provider')).toEqual([`${log}: logs:CreateLogStream`, `${log}: logs:PutLogEvents`]);
  expect(calls.needlessStatements('provider')).toEqual([log]);
});
