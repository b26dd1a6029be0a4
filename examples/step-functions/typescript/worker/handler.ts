/** The work of an execution: calls the MicroVM that the state machine has launched, and returns what it answers. */
import { CreateMicrovmAuthTokenCommand, LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';

/** The input of the execution, and what `MicrovmStateMachineFragment` adds to it. */
export interface Input {
  readonly path?: string;
  readonly microvm: { readonly microvmId: string; readonly endpoint: string };
}

const PORT = 8080;
const client = new LambdaMicrovmsClient({});

export async function handler({ path = '', microvm }: Input): Promise<{ status: number; body: string }> {
  const { authToken } = await client.send(new CreateMicrovmAuthTokenCommand({
    microvmIdentifier: microvm.microvmId, expirationInMinutes: 1, allowedPorts: [{ port: PORT }],
  }));
  const response = await fetch(`https://${microvm.endpoint}/${path.replace(/^\/+/, '')}`, {
    headers: { ...authToken, 'X-aws-proxy-port': String(PORT) }, redirect: 'manual',
  });
  return { status: response.status, body: await response.text() };
}
