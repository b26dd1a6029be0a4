import type { DesiredMicrovm } from './desired';
import { desiredMicrovm, ledgerPath } from './desired';
import { hintForRefusal } from './hints';
import type { MicrovmChange, MicrovmSituation, MicrovmStep } from './input';
import type { Launch } from './launch';
import { physicalIdOfLaunch } from './launch';
import type { Ledger } from './ledger';
import type { Microvm, MicrovmLook, ObservedLaunches } from './observed';
import { probe } from './probe';
import { reconcile } from './reconcile';
import type { LaunchServices, MicrovmService } from './service';
import type { MicrovmProperties } from '../../contract/microvm';
import { ServicesByRole } from '../engine/clients-by-role';
import { confirmAbsence } from '../engine/confirm-absence';
import type { Clock } from '../engine/control-plane';
import { isDeniedForGood, LastingError, sortOf, wordsOf } from '../engine/errors';
import type { PollEvent, ResourceEvent } from '../engine/event';
import type { Operation, OperationDescription } from '../engine/operation';
import { CALL_TIME_LIMIT, clientTokenOf, FENCE_FRESHNESS, IAM_PROPAGATION } from '../engine/operation';
import type { Reconciled } from '../engine/poll';
import { ask } from '../engine/rejections';

/** What the handler of a MicroVM needs of the world. */
export interface MicrovmWorld {
  readonly clock: Clock;
  /** The services as the role of one resource may use them. */
  readonly launches: (roleArn: string, sessionName: string, ledgerPath: string) => Promise<LaunchServices>;
}

/** A launch takes some seconds, which one poll can wait for. */
const PATIENCE_WITH_LAUNCH = 20_000;
const BETWEEN_LOOKS = 500;

/** A version may not be active yet, and others may give memory back; after this there is no hope of it. */
const PATIENCE_WITH_REFUSAL = 300_000;

export function microvmPhysicalId(event: ResourceEvent<MicrovmProperties>, { Id: id }: OperationDescription): string {
  return event.RequestType === 'Delete' ? event.PhysicalResourceId! : physicalIdOfLaunch(clientTokenOf(event, id));
}

export class MicrovmResource implements Reconciled<ObservedLaunches, MicrovmLook, MicrovmChange> {
  public readonly nothingSeen: ObservedLaunches = { microvms: {} };
  public readonly secrets: string[];
  private readonly desired: DesiredMicrovm;
  private readonly previous?: DesiredMicrovm;
  private readonly services: ServicesByRole<LaunchServices>;

  public constructor(
    private readonly event: PollEvent<MicrovmProperties>, public readonly operation: Operation, private readonly world: MicrovmWorld,
  ) {
    const { ResourceProperties: properties, OldResourceProperties: old } = event;
    this.desired = desiredMicrovm(properties);
    this.previous = old && desiredMicrovm(old);
    this.secrets = [properties.Payload, old?.Payload].filter(payload => payload !== undefined);
    this.services = new ServicesByRole(async roleArn => world.launches(roleArn, event.LogicalResourceId, ledgerPath(event)));
  }

  public reconcile(seen: ObservedLaunches): MicrovmStep {
    return reconcile(this.situation(seen));
  }

  public async look(look: MicrovmLook, seen: ObservedLaunches): Promise<ObservedLaunches> {
    switch (look.at) {
      case 'launches': return { ...seen, launches: await this.launches(look.confirmAbsence), launchesSeenAt: this.world.clock.now() };
      case 'microvm': {
        const services = await this.reach(look.roleArn);
        const microvm = services ? await this.microvm(services.microvms, look.id) : 'absent';
        return { ...seen, microvms: { ...seen.microvms, [look.id]: microvm } };
      }
      case 'probe': {
        const { microvms } = await this.services.for(look.roleArn);
        return { ...seen, probe: await probe(microvms, look.microvm, look.check, this.world.clock) };
      }
    }
  }

  public async act(change: MicrovmChange): Promise<void> {
    switch (change.do) {
      case 'terminate': return (await this.services.for(change.roleArn)).microvms.terminate(change.id);
      case 'launch': return this.launch(await this.services.for(change.launch.roleArn), change.launch, change.isNew);
      case 'identify': return this.identify(await this.reach(change.launch.roleArn), change.launch);
      case 'write': return (await this.ledger()).write(change.launch);
      case 'forget': return (await this.ledger()).forget(change.launch);
    }
  }

  /** The services by a role that was written down; absent if it is gone, and with it whoever may touch what it launched. */
  private async reach(roleArn: string): Promise<LaunchServices | undefined> {
    try {
      return await this.services.for(roleArn);
    } catch (error) {
      const isKnown = roleArn === this.desired.roleArn || roleArn === this.previous?.roleArn;
      if (isKnown || sortOf(error) !== 'denied') throw error;
      return undefined;
    }
  }

  private async ledger(): Promise<Ledger> {
    return (await this.services.for(this.desired.roleArn)).ledger;
  }

  protected situation(seen: ObservedLaunches): MicrovmSituation {
    const { operation, desired, previous } = this;
    return { operation, desired, previous, requestPhysicalId: this.event.Operation.RequestPhysicalId, seen };
  }

  private async launches(isToConfirm: boolean): Promise<Launch[]> {
    const ledger = await this.ledger();
    if (!isToConfirm) return ledger.launches();
    const found = await confirmAbsence(async () => {
      const launches = await ledger.launches();
      return launches.length > 0 ? launches : 'absent';
    }, this.world.clock);
    return found === 'absent' ? [] : found;
  }

  private async microvm(service: MicrovmService, id: string): Promise<Microvm | 'absent'> {
    const { clock } = this.world;
    const end = clock.now() + PATIENCE_WITH_LAUNCH;
    for (;;) {
      const found = await service.microvm(id);
      if (found === 'absent' || found.state !== 'PENDING' || clock.now() >= end) return found;
      await clock.sleep(BETWEEN_LOOKS);
    }
  }

  /** Written down first: whatever becomes of the answer, there is something to end by. What takes long is left to the next poll, which fences anew. */
  private async launch({ microvms, ledger }: LaunchServices, launch: Launch, isNew: boolean): Promise<void> {
    const { clock } = this.world;
    const begun = clock.now();
    const isSoon = (limit: number) => clock.now() <= begun + limit;
    if (isNew) await ledger.record(launch);
    if (!isSoon(FENCE_FRESHNESS)) return;
    const launchedAt = isNew ? clock.now() : launch.launchedAt;
    const { id } = await this.ask(async () => microvms.launch(launch.request, launch.name));
    if (isSoon(CALL_TIME_LIMIT)) await ledger.write({ ...launch, launchedAt, microvmId: id });
  }

  private async identify(services: LaunchServices | undefined, launch: Launch): Promise<void> {
    if (!services) return (await this.ledger()).forget(launch);
    const { microvms, ledger } = services;
    try {
      const { id } = await microvms.launch(launch.request, launch.name);
      await ledger.write({ ...launch, microvmId: id });
    } catch (error) {
      // What its role may not ask for, though it was there long before, it never could.
      const isRoleFresh = this.operation.now < launch.launchedAt + IAM_PROPAGATION;
      const neverWas = ['invalid', 'notFound'].includes(sortOf(error)) || isDeniedForGood(error, isRoleFresh);
      if (!neverWas) throw error;
      await ledger.forget(launch);
    }
  }

  private async ask<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    const { operation } = this;
    try {
      return await ask(call, operation, {
        code: 'MicrovmLaunchRefused',
        mayPass: words => operation.rolesMayBeFresh && /assume|PassRole/i.test(words),
        tell: words => refusal(words),
      });
    } catch (error) {
      const words = wordsOf(error);
      const code = /quota/i.test(words) ? 'MicrovmQuotaReached' : sortOf(error) === 'notFound' ? 'MicrovmLaunchRefused' : undefined;
      if (code !== undefined && operation.now >= operation.startedAt + PATIENCE_WITH_REFUSAL) throw new LastingError(code, refusal(words));
      throw error;
    }
  }
}

function refusal(words: string): string {
  return `the service refuses the launch: ${words}${hintForRefusal(words)}`;
}
