import { Duration } from 'aws-cdk-lib';
import { requestOf, testLauncher } from './support';
import type { MicrovmIdlePolicy } from '../../src';

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
});
