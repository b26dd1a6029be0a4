import type { HealthCheck } from './desired';
import type { Health, Microvm } from './observed';
import type { MicrovmService } from './service';
import type { Clock } from '../engine/clock';
import { messageOf } from '../engine/errors';

/** How long one poll waits for a healthy answer: a MicroVM answers seconds after it runs (service-facts.md, 1.2). */
const PATIENCE = 10_000;
const REQUEST_INTERVAL = 500;

/** Sends requests with a new token until the MicroVM answers 2xx, or time is up. */
export async function checkHealth(service: MicrovmService, microvm: Microvm, { port, path, timeout }: HealthCheck, clock: Clock): Promise<Health> {
  const headers = { 'X-aws-proxy-auth': await service.token(microvm.id, port), 'X-aws-proxy-port': String(port) };
  const url = `https://${microvm.endpoint}${path}`;
  const end = clock.now() + Math.min(PATIENCE, timeout);
  for (;;) {
    const { isHealthy, answer } = await request(service, url, headers);
    const at = clock.now();
    if (isHealthy || at >= end) return { isHealthy, answer: `GET ${path} on port ${port} ${answer}`, at };
    await clock.sleep(REQUEST_INTERVAL);
  }
}

async function request(service: MicrovmService, url: string, headers: Record<string, string>): Promise<Pick<Health, 'isHealthy' | 'answer'>> {
  try {
    const status = await service.get(url, headers);
    return { isHealthy: status >= 200 && status < 300, answer: `was answered with ${status}` };
  } catch (error) {
    const { cause } = error as { cause?: unknown };
    return { isHealthy: false, answer: `was not answered: ${messageOf(cause ?? error)}` };
  }
}
