import type { HealthCheck } from './desired';
import type { Microvm, Probe } from './observed';
import type { MicrovmService } from './service';
import type { Clock } from '../engine/control-plane';
import { wordsOf } from '../engine/errors';

/** Patience within one poll: a MicroVM answers seconds after it runs (service facts 1.2). */
const PATIENCE = 10_000;
const BETWEEN_REQUESTS = 500;

/** Sends requests with a minted token until one is answered 2xx, for some time. */
export async function probe(service: MicrovmService, microvm: Microvm, { port, path, timeout }: HealthCheck, clock: Clock): Promise<Probe> {
  const headers = { 'X-aws-proxy-auth': await service.token(microvm.id, port), 'X-aws-proxy-port': String(port) };
  const url = `https://${microvm.endpoint}${path}`;
  const end = clock.now() + Math.min(PATIENCE, timeout);
  for (;;) {
    const { isHealthy, answer } = await request(service, url, headers);
    const at = clock.now();
    if (isHealthy || at >= end) return { isHealthy, answer: `GET ${path} on port ${port} ${answer}`, at };
    await clock.sleep(BETWEEN_REQUESTS);
  }
}

async function request(service: MicrovmService, url: string, headers: Record<string, string>): Promise<Pick<Probe, 'isHealthy' | 'answer'>> {
  try {
    const status = await service.get(url, headers);
    return { isHealthy: status >= 200 && status < 300, answer: `is answered with ${status}` };
  } catch (error) {
    const { cause } = error as { cause?: unknown };
    return { isHealthy: false, answer: `is not answered: ${wordsOf(cause ?? error)}` };
  }
}
