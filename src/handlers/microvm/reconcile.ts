import { hintsForEnd, hintsForHealth } from './hints';
import type { MicrovmReconcileInput, MicrovmStep } from './input';
import { desiredStates } from './input';
import type { Launch } from './launch';
import { attemptsOf, identifies, isSameRequest, isTooEarlyAfter, mayNotShowYet, nextAttempt, roleFor } from './launch';
import type { Microvm } from './observed';
import { hasTerminated, isAlive, runsAs } from './observed';
import { failUnreadable, remove, terminateAll } from './remove';
import type { DeploymentErrorCode } from '../../contract/diagnostics';
import type { MicrovmAttributes } from '../../contract/microvm';
import type { Hint } from '../engine/hints';
import { done, fail, observe, changeAndContinue, wait } from '../engine/step';

/** Decides the next step of an operation on a MicroVM. */
export function reconcile(input: MicrovmReconcileInput): MicrovmStep {
  const { operation } = input;
  if (operation.inGrace) return wait('calls of an earlier operation to take effect');
  return operation.type === 'Delete' ? remove(input) : ensure(input);
}

/** Decides the next step until a MicroVM runs as the properties describe it: an existing one, or a new one. */
function ensure(input: MicrovmReconcileInput): MicrovmStep {
  const { operation, observed } = input;
  const { launches } = observed;
  if (!launches) return observe({ at: 'launches', confirmAbsence: false });
  const damage = failIfUnreadable(input);
  if (damage) return damage;
  for (const launch of candidates(input, launches)) {
    const microvm = observed.microvms[launch.microvmId];
    if (microvm === undefined) return observe({ at: 'microvm', id: launch.microvmId, roleArn: roleFor(launch, desiredStates(input)) });
    if (isAlive(microvm) && isBelievable(microvm, input)) return settle(input, launches, launch, microvm, operation.phase === 'forward' && microvm.state === 'RUNNING');
  }
  const launched = launchNew(input, launches);
  return 'kind' in launched ? launched : settle(input, launches, launched.launch, launched.microvm, true);
}

/**
 * Fails before anything is changed if a record is damaged. A rollback goes on, because it needs only the records of its
 * own MicroVMs.
 */
export function failIfUnreadable({ operation, observed: { unreadable = [] } }: MicrovmReconcileInput): MicrovmStep | undefined {
  return unreadable.length > 0 && operation.phase !== 'rollback' ? failUnreadable(unreadable) : undefined;
}

/** A record can be forged, and name any MicroVM. CloudFormation names only one that this resource has returned. */
function isBelievable(microvm: Microvm, { desired, requestPhysicalId }: MicrovmReconcileInput): boolean {
  return microvm.id === requestPhysicalId || runsAs(microvm, desired.request);
}

type IdentifiedLaunch = Launch & { readonly microvmId: string };

/**
 * Returns the launches of earlier operations that are as the properties describe them. The one that CloudFormation
 * knows comes first.
 */
function candidates({ operation, desired, requestPhysicalId, observed }: MicrovmReconcileInput, launches: readonly Launch[]): IdentifiedLaunch[] {
  if (operation.type !== 'Update') return [];
  const attempts = attemptsOf(launches, operation.clientToken);
  const isIdentified = (launch: Launch): launch is IdentifiedLaunch => launch.microvmId !== undefined;
  const rank = (launch: Launch) => (identifies(requestPhysicalId, launch) ? Infinity : launch.launchedAt);
  return launches.filter(isIdentified)
    .filter(launch => launch.fingerprint === desired.fingerprint && isSameRequest(launch, desired.request))
    .filter(launch => !attempts.includes(launch) && observed.microvms[launch.microvmId] !== 'absent')
    .sort((a, b) => rank(b) - rank(a));
}

/**
 * Returns the living MicroVM that this operation launched, or the next step towards it.
 *
 * @param terminatesItself whether this operation terminates what it launches. Another delivery of it may then have
 * terminated the MicroVM and overwritten the outcome, so an early end is tried again once.
 */
export function launchNew(
  input: MicrovmReconcileInput, launches: readonly Launch[], terminatesItself = false,
): MicrovmStep | { readonly launch: Launch; readonly microvm: Microvm } {
  const { operation, desired, observed } = input;
  const attempts = attemptsOf(launches, operation.clientToken);
  const launch = attempts[attempts.length - 1];
  const attempt = (isNew: boolean, recorded: Pick<Launch, 'name' | 'launchedAt' | 'delivery'>): MicrovmStep => changeAndContinue({
    do: 'launch',
    launch: { ...recorded, fingerprint: desired.fingerprint, request: desired.request, roleArn: desired.roleArn },
    isNew,
  }, 'a MicroVM to be launched');
  const attemptNew = (name: string) => attempt(true, { name, launchedAt: operation.now, delivery: operation.startedAt });
  if (!launch) return attemptNew(operation.clientToken);
  // A late delivery of an earlier request may look like this operation. A record can also be forged.
  if (!isSameRequest(launch, desired.request)) return wait('another operation to launch the MicroVM');
  if (launch.microvmId === undefined) {
    // If two deliveries of an operation requested the same launch, neither could tell whether the service rejected it.
    const isOfAnother = launch.delivery !== undefined && launch.delivery !== operation.startedAt;
    return isOfAnother ? wait('another delivery of this request to launch the MicroVM') : attempt(false, launch);
  }

  const id = launch.microvmId;
  const microvm = observed.microvms[id];
  if (microvm === undefined) return observe({ at: 'microvm', id, roleArn: desired.roleArn, launchedAt: launch.launchedAt });
  if (microvm === 'absent' && mayNotShowYet(launch, operation.now)) return wait(`MicroVM ${id} to show`);
  if (isAlive(microvm)) return { launch, microvm };
  // The service shows the reason once the MicroVM has terminated.
  if (microvm !== 'absent' && microvm.state === 'TERMINATING') return wait(`MicroVM ${id} to terminate, and show the reason`);
  // Another delivery of the same operation may have recorded the outcome, and terminated the MicroVM.
  if (microvm !== 'absent' && (observed.launchesObservedAt ?? 0) < microvm.observedAt) return observe({ at: 'launches', confirmAbsence: false });

  const why = reasonOf(microvm);
  const mayBeFresh = operation.rolesMayBeFresh && /assume/i.test(why);
  if (mayBeFresh && isTooEarlyAfter(launch, operation.now)) return wait('the execution role to be assumable');
  const mayTryAgain = mayBeFresh || (terminatesItself && attempts.length === 1);
  const next = mayTryAgain ? nextAttempt(attempts, operation.clientToken) : undefined;
  if (next !== undefined) return attemptNew(next);
  return failWithLog(input, launch, { code: 'MicrovmTerminatedEarly', why: `MicroVM ${id} terminated early: ${why}`, hints: hintsForEnd(why) });
}

/** Decides the next step until a living MicroVM runs, is healthy, and is the only one. */
function settle(input: MicrovmReconcileInput, launches: readonly Launch[], launch: Launch, microvm: Microvm, mustBeHealthy: boolean): MicrovmStep {
  if (microvm.state === 'PENDING') return wait(`MicroVM ${microvm.id} to run`);
  const data: Record<keyof MicrovmAttributes, string> = { MicrovmId: microvm.id, Endpoint: microvm.endpoint, ImageVersion: microvm.imageVersion };
  return (mustBeHealthy ? awaitHealth(input, launch, microvm) : undefined)
    ?? terminateOthers(input, launches.filter(other => other !== launch))
    ?? done(data, microvm.id);
}

/** Decides the next step until the health check has passed. Returns nothing if it has, or if there is none. */
function awaitHealth(input: MicrovmReconcileInput, launch: Launch, microvm: Microvm): MicrovmStep | undefined {
  const { desired: { healthCheck, roleArn }, operation, observed } = input;
  if (!healthCheck) return undefined;
  if (launch.runningAt === undefined) return changeAndContinue({ do: 'write', launch: { ...launch, runningAt: microvm.observedAt } }, 'the launch to be recorded');
  // Not the role that launched it, which may have been without permission for health checks.
  if (!observed.health) return observe({ at: 'health', microvm, check: healthCheck, roleArn });
  if (observed.health.isHealthy) return undefined;
  const isLate = operation.now >= Math.max(launch.runningAt, operation.startedAt) + healthCheck.timeout;
  return isLate
    ? failUnhealthy(input, launch, `MicroVM ${microvm.id} runs, but ${observed.health.answer}`)
    : wait(`MicroVM ${microvm.id} to answer 2xx; ${observed.health.answer}`);
}

/**
 * Decides the next step until only the desired MicroVM lives, and the one that CloudFormation knows and deletes after
 * this operation.
 */
function terminateOthers(input: MicrovmReconcileInput, others: readonly Launch[]): MicrovmStep | undefined {
  const { operation, requestPhysicalId, observed } = input;
  const known = others.find(other => identifies(requestPhysicalId, other));
  const id = known?.microvmId;
  // CloudFormation need not delete, after a rollback, a MicroVM that had terminated before it.
  if (id !== undefined && operation.phase !== 'forward' && observed.microvms[id] === undefined) {
    return observe({ at: 'microvm', id, roleArn: roleFor(known!, desiredStates(input)) });
  }
  const hasKnownTerminated = id !== undefined && observed.microvms[id] !== undefined && hasTerminated(observed.microvms[id]);
  return terminateAll(others.filter(other => hasKnownTerminated || !identifies(requestPhysicalId, other)), input);
}

function reasonOf(microvm: Microvm | 'absent'): string {
  return microvm === 'absent' ? 'it no longer exists' : microvm.stateReason ?? 'the service gave no reason';
}

export function failUnhealthy(input: MicrovmReconcileInput, launch: Launch, why: string): MicrovmStep {
  return failWithLog(input, launch, { code: 'MicrovmUnhealthy', why, hints: hintsForHealth(why) });
}

interface Failure {
  readonly code: DeploymentErrorCode;
  readonly why: string;
  readonly hints: Hint[];
}

/** Observes the log of the MicroVM, and then fails with its end. */
function failWithLog({ operation, desired, observed }: MicrovmReconcileInput, launch: Launch, { code, why, hints }: Failure): MicrovmStep {
  const logGroup = launch.request.logging?.cloudWatch?.logGroup;
  const { microvmId: id } = launch;
  const more = whereLogsAre(launch, operation.type === 'Create');
  if (observed.log === undefined && desired.showsLog && logGroup !== undefined && id !== undefined) {
    return observe({ at: 'log', id, logGroup, roleArn: desired.roleArn }, fail(code, why, { hints, more }));
  }
  return fail(code, why, { hints, log: [...observed.log ?? []], more });
}

function whereLogsAre({ request, microvmId = '' }: Launch, isCreation: boolean): string {
  const logGroup = request.logging?.cloudWatch?.logGroup;
  if (logGroup === undefined) return 'it writes no log: logging of the launcher is disabled';
  const place = `its log: aws logs tail ${logGroup} --since 1h, in a stream named after ${microvmId}`;
  return isCreation ? `${place}; if the rollback deletes this log group, cdk deploy --no-rollback keeps it` : place;
}
