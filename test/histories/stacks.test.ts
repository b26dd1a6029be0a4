import type { Event } from '../../tools/histories/history';
import { SEED } from '../../tools/histories/run';
import type { Outcome } from '../../tools/histories/runner';
import type { StackSpec } from '../../tools/histories/stack-history';
import { runStacks } from '../../tools/histories/stack-runner';
import { suiteOf } from '../../tools/histories/suites';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const Image: StackSpec = { name: 'a1', value: 'one' };
const Connector: StackSpec = { name: 'c1', value: '1' };
const Microvm: StackSpec = { name: 'a1', value: '480' };

const deploy = (template: Record<string, StackSpec>, circumstances = {}): Event<StackSpec> => ({ do: 'deploy', template, circumstances });
const run = async (...events: Event<StackSpec>[]): Promise<Outcome> => runStacks({ events });

test('in any history, a stack of all kinds ends in the new or the previous state, and nothing is left behind', async () => {
  const total = await suiteOf('stacks of all kinds').run({ numRuns: 50, seed: SEED });
  expect(total.successes).toBeGreaterThan(20);
  expect(total.rollbacks).toBeGreaterThan(30);
});

test('no transient fault and no lost or late look fails a stack of all kinds', async () => {
  const total = await suiteOf('calm stacks of all kinds').run({ numRuns: 40, seed: SEED });
  expect(total.successes).toBeGreaterThan(50);
});

test('a new version of the image replaces the MicroVM that refers to it', async () => {
  const outcome = await run(deploy({ Microvm, Connector, Image }), deploy({ Microvm, Connector, Image: { ...Image, value: 'two' } }));
  expect(outcome).toMatchObject({ successes: 2 });
});

test('a broken image leaves the MicroVM that depends on it as it is', async () => {
  const outcome = await run(deploy({ Microvm, Connector, Image }), deploy({ Microvm, Connector, Image: { ...Image, value: 'broken' } }));
  expect(outcome).toMatchObject({ successes: 1, rollbacks: 1 });
});

test('a stack without its MicroVM deletes the MicroVM before the connector', async () => {
  await expect(run(deploy({ Microvm, Connector, Image }), deploy({ Image }))).resolves.toMatchObject({ successes: 2 });
});

test('a deployment without a rollback keeps what succeeded, and the next one creates the rest', async () => {
  const broken = { ...Image, value: 'broken' };
  const outcome = await run(deploy({ Microvm, Connector, Image: broken }, { disableRollback: true }), deploy({ Microvm, Connector, Image }));
  expect(outcome).toMatchObject({ successes: 1, stopped: 1 });
});

test('a connector is not created again while a MicroVM uses it whose deletion crashed in a cleanup', async () => {
  const crash = { inPoll: 0, beforeCall: 0 };
  const outcome = await run(
    deploy({ Microvm, Connector, Image }), deploy({ Image }, { crash }), deploy({ Microvm, Connector: { ...Connector, value: '2' }, Image }),
  );
  expect(outcome).toMatchObject({ successes: 2, rollbacks: 1 });
});
