import { App, Aws, Stack } from 'aws-cdk-lib';
import { environmentOf, requireSameEnvironment } from '../../src/private/environments';

const ACCOUNT = '123456789012';
const FOREIGN = '111122223333';
const REGION = 'us-east-1';

function check(stackEnv: { account?: string; region?: string }, other: { account: string; region: string }): void {
  requireSameEnvironment(new Stack(new App(), 'S', { env: stackEnv }), 'NetworkConnectorCrossEnvironment', 'vpc', other, 'VPCs');
}

test('fails if the accounts are known and differ, and names both sides', () => {
  expect(() => check({ account: ACCOUNT, region: REGION }, { account: FOREIGN, region: REGION })).toThrow(
    `vpc: is in ${FOREIGN}/${REGION}, and this construct in ${ACCOUNT}/${REGION}; VPCs of another account or Region cannot be used; `
    + 'use one of the same account and Region [NetworkConnectorCrossEnvironment at S]');
});

test('fails if the Regions are known and differ, although the account is not known', () => {
  expect(() => check({ region: REGION }, { account: Aws.ACCOUNT_ID, region: 'eu-west-1' })).toThrow(
    `vpc: is in <account of the deployment>/eu-west-1, and this construct in <account of the deployment>/${REGION}`);
});

test('fails if the accounts are known and differ, although a Region is not known', () => {
  expect(() => check({ account: ACCOUNT }, { account: FOREIGN, region: REGION })).toThrow(
    `vpc: is in ${FOREIGN}/${REGION}, and this construct in ${ACCOUNT}/<Region of the deployment>`);
});

test('environments that are equal, or not known, pass', () => {
  expect(() => check({ account: ACCOUNT, region: REGION }, { account: ACCOUNT, region: REGION })).not.toThrow();
  expect(() => check({}, { account: FOREIGN, region: REGION })).not.toThrow();
  expect(() => check({ account: ACCOUNT, region: REGION }, { account: Aws.ACCOUNT_ID, region: Aws.REGION })).not.toThrow();
});

test('account and Region in the text of an ARN count more than those of the stack', () => {
  const resource = { env: { account: ACCOUNT, region: REGION } };
  expect(environmentOf(resource, `arn:aws:lambda:eu-west-1:${FOREIGN}:microvm-image:x`)).toEqual({ account: FOREIGN, region: 'eu-west-1' });
  expect(environmentOf(resource, `arn:aws:iam::${FOREIGN}:role/x`)).toEqual({ account: FOREIGN, region: REGION });
  expect(environmentOf(resource, Aws.STACK_ID)).toEqual(resource.env);
  expect(environmentOf(resource)).toEqual(resource.env);
});
