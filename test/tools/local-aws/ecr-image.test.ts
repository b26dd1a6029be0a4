import * as path from 'node:path';
import { LOCAL_CREDENTIALS } from '../../../tools/local-aws/environment';
import type { LocalAws } from '../../../tools/local-aws/local-aws';
import { startLocalAws } from '../../../tools/local-aws/local-aws';
import { callRegistry, mayPull } from '../../../tools/simulator/registry';

/** Uses the real CDK CLI and enforced IAM. The bundle of the handlers must exist (npx projen bundle). */

let aws: LocalAws;
const settings = (tag: string) => ({ app: `npx tsx ${path.join(__dirname, 'ecr-image.app.ts')}`, stacks: ['EcrImage'], context: { tag } });

beforeAll(async () => {
  aws = await startLocalAws({ times: { buildPending: 200, imageSettling: 200, versionDeletion: 500, imageDeletion: 1_000 } });
  await aws.bootstrap();
  const root = { endpoint: aws.url, region: aws.region, credentials: LOCAL_CREDENTIALS };
  await callRegistry(root, 'CreateRepository', { repositoryName: 'team/base' });
  await callRegistry(root, 'PutImage', { repositoryName: 'team/base', imageTag: 'v1', imageManifest: '{}' });
  expect(await mayPull(root, `${aws.account}.dkr.ecr.${aws.region}.amazonaws.com/team/base:v1`)).toBe(true);
});

afterAll(async () => aws.stop());

test('an image is built from a private repository with the permissions of its build role, and fails for a tag that does not exist', async () => {
  const made = await aws.cdk.deploy(settings('v1'));
  expect(made).toMatchObject({ exitCode: 0 });
  expect(aws.simulator.images().map(({ name }) => name)).toEqual(['from-ecr']);

  const failed = await aws.cdk.deploy(settings('v2'));
  expect(failed.exitCode).not.toBe(0);
  expect(failed.events.map(({ reason }) => reason).join('\n')).toContain('team/base:v2: failed to resolve source metadata');
});
