import * as http from 'node:http';
import * as https from 'node:https';
import type { Account } from '../account';

const TIMEOUT = 30_000;

/**
 * Sends a request to the host of a MicroVM. A failed connection counts as status 0: the application may not listen
 * yet.
 */
export async function requestMicrovm(
  account: Account, host: string, path: string, headers: Record<string, string>, body?: object,
): Promise<{ readonly status: number; readonly text: string }> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const options = { method: text === undefined ? 'GET' : 'POST', headers: { ...headers, host, 'content-type': 'application/json' }, timeout: TIMEOUT };
  return new Promise(resolve => {
    // The hosts of the local AWS have neither DNS names nor certificates.
    const request = account.simulator === undefined ? https.request(`https://${host}${path}`, options) : http.request(`${account.simulator}${path}`, options);
    request.once('response', async response => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
    });
    request.once('timeout', () => request.destroy(new Error('timed out')));
    request.once('error', error => resolve({ status: 0, text: error.message }));
    request.end(text);
  });
}
