/**
 * The backend of the demo. It launches MicroVMs with the request in its environment, and returns the results of its
 * actions.
 */
import {
  CreateMicrovmAuthTokenCommand, CreateMicrovmShellAuthTokenCommand, GetMicrovmCommand, LambdaMicrovmsClient, ResumeMicrovmCommand, RunMicrovmCommand,
  SuspendMicrovmCommand, TerminateMicrovmCommand,
} from '@aws-sdk/client-lambda-microvms';

export interface BackendRequest {
  readonly action: 'launch' | 'describe' | 'request' | 'suspend' | 'resume' | 'terminate' | 'openShell';
  /** ID of the MicroVM. A launch has none yet. */
  readonly id?: string;
}

export interface BackendAnswer {
  readonly id: string;
  readonly state: string;
  /** The response of the MicroVM. */
  readonly text?: string;
  /** HTTP statuses of the same request with a token, without a token, and for a port that the token does not allow. */
  readonly statuses?: number[];
}

const PORT = 8080;
const OTHER_PORT = 9090;

const client = new LambdaMicrovmsClient({});

export async function handler({ action, id }: BackendRequest): Promise<BackendAnswer> {
  const microvmIdentifier = id ?? await launch();
  switch (action) {
    case 'request':
      return { ...await describe(microvmIdentifier), ...await request(microvmIdentifier) };
    case 'suspend':
      await client.send(new SuspendMicrovmCommand({ microvmIdentifier }));
      break;
    case 'resume':
      await client.send(new ResumeMicrovmCommand({ microvmIdentifier }));
      break;
    case 'terminate':
      await client.send(new TerminateMicrovmCommand({ microvmIdentifier }));
      break;
    case 'openShell':
      await client.send(new CreateMicrovmShellAuthTokenCommand({ microvmIdentifier, expirationInMinutes: 1 }));
      break;
  }
  return describe(microvmIdentifier);
}

async function launch(): Promise<string> {
  const { microvmId } = await client.send(new RunMicrovmCommand(JSON.parse(process.env.MICROVM_LAUNCH_REQUEST!)));
  return microvmId!;
}

async function describe(microvmIdentifier: string): Promise<BackendAnswer> {
  const { microvmId, state } = await client.send(new GetMicrovmCommand({ microvmIdentifier }));
  return { id: microvmId!, state: state! };
}

async function request(microvmIdentifier: string): Promise<Pick<BackendAnswer, 'text' | 'statuses'>> {
  const { endpoint } = await client.send(new GetMicrovmCommand({ microvmIdentifier }));
  const { authToken } = await client.send(new CreateMicrovmAuthTokenCommand({
    microvmIdentifier, expirationInMinutes: 1, allowedPorts: [{ port: PORT }],
  }));
  const get = async (headers: Record<string, string>) => fetch(`https://${endpoint}/`, { headers });
  const token = { 'X-aws-proxy-auth': authToken!['X-aws-proxy-auth'] };
  const answer = await get({ ...token, 'X-aws-proxy-port': String(PORT) });
  const denied = [await get({}), await get({ ...token, 'X-aws-proxy-port': String(OTHER_PORT) })];
  return { text: await answer.text(), statuses: [answer, ...denied].map(({ status }) => status) };
}
