import * as path from 'node:path';
import { rootOf } from './stacks';
import type { Account } from '../../../integ/live/account';
import { signedRequest } from '../../../integ/live/probes/signed-request';
import { OWNER_RESOURCE_TAG, OWNER_STACK_TAG } from '../../../src/contract/common';
import type { LocalAws } from '../../../tools/local-aws/local-aws';
import { startLocalAws } from '../../../tools/local-aws/local-aws';
import { VirtualBuilder } from '../../../tools/simulator/builder';
import { RealClock } from '../../../tools/simulator/clock';

let aws: LocalAws;
let run = 0;

beforeAll(async () => {
  aws = await startLocalAws({
    builder: new VirtualBuilder({ clock: new RealClock(100) }),
    times: { buildPending: 200, imageSettling: 200, versionDeletion: 200, imageDeletion: 300 },
  });
  await aws.bootstrap();
});

afterAll(async () => aws.stop());

function settings(images: string, isEncrypted: boolean) {
  const context = { images, encryption: String(isEncrypted), run: String(run) };
  return { app: `npx tsx ${path.join(__dirname, 'deployment-encryption.app.ts')}`, stacks: ['Deployments'], context };
}

/** Deploys the stack. Each deployment changes every image, so it waits with the state machine. */
async function deploy(images: string, isEncrypted: boolean) {
  run++;
  return aws.cdk.deploy(settings(images, isEncrypted));
}

async function call(service: string, target: string, body: object): Promise<any> {
  const { client, endpoint, region } = { client: rootOf(aws), endpoint: aws.url, region: aws.region };
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target };
  return JSON.parse(await signedRequest({ client, endpoint, region, partition: 'aws' } as unknown as Account, service, { headers, body: JSON.stringify(body) }));
}

async function encryption(): Promise<{ readonly type: string; readonly kmsKeyId?: string }> {
  const { stateMachines: [{ stateMachineArn }] } = await call('states', 'AWSStepFunctions.ListStateMachines', {});
  return (await call('states', 'AWSStepFunctions.DescribeStateMachine', { stateMachineArn })).encryptionConfiguration;
}

const keyState = async (KeyId: string) => (await call('kms', 'TrentService.DescribeKey', { KeyId })).KeyMetadata.KeyState;
const tagOf = (image: string) => aws.simulator.image(image)!.tags.run;

test('deployments are encrypted, and no longer, and a rollback and the end of encryption leave no state machine with a deleted key', async () => {
  expect(await deploy('app', false)).toMatchObject({ exitCode: 0 });
  expect(await encryption()).toEqual({ type: 'AWS_OWNED_KEY' });

  aws.simulator.addForeignImage('foreign', { [OWNER_STACK_TAG]: 'another-stack', [OWNER_RESOURCE_TAG]: 'Another' });
  expect((await deploy('app,foreign', true)).exitCode).not.toBe(0);
  expect(await encryption()).toEqual({ type: 'AWS_OWNED_KEY' });
  expect(tagOf('app')).toBe('1');

  expect(await deploy('app', true)).toMatchObject({ exitCode: 0 });
  const { type, kmsKeyId } = await encryption();
  expect([type, await keyState(kmsKeyId!), tagOf('app')]).toEqual(['CUSTOMER_MANAGED_KMS_KEY', 'Enabled', '3']);

  expect(await deploy('app', false)).toMatchObject({ exitCode: 0 });
  expect([await encryption(), await keyState(kmsKeyId!), tagOf('app')]).toEqual([{ type: 'AWS_OWNED_KEY' }, 'PendingDeletion', '4']);

  expect(await deploy('app', true)).toMatchObject({ exitCode: 0 });
  const again = (await encryption()).kmsKeyId!;
  expect(again).not.toBe(kmsKeyId);
  expect(await aws.cdk.destroy(settings('app', true))).toMatchObject({ exitCode: 0 });
  expect(await keyState(again)).toBe('PendingDeletion');
});
