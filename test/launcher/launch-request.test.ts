import type { Stack } from 'aws-cdk-lib';
import { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { EXECUTION_ROLE, IMAGE, managed, requestOf, testFunction, testL1Image, testLauncher, testMicrovm } from './support';
import { MicrovmEgress, MicrovmImage, MicrovmIngress, MicrovmLauncher, MicrovmLogging } from '../../src';
import { ACCOUNT, REGION, testConnector, testStack } from '../support/stacks';
import { ResolvedTemplate, STACK_ID } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

describe('the launch request', () => {
  test('always contains ingress, egress, logging and duration', () => {
    expect(requestOf(testLauncher().launcher)).toEqual({
      imageIdentifier: IMAGE,
      executionRoleArn: EXECUTION_ROLE,
      ingressNetworkConnectors: [managed('HTTP_INGRESS')],
      egressNetworkConnectors: [managed('INTERNET_EGRESS')],
      maximumDurationInSeconds: 28_800,
      logging: { cloudWatch: { logGroup: expect.stringMatching(/^physical-LauncherLogGroup/) } },
    });
  });

  test.each<[string, MicrovmIngress, string[]]>([
    ['none', MicrovmIngress.none(), ['NO_INGRESS']],
    ['HTTP', MicrovmIngress.http(), ['HTTP_INGRESS']],
    ['HTTP with shell', MicrovmIngress.httpWithShell(), ['HTTP_INGRESS', 'SHELL_INGRESS']],
    ['all ports', MicrovmIngress.allPorts(), ['ALL_INGRESS']],
  ])('contains the connectors of the ingress: %s', (_, ingress, names) => {
    expect(requestOf(testLauncher({ ingress }).launcher).ingressNetworkConnectors).toEqual(names.map(managed));
  });

  test('contains the maximum duration in seconds', () => {
    expect(requestOf(testLauncher({ maximumDuration: Duration.hours(4) }).launcher).maximumDurationInSeconds).toBe(14_400);
  });

  test.each([
    [
      'too long',
      Duration.hours(9),
      /maximumDuration: 9 hours is not valid; use 1 second to 8 hours.*MicrovmMaximumDurationInvalid at Test\/Launcher/,
    ],
    ['zero', Duration.seconds(0), /MicrovmMaximumDurationInvalid/],
    ['not in whole seconds', Duration.millis(1500), /MicrovmMaximumDurationInvalid/],
  ])('fails for a maximum duration that is %s', (_, maximumDuration, message) => {
    expect(() => testLauncher({ maximumDuration })).toThrow(message);
  });

  test('disables logging if the launcher has no log group', () => {
    const { launcher, stack } = testLauncher({ logging: MicrovmLogging.disabled() });
    expect(requestOf(launcher).logging).toEqual({ disabled: {} });
    expect(ResolvedTemplate.stack(stack).ids('AWS::Logs::LogGroup', 'Launcher')).toEqual([]);
  });

  test('contains the ARN of a connector without a version', () => {
    const stack = testStack();
    const { launcher } = testLauncher({ egress: MicrovmEgress.connector(testConnector(stack)) }, stack);
    expect(requestOf(launcher).egressNetworkConnectors).toEqual([`arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-Connector`]);
  });

  test('contains the ARN of the key', () => {
    const stack = testStack();
    const arn = `arn:aws:kms:${REGION}:${ACCOUNT}:key/1234`;
    const { launcher } = testLauncher({ encryptionKey: kms.Key.fromKeyArn(stack, 'Key', arn) }, stack);
    expect(requestOf(launcher).kmsKeyIdentifier).toBe(arn);
    expect(launcher.encryptionKey!.keyRef.keyArn).toBe(arn);
  });

  test('of an imported launcher contains the ARN of the key', () => {
    const stack = testStack();
    const imported = MicrovmLauncher.fromMicrovmLauncherAttributes(stack, 'Import', {
      image: MicrovmImage.fromMicrovmImageName(stack, 'Image', 'sandbox'),
      executionRole: iam.Role.fromRoleArn(stack, 'Role', EXECUTION_ROLE),
      ingress: MicrovmIngress.http(),
      egress: MicrovmEgress.internet(),
      encryptionKey: kms.Key.fromKeyArn(stack, 'Key', `arn:aws:kms:${REGION}:${ACCOUNT}:key/1234`),
    });
    expect(requestOf(imported).kmsKeyIdentifier).toBe(`arn:aws:kms:${REGION}:${ACCOUNT}:key/1234`);
  });

  test('contains overrides, also those that are added after it was read, and values that the deployment determines', () => {
    const { launcher, stack } = testLauncher();
    const fn = testFunction(stack);
    launcher.addToFunction(fn);
    launcher.addRequestOverride('logging.cloudWatch.logStream', stack.stackId);
    launcher.addRequestOverride('maximumDurationInSeconds', 60);
    launcher.addRequestOverride('unknown.0.member', { nested: [true] });
    const request = requestOf(launcher);
    expect(request).toMatchObject({
      imageIdentifier: IMAGE,
      maximumDurationInSeconds: 60,
      logging: { cloudWatch: { logGroup: expect.stringMatching(/^physical-LauncherLogGroup/), logStream: STACK_ID } },
      unknown: [{ member: { nested: [true] } }],
    });
    const { MICROVM_LAUNCH_REQUEST: variable } = ResolvedTemplate.stack(stack).resource('AWS::Lambda::Function', 'Backend').Properties.Environment.Variables;
    expect(JSON.parse(variable)).toEqual(request);
  });

  test('fails for an override without a value, and for one of the token of the caller', () => {
    expect(() => testLauncher().launcher.addRequestOverride('unknown', undefined)).toThrow('MicrovmRequestOverrideInvalid at Test/Launcher');
    for (const path of ['imageVersion', 'runHookPayload']) {
      expect(() => testLauncher().launcher.addRequestOverride(path, 'x')).toThrow(/cannot be overridden.*MicrovmRequestOverrideInvalid/);
    }
    expect(() => testLauncher().launcher.addRequestOverride('clientToken', 'x')).toThrow(/clientToken.*MicrovmRequestOverrideInvalid/);
    expect(() => testMicrovm().microvm.addRequestOverride('clientToken', 'x')).toThrow('MicrovmRequestOverrideInvalid at Test/Shared');
  });

  test.each<[string, any]>([
    ['an L1', testL1Image],
    ['an imported image', (stack: Stack) => MicrovmImage.fromMicrovmImageName(stack, 'Import', 'sandbox')],
  ])('contains the ARN of %s', (_, make) => {
    const stack = testStack();
    const { launcher } = testLauncher({ image: make(stack) }, stack);
    expect(requestOf(launcher).imageIdentifier).toBeDefined();
  });
});
