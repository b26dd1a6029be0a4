/**
 * A backend in TypeScript: a MicroVM for one request, which is terminated on every path.
 *
 * Its function needs `launcher.grantLaunch`, `grantConnect` and `grantManage`, and `launcher.addToFunction`.
 */
import {
  CreateMicrovmAuthTokenCommand, GetMicrovmCommand, LambdaMicrovmsClient, RunMicrovmCommand, TerminateMicrovmCommand,
} from '@aws-sdk/client-lambda-microvms';

export interface Request {
  readonly path?: string;
}

export interface Answer {
  readonly statusCode: number;
  readonly body: string;
}

const PORT = 8080;
const BETWEEN_LOOKS = 500;

const client = new LambdaMicrovmsClient({});

export async function handler(request: Request, context: { readonly awsRequestId: string }): Promise<Answer> {
  const launch = JSON.parse(process.env.MICROVM_LAUNCH_REQUEST!);
  // The same token launches nothing twice, whoever retries.
  const { microvmId } = await client.send(new RunMicrovmCommand({ ...launch, clientToken: context.awsRequestId }));
  try {
    const endpoint = await untilRunning(microvmId!);
    const { authToken } = await client.send(new CreateMicrovmAuthTokenCommand({
      microvmIdentifier: microvmId, expirationInMinutes: 1, allowedPorts: [{ port: PORT }],
    }));
    const response = await fetch(`https://${endpoint}${request.path ?? '/'}`, { headers: { ...authToken, 'X-aws-proxy-port': String(PORT) } });
    return { statusCode: response.status, body: await response.text() };
  } finally {
    await client.send(new TerminateMicrovmCommand({ microvmIdentifier: microvmId }));
  }
}

/** The host name of its endpoint, once it runs. */
async function untilRunning(microvmIdentifier: string): Promise<string> {
  for (;;) {
    const { state, stateReason, endpoint } = await client.send(new GetMicrovmCommand({ microvmIdentifier }));
    if (state === 'RUNNING') return endpoint!;
    if (state !== 'PENDING' && state !== 'TERMINATING') throw new Error(`MicroVM ${microvmIdentifier} is ${state}: ${stateReason}`);
    await new Promise(resolve => setTimeout(resolve, BETWEEN_LOOKS));
  }
}
