import { FakeClock, NOW, SECOND } from './inputs';
import type { RequestType } from '../../../src/handlers/engine/event';
import { firstView } from '../../../src/handlers/engine/first-view';
import type { StackView } from '../../../src/handlers/engine/stack';
import { pollEvent } from '../image/inputs';

/** Answers with these views in turn, and then with the last one. */
async function viewing(type: RequestType, ...views: StackView[]): Promise<{ calls: number; last: StackView; milliseconds: number }> {
  const clock = new FakeClock();
  let calls = 0;
  const last = await firstView(pollEvent({ RequestType: type }), async () => views[Math.min(calls++, views.length - 1)], clock, () => 0.5);
  return { calls, last, milliseconds: clock.now() - NOW };
}

const CREATING: StackView = { stackStatus: 'CREATE_IN_PROGRESS', resourceStatus: 'CREATE_IN_PROGRESS' };
const UPDATING: StackView = { stackStatus: 'UPDATE_IN_PROGRESS', resourceStatus: 'UPDATE_IN_PROGRESS' };
const DELETING: StackView = { stackStatus: 'DELETE_IN_PROGRESS', resourceStatus: 'DELETE_IN_PROGRESS' };

describe('the first view', () => {
  test.each<[RequestType, StackView]>([
    ['Create', CREATING], ['Create', { stackStatus: 'UPDATE_IN_PROGRESS', resourceStatus: 'CREATE_IN_PROGRESS' }],
    ['Update', UPDATING], ['Update', { ...UPDATING, stackStatus: 'UPDATE_ROLLBACK_IN_PROGRESS' }],
    ['Delete', DELETING], ['Delete', { stackStatus: 'ROLLBACK_IN_PROGRESS', resourceStatus: 'DELETE_IN_PROGRESS' }],
    ['Delete', { stackStatus: 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', resourceStatus: 'UPDATE_COMPLETE', physicalId: 'another' }],
    ['Delete', { stackStatus: 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', resourceIsAbsent: true }],
  ])('is the only one if CloudFormation shows the operation: %s, %j', async (type, view) => {
    await expect(viewing(type, view)).resolves.toEqual({ calls: 1, last: view, milliseconds: 0 });
  });

  test('is the only one if IAM does not allow it', async () => {
    await expect(viewing('Update', {})).resolves.toMatchObject({ calls: 1 });
  });

  test.each<[string, RequestType, StackView]>([
    ['limits the rate of calls', 'Update', { isIncomplete: true }],
    ['shows half of it', 'Update', { ...UPDATING, isIncomplete: true }],
    ['still shows the stack at rest', 'Update', { stackStatus: 'UPDATE_COMPLETE', resourceStatus: 'UPDATE_COMPLETE' }],
    ['still shows the resource at rest', 'Update', { stackStatus: 'UPDATE_IN_PROGRESS', resourceStatus: 'UPDATE_COMPLETE' }],
    ['still shows the creation', 'Delete', CREATING],
    ['still shows the update', 'Delete', { ...UPDATING, physicalId: 'another' }],
    ['does not show the resource yet', 'Create', { stackStatus: 'CREATE_IN_PROGRESS', resourceIsAbsent: true }],
    ['shows the rollback already', 'Create', { stackStatus: 'ROLLBACK_IN_PROGRESS', resourceStatus: 'CREATE_IN_PROGRESS' }],
  ])('is followed by another one if CloudFormation %s (%s)', async (_, type, view) => {
    const shown = { Create: CREATING, Update: UPDATING, Delete: DELETING }[type];
    await expect(viewing(type, view, view, shown)).resolves.toMatchObject({ calls: 3, last: shown });
  });

  test('is the last one after twenty seconds', async () => {
    const { calls, milliseconds } = await viewing('Update', { isIncomplete: true });
    expect(calls).toBe(10);
    expect(milliseconds).toBeGreaterThanOrEqual(20 * SECOND);
    expect(milliseconds).toBeLessThan(23 * SECOND);
  });
});
