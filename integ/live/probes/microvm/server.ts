/** The application of the probe image. It calls AWS with the credentials of the MicroVM and returns the results. */
import { createServer } from 'node:http';
import { AssumeRoleCommand, GetWebIdentityTokenCommand, STSClient } from '@aws-sdk/client-sts';
import type { MicrovmCalls, CallsRequest } from '../microvm-calls';

createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const answer = (status: number, body: object) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  switch (request.url) {
    case '/calls': return answer(200, await calls(JSON.parse(Buffer.concat(chunks).toString())));
    // Health check and hooks.
    default: return answer(200, {});
  }
}).listen(Number(process.env.PORT ?? 8080), '0.0.0.0');

async function calls({ region, endpoint, targetRoleArn, audience }: CallsRequest): Promise<MicrovmCalls> {
  const sts = new STSClient({ region, endpoint });
  const token = (DurationSeconds?: number) => resultOf(async () => {
    const { WebIdentityToken } = await sts.send(new GetWebIdentityTokenCommand({ Audience: [audience], SigningAlgorithm: 'ES384', DurationSeconds }));
    return JSON.parse(Buffer.from(WebIdentityToken!.split('.')[1], 'base64url').toString()) as object;
  });
  return {
    assumesRole: await resultOf(async () => {
      await sts.send(new AssumeRoleCommand({ RoleArn: targetRoleArn, RoleSessionName: 'from-a-microvm' }));
      return {};
    }),
    tokenWithDuration: await token(300),
    tokenWithoutDuration: await token(),
  };
}

/** Returns the claims of a token, never the token itself, or the error. */
async function resultOf(call: () => Promise<object>): Promise<{ claims: object } | { rejected: string }> {
  try {
    return { claims: await call() };
  } catch (error) {
    return { rejected: `${(error as Error).name}: ${(error as Error).message}` };
  }
}
