/**
 * A backend in TypeScript. It launches a MicroVM for one request and terminates it on every path.
 *
 * The function needs `launcher.grantLaunch`, `grantConnect` and `grantManage`, and `launcher.addToFunction`.
 */
import type { RunMicrovmCommandInput } from '@aws-sdk/client-lambda-microvms';
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

export interface Context {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

const PORT = 8080;
const POLL_INTERVAL_MS = 500;
/** Kept back for the call that terminates: at its timeout, Lambda stops a function without running `finally`. */
const TIME_TO_TERMINATE_MS = 5_000;

const client = new LambdaMicrovmsClient({});

export async function handler(request: Request, context: Context): Promise<Answer> {
  const launch = JSON.parse(process.env.MICROVM_LAUNCH_REQUEST!);
  const deadline = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - TIME_TO_TERMINATE_MS));
  // A retry with the same client token launches no second MicroVM.
  const { microvmId } = await client.send(runMicrovm({ ...launch, clientToken: context.awsRequestId }));
  try {
    const endpoint = await waitUntilRunning(microvmId!, deadline);
    const { authToken } = await client.send(new CreateMicrovmAuthTokenCommand({
      microvmIdentifier: microvmId, expirationInMinutes: 1, allowedPorts: [{ port: PORT }],
    }));
    // The slash ends the host name. Without it, the path of a caller could direct the token to another host.
    const response = await fetch(`https://${endpoint}/${(request.path ?? '').replace(/^\/+/, '')}`, {
      headers: { ...authToken, 'X-aws-proxy-port': String(PORT) },
      // A redirect of the MicroVM could direct the token, or a request from inside the function, elsewhere.
      redirect: 'manual',
      signal: deadline,
    });
    return { statusCode: response.status, body: await response.text() };
  } finally {
    await client.send(new TerminateMicrovmCommand({ microvmIdentifier: microvmId }));
  }
}

/**
 * Sends the request as it is. Version 3.1131.0 of the client drops members that it does not know, such as the
 * `kmsKeyIdentifier` of a launcher with an `encryptionKey`, and says nothing.
 */
function runMicrovm(request: RunMicrovmCommandInput): RunMicrovmCommand {
  const command = new RunMicrovmCommand(request);
  command.middlewareStack.add(next => async args => {
    (args.request as { body: string }).body = JSON.stringify(request);
    return next(args);
  }, { step: 'build', priority: 'high' }); // before the request is signed
  return command;
}

/** Returns the host name of the endpoint once the MicroVM runs. */
async function waitUntilRunning(microvmIdentifier: string, deadline: AbortSignal): Promise<string> {
  for (;;) {
    const { state, stateReason, endpoint } = await client.send(new GetMicrovmCommand({ microvmIdentifier }));
    if (state === 'RUNNING') return endpoint!;
    // The service gives the reason only once the MicroVM is TERMINATED.
    if (state !== 'PENDING' && state !== 'TERMINATING') throw new Error(`MicroVM ${microvmIdentifier} is ${state}: ${stateReason}`);
    if (deadline.aborted) throw new Error(`MicroVM ${microvmIdentifier} is still ${state}`);
    await new Promise(resolve => setTimeout(resolve, POLL_INTERVAL_MS));
  }
}
