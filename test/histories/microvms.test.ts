import { CallLog } from '../../tools/histories/calls';
import { anyMicrovmHistory, calmMicrovmHistory } from '../../tools/histories/microvm-arbitraries';
import type { MicrovmHistory, MicrovmSpec } from '../../tools/histories/microvm-history';
import { playLaunchChecks, playMicrovms } from '../../tools/histories/microvm-player';
import { playAll, SEED } from '../../tools/histories/playing';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const calls = new CallLog();

test('whatever happens, at most one MicroVM of each resource lives, one that need not stop does not, and nothing is left behind', async () => {
  const total = await playAll(anyMicrovmHistory, async history => playMicrovms(history, { calls }), { numRuns: 200, seed: SEED });
  expect(total.successes).toBeGreaterThan(100);
  expect(total.rollbacks).toBeGreaterThan(100);
  expect(total.takeBacks).toBeGreaterThan(30);
  expect(total.fencedPolls).toBeGreaterThan(5_000);
});

test('no MicroVM fails because of faults that pass', async () => {
  const total = await playAll(calmMicrovmHistory, async history => playMicrovms(history, { calls }), { numRuns: 150, seed: SEED });
  expect(total.successes).toBeGreaterThan(200);
});

test('whatever happens, no MicroVM lives on after a launch check, and nothing is left behind', async () => {
  const total = await playAll(anyMicrovmHistory, async history => playLaunchChecks(history, { calls }), { numRuns: 150, seed: SEED });
  expect(total.successes).toBeGreaterThan(100);
  expect(total.rollbacks).toBeGreaterThan(100);
  expect(total.fencedPolls).toBeGreaterThan(5_000);
});

test('no launch check fails because of faults that pass', async () => {
  const total = await playAll(calmMicrovmHistory, async history => playLaunchChecks(history, { calls }), { numRuns: 100, seed: SEED });
  expect(total.successes).toBeGreaterThan(100);
});

const shared: MicrovmSpec = { image: 'good', life: 480, isProbed: false };
const other: MicrovmSpec = { ...shared, image: 'other' };

/** Found by generated histories, each once a violation. */
const found: Record<string, MicrovmHistory> = {
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
  'what had ended before a rollback took its place is not looked for with the role of another image': {
    events: [
      { do: 'deploy', template: { A: { ...shared, life: 30 } } },
      { do: 'idle', minutes: 30 },
      { do: 'deploy', template: { A: { ...shared, image: 'other' } }, circumstances: { siblingFailsAfter: 0 } },
    ],
    faults: { stalenessMs: [1_000] },
  },
  'a health check that is added later is made with the role that may, though the one that launched may not': {
    events: [{ do: 'deploy', template: { A: shared } }, { do: 'deploy', template: { A: { ...shared, isProbed: true } } }],
  },
};

test.each(Object.entries(found))('%s', async (_, history) => {
  await expect(playMicrovms(history, { calls })).resolves.toBeDefined();
});

test('two deliveries of a launch check that write over each other what came of it fail nothing', async () => {
  const history: MicrovmHistory = {
    events: [{ do: 'deploy', template: { A: shared }, circumstances: { secondDeliveryAfter: 4_861 } }],
    faults: { latenciesMs: [10, 10, 1_279], stalenessMs: [1_000] },
    ledgerFaults: [{ nth: 6, fault: { kind: 'lateLanding', afterMs: 241 } }],
  };
  await expect(playLaunchChecks(history, { calls })).resolves.toMatchObject({ successes: 1 });
});

test('a launch check of one image after the other needs no role that is gone', async () => {
  const images = ['good', 'other', 'good', 'other'] as const;
  const history: MicrovmHistory = { events: images.map((image, index) => ({ do: 'deploy', template: { A: { ...shared, image, life: 60 + index } } })) };
  await expect(playLaunchChecks(history, { calls })).resolves.toMatchObject({ successes: images.length });
});

describe('the role of a MicroVM', () => {
  test('has no permission that no history needs, and no statement that could be left out', () => {
    expect(calls.needlessPairs('microvm')).toEqual([]);
    expect(calls.needlessStatements('microvm')).toEqual([]);
  });

  test('allows calls that are possible by the service authorization data, with their conditions', async () => {
    expect(calls.size('microvm')).toBeGreaterThan(100);
    expect(await calls.invalidCalls('microvm')).toEqual([]);
  });
});

describe('the role of a launch check', () => {
  test('has no permission that no history needs, and no statement that could be left out', () => {
    expect(calls.needlessPairs('launch check')).toEqual([]);
    expect(calls.needlessStatements('launch check')).toEqual([]);
  });

  test('allows calls that are possible by the service authorization data, with their conditions', async () => {
    expect(calls.size('launch check')).toBeGreaterThan(100);
    expect(await calls.invalidCalls('launch check')).toEqual([]);
  });

  test('trusts the handler that assumes it', async () => {
    expect(await calls.untrusted()).toEqual([]);
  });
});
