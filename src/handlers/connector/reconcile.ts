import type { DesiredConnector } from './desired';
import { physicalIdOf } from './desired';
import { explain } from './hints';
import type { Attempt, ConnectorSituation, ConnectorStep } from './input';
import type { Connector, ObservedConnector } from './observed';
import { awaitUsers, remove } from './remove';
import { mayHold, surplusVersions } from './versions';
import { OPERATION_TAG } from '../../contract/connector';
import type { Operation } from '../engine/operation';
import { looksCloser } from '../engine/operation';
import type { Tags } from '../engine/owner';
import { ownerOf, ownershipOf, ownerTags, tagChanges } from '../engine/owner';
import { change, done, fail, look, quickly, wait } from '../engine/step';

/** How long after the start of an operation old versions are still removed and waited for: little before an update, which may not need the room. */
const PRUNING_BEFORE_UPDATE = 120_000;
const PRUNING_AFTER_UPDATE = 1_200_000;

/** A failure that shows so soon after an update was asked for may be that of an earlier one. */
const STATUS_SHOWS_AFTER = 60_000;

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
  // Whose it is matters when it is at rest; that a name is taken is told at the first look.
  const isInMotion = found.state === 'PENDING' || found.updateStatus === 'InProgress';
  if (isInMotion && !looksCloser(operation)) return wait(`network connector '${name}' to be made or changed`);
  if (!observed.tags) return look({ at: 'tags', name, arn: found.arn });

  const ownership = ownershipOf(observed.tags, found.modifiedAt, desired.owner, operation.now);
  if (ownership === 'unclear') return wait(`the tags of network connector '${name}' to show`);
  if (ownership !== 'ours') return existsAlready(desired, observed.tags);

  const refusal = attemptOf(operation, observed.tags) ? undefined : refuseReplacement(situation);
  if (refusal) return refusal;
  switch (found.state) {
    case 'PENDING': return wait(`network connector '${name}' to become active`);
    case 'FAILED': return afterFailure(situation, found, observed.tags);
    case 'DELETE_FAILED': return fail('NetworkConnectorDeletionFailed', `networkConnectorName: network connector '${name}' could not be deleted earlier: `
      + `choose another name, or delete it with '${commandToDelete(name)}'; ${explain(found.stateReason)}`);
    default: return settle(situation, observed, found, observed.tags);
  }
}

/** What does not come up is deleted: to try again, or to make room for what this operation asks for. */
function afterFailure({ operation, desired }: ConnectorSituation, found: Connector, tags: Tags): ConnectorStep {
  const { name } = desired;
  const attempt = attemptOf(operation, tags);
  if (attempt && !mayTryAgain(attempt, found.stateReason.code)) {
    return fail('NetworkConnectorFailed', `network connector '${name}' did not become active: ${explain(found.stateReason)}`);
  }
  return change({ do: 'deleteConnector', name, arn: found.arn }, `network connector '${name}', which failed earlier, to be deleted`);
}

/** The next step of a connector that is ours and active: configuration and tags right, old versions gone. */
function settle(situation: ConnectorSituation, observed: ObservedConnector, found: Connector, tags: Tags): ConnectorStep {
  const { operation, desired } = situation;
  const { name } = desired;
  const { arn } = found;
  if (found.updateStatus === 'InProgress') return wait(`the update of network connector '${name}' to be applied`);
  const attempt = attemptOf(operation, tags);
  const hasFailed = found.updateStatus === 'Failed' && attempt?.askedAt !== undefined;
  if (hasFailed && operation.now < attempt.askedAt + STATUS_SHOWS_AFTER) return wait(`the outcome of the update of network connector '${name}' to show`);
  if (hasFailed && !mayTryAgain(attempt, found.updateReason.code)) {
    return fail('NetworkConnectorUpdateFailed',
      `the update of network connector '${name}' failed, it is as it was before: ${explain(found.updateReason)}`);
  }
  if (hasFailed || !isAsAskedFor(desired, found)) {
    const next: ConnectorStep = change({ do: 'update', name, arn, attempt: attempt ? 2 : 1 }, `the update of network connector '${name}' to begin`);
    // The service allows few versions, and refuses an update at that number: service facts 1.3.
    return refuseUpdate(situation, found) ?? prune(situation, observed, found, PRUNING_BEFORE_UPDATE, next) ?? next;
  }

  const finished = done({ ConnectorArn: arn, ConnectorName: name, ConnectorId: found.id });
  return retag(situation, arn, tags)
    ?? removeUnacknowledged(situation)
    ?? prune(situation, observed, found, PRUNING_AFTER_UPDATE, finished)
    ?? finished;
}

/** What this operation did to the connector last. */
interface LastAttempt {
  readonly attempt: Attempt;
  /** Of an update, in milliseconds; a request to create cannot say, since each of its repetitions must be the same. */
  readonly askedAt?: number;
}

function attemptOf(operation: Operation, tags: Tags): LastAttempt | undefined {
  const [mark, attempt, askedAt] = (tags[OPERATION_TAG] ?? '').split('/');
  if (mark !== operation.mark) return undefined;
  return { attempt: attempt === '2' ? 2 : 1, askedAt: askedAt === undefined ? undefined : Number(askedAt) };
}

/** What is wrong with the permissions of a role may only be that it was not known everywhere yet: it gets one more chance. */
function mayTryAgain({ attempt }: LastAttempt, code: string | undefined): boolean {
  return attempt === 1 && code === 'InsufficientRolePermissions';
}

/** What the service does not tell counts as right. */
function isAsAskedFor(desired: DesiredConnector, found: Connector): boolean {
  const { operatorRoleArn = desired.operatorRoleArn, networkProtocol = desired.networkProtocol } = found;
  return sameIds(desired.subnetIds, found.subnetIds)
    && sameIds(desired.securityGroupIds, found.securityGroupIds)
    && desired.operatorRoleArn === operatorRoleArn
    && desired.networkProtocol === networkProtocol;
}

function sameIds(a: readonly string[], b: readonly string[]): boolean {
  return JSON.stringify([...new Set(a)].sort()) === JSON.stringify([...new Set(b)].sort());
}

/** Taken to be unchangeable: the service's documentation does not agree with itself (service facts 6). */
function refuseUpdate({ operation, desired, previous }: ConnectorSituation, found: Connector): ConnectorStep | undefined {
  // A rollback tries whatever it takes.
  if (operation.phase === 'rollback') return undefined;
  const changed = found.networkProtocol !== undefined && desired.networkProtocol !== found.networkProtocol
    ? { property: 'networkProtocol', from: found.networkProtocol, to: desired.networkProtocol }
    : previous?.name === desired.name && previous.vpcId !== desired.vpcId
      ? { property: 'vpc', from: previous.vpcId, to: desired.vpcId }
      : undefined;
  if (!changed) return undefined;
  const fix = desired.nameIsGenerated ? 'give the construct another id' : 'give it another networkConnectorName, or none';
  return fail('NetworkConnectorUnchangeable',
    `${changed.property}: network connector '${desired.name}' cannot change it from ${changed.from} to ${changed.to}; ${fix}, so that a new one takes its place`);
}

/** Refused before the first step: once the new connector is there, nothing but the clean-up could tell that the old one is still in use. */
function refuseReplacement({ operation, desired, previous, requestPhysicalId, seen }: ConnectorSituation): ConnectorStep | undefined {
  if (!previous || previous.name === desired.name || requestPhysicalId === physicalIdOf(desired.name) || operation.phase !== 'forward') return undefined;
  if (previous.deletion !== 'REFUSE_IN_USE') return undefined;
  const { name } = previous;
  const { connector, tags, users } = seen[name] ?? {};
  if (!connector) return look({ at: 'connector', name, confirmAbsence: false });
  if (connector === 'absent') return undefined;
  if (!tags) return look({ at: 'tags', name, arn: connector.arn });
  const isOurs = ownershipOf(tags, connector.modifiedAt, previous.owner, operation.now) === 'ours';
  return isOurs ? awaitUsers(previous, connector, users, operation) : undefined;
}

function retag({ desired, previous }: ConnectorSituation, arn: string, tags: Tags): ConnectorStep | undefined {
  const { name } = desired;
  const { missing, superfluous } = tagChanges(tags, { ...desired.tags, ...ownerTags(desired.owner) }, previous?.name === name ? previous.tags : {});
  if (Object.keys(missing).length > 0) return quickly({ do: 'tag', name, arn, tags: missing }, `network connector '${name}' to be tagged`);
  return superfluous.length > 0 ? quickly({ do: 'untag', name, arn, keys: superfluous }, `network connector '${name}' to be untagged`) : undefined;
}

/** A replacement that was cancelled midway: CloudFormation may not know the connector of the other name, and then never asks for its deletion. */
function removeUnacknowledged({ desired, previous, requestPhysicalId, seen, operation }: ConnectorSituation): ConnectorStep | undefined {
  if (!previous || previous.name === desired.name || requestPhysicalId !== physicalIdOf(desired.name)) return undefined;
  const step = remove(previous, seen[previous.name] ?? {}, operation);
  return step.kind === 'done' ? undefined : step;
}

/**
 * Deletes one old version that no MicroVM can hold, and waits until its network interfaces are gone: a subnet or security group taken out
 * can then be deleted in the same deployment. Never fails a deployment, and gives up in time.
 */
function prune(
  { operation, desired }: ConnectorSituation, observed: ObservedConnector, found: Connector, patience: number, otherwise: ConnectorStep,
): ConnectorStep | undefined {
  const { name } = desired;
  const { arn } = found;
  const { versions, users } = observed;
  const isFirst = found.version === 1;
  if (isFirst || operation.now >= operation.startedAt + patience) return undefined;
  if (!versions) return look({ at: 'versions', name, arn }, otherwise);
  // No versions at all are those of a service that cannot list them.
  const isOutOfDate = found.version !== undefined && versions.length > 0 && !versions.some(({ version }) => version === found.version);
  if (isOutOfDate) return wait(`version ${found.version} of network connector '${name}' to be listed`, otherwise);
  const surplus = surplusVersions(versions, desired.retainedVersions);
  if (surplus.length > 0) {
    if (!users) return look({ at: 'users', name, arn }, otherwise);
    const idle = surplus.find(version => !mayHold(version, versions, users));
    if (idle) {
      const gone = `version ${idle.version} of network connector '${name}' to be deleted`;
      return change({ do: 'deleteVersion', name, arn, version: idle.version }, gone, otherwise);
    }
  }
  const deleting = versions.find(version => version.state === 'DELETING');
  return deleting && wait(`version ${deleting.version} of network connector '${name}' to be deleted`, otherwise);
}

function existsAlready({ name }: DesiredConnector, tags: Tags): ConnectorStep {
  const owner = ownerOf(tags);
  const whose = owner ? `belongs to the resource '${owner.logicalId}' of the stack '${owner.stackId}'` : 'exists already, and no stack of this library owns it';
  return fail(owner ? 'NetworkConnectorOwnedElsewhere' : 'NetworkConnectorExists',
    `networkConnectorName: network connector '${name}' ${whose}: choose another name; if nobody uses it, delete it with '${commandToDelete(name)}'`);
}

function commandToDelete(name: string): string {
  return `aws lambda-core delete-network-connector --identifier ${name}`;
}
