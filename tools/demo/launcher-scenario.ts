import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { BackendAnswer, BackendRequest } from './backend';
import { BACKEND, LAUNCHER_STACK } from './names';
import { Scenario, reasonOf } from './scenario';
import { LOCAL_CREDENTIALS } from '../local-aws/environment';
import type { LocalAws } from '../local-aws/local-aws';
import type { Image, Microvm } from '../simulator/rows';

const APP = 'launcher.app.ts';
const POLL_INTERVAL = 100;

/** A backend launches MicroVMs. A deployment also launches one, after a launch check has passed. */
export class LauncherScenario extends Scenario {
  public constructor(aws: LocalAws, private readonly directory: string, print: (line: string) => void) {
    super(aws, print);
  }

  public async deploysALauncher(): Promise<void> {
    this.print('\n== cdk deploy: an image, a launcher, a backend, a check, and a MicroVM');
    const { exitCode } = await this.deployWith('hello', '/');
    this.check(exitCode === 0, 'the deployment succeeds');
    const [shared, ...others] = this.running();
    this.check(shared?.imageVersion === 1 && others.length === 0, 'the MicroVM runs, and the one of the launch check has terminated');
    this.check(this.microvms().length === 2, 'each was launched once');
  }

  /** The function acts with its role, which has only the grants of the launcher. */
  public async launchesFromTheBackend(): Promise<void> {
    this.print('\n== the backend launches a MicroVM and sends it a request');
    const { id } = await this.ask({ action: 'launch' });
    await this.reaches(id, 'RUNNING');
    const { text, statuses } = await this.ask({ action: 'request', id });
    this.check(text?.includes('"greeting":"hello"') === true, `it answers ${text}`);
    this.check(statuses?.join() === '200,403,403', 'a request with a token succeeds; without a token, or for a port that the token does not allow, it fails with 403');

    await this.ask({ action: 'suspend', id });
    await this.reaches(id, 'SUSPENDED');
    await this.ask({ action: 'resume', id });
    await this.reaches(id, 'RUNNING');
    const error = await this.errorOf({ action: 'openShell', id });
    this.check(error.includes('lambda:CreateMicrovmShellAuthToken'), 'a shell is denied, because the backend has no grant for it', error);
    await this.ask({ action: 'terminate', id });
    await this.reaches(id, 'TERMINATED');
  }

  public async deploysAChange(): Promise<void> {
    this.print('\n== cdk deploy: another greeting');
    const [old] = this.running();
    const { exitCode } = await this.deployWith('good day', '/');
    this.check(exitCode === 0, 'the deployment succeeds');
    const [shared, ...others] = this.running();
    this.check(shared?.imageVersion === 2 && others.length === 0, 'the MicroVM is replaced by one of version 2.0');
    const [healthCheck, termination] = [this.firstCall('CreateMicrovmAuthToken', shared.id), this.firstCall('TerminateMicrovm', old.id)];
    this.check(healthCheck >= 0 && healthCheck < termination, 'it passed its health check before the old one was terminated');
    const { text } = await this.ask({ action: 'request', id: shared.id });
    this.check(text?.includes('"greeting":"good day"') === true, `it answers ${text}`);
  }

  public async failsTheCheck(): Promise<void> {
    this.print('\n== cdk deploy: a greeting, and a launch check with a path that does not exist');
    const [shared] = this.running();
    const result = await this.deployWith('goodbye', '/nowhere');
    this.check(result.exitCode !== 0, 'the deployment fails');
    const reason = reasonOf(result, 'Custom::MicrovmLaunchCheck');
    this.quote(reason);
    this.check(reason.includes('/nowhere') && reason.includes('404'), 'the error contains the response to the launch check');
    this.check(result.events[result.events.length - 1]?.status === 'UPDATE_ROLLBACK_COMPLETE', 'the stack is rolled back');
    this.check(this.activeVersion() === 2, 'version 2.0 is active again');
    this.check(this.running().map(({ id }) => id).join() === shared.id, 'the MicroVM of the previous deployment still runs, and no other one does');
  }

  public async destroysEverything(): Promise<void> {
    this.print('\n== cdk destroy: everything');
    const { exitCode } = await this.destroy(APP, LAUNCHER_STACK, this.context('goodbye', '/'));
    this.check(exitCode === 0, 'the stack is destroyed');
    this.check(this.running().length === 0, 'no MicroVM runs');
  }

  protected state(): string | undefined {
    const image = this.image();
    if (!image) return undefined;
    const versions = image.versions.map(({ number, state, status }) => `${number}.0 ${state === 'SUCCESSFUL' ? status : state}`);
    const microvms = this.running().map(({ id, imageVersion, state }) => `${id.slice(0, 16)} of ${imageVersion}.0 ${state}`);
    return `image ${image.name} is ${image.state}; versions: ${versions.join(', ')}; MicroVMs: ${microvms.join(', ') || 'none'}`;
  }

  private async deployWith(greeting: string, path: string) {
    return this.deploy(APP, LAUNCHER_STACK, this.context(greeting, path));
  }

  private context(greeting: string, path: string): Record<string, string> {
    return { directory: this.directory, greeting, path };
  }

  private async ask(request: BackendRequest): Promise<BackendAnswer> {
    const { failed, answer } = await this.invoke(request);
    if (failed) throw new Error(`the backend failed to ${request.action}: ${JSON.stringify(answer)}`);
    return answer as BackendAnswer;
  }

  private async errorOf(request: BackendRequest): Promise<string> {
    const { failed, answer } = await this.invoke(request);
    return failed ? JSON.stringify(answer) : '';
  }

  private async invoke(request: BackendRequest): Promise<{ failed: boolean; answer: unknown }> {
    const client = new LambdaClient({ endpoint: this.aws.url, region: this.aws.region, credentials: LOCAL_CREDENTIALS });
    const { FunctionError, Payload } = await client.send(new InvokeCommand({ FunctionName: BACKEND, Payload: Buffer.from(JSON.stringify(request)) }));
    return { failed: FunctionError !== undefined, answer: JSON.parse(Buffer.from(Payload!).toString()) };
  }

  /** Describes the MicroVM through the backend until it has the wanted state. Throws if it terminates instead. */
  private async reaches(id: string, wanted: string): Promise<void> {
    for (;;) {
      const { state } = await this.ask({ action: 'describe', id });
      if (state === wanted) return this.check(true, `it is ${wanted}`);
      if (state === 'TERMINATED') this.check(false, `it is ${wanted}`, `it is ${state}: ${this.microvm(id)?.stateReason}`);
      await sleep(POLL_INTERVAL);
    }
  }

  private image(): Image | undefined {
    return this.aws.simulator.images().find(({ name }) => name.startsWith(`${LAUNCHER_STACK}-`));
  }

  private activeVersion(): number | undefined {
    const active = this.image()?.versions.filter(({ state, status }) => state === 'SUCCESSFUL' && status === 'ACTIVE') ?? [];
    return active.length === 0 ? undefined : Math.max(...active.map(({ number }) => number));
  }

  /** All launched MicroVMs, including terminated ones. */
  private microvms(): readonly Microvm[] {
    return this.aws.simulator.microvms().filter(({ imageArn }) => imageArn.split(':')[6].startsWith(`${LAUNCHER_STACK}-`));
  }

  private microvm(id: string): Microvm | undefined {
    return this.microvms().find(microvm => microvm.id === id);
  }

  private firstCall(operation: string, id: string): number {
    return this.aws.simulator.calls().findIndex(call => call.operation === operation && call.resource === id);
  }

  private running(): readonly Microvm[] {
    return this.microvms().filter(({ state }) => state !== 'TERMINATED');
  }
}
