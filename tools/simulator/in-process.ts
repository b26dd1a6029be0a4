import { Readable } from 'stream';
import { NoAnswerError } from './errors';
import type { ServiceRequest, ServiceResponse } from './messages';
import type { Simulator } from './simulator';

/** The members of a smithy HttpRequest that are used here. */
export interface ClientRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Record<string, string | string[] | null>;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

export interface ClientResponse {
  readonly response: { statusCode: number; headers: Record<string, string>; body: Readable };
}

export interface InProcessOptions {
  /** ARN of the caller of all requests. */
  readonly caller?: string;
  /** In milliseconds of the clock of the simulator. A request that takes longer may still take effect. */
  readonly requestTimeout?: number;
}

/**
 * A request handler for AWS SDK clients that calls a simulator without a network:
 *
 *     new LambdaMicrovmsClient({ requestHandler: new InProcessHandler(simulator), region, credentials, maxAttempts: 1
 * })
 *
 * The first call of an SDK client in a process reads files. With a virtual clock, wrap that call in `clock.complete`.
 */
export class InProcessHandler {
  readonly metadata = { handlerProtocol: 'http/1.1' };

  constructor(private readonly simulator: Simulator, private readonly options: InProcessOptions = {}) {}

  async handle(request: ClientRequest, handlerOptions: { abortSignal?: unknown; requestTimeout?: number } = {}): Promise<ClientResponse> {
    const served = this.simulator.handle(this.toService(request));
    const timeout = handlerOptions.requestTimeout ?? this.options.requestTimeout;
    const response = timeout === undefined ? await served : await this.orTimeout(served, timeout);
    return { response: { statusCode: response.status, headers: { ...response.headers }, body: Readable.from([Buffer.from(response.body)]) } };
  }

  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): object {
    return {};
  }

  destroy(): void {}

  private toService(request: ClientRequest): ServiceRequest {
    const query = Object.entries(request.query ?? {}).filter((entry): entry is [string, string | string[]] => entry[1] !== null);
    return {
      method: request.method,
      path: request.path,
      query: Object.fromEntries(query),
      headers: request.headers,
      body: textOf(request.body),
      caller: this.options.caller,
    };
  }

  private async orTimeout(served: Promise<ServiceResponse>, timeout: number): Promise<ServiceResponse> {
    return new Promise((resolve, reject) => {
      const cancel = this.simulator.clock.after(timeout, () => reject(new NoAnswerError()));
      served.then(resolve, reject).finally(cancel);
    });
  }
}

function textOf(body: unknown): string {
  if (body === undefined || body === null) return '';
  return typeof body === 'string' ? body : new TextDecoder().decode(body as Uint8Array);
}
