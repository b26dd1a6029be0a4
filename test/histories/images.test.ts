import { CallLog } from '../../tools/histories/calls';
import { anyImageHistory, calmImageHistory } from '../../tools/histories/image-arbitraries';
import type { ImageHistory } from '../../tools/histories/image-history';
import { runImages } from '../../tools/histories/image-runner';
import { runAll, SEED } from '../../tools/histories/run';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const calls = new CallLog();

test('in any history, a stack of images ends in the new or the previous state, and nothing is left behind', async () => {
  const total = await runAll(anyImageHistory, async history => runImages(history, { calls }), { numRuns: 200, seed: SEED });
  expect(total.successes).toBeGreaterThan(100);
  expect(total.rollbacks).toBeGreaterThan(100);
  expect(total.effectiveRollbacks).toBeGreaterThan(30);
  expect(total.fencedPolls).toBeGreaterThan(5_000);
});

test('transient faults fail no image', async () => {
  const total = await runAll(calmImageHistory, async history => runImages(history, { calls }), { numRuns: 150, seed: SEED });
  expect(total.successes).toBeGreaterThan(200);
});

/** Histories that were generated, and violated an invariant once. */
const found: Record<string, ImageHistory> = {
  'two deliveries that observe different base images start one build': {
    events: [{ do: 'publishBase' }, { do: 'deploy', template: { A: { name: 'a1', content: 'one' } }, circumstances: { secondDeliveryAfter: 0 } }],
    faults: { stalenessMs: [0, 3_000] },
  },
  'an adopted image is not returned to its owner while a list still shows its build in progress': {
    events: [{ do: 'deploy', template: { A: { name: 'taken', content: 'one', adopt: true } }, circumstances: { siblingFailsAfter: 51_540 } }],
    faults: { latenciesMs: [10], stalenessMs: [0, 3_000] },
    builds: [{ durationMs: 400_000 }],
  },
};

test.each(Object.entries(found))('%s', async (_, history) => {
  await expect(runImages(history, { calls })).resolves.toBeDefined();
});

test('the deletion of an image terminates its MicroVMs', async () => {
  const history: ImageHistory = {
    events: [{ do: 'deploy', template: { A: { name: 'a1', content: 'one' } } }, { do: 'launch', name: 'a1' }, { do: 'deleteStack' }],
  };
  await expect(runImages(history, { calls })).resolves.toMatchObject({ successes: 1 });
});

describe('the role of an image', () => {
  test('has no permission that no history needs, and no unnecessary statement', () => {
    expect(calls.unnecessaryPairs('image')).toEqual([
      // Not yet verified against AWS: which of the two resource forms CloudWatch Logs checks.
      'find the log of a failed build: logs:DescribeLogStreams (resource 1)',
    ]);
    expect(calls.unnecessaryStatements('image')).toEqual([]);
  });

  test('allows only calls that are possible according to the service authorization data, with their conditions', async () => {
    expect(calls.size('image')).toBeGreaterThan(100);
    expect(await calls.invalidCalls('image')).toEqual([]);
  });

  test('trusts the function role that assumes it', async () => {
    expect(await calls.untrusted()).toEqual([]);
  });
});

test('the function role has no permission that no history needs, except for its log', () => {
  const log = 'write the log of the handler and of the framework that calls it';
  expect(calls.unnecessaryPairs('function')).toEqual([`${log}: logs:CreateLogStream`, `${log}: logs:PutLogEvents`]);
  expect(calls.unnecessaryStatements('function')).toEqual([log]);
});
