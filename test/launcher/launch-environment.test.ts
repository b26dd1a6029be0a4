import type { Stack } from 'aws-cdk-lib';
import { PhysicalName } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { IMAGE, testL1Image, testLauncher } from './support';
import type { MicrovmLauncherProps } from '../../src';
import {
  Microvm, MicrovmExecutionRole, MicrovmImage, MicrovmLaunchCheck, MicrovmLauncher, MicrovmLogging, MicrovmStateMachineFragment,
} from '../../src';
import { ACCOUNT, REGION, testApp, testImage, testStack } from '../support/stacks';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const OTHER_REGION = 'us-east-1';
const OTHER_ACCOUNT = '111122223333';
const other = (app = testApp(), crossRegionReferences = false) =>
  testStack(app, 'Other', { env: { account: ACCOUNT, region: OTHER_REGION }, crossRegionReferences });

describe('a launcher fails at synth', () => {
  const creating = (props: (stack: Stack) => Partial<MicrovmLauncherProps>) => () => {
    const stack = testStack();
    testLauncher(props(stack), stack);
  };

  test.each<[string, (stack: Stack) => MicrovmLauncherProps['image']]>([
    ['of an unnamed image', () => testImage({}, other())],
    ['of a named image', () => testImage({ microvmImageName: 'sandbox' }, other())],
    ['of an image with a generated name', () => testImage({ microvmImageName: PhysicalName.GENERATE_IF_NEEDED }, other())],
    ['of an image of a stack with cross-region references', () => testImage({}, other(testApp(), true))],
    ['of an ARN', stack => MicrovmImage.fromMicrovmImageArn(stack, 'Image', IMAGE.replace(REGION, OTHER_REGION))],
    ['of an image that is imported elsewhere', () => MicrovmImage.fromMicrovmImageName(other(), 'Image', 'sandbox')],
    ['of an L1', () => testL1Image(other())],
  ])('for another Region: %s', (_, image) => {
    expect(creating(stack => ({ image: image(stack) }))).toThrow(
      `image: is in ${ACCOUNT}/${OTHER_REGION}, and this construct in ${ACCOUNT}/${REGION}; images of another account or Region cannot be used; `
      + 'use one of the same account and Region [MicrovmLauncherCrossEnvironment at Test/Launcher]');
  });

  test('for an image, execution role, log group or key of another account or Region', () => {
    const image = IMAGE.replace(ACCOUNT, OTHER_ACCOUNT);
    expect(creating(stack => ({ image: MicrovmImage.fromMicrovmImageArn(stack, 'Image', image) }))).toThrow(/^image: is in 111122223333\/eu-west-1/);
    const role = `arn:aws:iam::${OTHER_ACCOUNT}:role/other`;
    expect(creating(stack => ({ executionRole: iam.Role.fromRoleArn(stack, 'Role', role) }))).toThrow(/^executionRole: is in 111122223333\/eu-west-1/);
    expect(creating(() => ({ logging: MicrovmLogging.logGroup(new logs.LogGroup(other(), 'Logs')) }))).toThrow(/^logging: is in 123456789012\/us-east-1/);
    const key = `arn:aws:kms:${OTHER_REGION}:${ACCOUNT}:key/1234`;
    expect(creating(stack => ({ encryptionKey: kms.Key.fromKeyArn(stack, 'Key', key) }))).toThrow(/^encryptionKey: is in 123456789012\/us-east-1/);
  });

  test('not for a role of another Region, for a key of another account, or if the environment is not known', () => {
    const role = new iam.Role(other(), 'Role', { assumedBy: new iam.AccountRootPrincipal(), roleName: 'role' });
    expect(creating(() => ({ executionRole: role }))).not.toThrow();
    const key = `arn:aws:kms:${REGION}:${OTHER_ACCOUNT}:key/1234`;
    expect(creating(stack => ({ encryptionKey: kms.Key.fromKeyArn(stack, 'Key', key) }))).not.toThrow();
    expect(creating(() => ({ image: testImage({}, testStack(testApp(), 'Agnostic', { env: undefined })) }))).not.toThrow();
  });
});

test('an import fails at synth for an image of another Region', () => {
  const stack = testStack();
  const { ingress, egress } = testLauncher().launcher;
  const image = MicrovmImage.fromMicrovmImageArn(stack, 'Image', IMAGE.replace(REGION, OTHER_REGION));
  expect(() => MicrovmLauncher.fromMicrovmLauncherAttributes(stack, 'Import', { image, ingress, egress }))
    .toThrow('MicrovmLauncherCrossEnvironment at Test/Import');
});

test('an execution role fails at synth for an image of another account, and not for one of another Region', () => {
  const role = (image: string) => () => {
    const stack = testStack();
    return new MicrovmExecutionRole(stack, 'Role', { image: MicrovmImage.fromMicrovmImageArn(stack, 'Image', image) });
  };
  expect(role(IMAGE.replace(ACCOUNT, OTHER_ACCOUNT))).toThrow('MicrovmLauncherCrossEnvironment');
  expect(role(IMAGE.replace(REGION, OTHER_REGION))).not.toThrow();
});

test.each<[string, (stack: Stack, launcher: MicrovmLauncher) => unknown]>([
  ['Microvm', (stack, launcher) => new Microvm(stack, 'User', { launcher })],
  ['launch check', (stack, launcher) => new MicrovmLaunchCheck(stack, 'User', { launcher })],
  ['state machine fragment', (stack, launcher) => new MicrovmStateMachineFragment(stack, 'User', { launcher, body: new sfn.Pass(stack, 'Work') })],
])('a %s fails at synth for a launcher of another Region or account', (_, use) => {
  const app = testApp();
  const { launcher } = testLauncher({}, testStack(app, 'Launchers'));
  expect(() => use(other(app), launcher)).toThrow(
    /^launcher: is in 123456789012\/eu-west-1, and this construct in 123456789012\/us-east-1.*\[MicrovmLauncherCrossEnvironment at Other\/User\]/);
  expect(() => use(testStack(app, 'Foreign', { env: { account: OTHER_ACCOUNT, region: REGION } }), launcher)).toThrow('MicrovmLauncherCrossEnvironment');
  expect(() => use(testStack(app, 'Same'), launcher)).not.toThrow();
});
