import { CallLog } from '../../tools/histories/calls';
import type { ImageHistory } from '../../tools/histories/image-history';
import { runImages } from '../../tools/histories/image-runner';
import { SEED } from '../../tools/histories/run';
import { suiteOf } from '../../tools/histories/suites';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const calls = new CallLog();

test('in any history, a stack of images ends in the new or the previous state, and nothing is left behind', async () => {
  const total = await suiteOf('images').run({ numRuns: 150, seed: SEED }, { calls });
  expect(total.successes).toBeGreaterThan(100);
  expect(total.rollbacks).toBeGreaterThan(70);
  expect(total.effectiveRollbacks).toBeGreaterThan(15);
  expect(total.stopped).toBeGreaterThan(20);
  expect(total.fencedPolls).toBeGreaterThan(5_000);
});

test('transient faults fail no image', async () => {
  const total = await suiteOf('calm images').run({ numRuns: 100, seed: SEED }, { calls });
  expect(total.successes).toBeGreaterThan(130);
});

test('nor do lost and late looks, lists of any kind and errors that stay leave an image in a wrong state', async () => {
  const total = await suiteOf('images, adverse').run({ numRuns: 50, seed: SEED }, { calls });
  expect(total.rollbacks).toBeGreaterThan(20);
  expect(total.faults).toBeGreaterThan(100);
});

test('lost and late looks, lists of any kind and errors in the deletion of versions fail no image', async () => {
  const total = await suiteOf('calm images, adverse').run({ numRuns: 50, seed: SEED }, { calls });
  expect(total.successes).toBeGreaterThan(60);
});

test.each([
  ['images, forged', { successes: 30, effectiveRollbacks: 5 }],
  ['calm images, forged', { successes: 70, effectiveRollbacks: 0 }],
])('no operation succeeds with a version that a stranger forged: %s', async (name, least) => {
  const total = await suiteOf(name).run({ numRuns: 50, seed: SEED }, { calls });
  expect(total.successes).toBeGreaterThan(least.successes);
  expect(total.effectiveRollbacks).toBeGreaterThan(least.effectiveRollbacks);
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
  'a creation builds anew after one whose invocation crashed while its build was requested': {
    events: [
      { do: 'deploy', template: { A: { name: 'a1', content: 'one' } }, circumstances: { crash: { inPoll: 0, beforeCall: 3 }, disableRollback: true } },
      { do: 'deploy', template: { A: { name: 'a1', content: 'one' } } },
    ],
    faults: { latenciesMs: [1_154, 393] },
    builds: [{ durationMs: 20_000 }],
    viewLagMs: 100,
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
    // Not yet verified against AWS: which of the two resource forms CloudWatch Logs checks. Each has a statement.
    expect(calls.unnecessaryPairs('image')).toEqual(['find the log of a failed build: logs:DescribeLogStreams']);
    expect(calls.unnecessaryStatements('image')).toEqual(['find the log of a failed build']);
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
