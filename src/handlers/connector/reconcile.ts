import type { DesiredConnector } from './desired';
import { physicalIdOf } from './desired';
import { hintsForReason, reasonOf } from './hints';
import type { ConnectorReconcileInput, ConnectorStep } from './input';
import type { Connector, ObservedConnector } from './observed';
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
 * How long after the start of an operation to delete old versions: briefly before an update, which may not need the
 * room.
 */
const PRUNING_BEFORE_UPDATE = 120_000;
const PRUNING_AFTER_UPDATE = 1_200_000;

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
  const isInMotion = found.state === 'PENDING' || found.updateStatus === 'InProgress';
  if (isInMotion && !isDetailedPoll(operation)) return wait(`network connector '${name}' to be created or updated`, undefined, CONNECTOR_CHANGE);
  if (!current.tags) return observe({ at: 'tags', name, arn: found.arn });

  const ownership = ownershipOf(current.tags, found.modifiedAt, desired.owner, operation.now);
  if (ownership === 'unclear') return wait(`the tags of network connector '${name}' to show`);
  if (ownership !== 'ours') return alreadyExists(desired, current.tags);

  const rejection = attemptOf(operation, current.tags) ? undefined : rejectReplacement(input);
  if (rejection) return rejection;
  switch (found.state) {
    case 'PENDING': return wait(`network connector '${name}' to become active`, undefined, CONNECTOR_CHANGE);
    case 'FAILED': return afterFailure(input, found, current.tags);
    case 'DELETE_FAILED': return fail('NetworkConnectorDeletionFailed', `networkConnectorName: network connector '${name}' could not be deleted earlier: `
      + `choose another name, or delete it with '${commandToDelete(name)}'; ${reasonOf(found.stateReason)}`, { hints: hintsForReason(found.stateReason) });
    default: return settle(input, current, found, current.tags);
  }
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
  if (found.updateStatus === 'InProgress') return wait(`the update of network connector '${name}' to be applied`, undefined, CONNECTOR_CHANGE);
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
    return rejectUpdate(input, found) ?? prune(input, current, found, PRUNING_BEFORE_UPDATE, next) ?? next;
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
    : previous?.name === desired.name && previous.vpcId !== desired.vpcId
      ? { property: 'vpc', from: previous.vpcId, to: desired.vpcId }
      : undefined;
  if (!changed) return undefined;
  const fix = desired.nameIsGenerated ? 'give the construct another id' : 'give it another networkConnectorName, or none';
  return fail('NetworkConnectorUnchangeable',
    `${changed.property}: network connector '${desired.name}' cannot change it from ${changed.from} to ${changed.to}; ${fix}, so that a new connector replaces it`);
}

/**
 * Rejects a replacement before its first change: after it, only the cleanup would find the old connector in use, and
 * fail silently.
 */
function rejectReplacement({ operation, desired, previous, requestPhysicalId, observed }: ConnectorReconcileInput): ConnectorStep | undefined {
  if (!previous || previous.name === desired.name || requestPhysicalId === physicalIdOf(desired.name) || operation.phase !== 'forward') return undefined;
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
 * deployment, and gives up in time.
 */
function prune(
  { operation, desired }: ConnectorReconcileInput, current: ObservedConnector, found: Connector, patience: number, fallback: ConnectorStep,
): ConnectorStep | undefined {
  const { name } = desired;
  const { arn } = found;
  const { versions, users } = current;
  const isFirst = found.version === 1;
  if (isFirst || operation.now >= operation.startedAt + patience) return undefined;
  if (!versions) return observe({ at: 'versions', name, arn }, fallback);
  // An empty list means that the service cannot list versions.
  const isOutOfDate = found.version !== undefined && versions.length > 0 && !versions.some(({ version }) => version === found.version);
  if (isOutOfDate) return wait(`version ${found.version} of network connector '${name}' to be listed`, fallback);
  const surplus = surplusVersions(versions, desired.retainedVersions);
  if (surplus.length > 0) {
    if (!users) return observe({ at: 'users', name, arn }, fallback);
    const idle = surplus.find(version => !mayHold(version, versions, users));
    if (idle) {
      const waitingFor = `version ${idle.version} of network connector '${name}' to be deleted`;
      return change({ do: 'deleteVersion', name, arn, version: idle.version }, waitingFor, fallback);
    }
  }
  const deleting = versions.find(version => version.state === 'DELETING');
  return deleting && wait(`version ${deleting.version} of network connector '${name}' to be deleted`, fallback, UNKNOWN);
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
