import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { BackendAnswer, BackendRequest } from './backend';
import { BACKEND, LAUNCHER_STACK } from './names';
import { Narrator, reasonOf } from './narrator';
import { LOCAL_CREDENTIALS } from '../local-aws/environment';
import type { LocalAws } from '../local-aws/local-aws';
import type { Image, Microvm } from '../simulator/rows';

const APP = 'launcher.app.ts';
const LOOK_EVERY = 100;

/** A backend launches MicroVMs, and a deployment launches one too, once it has checked that the image can be launched. */
export class LauncherStory extends Narrator {
  public constructor(aws: LocalAws, private readonly directory: string, say: (line: string) => void) {
    super(aws, say);
  }

  public async deploysALauncher(): Promise<void> {
    this.say('\n== cdk deploy: an image, a launcher, a backend, a check, and a MicroVM');
    const { exitCode } = await this.deployWith('hello', '/');
    this.check(exitCode === 0, 'the deployment succeeds');
    const [shared, ...others] = this.running();
    this.check(shared?.imageVersion === 1 && others.length === 0, 'the MicroVM runs, and that of the check has gone');
    this.check(this.microvms().length === 2, 'each was launched once');
  }

  /** The function acts as its role, with what the launcher has granted it. */
  public async launchesFromTheBackend(): Promise<void> {
    this.say('\n== The backend: launches a MicroVM and talks to it');
    const { id } = await this.ask({ action: 'launch' });
    await this.reaches(id, 'RUNNING');
    const { text, statuses } = await this.ask({ action: 'talk', id });
    this.check(text?.includes('"greeting":"hello"') === true, `it says ${text}`);
    this.check(statuses?.join() === '200,403,403', 'it answers to a token; without one, and for a port that the token does not allow: 403');

    await this.ask({ action: 'suspend', id });
    await this.reaches(id, 'SUSPENDED');
    await this.ask({ action: 'resume', id });
    await this.reaches(id, 'RUNNING');
    const refusal = await this.refusalOf({ action: 'openShell', id });
    this.check(refusal.includes('lambda:CreateMicrovmShellAuthToken'), 'a shell is refused: the backend has no grant for it', refusal);
    await this.ask({ action: 'terminate', id });
    await this.reaches(id, 'TERMINATED');
  }

  public async deploysAChange(): Promise<void> {
    this.say('\n== cdk deploy: another greeting');
    const [old] = this.running();
    const { exitCode } = await this.deployWith('good day', '/');
    this.check(exitCode === 0, 'the deployment succeeds');
    const [shared, ...others] = this.running();
    this.check(shared?.imageVersion === 2 && others.length === 0, 'the MicroVM is replaced by one of version 2.0');
    const [asked, ended] = [this.firstCall('CreateMicrovmAuthToken', shared.id), this.firstCall('TerminateMicrovm', old.id)];
    this.check(asked >= 0 && asked < ended, 'it ran and answered before the old one was ended');
    const { text } = await this.ask({ action: 'talk', id: shared.id });
    this.check(text?.includes('"greeting":"good day"') === true, `it says ${text}`);
  }

  public async failsTheCheck(): Promise<void> {
    this.say('\n== cdk deploy: a greeting and a check of a path that is not there');
    const [shared] = this.running();
    const result = await this.deployWith('goodbye', '/nowhere');
    this.check(result.exitCode !== 0, 'the deployment fails');
    const reason = reasonOf(result, 'Custom::MicrovmLaunchCheck');
    this.quote(reason);
    this.check(reason.includes('/nowhere') && reason.includes('404'), 'it says what the check has met');
    this.check(result.events[result.events.length - 1]?.status === 'UPDATE_ROLLBACK_COMPLETE', 'the stack is rolled back');
    this.check(this.activeVersion() === 2, 'version 2.0 is active again');
    this.check(this.running().map(({ id }) => id).join() === shared.id, 'the MicroVM of the deployment before has never stopped, and no other is left');
  }

  public async destroysEverything(): Promise<void> {
    this.say('\n== cdk destroy: all of it');
    const { exitCode } = await this.destroy(APP, LAUNCHER_STACK, this.context('goodbye', '/'));
    this.check(exitCode === 0, 'the stack is destroyed');
    this.check(this.running().length === 0, 'no MicroVM runs any more');
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
    if (failed) throw new Error(`the backend fails to ${request.action}: ${JSON.stringify(answer)}`);
    return answer as BackendAnswer;
  }

  private async refusalOf(request: BackendRequest): Promise<string> {
    const { failed, answer } = await this.invoke(request);
    return failed ? JSON.stringify(answer) : '';
  }

  private async invoke(request: BackendRequest): Promise<{ failed: boolean; answer: unknown }> {
    const client = new LambdaClient({ endpoint: this.aws.url, region: this.aws.region, credentials: LOCAL_CREDENTIALS });
    const { FunctionError, Payload } = await client.send(new InvokeCommand({ FunctionName: BACKEND, Payload: Buffer.from(JSON.stringify(request)) }));
    return { failed: FunctionError !== undefined, answer: JSON.parse(Buffer.from(Payload!).toString()) };
  }

  /** Looks as the backend does, until the MicroVM has a state; fails if it ends in another. */
  private async reaches(id: string, wanted: string): Promise<void> {
    for (;;) {
      const { state } = await this.ask({ action: 'look', id });
      if (state === wanted) return this.check(true, `it is ${wanted}`);
      if (state === 'TERMINATED') this.check(false, `it is ${wanted}`, `it is ${state}: ${this.microvm(id)?.stateReason}`);
      await sleep(LOOK_EVERY);
    }
  }

  private image(): Image | undefined {
    return this.aws.simulator.images().find(({ name }) => name.startsWith(`${LAUNCHER_STACK}-`));
  }

  private activeVersion(): number | undefined {
    const active = this.image()?.versions.filter(({ state, status }) => state === 'SUCCESSFUL' && status === 'ACTIVE') ?? [];
    return active.length === 0 ? undefined : Math.max(...active.map(({ number }) => number));
  }

  /** All that were launched, those that have ended too. */
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
