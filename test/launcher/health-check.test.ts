import { Duration } from 'aws-cdk-lib';
import { testCheck } from './support';
import type { MicrovmHealthCheck } from '../../src';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

test.each<[string, MicrovmHealthCheck]>([
  ['a port out of range', { port: 0 }],
  ['a path without a slash', { path: 'health' }],
  ['a path with a blank', { path: '/a b' }],
  ['no time', { timeout: Duration.seconds(0) }],
  ['too much time', { timeout: Duration.minutes(31) }],
])('a health check fails at synth for %s', (_, healthCheck) => {
  expect(() => testCheck(healthCheck)).toThrow('MicrovmHealthCheckInvalid');
});
