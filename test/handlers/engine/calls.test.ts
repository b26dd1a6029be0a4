import { FakeClock, NOW, SECOND } from './inputs';
import { CALL_TIME_LIMIT, CallLimits, CLIENT_SETTINGS, WORK_LIMIT } from '../../../src/handlers/engine/calls';
import { OutOfTimeError } from '../../../src/handlers/engine/errors';

describe('the time limit of calls', () => {
  const limits = (time: number) => new CallLimits(new FakeClock(time), NOW + WORK_LIMIT);

  test('prevents calls that may last longer than the handler works', () => {
    expect(limits(NOW + WORK_LIMIT - CALL_TIME_LIMIT).options().abortSignal.aborted).toBe(false);
    expect(() => limits(NOW + WORK_LIMIT - CALL_TIME_LIMIT + 1).options()).toThrow(OutOfTimeError);
  });

  test('leaves ten seconds of the minute that the function has', () => {
    expect(WORK_LIMIT).toBe(50 * SECOND);
  });

  test('is four seconds for each call', () => {
    expect(CALL_TIME_LIMIT).toBe(4 * SECOND);
  });

  test('includes no retries of the client', () => {
    expect(CLIENT_SETTINGS.maxAttempts).toBe(1);
  });
});
