import { HINT_FOR_HEALTH, hintForEnd } from './hints';
import type { MicrovmSituation, MicrovmStep } from './input';
import { askedFor } from './input';
import type { Launch } from './launch';
import { attemptsOf, isOf, isTooEarlyAfter, mayNotShowYet, nextAttempt, roleFor } from './launch';
import type { Microvm } from './observed';
import { hasEnded, isAlive } from './observed';
import { endAll, remove } from './remove';
import type { MicrovmAttributes } from '../../contract/microvm';
import { done, fail, look, quickly, wait } from '../engine/step';

/** The next step of an operation on a MicroVM: a pure function of what was asked for and what was seen. */
export function reconcile(situation: MicrovmSituation): MicrovmStep {
  const { operation } = situation;
  if (operation.inGrace) return wait('changes of an earlier operation to land');
  return operation.type === 'Delete' ? remove(situation) : ensure(situation);
}

/** The next step towards a MicroVM as the template asks for it: one that lives already, or a new one. */
function ensure(situation: MicrovmSituation): MicrovmStep {
  const { operation, seen } = situation;
  const { launches } = seen;
  if (!launches) return look({ at: 'launches', confirmAbsence: false });
  for (const launch of candidates(situation, launches)) {
    const microvm = seen.microvms[launch.microvmId];
    if (microvm === undefined) return look({ at: 'microvm', id: launch.microvmId, roleArn: roleFor(launch, askedFor(situation)) });
    if (isAlive(microvm)) return settle(situation, launches, launch, microvm, operation.phase === 'forward' && microvm.state === 'RUNNING');
  }
  const launched = launchAnew(situation, launches);
  return 'kind' in launched ? launched : settle(situation, launches, launched.launch, launched.microvm, true);
}

type IdentifiedLaunch = Launch & { readonly microvmId: string };

/** What may be taken back or kept: launched by earlier operations just as is asked for now; what CloudFormation knows comes first. */
function candidates({ operation, desired, requestPhysicalId, seen }: MicrovmSituation, launches: readonly Launch[]): IdentifiedLaunch[] {
  if (operation.type !== 'Update') return [];
  const attempts = attemptsOf(launches, operation.clientToken);
  const isIdentified = (launch: Launch): launch is IdentifiedLaunch => launch.microvmId !== undefined;
  const rank = (launch: Launch) => (isOf(requestPhysicalId, launch) ? Infinity : launch.launchedAt);
  return launches.filter(isIdentified)
    .filter(launch => launch.fingerprint === desired.fingerprint && !attempts.includes(launch) && seen.microvms[launch.microvmId] !== 'absent')
    .sort((a, b) => rank(b) - rank(a));
}

/**
 * The MicroVM that this operation launched, once it is there, or the next step towards it.
 *
 * @param isEndedByUs two deliveries of an operation that ends what it launched may write over each other why: an early end gets a second chance.
 */
export function launchAnew(
  situation: MicrovmSituation, launches: readonly Launch[], isEndedByUs = false,
): MicrovmStep | { readonly launch: Launch; readonly microvm: Microvm } {
  const { operation, desired, seen } = situation;
  const attempts = attemptsOf(launches, operation.clientToken);
  const launch = attempts[attempts.length - 1];
  const attempt = (isNew: boolean, { name, launchedAt }: Pick<Launch, 'name' | 'launchedAt'>): MicrovmStep => quickly({
    do: 'launch',
    launch: { name, fingerprint: desired.fingerprint, request: desired.request, roleArn: desired.roleArn, launchedAt },
    isNew,
  }, 'a MicroVM to be launched');
  if (!launch) return attempt(true, { name: operation.clientToken, launchedAt: operation.now });
  if (launch.microvmId === undefined) return attempt(false, launch);

  const id = launch.microvmId;
  const microvm = seen.microvms[id];
  if (microvm === undefined) return look({ at: 'microvm', id, roleArn: roleFor(launch, askedFor(situation)) });
  if (microvm === 'absent' && mayNotShowYet(launch, operation.now)) return wait(`MicroVM ${id} to show`);
  if (isAlive(microvm)) return { launch, microvm };
  // The reason is there once it has terminated.
  if (microvm !== 'absent' && microvm.state === 'TERMINATING') return wait(`MicroVM ${id} to tell why it ended`);
  // Another delivery of the same operation may have written down what came of it, and ended it.
  if (microvm !== 'absent' && (seen.launchesSeenAt ?? 0) < microvm.seenAt) return look({ at: 'launches', confirmAbsence: false });

  const why = reasonOf(microvm);
  const mayBeFresh = operation.rolesMayBeFresh && /assume/i.test(why);
  if (mayBeFresh && isTooEarlyAfter(launch, operation.now)) return wait('the execution role to be assumable');
  const mayTryAgain = mayBeFresh || (isEndedByUs && attempts.length === 1);
  const next = mayTryAgain ? nextAttempt(attempts, operation.clientToken) : undefined;
  if (next !== undefined) return attempt(true, { name: next, launchedAt: operation.now });
  return fail('MicrovmEndedEarly', `MicroVM ${id} ended early: ${why}${hintForEnd(why)}`, { more: whereLogsAre(launch) });
}

/** The next step with a living MicroVM: it runs, is healthy, and is the only one. */
function settle(situation: MicrovmSituation, launches: readonly Launch[], launch: Launch, microvm: Microvm, mustBeHealthy: boolean): MicrovmStep {
  if (microvm.state === 'PENDING') return wait(`MicroVM ${microvm.id} to run`);
  const data: Record<keyof MicrovmAttributes, string> = { MicrovmId: microvm.id, Endpoint: microvm.endpoint, ImageVersion: microvm.imageVersion };
  return (mustBeHealthy ? awaitHealth(situation, launch, microvm) : undefined)
    ?? endOthers(situation, launches.filter(other => other !== launch))
    ?? done(data, microvm.id);
}

/** The next step until it has answered as it should; nothing if it has, or if nobody asks for that. */
function awaitHealth({ desired, operation, seen }: MicrovmSituation, launch: Launch, microvm: Microvm): MicrovmStep | undefined {
  const { healthCheck, roleArn } = desired;
  if (!healthCheck) return undefined;
  if (launch.runningAt === undefined) return quickly({ do: 'write', launch: { ...launch, runningAt: microvm.seenAt } }, 'the launch to be written down');
  // The role that launched it may be of a time without health check.
  if (!seen.probe) return look({ at: 'probe', microvm, check: healthCheck, roleArn });
  if (seen.probe.isHealthy) return undefined;
  const isLate = operation.now >= Math.max(launch.runningAt, operation.startedAt) + healthCheck.timeout;
  return isLate
    ? failUnhealthy(launch, `MicroVM ${microvm.id} runs, but ${seen.probe.answer}`)
    : wait(`MicroVM ${microvm.id} to answer 2xx; ${seen.probe.answer}`);
}

/** The next step until nothing lives but what is wanted, and what CloudFormation knows by its physical id: that it will delete itself, after this operation. */
function endOthers(situation: MicrovmSituation, others: readonly Launch[]): MicrovmStep | undefined {
  const { operation, requestPhysicalId, seen } = situation;
  const known = others.find(other => isOf(requestPhysicalId, other));
  const id = known?.microvmId;
  // A rollback need not be followed by a deletion of what had ended before it.
  if (id !== undefined && operation.phase !== 'forward' && seen.microvms[id] === undefined) {
    return look({ at: 'microvm', id, roleArn: roleFor(known!, askedFor(situation)) });
  }
  const hasKnownEnded = id !== undefined && seen.microvms[id] !== undefined && hasEnded(seen.microvms[id]);
  return endAll(others.filter(other => hasKnownEnded || !isOf(requestPhysicalId, other)), situation);
}

function reasonOf(microvm: Microvm | 'absent'): string {
  return microvm === 'absent' ? 'it is gone' : microvm.stateReason ?? 'the service gives no reason';
}

export function failUnhealthy(launch: Launch, why: string): MicrovmStep {
  return fail('MicrovmUnhealthy', `${why}\n${HINT_FOR_HEALTH}`, { more: whereLogsAre(launch) });
}

function whereLogsAre({ request, microvmId = '' }: Launch): string {
  const logGroup = request.logging?.cloudWatch?.logGroup;
  return logGroup === undefined
    ? 'it writes no log: logging of the launcher is disabled'
    : `its log: aws logs tail ${logGroup} --since 1h, in a stream named after ${microvmId}`;
}
