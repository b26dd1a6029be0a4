import type { Properties, Template } from './cloudformation';
import { conditionsOf } from './history';
import type { MicrovmEvent, MicrovmHistory, MicrovmSpec } from './microvm-history';
import { ABSENT, executionRoleArn, FORGED_DURATION, FORGED_ROLE, microvmProperties, SHORT_LIVED, UNHEALTHY } from './microvm-history';
import type { Outcome } from './runner';
import { expectThat, Runner, succeeded } from './runner';
import { TestBed } from './test-bed';
import type { TestBedOptions } from './test-bed';
import type { MicrovmProperties } from '../../src/contract/microvm';
import { MICROVM_LAUNCH_CHECK_RESOURCE_TYPE, MICROVM_RESOURCE_TYPE } from '../../src/contract/microvm';
import { hash } from '../../src/handlers/engine/fingerprint';
import { desiredMicrovm, ledgerPath } from '../../src/handlers/microvm/desired';
import type { Launch } from '../../src/handlers/microvm/launch';
import { physicalIdOfLaunch, tokenIn } from '../../src/handlers/microvm/launch';
import type { Microvm } from '../simulator/rows';

/** Runs a history of MicroVMs, and throws at the first violation of an invariant. */
export async function runMicrovms(history: MicrovmHistory, options: TestBedOptions = {}): Promise<Outcome> {
  return new MicrovmRunner(history, options).run(history.events);
}

/** Runs a history of launch checks, and throws at the first violation of an invariant. */
export async function runLaunchChecks(history: MicrovmHistory, options: TestBedOptions = {}): Promise<Outcome> {
  return new LaunchCheckRunner(history, options).run(history.events);
}

function testBedFor(history: MicrovmHistory, options: TestBedOptions): TestBed {
  const testBed: TestBed = new TestBed({
    ledgerFaults: history.ledgerFaults,
    launchFailure: ({ imageName }) => imageName === SHORT_LIVED ? 'The application ended' : undefined,
    answerOfEndpoint: endpoint => {
      const microvm = testBed.simulator.microvms().find(({ endpointId, state }) => endpoint.startsWith(endpointId) && state === 'RUNNING');
      if (microvm === undefined) return undefined;
      return microvm.imageArn.endsWith(UNHEALTHY) ? 500 : 200;
    },
    ...conditionsOf(history),
    ...options,
  });
  for (const image of ['good', 'other', UNHEALTHY, SHORT_LIVED]) testBed.simulator.addForeignImage(image);
  return testBed;
}

/** How long a launch waits for an active version of its image. */
const PATIENCE_WITH_ABSENT_IMAGES = 300_000;

interface LaunchRecord {
  /** The name of its parameter. */
  readonly key: string;
  readonly launch: Launch;
}

function physicalIdOf(launch: Launch): string {
  return launch.microvmId ?? physicalIdOfLaunch(tokenIn(launch));
}

/** Runs a history of MicroVMs or launch checks. The execution role of a MicroVM identifies its resource. */
abstract class LaunchRunner extends Runner<MicrovmSpec, MicrovmEvent> {
  protected readonly terminatedByUser = new Set<string>();
  /** The names of the parameters of the stranger. */
  private readonly forged = new Set<string>();

  protected constructor(private readonly type: 'microvm' | 'launch check', private readonly history: MicrovmHistory, options: TestBedOptions, resourceType: string) {
    super(testBedFor(history, options), resourceType);
    this.launchForeign('good');
    this.testBed.watch(() => this.expectNoForgedLaunch());
  }

  protected async applySpecific(event: MicrovmEvent): Promise<void> {
    const { simulator } = this.testBed;
    if (event.do === 'forge') return this.forge(event);
    for (const { id, state } of this.alive(event.id)) {
      if (event.do === 'terminate') simulator.terminateMicrovm(id);
      else if (state === 'RUNNING') simulator.suspendMicrovm(id);
    }
    return this.idle(1);
  }

  private async forge({ id, spec, record }: MicrovmEvent & { readonly do: 'forge' }): Promise<void> {
    const { clock, parameters, simulator } = this.testBed;
    // Nobody deletes a record of a resource that does not exist.
    if (!(id in this.stack.deployed())) return;
    const properties = microvmProperties(this.type, spec, { stackId: this.stack.id, logicalId: id });
    const { request, fingerprint, roleArn } = desiredMicrovm(properties);
    const isLaunchable = spec.image === 'good' || spec.image === 'other';
    const launch: Launch = {
      name: hash('stranger', String(this.forged.size)),
      fingerprint,
      request: {
        ...request, ...record === 'role' && { executionRoleArn: FORGED_ROLE }, ...record === 'request' && { maximumDurationInSeconds: FORGED_DURATION },
      },
      roleArn,
      launchedAt: clock.now(),
      ...record === 'microvm' && isLaunchable && { microvmId: simulator.launchMicrovm(spec.image).id },
    };
    this.forged.add(parameters.forge(ledgerPath({ StackId: this.stack.id, LogicalResourceId: id }), launch));
    return this.idle(1);
  }

  protected propertiesOf(spec: MicrovmSpec, logicalId: string): Properties {
    return microvmProperties(this.type, spec, { stackId: this.stack.id, logicalId }) as unknown as Properties;
  }

  /** If memory is full, nobody learns which MicroVM a launch has started whose answer or record was lost. */
  protected mayHoldDeletions(): boolean {
    const { faults, ledgerFaults = [] } = this.history;
    const mayLoseAnswers = this.hasCrashed || ledgerFaults.length > 0 || (faults?.calls ?? []).length > 0;
    // Nobody knows whether a MicroVM is that of a record that nobody may repeat.
    return (mayLoseAnswers && this.testBed.serviceFaults.fails('RunMicrovm')) || this.forged.size > 0;
  }

  protected patience(templates: readonly Template[]): number {
    return super.patience(templates) + (JSON.stringify(templates).includes(`microvm-image:${ABSENT}`) ? PATIENCE_WITH_ABSENT_IMAGES : 0);
  }

  protected hasLiveMicrovms(): boolean {
    // Running MicroVMs fail no deletion here.
    return false;
  }

  protected ours(): string[] {
    const records = this.records().filter(record => !this.isOrphaned(record));
    return [...this.living().map(({ id }) => id), ...records.map(({ launch }) => physicalIdOf(launch))];
  }

  /** Whether the deletion of its resource failed, which CloudFormation ignored. */
  protected isOrphaned({ key, launch }: LaunchRecord): boolean {
    const logicalId = key.split('/')[3];
    return [physicalIdOf(launch), physicalIdOfLaunch(tokenIn(launch)), `launch-check:${logicalId}`].some(physicalId => this.isKnownOrphan(physicalId));
  }

  /** Terminates the MicroVMs of the stack only. */
  protected async terminateMicrovms(): Promise<void> {
    for (const { id } of this.living()) {
      this.terminatedByUser.add(id);
      this.testBed.simulator.terminateMicrovm(id);
    }
    return this.idle(1);
  }

  protected expectForeignUntouched(): void {
    // The MicroVM of another owner is watched all the time.
  }

  /** Expects that no request of a stranger has been sent. */
  private expectNoForgedLaunch(): void {
    const launched = this.testBed.simulator.microvms()
      .find(({ executionRoleArn: role, maximumDurationInSeconds: duration }) => role === FORGED_ROLE || duration === FORGED_DURATION);
    if (launched !== undefined) this.violate(`a forged record launched ${launched.id}`);
  }

  /** Returns the records of the stack, without those of a stranger. */
  protected records(): LaunchRecord[] {
    return [...this.testBed.parameters.all()].filter(([key]) => !this.forged.has(key))
      .map(([key, value]) => ({ key, launch: JSON.parse(value) as Launch }));
  }

  protected alive(logicalId: string): Microvm[] {
    return this.living().filter(({ executionRoleArn: role }) => role === executionRoleArn(this.stack.id, logicalId));
  }

  /** Returns the MicroVMs of all resources, except those that have terminated or are terminating. */
  private living(): Microvm[] {
    return this.testBed.simulator.microvms().filter(({ state, executionRoleArn: role }) => role !== undefined && state !== 'TERMINATED' && state !== 'TERMINATING');
  }
}

class MicrovmRunner extends LaunchRunner {
  public constructor(history: MicrovmHistory, options: TestBedOptions) {
    super('microvm', history, options, MICROVM_RESOURCE_TYPE);
  }

  protected specMayFail({ image, hasHealthCheck }: MicrovmSpec): boolean {
    return image === ABSENT || image === SHORT_LIVED || (image === UNHEALTHY && hasHealthCheck);
  }

  protected beginCheck(before: Template, template: Template): (status: string, what: string) => void {
    const isKnown = (id: string) => (microvm: Microvm) => microvm.id === this.stack.resources.get(id)?.physicalId;
    const aliveBefore = new Map(Object.keys(before).map(id => [id, this.alive(id).find(isKnown(id))]));
    return (status, what) => {
      for (const [id, properties] of Object.entries(before)) {
        const old = aliveBefore.get(id);
        const isSame = id in template && sameLaunch(properties, template[id]);
        if (old === undefined || this.hasReachedMaximumDuration(old) || this.terminatedByUser.has(old.id)) continue;
        if (status === 'UPDATE_ROLLBACK_COMPLETE' || (succeeded(status) && isSame)) {
          expectThat(this.alive(id).some(({ id: microvmId }) => microvmId === old.id), `${id}: ${old.id} was terminated, but need not have been: ${what}`);
        }
        if (status === 'UPDATE_ROLLBACK_COMPLETE' && !isSame) this.outcome.effectiveRollbacks++;
      }
    };
  }

  protected expectStack(what: string): void {
    const template = this.stack.deployed() as Record<string, unknown> as Record<string, MicrovmProperties>;
    for (const [id, properties] of Object.entries(template)) {
      const { physicalId = '' } = this.stack.resources.get(id)!;
      const microvm = this.testBed.simulator.microvms().find(candidate => candidate.id === physicalId);
      expectThat(/^microvm-[0-9a-f-]{36}$/.test(physicalId), `${id}: its physical ID is ${physicalId}: ${what}`);
      const alive = this.alive(id).map(({ id: microvmId }) => microvmId).filter(microvmId => !this.isKnown(microvmId));
      expectThat(alive.every(microvmId => microvmId === physicalId), `${id}: ${alive.join()} are alive instead of ${physicalId}: ${what}`);
      if (microvm === undefined) continue;
      expectThat(microvm.executionRoleArn === executionRoleArn(this.stack.id, id), `${id}: ${physicalId} is not a MicroVM of the stack: ${what}`);
      const { imageIdentifier, maximumDurationInSeconds } = { ...JSON.parse(properties.LaunchRequest), ...JSON.parse(properties.RequestOverrides ?? '{}') };
      expectThat(microvm.imageArn === imageIdentifier && microvm.maximumDurationInSeconds === maximumDurationInSeconds, `${id}: launched with another request: ${what}`);
    }
    this.expectOnly(Object.keys(template).map(id => this.stack.resources.get(id)!.physicalId!), what);
  }

  private isKnown(microvmId: string): boolean {
    return this.isKnownOrphan(microvmId) || this.records().some(record => record.launch.microvmId === microvmId && this.isOrphaned(record));
  }

  private hasReachedMaximumDuration({ startedAt, maximumDurationInSeconds }: Microvm): boolean {
    return this.testBed.clock.now() >= startedAt + maximumDurationInSeconds * 1000;
  }
}

class LaunchCheckRunner extends LaunchRunner {
  public constructor(history: MicrovmHistory, options: TestBedOptions) {
    super('launch check', history, options, MICROVM_LAUNCH_CHECK_RESOURCE_TYPE);
  }

  protected specMayFail({ image, hasHealthCheck }: MicrovmSpec): boolean {
    return image === ABSENT || image === SHORT_LIVED || (image === UNHEALTHY && hasHealthCheck);
  }

  protected beginCheck(): (status: string, what: string) => void {
    return (status, what) => {
      if (status === 'UPDATE_ROLLBACK_COMPLETE') this.outcome.effectiveRollbacks++;
      if (status.endsWith('_COMPLETE')) this.expectNothingAlive(what);
    };
  }

  protected expectStack(what: string): void {
    const template = this.stack.deployed();
    for (const id of Object.keys(template)) {
      expectThat(this.stack.resources.get(id)?.physicalId === `launch-check:${id}`, `${id}: its physical ID is ${this.stack.resources.get(id)?.physicalId}: ${what}`);
    }
    this.expectNothingAlive(what);
    for (const id of Object.keys(template)) {
      const recorded = this.records().filter(({ key }) => key.includes(`${this.stack.id.split('/')[2]}/${id}/`));
      expectThat(recorded.length <= 2, `${id}: ${recorded.length} launches are still recorded: ${what}`);
    }
  }

  private expectNothingAlive(what: string): void {
    const alive = Object.keys(this.stack.deployed()).flatMap(id => this.alive(id)).map(({ id }) => id);
    expectThat(alive.length === 0, `${alive.join()} are alive after a launch check: ${what}`);
  }
}

function sameLaunch(a: Properties, b: Properties): boolean {
  return a.LaunchRequest === b.LaunchRequest && a.RequestOverrides === b.RequestOverrides;
}
