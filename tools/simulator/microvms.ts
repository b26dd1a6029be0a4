import { checkImageIdentifier, managedConnectorArn, managedConnectorOf } from './arns';
import type { LaunchRequest, Machine, RuntimeHook } from './builder';
import { conflict, notFound, quotaExceeded, validationError } from './errors';
import type { ClientTokens } from './idempotency';
import { checkKey, checkLogging, checkRole, egressConnectors } from './image-rules';
import { describeKey, isRunnable, versionName } from './image-views';
import type { OperationName } from './model';
import { page } from './pagination';
import type { Hooks, ImageVersion, Microvm, MicrovmState } from './rows';
import type { EndpointTokens, PortRange } from './tokens';
import { ALL_PORTS } from './tokens';
import type { CallContext, Handler, Input, World } from './world';

const PAGE_SIZE = 50;
const MAXIMUM_DURATION_SECONDS = 28_800;
const DEFAULT_RUNTIME_HOOK_SECONDS = 1;
/** The same reason is given when the suspended duration of the idle policy runs out. */
const END_OF_LIFETIME = 'MicroVM exceeded maximum lifetime.';

/** The machine and timers of a MicroVM, in addition to its row. */
interface Live {
  readonly hooks: Hooks;
  machine?: Machine;
  cancelMaximumDuration: () => void;
  cancelPolicy?: () => void;
}

/** MicroVMs from launch to termination. */
export class Microvms {
  private readonly live = new Map<string, Live>();

  constructor(private readonly world: World, private readonly clientTokens: ClientTokens, readonly endpointTokens: EndpointTokens) {}

  handlers(): Partial<Record<OperationName, Handler>> {
    return {
      RunMicrovm: (input, call) => this.clientTokens.once('RunMicrovm', input.clientToken, input, validationError, () => this.run(input, call.caller)),
      GetMicrovm: (input, call) => describe(this.world, this.find(input.microvmIdentifier, call.asOf)),
      ListMicrovms: (input, call) => this.list(input, call),
      SuspendMicrovm: input => this.suspend(input.microvmIdentifier),
      ResumeMicrovm: input => this.resume(input.microvmIdentifier),
      TerminateMicrovm: input => this.terminate(input.microvmIdentifier),
      CreateMicrovmAuthToken: input => this.createToken(input),
      CreateMicrovmShellAuthToken: input => this.createShellToken(input),
    };
  }

  /** Launches a MicroVM. */
  run(input: Input, caller: string): object {
    const { world } = this;
    const arn = input.imageIdentifier;
    checkImageIdentifier(world, arn, 'RunMicrovm', caller);
    const version = this.runnable(arn, input.imageVersion);
    const hooks = version.configuration.hooks ?? {};
    this.checkRun(input, hooks);
    const memoryMiB = version.configuration.resources[0].minimumMemoryInMiB;
    this.checkMemory(memoryMiB);
    const now = world.clock.now();
    const microvm: Microvm = {
      id: `microvm-${world.ids.uuid()}`,
      endpointId: world.ids.uuid(),
      imageArn: arn,
      imageVersion: version.number,
      state: 'PENDING',
      executionRoleArn: input.executionRoleArn,
      idlePolicy: input.idlePolicy,
      logging: input.logging,
      maximumDurationInSeconds: input.maximumDurationInSeconds ?? MAXIMUM_DURATION_SECONDS,
      ingressNetworkConnectors: this.ingress(input.ingressNetworkConnectors),
      egressNetworkConnectors: egressConnectors(world, input.egressNetworkConnectors, version.configuration.egressNetworkConnectors),
      memoryMiB,
      kmsKeyIdentifier: input.kmsKeyIdentifier,
      startedAt: now,
    };
    world.microvms.put(microvm.id, microvm);
    const endsBy = microvm.maximumDurationInSeconds * 1000;
    const cancelMaximumDuration = world.clock.after(endsBy, () => this.end(microvm.id, END_OF_LIFETIME));
    this.live.set(microvm.id, { hooks, cancelMaximumDuration });
    void this.launch(microvm, version, input.runHookPayload);
    return describe(world, microvm);
  }

  /** The machine of a running MicroVM. */
  machineOf(id: string): Machine | undefined {
    return this.live.get(id)?.machine;
  }

  byEndpoint(endpointId: string): Microvm | undefined {
    return this.world.microvms.list().find(microvm => microvm.endpointId === endpointId);
  }

  /** Records traffic at the endpoint. Only traffic keeps a MicroVM from being idle. */
  touch(id: string): void {
    const idle = this.world.microvms.get(id)?.idlePolicy?.maxIdleDurationSeconds;
    if (idle !== undefined && this.is(id, 'RUNNING')) this.later(id, idle, () => void this.toSuspended(id));
  }

  /** Resumes a suspended MicroVM for a request, if its policy allows it. */
  async wake(id: string): Promise<boolean> {
    const microvm = this.world.microvms.get(id);
    if (microvm?.state === 'SUSPENDED' && microvm.idlePolicy?.autoResumeEnabled) await this.toRunning(id);
    return this.world.microvms.get(id)?.state === 'RUNNING';
  }

  clear(): void {
    this.live.clear();
  }

  private runnable(imageArn: string, asked: string | undefined): ImageVersion {
    const image = this.world.images.get(imageArn);
    const candidates = (image?.state === 'DELETING' ? [] : image?.versions ?? []).filter(isRunnable)
      .filter(({ number }) => asked === undefined || versionName(number) === asked)
      .sort((a, b) => b.number - a.number);
    if (candidates.length === 0) throw notFound(`No active version found for MicroVM image ${imageArn}`);
    return candidates[0];
  }

  private checkRun(input: Input, hooks: Hooks): void {
    checkLogging(input.logging);
    checkRole(this.world, input.executionRoleArn);
    checkKey(this.world, input.kmsKeyIdentifier);
    if (input.logging?.cloudWatch !== undefined && input.executionRoleArn === undefined) {
      throw validationError('Logging cannot be enabled without providing executionRoleArn');
    }
    if (input.runHookPayload !== undefined && hooks.microvmHooks?.run !== 'ENABLED') {
      throw validationError('The run hook must be enabled in the MicroVM image to pass the run hook payload');
    }
    if ((input.egressNetworkConnectors ?? []).length > 1) throw validationError('Only one egress network connector is supported');
  }

  private checkMemory(memoryMiB: number): void {
    const allocated = this.world.microvms.list().filter(({ state }) => state !== 'TERMINATED').reduce((sum, microvm) => sum + microvm.memoryMiB, 0);
    if (allocated + memoryMiB > this.world.limits.allocatedMemoryMiB) {
      throw quotaExceeded('The base maximum allocated memory limit has been reached for this account.');
    }
  }

  private ingress(asked: string[] | undefined): readonly string[] {
    const arns = asked ?? [];
    for (const arn of arns) {
      const managed = managedConnectorOf(this.world, arn);
      if (managed === undefined || managed === 'INTERNET_EGRESS') throw validationError(`Network connector ${arn} is not an ingress connector`);
    }
    // To have no ingress, a request must name NO_INGRESS.
    return arns.length > 0 ? arns : [managedConnectorArn(this.world, 'HTTP_INGRESS')];
  }

  private async launch(microvm: Microvm, version: ImageVersion, runHookPayload: string | undefined): Promise<void> {
    const { world } = this;
    await world.clock.sleep(world.times.launch);
    const live = this.live.get(microvm.id);
    if (live === undefined || !this.is(microvm.id, 'PENDING')) return;
    try {
      live.machine = await world.builder.launch(this.launchRequest(microvm, version));
      const payload = runHookPayload === undefined ? {} : { runHookPayload };
      const failure = await this.callHook(microvm.id, 'run', { microvmId: microvm.id, ...payload });
      if (failure !== undefined) return this.end(microvm.id, failure);
    } catch (error) {
      return this.end(microvm.id, error instanceof Error ? error.message : String(error));
    }
    if (!this.is(microvm.id, 'PENDING')) return live.machine?.terminate();
    this.set(microvm.id, { state: 'RUNNING' });
    this.touch(microvm.id);
  }

  private launchRequest(microvm: Microvm, version: ImageVersion): LaunchRequest {
    return {
      microvmId: microvm.id,
      imageArn: microvm.imageArn,
      imageName: microvm.imageArn.split(':')[6],
      imageVersion: versionName(version.number),
      account: this.world.account,
      region: this.world.region,
      configuration: version.configuration,
      executionRoleArn: microvm.executionRoleArn,
      logging: microvm.logging,
    };
  }

  private list(input: Input, call: CallContext): object {
    if (input.imageIdentifier !== undefined) checkImageIdentifier(this.world, input.imageIdentifier, call.operation, call.caller);
    const microvms = this.world.microvms.list(call.asOf)
      .filter(microvm => input.imageIdentifier === undefined || microvm.imageArn === input.imageIdentifier)
      .filter(microvm => input.imageVersion === undefined || versionName(microvm.imageVersion) === input.imageVersion);
    const cut = page(microvms, input.maxResults ?? PAGE_SIZE, input.nextToken, validationError);
    const items = cut.items.map(({ id, state, imageArn, imageVersion, startedAt }) =>
      ({ microvmId: id, state, imageArn, imageVersion: versionName(imageVersion), startedAt: startedAt / 1000 }));
    return { items, nextToken: cut.next ?? null };
  }

  private suspend(id: string): object {
    const { state } = this.findChangeable(id);
    if (state === 'RUNNING') void this.toSuspended(id);
    else if (state !== 'SUSPENDING' && state !== 'SUSPENDED') throw conflict(`Cannot suspend MicroVM ${id} in state: ${state}`);
    return {};
  }

  private resume(id: string): object {
    const { state } = this.findChangeable(id);
    if (state === 'SUSPENDED') void this.toRunning(id);
    else if (state !== 'RUNNING') throw conflict(`Cannot resume MicroVM ${id} in state: ${state}`);
    return {};
  }

  /** Terminating again succeeds. */
  private terminate(id: string): object {
    this.find(id);
    this.end(id, 'Success.');
    return {};
  }

  private async toSuspended(id: string): Promise<void> {
    const { world } = this;
    this.live.get(id)?.cancelPolicy?.();
    this.set(id, { state: 'SUSPENDING' });
    await this.callHook(id, 'suspend', {});
    await world.clock.sleep(world.times.suspension);
    if (!this.is(id, 'SUSPENDING')) return;
    this.live.get(id)?.machine?.suspend();
    this.set(id, { state: 'SUSPENDED' });
    const limit = world.microvms.get(id)?.idlePolicy?.suspendedDurationSeconds;
    if (limit !== undefined) this.later(id, limit, () => this.end(id, END_OF_LIFETIME));
  }

  /** The service shows no state between SUSPENDED and RUNNING. */
  private async toRunning(id: string): Promise<void> {
    const { world } = this;
    await world.clock.sleep(world.times.resumption);
    if (!this.is(id, 'SUSPENDED')) return;
    this.live.get(id)?.cancelPolicy?.();
    this.live.get(id)?.machine?.resume();
    const failure = await this.callHook(id, 'resume', {});
    if (failure !== undefined) return this.end(id, failure);
    if (!this.is(id, 'SUSPENDED')) return;
    this.set(id, { state: 'RUNNING' });
    this.touch(id);
  }

  /** Schedules the next step of the idle policy. Replaces the step that was scheduled before. */
  private later(id: string, seconds: number, task: () => void): void {
    const live = this.live.get(id);
    if (live === undefined) return;
    live.cancelPolicy?.();
    live.cancelPolicy = this.world.clock.after(seconds * 1000, task);
  }

  /** Terminates a MicroVM, for any reason. */
  private end(id: string, reason: string): void {
    const { world } = this;
    const before = world.microvms.get(id)?.state;
    if (before === undefined || before === 'TERMINATING' || before === 'TERMINATED') return;
    this.set(id, { state: 'TERMINATING' });
    void this.finish(id, reason, before === 'RUNNING');
  }

  private async finish(id: string, reason: string, callHook: boolean): Promise<void> {
    const { world } = this;
    if (callHook) await this.callHook(id, 'terminate', {});
    const live = this.live.get(id);
    live?.cancelPolicy?.();
    live?.cancelMaximumDuration();
    live?.machine?.terminate();
    await world.clock.sleep(world.times.termination);
    // The launch of the machine may have been in progress until now.
    live?.machine?.terminate();
    this.live.delete(id);
    this.set(id, { state: 'TERMINATED', stateReason: reason, terminatedAt: world.clock.now() });
    world.clock.after(world.times.terminatedListing, () => world.microvms.delete(id));
  }

  private async callHook(id: string, hook: RuntimeHook, body: object): Promise<string | undefined> {
    const live = this.live.get(id);
    const settings = live?.hooks.microvmHooks;
    if (live?.machine === undefined || settings?.[hook] !== 'ENABLED') return undefined;
    return live.machine.hook(hook, settings[`${hook}TimeoutInSeconds`] ?? DEFAULT_RUNTIME_HOOK_SECONDS, body);
  }

  private createToken(input: Input): object {
    const microvm = this.findAlive(input.microvmIdentifier);
    const ports: PortRange[] = input.allowedPorts.map(portRange);
    return { authToken: { 'X-aws-proxy-auth': this.endpointTokens.issue(microvm.id, ports, input.expirationInMinutes) } };
  }

  private createShellToken(input: Input): object {
    const microvm = this.findAlive(input.microvmIdentifier);
    if (!microvm.ingressNetworkConnectors.includes(managedConnectorArn(this.world, 'SHELL_INGRESS'))) {
      throw validationError('Shell access requires SHELL_INGRESS network connector to be configured on the MicroVM.');
    }
    return { authToken: { 'X-aws-proxy-auth': this.endpointTokens.issue(microvm.id, [ALL_PORTS], input.expirationInMinutes, true) } };
  }

  private findChangeable(id: string): Microvm {
    const microvm = this.find(id);
    if (microvm.state === 'TERMINATED' || microvm.state === 'TERMINATING') {
      throw validationError(`The MicroVM ${id} has been terminated and its state cannot be changed.`);
    }
    return microvm;
  }

  private findAlive(id: string): Microvm {
    const microvm = this.find(id);
    if (microvm.state === 'TERMINATING' || microvm.state === 'TERMINATED') throw conflict(`MicroVM ${id} is in state: ${microvm.state}`);
    return microvm;
  }

  private find(id: string, asOf?: number): Microvm {
    if (!/^microvm-[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/.test(id)) throw validationError(`Invalid MicroVM identifier: ${id}`);
    const microvm = this.world.microvms.get(id, asOf);
    if (microvm === undefined) throw notFound(`MicroVM not found: ${id}`);
    return microvm;
  }

  private is(id: string, state: MicrovmState): boolean {
    return this.world.microvms.get(id)?.state === state;
  }

  private set(id: string, change: Partial<Microvm>): void {
    this.world.microvms.change(id, change);
  }
}

function portRange(allowed: { port?: number; range?: PortRange; allPorts?: object }): PortRange {
  if (Object.keys(allowed).length !== 1) throw validationError('allowedPorts must have exactly one of the members [port, range, allPorts]');
  if (allowed.port !== undefined) return { startPort: allowed.port, endPort: allowed.port };
  if (allowed.range === undefined) return ALL_PORTS;
  if (allowed.range.startPort > allowed.range.endPort) throw validationError('startPort must not be greater than endPort');
  return allowed.range;
}

function describe(world: World, microvm: Microvm): object {
  return {
    microvmId: microvm.id,
    state: microvm.state,
    stateReason: microvm.stateReason ?? null,
    terminationReasonCode: null,
    endpoint: `${microvm.endpointId}.lambda-microvm.${world.region}.on.aws`,
    imageArn: microvm.imageArn,
    imageVersion: versionName(microvm.imageVersion),
    executionRoleArn: microvm.executionRoleArn ?? null,
    idlePolicy: microvm.idlePolicy ?? null,
    maximumDurationInSeconds: microvm.maximumDurationInSeconds,
    ...describeKey(microvm),
    ingressNetworkConnectors: microvm.ingressNetworkConnectors,
    egressNetworkConnectors: microvm.egressNetworkConnectors,
    startedAt: microvm.startedAt / 1000,
    terminatedAt: microvm.terminatedAt === undefined ? null : microvm.terminatedAt / 1000,
  };
}
