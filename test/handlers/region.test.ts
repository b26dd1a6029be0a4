import { LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import { FakeClock, STACK_ID } from './engine/inputs';
import { CallLimits } from '../../src/handlers/engine/calls';
import { serviceAvailability } from '../../src/handlers/region';

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Asks a service that answers like this in turn, and then with the last answer. */
async function asking(...answers: Answer[]): Promise<{ isAvailable: boolean; paths: string[] }> {
  const paths: string[] = [];
  const clock = new FakeClock();
  const handle = async ({ path }: { path: string }) => {
    const { status, body } = answers[Math.min(paths.length, answers.length - 1)];
    paths.push(decodeURIComponent(path));
    const headers = { 'content-type': 'application/json', ...status !== 200 && { 'x-amzn-errortype': 'AccessDeniedException' } };
    return { response: { statusCode: status, headers, body: new TextEncoder().encode(body) } };
  };
  const client = new LambdaMicrovmsClient({
    region: 'us-east-1', maxAttempts: 1, credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, requestHandler: { handle } as any,
  });
  return { isAvailable: await serviceAvailability(client, new CallLimits(clock, Infinity), clock)(STACK_ID), paths };
}

const VERSIONS: Answer = { status: 200, body: '{"items":[]}' };
const WITHOUT_MESSAGE: Answer = { status: 403, body: '{}' };
const WITH_MESSAGE: Answer = { status: 403, body: '{"message":"not authorized"}' };

describe('a Region has the service', () => {
  test('if it lists the versions of a base image', async () => {
    const { isAvailable, paths } = await asking(VERSIONS);
    expect([isAvailable, paths.length]).toEqual([true, 1]);
    expect(paths[0]).toContain('arn:aws:lambda:us-east-1:aws:microvm-image:al2023-1');
  });

  test('if it denies that with a message', async () => {
    await expect(asking(WITH_MESSAGE)).resolves.toMatchObject({ isAvailable: true });
  });

  test('unless it denies the call three times without a message', async () => {
    await expect(asking(WITHOUT_MESSAGE, WITHOUT_MESSAGE, VERSIONS)).resolves.toMatchObject({ isAvailable: true });
    const { isAvailable, paths } = await asking(WITHOUT_MESSAGE);
    expect([isAvailable, paths.length]).toEqual([false, 3]);
  });
});
