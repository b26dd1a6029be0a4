import * as path from 'node:path';
import { CloudWatchLogsClient, DescribeLogGroupsCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { OWNER_RESOURCE_TAG, OWNER_STACK_TAG } from '../../../src/contract/common';
import { findLeftovers } from '../../../tools/demo/leftovers';
import type { StackOperationResult } from '../../../tools/local-aws/cdk';
import type { LocalAws } from '../../../tools/local-aws/local-aws';
import { startLocalAws } from '../../../tools/local-aws/local-aws';

/**
 * Uses the real CDK CLI, the deployed handler and enforced IAM. The bundle of the handlers must exist (npx projen
 * bundle).
 */

const STACK = 'TwoImages';
let aws: LocalAws;

beforeAll(async () => {
  aws = await startLocalAws({ times: { buildPending: 200, imageSettling: 200, versionDeletion: 500, imageDeletion: 1_000 } });
  await aws.bootstrap();
});

afterAll(async () => aws.stop());

const settings = (images: string) => ({
  app: `npx tsx ${path.join(__dirname, 'two-images.app.ts')}`, stacks: [STACK], context: { images },
});
const deploy = async (images: string): Promise<StackOperationResult> => aws.cdk.deploy(settings(images));
const imageNames = () => aws.simulator.images().map(({ name }) => name).sort();
/** Returns the lines of the log group of the handler and of the framework. */
async function handlerLog(): Promise<{ readonly message: string }[]> {
  const { url: endpoint, region } = aws;
  const logs = new CloudWatchLogsClient({ endpoint, region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({}));
  const { logGroupName } = logGroups.find(group => group.logGroupName!.includes('CdkLambdaMicrovmsLogs'))!;
  const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName, limit: 1_000 }));
  return events.map(({ message }) => JSON.parse(message!));
}

/** The simulator only receives calls that IAM allows. CloudFormation shows those that IAM denies. */
const denials = (result: StackOperationResult) => result.events.filter(({ reason }) => /AccessDenied|not authorized/.test(reason));

test('creates two images in one stack, removes one and renames the other, with no call denied and nothing left behind', async () => {
  const made = await deploy('One=first,Two=second');
  expect(made).toMatchObject({ exitCode: 0 });
  expect(imageNames()).toEqual(['first', 'second']);
  const lines = await handlerLog();
  // Only what changed: the beginning, the request, what it waited for, and the end of two creations.
  expect(lines.length).toBeLessThan(16);
  expect(lines.map(({ message }) => message)).toEqual(expect.arrayContaining([expect.stringMatching(/^Create of One\w*: is done$/), expect.stringMatching(/^Create of Two\w*: waits for /)]));

  const removed = await deploy('One=first');
  expect(removed).toMatchObject({ exitCode: 0 });
  expect(imageNames()).toEqual(['first']);

  const renamed = await deploy('One=renamed');
  expect(renamed).toMatchObject({ exitCode: 0 });
  expect(imageNames()).toEqual(['renamed']);

  const destroyed = await aws.cdk.destroy(settings('One=renamed'));
  expect(destroyed).toMatchObject({ exitCode: 0 });
  expect([made, removed, renamed, destroyed].flatMap(denials)).toEqual([]);
  expect(await findLeftovers(aws, STACK)).toEqual([]);
});

test('fails to take over an image of another stack: the error has the command to release it, and the image is unchanged', async () => {
  const before = aws.simulator.addForeignImage('foreign', { [OWNER_STACK_TAG]: 'another-stack', [OWNER_RESOURCE_TAG]: 'Another' });
  const result = await deploy('One=foreign');
  expect(result.exitCode).not.toBe(0);
  expect(result.events.map(({ reason }) => reason).join('\n')).toContain('aws lambda untag-resource');
  expect(aws.simulator.image('foreign')).toEqual(before);
  await aws.cdk.destroy(settings('One=foreign'));
});

test('deploys an image that knows its backend, which launches it, and a MicroVM of it, in the right order', async () => {
  const program = { app: `npx tsx ${path.join(__dirname, 'backend-image.app.ts')}`, stacks: ['BackendImage'] };
  // An image of another stack, for example.
  const before = await findLeftovers(aws, 'BackendImage');
  const deployed = await aws.cdk.deploy(program);
  expect(deployed).toMatchObject({ exitCode: 0 });
  expect(aws.simulator.image('backend-image')!.versions[0].configuration.environmentVariables).toEqual({
    BACKEND: expect.stringMatching(/:function:BackendImage-Backend/), LEVEL: 'debug',
  });
  const complete = deployed.events.filter(({ status }) => status === 'CREATE_COMPLETE').map(({ logicalId }) => logicalId);
  const position = (id: string) => complete.findIndex(logicalId => new RegExp(`^${id}[0-9A-F]{8}$`).test(logicalId));
  expect(position('Backend')).toBeLessThan(position('Image'));
  expect(position('Image')).toBeLessThan(position('Microvm'));

  const destroyed = await aws.cdk.destroy(program);
  expect(destroyed).toMatchObject({ exitCode: 0 });
  expect([deployed, destroyed].flatMap(denials)).toEqual([]);
  expect(await findLeftovers(aws, 'BackendImage')).toEqual(before);
});
