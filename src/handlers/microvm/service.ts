import { CloudWatchLogsClient, DescribeLogStreamsCommand, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { GetMicrovmCommandOutput, RunMicrovmCommandInput } from '@aws-sdk/client-lambda-microvms';
import {
  CreateMicrovmAuthTokenCommand, GetMicrovmCommand, LambdaMicrovmsClient, ListMicrovmsCommand, RunMicrovmCommand, TerminateMicrovmCommand,
} from '@aws-sdk/client-lambda-microvms';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { LaunchRequest } from './launch';
import type { Ledger } from './ledger';
import { ParameterLedger } from './ledger';
import type { ListedMicrovms, Microvm } from './observed';
import type { CallLimits } from '../engine/calls';
import { CLIENT_SETTINGS } from '../engine/calls';
import type { Clock } from '../engine/clock';
import { SYSTEM_CLOCK } from '../engine/clock';
import type { RoleAssumer } from '../engine/control-plane';
import { classify } from '../engine/errors';
import { FETCHED_LINES } from '../engine/log-end';
import { pagesInTime } from '../engine/pages';
import { withMembers } from '../engine/request-body';

/** The calls that the handler makes with the resource role of a MicroVM. */
export interface MicrovmService {
  microvm(id: string): Promise<Microvm | 'absent'>;
  /** Launches a MicroVM. The same token gives the same MicroVM (service-facts.md, 1.2). */
  launch(request: LaunchRequest, clientToken: string): Promise<{ readonly id: string }>;
  terminate(id: string): Promise<void>;
  /** Creates a token for requests to a port of a MicroVM. */
  token(id: string, port: number): Promise<string>;
  /** Returns the MicroVMs of an image, also those that have terminated: as many as there is time for. */
  list(imageArn: string): Promise<ListedMicrovms>;
  /** Sends a GET request and returns the status of the answer. Throws if there is no answer within this time (ms). */
  get(url: string, headers: Record<string, string>, responseTimeout: number): Promise<number>;
}

/** The clients for one resource. */
export interface LaunchServices {
  readonly microvms: MicrovmService;
  readonly ledger: Ledger;
  readonly logs: MicrovmLogs;
}

/** The logs of MicroVMs. */
export interface MicrovmLogs {
  /** Returns the last lines of a MicroVM in a log group. */
  lastLines(logGroup: string, microvmId: string): Promise<string[]>;
}

/** The shortest lifetime of a token that the service accepts, in minutes. */
const TOKEN_LIFETIME = 1;
const TOKEN = 'X-aws-proxy-auth';
const LARGEST_PAGE = 50;

/** How long one poll reads a list. It needs the rest of its time to end the operation. */
const LIST_PATIENCE = 30_000;

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

  public async list(imageArn: string): Promise<ListedMicrovms> {
    const end = this.clock.now() + LIST_PATIENCE;
    return pagesInTime(async nextToken => {
      const page = await this.client.send(
        new ListMicrovmsCommand({ imageIdentifier: imageArn, maxResults: LARGEST_PAGE, nextToken }), this.limits.options());
      const items = page.items?.map(item => ({
        id: item.microvmId!, imageArn: item.imageArn!, imageVersion: item.imageVersion!, state: item.state!, startedAt: item.startedAt!.getTime(),
      }));
      return { items, nextToken: page.nextToken };
    }, () => this.clock.now() >= end);
  }

  public async get(url: string, headers: Record<string, string>, responseTimeout: number): Promise<number> {
    const { status, body } = await fetch(url, { headers, redirect: 'manual', signal: this.limits.options(responseTimeout).abortSignal });
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
      imageArn: answer.imageArn!,
      executionRoleArn: answer.executionRoleArn ?? undefined,
      observedAt: this.clock.now(),
    };
  }
}

export class MicrovmLogsClient implements MicrovmLogs {
  public constructor(private readonly client: CloudWatchLogsClient, private readonly limits: CallLimits) {}

  public async lastLines(logGroupName: string, microvmId: string): Promise<string[]> {
    const { logStreams = [] } = await this.client.send(
      new DescribeLogStreamsCommand({ logGroupName, orderBy: 'LastEventTime', descending: true }), this.limits.options());
    // MicroVMs share the log group. The name of a stream contains the ID of its MicroVM.
    const logStreamName = logStreams.map(stream => stream.logStreamName!).find(name => name.includes(microvmId));
    if (logStreamName === undefined) return [];
    const command = new GetLogEventsCommand({ logGroupName, logStreamName, limit: FETCHED_LINES });
    const { events = [] } = await this.client.send(command, this.limits.options());
    return events.map(event => event.message?.trimEnd() ?? '');
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
        logs: new MicrovmLogsClient(new CloudWatchLogsClient(settings), limits),
      };
    },
  };
}
