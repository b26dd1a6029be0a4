import type { App, Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { MicrovmBuildRoleProps } from '../../src';
import { MicrovmBuildRole, MicrovmCode } from '../../src';
import { ACCOUNT, REGION, testImage, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

export const IMAGE = `arn:aws:lambda:${REGION}:${ACCOUNT}:microvm-image:sandbox`;
export const OTHER_IMAGE = `arn:aws:lambda:${REGION}:${ACCOUNT}:microvm-image:sandbox2`;
export const INTERNET = `arn:aws:lambda:${REGION}:aws:network-connector:aws-network-connector:INTERNET_EGRESS`;
export const OTHER_CONNECTOR = `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-other`;
export const CODE = 'arn:aws:s3:::artifacts/sandbox.zip';
export const SERVICE = 'lambda.amazonaws.com';

/** The keys that the service sends when it assumes a role for the image. */
export const SOURCE = { 'aws:SourceAccount': ACCOUNT, 'aws:SourceArn': IMAGE };

export const IMAGE_ACTIONS = [
  'GetMicrovmImage', 'UpdateMicrovmImage', 'DeleteMicrovmImage', 'ListMicrovmImageVersions', 'UpdateMicrovmImageVersion',
  'DeleteMicrovmImageVersion', 'ListMicrovmImageBuilds', 'TagResource', 'UntagResource', 'ListTags', 'TerminateMicrovm',
].map(action => `lambda:${action}`);

export const MICROVM_ACTIONS = ['RunMicrovm', 'GetMicrovm', 'SuspendMicrovm', 'ResumeMicrovm', 'TerminateMicrovm', 'CreateMicrovmAuthToken', 'CreateMicrovmShellAuthToken']
  .map(action => `lambda:${action}`);

/** An image named sandbox, with code from a bucket. */
export function sandbox(props: Parameters<typeof testImage>[0] = {}, app?: App) {
  const stack = testStack(app);
  const code = MicrovmCode.fromBucket(s3.Bucket.fromBucketName(stack, 'Artifacts', 'artifacts'), 'sandbox.zip', { contentHash: '1' });
  const image = testImage({ microvmImageName: 'sandbox', code, ...props }, stack);
  return { stack, image };
}

/** A build role for the image named sandbox, with permissions on its code and its log. */
export function buildRole(props: Partial<MicrovmBuildRoleProps> = {}) {
  const stack = testStack();
  const role = new MicrovmBuildRole(stack, 'BuildRole', { microvmImageName: 'sandbox', ...props });
  role.addCode(s3.Bucket.fromBucketName(stack, 'Artifacts', 'artifacts'), 'sandbox.zip');
  role.addLogGroup(logs.LogGroup.fromLogGroupName(stack, 'Log', 'builds'));
  return { stack, role };
}

export const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/0f2c`;

/** The uses of the key that images and launches need, with the condition keys that KMS sends for them. */
export const KEY_USES = [
  ...['kms:DescribeKey', 'kms:GenerateDataKey', 'kms:Decrypt'].map(action => ({
    action, resource: KEY, context: { 'kms:ViaService': `lambda.${REGION}.amazonaws.com` },
  })),
  { action: 'kms:CreateGrant', resource: KEY, context: { 'kms:ViaService': `lambda.${REGION}.amazonaws.com`, 'kms:GrantIsForAWSResource': 'true' } },
];

/** Uses of keys that must stay denied. */
export const OTHER_KEY_USES = [
  ...KEY_USES.map(use => ({ ...use, resource: `${KEY}1` })),
  ...KEY_USES.map(({ action, resource }) => ({ action, resource })),
  ...KEY_USES.map(use => ({ ...use, context: { ...use.context, 'kms:ViaService': `s3.${REGION}.amazonaws.com` } })),
  { ...KEY_USES[3], context: { 'kms:ViaService': `lambda.${REGION}.amazonaws.com`, 'kms:GrantIsForAWSResource': 'false' } },
  ...['kms:Encrypt', 'kms:ScheduleKeyDeletion', 'kms:PutKeyPolicy', 'kms:RevokeGrant'].map(action => ({ ...KEY_USES[0], action })),
];

export function encryptionKey(stack: Stack): kms.IKey {
  return kms.Key.fromKeyArn(stack, 'EncryptionKey', KEY);
}

export function buildRoleTrustIn(stack: Stack): any {
  return ResolvedTemplate.stack(stack).resource('AWS::IAM::Role', 'BuildRole').Properties.AssumeRolePolicyDocument;
}
