import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { Requests } from './requests';
import { rootOf, Stacks } from './stacks';
import { findLeftovers } from '../../../tools/demo/leftovers';
import { LOCAL_CREDENTIALS } from '../../../tools/local-aws/environment';
import type { LocalAws } from '../../../tools/local-aws/local-aws';
import { startLocalAws } from '../../../tools/local-aws/local-aws';

/** The emulator evaluates JSONata with a port of the reference implementation. */

const STACK = 'StateMachines';
const SETTINGS = { app: `npx tsx ${path.join(__dirname, 'state-machines.app.ts')}`, stacks: [STACK] };
let aws: LocalAws;
let outputs: Record<string, string>;

beforeAll(async () => {
  aws = await startLocalAws({ processes: false, times: { buildPending: 200, imageSettling: 200, versionDeletion: 500, imageDeletion: 500 } });
  await aws.bootstrap();
  expect(await aws.cdk.deploy(SETTINGS)).toMatchObject({ exitCode: 0 });
  outputs = await new Stacks(rootOf(aws)).outputs(STACK);
});

afterAll(async () => aws.stop());

interface Execution {
  readonly status: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

async function execute(id: string): Promise<Execution> {
  const requests = new Requests({ url: aws.url, region: aws.region, credentials: { ...LOCAL_CREDENTIALS, sessionToken: '' } });
  const { executionArn } = await requests.stepFunctions('StartExecution', { stateMachineArn: outputs[`${id}Arn`], input: '{"job":"first"}' });
  for (;;) {
    const execution: Execution = await requests.stepFunctions('DescribeExecution', { executionArn });
    if (execution.status !== 'RUNNING') return execution;
    await sleep(200);
  }
}

test.each(['PathInPath', 'JsonataInPath', 'JsonataInJsonata'])('an execution launches a MicroVM, does its work and terminates the MicroVM: %s', async id => {
  const { status, output, cause } = await execute(id);
  expect([status, cause]).toEqual(['SUCCEEDED', undefined]);
  const { id: microvmId } = JSON.parse(output!);
  expect(aws.simulator.microvms().find(microvm => microvm.id === microvmId)).toMatchObject({ state: expect.stringMatching(/^TERMINAT/) });
});

test('an execution whose work fails terminates the MicroVM, and keeps the name and cause of the error', async () => {
  expect(await execute('FailingInJsonata')).toMatchObject({ status: 'FAILED', error: 'NoGood', cause: 'RUNNING' });
  expect(aws.simulator.microvms().filter(({ state }) => !/^TERMINAT/.test(state))).toEqual([]);
});

test('a function reads the launch request from the parameter of a published launcher, which names no execution role', async () => {
  const { Payload: payload } = await new LambdaClient(rootOf(aws)).send(new InvokeCommand({ FunctionName: 'reader' }));
  const request = JSON.parse(Buffer.from(payload!).toString());
  expect(request).toMatchObject({ imageIdentifier: aws.simulator.images()[0].arn, logging: { disabled: {} } });
  expect(request).not.toHaveProperty('executionRoleArn');
});

test('the stack can be destroyed', async () => {
  expect(await aws.cdk.destroy(SETTINGS)).toMatchObject({ exitCode: 0 });
  expect(await findLeftovers(aws, STACK)).toEqual([]);
});
