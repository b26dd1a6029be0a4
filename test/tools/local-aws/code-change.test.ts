import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { GetRolePolicyCommand, IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { LocalAws } from '../../../tools/local-aws/local-aws';
import { startLocalAws } from '../../../tools/local-aws/local-aws';
import { directoryWith } from '../../support/directories';

/**
 * Uses the real CDK CLI, the deployed handler and enforced IAM. The bundle of the handlers must exist (npx projen
 * bundle).
 */

let aws: LocalAws;

beforeAll(async () => {
  aws = await startLocalAws({ times: { buildPending: 200, imageSettling: 200, versionDeletion: 500, imageDeletion: 1_000 } });
  await aws.bootstrap();
});

afterAll(async () => aws.stop());

const client = () => ({ endpoint: aws.url, region: aws.region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, forcePathStyle: true });

/** Returns the modes of the files in the ZIP file that the CDK CLI uploaded. */
async function modesInZip(key: string): Promise<Record<string, string>> {
  const { Body } = await new S3Client(client()).send(new GetObjectCommand({ Bucket: `cdk-hnb659fds-assets-${aws.account}-${aws.region}`, Key: key }));
  const file = path.join(directoryWith({}), 'code.zip');
  fs.writeFileSync(file, await Body!.transformToByteArray());
  const program = 'import json, sys, zipfile; print(json.dumps({i.filename: oct(i.external_attr >> 16 & 0o777)[2:] for i in zipfile.ZipFile(sys.argv[1]).infolist()}))';
  return JSON.parse(execFileSync('python3', ['-c', program, file], { encoding: 'utf8' }));
}

/** Returns the key in the policy of the build role. */
async function readableKey(): Promise<string> {
  const iam = new IAMClient(client());
  const { Roles = [] } = await iam.send(new ListRolesCommand({}));
  const { RoleName } = Roles.find(role => role.RoleName!.includes('BuildRole'))!;
  const { PolicyDocument } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'build' }));
  return /[0-9a-f]{64}\.zip/.exec(decodeURIComponent(PolicyDocument!))![0];
}

test('a change of the code alone needs no approval, and the build role may read the new code only', async () => {
  const directory = directoryWith({
    'Dockerfile': 'FROM public.ecr.aws/lambda/microvms:al2023-minimal\nCOPY start.sh /\nCMD ["node", "-e", "setInterval(() => {}, 1000)"]\n',
    'start.sh': '#!/bin/sh\n',
    'data/a.csv': '',
  });
  fs.symlinkSync('data', path.join(directory, 'link'));
  const settings = { app: `npx tsx ${path.join(__dirname, 'code-change.app.ts')}`, stacks: ['CodeChange'], context: { directory } };
  expect(await aws.cdk.deploy(settings)).toMatchObject({ exitCode: 0 });
  const before = await readableKey();

  fs.chmodSync(path.join(directory, 'start.sh'), 0o700);
  const changed = await aws.cdk.deploy({ ...settings, requireApproval: 'broadening' });
  expect(changed).toMatchObject({ exitCode: 0 });
  const after = await readableKey();
  expect(after).not.toBe(before);
  expect(aws.simulator.images()[0].versions).toHaveLength(2);
  expect(await modesInZip(after)).toEqual({ 'Dockerfile': '644', 'data/a.csv': '644', 'link/a.csv': '644', 'start.sh': '755' });
  expect(await aws.cdk.destroy(settings)).toMatchObject({ exitCode: 0 });
});
