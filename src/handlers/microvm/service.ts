import type { GetMicrovmCommandOutput, RunMicrovmCommandInput } from '@aws-sdk/client-lambda-microvms';
import {
  CreateMicrovmAuthTokenCommand, GetMicrovmCommand, LambdaMicrovmsClient, RunMicrovmCommand, TerminateMicrovmCommand,
} from '@aws-sdk/client-lambda-microvms';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { LaunchRequest } from './launch';
import type { Ledger } from './ledger';
import { ParameterLedger } from './ledger';
import type { Microvm } from './observed';
import type { CallLimits, Clock, RoleAssumer } from '../engine/control-plane';
import { CLIENT_SETTINGS, SYSTEM_CLOCK } from '../engine/control-plane';
import { sortOf } from '../engine/errors';

/** The calls that the handler of a MicroVM makes, with the role of that resource. */
export interface MicrovmService {
  microvm(id: string): Promise<Microvm | 'absent'>;
  /** The same token gives the same MicroVM: service facts 1.2. */
  launch(request: LaunchRequest, clientToken: string): Promise<{ readonly id: string }>;
  terminate(id: string): Promise<void>;
  /** A token for requests to a port of a MicroVM. */
  token(id: string, port: number): Promise<string>;
  /** The status of the answer to a GET request; throws if there is none. */
  get(url: string, headers: Record<string, string>): Promise<number>;
}

/** The service and the launches of one resource. */
export interface LaunchServices {
  readonly microvms: MicrovmService;
  readonly ledger: Ledger;
}

/** The shortest that the service mints, in minutes. */
const TOKEN_LIFE = 1;
const TOKEN = 'X-aws-proxy-auth';

export class MicrovmClient implements MicrovmService {
  public constructor(private readonly client: LambdaMicrovmsClient, private readonly limits: CallLimits, private readonly clock: Clock) {}

  public async microvm(id: string): Promise<Microvm | 'absent'> {
    try {
      return this.seen(await this.client.send(new GetMicrovmCommand({ microvmIdentifier: id }), this.limits.options()));
    } catch (error) {
      if (sortOf(error) === 'notFound') return 'absent';
      throw error;
    }
  }

  public async launch(request: LaunchRequest, clientToken: string): Promise<{ id: string }> {
    const { microvmId } = await this.client.send(new RunMicrovmCommand({ ...request as RunMicrovmCommandInput, clientToken }), this.limits.options());
    return { id: microvmId! };
  }

  public async terminate(id: string): Promise<void> {
    await this.client.send(new TerminateMicrovmCommand({ microvmIdentifier: id }), this.limits.options());
  }

  public async token(id: string, port: number): Promise<string> {
    const { authToken } = await this.client.send(
      new CreateMicrovmAuthTokenCommand({ microvmIdentifier: id, expirationInMinutes: TOKEN_LIFE, allowedPorts: [{ port }] }), this.limits.options(),
    );
    const token = authToken?.[TOKEN];
    if (token === undefined) throw new Error(`the service minted no ${TOKEN}`);
    return token;
  }

  public async get(url: string, headers: Record<string, string>): Promise<number> {
    const { status, body } = await fetch(url, { headers, redirect: 'manual', signal: this.limits.options().abortSignal });
    await body?.cancel();
    return status;
  }

  private seen(answer: GetMicrovmCommandOutput): Microvm {
    return {
      id: answer.microvmId!,
      state: answer.state!,
      stateReason: answer.stateReason ?? undefined,
      endpoint: answer.endpoint!,
      imageVersion: answer.imageVersion!,
      seenAt: this.clock.now(),
    };
  }
}

/** The services of the world outside, with the role of one resource. */
export function launchServices(assumeRole: RoleAssumer, limits: CallLimits): {
  launches: (roleArn: string, sessionName: string, ledgerPath: string) => Promise<LaunchServices>;
} {
  return {
    launches: async (roleArn, sessionName, ledgerPath) => {
      const settings = { ...CLIENT_SETTINGS, credentials: await assumeRole(roleArn, sessionName) };
      return {
        microvms: new MicrovmClient(new LambdaMicrovmsClient(settings), limits, SYSTEM_CLOCK),
        ledger: new ParameterLedger(new SSMClient(settings), ledgerPath, limits),
      };
    },
  };
}
