import { Duration } from 'aws-cdk-lib';
import { testCheck } from './support';
import type { MicrovmHealthCheck } from '../../src';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

test.each<[string, MicrovmHealthCheck]>([
  ['a port out of range', { port: 0 }],
  ['a path without a slash', { path: 'health' }],
  ['a path with a blank', { path: '/a b' }],
  ['no time', { timeout: Duration.seconds(0) }],
  ['too much time', { timeout: Duration.minutes(31) }],
  ['no time for a response', { responseTimeout: Duration.millis(500) }],
  ['too much time for a response', { responseTimeout: Duration.seconds(31) }],
])('a health check fails at synth for %s', (_, healthCheck) => {
  expect(() => testCheck(healthCheck)).toThrow('MicrovmHealthCheckInvalid');
});

test.each<[MicrovmHealthCheck, object]>([
  [{}, { Port: '8080', Path: '/', TimeoutSeconds: '60' }],
  [{ path: '/slow', responseTimeout: Duration.seconds(30) }, { Port: '8080', Path: '/slow', TimeoutSeconds: '60', ResponseTimeoutSeconds: '30' }],
])('a health check is part of the resource: %j', (healthCheck, expected) => {
  const { stack } = testCheck(healthCheck);
  expect(ResolvedTemplate.stack(stack).resource('Custom::MicrovmLaunchCheck', 'Check').Properties.HealthCheck).toEqual(expected);
});
