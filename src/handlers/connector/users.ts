import type { LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import { GetMicrovmCommand, ListMicrovmsCommand } from '@aws-sdk/client-lambda-microvms';
import type { ConnectorUser, ConnectorUsers } from './observed';
import type { CallLimits } from '../engine/calls';
import { classify, OutOfTimeError } from '../engine/errors';

/**
 * How many MicroVMs to describe in parallel: the service accepts a hundred such calls a second (service-facts.md, 5).
 */
const PARALLEL_CALLS = 10;

/** The most that the service returns. Without it, pages may be smaller. */
const PAGE_SIZE = 50;

/** A search that found a user ends after so many pages if one user is enough. They take about ten seconds. */
const ENOUGH_PAGES = 100;

/** How long a search may take in all. After that it begins again, because it may have missed too many launches. */
const SEARCH_LIFETIME = 120_000;

/** A MicroVM without egress may not show its egress yet until this long after its launch. */
const EGRESS_SHOWS_AFTER = 60_000;

/**
 * Egress connectors by MicroVM ID.
 *
 * They are fixed at launch, so it is enough to describe each MicroVM once per container.
 */
export type EgressOfMicrovms = Map<string, readonly string[]>;

/** A list of the account's MicroVMs that several polls read together. */
export interface MicrovmList {
  readonly begunAt: number;
  /** Start times by ID. */
  readonly living: Map<string, number>;
  nextToken?: string;
  isComplete: boolean;
}

/** Lists that are not complete, by the ARN of the connector whose users they are for. */
export type IncompleteLists = Map<string, MicrovmList>;

export interface UserQuery {
  readonly now: number;
  /** An incomplete list that began earlier is not continued, because it may lack MicroVMs that were launched since. */
  readonly since: number;
  /** Whether the search may end at a user before it has listed all MicroVMs. */
  readonly oneIsEnough: boolean;
}

/** What one search has found out about MicroVMs whose egress was not known. */
interface Look {
  readonly now: number;
  readonly described: Set<string>;
  /** Listed, but GetMicrovm answers that they do not exist, or they show no egress yet. */
  readonly unclear: Set<string>;
}

/**
 * Finds the MicroVMs that use a connector.
 *
 * No call lists them, and the list of all MicroVMs contains those that terminated up to a day ago. It can be too long
 * for one poll. So the container remembers where a poll stopped, and the next poll goes on there.
 */
export class UserSearch {
  public constructor(
    private readonly client: LambdaMicrovmsClient,
    private readonly limits: CallLimits,
    private readonly egressOf: EgressOfMicrovms,
    private readonly incomplete: IncompleteLists,
  ) {}

  public async find(arn: string, query: UserQuery): Promise<ConnectorUsers> {
    const list = this.listFor(arn, query);
    const look: Look = { now: query.now, described: new Set(), unclear: new Set() };
    let isComplete = false;
    let pages = 0;
    try {
      for (;;) {
        await this.describe(list, look);
        isComplete = list.isComplete;
        if (isComplete || (query.oneIsEnough && pages >= ENOUGH_PAGES && this.usersIn(list, arn).length > 0)) break;
        await this.addPage(arn, list);
        pages++;
      }
    } catch (error) {
      if (!(error instanceof OutOfTimeError) || pages === 0) throw error;
    }
    const known = this.usersIn(list, arn);
    // The next search for any user begins again, because this user may have terminated by then.
    if (isComplete || (query.oneIsEnough && known.length > 0)) this.incomplete.delete(arn);
    if (isComplete) this.forgetAllBut(list);
    const unknown = [...look.unclear].map(microvmId => ({ microvmId, startedAt: list.living.get(microvmId)! }));
    return { known, unknown, isComplete };
  }

  private listFor(arn: string, { now, since }: UserQuery): MicrovmList {
    const begun = this.incomplete.get(arn);
    if (begun && begun.begunAt >= since && now < begun.begunAt + SEARCH_LIFETIME) return begun;
    const list: MicrovmList = { begunAt: now, living: new Map(), isComplete: false };
    this.incomplete.set(arn, list);
    return list;
  }

  private async addPage(arn: string, list: MicrovmList): Promise<void> {
    const { nextToken } = list;
    try {
      const page = await this.client.send(new ListMicrovmsCommand({ nextToken, maxResults: PAGE_SIZE }), this.limits.options());
      for (const { microvmId, state, startedAt } of page.items ?? []) {
        if (state !== 'TERMINATED') list.living.set(microvmId!, startedAt?.getTime() ?? 0);
      }
      list.nextToken = page.nextToken || undefined;
      list.isComplete = list.nextToken === undefined;
    } catch (error) {
      // The service may not accept the token of an earlier poll any more.
      if (classify(error) === 'invalid') this.incomplete.delete(arn);
      throw error;
    }
  }

  /** Describes each living MicroVM whose egress is not known, once per search. */
  private async describe({ living }: MicrovmList, look: Look): Promise<void> {
    const ids = [...living.keys()].filter(id => !this.egressOf.has(id) && !look.described.has(id));
    for (let start = 0; start < ids.length; start += PARALLEL_CALLS) {
      await Promise.all(ids.slice(start, start + PARALLEL_CALLS).map(async id => this.describeOne(id, living.get(id)!, look)));
    }
  }

  private async describeOne(microvmIdentifier: string, startedAt: number, { now, described, unclear }: Look): Promise<void> {
    described.add(microvmIdentifier);
    try {
      const { egressNetworkConnectors: egress = [] } = await this.client.send(new GetMicrovmCommand({ microvmIdentifier }), this.limits.options());
      if (egress.length > 0 || startedAt < now - EGRESS_SHOWS_AFTER) this.egressOf.set(microvmIdentifier, egress);
      else unclear.add(microvmIdentifier);
    } catch (error) {
      // GetMicrovm is eventually consistent just after the launch (service-facts.md, 1.2).
      if (classify(error) !== 'notFound') throw error;
      unclear.add(microvmIdentifier);
    }
  }

  private usersIn({ living }: MicrovmList, arn: string): ConnectorUser[] {
    return [...living].flatMap(([microvmId, startedAt]) => {
      const through = this.egressOf.get(microvmId)?.find(egress => egress === arn || egress.startsWith(`${arn}:`));
      if (through === undefined) return [];
      return [{ microvmId, startedAt, version: through === arn ? undefined : Number(through.slice(arn.length + 1)) }];
    });
  }

  private forgetAllBut({ living }: MicrovmList): void {
    for (const id of this.egressOf.keys()) if (!living.has(id)) this.egressOf.delete(id);
  }
}
