import { healthCheck, ID, microvm } from './inputs';
import { OutOfTimeError } from '../../../src/handlers/engine/errors';
import { checkHealth } from '../../../src/handlers/microvm/check-health';
import type { HealthCheck } from '../../../src/handlers/microvm/desired';
import type { MicrovmService } from '../../../src/handlers/microvm/service';
import { FakeClock, FakeService, MINUTE, NOW, SECOND, serviceError } from '../engine/inputs';

const CHECK = healthCheck({ port: 8081, path: '/health' });

/** Checks the health of a MicroVM that answers with these statuses or errors, the last one again and again. */
async function checking(answers: (number | Error)[], check: Partial<HealthCheck> = {}) {
  const requests: unknown[][] = [];
  const clock = new FakeClock();
  const service = new FakeService<MicrovmService>(['token', 'get'], {
    token: async (...args) => { requests.push(args); return 'secret token'; },
    get: async (...args) => {
      requests.push(args);
      const answer = answers[Math.min(requests.length - 2, answers.length - 1)];
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  const health = await checkHealth(service.service, microvm({ endpoint: 'host.on.aws' }), { ...CHECK, ...check }, clock);
  return { health, requests, calls: service.calls };
}

describe('a health check', () => {
  test('sends requests with one token to its port until the MicroVM answers 2xx', async () => {
    const { health, requests, calls } = await checking([502, 204]);
    expect(health).toEqual({ isHealthy: true, answer: 'GET /health on port 8081 was answered with 204', at: NOW + 500 });
    expect(requests.slice(0, 2)).toEqual([[ID, 8081], ['https://host.on.aws/health', { 'X-aws-proxy-auth': 'secret token', 'X-aws-proxy-port': '8081' }, 4 * SECOND]]);
    expect(calls).toEqual(['token', 'get', 'get']);
  });

  test.each([[199, false], [200, true], [299, true], [302, false], [404, false], [503, false]])('with the status %s has the result %s', async (status, isHealthy) => {
    expect((await checking([status])).health).toMatchObject({ isHealthy, answer: `GET /health on port 8081 was answered with ${status}` });
  });

  test('without an answer reports the cause, and shows no token', async () => {
    const { health } = await checking([Object.assign(new TypeError('fetch failed'), { cause: new Error('ECONNREFUSED') })]);
    expect(health).toEqual({ isHealthy: false, answer: 'GET /health on port 8081 was not answered: Error: ECONNREFUSED', at: NOW + 10 * SECOND });
  });

  test('names the code of a failed connection', async () => {
    const cause = Object.assign(new Error(''), { code: 'ECONNREFUSED' });
    expect((await checking([Object.assign(new TypeError('fetch failed'), { cause })])).health.answer).toMatch(/was not answered: ECONNREFUSED: /);
  });

  test('says how long it waited for a response that took too long', async () => {
    const { health, requests } = await checking([serviceError('TimeoutError', 'The operation was aborted due to timeout')], { responseTimeout: 7 * SECOND });
    expect(health.answer).toBe('GET /health on port 8081 was not answered within 7 seconds');
    expect(requests[1][2]).toBe(7 * SECOND);
  });

  test('takes the lack of time in a poll for no answer of the server', async () => {
    await expect(checking([new OutOfTimeError()])).rejects.toThrow(OutOfTimeError);
    expect((await checking([503, new OutOfTimeError()])).health).toMatchObject({ isHealthy: false, answer: 'GET /health on port 8081 was answered with 503' });
  });

  test('shows the beginning of a long path', async () => {
    const { health, requests } = await checking([404], { path: `/${'p'.repeat(1_000)}` });
    expect(health.answer).toMatch(/^GET \/p{99}\.\.\. on port 8081 was answered with 404$/);
    expect(requests[1][0]).toHaveLength('https://host.on.aws/'.length + 1_000);
  });

  test('without an answer and without a cause reports the error', async () => {
    expect((await checking([new TypeError('fetch failed')])).health.answer).toBe('GET /health on port 8081 was not answered: TypeError: fetch failed');
  });

  test.each([[MINUTE, 10 * SECOND, 21], [2 * SECOND, 2 * SECOND, 5]])('with a timeout of %s ms ends after %s ms in one poll', async (timeout, duration, count) => {
    const { health, calls } = await checking([503], { timeout });
    expect(health).toMatchObject({ isHealthy: false, at: NOW + duration });
    expect(calls.filter(call => call === 'get')).toHaveLength(count);
  });
});
