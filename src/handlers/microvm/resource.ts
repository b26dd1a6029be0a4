import type { MicrovmProperties } from './contract';
import type { DesiredMicrovm } from './desired';
import { desiredMicrovm, ledgerPath } from './desired';
import { hintForRefusal } from './hints';
import type { Launch } from './launch';
import { physicalIdOfLaunch } from './launch';
import type { Microvm, MicrovmLook, ObservedLaunches } from './observed';
import { probe } from './probe';
import { reconcile } from './reconcile';
import type { LaunchServices, MicrovmService } from './service';
import type { MicrovmChange, MicrovmSituation, MicrovmStep } from './situation';
import { confirmAbsence } from '../absence';
import { ask } from '../ask';
import { LastingError, sortOf, wordsOf } from '../errors';
import type { PollEvent, ResourceEvent } from '../event';
import type { Operation, OperationDescription } from '../operation';
import { CALL_TIME_LIMIT, clientTokenOf, FENCE_FRESHNESS } from '../operation';
import type { Reconciled } from '../poll';
import { ServicesByRole } from '../roles';
import type { Clock } from '../service';

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
    const roles = Object.fromEntries([old, properties].flatMap(known => known?.HandlerRoleArn ?? []).map(roleArn => [roleArn, roleArn]));
    this.services = new ServicesByRole(
      async roleArn => world.launches(roleArn, event.LogicalResourceId, ledgerPath(event)), roles, properties.HandlerRoleArn,
    );
  }

  public reconcile(seen: ObservedLaunches): MicrovmStep {
    return reconcile(this.situation(seen));
  }

  public async look(look: MicrovmLook, seen: ObservedLaunches): Promise<ObservedLaunches> {
    switch (look.at) {
      case 'launches': return { ...seen, launches: await this.launches(look.confirmAbsence), launchesSeenAt: this.world.clock.now() };
      case 'microvm': {
        const { microvms } = await this.services.for(look.roleArn);
        return { ...seen, microvms: { ...seen.microvms, [look.id]: await this.microvm(microvms, look.id) } };
      }
      case 'probe': {
        const { microvms } = await this.services.for(look.roleArn);
        return { ...seen, probe: await probe(microvms, look.microvm, look.check, this.world.clock) };
      }
    }
  }

  public async act(change: MicrovmChange): Promise<void> {
    if (change.do === 'terminate') return (await this.services.for(change.roleArn)).microvms.terminate(change.id);
    const services = await this.services.for(change.launch.roleArn);
    switch (change.do) {
      case 'launch': return this.launch(services, change.launch, change.isNew);
      case 'identify': return this.identify(services, change.launch);
      case 'write': return services.ledger.write(change.launch);
      case 'forget': return services.ledger.forget(change.launch);
    }
  }

  protected situation(seen: ObservedLaunches): MicrovmSituation {
    const { operation, desired, previous } = this;
    return { operation, desired, previous, requestPhysicalId: this.event.Operation.RequestPhysicalId, seen };
  }

  private async launches(isToConfirm: boolean): Promise<Launch[]> {
    const { ledger } = await this.services.for(this.desired.roleArn);
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

  private async identify({ microvms, ledger }: LaunchServices, launch: Launch): Promise<void> {
    try {
      const { id } = await microvms.launch(launch.request, launch.name);
      await ledger.write({ ...launch, microvmId: id });
    } catch (error) {
      if (sortOf(error) !== 'invalid' && sortOf(error) !== 'notFound') throw error;
      await ledger.forget(launch);
    }
  }

  private async ask<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    const { operation } = this;
    try {
      return await ask(call, operation, {
        mayPass: words => operation.rolesMayBeFresh && /assume|PassRole/i.test(words),
        tell: words => refusal(words),
      });
    } catch (error) {
      const isRefusal = sortOf(error) === 'notFound' || /quota/i.test(wordsOf(error));
      if (isRefusal && operation.now >= operation.startedAt + PATIENCE_WITH_REFUSAL) throw new LastingError(refusal(wordsOf(error)));
      throw error;
    }
  }
}

function refusal(words: string): string {
  return `the service refuses the launch: ${words}${hintForRefusal(words)}`;
}
