import type { MicrovmSituation, MicrovmStep } from './input';
import { askedFor } from './input';
import type { Launch } from './launch';
import { isMicrovmId, isOf, isOurs, mayNotShowYet, roleFor, roleToAskAgain } from './launch';
import type { ObservedLaunches } from './observed';
import { hasEnded } from './observed';
import { change, done, look, quickly, wait } from '../engine/step';

/** The next step of a deletion: of one MicroVM, or of all that the resource ever launched. */
export function remove(situation: MicrovmSituation): MicrovmStep {
  const { operation, desired, requestPhysicalId = '', seen } = situation;
  const { launches } = seen;
  if (!launches) return look({ at: 'launches', confirmAbsence: true });
  // An id that CloudFormation invented is that of a create whose id it never learned; and with the stack goes everything.
  const everything = operation.phase === 'delete' || !isOurs(requestPhysicalId);
  const targets = everything ? launches : launches.filter(launch => isOf(requestPhysicalId, launch));
  // Where others are written down nothing is lost: it was forgotten when it had ended, and the role of these properties may be for another image.
  const mayBeLost = isMicrovmId(requestPhysicalId) && launches.length === 0;
  return endAll(targets, situation)
    ?? (mayBeLost ? endMicrovm(requestPhysicalId, desired.roleArn, seen) : undefined)
    ?? done();
}

/** The next step until these have ended and nothing is written down of them; nothing if that is so. */
export function endAll(launches: readonly Launch[], situation: MicrovmSituation): MicrovmStep | undefined {
  for (const launch of launches) return endLaunch(launch, situation) ?? quickly({ do: 'forget', launch }, 'an ended launch to be forgotten');
  return undefined;
}

/** The next step until a launch has come to its end; nothing if it has. */
export function endLaunch(launch: Launch, situation: MicrovmSituation): MicrovmStep | undefined {
  const { microvmId } = launch;
  const { seen, operation } = situation;
  if (microvmId === undefined) {
    return quickly({ do: 'identify', launch: { ...launch, roleArn: roleToAskAgain(launch, askedFor(situation)) } }, 'the id of a MicroVM that was asked for');
  }
  if (seen.microvms[microvmId] === 'absent' && mayNotShowYet(launch, operation.now)) return wait(`MicroVM ${microvmId} to show`);
  return endMicrovm(microvmId, roleFor(launch, askedFor(situation)), seen);
}

function endMicrovm(id: string, roleArn: string, { microvms }: ObservedLaunches): MicrovmStep | undefined {
  const microvm = microvms[id];
  if (microvm === undefined) return look({ at: 'microvm', id, roleArn });
  if (hasEnded(microvm)) return undefined;
  const ended = `MicroVM ${id} to terminate`;
  return microvm !== 'absent' && microvm.state === 'TERMINATING' ? wait(ended) : change({ do: 'terminate', id, roleArn }, ended);
}
