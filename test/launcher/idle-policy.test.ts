import { Duration, Lazy } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { requestOf, testLauncher } from './support';
import type { MicrovmIdlePolicy, MicrovmLauncherProps } from '../../src';
import { MicrovmIngress } from '../../src';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

describe('an idle policy', () => {
  const withPolicy = (policy: Partial<MicrovmIdlePolicy> = {}) => testLauncher({
    idlePolicy: { maxIdleDuration: Duration.minutes(15), suspendedDuration: Duration.hours(1), autoResume: true, ...policy },
    maximumDuration: Duration.hours(4),
  });

  test('is in the launch request, in seconds', () => {
    expect(requestOf(withPolicy().launcher)).toMatchObject({
      idlePolicy: { maxIdleDurationSeconds: 900, suspendedDurationSeconds: 3600, autoResumeEnabled: true },
      maximumDurationInSeconds: 14_400,
    });
  });

  test.each<[string, Partial<MicrovmIdlePolicy>, RegExp]>([
    ['too short an idle time', { maxIdleDuration: Duration.seconds(59) }, /idlePolicy.maxIdleDuration: .*MicrovmIdlePolicyInvalid/],
    ['too long an idle time', { maxIdleDuration: Duration.hours(9) }, /idlePolicy.maxIdleDuration: .*MicrovmIdlePolicyInvalid/],
    ['too long a suspension', { suspendedDuration: Duration.hours(9) }, /idlePolicy.suspendedDuration: .*MicrovmIdlePolicyInvalid/],
  ])('fails for %s', (_, policy, message) => {
    expect(() => withPolicy(policy)).toThrow(message);
  });

  const warningsFor = (policy: Partial<MicrovmIdlePolicy>, props: Partial<MicrovmLauncherProps> = {}) => {
    const idlePolicy = { maxIdleDuration: Duration.minutes(15), suspendedDuration: Duration.hours(1), autoResume: true, ...policy };
    const { stack } = testLauncher({ idlePolicy, ...props });
    return Annotations.fromStack(stack).findWarning('/Test/Launcher', Match.anyValue()).map(({ entry }) => String(entry.data));
  };

  test('warns if the ingress admits no requests, because such a MicroVM is always idle', () => {
    expect(warningsFor({}, { ingress: MicrovmIngress.none() })).toEqual([expect.stringMatching(/^idlePolicy: .*cdk-lambda-microvms:idlePolicyWithoutIngress\]$/)]);
    expect(warningsFor({}, { ingress: MicrovmIngress.allPorts() })).toEqual([]);
  });

  test.each<[string, Partial<MicrovmIdlePolicy>, Duration | undefined, RegExp | undefined]>([
    ['an idle time of the maximum duration', { maxIdleDuration: Duration.hours(1) }, Duration.minutes(60), /^idlePolicy.maxIdleDuration: 1 hour is not less than maximumDuration/],
    ['an idle time of the default maximum', { maxIdleDuration: Duration.hours(8) }, undefined, /^idlePolicy.maxIdleDuration/],
    ['a suspension beyond the maximum duration', { suspendedDuration: Duration.hours(2) }, Duration.hours(1), /^idlePolicy.suspendedDuration: 2 hours is more than/],
    ['a suspension up to the maximum duration', { suspendedDuration: Duration.hours(8) }, undefined, undefined],
    ['an idle time below the maximum duration', { maxIdleDuration: Duration.minutes(59) }, Duration.hours(1), undefined],
    ['a maximum that the deployment determines', { maxIdleDuration: Duration.hours(8) }, Duration.seconds(Lazy.number({ produce: () => 60 })), undefined],
  ])('warns if it never takes effect: %s', (_, policy, maximumDuration, message) => {
    const warnings = warningsFor(policy, { maximumDuration });
    expect(warnings).toEqual(message ? [expect.stringMatching(message)] : []);
    if (message) expect(warnings[0]).toContain('cdk-lambda-microvms:idlePolicyBeyondMaximumDuration');
  });
});
