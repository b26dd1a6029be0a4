import type { ConnectorStep } from './input';
import type { ConnectorUser, ConnectorUsers } from './observed';
import { listIds } from '../engine/list-ids';
import type { Operation } from '../engine/operation';
import { observe, wait } from '../engine/step';

/** How long to wait for MicroVMs that may just be terminating. */
const USERS_PATIENCE = 120_000;

/** How long to try to list all MicroVMs. The list can be too long for one poll, and for one container. */
const LIST_PATIENCE = 300_000;

/**
 * How long after its launch a MicroVM may be listed, but not described. An operation does not wait longer than that for
 * new MicroVMs.
 */
const DESCRIBED_AFTER = 60_000;

/** What to do while MicroVMs use a connector. */
export interface InUsePolicy {
  readonly waitsUntilUnused: boolean;
  /** @param ids up to ten MicroVMs that use the connector. */
  readonly refuse: (ids: string) => ConnectorStep;
  /** What to do if the MicroVMs of the account cannot be listed in time. */
  readonly giveUp: () => ConnectorStep;
}

/** The connector, and when it changed last. */
export interface PossiblyUsed {
  readonly name: string;
  readonly arn: string;
  readonly modifiedAt: number;
}

/** Returns nothing if no MicroVM uses the connector. */
export function awaitUnused(
  { name, arn, modifiedAt }: PossiblyUsed, users: ConnectorUsers | undefined, operation: Operation, policy: InUsePolicy,
): ConnectorStep | undefined {
  const { now, startedAt } = operation;
  if (!users) return observe({ at: 'users', name, arn, since: startedAt });
  if (users.known.length > 0) {
    const ids = idsOf(users.known);
    if (!policy.waitsUntilUnused && now >= startedAt + USERS_PATIENCE) return policy.refuse(ids);
    return wait(`the MicroVMs that use network connector '${name}' to terminate: ${ids}`);
  }
  if (!users.isComplete) {
    // The search cannot begin while the connector is created or updated.
    if (!policy.waitsUntilUnused && now >= Math.max(startedAt, modifiedAt) + LIST_PATIENCE) return policy.giveUp();
    return wait(`all MicroVMs of the account to be listed, because one may use network connector '${name}'`);
  }
  // In a busy account, every poll may find a new MicroVM. The deletion must still become possible.
  if (now >= startedAt + DESCRIBED_AFTER) return undefined;
  const unclear = unclearUsers(users, now);
  return unclear.length > 0 ? awaitDescription(name, unclear) : undefined;
}

/** Returns the MicroVMs that are too new to show their egress, so that they may use the connector. */
export function unclearUsers({ unknown }: ConnectorUsers, now: number): ConnectorUser[] {
  return unknown.filter(({ startedAt }) => startedAt > now - DESCRIBED_AFTER);
}

export function awaitDescription(name: string, unclear: readonly ConnectorUser[], fallback?: ConnectorStep): ConnectorStep {
  return wait(`new MicroVMs to show whether they use network connector '${name}': ${idsOf(unclear)}`, fallback);
}

/** Returns the command that terminates a MicroVM, for errors that list several. */
export const COMMAND_TO_TERMINATE = 'aws lambda-microvms terminate-microvm --microvm-identifier <ID>';

export function notListed(name: string): string {
  return `not all MicroVMs of the account could be listed in five minutes, and one may use network connector '${name}'`;
}

function idsOf(users: readonly ConnectorUser[]): string {
  return listIds(users.map(user => user.microvmId));
}
