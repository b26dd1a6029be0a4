import type { MicrovmReconcileInput, MicrovmStep } from './input';
import type { Launch, Outcome } from './launch';
import { attemptsOf, isSameRequest } from './launch';
import { failIfUnreadable, failUnhealthy, launchNew } from './reconcile';
import { remove, terminateAll, terminateLaunch } from './remove';
import type { MicrovmLaunchCheckAttributes } from '../../contract/microvm';
import { done, observe, changeAndContinue, wait } from '../engine/step';

/** The record has little room beside a long payload. */
const LONGEST_REASON = 300;

/** Decides the next step of an operation on a launch check: launch, check the health, record the outcome, terminate. */
export function reconcileCheck(input: MicrovmReconcileInput): MicrovmStep {
  const { operation, desired, observed } = input;
  if (operation.inGrace) return wait('calls of an earlier operation to take effect');
  // A launch check leaves no MicroVM, whichever of its physical IDs is deleted.
  if (operation.type === 'Delete') return remove({ ...input, requestPhysicalId: undefined });
  const { launches } = observed;
  if (!launches) return observe({ at: 'launches', confirmAbsence: false });
  const damage = failIfUnreadable(input);
  if (damage) return damage;

  const isDesired = (launch: Launch) => launch.fingerprint === desired.fingerprint && isSameRequest(launch, desired.request);
  const passed = launches.find(launch => isDesired(launch) && launch.outcome?.passed);
  // A rollback returns to a configuration that was checked when it was deployed.
  if (passed || operation.phase === 'rollback') return finish(input, launches, passed);
  const attempts = attemptsOf(launches, operation.clientToken);
  const failed = attempts[attempts.length - 1];
  if (failed?.outcome?.passed === false) {
    return terminateLaunch(failed, input) ?? failUnhealthy(input, failed, failed.outcome.why);
  }
  return launchAndCheckHealth(input, launches);
}

function launchAndCheckHealth(input: MicrovmReconcileInput, launches: readonly Launch[]): MicrovmStep {
  const { operation, desired: { healthCheck, roleArn }, observed } = input;
  const launched = launchNew(input, launches, true);
  if ('kind' in launched) return launched;
  const { launch, microvm } = launched;
  const write = (update: Partial<Launch>): MicrovmStep => changeAndContinue({ do: 'write', launch: { ...launch, ...update } }, 'the outcome of the launch to be recorded');
  const record = (outcome: Outcome) => write({ outcome });

  if (microvm.state === 'PENDING') return wait(`MicroVM ${microvm.id} to run`);
  if (launch.runningAt === undefined) return write({ runningAt: microvm.observedAt });
  const { imageVersion } = microvm;
  if (!healthCheck) return record({ passed: true, imageVersion, respondedAt: launch.runningAt });
  if (!observed.health) return observe({ at: 'health', microvm, check: healthCheck, roleArn });
  if (observed.health.isHealthy) return record({ passed: true, imageVersion, respondedAt: observed.health.at });
  const why = `MicroVM ${microvm.id} of image version ${imageVersion} runs, but ${observed.health.answer}`.slice(0, LONGEST_REASON);
  return operation.now < launch.runningAt + healthCheck.timeout ? wait(`MicroVM ${microvm.id} to answer 2xx; ${observed.health.answer}`) : record({ passed: false, why });
}

/**
 * Terminates all MicroVMs, and keeps only the records which say that the desired or the previous configuration passed.
 */
function finish(input: MicrovmReconcileInput, launches: readonly Launch[], passed: Launch | undefined): MicrovmStep {
  const { desired, previous } = input;
  const isWorthKeeping = (launch: Launch) => launch.outcome?.passed && [desired.fingerprint, previous?.fingerprint].includes(launch.fingerprint);
  for (const launch of launches.filter(isWorthKeeping)) {
    const step = terminateLaunch(launch, input);
    if (step) return step;
  }
  return terminateAll(launches.filter(launch => !isWorthKeeping(launch)), input) ?? done(dataOf(passed));
}

/** Empty after a rollback to a configuration that was never checked, or whose record is lost. */
function dataOf(passed: Launch | undefined): Record<string, string> {
  const { launchedAt, runningAt, outcome } = passed ?? {};
  const after = (time: number | undefined) => (time === undefined || launchedAt === undefined ? '' : String(time - launchedAt));
  const data: Record<keyof MicrovmLaunchCheckAttributes, string> = {
    ImageVersion: outcome?.passed ? outcome.imageVersion : '',
    RunningAfter: after(runningAt),
    RespondedAfter: after(outcome?.passed ? outcome.respondedAt : undefined),
  };
  return data;
}
