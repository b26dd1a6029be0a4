import { CallLog } from '../../tools/histories/calls';
import type { ConnectorHistory, ConnectorSpec } from '../../tools/histories/connector-history';
import { runConnectors } from '../../tools/histories/connector-runner';
import { SEED } from '../../tools/histories/run';
import { suiteOf } from '../../tools/histories/suites';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const calls = new CallLog();

test('in any history, a stack of connectors ends in the new or the previous state, and nothing is left behind', async () => {
  const total = await suiteOf('connectors').run({ numRuns: 200, seed: SEED }, { calls });
  expect(total.successes).toBeGreaterThan(100);
  expect(total.rollbacks).toBeGreaterThan(100);
  expect(total.effectiveRollbacks).toBeGreaterThan(10);
  expect(total.fencedPolls).toBeGreaterThan(5_000);
});

test('transient faults fail no connector', async () => {
  const total = await suiteOf('calm connectors').run({ numRuns: 150, seed: SEED }, { calls });
  expect(total.successes).toBeGreaterThan(200);
});

const internal: ConnectorSpec = { name: 'a1', subnets: ['1'] };

test('nor do lost and late looks, lists of any kind and a missing list of versions leave a connector in a wrong state', async () => {
  const total = await suiteOf('connectors, adverse').run({ numRuns: 60, seed: SEED }, { calls });
  expect(total.rollbacks).toBeGreaterThan(20);
  expect(total.faults).toBeGreaterThan(100);
});

test('lost and late looks, lists of any kind and a missing list of versions fail no connector', async () => {
  const total = await suiteOf('calm connectors, adverse').run({ numRuns: 60, seed: SEED }, { calls });
  expect(total.successes).toBeGreaterThan(60);
});

/** Histories that were generated, and violated an invariant once. */
const found: Record<string, ConnectorHistory> = {
  'a replacement by a connector that was left behind is rejected while the current connector is in use': {
    events: [
      { do: 'deploy', template: { A: { ...internal, deletion: 'WAIT_UNTIL_UNUSED' } } },
      { do: 'launch', name: 'a1' },
      { do: 'deploy', template: { A: { ...internal, name: 'a2' } } },
      { do: 'launch', name: 'a2' },
      { do: 'deploy', template: { A: internal } },
    ],
  },
  'an outdated list of versions does not prevent the deletion of an old version': {
    events: [{ do: 'deploy', template: { A: internal } }, { do: 'deploy', template: { A: { ...internal, group: '2' } } }],
    faults: { latenciesMs: [10], stalenessMs: [1_000, 0] },
  },
  'the failure of an earlier update that still shows does not fail the current update': {
    events: [
      { do: 'deploy', template: { A: internal } },
      { do: 'deploy', template: { A: { ...internal, subnets: ['full'] } } },
      { do: 'deploy', template: { A: { ...internal, subnets: ['2'] } } },
    ],
    faults: { stalenessMs: [0, 15_000, 0], tagStalenessMs: [0] },
  },
};

test.each(Object.entries(found))('%s', async (_, history) => {
  await expect(runConnectors(history, { calls })).resolves.toBeDefined();
});

describe('the role of a connector', () => {
  test('has no permission that no history needs, and no unnecessary statement', () => {
    expect(calls.unnecessaryPairs('connector')).toEqual([]);
    expect(calls.unnecessaryStatements('connector')).toEqual([]);
  });

  test('allows only calls that are possible according to the service authorization data, with their conditions', async () => {
    expect(calls.size('connector')).toBeGreaterThan(100);
    expect(await calls.invalidCalls('connector')).toEqual([]);
  });

  test('trusts the function role that assumes it', async () => {
    expect(await calls.untrusted()).toEqual([]);
  });
});
