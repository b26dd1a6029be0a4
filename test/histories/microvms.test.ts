import { PERMISSIONS } from '../../src/private/permissions';
import { CallLog } from '../../tools/histories/calls';
import type { MicrovmHistory, MicrovmSpec } from '../../tools/histories/microvm-history';
import { SHORT_LIVED } from '../../tools/histories/microvm-history';
import { runLaunchChecks, runMicrovms } from '../../tools/histories/microvm-runner';
import { SEED } from '../../tools/histories/run';
import { suiteOf } from '../../tools/histories/suites';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const calls = new CallLog();

test('in any history, each resource has at most one MicroVM, none is terminated without need, and nothing is left behind', async () => {
  const total = await suiteOf('MicroVMs').run({ numRuns: 200, seed: SEED }, { calls });
  expect(total.successes).toBeGreaterThan(100);
  expect(total.rollbacks).toBeGreaterThan(100);
  expect(total.effectiveRollbacks).toBeGreaterThan(30);
  expect(total.fencedPolls).toBeGreaterThan(5_000);
});

test('transient faults fail no MicroVM', async () => {
  const total = await suiteOf('calm MicroVMs').run({ numRuns: 150, seed: SEED }, { calls });
  expect(total.successes).toBeGreaterThan(200);
});

test('in any history, no MicroVM is alive after a launch check, and nothing is left behind', async () => {
  const total = await suiteOf('launch checks').run({ numRuns: 150, seed: SEED }, { calls });
  expect(total.successes).toBeGreaterThan(100);
  expect(total.rollbacks).toBeGreaterThan(100);
  expect(total.fencedPolls).toBeGreaterThan(5_000);
});

test('transient faults fail no launch check', async () => {
  const total = await suiteOf('calm launch checks').run({ numRuns: 100, seed: SEED }, { calls });
  expect(total.successes).toBeGreaterThan(100);
});

test.each([['MicroVMs'], ['launch checks']])('nor do lost and late looks and full memory leave %s in a wrong state', async name => {
  const total = await suiteOf(`${name}, adverse`).run({ numRuns: 60, seed: SEED }, { calls });
  expect(total.rollbacks).toBeGreaterThan(20);
  expect(total.faults).toBeGreaterThan(100);
});

test.each([['MicroVMs'], ['launch checks']])('lost and late looks fail no %s', async name => {
  const total = await suiteOf(`calm ${name}, adverse`).run({ numRuns: 60, seed: SEED }, { calls });
  expect(total.successes).toBeGreaterThan(60);
});

test.each([['MicroVMs, forged'], ['calm MicroVMs, forged'], ['launch checks, forged']])('no forged record launches anything, or becomes a MicroVM of the stack: %s', async name => {
  const total = await suiteOf(name).run({ numRuns: 40, seed: SEED }, { calls });
  expect(total.successes).toBeGreaterThan(30);
});

const shared: MicrovmSpec = { image: 'good', lifetime: 480, hasHealthCheck: false };
const other: MicrovmSpec = { ...shared, image: 'other' };

/** Histories that were generated, and violated an invariant once. */
const found: Record<string, MicrovmHistory> = {
  'a creation that is delivered again before it fails launches nothing in the next deployment': {
    events: [
      { do: 'deploy', template: { A: { ...shared, image: SHORT_LIVED } }, circumstances: { secondDeliveryAfter: 11_515, disableRollback: true } },
      { do: 'deploy', template: { A: shared } },
    ],
    faults: { latenciesMs: [10, 636, 658, 10] },
  },
  'the deletion of a stack also ends for a replaced MicroVM, although the deletion of the other one crashes': {
    events: [
      { do: 'deploy', template: { A: shared } },
      { do: 'deploy', template: { A: other }, circumstances: { siblingFailsAfter: 0, disableRollback: true } },
      { do: 'deleteStack', circumstances: { crash: { inPoll: 1, beforeCall: 0 } } },
    ],
  },
  'a rollback to a MicroVM that a user has terminated deletes its record': {
    events: [
      { do: 'deploy', template: { A: shared, B: other } },
      { do: 'terminate', id: 'A' },
      { do: 'deploy', template: { A: other, B: shared }, circumstances: { siblingFailsAfter: 0, rollbackOfReplacement: 'old' } },
    ],
  },
  'a request that is delivered again while its stack is idle launches nothing in a later deployment': {
    events: [
      { do: 'deploy', template: { A: shared, B: shared }, circumstances: { secondDeliveryAfter: 3_941 } },
      { do: 'idle', minutes: 1 },
      { do: 'deploy', template: { A: other } },
      { do: 'deploy', template: { A: other, B: shared }, circumstances: { siblingFailsAfter: 0, crash: { inPoll: 0, beforeCall: 0 } } },
    ],
  },
  'a MicroVM that terminated before a rollback replaced it is not described with the role for another image': {
    events: [
      { do: 'deploy', template: { A: { ...shared, lifetime: 30 } } },
      { do: 'idle', minutes: 30 },
      { do: 'deploy', template: { A: { ...shared, image: 'other' } }, circumstances: { siblingFailsAfter: 0 } },
    ],
    faults: { stalenessMs: [1_000] },
  },
  'a health check that is added later uses the current role, because the role of the launch does not allow it': {
    events: [{ do: 'deploy', template: { A: shared } }, { do: 'deploy', template: { A: { ...shared, hasHealthCheck: true } } }],
  },
};

/** The answer to the launch is an error, and then a quota stays: only the list shows that there is no MicroVM. */
const unanswered: MicrovmHistory = {
  events: [{ do: 'deploy', template: { A: shared }, circumstances: { siblingFailsAfter: 1_000 } }],
  faults: {
    calls: Array.from({ length: 200 }, (_, nth) => ({ operation: 'RunMicrovm', nth, fault: { kind: nth === 0 ? 'errorBeforeEffect' : 'quota' } })),
  },
};

test.each([runMicrovms, runLaunchChecks])('a deletion lists the MicroVMs of the image if it cannot ask for the ID of a launch: %p', async run => {
  await expect(run(unanswered, { calls })).resolves.toMatchObject({ rollbacks: 1 });
});

test.each(Object.entries(found))('%s', async (_, history) => {
  await expect(runMicrovms(history, { calls })).resolves.toBeDefined();
});

test('a launch check succeeds although two deliveries overwrite the outcome of each other', async () => {
  const history: MicrovmHistory = {
    events: [{ do: 'deploy', template: { A: shared }, circumstances: { secondDeliveryAfter: 4_861 } }],
    faults: { latenciesMs: [10, 10, 1_279], stalenessMs: [1_000] },
    ledgerFaults: [{ nth: 6, fault: { kind: 'lateLanding', afterMs: 241 } }],
  };
  await expect(runLaunchChecks(history, { calls })).resolves.toMatchObject({ successes: 1 });
});

test('a launch check of changing images needs no role that has been deleted', async () => {
  const images = ['good', 'other', 'good', 'other'] as const;
  const history: MicrovmHistory = { events: images.map((image, index) => ({ do: 'deploy', template: { A: { ...shared, image, lifetime: 60 + index } } })) };
  await expect(runLaunchChecks(history, { calls })).resolves.toMatchObject({ successes: images.length });
});

/** Not yet verified against AWS: which of the two resource forms CloudWatch Logs checks. Each has a statement. */
const LOG_GROUP_FORM = PERMISSIONS.microvmHandler.logStreams.purpose;

describe('the role of a MicroVM', () => {
  test('has no permission that no history needs, and no unnecessary statement', () => {
    expect(calls.unnecessaryPairs('microvm')).toEqual([`${LOG_GROUP_FORM}: logs:DescribeLogStreams`]);
    expect(calls.unnecessaryStatements('microvm')).toEqual([LOG_GROUP_FORM]);
  });

  test('allows only calls that are possible according to the service authorization data, with their conditions', async () => {
    expect(calls.size('microvm')).toBeGreaterThan(100);
    expect(await calls.invalidCalls('microvm')).toEqual([]);
  });
});

describe('the role of a launch check', () => {
  test('has no permission that no history needs, and no unnecessary statement', () => {
    expect(calls.unnecessaryPairs('launch check')).toEqual([`${LOG_GROUP_FORM}: logs:DescribeLogStreams`]);
    expect(calls.unnecessaryStatements('launch check')).toEqual([LOG_GROUP_FORM]);
  });

  test('allows only calls that are possible according to the service authorization data, with their conditions', async () => {
    expect(calls.size('launch check')).toBeGreaterThan(100);
    expect(await calls.invalidCalls('launch check')).toEqual([]);
  });

  test('trusts the function role that assumes it', async () => {
    expect(await calls.untrusted()).toEqual([]);
  });
});
