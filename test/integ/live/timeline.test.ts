import type { StackEvent } from '@aws-sdk/client-cloudformation';
import type { FactId } from '../../../integ/live/facts/catalog';
import type { Observation, View } from '../../../integ/live/statuses/contract';
import type { ObservedStory, Step } from '../../../integ/live/statuses/story';
import { judge, timeline } from '../../../integ/live/statuses/timeline';

const STACK = 'arn:aws:cloudformation:us-east-1:123456789012:stack/LiveObserved/uuid';
const BEGIN = Date.parse('2026-01-01T00:00:00Z');
const at = (seconds: number) => new Date(BEGIN + seconds * 1_000);
const event = (seconds: number, LogicalResourceId: string, ResourceStatus: string, ResourceStatusReason = ''): StackEvent =>
  ({ Timestamp: at(seconds), LogicalResourceId, ResourceStatus, ResourceStatusReason } as StackEvent);

/** A request is known by its letter; its first observation is its beginning. */
function seen(
  seconds: number, request: string, type: 'Create' | 'Update' | 'Delete', resource: string, physicalId: string | undefined, view: View,
): Observation {
  return {
    request: {
      RequestId: request, RequestType: type, StackId: STACK, LogicalResourceId: resource, ResourceType: 'Custom::Observed', PhysicalResourceId: physicalId,
    },
    at: at(seconds).toISOString(),
    view: { stackTime: at(0).toISOString(), ...view },
  };
}

function answersTo(story: ObservedStory): Partial<Record<FactId, string>> {
  const answers: Partial<Record<FactId, string>> = {};
  judge(story, (fact, settled) => { answers[fact] = settled; });
  return answers;
}

describe('a create that is cancelled', () => {
  const creating = { resourceStatus: 'CREATE_IN_PROGRESS', stackStatus: 'CREATE_IN_PROGRESS' };
  const cancelled = { resourceStatus: 'CREATE_FAILED', stackStatus: 'ROLLBACK_IN_PROGRESS' };
  const step: Step = {
    name: 'cancelled create',
    stackId: STACK,
    events: [event(0, 'LiveObserved', 'CREATE_IN_PROGRESS'), event(9, 'Wrong', 'CREATE_FAILED', 'fails'), event(10, 'Slow', 'CREATE_FAILED', 'Resource creation cancelled')],
  };
  const story = (shownAfter: number, deletedId: string): ObservedStory => ({
    steps: [step],
    observations: [
      seen(1, 'a', 'Create', 'Slow', undefined, creating),
      seen(11, 'a', 'Create', 'Slow', undefined, creating),
      seen(10 + shownAfter, 'a', 'Create', 'Slow', undefined, cancelled),
      seen(10 + shownAfter + 1, 'b', 'Delete', 'Slow', deletedId, { ...cancelled, resourceStatus: 'DELETE_IN_PROGRESS', physicalId: deletedId }),
    ],
  });

  test('is current until CloudFormation shows that it is not', () => {
    expect(timeline(story(3, 'LiveObserved-Slow-XYZ')).map(({ after, current, cancelled: over }) => [after, current, over])).toEqual([
      [1, true, false], [11, true, true], [13, false, true], [14, true, false],
    ]);
  });

  test('is fenced off in time, and deleted by an invented id', () => {
    expect(answersTo(story(3, 'LiveObserved-Slow-XYZ'))).toMatchObject({ cancelledIsFenced: 'yes', cancelledDelete: 'yes', requestsAreCurrent: 'yes' });
  });

  test('fails the fence if CloudFormation shows it later than the grace lasts', () => {
    expect(answersTo(story(12, 'observed-a'))).toMatchObject({ cancelledIsFenced: 'no', cancelledDelete: 'no' });
  });

  test('settles nothing if nothing was cancelled', () => {
    const uneventful = { ...story(3, 'observed-a'), steps: [{ ...step, events: step.events.slice(0, 2) }] };
    expect(answersTo(uneventful)).toMatchObject({ cancelledIsFenced: 'unclear', cancelledDelete: 'unclear' });
  });
});

describe('a replacement', () => {
  const updating = (seconds: number): View => ({ resourceStatus: 'UPDATE_IN_PROGRESS', stackStatus: 'UPDATE_IN_PROGRESS', stackTime: at(seconds).toISOString() });
  const cleanUp = (resourceStatus: string, physicalId: string): View =>
    ({ resourceStatus, physicalId, stackStatus: 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', stackTime: at(100).toISOString() });
  const rollback: View = { resourceStatus: 'UPDATE_IN_PROGRESS', stackStatus: 'UPDATE_ROLLBACK_IN_PROGRESS', stackTime: at(200).toISOString() };
  const steps: Step[] = [
    { name: 'replacement', stackId: STACK, events: [event(100, 'LiveObserved', 'UPDATE_IN_PROGRESS')] },
    { name: 'rolled-back replacement', stackId: STACK, events: [event(200, 'LiveObserved', 'UPDATE_IN_PROGRESS')] },
  ];
  const replaced = seen(101, 'a', 'Update', 'One', 'observed-a', updating(100));
  const replacedAgain = seen(201, 'c', 'Update', 'One', 'observed-b', updating(200));

  test('holds the fence if its clean-up shows the new id, or the deletion', () => {
    for (const view of [cleanUp('UPDATE_COMPLETE', 'observed-b'), cleanUp('DELETE_IN_PROGRESS', 'observed-a')]) {
      expect(answersTo({ steps, observations: [replaced, seen(103, 'b', 'Delete', 'One', 'observed-a', view)] })).toMatchObject({ requestsAreCurrent: 'yes' });
    }
  });

  test('fails the fence if its clean-up shows something else', () => {
    const observations = [replaced, seen(103, 'b', 'Delete', 'One', 'observed-a', cleanUp('UPDATE_COMPLETE', 'observed-a'))];
    expect(answersTo({ steps, observations })).toMatchObject({ requestsAreCurrent: 'no' });
  });

  test('settles whether its rollback sends an Update before the Delete', () => {
    const back = seen(203, 'd', 'Update', 'One', 'observed-c', rollback);
    const deletion = seen(205, 'e', 'Delete', 'One', 'observed-c', rollback);
    expect(answersTo({ steps, observations: [replacedAgain, back, deletion] })).toMatchObject({ rollbackOfReplacement: 'yes' });
    expect(answersTo({ steps, observations: [replacedAgain, deletion] })).toMatchObject({ rollbackOfReplacement: 'no' });
    expect(answersTo({ steps, observations: [replacedAgain] })).toMatchObject({ rollbackOfReplacement: 'unclear' });
  });

  test('fails the operation id if the time of the stack stays from one operation to the next', () => {
    expect(answersTo({ steps, observations: [replaced, replacedAgain] })).toMatchObject({ stackTimeOfOperation: 'yes' });
    const unchanged = seen(201, 'c', 'Update', 'One', 'observed-b', updating(100));
    expect(answersTo({ steps, observations: [replaced, unchanged] })).toMatchObject({ stackTimeOfOperation: 'no' });
  });
});
