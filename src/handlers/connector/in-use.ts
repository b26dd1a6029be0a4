import type { ConnectorStep } from './input';
import type { ConnectorUser, ConnectorUsers } from './observed';
import { listIds } from '../engine/list-ids';
import type { Operation } from '../engine/operation';
import { observe, wait } from '../engine/step';

/** How long to wait for MicroVMs that may just be terminating. */
const USERS_PATIENCE = 120_000;

/** How long after its launch a MicroVM may be listed, but not described. */
const DESCRIBED_AFTER = 60_000;

/** What to do while MicroVMs use a connector. */
export interface InUsePolicy {
  readonly waitsUntilUnused: boolean;
  /** @param ids up to ten MicroVMs that use the connector. */
  readonly refuse: (ids: string) => ConnectorStep;
}

/** Returns nothing if no MicroVM uses the connector. */
export function awaitUnused(
  { name, arn }: { readonly name: string; readonly arn: string }, users: ConnectorUsers | undefined, operation: Operation, policy: InUsePolicy,
): ConnectorStep | undefined {
  const { now, startedAt } = operation;
  if (!users) return observe({ at: 'users', name, arn, since: startedAt, isForPruning: false });
  if (users.known.length > 0) {
    const ids = idsOf(users.known);
    if (!policy.waitsUntilUnused && now >= startedAt + USERS_PATIENCE) return policy.refuse(ids);
    return wait(`the MicroVMs that use network connector '${name}' to terminate: ${ids}`);
  }
  if (!users.isComplete) return wait(`all MicroVMs of the account to be listed, because one may use network connector '${name}'`);
  // In a busy account, every poll may find a new MicroVM. The deletion must still become possible.
  const unclear = unclearUsers(users, now).filter(user => user.startedAt < startedAt + DESCRIBED_AFTER);
  return unclear.length > 0 ? awaitDescription(name, unclear) : undefined;
}

/** Returns the MicroVMs that are too new to be described, so that they may use the connector. */
export function unclearUsers({ unknown }: ConnectorUsers, now: number): ConnectorUser[] {
  return unknown.filter(({ startedAt }) => startedAt > now - DESCRIBED_AFTER);
}

export function awaitDescription(name: string, unclear: readonly ConnectorUser[], fallback?: ConnectorStep): ConnectorStep {
  return wait(`new MicroVMs to show whether they use network connector '${name}': ${idsOf(unclear)}`, fallback);
}

/** Returns the command that terminates a MicroVM, for errors that list several. */
export const COMMAND_TO_TERMINATE = 'aws lambda-microvms terminate-microvm --microvm-identifier <ID>';

function idsOf(users: readonly ConnectorUser[]): string {
  return listIds(users.map(user => user.microvmId));
}
