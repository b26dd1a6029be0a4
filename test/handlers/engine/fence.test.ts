import { NOW } from './inputs';
import type { RequestType } from '../../../src/handlers/engine/event';
import { isCurrent } from '../../../src/handlers/engine/fence';
import { describeOperation } from '../../../src/handlers/engine/operation';
import type { Phase, StackView } from '../../../src/handlers/engine/stack';
import { arnOf, pollEvent } from '../image/inputs';

const TIME = '2026-11-23T00:00:00.000Z';
const LATER = '2026-11-23T00:10:00.000Z';

const RESOURCE_STATUS = { Create: 'CREATE_IN_PROGRESS', Update: 'UPDATE_IN_PROGRESS', Delete: 'DELETE_IN_PROGRESS' };
const STACK_STATUS: Partial<Record<Phase, string>> = {
  forward: 'UPDATE_IN_PROGRESS', rollback: 'UPDATE_ROLLBACK_IN_PROGRESS', cleanup: 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', delete: 'DELETE_IN_PROGRESS',
};

/** Whether a request is current if CloudFormation shows its operation in progress, except for what the view says. */
function isCurrentIn(RequestType: RequestType, Phase: Phase, view: StackView): boolean {
  return isCurrent(pollEvent({ RequestType, Operation: { Phase, StackTime: TIME } }), {
    stackStatus: STACK_STATUS[Phase], stackTime: TIME, resourceStatus: RESOURCE_STATUS[RequestType], physicalId: arnOf('sandbox'), ...view,
  });
}

describe('the fence lets an operation pass', () => {
  test.each<[RequestType, Phase]>([
    ['Create', 'forward'], ['Update', 'forward'], ['Update', 'rollback'], ['Delete', 'rollback'], ['Delete', 'cleanup'], ['Delete', 'delete'],
  ])('that CloudFormation waits for: %s in the phase %s', (type, phase) => {
    expect(isCurrentIn(type, phase, {})).toBe(true);
  });

  test.each<Phase>(['cleanup', 'rollback'])('that deletes a replaced resource in the phase %s, although the resource exists under another physical ID', phase => {
    expect(isCurrentIn('Delete', phase, { resourceStatus: 'UPDATE_COMPLETE', physicalId: arnOf('new-name') })).toBe(true);
  });

  test('that deletes a resource which CloudFormation no longer shows', () => {
    expect(isCurrentIn('Delete', 'cleanup', { resourceStatus: undefined, resourceIsAbsent: true })).toBe(true);
  });

  test.each<RequestType>(['Create', 'Update', 'Delete'])('if CloudFormation shows nothing: %s', type => {
    expect(isCurrent(pollEvent({ RequestType: type, Operation: { Phase: 'forward', StackTime: TIME } }), {})).toBe(true);
    expect(isCurrent(pollEvent({ RequestType: type, Operation: { Phase: 'unknown' } }), {})).toBe(true);
  });

  test('that was described from an old view of an idle stack', () => {
    const Operation = describeOperation(pollEvent(), { stackStatus: 'UPDATE_COMPLETE', stackTime: 'before' }, NOW);
    expect(isCurrent(pollEvent({ Operation }), { stackStatus: 'UPDATE_IN_PROGRESS', stackTime: 'now', resourceStatus: 'UPDATE_IN_PROGRESS' })).toBe(true);
  });
});

describe('the fence stops an operation', () => {
  test.each<[string, RequestType, Phase, StackView]>([
    ['the rollback has begun', 'Update', 'forward', { stackStatus: 'UPDATE_ROLLBACK_IN_PROGRESS' }],
    ['the stack is being deleted', 'Create', 'forward', { stackStatus: 'DELETE_IN_PROGRESS' }],
    ['the deployment has ended', 'Update', 'forward', { stackStatus: 'UPDATE_ROLLBACK_COMPLETE' }],
    ['a later deployment is in progress', 'Update', 'forward', { stackTime: LATER }],
    ['the resource has been created', 'Create', 'forward', { resourceStatus: 'CREATE_COMPLETE' }],
    ['the resource has failed', 'Create', 'forward', { resourceStatus: 'CREATE_FAILED' }],
    ['the resource is being updated after its creation was canceled', 'Create', 'forward', { resourceStatus: 'UPDATE_IN_PROGRESS' }],
    ['the update has ended', 'Update', 'forward', { resourceStatus: 'UPDATE_COMPLETE' }],
    ['the resource is being deleted after its update', 'Update', 'rollback', { resourceStatus: 'DELETE_IN_PROGRESS' }],
    ['the resource has been deleted', 'Update', 'forward', { resourceStatus: undefined, resourceIsAbsent: true }],
    ['the resource has been deleted', 'Create', 'forward', { resourceStatus: undefined, resourceIsAbsent: true }],
    ['the deletion has ended', 'Delete', 'delete', { resourceStatus: 'DELETE_COMPLETE' }],
    ['the resource exists under the same ID', 'Delete', 'cleanup', { resourceStatus: 'UPDATE_COMPLETE' }],
    ['the resource shows no ID', 'Delete', 'cleanup', { resourceStatus: 'UPDATE_COMPLETE', physicalId: undefined }],
    ['the resource exists under another ID, but the stack is being deleted', 'Delete', 'delete', { resourceStatus: 'DELETE_FAILED', physicalId: arnOf('other') }],
  ])('if %s (%s, %s)', (_, type, phase, view) => {
    expect(isCurrentIn(type, phase, view)).toBe(false);
  });

  test('that creates a resource, if it is first described during the rollback', () => {
    expect(isCurrentIn('Create', 'rollback', {})).toBe(false);
  });

  test('that was described while the stack was idle, once another operation of the stack has begun', () => {
    const isCurrentAt = (stackTime: string) => isCurrent(
      pollEvent({ RequestType: 'Create', Operation: { Phase: 'unknown', StackTime: undefined, StartedAt: Date.parse(TIME) } }),
      { stackStatus: 'UPDATE_IN_PROGRESS', resourceStatus: 'CREATE_IN_PROGRESS', stackTime },
    );
    expect(isCurrentAt(TIME)).toBe(true);
    expect(isCurrentAt('2026-11-23T00:00:10.000Z')).toBe(true);
    expect(isCurrentAt('2026-11-23T00:00:11.000Z')).toBe(false);
  });
});

describe('the fence decides', () => {
  const poll = pollEvent({ Operation: { Phase: 'forward', StackTime: TIME } });

  test('by the resource alone if CloudFormation does not show the stack', () => {
    expect(isCurrent(poll, { resourceStatus: 'UPDATE_IN_PROGRESS' })).toBe(true);
    expect(isCurrent(poll, { resourceStatus: 'UPDATE_COMPLETE' })).toBe(false);
  });

  test('by the stack alone if CloudFormation does not show the resource', () => {
    expect(isCurrent(poll, { stackStatus: 'UPDATE_IN_PROGRESS', stackTime: TIME })).toBe(true);
    expect(isCurrent(poll, { stackStatus: 'UPDATE_ROLLBACK_IN_PROGRESS', stackTime: TIME })).toBe(false);
  });
});
