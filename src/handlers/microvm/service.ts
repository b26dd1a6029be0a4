import type { GetMicrovmCommandOutput, RunMicrovmCommandInput } from '@aws-sdk/client-lambda-microvms';
import {
  CreateMicrovmAuthTokenCommand, GetMicrovmCommand, LambdaMicrovmsClient, RunMicrovmCommand, TerminateMicrovmCommand,
} from '@aws-sdk/client-lambda-microvms';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { LaunchRequest } from './launch';
import type { Ledger } from './ledger';
import { ParameterLedger } from './ledger';
import type { Microvm } from './observed';
import type { CallLimits } from '../engine/calls';
import { CLIENT_SETTINGS } from '../engine/calls';
import type { Clock } from '../engine/clock';
import { SYSTEM_CLOCK } from '../engine/clock';
import type { RoleAssumer } from '../engine/control-plane';
import { classify } from '../engine/errors';
import { withMembers } from '../engine/request-body';

/** The calls that the handler makes with the resource role of a MicroVM. */
export interface MicrovmService {
  microvm(id: string): Promise<Microvm | 'absent'>;
  /** Launches a MicroVM. The same token gives the same MicroVM (service-facts.md, 1.2). */
  launch(request: LaunchRequest, clientToken: string): Promise<{ readonly id: string }>;
  terminate(id: string): Promise<void>;
  /** Creates a token for requests to a port of a MicroVM. */
  token(id: string, port: number): Promise<string>;
  /** Sends a GET request and returns the status of the answer. Throws if there is no answer. */
  get(url: string, headers: Record<string, string>): Promise<number>;
}

/** The clients for one resource. */
export interface LaunchServices {
  readonly microvms: MicrovmService;
  readonly ledger: Ledger;
}

/** The shortest lifetime of a token that the service accepts, in minutes. */
const TOKEN_LIFETIME = 1;
const TOKEN = 'X-aws-proxy-auth';

export class MicrovmClient implements MicrovmService {
  public constructor(private readonly client: LambdaMicrovmsClient, private readonly limits: CallLimits, private readonly clock: Clock) {}

  public async microvm(id: string): Promise<Microvm | 'absent'> {
    try {
      return this.toMicrovm(await this.client.send(new GetMicrovmCommand({ microvmIdentifier: id }), this.limits.options()));
    } catch (error) {
      if (classify(error) === 'notFound') return 'absent';
      throw error;
    }
  }

  public async launch(request: LaunchRequest, clientToken: string): Promise<{ id: string }> {
    const input = { ...request, clientToken };
    // The client knows fewer members than requests may have.
    const command = withMembers(new RunMicrovmCommand(input as RunMicrovmCommandInput), input);
    const { microvmId } = await this.client.send(command, this.limits.options());
    return { id: microvmId! };
  }

  public async terminate(id: string): Promise<void> {
    await this.client.send(new TerminateMicrovmCommand({ microvmIdentifier: id }), this.limits.options());
  }

  public async token(id: string, port: number): Promise<string> {
    const request = new CreateMicrovmAuthTokenCommand({
      microvmIdentifier: id, expirationInMinutes: TOKEN_LIFETIME, allowedPorts: [{ port }],
    });
    const { authToken } = await this.client.send(request, this.limits.options());
    const token = authToken?.[TOKEN];
    if (token === undefined) throw new Error(`the service returned no ${TOKEN}`);
    return token;
  }

  public async get(url: string, headers: Record<string, string>): Promise<number> {
    const { status, body } = await fetch(url, { headers, redirect: 'manual', signal: this.limits.options().abortSignal });
    await body?.cancel();
    return status;
  }

  private toMicrovm(answer: GetMicrovmCommandOutput): Microvm {
    return {
      id: answer.microvmId!,
      state: answer.state!,
      stateReason: answer.stateReason ?? undefined,
      endpoint: answer.endpoint!,
      imageVersion: answer.imageVersion!,
      observedAt: this.clock.now(),
    };
  }
}

/** Creates clients that use the role of one resource. */
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
