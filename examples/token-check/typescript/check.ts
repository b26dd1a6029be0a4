/**
 * Gets a token from the MicroVM, and checks it as a relying party does: `npx tsx check.ts`, after
 * `npx cdk deploy --outputs-file outputs.json`.
 */
import { readFileSync } from 'node:fs';
import { CreateMicrovmAuthTokenCommand, GetMicrovmCommand, LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import type { Key } from './token-check';
import { checkToken } from './token-check';

const PORT = 8080;

/** A relying party never sees this part: the application in the MicroVM sends it the token. */
async function tokenOf(microvmIdentifier: string): Promise<string> {
  const client = new LambdaMicrovmsClient({});
  const { endpoint } = await client.send(new GetMicrovmCommand({ microvmIdentifier }));
  const { authToken } = await client.send(new CreateMicrovmAuthTokenCommand({
    microvmIdentifier, expirationInMinutes: 1, allowedPorts: [{ port: PORT }],
  }));
  const response = await fetch(`https://${endpoint}/token`, {
    headers: { ...authToken, 'X-aws-proxy-port': String(PORT) }, redirect: 'manual',
  });
  if (!response.ok) throw new Error(`the MicroVM answers ${response.status}: ${await response.text()}`);
  return response.text();
}

async function keysOf(issuer: string): Promise<Key[]> {
  const response = await fetch(`${issuer}/.well-known/jwks.json`);
  const { keys } = await response.json() as { keys: Key[] };
  return keys;
}

async function main(): Promise<void> {
  const { MicrovmId, Issuer, Audience, Subject } = JSON.parse(readFileSync('outputs.json', 'utf8')).TokenCheck;
  const token = await tokenOf(MicrovmId);
  // The keys come from the issuer that was pinned, never from one that the token names.
  console.log(checkToken(token, { issuer: Issuer, audience: Audience, subject: Subject, algorithm: 'ES384' }, await keysOf(Issuer)));
}

void main();
