import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { HeadBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { App, Stack } from 'aws-cdk-lib';
import type { Account } from '../../../integ/live/account';
import { openAccount } from '../../../integ/live/account';
import { findStack } from '../../../integ/live/stack';
import { TeamBootstrap } from '../../../integ/live/team-bootstrap';
import { NetworkTeamSynthesizer } from '../../../src';
import type { LocalAws } from '../../../tools/local-aws/local-aws';
import { startLocalAws } from '../../../tools/local-aws/local-aws';

let aws: LocalAws;
let account: Account;

beforeAll(async () => {
  aws = await startLocalAws({ processes: false });
  account = await openAccount({ region: aws.region, endpoint: aws.url, simulator: aws.simulatorUrl });
});

afterAll(async () => aws.stop());

function appWith(synthesizer?: NetworkTeamSynthesizer) {
  const app = new App({ analyticsReporting: false });
  new Stack(app, 'Network', { synthesizer });
  return { name: 'network', assembly: app.synth().directory, stacks: [] };
}

test('an app with the bootstrap of the account needs no other', () => {
  expect(TeamBootstrap.of(account, aws.cdk, appWith())).toBeUndefined();
});

test('the bootstrap of a team is created with a role of the team, and deleted with everything in its bucket', async () => {
  const bootstrap = TeamBootstrap.of(account, aws.cdk, appWith(new NetworkTeamSynthesizer({ networkTeamPath: '/network-team/', qualifier: 'liveteam' })))!;
  const bucket = `cdk-liveteam-assets-${aws.account}-${aws.region}`;
  const client = { ...account.client, forcePathStyle: true };
  await bootstrap.create();
  await expect(bootstrap.create()).rejects.toThrow('the stack CDKToolkit-liveteam already exists');
  await new S3Client({ ...client, credentials: bootstrap.credentials }).send(new PutObjectCommand({ Bucket: bucket, Key: 'asset', Body: 'asset' }));

  expect(await bootstrap.destroy()).toEqual([]);
  const stack = await findStack(new CloudFormationClient(account.client), 'CDKToolkit-liveteam');
  expect(stack?.StackStatus ?? 'DELETE_COMPLETE').toBe('DELETE_COMPLETE');
  await expect(new S3Client(client).send(new HeadBucketCommand({ Bucket: bucket }))).rejects.toThrow();
  await expect(new IAMClient(account.client).send(new GetRoleCommand({ RoleName: 'cdk-lambda-microvms-live-liveteam' }))).rejects.toThrow('not found');
});
