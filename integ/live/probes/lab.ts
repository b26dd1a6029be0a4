import { setTimeout as sleep } from 'node:timers/promises';
import type { GetMicrovmResponse, RunMicrovmRequest } from '@aws-sdk/client-lambda-microvms';
import {
  CreateMicrovmAuthTokenCommand, DeleteMicrovmImageCommand, GetMicrovmCommand, GetMicrovmImageCommand, LambdaMicrovmsClient,
  RunMicrovmCommand, TerminateMicrovmCommand,
} from '@aws-sdk/client-lambda-microvms';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { ConnectorsOfRun } from './connectors';
import { requestMicrovm } from './endpoint';
import type { ProbeOutputs } from './stack-outputs';
import type { RoleCredentials } from '../../../src/handlers/engine/control-plane';
import type { Account } from '../account';

const LOOK_EVERY = 300;
/** A launch takes seconds. */
const PATIENCE = 120_000;
const UNKNOWN = 10_000;
const PORT = 8080;
/** A role of this deployment may not be known everywhere yet. */
const ASSUME_ATTEMPTS = 10;

/** What the probes share: the deployed stack, and whatever they launch, which ends with the lab. */
export class Lab {
  /** The service as the caller sees it. */
  readonly service: LambdaMicrovmsClient;
  readonly connectors: ConnectorsOfRun;
  /** Of images that were created where that should have been denied. */
  readonly images = new Set<string>();
  private readonly launched = new Set<string>();

  constructor(readonly account: Account, readonly outputs: ProbeOutputs) {
    this.service = new LambdaMicrovmsClient(account.client);
    this.connectors = new ConnectorsOfRun(account, outputs);
  }

  /** The service as somebody sees it to whom a policy allows no more than it says. */
  async serviceUnder(...statements: object[]): Promise<LambdaMicrovmsClient> {
    return new LambdaMicrovmsClient({ ...this.account.client, credentials: await this.session(statements) });
  }

  /** A session of the stack's caller role, which a policy narrows. */
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

  /** Launches by the stack's launcher, but for what is said. */
  async launch(request: Partial<RunMicrovmRequest> = {}, by = this.service): Promise<string> {
    const { microvmId } = await by.send(new RunMicrovmCommand({ ...JSON.parse(this.outputs.LaunchRequest) as RunMicrovmRequest, ...request }));
    this.launched.add(microvmId!);
    return microvmId!;
  }

  /** Waits until it runs. Fails with the service's reason if it ends instead. */
  async launchAndWait(request: Partial<RunMicrovmRequest> = {}, by = this.service): Promise<GetMicrovmResponse> {
    const microvm = await this.until(await this.launch(request, by), 'RUNNING', 'TERMINATED');
    if (microvm.state !== 'RUNNING') throw new Error(`the MicroVM ended: ${microvm.stateReason}`);
    return microvm;
  }

  async until(microvmIdentifier: string, ...states: string[]): Promise<GetMicrovmResponse> {
    const begin = Date.now();
    for (;;) {
      const microvm = await this.service.send(new GetMicrovmCommand({ microvmIdentifier })).catch((error: Error) => {
        // It may not be known everywhere yet.
        if (error.name !== 'ResourceNotFoundException' || Date.now() > begin + UNKNOWN) throw error;
        return undefined;
      });
      if (microvm !== undefined && states.includes(microvm.state!)) return microvm;
      if (Date.now() > begin + PATIENCE) throw new Error(`MicroVM ${microvmIdentifier} is still ${microvm?.state}: ${microvm?.stateReason ?? 'no reason given'}`);
      await sleep(LOOK_EVERY);
    }
  }

  async terminate(microvmIdentifier: string): Promise<void> {
    await this.service.send(new TerminateMicrovmCommand({ microvmIdentifier }));
    await this.until(microvmIdentifier, 'TERMINATED');
    this.launched.delete(microvmIdentifier);
  }

  /** Asks the application in a MicroVM, until it answers. */
  async ask<T>(microvm: GetMicrovmResponse, path: string, body?: object): Promise<T> {
    const { authToken } = await this.service.send(new CreateMicrovmAuthTokenCommand({
      microvmIdentifier: microvm.microvmId, expirationInMinutes: 5, allowedPorts: [{ port: PORT }],
    }));
    const headers = { ...authToken, 'x-aws-proxy-port': String(PORT) };
    const end = Date.now() + PATIENCE;
    for (;;) {
      const { status, text } = await requestMicrovm(this.account, microvm.endpoint!, path, headers, body);
      if (status === 200) return JSON.parse(text) as T;
      if (Date.now() > end) throw new Error(`the MicroVM answers ${path} with ${status}: ${text}`);
      await sleep(LOOK_EVERY);
    }
  }

  /** Ends everything that is still there. @returns what could not be ended. */
  async dispose(): Promise<string[]> {
    await this.endMicrovms();
    const images = await Promise.all([...this.images].map(async arn => this.removeImage(arn).then(() => [], () => [`image ${arn}`])));
    return [...[...this.launched].map(id => `MicroVM ${id}`), ...images.flat(), ...await this.connectors.dispose()];
  }

  async endMicrovms(): Promise<void> {
    await Promise.all([...this.launched].map(async id => this.terminate(id).catch((error: Error) => {
      if (error.name === 'ResourceNotFoundException') this.launched.delete(id);
    })));
  }

  /** An image that should not have been created: its build fails at once. */
  private async removeImage(imageIdentifier: string): Promise<void> {
    const end = Date.now() + PATIENCE;
    let state: string | undefined = 'CREATING';
    while (state !== undefined) {
      if (Date.now() > end) throw new Error(`image ${imageIdentifier} is still ${state}`);
      state = await this.service.send(new GetMicrovmImageCommand({ imageIdentifier })).then(image => image.state, () => undefined);
      if (state !== undefined && !/ING$/.test(state)) await this.service.send(new DeleteMicrovmImageCommand({ imageIdentifier }));
      await sleep(LOOK_EVERY);
    }
  }
}
