import type { MicrovmChange, MicrovmReconcileInput, MicrovmStep } from './input';
import { desiredStates } from './input';
import type { Launch } from './launch';
import { identifies, isLaunchPhysicalId, isMicrovmId, mayNotShowYet, roleFor, roleToRepeat } from './launch';
import type { ListedMicrovm, MicrovmObservation, ObservedLaunches } from './observed';
import { hasTerminated, mayBeOf } from './observed';
import { MICROVM_IMAGE_ARN_PATTERN } from '../../contract/image';
import type { Hint } from '../engine/hints';
import { listIds } from '../engine/list-ids';
import { change, done, fail, observe, changeAndContinue, wait } from '../engine/step';

/** Decides the next step of a deletion: of one MicroVM, or of all that the resource ever launched. */
export function remove(input: MicrovmReconcileInput): MicrovmStep {
  const { operation, desired, requestPhysicalId = '', observed } = input;
  const { launches, unreadable = [] } = observed;
  if (!launches) return observe({ at: 'launches', confirmAbsence: true });
  // CloudFormation invents an ID for a creation whose ID it never learned. If the stack is deleted, everything is.
  const everything = operation.phase === 'delete' || !isLaunchPhysicalId(requestPhysicalId);
  const targets = everything ? launches : launches.filter(launch => identifies(requestPhysicalId, launch));
  // If other launches are recorded, this one was forgotten because it had terminated. The role may be for another image
  // by now. A record that nobody can read may be that of this launch.
  const mayBeLost = isMicrovmId(requestPhysicalId) && (launches.length === 0 || unreadable.length > 0);
  const inTheWay = unreadable.filter(name => everything || identifies(requestPhysicalId, { name: name.split('/').pop()! }));
  return terminateAll(targets, input)
    ?? (mayBeLost ? terminateMicrovm(requestPhysicalId, desired.roleArn, observed) : undefined)
    ?? (inTheWay.length > 0 ? failUnreadable(inTheWay) : done());
}

/** Fails because of damaged records. They stay: each may be the only trace of a MicroVM that runs. */
export function failUnreadable(parameters: readonly string[]): MicrovmStep {
  const names = parameters.join(' ');
  return fail('MicrovmLaunchRecordUnreadable', `these SSM parameters do not record a launch as they should: ${listIds([...parameters])}`, {
    hints: [
      { text: `read them: aws ssm get-parameters --names ${names}` },
      { text: `terminate the MicroVM that each one names, then delete them: aws ssm delete-parameters --names ${names}` },
    ],
  });
}

/** Decides the next step until these launches are terminated and their records deleted. Returns nothing if they are. */
export function terminateAll(launches: readonly Launch[], input: MicrovmReconcileInput): MicrovmStep | undefined {
  const { operation, observed } = input;
  // The memory of the MicroVMs that are known may be what the service lacks for an answer about the others.
  const knownFirst = [...launches.filter(isKnown), ...launches.filter(launch => !isKnown(launch))];
  // An update leaves a launch that nobody can identify to a later operation. Otherwise the update would fail because of
  // a MicroVM that it does not need.
  const launch = knownFirst.find(one => operation.type === 'Delete' || !isUnknown(one, observed));
  return launch && (terminateLaunch(launch, input) ?? changeAndContinue({ do: 'forget', launch }, 'the record of a terminated launch to be deleted'));
}

/** Whether the list does not say that a launch has no MicroVM. */
function isUnknown(launch: Launch, observed: ObservedLaunches): boolean {
  const listed = observed.listed?.[launch.name];
  return listed !== undefined && (!listed.areAll || suspectsAmong(listed.found, launch, observed).length > 0);
}

function isKnown({ microvmId }: Launch): boolean {
  return microvmId !== undefined;
}

/** Decides the next step until a launch is terminated. Returns nothing if it is. */
export function terminateLaunch(launch: Launch, input: MicrovmReconcileInput): MicrovmStep | undefined {
  const { microvmId } = launch;
  const { observed, operation } = input;
  // A rejected launch has no MicroVM. Repeating its request, to get the ID, would launch one.
  if (microvmId === undefined) return launch.rejected ? undefined : identify(launch, input);
  if (observed.microvms[microvmId] === 'absent' && mayNotShowYet(launch, operation.now)) return wait(`MicroVM ${microvmId} to show`);
  return terminateMicrovm(microvmId, roleFor(launch, desiredStates(input)), observed);
}

/**
 * Decides the next step until the ID of a launch whose answer was lost is known. Returns nothing if the launch has no
 * MicroVM.
 *
 * The list of MicroVMs decides if a quota does not let the service answer for minutes, or if nobody may repeat the
 * request. The operation then fails rather than wait until its deadline: the MicroVM may run for hours, and the list
 * shows whom to ask.
 */
function identify(launch: Launch, input: MicrovmReconcileInput): MicrovmStep | undefined {
  const { observed, desired } = input;
  const listed = observed.listed?.[launch.name];
  const roleArn = roleToRepeat(launch, desiredStates(input));
  if (listed === undefined) {
    const list = observe<MicrovmObservation, MicrovmChange>({ at: 'list', launch, roleArn: desired.roleArn });
    return roleArn === undefined ? list : changeAndContinue({ do: 'identify', launch: { ...launch, roleArn } }, 'the ID of a MicroVM that was requested', list);
  }
  const suspects = suspectsAmong(listed.found, launch, observed);
  if (suspects.length === 0 && listed.areAll) return undefined;
  return roleArn === undefined ? failUnbelievable(launch, input, suspects, listed.areAll) : failWithSuspects(launch, suspects, listed.areAll);
}

function failWithSuspects(launch: Launch, suspects: readonly string[], areAll: boolean): MicrovmStep {
  const lost = 'the answer to a launch was lost, and a quota does not let the deployment ask again';
  return fail('MicrovmQuotaReached', `${lost}; ${whichMayBeIts(launch, suspects, areAll)}`, { hints: hintsForSuspects(launch, suspects, areAll) });
}

/** Fails because of a record that may be forged, or that of properties from before the last update. */
function failUnbelievable(launch: Launch, { ledgerPath }: MicrovmReconcileInput, suspects: readonly string[], areAll: boolean): MicrovmStep {
  const parameter = `${ledgerPath}/${launch.name}`;
  return fail('MicrovmLaunchRecordUnreadable',
    `the SSM parameter ${parameter} records a launch without an ID, whose request is in no properties of this resource, so the deployment does not repeat it; `
    + whichMayBeIts(launch, suspects, areAll), {
      hints: [
        ...hintsForSuspects(launch, suspects, areAll),
        { text: `if none of them belongs to this resource, delete the record: aws ssm delete-parameter --name ${parameter}` },
      ],
    });
}

function whichMayBeIts({ request: { imageIdentifier } }: Launch, suspects: readonly string[], areAll: boolean): string {
  const tooLong = areAll ? '' : `the list of the MicroVMs of ${imageIdentifier} is too long to be read in one poll; `;
  return `${tooLong}${suspects.length === 0 ? 'one of them may be its' : `one of these MicroVMs may be its: ${listIds([...suspects])}`}`;
}

/** A forged record must not lead to a command that does something else. */
function hintsForSuspects({ request: { imageIdentifier } }: Launch, suspects: readonly string[], areAll: boolean): Hint[] {
  const terminate = 'terminate those that nobody uses, then try again: aws lambda-microvms terminate-microvm --microvm-identifier';
  return [
    ...areAll || !MICROVM_IMAGE_ARN_PATTERN.test(imageIdentifier) ? [] : [{ text: `list them: aws lambda-microvms list-microvms --image-identifier ${imageIdentifier}` }],
    { text: `${terminate} ${suspects[0] ?? '<id>'}` },
  ];
}

/** Returns the IDs of the listed MicroVMs that may be that of a launch, and of no other launch of the resource. */
function suspectsAmong(found: readonly ListedMicrovm[], launch: Launch, { launches = [] }: ObservedLaunches): string[] {
  return found.filter(microvm => mayBeOf(launch, microvm) && !launches.some(({ microvmId }) => microvmId === microvm.id)).map(({ id }) => id);
}

function terminateMicrovm(id: string, roleArn: string, { microvms }: ObservedLaunches): MicrovmStep | undefined {
  const microvm = microvms[id];
  if (microvm === undefined) return observe({ at: 'microvm', id, roleArn });
  if (hasTerminated(microvm)) return undefined;
  const terminated = `MicroVM ${id} to terminate`;
  return microvm !== 'absent' && microvm.state === 'TERMINATING' ? wait(terminated) : change({ do: 'terminate', id, roleArn }, terminated);
}
