import type { LiveResult } from '../../../integ/live/live-run';
import { liveRun, succeeded } from '../../../integ/live/live-run';
import { report } from '../../../integ/live/report';
import { findLeftovers } from '../../../tools/demo/leftovers';
import type { LocalAws } from '../../../tools/local-aws/local-aws';
import { startLocalAws } from '../../../tools/local-aws/local-aws';

jest.setTimeout(1_200_000);

let aws: LocalAws;
const planned: string[] = [];
let result: LiveResult;

const options = (only: string[]) =>
  ({ region: aws.region, endpoint: aws.url, simulator: aws.simulatorUrl, only, report: 'live-report.md', keep: false, yes: true });
const surroundings = {
  log: () => undefined,
  consent: async (lines: readonly string[]) => {
    planned.push(...lines);
    return true;
  },
  stopped: () => false,
};

beforeAll(async () => {
  aws = await startLocalAws({
    waitScale: 0.1,
    times: {
      buildPending: 200,
      imageSettling: 200,
      versionDeletion: 200,
      imageDeletion: 500,
      launch: 200,
      suspension: 200,
      resumption: 200,
      termination: 200,
      connectorCreation: 500,
      connectorUpdate: 500,
      connectorDeletion: 200,
    },
  });
  await aws.bootstrap();
  // Both run at the same time, because they mostly wait.
  const [app, probes] = await Promise.all([liveRun(options(['microvm-image']), surroundings), liveRun(options(['probes']), surroundings)]);
  result = { ...app!, probes: probes!.probes };
});

afterAll(async () => aws.stop());

test('first prints what it creates, where, and what it costs', () => {
  expect(planned[0]).toMatch(/^Account 000000000000, us-east-1, as arn:aws:iam::000000000000:root, at http:/);
  expect(planned).toContainEqual(expect.stringMatching(/^ {2}microvm-image: IntegMicrovmImage, IntegMicrovmImageTestDefaultTestDeployAssert\w+$/));
  expect(planned).toContainEqual(expect.stringMatching(/^ {2}1 x MicroVM image/));
});

test('deploys an app with its assertions, and measures times', () => {
  const [app] = result.apps;
  expect(app).toMatchObject({ app: 'microvm-image', assertions: [{ status: 'success' }, { status: 'success' }], left: [] });
  expect(app.failure).toBeUndefined();
  expect(app.times.map(({ what }) => what)).toEqual(expect.arrayContaining(['deployment of IntegMicrovmImage', expect.stringMatching(/^build of image /)]));
  expect(result.probes!.times.map(({ what }) => what)).toEqual(['launch until RUNNING', 'launch until the first response', 'suspend', 'resume', 'terminate']);
});

test('runs every probe; facts that need more than the local AWS stay unsettled', () => {
  const { answers, failure } = result.probes!;
  expect(failure).toBeUndefined();
  const settled = Object.fromEntries(answers.map(answer => [answer.fact, answer.settled]));
  expect(settled).toMatchObject({
    buildSource: 'yes',
    executionSource: 'yes',
    functionKey: 'yes',
    operatorSourceAccount: 'no',
    passConnector: 'yes',
    passConnectorPattern: 'yes',
    tagsInGet: 'yes',
    passedToService: 'yes',
    requestTagConnector: 'yes',
    placementKeys: 'yes',
    tagsOfNewConnector: 'yes',
    resourceTagImage: 'yes',
    twoEgress: 'no',
    connectorProtocol: 'no',
    connectorVersions: 'yes',
    buildEgressShown: 'yes',
    requestsAreCurrent: 'yes',
    // Reads both ways; whether kms:Decrypt is enforced is up to the local AWS.
    executionReaders: expect.stringMatching(/^(yes|no)$/),
    executionKeyPolicy: expect.stringMatching(/^(yes|no)$/),
    // The local AWS has no Service Quotas, and its CloudFormation cancels nothing.
    connectorQuota: 'not settled',
    canceledIsFenced: 'unclear',
  });
});

test('records what CloudFormation shows during a replacement and its cleanup', () => {
  const entries = result.probes!.timeline.filter(({ step }) => step === 'replacement');
  expect(entries.map(({ request, view }) => [request.RequestType, view.physicalId, view.stackStatus])).toEqual([
    ['Update', 'observed-a', 'UPDATE_IN_PROGRESS'],
    ['Delete', 'observed-b', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'],
  ]);
});

test('leaves nothing behind, and the report says so', async () => {
  expect(await findLeftovers(aws, 'Integ')).toEqual([]);
  expect(await findLeftovers(aws, 'Live')).toEqual([]);
  expect(succeeded(result)).toBe(true);
  const text = report(result);
  expect(text).toContain('the report says nothing about AWS');
  expect(text).toMatch(/## Left behind\n\n- nothing\n$/);
  expect(text).not.toContain(aws.account);
});

test('creates nothing without consent', async () => {
  expect(await liveRun(options(['network-connector']), { ...surroundings, consent: async () => false })).toBeUndefined();
  expect(aws.simulator.connectors()).toEqual([]);
});

test('fails for an unknown app', async () => {
  await expect(liveRun(options(['nothing']), surroundings)).rejects.toThrow(/--only: nothing is not one of .*microvm-image/);
});
