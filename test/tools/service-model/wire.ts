import { Readable } from 'node:stream';
import { LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import { CallLimits, CLIENT_SETTINGS } from '../../../src/handlers/engine/calls';
import type { OperationText } from '../../../tools/service-model/text';
import type { ClientRequest, ClientResponse } from '../../../tools/simulator/in-process';
import { FakeClock, NOW } from '../../handlers/engine/inputs';

/** The values of each member that requests of one operation carried, by the path of the member. */
export type Sent = Map<string, unknown[]>;

export const LIMITS = new CallLimits(new FakeClock(), Infinity);

/** Members that the handlers read from answers. The first page of each list has a next page. */
const ANSWER = {
  createdAt: NOW / 1000,
  imageVersion: '1.0',
  microvmId: 'microvm-1',
  authToken: { 'X-aws-proxy-auth': 'token' },
  Arn: 'arn:aws:lambda:us-east-1:123456789012:network-connector:nc-1',
};
const FIRST_PAGE = { nextToken: 'next', NextMarker: 'next' };

/** A client whose requests go nowhere: it records what each would have said on the wire. */
export class Wire {
  public readonly client: LambdaMicrovmsClient;
  private readonly sent = new Map<string, Sent>();

  public constructor(private readonly model: readonly OperationText[]) {
    const handle = async (request: ClientRequest) => this.handle(request);
    const requestHandler = { metadata: { handlerProtocol: 'http/1.1' }, handle, updateHttpClientConfig: () => undefined, httpHandlerConfigs: () => ({}) };
    const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
    this.client = new LambdaMicrovmsClient({ ...CLIENT_SETTINGS, region: 'us-east-1', credentials, requestHandler });
  }

  /** The operations that were called. */
  public get operations(): string[] {
    return [...this.sent.keys()];
  }

  /** The values of a member in all requests of an operation. */
  public values(operation: string, member: string): unknown[] {
    return this.sent.get(operation)?.get(member) ?? [];
  }

  private async handle(request: ClientRequest): Promise<ClientResponse> {
    const query = Object.entries(request.query ?? {}).filter(([, value]) => value !== null);
    const operation = this.operationOf(request);
    const sent = this.sent.get(operation.name) ?? new Map<string, unknown[]>();
    this.sent.set(operation.name, sent);
    const add = (path: string, value: unknown) => sent.set(path, [...sent.get(path) ?? [], value]);
    const inUri = segmentsOf(operation.uri).flatMap((segment, index) => segment.startsWith('{') ? [[segment.slice(1, -1), segmentsOf(request.path)[index]]] : []);
    for (const { path, parameter } of operation.input.filter(member => member.parameter !== undefined)) {
      const from = parameter!.place === 'uri' ? inUri : query;
      from.filter(([name]) => name === parameter!.name).forEach(([, value]) => add(path, value));
    }
    const body = textOf(request.body);
    if (body !== '') addMembers(JSON.parse(body), '', new Set(operation.input.map(({ path }) => path)), add);
    const hasNextPage = !query.some(([, value]) => value === 'next');
    const answer = JSON.stringify({ ...ANSWER, ...hasNextPage ? FIRST_PAGE : {} });
    return { response: { statusCode: 200, headers: { 'content-type': 'application/json' }, body: Readable.from([Buffer.from(answer)]) } };
  }

  private operationOf({ method, path }: ClientRequest): OperationText {
    const given = segmentsOf(path);
    const found = this.model.find(operation => {
      const segments = segmentsOf(operation.uri);
      return operation.method === method && segments.length === given.length
        && segments.every((segment, index) => segment.startsWith('{') || segment === given[index]);
    });
    if (found === undefined) throw new Error(`the model has no operation for ${method} ${path}`);
    return found;
  }
}

/** Adds an object and everything in it. The keys of a map of the model are not members. */
function addMembers(value: object, prefix: string, known: ReadonlySet<string>, add: (path: string, value: unknown) => void): void {
  for (const [name, member] of Object.entries(value)) {
    const path = prefix + name;
    add(path, member);
    const isMap = ![...known].some(other => other.startsWith(`${path}.`) || other.startsWith(`${path}[]`));
    if (isMap && known.has(path)) continue;
    if (Array.isArray(member)) member.filter(isObject).forEach(item => addMembers(item, `${path}[].`, known, add));
    else if (isObject(member)) addMembers(member, `${path}.`, known, add);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function segmentsOf(path: string): string[] {
  return path.split('?')[0].split('/').filter(segment => segment !== '').map(segment => segment.startsWith('{') ? segment : decodeURIComponent(segment));
}

function textOf(body: unknown): string {
  if (body === undefined || body === null) return '';
  return typeof body === 'string' ? body : new TextDecoder().decode(body as Uint8Array);
}
