import type { DesiredConnector } from './desired';
import type { ConnectorStep } from './input';
import type { Connector, ConnectorUser, ObservedConnector } from './observed';
import { named } from '../engine/list-ids';
import type { Operation } from '../engine/operation';
import { looksCloser } from '../engine/operation';
import { ownershipOf } from '../engine/owner';
import { change, done, fail, look, wait } from '../engine/step';

/** MicroVMs that were just told to terminate are waited for. */
const PATIENCE_WITH_USERS = 120_000;

/** The next step towards a connector that is gone. */
export function remove(connector: DesiredConnector, observed: ObservedConnector, operation: Operation): ConnectorStep {
  const { name } = connector;
  const found = observed.connector;
  if (!found) return look({ at: 'connector', name, confirmAbsence: true });
  if (found === 'absent') return done();
  const gone = `network connector '${name}' to be deleted`;
  if (found.state === 'DELETING') return wait(gone);
  const created = `network connector '${name}' to be created, before it can be deleted`;
  if (found.state === 'PENDING' && !looksCloser(operation)) return wait(created);
  if (!observed.tags) return look({ at: 'tags', name, arn: found.arn });

  switch (ownershipOf(observed.tags, found.modifiedAt, connector.owner, operation.now)) {
    case 'unclear': return wait(`the tags of network connector '${name}' to show`);
    case 'foreign':
    case 'nobodys': return done();
    case 'ours':
  }
  if (found.state === 'PENDING') return wait(created);
  return awaitUsers(connector, found, observed.users, operation)
    ?? change({ do: 'deleteConnector', name, arn: found.arn }, gone);
}

/**
 * Nothing if no MicroVM uses the connector, or none need be minded.
 *
 * The service deletes a connector under its users, who lose their way out at once: service facts 1.4.
 */
export function awaitUsers(
  connector: DesiredConnector, found: Connector, users: readonly ConnectorUser[] | undefined, operation: Operation,
): ConnectorStep | undefined {
  const { name, deletion } = connector;
  if (deletion === 'FORCE' || found.state === 'FAILED') return undefined;
  if (!users) return look({ at: 'users', name, arn: found.arn });
  if (users.length === 0) return undefined;
  const ids = named(users.map(user => user.microvmId));
  if (deletion === 'WAIT_UNTIL_UNUSED' || operation.now < operation.startedAt + PATIENCE_WITH_USERS) {
    return wait(`the MicroVMs that use network connector '${name}' to terminate: ${ids}`);
  }
  return fail('NetworkConnectorInUse', `network connector '${name}' is in use, and MicroVMs lose their way out if it is deleted: ${ids}; `
    + 'terminate them and try again, or deploy deletion WAIT_UNTIL_UNUSED or FORCE first');
}
