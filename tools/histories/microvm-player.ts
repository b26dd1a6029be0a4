import type { Properties, Template } from './cloudformation';
import type { LabOptions } from './lab';
import { Lab } from './lab';
import type { MicrovmEvent, MicrovmHistory, MicrovmSpec } from './microvm-history';
import { ABSENT, executionRoleArn, microvmProperties, SHORT_LIVED, SICK } from './microvm-history';
import type { Tally } from './player';
import { expectThat, Player, succeeded } from './player';
import type { MicrovmProperties } from '../../src/contract/microvm';
import { MICROVM_LAUNCH_CHECK_RESOURCE_TYPE, MICROVM_RESOURCE_TYPE } from '../../src/contract/microvm';
import type { Launch } from '../../src/handlers/microvm/launch';
import { physicalIdOfLaunch, tokenIn } from '../../src/handlers/microvm/launch';
import type { Microvm } from '../simulator/rows';

/** Plays a history of MicroVMs and throws at the first invariant that it violates. */
export async function playMicrovms(history: MicrovmHistory, options: LabOptions = {}): Promise<Tally> {
  return new MicrovmPlayer(history, options).play(history.events);
}

/** The same of launch checks. */
export async function playLaunchChecks(history: MicrovmHistory, options: LabOptions = {}): Promise<Tally> {
  return new LaunchCheckPlayer(history, options).play(history.events);
}

function labFor(history: MicrovmHistory, options: LabOptions): Lab {
  const lab: Lab = new Lab({
    faults: history.faults,
    ledgerFaults: history.ledgerFaults,
    launchFailure: ({ imageName }) => imageName === SHORT_LIVED ? 'The application ended' : undefined,
    answerOfEndpoint: endpoint => {
      const microvm = lab.simulator.microvms().find(({ endpointId, state }) => endpoint.startsWith(endpointId) && state === 'RUNNING');
      if (microvm === undefined) return undefined;
      return microvm.imageArn.endsWith(SICK) ? 500 : 200;
    },
    blindfolded: history.blindfolded,
    ...options,
  });
  for (const image of ['good', 'other', SICK, SHORT_LIVED]) lab.simulator.addForeignImage(image);
  return lab;
}

interface LaunchRecord {
  /** The name of its parameter. */
  readonly key: string;
  readonly launch: Launch;
}

function physicalIdOf(launch: Launch): string {
  return launch.microvmId ?? physicalIdOfLaunch(tokenIn(launch));
}

/** What both kinds have in common: whose a MicroVM is shows in its execution role. */
abstract class LaunchPlayer extends Player<MicrovmSpec, MicrovmEvent> {
  protected readonly endedByUser = new Set<string>();
  private readonly foreignId: string;

  protected constructor(private readonly kind: 'microvm' | 'launch check', history: MicrovmHistory, options: LabOptions, resourceType: string) {
    super(labFor(history, options), resourceType);
    this.foreignId = this.lab.simulator.launchMicrovm('good').id;
  }

  protected async particularly(event: MicrovmEvent): Promise<void> {
    const { simulator } = this.lab;
    for (const { id, state } of this.alive(event.id)) {
      if (event.do === 'terminate') simulator.terminateMicrovm(id);
      else if (state === 'RUNNING') simulator.suspendMicrovm(id);
    }
    return this.idle(1);
  }

  protected propertiesOf(spec: MicrovmSpec, logicalId: string): Properties {
    return microvmProperties(this.kind, spec, { stackId: this.stack.id, logicalId }) as unknown as Properties;
  }

  protected hasLiveMicrovms(): boolean {
    // Nothing here minds them.
    return false;
  }

  protected ours(): string[] {
    const records = this.records().filter(record => !this.isLeftToFail(record));
    return [...this.living().map(({ id }) => id), ...records.map(({ launch }) => physicalIdOf(launch))];
  }

  /** The deletion of its resource failed, which CloudFormation did not mind. */
  protected isLeftToFail({ key, launch }: LaunchRecord): boolean {
    const logicalId = key.split('/')[3];
    return [physicalIdOf(launch), physicalIdOfLaunch(tokenIn(launch)), `launch-check:${logicalId}`].some(physicalId => this.isKnownOrphan(physicalId));
  }

  /** Leaves those of somebody else alone. */
  protected async endMicrovms(): Promise<void> {
    for (const { id } of this.living()) {
      this.endedByUser.add(id);
      this.lab.simulator.terminateMicrovm(id);
    }
    return this.idle(1);
  }

  protected expectForeignUntouched(): void {
    const foreign = this.lab.simulator.microvms().find(({ id }) => id === this.foreignId);
    if (foreign === undefined) return;
    const { terminatedAt, startedAt, maximumDurationInSeconds } = foreign;
    expectThat(terminatedAt === undefined || terminatedAt >= startedAt + maximumDurationInSeconds * 1000, 'a MicroVM of somebody else was terminated');
  }

  protected records(): LaunchRecord[] {
    return [...this.lab.parameters.all()].map(([key, value]) => ({ key, launch: JSON.parse(value) as Launch }));
  }

  protected alive(logicalId: string): Microvm[] {
    return this.living().filter(({ executionRoleArn: role }) => role === executionRoleArn(this.stack.id, logicalId));
  }

  /** All of ours that have not ended, those under way to it not among them. */
  private living(): Microvm[] {
    return this.lab.simulator.microvms().filter(({ state, executionRoleArn: role }) => role !== undefined && state !== 'TERMINATED' && state !== 'TERMINATING');
  }
}

class MicrovmPlayer extends LaunchPlayer {
  public constructor(history: MicrovmHistory, options: LabOptions) {
    super('microvm', history, options, MICROVM_RESOURCE_TYPE);
  }

  protected mayFailToGive({ image, isProbed }: MicrovmSpec): boolean {
    return image === ABSENT || image === SHORT_LIVED || (image === SICK && isProbed);
  }

  protected watch(before: Template, template: Template): (status: string, what: string) => void {
    const isKnown = (id: string) => (microvm: Microvm) => microvm.id === this.stack.resources.get(id)?.physicalId;
    const livedBefore = new Map(Object.keys(before).map(id => [id, this.alive(id).find(isKnown(id))]));
    return (status, what) => {
      for (const [id, properties] of Object.entries(before)) {
        const old = livedBefore.get(id);
        const isSame = id in template && sameLaunch(properties, template[id]);
        if (old === undefined || this.hasReachedItsEnd(old) || this.endedByUser.has(old.id)) continue;
        if (status === 'UPDATE_ROLLBACK_COMPLETE' || (succeeded(status) && isSame)) {
          expectThat(this.alive(id).some(({ id: microvmId }) => microvmId === old.id), `${id}: ${old.id}, which need not have stopped, has: ${what}`);
        }
        if (status === 'UPDATE_ROLLBACK_COMPLETE' && !isSame) this.tally.takeBacks++;
      }
    };
  }

  protected expectStack(what: string): void {
    const template = this.stack.deployed() as Record<string, unknown> as Record<string, MicrovmProperties>;
    for (const [id, properties] of Object.entries(template)) {
      const { physicalId = '' } = this.stack.resources.get(id)!;
      const microvm = this.lab.simulator.microvms().find(candidate => candidate.id === physicalId);
      expectThat(/^microvm-[0-9a-f-]{36}$/.test(physicalId), `${id}: its physical id is ${physicalId}: ${what}`);
      const alive = this.alive(id).map(({ id: microvmId }) => microvmId).filter(microvmId => !this.isKnown(microvmId));
      expectThat(alive.every(microvmId => microvmId === physicalId), `${id}: ${alive.join()} live, it is ${physicalId}: ${what}`);
      if (microvm === undefined) continue;
      const { imageIdentifier, maximumDurationInSeconds } = JSON.parse(properties.LaunchRequest);
      expectThat(microvm.imageArn === imageIdentifier && microvm.maximumDurationInSeconds === maximumDurationInSeconds, `${id}: launched fallback: ${what}`);
    }
    this.expectOnly(Object.keys(template).map(id => this.stack.resources.get(id)!.physicalId!), what);
  }

  private isKnown(microvmId: string): boolean {
    return this.isKnownOrphan(microvmId) || this.records().some(record => record.launch.microvmId === microvmId && this.isLeftToFail(record));
  }

  private hasReachedItsEnd({ startedAt, maximumDurationInSeconds }: Microvm): boolean {
    return this.lab.clock.now() >= startedAt + maximumDurationInSeconds * 1000;
  }
}

class LaunchCheckPlayer extends LaunchPlayer {
  public constructor(history: MicrovmHistory, options: LabOptions) {
    super('launch check', history, options, MICROVM_LAUNCH_CHECK_RESOURCE_TYPE);
  }

  protected mayFailToGive({ image, isProbed }: MicrovmSpec): boolean {
    return image === ABSENT || image === SHORT_LIVED || (image === SICK && isProbed);
  }

  protected watch(): (status: string, what: string) => void {
    return (status, what) => {
      if (status === 'UPDATE_ROLLBACK_COMPLETE') this.tally.takeBacks++;
      if (status.endsWith('_COMPLETE')) this.expectNothingAlive(what);
    };
  }

  protected expectStack(what: string): void {
    const template = this.stack.deployed();
    for (const id of Object.keys(template)) {
      expectThat(this.stack.resources.get(id)?.physicalId === `launch-check:${id}`, `${id}: its physical id is ${this.stack.resources.get(id)?.physicalId}: ${what}`);
    }
    this.expectNothingAlive(what);
    for (const id of Object.keys(template)) {
      const written = this.records().filter(({ key }) => key.includes(`${this.stack.id.split('/')[2]}/${id}/`));
      expectThat(written.length <= 2, `${id}: ${written.length} launches are still written down: ${what}`);
    }
  }

  private expectNothingAlive(what: string): void {
    const alive = Object.keys(this.stack.deployed()).flatMap(id => this.alive(id)).map(({ id }) => id);
    expectThat(alive.length === 0, `${alive.join()} live on after a check: ${what}`);
  }
}

function sameLaunch(a: Properties, b: Properties): boolean {
  return a.LaunchRequest === b.LaunchRequest;
}
