import { STSClient } from '@aws-sdk/client-sts';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Account } from '../account';

export interface SignedRequest {
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/**
 * Calls a service for which no client is installed. It resembles the client in `src/handlers/connector/lambda-core.ts`,
 * but takes any service, host and body, so the two share no code.
*
 * @returns the body of the response.
*/
export async function signedRequest(account: Account, service: string, { query = {}, headers = {}, body }: SignedRequest): Promise<string> {
  const { config } = new STSClient(account.client);
  const suffix = account.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  const endpoint = new URL(account.endpoint ?? `https://${service}.${account.region}.${suffix}`);
  const signer = new SignatureV4({ service, region: account.region, credentials: config.credentials, sha256: config.sha256 });
  const signed = await signer.sign(new HttpRequest({
    method: body === undefined ? 'GET' : 'POST',
    protocol: endpoint.protocol,
    hostname: endpoint.hostname,
    port: endpoint.port === '' ? undefined : Number(endpoint.port),
    path: '/',
    query,
    headers: { ...headers, host: endpoint.host },
    body,
  }));
  const search = new URLSearchParams(query).toString();
  const response = await fetch(`${endpoint.origin}/${search && `?${search}`}`, { method: signed.method, headers: signed.headers, body });
  const text = await response.text();
  if (!response.ok) throw new Error(`${service} returned ${response.status}: ${text.slice(0, 300)}`);
  return text;
}
