import { FakeClock, NOW, SECOND } from './inputs';
import type { PollEvent, RequestType } from '../../../src/handlers/engine/event';
import { askFence, currentPhase } from '../../../src/handlers/engine/fence';
import { describeOperation } from '../../../src/handlers/engine/operation';
import type { Phase, StackView } from '../../../src/handlers/engine/stack';
import { arnOf, pollEvent } from '../image/inputs';

const TIME = '2026-11-23T00:00:00.000Z';
const LATER = '2026-11-23T00:10:00.000Z';

const RESOURCE_STATUS = { Create: 'CREATE_IN_PROGRESS', Update: 'UPDATE_IN_PROGRESS', Delete: 'DELETE_IN_PROGRESS' };
const STACK_STATUS: Partial<Record<Phase, string>> = {
  forward: 'UPDATE_IN_PROGRESS', rollback: 'UPDATE_ROLLBACK_IN_PROGRESS', cleanup: 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', delete: 'DELETE_IN_PROGRESS',
};

function isCurrent(event: PollEvent, view: StackView): boolean {
  return currentPhase(event, view) !== undefined;
}

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

  test.each<[Phase, string]>([
    ['cleanup', 'UPDATE_COMPLETE'], ['rollback', 'UPDATE_COMPLETE'], ['delete', 'DELETE_COMPLETE'], ['delete', 'DELETE_FAILED'],
  ])('that deletes a replaced resource in the phase %s, although the resource is in %s under another physical ID', (phase, resourceStatus) => {
    expect(isCurrentIn('Delete', phase, { resourceStatus, physicalId: arnOf('new-name') })).toBe(true);
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
    ['the deletion has failed', 'Delete', 'delete', { resourceStatus: 'DELETE_FAILED' }],
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

describe('the phase of an operation', () => {
  const AT_START = '2026-11-23T00:00:05.000Z';
  const phaseOf = (RequestType: RequestType, Phase: Phase, view: StackView) =>
    currentPhase(pollEvent({ RequestType, Operation: { Phase, StackTime: TIME, StartedAt: Date.parse(AT_START) } }), { stackTime: TIME, ...view });
  const rollingBack = (resourceTime?: string): StackView => ({ stackStatus: 'UPDATE_ROLLBACK_IN_PROGRESS', resourceStatus: 'UPDATE_IN_PROGRESS', resourceTime });

  test('is that of the stack if the resource got its status for this request, whatever the first view showed', () => {
    expect(phaseOf('Update', 'forward', rollingBack('2026-11-23T00:00:04.900Z'))).toBe('rollback');
    expect(phaseOf('Update', 'unknown', rollingBack('2026-11-23T00:00:04.900Z'))).toBe('rollback');
    // CloudFormation's clock may be slightly ahead.
    expect(phaseOf('Update', 'forward', rollingBack('2026-11-23T00:00:06.000Z'))).toBe('rollback');
  });

  test('does not change for an update whose resource is updated again in the rollback', () => {
    expect(phaseOf('Update', 'forward', rollingBack('2026-11-23T00:00:06.001Z'))).toBeUndefined();
    expect(phaseOf('Update', 'unknown', rollingBack('2026-11-23T00:00:06.001Z'))).toBeUndefined();
    expect(phaseOf('Update', 'forward', rollingBack())).toBeUndefined();
  });

  test('is current even if the rollback counts as a new operation of the stack', () => {
    expect(phaseOf('Update', 'forward', { ...rollingBack('2026-11-23T00:00:04.900Z'), stackTime: LATER })).toBe('rollback');
  });

  test.each<[Phase, string, Phase]>([
    ['forward', 'ROLLBACK_IN_PROGRESS', 'rollback'], ['unknown', 'DELETE_IN_PROGRESS', 'delete'], ['forward', 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', 'rollback'],
  ])('of a deletion that was seen in the phase %s is the one that the stack shows: %s', (described, stackStatus, phase) => {
    expect(phaseOf('Delete', described, { stackStatus, resourceStatus: 'DELETE_IN_PROGRESS' })).toBe(phase);
  });

  test('of an update that nobody saw begin is the one that the stack shows', () => {
    expect(phaseOf('Update', 'unknown', { stackStatus: 'UPDATE_IN_PROGRESS', resourceStatus: 'UPDATE_IN_PROGRESS', resourceTime: LATER })).toBe('forward');
    expect(phaseOf('Update', 'unknown', {})).toBe('unknown');
  });
});

describe('asking the fence', () => {
  const event = (RequestType: RequestType, phase: Phase) =>
    pollEvent({ RequestType, Operation: { Phase: phase, StackTime: TIME, StartedAt: Date.parse(TIME) } });
  const current = (type: RequestType): StackView => ({
    stackStatus: 'UPDATE_IN_PROGRESS', stackTime: TIME, resourceStatus: RESOURCE_STATUS[type], resourceTime: TIME,
  });

  /** Asks, and returns the phase, the scopes of the looks, and how long it took. */
  const asking = async (asked: PollEvent, ...views: StackView[]) => {
    const clock = new FakeClock();
    const scopes: string[] = [];
    const look = async (scope: string) => { scopes.push(scope); return views[Math.min(scopes.length, views.length) - 1]; };
    const phase = await askFence(asked, look, clock, () => 0.5);
    return { phase, scopes, milliseconds: clock.now() - NOW };
  };

  test.each<[RequestType, Phase]>([['Create', 'forward'], ['Delete', 'delete']])(
    'takes one call for the resource, and none for the stack, if that suffices: %s in the phase %s', async (type, phase) => {
      await expect(asking(event(type, phase), current(type))).resolves.toEqual({ phase, scopes: ['resource'], milliseconds: 0 });
    });

  test.each<[RequestType, Phase]>([
    ['Update', 'forward'], ['Create', 'unknown'], ['Delete', 'unknown'], ['Delete', 'forward'], ['Delete', 'cleanup'], ['Delete', 'rollback'],
  ])(
    'describes the stack if the phase is not certain: %s in the phase %s', async (type, phase) => {
      expect((await asking(event(type, phase), current(type))).scopes).toEqual(['all']);
    });

  test('describes the stack if the resource got its status after the request', async () => {
    const later = { ...current('Create'), resourceTime: LATER };
    await expect(asking(event('Create', 'forward'), later)).resolves.toMatchObject({ phase: 'forward', scopes: ['resource', 'all'] });
  });

  test('of a creation that was canceled takes one call', async () => {
    await expect(asking(event('Create', 'forward'), { resourceStatus: 'CREATE_FAILED' })).resolves.toEqual({ phase: undefined, scopes: ['resource'], milliseconds: 0 });
  });

  test('is repeated while CloudFormation limits the rate of calls, and then stops the operation', async () => {
    const limited = { isIncomplete: true };
    await expect(asking(event('Update', 'forward'), limited, current('Update')))
      .resolves.toEqual({ phase: 'forward', scopes: ['all', 'all'], milliseconds: 1.5 * SECOND });
    await expect(asking(event('Update', 'forward'), limited))
      .resolves.toEqual({ phase: undefined, scopes: ['all', 'all', 'all'], milliseconds: 3 * SECOND });
  });

  test('stops the operation if the answer took long', async () => {
    const clock = new FakeClock();
    const slow = async () => { clock.time += 2_001; return current('Update'); };
    await expect(askFence(event('Update', 'forward'), slow, clock, () => 0)).resolves.toBeUndefined();
  });
});
