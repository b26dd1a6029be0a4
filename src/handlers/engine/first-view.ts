import type { Clock } from './clock';
import type { ResourceEvent } from './event';
import { fits } from './fence';
import type { StackView } from './stack';
import { phaseOf } from './stack';

/** How long to try, and the longest pause in between. An account may describe stacks only a few times a second. */
const PATIENCE = 20_000;
const LONGEST_PAUSE = 3_000;

/**
 * Describes the stack until it shows the operation of a request.
 *
 * A request may arrive before CloudFormation shows the status that belongs to it, and all resources of a stack ask at
 * about the same time. If the last view shows nothing either, the polls find the phase.
 */
export async function firstView(event: ResourceEvent, describe: () => Promise<StackView>, clock: Clock, random: () => number): Promise<StackView> {
  const end = clock.now() + PATIENCE;
  for (;;) {
    const view = await describe();
    if (isConclusive(event, view) || clock.now() >= end) return view;
    await clock.sleep(LONGEST_PAUSE * (1 + random()) / 2);
  }
}

/** Whether another view would show nothing more: the operation shows, or IAM denies the call. */
function isConclusive(event: ResourceEvent, view: StackView): boolean {
  if (view.isIncomplete) return false;
  if (view.stackStatus === undefined) return true;
  return view.stackStatus.endsWith('_IN_PROGRESS') && phaseFits(event, view) && fits({ PhysicalResourceId: '', ...event }, view);
}

/** A rollback, a cleanup and the deletion of a stack create nothing, and the last two update nothing. */
function phaseFits({ RequestType: type }: ResourceEvent, { stackStatus }: StackView): boolean {
  const phase = phaseOf(stackStatus);
  switch (type) {
    case 'Create': return phase === 'forward';
    case 'Update': return phase === 'forward' || phase === 'rollback';
    case 'Delete': return true;
  }
}
