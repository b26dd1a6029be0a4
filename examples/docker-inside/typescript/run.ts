/** Runs a command in a container in the MicroVM: `npx tsx run.ts microvm-... 'uname -a'`. */
import { CreateMicrovmAuthTokenCommand, GetMicrovmCommand, LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';

const PORT = 8080;

async function main(microvmIdentifier: string, command: string): Promise<void> {
  const client = new LambdaMicrovmsClient({});
  const { endpoint } = await client.send(new GetMicrovmCommand({ microvmIdentifier }));
  const { authToken } = await client.send(new CreateMicrovmAuthTokenCommand({
    microvmIdentifier, expirationInMinutes: 1, allowedPorts: [{ port: PORT }],
  }));
  const response = await fetch(`https://${endpoint}/?${new URLSearchParams({ command })}`, {
    headers: { ...authToken, 'X-aws-proxy-port': String(PORT) }, redirect: 'manual',
  });
  console.log(response.status, await response.text());
}

void main(process.argv[2], process.argv[3] ?? 'uname -a');
