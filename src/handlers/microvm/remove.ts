import type { MicrovmReconcileInput, MicrovmStep } from './input';
import { desiredStates } from './input';
import type { Launch } from './launch';
import { identifies, isLaunchPhysicalId, isMicrovmId, mayNotShowYet, roleFor, roleToRepeat } from './launch';
import type { ObservedLaunches } from './observed';
import { hasTerminated } from './observed';
import { change, done, observe, changeAndContinue, wait } from '../engine/step';

/** Decides the next step of a deletion: of one MicroVM, or of all that the resource ever launched. */
export function remove(input: MicrovmReconcileInput): MicrovmStep {
  const { operation, desired, requestPhysicalId = '', observed } = input;
  const { launches } = observed;
  if (!launches) return observe({ at: 'launches', confirmAbsence: true });
  // CloudFormation invents an ID for a creation whose ID it never learned. If the stack is deleted, everything is.
  const everything = operation.phase === 'delete' || !isLaunchPhysicalId(requestPhysicalId);
  const targets = everything ? launches : launches.filter(launch => identifies(requestPhysicalId, launch));
  // If other launches are recorded, this one was forgotten because it had terminated. The role may be for another image
  // by now.
  const mayBeLost = isMicrovmId(requestPhysicalId) && launches.length === 0;
  return terminateAll(targets, input)
    ?? (mayBeLost ? terminateMicrovm(requestPhysicalId, desired.roleArn, observed) : undefined)
    ?? done();
}

/** Decides the next step until these launches are terminated and their records deleted. Returns nothing if they are. */
export function terminateAll(launches: readonly Launch[], input: MicrovmReconcileInput): MicrovmStep | undefined {
  for (const launch of launches) return terminateLaunch(launch, input) ?? changeAndContinue({ do: 'forget', launch }, 'the record of a terminated launch to be deleted');
  return undefined;
}

/** Decides the next step until a launch is terminated. Returns nothing if it is. */
export function terminateLaunch(launch: Launch, input: MicrovmReconcileInput): MicrovmStep | undefined {
  const { microvmId } = launch;
  const { observed, operation } = input;
  if (microvmId === undefined) {
    return changeAndContinue({ do: 'identify', launch: { ...launch, roleArn: roleToRepeat(launch, desiredStates(input)) } }, 'the ID of a MicroVM that was requested');
  }
  if (observed.microvms[microvmId] === 'absent' && mayNotShowYet(launch, operation.now)) return wait(`MicroVM ${microvmId} to show`);
  return terminateMicrovm(microvmId, roleFor(launch, desiredStates(input)), observed);
}

function terminateMicrovm(id: string, roleArn: string, { microvms }: ObservedLaunches): MicrovmStep | undefined {
  const microvm = microvms[id];
  if (microvm === undefined) return observe({ at: 'microvm', id, roleArn });
  if (hasTerminated(microvm)) return undefined;
  const terminated = `MicroVM ${id} to terminate`;
  return microvm !== 'absent' && microvm.state === 'TERMINATING' ? wait(terminated) : change({ do: 'terminate', id, roleArn }, terminated);
}
