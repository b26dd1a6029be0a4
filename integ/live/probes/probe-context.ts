import { setTimeout as sleep } from 'node:timers/promises';
import type { GetMicrovmResponse, RunMicrovmRequest } from '@aws-sdk/client-lambda-microvms';
import {
  CreateMicrovmAuthTokenCommand, DeleteMicrovmImageCommand, GetMicrovmCommand, GetMicrovmImageCommand, LambdaMicrovmsClient,
  RunMicrovmCommand, TerminateMicrovmCommand,
} from '@aws-sdk/client-lambda-microvms';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { ProbeConnectors } from './connectors';
import { requestMicrovm } from './endpoint';
import type { ProbeOutputs } from './stack-outputs';
import type { RoleCredentials } from '../../../src/handlers/engine/control-plane';
import { withMembers } from '../../../src/handlers/engine/request-body';
import type { Account } from '../account';

const POLL_INTERVAL = 300;
/** A launch takes seconds. */
const TIMEOUT = 120_000;
const NOT_FOUND_GRACE = 10_000;
const PORT = 8080;
/** IAM may not have propagated a role of this deployment yet. */
const ASSUME_ATTEMPTS = 10;

/**
 * The deployed stack that all probes use, and everything that the probes launch. `dispose` removes what they
 * launched.
 */
export class ProbeContext {
  /** A client with the credentials of the caller. */
  readonly service: LambdaMicrovmsClient;
  readonly connectors: ProbeConnectors;
  /** ARNs of images that were created although the request should have been denied. */
  readonly images = new Set<string>();
  private readonly launched = new Set<string>();

  constructor(readonly account: Account, readonly outputs: ProbeOutputs) {
    this.service = new LambdaMicrovmsClient(account.client);
    this.connectors = new ProbeConnectors(account, outputs);
  }

  /** Creates a client whose session policy allows only the given statements. */
  async serviceUnder(...statements: object[]): Promise<LambdaMicrovmsClient> {
    return new LambdaMicrovmsClient({ ...this.account.client, credentials: await this.session(statements) });
  }

  /** Assumes the caller role of the stack with a session policy. */
  async session(statements: object[]): Promise<RoleCredentials> {
    const command = new AssumeRoleCommand({
      RoleArn: this.outputs.CallerRoleArn,
      RoleSessionName: 'probe',
      DurationSeconds: 900,
      Policy: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
    });
    const sts = new STSClient(this.account.client);
    for (let attempt = 1; ; attempt++) {
      try {
        const { Credentials: given } = await sts.send(command);
        return { accessKeyId: given!.AccessKeyId!, secretAccessKey: given!.SecretAccessKey!, sessionToken: given!.SessionToken! };
      } catch (error) {
        if (attempt >= ASSUME_ATTEMPTS || !/^AccessDenied/.test((error as Error).name)) throw error;
        await sleep(3_000);
      }
    }
  }

  /**
   * Launches a MicroVM with the launcher of the stack. The given members override those of the launcher.
   *
   * @param dropped members that the installed client does not know, and would drop.
   */
  async launch(request: Partial<RunMicrovmRequest> = {}, by = this.service, dropped: object = {}): Promise<string> {
    const command = new RunMicrovmCommand({ ...JSON.parse(this.outputs.LaunchRequest) as RunMicrovmRequest, ...request });
    const { microvmId } = await by.send(withMembers(command, dropped));
    this.launched.add(microvmId!);
    return microvmId!;
  }

  /**
   * Launches a MicroVM and waits until it runs. Throws with the reason of the service if the MicroVM terminates
   * instead.
   */
  async launchAndWait(request: Partial<RunMicrovmRequest> = {}, by = this.service): Promise<GetMicrovmResponse> {
    const microvm = await this.until(await this.launch(request, by), 'RUNNING', 'TERMINATED');
    if (microvm.state !== 'RUNNING') throw new Error(`the MicroVM has terminated: ${microvm.stateReason}`);
    return microvm;
  }

  async until(microvmIdentifier: string, ...states: string[]): Promise<GetMicrovmResponse> {
    const begin = Date.now();
    for (;;) {
      const microvm = await this.service.send(new GetMicrovmCommand({ microvmIdentifier })).catch((error: Error) => {
        // The service may need a moment to find a new MicroVM.
        if (error.name !== 'ResourceNotFoundException' || Date.now() > begin + NOT_FOUND_GRACE) throw error;
        return undefined;
      });
      if (microvm !== undefined && states.includes(microvm.state!)) return microvm;
      if (Date.now() > begin + TIMEOUT) throw new Error(`MicroVM ${microvmIdentifier} is still ${microvm?.state}: ${microvm?.stateReason ?? 'no reason given'}`);
      await sleep(POLL_INTERVAL);
    }
  }

  async terminate(microvmIdentifier: string): Promise<void> {
    await this.service.send(new TerminateMicrovmCommand({ microvmIdentifier }));
    await this.until(microvmIdentifier, 'TERMINATED');
    this.launched.delete(microvmIdentifier);
  }

  /** Sends a request to the application in a MicroVM, and repeats it until the application answers. */
  async request<T>(microvm: GetMicrovmResponse, path: string, body?: object): Promise<T> {
    const { authToken } = await this.service.send(new CreateMicrovmAuthTokenCommand({
      microvmIdentifier: microvm.microvmId, expirationInMinutes: 5, allowedPorts: [{ port: PORT }],
    }));
    const headers = { ...authToken, 'x-aws-proxy-port': String(PORT) };
    const end = Date.now() + TIMEOUT;
    for (;;) {
      const { status, text } = await requestMicrovm(this.account, microvm.endpoint!, path, headers, body);
      if (status === 200) return JSON.parse(text) as T;
      if (Date.now() > end) throw new Error(`the MicroVM answers ${path} with ${status}: ${text}`);
      await sleep(POLL_INTERVAL);
    }
  }

  /** Deletes everything that the probes created. @returns what it could not delete. */
  async dispose(): Promise<string[]> {
    await this.terminateMicrovms();
    const images = await Promise.all([...this.images].map(async arn => this.removeImage(arn).then(() => [], () => [`image ${arn}`])));
    return [...[...this.launched].map(id => `MicroVM ${id}`), ...images.flat(), ...await this.connectors.dispose()];
  }

  async terminateMicrovms(): Promise<void> {
    await Promise.all([...this.launched].map(async id => this.terminate(id).catch((error: Error) => {
      if (error.name === 'ResourceNotFoundException') this.launched.delete(id);
    })));
  }

  /** Deletes an image that should not have been created. Its build fails immediately. */
  private async removeImage(imageIdentifier: string): Promise<void> {
    const end = Date.now() + TIMEOUT;
    let state: string | undefined = 'CREATING';
    while (state !== undefined) {
      if (Date.now() > end) throw new Error(`image ${imageIdentifier} is still ${state}`);
      state = await this.service.send(new GetMicrovmImageCommand({ imageIdentifier })).then(image => image.state, () => undefined);
      if (state !== undefined && !/ING$/.test(state)) await this.service.send(new DeleteMicrovmImageCommand({ imageIdentifier }));
      await sleep(POLL_INTERVAL);
    }
  }
}
