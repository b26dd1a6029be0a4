import { Readable } from 'node:stream';
import type { VirtualClock } from '../simulator/clock';
import { conflict, internalError, quotaExceeded, resourceConflict, throttled, validationError } from '../simulator/errors';
import type { ClientRequest, ClientResponse } from '../simulator/in-process';
import type { ServiceResponse } from '../simulator/messages';
import { answerError } from '../simulator/messages';
import type { Operation, OperationName } from '../simulator/model';
import { route } from '../simulator/model';
import type { Simulator } from '../simulator/simulator';

/** An error of an operation that stays: from one event of a history to another one, or permanently. */
export interface LastingFault {
  readonly operation: OperationName;
  readonly error: LastingError;
  /** The number of the first event with the fault. */
  readonly from: number;
  /** The number of the first event without it. */
  readonly to?: number;
}

export type LastingError =
  /** 402. */
  | 'quota'
  /** 409. */
  | 'conflict'
  /** 429. */
  | 'throttle'
  /** 500. */
  | 'internal'
  /** 400. */
  | 'invalid'
  /** 404 in plain text, as a service answers that does not have the operation. */
  | 'missing';

/** How lists differ from those of a small account. */
export interface ListFaults {
  /** ListMicrovms shows so many pages of terminated MicroVMs first. */
  readonly terminatedPages?: number;
  /** How much longer a page of ListMicrovms takes. */
  readonly pageMs?: number;
  /** ListMicrovms shows the MicroVMs of all images, whatever the filter. */
  readonly ignoresFilter?: boolean;
  /** The first page of each list is empty. */
  readonly hasEmptyFirstPages?: boolean;
}

const PAGE_SIZE = 50;
const ERROR_DURATION = 50;
const FIRST_PAGE = 'page=1';

type Handle = (request: ClientRequest) => Promise<ClientResponse>;

/** Answers some requests in place of the service. */
export class ServiceFaults {
  /** The number of the present event of the history. */
  public event = 0;
  /** How many requests failed because of an error that stays. */
  public answered = 0;

  public constructor(
    private readonly clock: VirtualClock, private readonly simulator: () => Simulator,
    private readonly lasting: readonly LastingFault[] = [], private readonly lists: ListFaults = {},
  ) {}

  /** Whether an operation fails during the present event. */
  public fails(name: OperationName): boolean {
    return this.lastingFault(name) !== undefined;
  }

  public async handle(request: ClientRequest, service: Handle): Promise<ClientResponse> {
    const operation = route(request.method, request.path)?.operation;
    if (operation === undefined) return service(request);
    const fault = this.lastingFault(operation.name);
    if (fault !== undefined) {
      this.answered++;
      await this.clock.sleep(ERROR_DURATION);
      return toClient(errorAnswer(fault.error, operation));
    }
    return operation.name.startsWith('List') ? this.list(request, operation.name, service) : service(request);
  }

  private lastingFault(name: OperationName): LastingFault | undefined {
    return this.lasting.find(({ operation, from, to = Infinity }) => operation === name && this.event >= from && this.event < to);
  }

  private async list(request: ClientRequest, name: OperationName, service: Handle): Promise<ClientResponse> {
    const { terminatedPages = 0, pageMs, ignoresFilter, hasEmptyFirstPages } = this.lists;
    if (name === 'ListMicrovms') {
      if (pageMs !== undefined) await this.clock.sleep(pageMs);
      const page = Number(/^terminated=(\d+)$/.exec(String(request.query?.nextToken))?.[1] ?? 0);
      const isAfterTerminated = page >= terminatedPages || isReal(request.query?.nextToken);
      if (!isAfterTerminated) return toClient(ok({ items: this.terminated(request), nextToken: `terminated=${page + 1}` }));
      if (ignoresFilter) return this.unfiltered(request, service);
    }
    if (hasEmptyFirstPages && !('nextToken' in (request.query ?? {})) && !('Marker' in (request.query ?? {}))) return emptied(await service(request));
    return service(withoutOwnToken(request));
  }

  private terminated({ query }: ClientRequest): object[] {
    const imageArn = String(query?.imageIdentifier ?? `arn:aws:lambda:us-east-1:${this.simulator().account}:microvm-image:busy`);
    return Array.from({ length: PAGE_SIZE }, (_, index) => (
      { microvmId: `microvm-${String(index).padStart(8, '0')}-0000-4000-8000-000000000000`, state: 'TERMINATED', imageArn, imageVersion: '1.0', startedAt: 0 }
    ));
  }

  private async unfiltered(request: ClientRequest, service: Handle): Promise<ClientResponse> {
    const answered = await service(withoutOwnToken(request));
    if (answered.response.statusCode !== 200) return answered;
    const items = this.simulator().microvms().map(({ id, state, imageArn, imageVersion, startedAt }) =>
      ({ microvmId: id, state, imageArn, imageVersion: `${imageVersion}.0`, startedAt: startedAt / 1000 }));
    return toClient(ok({ items, nextToken: null }));
  }
}

/** Whether a token is one of the simulator. */
function isReal(token: unknown): boolean {
  return token !== undefined && token !== null && !/^(terminated=\d+|page=1)$/.test(String(token));
}

/** The simulator does not know the tokens of this file. They lead to its first page. */
function withoutOwnToken(request: ClientRequest): ClientRequest {
  const query = Object.entries(request.query ?? {}).filter(([name, value]) => !['nextToken', 'Marker'].includes(name) || isReal(value));
  return { ...request, query: Object.fromEntries(query) };
}

async function emptied({ response }: ClientResponse): Promise<ClientResponse> {
  const chunks: Buffer[] = [];
  for await (const chunk of response.body) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  if (response.statusCode !== 200) return { response: { ...response, body: Readable.from([Buffer.from(text)]) } };
  const body = JSON.parse(text) as Record<string, unknown>;
  const empty = Object.fromEntries(Object.entries(body).map(([name, value]) => [name, Array.isArray(value) ? [] : value]));
  const token = 'items' in body ? 'nextToken' : 'NextMarker';
  return toClient(ok({ ...empty, [token]: FIRST_PAGE }));
}

function ok(body: object): ServiceResponse {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function errorAnswer(error: LastingError, { dialect, name }: Operation): ServiceResponse {
  const message = `${name} fails for a long time`;
  switch (error) {
    case 'quota': return answerError(quotaExceeded(message));
    case 'conflict': return answerError(dialect === 'core' ? resourceConflict(message) : conflict(message));
    case 'throttle': return answerError(throttled(dialect));
    case 'internal': return answerError(internalError(dialect));
    case 'invalid': return answerError(validationError(message));
    case 'missing': return { status: 404, headers: { 'content-type': 'text/plain' }, body: 'not found' };
  }
}

function toClient({ status, headers, body }: ServiceResponse): ClientResponse {
  return { response: { statusCode: status, headers: { ...headers }, body: Readable.from([Buffer.from(body)]) } };
}
