import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { rootOf, Stacks } from './stacks';
import { findLeftovers } from '../../../tools/demo/leftovers';
import type { LocalAws } from '../../../tools/local-aws/local-aws';
import { startLocalAws } from '../../../tools/local-aws/local-aws';
import { installExample, readExample } from '../../../tools/shared/examples';

/**
 * What a newcomer does first, with the package of this checkout, which must be compiled and bundled (npm test does both
 * before).
 */

const ROOT = path.join(__dirname, '..', '..', '..');
const EXAMPLE = 'quickstart/typescript';
const STACK = 'Quickstart';

const directory = mkdtempSync(path.join(tmpdir(), 'quickstart-'));
let aws: LocalAws;

beforeAll(async () => {
  aws = await startLocalAws({ times: { buildPending: 200, imageSettling: 200, imageDeletion: 500, launch: 200, termination: 200 } });
  await aws.bootstrap();
});

afterAll(async () => {
  await aws.stop();
  rmSync(directory, { recursive: true, force: true });
});

test('the quickstart is deployed, answers 200 from a MicroVM of each invocation, and is destroyed without a trace', async () => {
  const workingDirectory = installExample(EXAMPLE, directory, { 'cdk-lambda-microvms': ROOT });
  const { app } = JSON.parse(readExample(EXAMPLE, 'cdk.json'));
  const deployed = await aws.cdk.deploy({ app, stacks: [STACK], workingDirectory });
  if (deployed.exitCode !== 0) throw new Error(deployed.output);

  const [, FunctionName] = /^Quickstart\.BackendName = (\S+)$/m.exec(deployed.output)!;
  const client = new LambdaClient(rootOf(aws));
  const invoke = async () => {
    const { FunctionError, Payload } = await client.send(new InvokeCommand({ FunctionName, Payload: Buffer.from('{"path":"/"}') }));
    const answer = JSON.parse(Buffer.from(Payload!).toString());
    expect([FunctionError, answer.statusCode]).toEqual([undefined, 200]);
    return JSON.parse(answer.body);
  };
  const [first, second] = [await invoke(), await invoke()];
  for (const answer of [first, second]) expect(answer).toEqual({ greeting: 'hello', random: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(second.random).not.toBe(first.random);
  expect(aws.simulator.microvms()).toHaveLength(2);

  // As `cdk destroy` does, without another synthesis.
  expect(await new Stacks(rootOf(aws)).delete(STACK)).toBe('DELETE_COMPLETE');
  expect(await findLeftovers(aws, STACK)).toEqual([]);
});
