import { MICROVM_RESOURCE_TYPE } from '../../src/contract/microvm';
import type { Launch } from '../../src/handlers/microvm/launch';
import type { Template } from '../../tools/histories/cloudformation';
import type { ConnectorHistory, ConnectorSpec } from '../../tools/histories/connector-history';
import { runConnectors } from '../../tools/histories/connector-runner';
import { conditionsOf } from '../../tools/histories/history';
import type { Conditions } from '../../tools/histories/history';
import type { ImageHistory, ImageSpec } from '../../tools/histories/image-history';
import { runImages } from '../../tools/histories/image-runner';
import type { MicrovmHistory, MicrovmSpec } from '../../tools/histories/microvm-history';
import { microvmProperties } from '../../tools/histories/microvm-history';
import { runLaunchChecks, runMicrovms } from '../../tools/histories/microvm-runner';
import type { Outcome } from '../../tools/histories/runner';
import { TestBed } from '../../tools/histories/test-bed';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

/**
 * Single looks that CloudFormation throttles, and looks that show old statuses.
 *
 * DescribeStacks is throttled at a few calls a second for the whole account. The resources of a stack look at it in the
 * same second.
 */

type Looks = Pick<Conditions, 'lostLooks' | 'viewLagMs'>;

const image: ImageSpec = { name: 'a1', content: 'one', retained: 2 };
const connector: ConnectorSpec = { name: 'a1', subnets: ['1'] };
const microvm: MicrovmSpec = { image: 'good', lifetime: 480, hasHealthCheck: false };

const other: MicrovmSpec = { ...microvm, image: 'other' };

const images = async (looks: Looks, ...events: ImageHistory['events']): Promise<Outcome> => runImages({ events, ...looks });
const connectors = async (looks: Looks, ...events: ConnectorHistory['events']): Promise<Outcome> => runConnectors({ events }, conditionsOf(looks));
const microvms = async (looks: Looks, ...events: MicrovmHistory['events']): Promise<Outcome> => runMicrovms({ events, ...looks });
const launchChecks = async (looks: Looks, ...events: MicrovmHistory['events']): Promise<Outcome> => runLaunchChecks({ events, ...looks });

/** In the operations before, each look succeeds. So the look with this number is the first of one operation. */
const losesOneLook = (nth: number): Looks => ({ lostLooks: { onEvent: [nth] } });
const losesAllLooks = (nth: number): Looks => ({ lostLooks: { blindOnEvents: [nth] } });

describe.each([['one look is lost', losesOneLook], ['all looks of onEvent are lost', losesAllLooks]])('%s', (_, loses) => {
  test('a rename is rejected while a MicroVM of the old image runs', async () => {
    const outcome = await images(loses(1), deploy(image), { do: 'launch', name: 'a1' }, deploy({ ...image, name: 'a2' }));
    expect(outcome).toMatchObject({ successes: 1, rollbacks: 1 });
  });

  test('the replacement of a connector in use is rejected', async () => {
    const outcome = await connectors(loses(1), deploy(connector), { do: 'launch', name: 'a1' }, deploy({ ...connector, name: 'a2' }));
    expect(outcome).toMatchObject({ successes: 1, rollbacks: 1 });
  });

  test('a MicroVM whose creation is deleted is deleted', async () => {
    await expect(microvms(loses(1), deploy(microvm, { siblingFailsAfter: 8_000 }))).resolves.toMatchObject({ rollbacks: 1 });
  });

  test('a canceled update of a MicroVM and the update of its rollback end with the MicroVM that ran before', async () => {
    const outcome = await microvms(loses(1), deploy(microvm), deploy(other, { siblingFailsAfter: 8_000 }));
    expect(outcome).toMatchObject({ successes: 1, rollbacks: 1 });
  });

  test('a rolled-back update of an image leaves the version of before active', async () => {
    const outcome = await images(loses(2), deploy(image), deploy({ ...image, content: 'broken' }));
    expect(outcome).toMatchObject({ successes: 1, rollbacks: 1 });
  });
});

describe('all looks of onEvent are lost for one of two deliveries', () => {
  const twice = { secondDeliveryAfter: 0 };
  // The delivery without looks polls when the build is about to end.
  const builds = [{ durationMs: 20_000 }];

  test.each([0, 1])('of the creation of an image, which is built once: delivery %s', async delivery => {
    const outcome = await runImages({ events: [deploy(image, twice)], builds, ...losesAllLooks(delivery) });
    expect(outcome).toMatchObject({ successes: 1, rollbacks: 0 });
  });

  test.each([0, 1])('of the creation of a connector: delivery %s', async delivery => {
    await expect(connectors(losesAllLooks(delivery), deploy(connector, twice))).resolves.toMatchObject({ successes: 1, rollbacks: 0 });
  });

  test.each([0, 1])('of the creation of a MicroVM, of which one is left: delivery %s', async delivery => {
    await expect(microvms(losesAllLooks(delivery), deploy(microvm, twice))).resolves.toMatchObject({ successes: 1, rollbacks: 0 });
  });
});

describe('one look is lost', () => {
  test('two deliveries of the creation of a MicroVM launch one', async () => {
    const outcome = await microvms(losesOneLook(1), deploy(microvm, { secondDeliveryAfter: 0 }));
    expect(outcome).toMatchObject({ successes: 1, rollbacks: 0 });
  });

  test('two deliveries of the update of a broken image build it once', async () => {
    const outcome = await images(losesOneLook(2), deploy(image), deploy({ ...image, content: 'broken' }, { secondDeliveryAfter: 0 }));
    expect(outcome).toMatchObject({ successes: 1, rollbacks: 1 });
  });

  test('an update of an image deletes the surplus versions', async () => {
    const contents = ['one', 'two', 'three'];
    const outcome = await images(losesOneLook(2), ...contents.map(content => deploy({ ...image, content })));
    expect(outcome).toMatchObject({ successes: 3 });
  });

  test('a launch check is not repeated', async () => {
    await expect(launchChecks(losesOneLook(1), deploy(microvm), deploy({ ...microvm, lifetime: 60 }))).resolves.toMatchObject({ successes: 2 });
  });
});

test('two lost looks: a MicroVM whose update is rolled back stays, and both operations do not end the launches of each other', async () => {
  const looks: Looks = { lostLooks: { onEvent: [1, 2] } };
  const outcome = await microvms(looks, deploy(microvm), deploy(other, { siblingFailsAfter: 8_000 }));
  expect(outcome).toMatchObject({ successes: 1, rollbacks: 1 });
});

test('one lost look: the deletion of a stack also terminates the MicroVM that a failed cleanup has left', async () => {
  const testBed = new TestBed({ lostLooks: { onEvent: [1] } });
  testBed.simulator.addForeignImage('good');
  const stack = testBed.stack('looks', MICROVM_RESOURCE_TYPE);
  const template: Template = { A: { ...microvmProperties('microvm', microvm, { stackId: stack.id, logicalId: 'A' }) } };
  await testBed.clock.complete(stack.deploy(template));
  await testBed.clock.complete(leaveOneMore(testBed));
  expect(living(testBed)).toHaveLength(2);
  expect(await testBed.clock.complete(stack.delete())).toBe('DELETE_COMPLETE');
  expect(living(testBed)).toEqual([]);
  expect(testBed.parameters.all().size).toBe(0);
});

/** Records a second MicroVM of the resource, as if the cleanup of its replacement had failed. */
async function leaveOneMore({ parameters, simulator }: TestBed): Promise<void> {
  const [[key, value]] = parameters.all();
  const ledger = parameters.ledger(key.slice(0, key.lastIndexOf('/')), async () => undefined);
  await ledger.write({ ...JSON.parse(value) as Launch, name: 'f'.repeat(64), microvmId: simulator.launchMicrovm('good').id });
}

function living({ simulator }: TestBed): string[] {
  return simulator.microvms().filter(({ state }) => state !== 'TERMINATED').map(({ id }) => id);
}

describe.each([200, 1_000, 2_500])('CloudFormation shows statuses that are %s ms old', viewLagMs => {
  const late: Looks = { viewLagMs };

  test('the creation of an image is rolled back', async () => {
    await expect(images(late, deploy({ ...image, content: 'broken' }))).resolves.toMatchObject({ rollbacks: 1 });
  });

  test('a canceled creation of an image is rolled back', async () => {
    await expect(images(late, deploy(image, { siblingFailsAfter: 20_000 }))).resolves.toMatchObject({ rollbacks: 1 });
  });

  test('the update of an image is rolled back', async () => {
    await expect(images(late, deploy(image), deploy({ ...image, content: 'broken' }))).resolves.toMatchObject({ successes: 1, rollbacks: 1 });
  });

  test('a canceled update of an image is rolled back', async () => {
    const outcome = await images(late, deploy(image), deploy({ ...image, content: 'two' }, { siblingFailsAfter: 20_000 }));
    expect(outcome).toMatchObject({ successes: 1, rollbacks: 1 });
  });

  test('the update of a connector is rolled back', async () => {
    await expect(connectors(late, deploy(connector), deploy({ ...connector, subnets: ['full'] }))).resolves.toMatchObject({ successes: 1, rollbacks: 1 });
  });

  test('a canceled update of a connector is rolled back', async () => {
    const outcome = await connectors(late, deploy(connector), deploy({ ...connector, subnets: ['2'] }, { siblingFailsAfter: 20_000 }));
    expect(outcome).toMatchObject({ successes: 1, rollbacks: 1 });
  });

  test('the cleanup of a rename deletes the old image', async () => {
    await expect(images(late, deploy(image), deploy({ ...image, name: 'a2' }))).resolves.toMatchObject({ successes: 2 });
  });

  test('the cleanup of a replacement deletes the old connector', async () => {
    await expect(connectors(late, deploy(connector), deploy({ ...connector, name: 'a2' }))).resolves.toMatchObject({ successes: 2 });
  });

  test('the cleanup of a replacement terminates the old MicroVM', async () => {
    await expect(microvms(late, deploy(microvm), deploy(other))).resolves.toMatchObject({ successes: 2 });
  });

  test('a rolled-back replacement returns to the old MicroVM', async () => {
    const outcome = await microvms(late, deploy(microvm), deploy(other, { siblingFailsAfter: 8_000 }));
    expect(outcome).toMatchObject({ successes: 1, rollbacks: 1 });
  });

  test('a launch check that fails is rolled back', async () => {
    const unhealthy: MicrovmSpec = { ...microvm, image: 'unhealthy', hasHealthCheck: true };
    await expect(launchChecks(late, deploy(microvm), deploy(unhealthy))).resolves.toMatchObject({ successes: 1, rollbacks: 1 });
  });
});

function deploy<Spec>(A: Spec, circumstances = {}): { readonly do: 'deploy'; readonly template: { readonly A: Spec }; readonly circumstances: object } {
  return { do: 'deploy', template: { A }, circumstances };
}
