import { checkHealth } from './check-health';
import type { DesiredMicrovm } from './desired';
import { desiredMicrovm, ledgerPath, previousMicrovm } from './desired';
import { hintsForRejection } from './hints';
import type { MicrovmChange, MicrovmReconcileInput, MicrovmStep } from './input';
import type { Launch } from './launch';
import { physicalIdOfLaunch } from './launch';
import type { Ledger } from './ledger';
import { UnreadableRecordsError } from './ledger';
import type { ListedMicrovms, Microvm, MicrovmObservation, ObservedLaunches } from './observed';
import { reconcile } from './reconcile';
import type { LaunchServices, MicrovmService } from './service';
import type { DeploymentErrorCode } from '../../contract/diagnostics';
import type { MicrovmProperties } from '../../contract/microvm';
import { CALL_TIME_LIMIT } from '../engine/calls';
import { ClientsByRole } from '../engine/clients-by-role';
import type { Clock } from '../engine/clock';
import { confirmAbsence } from '../engine/confirm-absence';
import { isDeniedPermanently, TerminalError, classify, messageOf, nameOf } from '../engine/errors';
import type { PollEvent, ResourceEvent, OperationDescription } from '../engine/event';
import { FENCE_FRESHNESS } from '../engine/fence';
import type { Operation } from '../engine/operation';
import { clientTokenOf, IAM_PROPAGATION } from '../engine/operation';
import type { Reconciler } from '../engine/poll';
import type { Explanation } from '../engine/rejections';
import { submit, terminalError } from '../engine/rejections';

/** What the handler of a MicroVM depends on. Tests pass fakes. */
export interface MicrovmDependencies {
  readonly clock: Clock;
  /** Creates clients that use the role with this ARN. */
  readonly launches: (roleArn: string, sessionName: string, ledgerPath: string) => Promise<LaunchServices>;
}

/** How long one poll waits for a MicroVM to run: a launch takes some seconds. */
const LAUNCH_PATIENCE = 20_000;

/** Nobody has reported that a MicroVM ran sooner after its launch. The one launch that was measured took 9 s. */
const FASTEST_LAUNCH = 2_000;

/** The first pause between two observations of a MicroVM that starts. Each pause is longer than the one before. */
const OBSERVATION_INTERVAL = 1_000;
const GROWTH_OF_INTERVAL = 1.5;

/** The log of a MicroVM shows some seconds late. */
const LOG_ATTEMPTS = 3;
const LOG_INTERVAL = 2_000;

/** How long a rejected launch is repeated: a version may become active, and other MicroVMs may release memory. */
const REJECTION_PATIENCE = 300_000;

/** How often one poll tries to record that a launch was rejected. */
const MARK_ATTEMPTS = 3;
const MARK_INTERVAL = 500;

export function microvmPhysicalId(event: ResourceEvent<MicrovmProperties>, { Id: id }: OperationDescription): string {
  return event.RequestType === 'Delete' ? event.PhysicalResourceId! : physicalIdOfLaunch(clientTokenOf(event, id));
}

export class MicrovmResource implements Reconciler<ObservedLaunches, MicrovmObservation, MicrovmChange> {
  public readonly nothingObserved: ObservedLaunches = { microvms: {} };
  public readonly secrets: string[];
  private readonly desired: DesiredMicrovm;
  private readonly previous?: DesiredMicrovm;
  private readonly clients: ClientsByRole<LaunchServices>;
  /** Found in this poll. TERMINATED is final (service-facts.md, 1.2), so nobody needs to ask again. */
  private readonly terminated = new Map<string, Microvm>();

  public constructor(
    private readonly event: PollEvent<MicrovmProperties>, public readonly operation: Operation, private readonly dependencies: MicrovmDependencies,
  ) {
    const { ResourceProperties: properties, OldResourceProperties: old } = event;
    this.desired = desiredMicrovm(properties);
    this.previous = previousMicrovm(old);
    this.secrets = [properties.Payload, old?.Payload].filter(payload => payload !== undefined);
    this.clients = new ClientsByRole(async roleArn => dependencies.launches(roleArn, event.LogicalResourceId, ledgerPath(event)));
  }

  public reconcile(observed: ObservedLaunches): MicrovmStep {
    return reconcile(this.input(observed));
  }

  public async observe(what: MicrovmObservation, observed: ObservedLaunches): Promise<ObservedLaunches> {
    switch (what.at) {
      case 'launches': return { ...observed, ...await this.launches(what.confirmAbsence), launchesObservedAt: this.dependencies.clock.now() };
      case 'microvm': return { ...observed, microvms: { ...observed.microvms, [what.id]: this.terminated.get(what.id) ?? await this.microvm(what) } };
      case 'list': {
        const { microvms } = await this.clients.for(what.roleArn);
        return { ...observed, listed: { ...observed.listed, [what.launch.name]: await this.list(microvms, what.launch) } };
      }
      case 'log': return { ...observed, log: await this.log(what) };
      case 'health': {
        const { microvms } = await this.clients.for(what.roleArn);
        return { ...observed, health: await checkHealth(microvms, what.microvm, what.check, this.dependencies.clock) };
      }
    }
  }

  public async apply(change: MicrovmChange): Promise<void> {
    switch (change.do) {
      case 'terminate': return (await this.clients.for(change.roleArn)).microvms.terminate(change.id);
      case 'launch': return this.launch(await this.clients.for(change.launch.roleArn), change.launch, change.isNew);
      case 'identify': return this.identify(await this.clients.for(change.launch.roleArn), change.launch);
      case 'write': return (await this.ledger()).write(change.launch);
      case 'forget': return (await this.ledger()).forget(change.launch);
    }
  }

  /**
   * Returns the clients for a recorded role. Undefined: the role has been deleted, and nobody may act on its launches
   * any more.
   */
  private async clientsOf(roleArn: string): Promise<LaunchServices | undefined> {
    try {
      return await this.clients.for(roleArn);
    } catch (error) {
      const isKnown = roleArn === this.desired.roleArn || roleArn === this.previous?.roleArn;
      if (isKnown || classify(error) !== 'denied') throw error;
      return undefined;
    }
  }

  private async ledger(): Promise<Ledger> {
    return (await this.clients.for(this.desired.roleArn)).ledger;
  }

  /** Returns what was observed in a few short values, for the log of the handler. */
  public inBrief({ launches, unreadable, microvms, health }: ObservedLaunches): Record<string, unknown> | undefined {
    if (!launches) return undefined;
    return {
      launches: launches.map(inBrief).join(', '),
      microvms: Object.entries(microvms).map(([id, found]) => `${id} ${found === 'absent' ? found : found.state}`).join(', '),
      ...unreadable ? { unreadable: unreadable.length } : {},
      ...health ? { health: health.answer } : {},
    };
  }

  protected input(observed: ObservedLaunches): MicrovmReconcileInput {
    const { operation, desired, previous } = this;
    return { operation, desired, previous, requestPhysicalId: this.event.Operation.RequestPhysicalId, ledgerPath: ledgerPath(this.event), observed };
  }

  private async launches(confirm: boolean): Promise<Pick<ObservedLaunches, 'launches' | 'unreadable'>> {
    const ledger = await this.ledger();
    try {
      if (!confirm) return { launches: await ledger.launches() };
      const found = await confirmAbsence(async () => {
        const launches = await ledger.launches();
        return launches.length > 0 ? launches : 'absent';
      }, this.dependencies.clock, this.operation);
      return { launches: found === 'absent' ? [] : found };
    } catch (error) {
      if (!(error instanceof UnreadableRecordsError)) throw error;
      return { launches: error.launches, unreadable: error.parameters };
    }
  }

  private async microvm({ id, roleArn, launchedAt = 0 }: MicrovmObservation & { at: 'microvm' }): Promise<Microvm | 'absent'> {
    const services = await this.clientsOf(roleArn);
    if (!services) return 'absent';
    const { clock } = this.dependencies;
    const end = clock.now() + LAUNCH_PATIENCE;
    await clock.sleep(Math.max(0, launchedAt + FASTEST_LAUNCH - clock.now()));
    for (let interval = OBSERVATION_INTERVAL; ; interval *= GROWTH_OF_INTERVAL) {
      const found = await services.microvms.microvm(id);
      if (found !== 'absent' && found.state === 'TERMINATED') this.terminated.set(id, found);
      if (found === 'absent' || found.state !== 'PENDING' || clock.now() + interval > end) return found;
      await clock.sleep(interval);
    }
  }

  /** A record can be forged. From an image that the service does not accept, nothing runs. */
  private async list(microvms: MicrovmService, { request: { imageIdentifier } }: Launch): Promise<ListedMicrovms> {
    try {
      return await microvms.list(imageIdentifier);
    } catch (error) {
      if (!['invalid', 'notFound'].includes(classify(error))) throw error;
      return { found: [], areAll: true };
    }
  }

  /** Returns the last lines of the log of a MicroVM. Without them, the error still has its reason. */
  private async log({ id, logGroup, roleArn }: MicrovmObservation & { at: 'log' }): Promise<string[]> {
    try {
      const { logs } = await this.clients.for(roleArn);
      for (let attempt = 1; ; attempt++) {
        const lines = await logs.lastLines(logGroup, id);
        if (lines.length > 0 || attempt === LOG_ATTEMPTS) return lines;
        await this.dependencies.clock.sleep(LOG_INTERVAL);
      }
    } catch {
      return [];
    }
  }

  /**
   * Records a launch before requesting it, so that the MicroVM can be terminated even if the answer is lost.
   *
   * If a call takes long, the rest is left to the next poll, which asks the fence again. If another delivery recorded
   * the launch, that one requests it.
   */
  private async launch({ microvms, ledger }: LaunchServices, launch: Launch, isNew: boolean): Promise<void> {
    const { clock } = this.dependencies;
    const begun = clock.now();
    const isSoon = (limit: number) => clock.now() <= begun + limit;
    const unanswered: Launch = { ...launch, rejected: undefined };
    const launchedNothing = async (launchedAt: number) => {
      if (isNew || launch.rejected) await this.markRejected(ledger, { ...launch, launchedAt, rejected: true }, isSoon);
    };
    if (isNew && !await ledger.record(unanswered)) return;
    // The answer to this request may be lost, so the record may not say any longer that there is no MicroVM.
    try {
      if (launch.rejected) await ledger.write(unanswered);
    } catch (error) {
      await launchedNothing(launch.launchedAt);
      throw error;
    }
    if (!isSoon(FENCE_FRESHNESS)) return launchedNothing(launch.launchedAt);
    const launchedAt = isNew ? clock.now() : launch.launchedAt;
    const { id } = await this.submit(async () => microvms.launch(launch.request, launch.name).catch(async (error: unknown) => {
      if (isRejection(error)) await launchedNothing(launchedAt);
      throw error;
    }));
    if (isSoon(CALL_TIME_LIMIT)) await ledger.write({ ...unanswered, launchedAt, microvmId: id });
  }

  /**
   * Records that a launch has no MicroVM. No later poll can tell, so a write that fails is repeated.
   *
   * If all of them fail, the cause counts and not this: a deletion then asks the service about the launch.
   */
  private async markRejected(ledger: Ledger, launch: Launch, isSoon: (limit: number) => boolean): Promise<void> {
    for (let attempt = 1; attempt <= MARK_ATTEMPTS && isSoon(CALL_TIME_LIMIT); attempt++) {
      try {
        return await ledger.write(launch);
      } catch {
        await this.dependencies.clock.sleep(MARK_INTERVAL);
      }
    }
  }

  private async identify({ microvms, ledger }: LaunchServices, launch: Launch): Promise<void> {
    const id = await this.idOf(microvms, launch);
    return id === undefined ? ledger.forget(launch) : ledger.write({ ...launch, microvmId: id });
  }

  /** Repeats the request of a launch. Returns undefined if the service can never have launched it. */
  private async idOf(microvms: MicrovmService, launch: Launch): Promise<string | undefined> {
    try {
      return (await microvms.launch(launch.request, launch.name)).id;
    } catch (error) {
      // IAM has propagated the role by now. If it may not launch, it never could.
      const isRoleFresh = this.operation.now < launch.launchedAt + IAM_PROPAGATION;
      if (['invalid', 'notFound'].includes(classify(error)) || isDeniedPermanently(error, isRoleFresh)) return undefined;
      if (isQuota(error) && this.hasLostPatience()) throw terminalError('MicrovmQuotaReached', explain(messageOf(error)));
      throw error;
    }
  }

  private hasLostPatience(): boolean {
    const { now, startedAt } = this.operation;
    return now >= startedAt + REJECTION_PATIENCE;
  }

  private async submit<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    const { operation } = this;
    try {
      return await submit(call, operation, {
        code: 'MicrovmLaunchRejected',
        isTransient: message => operation.rolesMayBeFresh && /assume|PassRole|\bkms/i.test(message),
        explain,
      });
    } catch (error) {
      const code = codeAfterPatience(error);
      if (code !== undefined && this.hasLostPatience()) throw terminalError(code, explain(messageOf(error)));
      throw error;
    }
  }
}

/** The code of a rejection that time may resolve, but need not. */
function codeAfterPatience(error: unknown): DeploymentErrorCode | undefined {
  if (error instanceof TerminalError) return undefined;
  if (isQuota(error)) return 'MicrovmQuotaReached';
  return classify(error) === 'notFound' ? 'MicrovmLaunchRejected' : undefined;
}

function inBrief({ microvmId = 'no ID', rejected, outcome }: Launch): string {
  const state = rejected ? ' rejected' : '';
  if (!outcome) return `${microvmId}${state}`;
  return `${microvmId} ${outcome.passed ? 'passed' : 'failed'}`;
}

function isQuota(error: unknown): boolean {
  return /quota/i.test(messageOf(error));
}

/** Transient errors that the service answers before it launches anything. */
const REJECTIONS = ['ServiceQuotaExceededException', 'ThrottlingException', 'TooManyRequestsException'];

/** Whether an answer says that the service launched nothing. Outages and lost answers do not say so. */
function isRejection(error: unknown): boolean {
  return classify(error) !== 'transient' || REJECTIONS.includes(nameOf(error));
}

function explain(message: string): Explanation {
  return { summary: `the service rejected the launch: ${message}`, hints: hintsForRejection(message) };
}
