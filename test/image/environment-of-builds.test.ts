import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { MicrovmCode, MicrovmLogging } from '../../src';
import { ACCOUNT, REGION, testApp, testImage, testStack } from '../support/stacks';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const OTHER_REGION = 'us-east-1';
const OTHER_ACCOUNT = '111122223333';
const FAILURE = /and this construct in 123456789012\/eu-west-1; .* of another account or Region cannot be used.*\[MicrovmImageCrossEnvironment at Test\/Image\]/;

function stacks(account = ACCOUNT, region = OTHER_REGION) {
  const app = testApp();
  return { stack: testStack(app), other: testStack(app, 'Other', { env: { account, region } }) };
}

const fromBucket = (bucket: s3.IBucketRef) => MicrovmCode.fromBucket(bucket, 'code.zip', { contentHash: '1' });
const keyIn = (account: string, region: string) => kms.Key.fromKeyArn(testStack(), 'Key', `arn:aws:kms:${region}:${account}:key/1234`);
const roleIn = (account: string) => iam.Role.fromRoleArn(testStack(), 'Role', `arn:aws:iam::${account}:role/build`, { mutable: false });

test('an image fails at synth for a bucket, a log group or a key of another Region, and for a role or log group of another account', () => {
  const { stack, other } = stacks();
  expect(() => testImage({ code: fromBucket(new s3.Bucket(other, 'Bucket', { bucketName: 'code' })) }, stack)).toThrow(FAILURE);
  expect(() => testImage({ logging: MicrovmLogging.logGroup(new logs.LogGroup(other, 'Logs')) }, testStack())).toThrow(FAILURE);
  expect(() => testImage({ encryptionKey: keyIn(ACCOUNT, OTHER_REGION) })).toThrow(FAILURE);
  expect(() => testImage({ buildRole: roleIn(OTHER_ACCOUNT) })).toThrow(FAILURE);
  const foreign = new logs.LogGroup(stacks(OTHER_ACCOUNT, REGION).other, 'Logs');
  expect(() => testImage({ logging: MicrovmLogging.logGroup(foreign) })).toThrow(FAILURE);
});

test('an image takes a role of another Region, a key and a bucket of another account, and what has no known environment', () => {
  const { stack, other } = stacks();
  const role = new iam.Role(other, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com').withSessionTags(), roleName: 'build' });
  expect(() => testImage({ buildRole: role }, stack)).not.toThrow();
  expect(() => testImage({ encryptionKey: keyIn(OTHER_ACCOUNT, REGION) })).not.toThrow();
  const { stack: own, other: foreign } = stacks(OTHER_ACCOUNT, REGION);
  expect(() => testImage({ code: fromBucket(new s3.Bucket(foreign, 'Bucket', { bucketName: 'code' })) }, own)).not.toThrow();
  const agnostic = testStack(testApp(), 'Agnostic', { env: undefined });
  expect(() => testImage({ encryptionKey: keyIn(ACCOUNT, OTHER_REGION) }, agnostic)).not.toThrow();
});
