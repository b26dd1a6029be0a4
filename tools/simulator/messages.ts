import type { ServiceError } from './errors';
import { serializationError } from './errors';
import type { ConnectorFailure } from './faults';
import type { Operation } from './model';

export interface ServiceRequest {
  readonly method: string;
  /** Without the query. Parts may be percent-encoded. */
  readonly path: string;
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** ARN of the caller. */
  readonly caller?: string;
}

export interface ServiceResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function bodyOf(request: ServiceRequest): Record<string, unknown> {
  if (request.body === '') return {};
  try {
    return JSON.parse(request.body) as Record<string, unknown>;
  } catch {
    throw serializationError('Could not parse request body into json');
  }
}

/** The body for the log of calls only, where invalid JSON is not an error. */
export function looseBody(request: ServiceRequest): Record<string, any> {
  try {
    return Object(JSON.parse(request.body === '' ? '{}' : request.body));
  } catch {
    return {};
  }
}

export function queryOf(operation: Operation, request: ServiceRequest): Record<string, unknown> {
  const members = Object.entries(operation.query).filter(([, name]) => request.query[name] !== undefined);
  return Object.fromEntries(members.map(([member, name]) => {
    const value = request.query[name];
    const kind = operation.input.members[member].kind;
    if (kind === 'list') return [member, typeof value === 'string' ? [value] : value];
    const single = typeof value === 'string' ? value : value[0];
    return [member, kind === 'integer' ? Number(single) : single];
  }));
}

/** The Region in the scope of the signature. An unsigned request may still contain an ARN with a Region. */
export function regionOf(request: ServiceRequest): string | undefined {
  const scope = /Credential=[^/]+\/\d{8}\/([a-z0-9-]+)\//.exec(request.headers.authorization ?? '')?.[1];
  return scope ?? /arn(?::|%3A)[a-z-]+(?::|%3A)lambda(?::|%3A)([a-z0-9-]+)(?::|%3A)/i.exec(`${request.path} ${request.body}`)?.[1];
}

/** The failure of a connector that the sender predicts: the local AWS knows the VPC, this simulator does not. */
export function networkFailureOf(request: ServiceRequest): ConnectorFailure | undefined {
  const header = request.headers['x-simulator-network-failure'];
  return header === undefined ? undefined : JSON.parse(header) as ConnectorFailure;
}

/** The user that a signature names. The signature is not verified here. */
export function callerOf(request: ServiceRequest, account: string): string | undefined {
  const authorization = Object.entries(request.headers).find(([name]) => name.toLowerCase() === 'authorization')?.[1];
  const keyId = /Credential=([^/]+)\//.exec(authorization ?? '')?.[1];
  return keyId === undefined ? undefined : `arn:aws:iam::${account}:user/${keyId}`;
}

export function answer(status: number, output: object): ServiceResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: status === 204 ? '' : JSON.stringify(output) };
}

export function answerError(error: ServiceError, requestId?: string): ServiceResponse {
  return {
    status: error.status,
    headers: {
      'content-type': 'application/json',
      'x-amzn-errortype': error.code,
      ...(requestId === undefined ? {} : { 'x-amzn-requestid': requestId }),
      ...error.headers,
    },
    body: JSON.stringify(error.body),
  };
}
