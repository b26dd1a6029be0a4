import type { DesiredConnector } from './desired';
import { physicalIdOf } from './desired';
import { hintsForReason, reasonOf } from './hints';
import { awaitDescription, awaitUnused, COMMAND_TO_TERMINATE, notListed, unclearUsers } from './in-use';
import type { ConnectorChange, ConnectorReconcileInput, ConnectorStep } from './input';
import type { Connector, ConnectorObservation, ConnectorVersion, ObservedConnector } from './observed';
import type { LastRequest } from './operation-tag';
import { lastRequestIn, overridesHash } from './operation-tag';
import { awaitUsers, remove } from './remove';
import type { ElasticIps, ShownSettings } from './request';
import { requestOf, settingsIn } from './request';
import { CONNECTOR_CHANGE } from './usual-times';
import { mayHold, surplusVersions } from './versions';
import type { Operation } from '../engine/operation';
import { isDetailedPoll } from '../engine/operation';
import type { Tags } from '../engine/owner';
import { ownerOf, ownershipOf, ownerTags, tagChanges } from '../engine/owner';
import { UNKNOWN } from '../engine/pace';
import { change, done, fail, observe, changeAndContinue, wait } from '../engine/step';

/**
 * How long after the start of an operation to delete old versions: briefly before an update, which may not need room
 * for a version. After the update, the service may take long to delete network interfaces. Errors end pruning earlier.
 */
const PRUNING_BEFORE_UPDATE = 60_000;
const PRUNING_AFTER_UPDATE = 1_200_000;

/** How long after the last change an error of pruning may pass. Pruning is optional, so a later error ends it. */
const PRUNING_ERRORS_PASS = 60_000;

/** A failure that shows within this time after an update was requested may belong to an earlier update. */
const STATUS_SHOWS_AFTER = 60_000;

/** Decides the next step of an operation on a connector. */
export function reconcile(input: ConnectorReconcileInput): ConnectorStep {
  const { operation, desired, observed } = input;
  if (operation.inGrace) return wait('calls of an earlier operation to take effect');
  if (operation.type === 'Delete') return remove(desired, observed[desired.name] ?? {}, operation);
  return ensure(input, observed[desired.name] ?? {});
}

/** Decides the next step until the connector is as the properties describe it. */
function ensure(input: ConnectorReconcileInput, current: ObservedConnector): ConnectorStep {
  const { operation, desired } = input;
  const { name } = desired;
  const found = current.connector;
  if (!found) return observe({ at: 'connector', name, confirmAbsence: false });
  if (found === 'absent') return rejectReplacement(input) ?? change({ do: 'create', name }, `network connector '${name}' to be created`);
  if (found.state === 'DELETING') return wait(`an earlier network connector '${name}' to be deleted`);
  // The owner matters once the connector is at rest. The first poll reports a name that is taken.
  const inMotion = awaitRest(name, found);
  if (inMotion && !isDetailedPoll(operation)) return inMotion;
  if (!current.tags) return awaitOldVersion(operation, name, current, found) ?? observe({ at: 'tags', name, arn: found.arn });

  const ownership = ownershipOf(current.tags, found.modifiedAt, desired.owner, operation.now);
  if (ownership === 'unclear') return wait(`the tags of network connector '${name}' to show`);
  if (ownership !== 'ours') return alreadyExists(desired, current.tags);

  const rejection = attemptOf(operation, current.tags) ? undefined : rejectReplacement(input);
  if (rejection) return rejection;
  if (inMotion) return inMotion;
  switch (found.state) {
    case 'FAILED': return afterFailure(input, found, current.tags);
    case 'DELETE_FAILED': return fail('NetworkConnectorDeletionFailed', `networkConnectorName: network connector '${name}' could not be deleted earlier: `
      + `choose another name, or delete it with '${commandToDelete(name)}'; ${reasonOf(found.stateReason)}`, { hints: hintsForReason(found.stateReason) });
    default: return settle(input, current, found, current.tags);
  }
}

function awaitRest(name: string, { state, updateStatus }: Connector): ConnectorStep | undefined {
  if (state === 'PENDING') return wait(`network connector '${name}' to become active`, undefined, CONNECTOR_CHANGE);
  const isUpdating = updateStatus === 'InProgress' && (state === 'ACTIVE' || state === 'INACTIVE');
  return isUpdating ? wait(`the update of network connector '${name}' to be applied`, undefined, CONNECTOR_CHANGE) : undefined;
}

/**
 * Waits while an old version is deleted, with two calls per poll. It does not observe tags and MicroVMs again.
 *
 * This can only follow an update of this operation. Once a minute, and at the deadline, the poll observes everything.
 */
function awaitOldVersion(operation: Operation, name: string, { versions }: ObservedConnector, found: Connector): ConnectorStep | undefined {
  const { arn, version: latest } = found;
  if (found.state !== 'ACTIVE' || latest === undefined || latest === 1 || found.modifiedAt <= operation.startedAt || isDetailedPoll(operation)) return undefined;
  if (!versions) return observe<ConnectorObservation, ConnectorChange>({ at: 'versions', name, arn, latest, triesAgain: mayErrorsPass(operation, found) }, observe({ at: 'tags', name, arn }));
  return awaitDeletion(name, versions);
}

/** Deletes a failed connector: to try again, or to free its name for this operation. */
function afterFailure({ operation, desired }: ConnectorReconcileInput, found: Connector, tags: Tags): ConnectorStep {
  const { name } = desired;
  const attempt = attemptOf(operation, tags);
  if (attempt && !mayTryAgain(attempt, found.stateReason.code)) {
    return fail('NetworkConnectorFailed', `network connector '${name}' did not become active: ${reasonOf(found.stateReason)}`,
      { hints: hintsForReason(found.stateReason) });
  }
  return change({ do: 'deleteConnector', name, arn: found.arn }, `network connector '${name}', which failed earlier, to be deleted`);
}

/**
 * Decides the next step of an active connector of this resource: correct configuration and tags, delete old versions.
 */
function settle(input: ConnectorReconcileInput, current: ObservedConnector, found: Connector, tags: Tags): ConnectorStep {
  const { operation, desired } = input;
  const { name } = desired;
  const { arn } = found;
  const attempt = attemptOf(operation, tags);
  const hasFailed = found.updateStatus === 'Failed' && attempt?.requestedAt !== undefined;
  if (hasFailed && operation.now < attempt.requestedAt + STATUS_SHOWS_AFTER) return wait(`the outcome of the update of network connector '${name}' to show`);
  if (hasFailed && !mayTryAgain(attempt, found.updateReason.code)) {
    return fail('NetworkConnectorUpdateFailed',
      `the update of network connector '${name}' failed, and it is unchanged: ${reasonOf(found.updateReason)}`,
      { hints: hintsForReason(found.updateReason) });
  }
  if (hasFailed || !isAsDesired(input, found, tags, attempt !== undefined)) {
    const update = { do: 'update', name, arn, attempt: attempt ? 2 : 1, elasticIps: elasticIpsToRequest(input, found) } as const;
    const next: ConnectorStep = change(update, `the update of network connector '${name}' to begin`);
    // The service allows few versions, and rejects an update at that number (service-facts.md, 1.3).
    return rejectUpdate(input, found)
      ?? rejectRemoval(input, current, found, attempt)
      ?? prune(input, current, found, PRUNING_BEFORE_UPDATE, next)
      ?? next;
  }

  const finished = done({ ConnectorArn: arn, ConnectorName: name, ConnectorId: found.id });
  return retag(input, arn, tags)
    ?? removeUnacknowledged(input)
    ?? prune(input, current, found, PRUNING_AFTER_UPDATE, finished)
    ?? finished;
}

/** Returns the last attempt of this operation to create or update the connector. */
function attemptOf(operation: Operation, tags: Tags): LastRequest | undefined {
  const last = lastRequestIn(tags);
  return last?.operationId === operation.id ? last : undefined;
}

/** `InsufficientRolePermissions` may only mean that IAM has not propagated the role yet, so it is retried once. */
function mayTryAgain({ attempt }: LastRequest, code: string | undefined): boolean {
  return attempt === 1 && code === 'InsufficientRolePermissions';
}

/**
 * Compares what the service shows. What it does not show counts as equal, with two exceptions.
 *
 * A connector that shows no elastic IPs has those of the old properties. After a request of this operation, it counts
 * as having the desired ones, because another request would change nothing.
 *
 * The service does not show overrides. The tag of the last request identifies them, unless that request failed.
 */
function isAsDesired({ desired, previous }: ConnectorReconcileInput, found: Connector, tags: Tags, isRequested: boolean): boolean {
  const wanted = wantedSettings(desired);
  const before = previous?.name === desired.name ? wantedSettings(previous).elasticIps : undefined;
  const overrides = overridesHash(desired);
  const haveOverridesFailed = overrides !== undefined && found.updateStatus === 'Failed' && !isRequested;
  const { operatorRoleArn = wanted.operatorRoleArn, networkProtocol = wanted.networkProtocol } = found;
  const wantedIps = wanted.elasticIps ?? 'None';
  return sameIds(wanted.subnetIds, found.subnetIds)
    && sameIds(wanted.securityGroupIds, found.securityGroupIds)
    && wanted.operatorRoleArn === operatorRoleArn
    && wanted.networkProtocol === networkProtocol
    && wantedIps === (found.elasticIps ?? (isRequested ? wantedIps : before ?? 'None'))
    && overrides === lastRequestIn(tags)?.overrides
    && !haveOverridesFailed;
}

/** Returns the settings of the request, in which overrides of the user may have replaced those of the properties. */
function wantedSettings(desired: DesiredConnector): ShownSettings {
  return settingsIn(requestOf(desired));
}

/** An update names elastic IPs only to turn them on or off, because not every Region may know them. */
function elasticIpsToRequest({ desired, previous }: ConnectorReconcileInput, found: Connector): ElasticIps | undefined {
  const hadThem = found.elasticIps === 'ServiceManaged' || (previous?.name === desired.name && previous.elasticIps !== undefined);
  return desired.elasticIps ?? (hadThem ? 'None' : undefined);
}

function sameIds(a: readonly string[], b: readonly string[]): boolean {
  return JSON.stringify([...new Set(a)].sort()) === JSON.stringify([...new Set(b)].sort());
}

/**
 * Rejects changes that the library treats as impossible: the service's documentation contradicts itself
 * (service-facts.md, 6).
 */
function rejectUpdate({ operation, desired, previous }: ConnectorReconcileInput, found: Connector): ConnectorStep | undefined {
  // A rollback tries everything.
  if (operation.phase === 'rollback') return undefined;
  const { networkProtocol } = wantedSettings(desired);
  const changed = found.networkProtocol !== undefined && networkProtocol !== found.networkProtocol
    ? { property: 'networkProtocol', from: found.networkProtocol, to: networkProtocol }
    : previous?.name === desired.name && previous.vpcId !== undefined && previous.vpcId !== desired.vpcId
      ? { property: 'vpc', from: previous.vpcId, to: desired.vpcId }
      : undefined;
  if (!changed) return undefined;
  const fix = desired.nameIsGenerated ? 'give the construct another id' : 'give it another networkConnectorName, or none';
  return fail('NetworkConnectorUnchangeable',
    `${changed.property}: network connector '${desired.name}' cannot change it from ${changed.from} to ${changed.to}; ${fix}, so that a new connector replaces it`);
}

/**
 * Rejects the removal of a subnet or security group that MicroVMs may hold, before the first change: the old version
 * would keep its network interfaces, and CloudFormation could not delete the subnet or security group.
 *
 * Any MicroVM that uses the connector counts. An older version may have what the latest version has.
 */
function rejectRemoval(
  { operation, desired }: ConnectorReconcileInput, { users }: ObservedConnector, found: Connector, attempt: LastRequest | undefined,
): ConnectorStep | undefined {
  const { name, placementRemoval } = desired;
  if (operation.phase === 'rollback' || attempt || placementRemoval === 'KEEP_UNTIL_UNUSED') return undefined;
  const wanted = wantedSettings(desired);
  const subnetIds = found.subnetIds.filter(id => !wanted.subnetIds.includes(id));
  const groupIds = found.securityGroupIds.filter(id => !wanted.securityGroupIds.includes(id));
  const removed = [...subnetIds, ...groupIds].join(', ');
  if (removed === '') return undefined;
  const property = [...subnetIds.length > 0 ? ['vpcSubnets'] : [], ...groupIds.length > 0 ? ['securityGroups'] : []].join(', ');
  return awaitUnused({ name, arn: found.arn, modifiedAt: found.modifiedAt }, users, operation, {
    waitsUntilUnused: placementRemoval === 'WAIT_UNTIL_UNUSED',
    refuse: ids => fail('NetworkConnectorPlacementInUse',
      `${property}: network connector '${name}' cannot lose ${removed} while MicroVMs use the connector: ${ids}; `
      + `terminate each with '${COMMAND_TO_TERMINATE}' and deploy again, or set placementRemoval to WAIT_UNTIL_UNUSED. `
      + 'If you do not delete what you remove, KEEP_UNTIL_UNUSED updates the connector now'),
    giveUp: () => fail('NetworkConnectorPlacementInUse', `${property}: ${notListed(name)}, which cannot lose ${removed} then; `
      + 'try again when fewer are listed. If you do not delete what you remove, set placementRemoval to KEEP_UNTIL_UNUSED'),
  });
}

/**
 * Rejects a replacement before its first change: after it, only the cleanup would find the old connector in use, and
 * fail silently.
 */
function rejectReplacement({ operation, desired, previous, requestPhysicalId, observed }: ConnectorReconcileInput): ConnectorStep | undefined {
  if (!previous || previous.name === desired.name || requestPhysicalId === physicalIdOf(desired.name) || operation.phase === 'rollback') return undefined;
  if (previous.deletion !== 'REFUSE_IN_USE') return undefined;
  const { name } = previous;
  const { connector, tags, users } = observed[name] ?? {};
  if (!connector) return observe({ at: 'connector', name, confirmAbsence: false });
  if (connector === 'absent') return undefined;
  if (!tags) return observe({ at: 'tags', name, arn: connector.arn });
  const isOurs = ownershipOf(tags, connector.modifiedAt, previous.owner, operation.now) === 'ours';
  return isOurs ? awaitUsers(previous, connector, users, operation) : undefined;
}

function retag({ desired, previous }: ConnectorReconcileInput, arn: string, tags: Tags): ConnectorStep | undefined {
  const { name } = desired;
  const { missing, superfluous } = tagChanges(tags, { ...desired.tags, ...ownerTags(desired.owner) }, previous?.name === name ? previous.tags : {});
  if (Object.keys(missing).length > 0) return changeAndContinue({ do: 'tag', name, arn, tags: missing }, `network connector '${name}' to be tagged`);
  return superfluous.length > 0 ? changeAndContinue({ do: 'untag', name, arn, keys: superfluous }, `network connector '${name}' to be untagged`) : undefined;
}

/**
 * Deletes what a canceled replacement left.
 *
 * CloudFormation may not know the connector of the other name, and then never deletes it.
 */
function removeUnacknowledged({ desired, previous, requestPhysicalId, observed, operation }: ConnectorReconcileInput): ConnectorStep | undefined {
  if (!previous || previous.name === desired.name || requestPhysicalId !== physicalIdOf(desired.name)) return undefined;
  const step = remove(previous, observed[previous.name] ?? {}, operation);
  return step.kind === 'done' ? undefined : step;
}

/**
 * Deletes one old version that no MicroVM can use, and waits until its network interfaces are deleted.
 *
 * A subnet or security group that was removed can then be deleted in the same deployment. Pruning never fails a
 * deployment, and gives up in time. It also happens in a rollback, which may delete a new subnet.
 */
function prune(
  { operation, desired }: ConnectorReconcileInput, current: ObservedConnector, found: Connector, patience: number, fallback: ConnectorStep,
): ConnectorStep | undefined {
  const { name } = desired;
  const { arn, version: latest } = found;
  const { versions, users } = current;
  // A service that shows no version may have no list of versions, and a new connector has nothing to delete.
  const isFirst = latest === 1 || (latest === undefined && operation.type === 'Create');
  if (isFirst || operation.now >= operation.startedAt + patience) return undefined;
  if (!versions) return observe({ at: 'versions', name, arn, latest, triesAgain: mayErrorsPass(operation, found) }, fallback);
  const surplus = surplusVersions(versions, desired.retainedVersions);
  if (surplus.length === 0) return awaitDeletion(name, versions, fallback);
  const triesAgain = mayErrorsPass(operation, found, versions);
  if (!users?.isComplete) return observe({ at: 'usersForPruning', name, arn, since: Math.max(operation.startedAt, found.modifiedAt), triesAgain }, fallback);
  const unclear = unclearUsers(users, operation.now);
  const idle = surplus.filter(version => !mayHold(version, versions, users.known));
  const [oldest] = idle.filter(version => !mayHold(version, versions, unclear));
  if (oldest) return change({ do: 'deleteVersion', name, arn, version: oldest.version, triesAgain }, deletionOf(name, oldest), fallback);
  return idle.length > 0 ? awaitDescription(name, unclear, fallback) : awaitDeletion(name, versions, fallback);
}

/**
 * Whether the next poll tries again after an error of pruning: a minute after the connector or a version changed, an
 * error ends pruning. No container needs to remember earlier errors for that.
 */
function mayErrorsPass({ now, startedAt }: Operation, { modifiedAt }: Connector, versions: readonly ConnectorVersion[] = []): boolean {
  return now < Math.max(startedAt, modifiedAt, ...versions.map(version => version.modifiedAt ?? 0)) + PRUNING_ERRORS_PASS;
}

function awaitDeletion(name: string, versions: readonly ConnectorVersion[], fallback?: ConnectorStep): ConnectorStep | undefined {
  const deleting = versions.find(version => version.state === 'DELETING');
  return deleting && wait(deletionOf(name, deleting), fallback, UNKNOWN);
}

function deletionOf(name: string, { version }: ConnectorVersion): string {
  return `version ${version} of network connector '${name}' to be deleted`;
}

function alreadyExists({ name }: DesiredConnector, tags: Tags): ConnectorStep {
  const owner = ownerOf(tags);
  const whose = owner ? `belongs to the resource '${owner.logicalId}' of the stack '${owner.stackId}'` : 'already exists, and no stack of this library owns it';
  return fail(owner ? 'NetworkConnectorOwnedElsewhere' : 'NetworkConnectorExists',
    `networkConnectorName: network connector '${name}' ${whose}; choose another name or, if nobody uses it, delete it with '${commandToDelete(name)}'`);
}

function commandToDelete(name: string): string {
  return `aws lambda-core delete-network-connector --identifier ${name}`;
}
