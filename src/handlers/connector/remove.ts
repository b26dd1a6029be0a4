import type { DesiredConnector } from './desired';
import { awaitUnused, COMMAND_TO_TERMINATE, notListed } from './in-use';
import type { ConnectorStep } from './input';
import type { Connector, ConnectorUsers, ObservedConnector } from './observed';
import { CONNECTOR_DELETION } from './usual-times';
import type { Operation } from '../engine/operation';
import { isDetailedPoll } from '../engine/operation';
import { ownershipOf } from '../engine/owner';
import { change, done, fail, observe, wait } from '../engine/step';

/** Decides the next step until the connector is deleted. */
export function remove(connector: DesiredConnector, current: ObservedConnector, operation: Operation): ConnectorStep {
  const { name } = connector;
  const found = current.connector;
  if (!found) return observe({ at: 'connector', name, confirmAbsence: true });
  if (found === 'absent') return done();
  const deleted = `network connector '${name}' to be deleted`;
  if (found.state === 'DELETING') return wait(deleted, undefined, CONNECTOR_DELETION);
  const created = `network connector '${name}' to be created, before it can be deleted`;
  if (found.state === 'PENDING' && !isDetailedPoll(operation)) return wait(created);
  if (!current.tags) return observe({ at: 'tags', name, arn: found.arn });

  switch (ownershipOf(current.tags, found.modifiedAt, connector.owner, operation.now)) {
    case 'unclear': return wait(`the tags of network connector '${name}' to show`);
    case 'foreign':
    case 'nobodys': return done();
    case 'ours':
  }
  if (found.state === 'PENDING') return wait(created);
  return awaitUsers(connector, found, current.users, operation)
    ?? change({ do: 'deleteConnector', name, arn: found.arn }, deleted);
}

/**
 * Returns nothing if the connector may be deleted: no MicroVM uses it, or the user chose `FORCE`.
 *
 * DeleteNetworkConnector succeeds while MicroVMs use the connector, and cuts off their network at once
 * (service-facts.md, 1.4).
 */
export function awaitUsers(
  connector: DesiredConnector, found: Connector, users: ConnectorUsers | undefined, operation: Operation,
): ConnectorStep | undefined {
  const { name, deletion } = connector;
  if (deletion === 'FORCE' || found.state === 'FAILED') return undefined;
  return awaitUnused({ name, arn: found.arn, modifiedAt: found.modifiedAt }, users, operation, {
    waitsUntilUnused: deletion === 'WAIT_UNTIL_UNUSED',
    refuse: ids => fail('NetworkConnectorInUse', `network connector '${name}' is in use, and its deletion would cut off the network of MicroVMs: ${ids}; `
      + `terminate each with '${COMMAND_TO_TERMINATE}' and try again, or deploy deletion WAIT_UNTIL_UNUSED or FORCE first`),
    giveUp: () => fail('NetworkConnectorInUse', `${notListed(name)}; try again when fewer are listed or, if none uses it, deploy deletion FORCE first`),
  });
}
