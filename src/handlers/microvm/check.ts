import type { MicrovmSituation, MicrovmStep } from './input';
import type { Launch, Outcome } from './launch';
import { attemptsOf } from './launch';
import { failUnhealthy, launchAnew } from './reconcile';
import { endAll, endLaunch, remove } from './remove';
import type { MicrovmLaunchCheckAttributes } from '../../contract/microvm';
import { done, look, quickly, wait } from '../engine/step';

/** The next step of an operation on a launch check: launch, probe, write down what came of it, end. */
export function reconcileCheck(situation: MicrovmSituation): MicrovmStep {
  const { operation, desired, seen } = situation;
  if (operation.inGrace) return wait('changes of an earlier operation to land');
  // Nothing of a check lives on, whichever of its ids is deleted.
  if (operation.type === 'Delete') return remove({ ...situation, requestPhysicalId: undefined });
  const { launches } = seen;
  if (!launches) return look({ at: 'launches', confirmAbsence: false });

  const passed = launches.find(launch => launch.fingerprint === desired.fingerprint && launch.outcome?.passed);
  // What a rollback returns to was checked when it was deployed.
  if (passed || operation.phase === 'rollback') return finish(situation, launches, passed);
  const attempts = attemptsOf(launches, operation.clientToken);
  const failed = attempts[attempts.length - 1];
  if (failed?.outcome?.passed === false) {
    return endLaunch(failed, situation) ?? failUnhealthy(failed, failed.outcome.why);
  }
  return probe(situation, launches);
}

function probe(situation: MicrovmSituation, launches: readonly Launch[]): MicrovmStep {
  const { operation, desired: { healthCheck, roleArn }, seen } = situation;
  const launched = launchAnew(situation, launches, true);
  if ('kind' in launched) return launched;
  const { launch, microvm } = launched;
  const write = (news: Partial<Launch>): MicrovmStep => quickly({ do: 'write', launch: { ...launch, ...news } }, 'what came of the launch to be written down');
  const settle = (outcome: Outcome) => write({ outcome });

  if (microvm.state === 'PENDING') return wait(`MicroVM ${microvm.id} to run`);
  if (launch.runningAt === undefined) return write({ runningAt: microvm.seenAt });
  const { imageVersion } = microvm;
  if (!healthCheck) return settle({ passed: true, imageVersion, respondedAt: launch.runningAt });
  if (!seen.probe) return look({ at: 'probe', microvm, check: healthCheck, roleArn });
  if (seen.probe.isHealthy) return settle({ passed: true, imageVersion, respondedAt: seen.probe.at });
  const sick = `MicroVM ${microvm.id} of image version ${imageVersion} runs, but ${seen.probe.answer}`;
  return operation.now < launch.runningAt + healthCheck.timeout ? wait(`MicroVM ${microvm.id} to answer 2xx; ${seen.probe.answer}`) : settle({ passed: false, why: sick });
}

/** Ends whatever lives, and forgets all but what says that the configuration of now, or of before, was good. */
function finish(situation: MicrovmSituation, launches: readonly Launch[], passed: Launch | undefined): MicrovmStep {
  const { desired, previous } = situation;
  const isWorthKeeping = (launch: Launch) => launch.outcome?.passed && [desired.fingerprint, previous?.fingerprint].includes(launch.fingerprint);
  for (const launch of launches.filter(isWorthKeeping)) {
    const step = endLaunch(launch, situation);
    if (step) return step;
  }
  return endAll(launches.filter(launch => !isWorthKeeping(launch)), situation) ?? done(dataOf(passed));
}

/** Empty in a rollback to what was deployed before there was a check, or whose record is lost. */
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
