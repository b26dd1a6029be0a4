/** The backend of the demo: it launches MicroVMs by the request that it finds in its environment, and answers what became of what it was asked for. */
import {
  CreateMicrovmAuthTokenCommand, CreateMicrovmShellAuthTokenCommand, GetMicrovmCommand, LambdaMicrovmsClient, ResumeMicrovmCommand, RunMicrovmCommand,
  SuspendMicrovmCommand, TerminateMicrovmCommand,
} from '@aws-sdk/client-lambda-microvms';

export interface BackendRequest {
  readonly action: 'launch' | 'look' | 'talk' | 'suspend' | 'resume' | 'terminate' | 'openShell';
  /** Of the MicroVM; a launch has none yet. */
  readonly id?: string;
}

export interface BackendAnswer {
  readonly id: string;
  readonly state: string;
  /** What a MicroVM says that was talked to. */
  readonly text?: string;
  /** Of the answers to the same request with a token, without one, and for a port that the token does not allow. */
  readonly statuses?: number[];
}

const PORT = 8080;
const OTHER_PORT = 9090;

const client = new LambdaMicrovmsClient({});

export async function handler({ action, id }: BackendRequest): Promise<BackendAnswer> {
  const microvmIdentifier = id ?? await launch();
  switch (action) {
    case 'talk':
      return { ...await look(microvmIdentifier), ...await talk(microvmIdentifier) };
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
  return look(microvmIdentifier);
}

async function launch(): Promise<string> {
  const { microvmId } = await client.send(new RunMicrovmCommand(JSON.parse(process.env.MICROVM_LAUNCH_REQUEST!)));
  return microvmId!;
}

async function look(microvmIdentifier: string): Promise<BackendAnswer> {
  const { microvmId, state } = await client.send(new GetMicrovmCommand({ microvmIdentifier }));
  return { id: microvmId!, state: state! };
}

async function talk(microvmIdentifier: string): Promise<Pick<BackendAnswer, 'text' | 'statuses'>> {
  const { endpoint } = await client.send(new GetMicrovmCommand({ microvmIdentifier }));
  const { authToken } = await client.send(new CreateMicrovmAuthTokenCommand({
    microvmIdentifier, expirationInMinutes: 1, allowedPorts: [{ port: PORT }],
  }));
  const ask = async (headers: Record<string, string>) => fetch(`https://${endpoint}/`, { headers });
  const token = { 'X-aws-proxy-auth': authToken!['X-aws-proxy-auth'] };
  const answer = await ask({ ...token, 'X-aws-proxy-port': String(PORT) });
  const refused = [await ask({}), await ask({ ...token, 'X-aws-proxy-port': String(OTHER_PORT) })];
  return { text: await answer.text(), statuses: [answer, ...refused].map(({ status }) => status) };
}
