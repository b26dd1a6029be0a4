/** The application of the probes' image: it calls AWS with the credentials that a MicroVM has, and tells what came of it. */
import { createServer } from 'node:http';
import { AssumeRoleCommand, GetWebIdentityTokenCommand, STSClient } from '@aws-sdk/client-sts';
import type { CallsOfMicrovm, CallsRequest } from '../microvm-calls';

createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const answer = (status: number, body: object) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  switch (request.url) {
    case '/calls': return answer(200, await calls(JSON.parse(Buffer.concat(chunks).toString())));
    // The health check and the hooks.
    default: return answer(200, {});
  }
}).listen(Number(process.env.PORT ?? 8080), '0.0.0.0');

async function calls({ region, endpoint, targetRoleArn, audience }: CallsRequest): Promise<CallsOfMicrovm> {
  const sts = new STSClient({ region, endpoint });
  const token = (DurationSeconds?: number) => told(async () => {
    const { WebIdentityToken } = await sts.send(new GetWebIdentityTokenCommand({ Audience: [audience], SigningAlgorithm: 'ES384', DurationSeconds }));
    return JSON.parse(Buffer.from(WebIdentityToken!.split('.')[1], 'base64url').toString()) as object;
  });
  return {
    assumesRole: await told(async () => {
      await sts.send(new AssumeRoleCommand({ RoleArn: targetRoleArn, RoleSessionName: 'from-a-microvm' }));
      return {};
    }),
    tokenWithDuration: await token(300),
    tokenWithoutDuration: await token(),
  };
}

/** The claims of a token, never the token; or what the refusal says. */
async function told(call: () => Promise<object>): Promise<{ claims: object } | { refused: string }> {
  try {
    return { claims: await call() };
  } catch (error) {
    return { refused: `${(error as Error).name}: ${(error as Error).message}` };
  }
}
