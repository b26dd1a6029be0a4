import { RemovalPolicy } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as logs from 'aws-cdk-lib/aws-logs';
import { MicrovmLogging } from '../../src';
import { propertiesOf, testImage, testStack } from '../support/stacks';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

describe('the logging of an image', () => {
  test('can be disabled', () => {
    expect(propertiesOf(testImage({ logging: MicrovmLogging.disabled() }))).not.toHaveProperty('LogGroupName');
    expect(testImage({ logging: MicrovmLogging.disabled() }).logGroup).toBeUndefined();
  });

  test('can retain a new log group for longer than the image', () => {
    const stack = testStack();
    testImage({ logging: MicrovmLogging.newLogGroup({ retention: logs.RetentionDays.ONE_YEAR, removalPolicy: RemovalPolicy.RETAIN }) }, stack);
    Template.fromStack(stack).hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'Retain', Properties: { RetentionInDays: 365 } });
  });

  test('has the removal policy of the image by default', () => {
    const stack = testStack();
    testImage({ removalPolicy: RemovalPolicy.RETAIN }, stack);
    Template.fromStack(stack).hasResource('Custom::MicrovmImage', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    Template.fromStack(stack).hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'Retain' });
  });

  test('can use an existing log group', () => {
    const stack = testStack();
    const logGroup = logs.LogGroup.fromLogGroupName(stack, 'Group', 'builds');
    expect(propertiesOf(testImage({ logging: MicrovmLogging.logGroup(logGroup) }, stack)).LogGroupName).toBe('builds');
    Template.fromStack(stack).resourceCountIs('AWS::Logs::LogGroup', 1); // that of the handler
  });

  test.each([
    ['a new log group', {}, 'true'],
    ['a new log group, if the user does not want it', { showBuildLogInErrors: false }, 'false'],
    ['an existing log group only if the user wants it, because other images may write to it', { isGiven: true }, 'false'],
    ['an existing log group if the user wants it', { isGiven: true, showBuildLogInErrors: true }, 'true'],
  ])('is shown in errors from %s', (_, { isGiven, ...props }: { isGiven?: boolean; showBuildLogInErrors?: boolean }, shown) => {
    const stack = testStack();
    const logging = isGiven ? MicrovmLogging.logGroup(logs.LogGroup.fromLogGroupName(stack, 'Group', 'builds')) : undefined;
    expect(propertiesOf(testImage({ ...props, logging }, stack)).ShowBuildLogInErrors ?? 'true').toBe(shown);
  });

  test.each<[string, () => unknown, string]>([
    ['a log group with an invalid name', () => {
      const stack = testStack();
      testImage({ logging: MicrovmLogging.logGroup(logs.LogGroup.fromLogGroupName(stack, 'G', 'a group')) }, stack);
    }, 'MicrovmLogGroupNameInvalid'],
  ])('fails on %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});
