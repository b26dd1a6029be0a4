import { CallLog } from '../../tools/histories/calls';
import { anyConnectorHistory, calmConnectorHistory } from '../../tools/histories/connector-arbitraries';
import type { ConnectorHistory, ConnectorSpec } from '../../tools/histories/connector-history';
import { playConnectors } from '../../tools/histories/connector-player';
import { playAll, SEED } from '../../tools/histories/playing';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const calls = new CallLog();

test('whatever happens, a stack of connectors ends as it was asked for or as it was before, and nothing is left behind', async () => {
  const total = await playAll(anyConnectorHistory, async history => playConnectors(history, { calls }), { numRuns: 200, seed: SEED });
  expect(total.successes).toBeGreaterThan(100);
  expect(total.rollbacks).toBeGreaterThan(100);
  expect(total.takeBacks).toBeGreaterThan(10);
  expect(total.fencedPolls).toBeGreaterThan(5_000);
});

test('no connector fails because of faults that pass', async () => {
  const total = await playAll(calmConnectorHistory, async history => playConnectors(history, { calls }), { numRuns: 150, seed: SEED });
  expect(total.successes).toBeGreaterThan(200);
});

const internal: ConnectorSpec = { name: 'a1', subnets: ['1'] };

/** Found by generated histories, each once a violation. */
const found: Record<string, ConnectorHistory> = {
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

test.each(Object.entries(found))('%s', async (_, history) => {
  await expect(playConnectors(history, { calls })).resolves.toBeDefined();
});

describe('the role of a connector', () => {
  test('has no permission that no history needs, and no statement that could be left out', () => {
    expect(calls.needlessPairs('connector')).toEqual([]);
    expect(calls.needlessStatements('connector')).toEqual([]);
  });

  test('allows calls that are possible by the service authorization data, with their conditions', async () => {
    expect(calls.size('connector')).toBeGreaterThan(100);
    expect(await calls.invalidCalls('connector')).toEqual([]);
  });

  test('trusts the handler that assumes it', async () => {
    expect(await calls.untrusted()).toEqual([]);
  });
});
