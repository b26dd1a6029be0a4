import type { HealthCheck } from './desired';
import type { Health, Microvm } from './observed';
import type { MicrovmService } from './service';
import type { Clock } from '../engine/clock';
import { messageOf, nameOf, OutOfTimeError } from '../engine/errors';

/** How long one poll waits for a healthy answer: a MicroVM answers seconds after it runs (service-facts.md, 1.2). */
const PATIENCE = 10_000;
const REQUEST_INTERVAL = 500;

/** Messages show the beginning of a longer path. */
const SHOWN_PATH = 100;

/**
 * Sends requests with a new token until the MicroVM answers 2xx, or time is up.
 *
 * Throws `OutOfTimeError` if this poll has no time for a request: that says nothing about the MicroVM.
 */
export async function checkHealth(service: MicrovmService, microvm: Microvm, check: HealthCheck, clock: Clock): Promise<Health> {
  const { port, path, timeout } = check;
  const headers = { 'X-aws-proxy-auth': await service.token(microvm.id, port), 'X-aws-proxy-port': String(port) };
  const url = `https://${microvm.endpoint}${path}`;
  const shown = path.length > SHOWN_PATH ? `${path.slice(0, SHOWN_PATH)}...` : path;
  const end = clock.now() + Math.min(PATIENCE, timeout);
  let last: Health | undefined;
  for (;;) {
    const answered = await request(service, url, headers, check.responseTimeout);
    if (answered === 'out of time') {
      if (last) return last;
      throw new OutOfTimeError();
    }
    last = { isHealthy: answered.isHealthy, answer: `GET ${shown} on port ${port} ${answered.answer}`, at: clock.now() };
    if (last.isHealthy || last.at >= end) return last;
    await clock.sleep(REQUEST_INTERVAL);
  }
}

async function request(
  service: MicrovmService, url: string, headers: Record<string, string>, responseTimeout: number,
): Promise<Pick<Health, 'isHealthy' | 'answer'> | 'out of time'> {
  try {
    const status = await service.get(url, headers, responseTimeout);
    return { isHealthy: status >= 200 && status < 300, answer: `was answered with ${status}` };
  } catch (error) {
    if (error instanceof OutOfTimeError) return 'out of time';
    if (nameOf(error) === 'TimeoutError') return { isHealthy: false, answer: `was not answered within ${responseTimeout / 1000} seconds` };
    const { cause } = error as { cause?: unknown };
    return { isHealthy: false, answer: `was not answered: ${reasonOf(cause ?? error)}` };
  }
}

/** The code of a failed connection says more than its message, which may be empty. */
function reasonOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? `${code}: ${messageOf(error)}` : messageOf(error);
}
