import { checkHealth } from './check-health';
import type { DesiredMicrovm } from './desired';
import { desiredMicrovm, ledgerPath } from './desired';
import { hintsForRejection } from './hints';
import type { MicrovmChange, MicrovmReconcileInput, MicrovmStep } from './input';
import type { Launch } from './launch';
import { physicalIdOfLaunch } from './launch';
import type { Ledger } from './ledger';
import type { Microvm, MicrovmObservation, ObservedLaunches } from './observed';
import { reconcile } from './reconcile';
import type { LaunchServices, MicrovmService } from './service';
import type { DeploymentErrorCode } from '../../contract/diagnostics';
import type { MicrovmProperties } from '../../contract/microvm';
import { CALL_TIME_LIMIT } from '../engine/calls';
import { ClientsByRole } from '../engine/clients-by-role';
import type { Clock } from '../engine/clock';
import { confirmAbsence } from '../engine/confirm-absence';
import { isDeniedPermanently, TerminalError, classify, messageOf } from '../engine/errors';
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
const OBSERVATION_INTERVAL = 500;

/** How long a rejected launch is repeated: a version may become active, and other MicroVMs may release memory. */
const REJECTION_PATIENCE = 300_000;

export function microvmPhysicalId(event: ResourceEvent<MicrovmProperties>, { Id: id }: OperationDescription): string {
  return event.RequestType === 'Delete' ? event.PhysicalResourceId! : physicalIdOfLaunch(clientTokenOf(event, id));
}

export class MicrovmResource implements Reconciler<ObservedLaunches, MicrovmObservation, MicrovmChange> {
  public readonly nothingObserved: ObservedLaunches = { microvms: {} };
  public readonly secrets: string[];
  private readonly desired: DesiredMicrovm;
  private readonly previous?: DesiredMicrovm;
  private readonly clients: ClientsByRole<LaunchServices>;

  public constructor(
    private readonly event: PollEvent<MicrovmProperties>, public readonly operation: Operation, private readonly dependencies: MicrovmDependencies,
  ) {
    const { ResourceProperties: properties, OldResourceProperties: old } = event;
    this.desired = desiredMicrovm(properties);
    this.previous = old && desiredMicrovm(old);
    this.secrets = [properties.Payload, old?.Payload].filter(payload => payload !== undefined);
    this.clients = new ClientsByRole(async roleArn => dependencies.launches(roleArn, event.LogicalResourceId, ledgerPath(event)));
  }

  public reconcile(observed: ObservedLaunches): MicrovmStep {
    return reconcile(this.input(observed));
  }

  public async observe(what: MicrovmObservation, observed: ObservedLaunches): Promise<ObservedLaunches> {
    switch (what.at) {
      case 'launches': return { ...observed, launches: await this.launches(what.confirmAbsence), launchesObservedAt: this.dependencies.clock.now() };
      case 'microvm': {
        const services = await this.clientsOf(what.roleArn);
        const microvm = services ? await this.microvm(services.microvms, what.id) : 'absent';
        return { ...observed, microvms: { ...observed.microvms, [what.id]: microvm } };
      }
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
      case 'identify': return this.identify(await this.clientsOf(change.launch.roleArn), change.launch);
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

  protected input(observed: ObservedLaunches): MicrovmReconcileInput {
    const { operation, desired, previous } = this;
    return { operation, desired, previous, requestPhysicalId: this.event.Operation.RequestPhysicalId, observed };
  }

  private async launches(confirm: boolean): Promise<Launch[]> {
    const ledger = await this.ledger();
    if (!confirm) return ledger.launches();
    const found = await confirmAbsence(async () => {
      const launches = await ledger.launches();
      return launches.length > 0 ? launches : 'absent';
    }, this.dependencies.clock, this.operation);
    return found === 'absent' ? [] : found;
  }

  private async microvm(service: MicrovmService, id: string): Promise<Microvm | 'absent'> {
    const { clock } = this.dependencies;
    const end = clock.now() + LAUNCH_PATIENCE;
    for (;;) {
      const found = await service.microvm(id);
      if (found === 'absent' || found.state !== 'PENDING' || clock.now() >= end) return found;
      await clock.sleep(OBSERVATION_INTERVAL);
    }
  }

  /**
   * Records a launch before requesting it, so that the MicroVM can be terminated even if the answer is lost.
   *
   * If a call takes long, the rest is left to the next poll, which asks the fence again.
   */
  private async launch({ microvms, ledger }: LaunchServices, launch: Launch, isNew: boolean): Promise<void> {
    const { clock } = this.dependencies;
    const begun = clock.now();
    const isSoon = (limit: number) => clock.now() <= begun + limit;
    if (isNew) await ledger.record(launch);
    if (!isSoon(FENCE_FRESHNESS)) return;
    const launchedAt = isNew ? clock.now() : launch.launchedAt;
    const { id } = await this.submit(async () => microvms.launch(launch.request, launch.name));
    if (isSoon(CALL_TIME_LIMIT)) await ledger.write({ ...launch, launchedAt, microvmId: id });
  }

  private async identify(services: LaunchServices | undefined, launch: Launch): Promise<void> {
    if (!services) return (await this.ledger()).forget(launch);
    const { microvms, ledger } = services;
    try {
      const { id } = await microvms.launch(launch.request, launch.name);
      await ledger.write({ ...launch, microvmId: id });
    } catch (error) {
      // IAM has propagated the role by now. If it may not launch, it never could.
      const isRoleFresh = this.operation.now < launch.launchedAt + IAM_PROPAGATION;
      const neverWas = ['invalid', 'notFound'].includes(classify(error)) || isDeniedPermanently(error, isRoleFresh);
      if (!neverWas) throw error;
      await ledger.forget(launch);
    }
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
      if (code !== undefined && operation.now >= operation.startedAt + REJECTION_PATIENCE) throw terminalError(code, explain(messageOf(error)));
      throw error;
    }
  }
}

/** The code of a rejection that time may resolve, but need not. */
function codeAfterPatience(error: unknown): DeploymentErrorCode | undefined {
  if (error instanceof TerminalError) return undefined;
  if (/quota/i.test(messageOf(error))) return 'MicrovmQuotaReached';
  return classify(error) === 'notFound' ? 'MicrovmLaunchRejected' : undefined;
}

function explain(message: string): Explanation {
  return { summary: `the service rejected the launch: ${message}`, hints: hintsForRejection(message) };
}
