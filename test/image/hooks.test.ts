import { Duration } from 'aws-cdk-lib';
import { MicrovmHooks } from '../../src/image/hooks';

describe('the hooks of an image', () => {
  test('have the default timeouts of the service, and no other hook than the enabled ones', () => {
    expect(MicrovmHooks.withReady({ port: 1 })._properties()).toEqual({ Port: '1', Ready: '30' });
    expect(MicrovmHooks.withReady({ port: 1, validate: {}, run: {}, resume: {}, suspend: {}, terminate: {} })._properties())
      .toEqual({ Port: '1', Ready: '30', Validate: '30', Run: '1', Resume: '1', Suspend: '1', Terminate: '1' });
    expect(MicrovmHooks.validateOnly({ port: 65535 })._properties()).toEqual({ Port: '65535', Validate: '30' });
  });

  test.each<[string, () => unknown, string]>([
    ['port 0', () => MicrovmHooks.withReady({ port: 0 }), 'hooks.port: 0 is not valid; use a whole number from 1 to 65535'],
    ['port 65536', () => MicrovmHooks.validateOnly({ port: 65536 }), 'MicrovmHookPortInvalid'],
    ['a ready hook of over an hour', () => MicrovmHooks.withReady({ port: 1, ready: { timeout: Duration.minutes(61) } }), 'hooks.ready.timeout: 1 hour 1 minute is not valid; use 1 second to 1 hour'],
    ['a run hook of over a minute', () => MicrovmHooks.withReady({ port: 1, run: { timeout: Duration.seconds(61) } }), 'hooks.run.timeout: 1 minute 1 second is not valid; use 1 to 60 seconds'],
    ['a hook of no time', () => MicrovmHooks.withReady({ port: 1, resume: { timeout: Duration.seconds(0) } }), 'MicrovmHookTimeoutInvalid'],
    ['a hook of half a second', () => MicrovmHooks.withReady({ port: 1, suspend: { timeout: Duration.millis(1500) } }), 'MicrovmHookTimeoutInvalid'],
    ['a validate hook of over an hour', () => MicrovmHooks.validateOnly({ port: 1, timeout: Duration.hours(2) }), 'hooks.validate.timeout'],
  ])('fails on %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});
