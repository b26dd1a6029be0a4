import type { StackEvent } from '@aws-sdk/client-cloudformation';
import type { FactId } from '../../../integ/live/facts/catalog';
import type { Observation, View } from '../../../integ/live/statuses/contract';
import type { ObservedScenario, Step } from '../../../integ/live/statuses/scenario';
import { evaluate, timeline } from '../../../integ/live/statuses/timeline';

const STACK = 'arn:aws:cloudformation:us-east-1:123456789012:stack/LiveObserved/uuid';
const BEGIN = Date.parse('2026-01-01T00:00:00Z');
const at = (seconds: number) => new Date(BEGIN + seconds * 1_000);
const event = (seconds: number, LogicalResourceId: string, ResourceStatus: string, ResourceStatusReason = ''): StackEvent =>
  ({ Timestamp: at(seconds), LogicalResourceId, ResourceStatus, ResourceStatusReason } as StackEvent);

/** A letter identifies a request. The first observation of a request is its beginning. */
function observed(
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

function answersTo(scenario: ObservedScenario): Partial<Record<FactId, string>> {
  const answers: Partial<Record<FactId, string>> = {};
  evaluate(scenario, (fact, settled) => { answers[fact] = settled; });
  return answers;
}

describe('the first look', () => {
  const step: Step = { name: 'create', stackId: STACK, events: [event(0, 'LiveObserved', 'CREATE_IN_PROGRESS')] };
  const inProgress = { resourceStatus: 'UPDATE_IN_PROGRESS', stackStatus: 'UPDATE_ROLLBACK_IN_PROGRESS', resourceTime: at(10).toISOString() };
  const before = { resourceStatus: 'UPDATE_FAILED', stackStatus: 'UPDATE_IN_PROGRESS', resourceTime: at(9).toISOString() };

  test('shows the operation of its request', () => {
    const observations = [observed(10.5, 'a', 'Update', 'One', 'observed-a', inProgress)];
    expect(answersTo({ steps: [step], observations })).toMatchObject({ firstLook: 'yes', resourceTimeOfRequest: 'yes' });
  });

  test('comes before CloudFormation shows the operation', () => {
    const observations = [observed(10.5, 'a', 'Update', 'One', 'observed-a', before), observed(11.5, 'a', 'Update', 'One', 'observed-a', inProgress)];
    expect(answersTo({ steps: [step], observations })).toMatchObject({ firstLook: 'no', resourceTimeOfRequest: 'yes' });
  });

  test('comes before the resource gets its status, by more than the clocks may differ', () => {
    const later = { ...inProgress, resourceTime: at(12).toISOString() };
    const observations = [observed(10, 'a', 'Update', 'One', 'observed-a', before), observed(12, 'a', 'Update', 'One', 'observed-a', later)];
    expect(answersTo({ steps: [step], observations })).toMatchObject({ firstLook: 'no', resourceTimeOfRequest: 'no' });
  });
});

describe('a canceled create', () => {
  const creating = { resourceStatus: 'CREATE_IN_PROGRESS', stackStatus: 'CREATE_IN_PROGRESS' };
  const canceled = { resourceStatus: 'CREATE_FAILED', stackStatus: 'ROLLBACK_IN_PROGRESS' };
  const step: Step = {
    name: 'canceled create',
    stackId: STACK,
    events: [event(0, 'LiveObserved', 'CREATE_IN_PROGRESS'), event(9, 'Wrong', 'CREATE_FAILED', 'fails'), event(10, 'Slow', 'CREATE_FAILED', 'Resource creation cancelled')],
  };
  const scenario = (shownAfter: number, deletedId: string): ObservedScenario => ({
    steps: [step],
    observations: [
      observed(1, 'a', 'Create', 'Slow', undefined, creating),
      observed(11, 'a', 'Create', 'Slow', undefined, creating),
      observed(10 + shownAfter, 'a', 'Create', 'Slow', undefined, canceled),
      observed(10 + shownAfter + 1, 'b', 'Delete', 'Slow', deletedId, { ...canceled, resourceStatus: 'DELETE_IN_PROGRESS', physicalId: deletedId }),
    ],
  });

  test('is current until CloudFormation shows that it is not', () => {
    expect(timeline(scenario(3, 'LiveObserved-Slow-XYZ')).map(({ after, current, canceled: over }) => [after, current, over])).toEqual([
      [1, true, false], [11, true, true], [13, false, true], [14, true, false],
    ]);
  });

  test('is stopped by the fence in time, and deleted with a physical ID that no handler returned', () => {
    expect(answersTo(scenario(3, 'LiveObserved-Slow-XYZ'))).toMatchObject({ canceledIsFenced: 'yes', canceledDelete: 'yes', requestsAreCurrent: 'yes' });
  });

  test('fails the fence if CloudFormation shows the cancellation after the grace period', () => {
    expect(answersTo(scenario(12, 'observed-a'))).toMatchObject({ canceledIsFenced: 'no', canceledDelete: 'no' });
  });

  test('settles nothing if nothing was canceled', () => {
    const uneventful = { ...scenario(3, 'observed-a'), steps: [{ ...step, events: step.events.slice(0, 2) }] };
    expect(answersTo(uneventful)).toMatchObject({ canceledIsFenced: 'unclear', canceledDelete: 'unclear' });
  });
});

describe('a replacement', () => {
  const updating = (seconds: number): View => ({ resourceStatus: 'UPDATE_IN_PROGRESS', stackStatus: 'UPDATE_IN_PROGRESS', stackTime: at(seconds).toISOString() });
  const cleanup = (resourceStatus: string, physicalId: string): View =>
    ({ resourceStatus, physicalId, stackStatus: 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', stackTime: at(100).toISOString() });
  const rollback: View = { resourceStatus: 'UPDATE_IN_PROGRESS', stackStatus: 'UPDATE_ROLLBACK_IN_PROGRESS', stackTime: at(200).toISOString() };
  const steps: Step[] = [
    { name: 'replacement', stackId: STACK, events: [event(100, 'LiveObserved', 'UPDATE_IN_PROGRESS')] },
    { name: 'rolled-back replacement', stackId: STACK, events: [event(200, 'LiveObserved', 'UPDATE_IN_PROGRESS')] },
  ];
  const replaced = observed(101, 'a', 'Update', 'One', 'observed-a', updating(100));
  const replacedAgain = observed(201, 'c', 'Update', 'One', 'observed-b', updating(200));

  test('the fence holds if the cleanup shows the new physical ID or the deletion', () => {
    for (const view of [cleanup('UPDATE_COMPLETE', 'observed-b'), cleanup('DELETE_IN_PROGRESS', 'observed-a')]) {
      expect(answersTo({ steps, observations: [replaced, observed(103, 'b', 'Delete', 'One', 'observed-a', view)] })).toMatchObject({ requestsAreCurrent: 'yes' });
    }
  });

  test('fails the fence if the cleanup shows anything else', () => {
    const observations = [replaced, observed(103, 'b', 'Delete', 'One', 'observed-a', cleanup('UPDATE_COMPLETE', 'observed-a'))];
    expect(answersTo({ steps, observations })).toMatchObject({ requestsAreCurrent: 'no' });
  });

  test('settles whether the rollback sends an Update before the Delete', () => {
    const back = observed(203, 'd', 'Update', 'One', 'observed-c', rollback);
    const deletion = observed(205, 'e', 'Delete', 'One', 'observed-c', rollback);
    expect(answersTo({ steps, observations: [replacedAgain, back, deletion] })).toMatchObject({ rollbackOfReplacement: 'yes' });
    expect(answersTo({ steps, observations: [replacedAgain, deletion] })).toMatchObject({ rollbackOfReplacement: 'no' });
    expect(answersTo({ steps, observations: [replacedAgain] })).toMatchObject({ rollbackOfReplacement: 'unclear' });
  });

  test('fails the operation ID if the time of the stack does not change between operations', () => {
    expect(answersTo({ steps, observations: [replaced, replacedAgain] })).toMatchObject({ stackTimeOfOperation: 'yes' });
    const unchanged = observed(201, 'c', 'Update', 'One', 'observed-b', updating(100));
    expect(answersTo({ steps, observations: [replaced, unchanged] })).toMatchObject({ stackTimeOfOperation: 'no' });
  });
});
