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
/** Kept back for terminating: at its timeout Lambda ends a function without a `finally`. */
const TO_TERMINATE = 5_000;

const client = new LambdaMicrovmsClient({});

export interface Context {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

export async function handler(request: Request, context: Context): Promise<Answer> {
  const launch = JSON.parse(process.env.MICROVM_LAUNCH_REQUEST!);
  const deadline = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - TO_TERMINATE));
  // The same token launches nothing twice, whoever retries.
  const { microvmId } = await client.send(new RunMicrovmCommand({ ...launch, clientToken: context.awsRequestId }));
  try {
    const endpoint = await untilRunning(microvmId!, deadline);
    const { authToken } = await client.send(new CreateMicrovmAuthTokenCommand({
      microvmIdentifier: microvmId, expirationInMinutes: 1, allowedPorts: [{ port: PORT }],
    }));
    // The slash ends the host name: the caller's path cannot add to it, and get the token sent elsewhere.
    const response = await fetch(`https://${endpoint}/${(request.path ?? '').replace(/^\/+/, '')}`, {
      headers: { ...authToken, 'X-aws-proxy-port': String(PORT) },
      // Where the MicroVM points to gets neither the token nor a request from inside the function.
      redirect: 'manual',
      signal: deadline,
    });
    return { statusCode: response.status, body: await response.text() };
  } finally {
    await client.send(new TerminateMicrovmCommand({ microvmIdentifier: microvmId }));
  }
}

/** The host name of its endpoint, once it runs. */
async function untilRunning(microvmIdentifier: string, deadline: AbortSignal): Promise<string> {
  for (;;) {
    const { state, stateReason, endpoint } = await client.send(new GetMicrovmCommand({ microvmIdentifier }));
    if (state === 'RUNNING') return endpoint!;
    // The reason is there once it has TERMINATED.
    if (state !== 'PENDING' && state !== 'TERMINATING') throw new Error(`MicroVM ${microvmIdentifier} is ${state}: ${stateReason}`);
    if (deadline.aborted) throw new Error(`MicroVM ${microvmIdentifier} is still ${state}`);
    await new Promise(resolve => setTimeout(resolve, BETWEEN_LOOKS));
  }
}
