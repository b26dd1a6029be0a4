import { OPERATION_TAG } from './contract';
import type { DesiredConnector } from './desired';
import { physicalIdOf } from './desired';
import { explain } from './hints';
import type { Connector, ObservedConnector } from './observed';
import { awaitUsers, remove } from './remove';
import type { Attempt, ConnectorSituation, ConnectorStep } from './situation';
import { mayHold, surplusVersions } from './versions';
import type { Operation } from '../operation';
import type { Tags } from '../owner';
import { ownerOf, ownershipOf, ownerTags, tagChanges } from '../owner';
import { change, done, fail, look, wait } from '../step';

/** How long the deletion of an old version is waited for. */
const VERSION_DELETION_PATIENCE = 600_000;

/** The next step of an operation on a connector: a pure function of what was asked for and what was seen. */
export function reconcile(situation: ConnectorSituation): ConnectorStep {
  const { operation, desired, seen } = situation;
  if (operation.inGrace) return wait('changes of an earlier operation to land');
  if (operation.type === 'Delete') return remove(desired, seen[desired.name] ?? {}, operation);
  return ensure(situation, seen[desired.name] ?? {});
}

/** The next step towards the connector as the template asks for it. */
function ensure(situation: ConnectorSituation, observed: ObservedConnector): ConnectorStep {
  const { operation, desired } = situation;
  const { name } = desired;
  const found = observed.connector;
  if (!found) return look({ at: 'connector', name, confirmAbsence: false });
  if (found === 'absent') return refuseReplacement(situation) ?? change({ do: 'create', name }, `network connector '${name}' to be created`);
  if (found.state === 'DELETING') return wait(`an earlier network connector '${name}' to be deleted`);
  if (!observed.tags) return look({ at: 'tags', name, arn: found.arn });

  const ownership = ownershipOf(observed.tags, found.modifiedAt, desired.owner, operation.now);
  if (ownership === 'unclear') return wait(`the tags of network connector '${name}' to show`);
  if (ownership !== 'ours') return fail(existsAlready(desired, observed.tags));

  switch (found.state) {
    case 'PENDING': return wait(`network connector '${name}' to become active`);
    case 'FAILED': return afterFailure(situation, found, observed.tags);
    case 'DELETE_FAILED': return fail(`networkConnectorName: network connector '${name}' could not be deleted earlier: ${explain(found.stateReason)}`);
    default: return settle(situation, observed, found, observed.tags);
  }
}

/** What does not come up is deleted: to try again, or to make room for what this operation asks for. */
function afterFailure({ operation, desired }: ConnectorSituation, found: Connector, tags: Tags): ConnectorStep {
  const { name } = desired;
  const attempt = attemptOf(operation, tags);
  if (attempt !== undefined && !mayTryAgain(operation, attempt, found.stateReason.code)) {
    return fail(`network connector '${name}' did not become active: ${explain(found.stateReason)}`);
  }
  return change({ do: 'deleteConnector', name, arn: found.arn }, `network connector '${name}', which failed earlier, to be deleted`);
}

/** The next step of a connector that is ours and active: configuration and tags right, old versions gone. */
function settle(situation: ConnectorSituation, observed: ObservedConnector, found: Connector, tags: Tags): ConnectorStep {
  const { desired } = situation;
  const { name } = desired;
  const { arn } = found;
  if (found.updateStatus === 'InProgress') return wait(`the update of network connector '${name}' to be applied`);
  if (!isAsAskedFor(desired, found)) return refuseUpdate(situation, found) ?? update(situation, observed, found, tags);

  const finished = done({ ConnectorArn: arn, ConnectorName: name, ConnectorId: found.id });
  return retag(situation, arn, tags)
    ?? removeUnacknowledged(situation)
    ?? prune(desired, observed, arn, situation.operation, finished)
    ?? finished;
}

/** Old versions go first: the service allows few of them, and refuses an update at that number (service facts 1.3). */
function update({ operation, desired }: ConnectorSituation, observed: ObservedConnector, found: Connector, tags: Tags): ConnectorStep {
  const { name } = desired;
  const { arn } = found;
  const attempt = attemptOf(operation, tags);
  if (found.updateStatus === 'Failed' && attempt !== undefined && !mayTryAgain(operation, attempt, found.updateReason.code)) {
    return fail(`the update of network connector '${name}' failed, it is as it was before: ${explain(found.updateReason)}`);
  }
  const next = change({ do: 'update', name, arn, attempt: attempt === undefined ? 1 : 2 } as const, `the update of network connector '${name}' to begin`);
  return prune(desired, observed, arn, operation, next) ?? next;
}

/** Which attempt of this operation made or changed the connector last; undefined: none. */
function attemptOf(operation: Operation, tags: Tags): Attempt | undefined {
  const [mark, attempt] = (tags[OPERATION_TAG] ?? '').split('/');
  return mark === operation.mark ? attempt === '2' ? 2 : 1 : undefined;
}

/** What is wrong with the permissions of a role that is not known everywhere yet, may only be that. */
function mayTryAgain(operation: Operation, attempt: Attempt, code: string | undefined): boolean {
  return attempt === 1 && code === 'InsufficientRolePermissions' && operation.rolesMayBeFresh;
}

function isAsAskedFor(desired: DesiredConnector, found: Connector): boolean {
  return sameIds(desired.subnetIds, found.subnetIds)
    && sameIds(desired.securityGroupIds, found.securityGroupIds)
    && desired.operatorRoleArn === found.operatorRoleArn
    && desired.networkProtocol === found.networkProtocol;
}

function sameIds(a: readonly string[], b: readonly string[]): boolean {
  return JSON.stringify([...new Set(a)].sort()) === JSON.stringify([...new Set(b)].sort());
}

/** Taken to be unchangeable: the service's documentation does not agree with itself (service facts 6). */
function refuseUpdate({ desired, previous }: ConnectorSituation, found: Connector): ConnectorStep | undefined {
  const changed = desired.networkProtocol !== found.networkProtocol
    ? { property: 'networkProtocol', from: found.networkProtocol, to: desired.networkProtocol }
    : previous?.name === desired.name && previous.vpcId !== desired.vpcId
      ? { property: 'vpc', from: previous.vpcId, to: desired.vpcId }
      : undefined;
  if (!changed) return undefined;
  const fix = desired.nameIsGenerated ? 'give the construct another id' : 'give it another networkConnectorName, or none';
  return fail(`${changed.property}: network connector '${desired.name}' cannot change it from ${changed.from} to ${changed.to}; ${fix}, so that a new one takes its place`);
}

/** Refused before the first step: once the new connector is there, nothing but the clean-up could tell that the old one is still in use. */
function refuseReplacement({ operation, desired, previous, requestPhysicalId, seen }: ConnectorSituation): ConnectorStep | undefined {
  if (!previous || previous.name === desired.name || requestPhysicalId === physicalIdOf(desired.name) || operation.phase !== 'forward') return undefined;
  if (previous.deletion !== 'REFUSE_IN_USE') return undefined;
  const { connector, users } = seen[previous.name] ?? {};
  if (!connector) return look({ at: 'connector', name: previous.name, confirmAbsence: false });
  return connector === 'absent' ? undefined : awaitUsers(previous, connector, users, operation);
}

function retag({ desired, previous }: ConnectorSituation, arn: string, tags: Tags): ConnectorStep | undefined {
  const { name } = desired;
  const { missing, superfluous } = tagChanges(tags, { ...desired.tags, ...ownerTags(desired.owner) }, previous?.name === name ? previous.tags : {});
  if (Object.keys(missing).length > 0) return change({ do: 'tag', name, arn, tags: missing }, `network connector '${name}' to be tagged`);
  return superfluous.length > 0 ? change({ do: 'untag', name, arn, keys: superfluous }, `network connector '${name}' to be untagged`) : undefined;
}

/** A replacement that was cancelled midway: CloudFormation may not know the connector of the other name, and then never asks for its deletion. */
function removeUnacknowledged({ desired, previous, requestPhysicalId, seen, operation }: ConnectorSituation): ConnectorStep | undefined {
  if (!previous || previous.name === desired.name || requestPhysicalId !== physicalIdOf(desired.name)) return undefined;
  const step = remove(previous, seen[previous.name] ?? {}, operation);
  return step.kind === 'done' ? undefined : step;
}

/**
 * Deletes one old version that no MicroVM can hold, and waits until its network interfaces are gone: a subnet or security group taken out
 * can then be deleted in the same deployment. Never fails a deployment.
 */
function prune(desired: DesiredConnector, observed: ObservedConnector, arn: string, operation: Operation, otherwise: ConnectorStep): ConnectorStep | undefined {
  const { name } = desired;
  const { versions, users } = observed;
  if (!versions) return look({ at: 'versions', name, arn }, otherwise);
  const surplus = surplusVersions(versions, desired.retainedVersions);
  if (surplus.length > 0) {
    if (!users) return look({ at: 'users', name, arn }, otherwise);
    const idle = surplus.find(version => !mayHold(version, versions, users));
    if (idle) {
      const gone = `version ${idle.version} of network connector '${name}' to be deleted`;
      return change({ do: 'deleteVersion', name, arn, version: idle.version }, gone, otherwise);
    }
  }
  const deleting = versions.find(version => version.state === 'DELETING'
    && operation.now - (version.modifiedAt ?? operation.startedAt) < VERSION_DELETION_PATIENCE);
  return deleting && wait(`version ${deleting.version} of network connector '${name}' to be deleted`, otherwise);
}

function existsAlready(desired: DesiredConnector, tags: Tags): string {
  const owner = ownerOf(tags);
  const whose = owner ? `belongs to the resource '${owner.logicalId}' of the stack '${owner.stackId}'` : 'exists already, and no stack of this library owns it';
  return `networkConnectorName: network connector '${desired.name}' ${whose}: choose another name; if nobody uses it, `
    + `delete it with 'aws lambda-core delete-network-connector --identifier ${desired.name}'`;
}
