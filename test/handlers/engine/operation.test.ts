import { MINUTE, NOW, SECOND, STACK_ID } from './inputs';
import type { RequestType } from '../../../src/handlers/engine/event';
import { isCurrent } from '../../../src/handlers/engine/fence';
import { hash } from '../../../src/handlers/engine/fingerprint';
import { describeOperation, operationOf } from '../../../src/handlers/engine/operation';
import type { Phase, StackView } from '../../../src/handlers/engine/stack';
import { phaseOf } from '../../../src/handlers/engine/stack';
import { arnOf, pollEvent } from '../image/inputs';
import type { PollCircumstances } from '../image/inputs';

const TIME = '2026-11-23T00:00:00.000Z';
const LATER = '2026-11-23T00:10:00.000Z';

describe('the phase of a stack', () => {
  test.each<[string | undefined, Phase]>([
    [undefined, 'unknown'],
    ['CREATE_IN_PROGRESS', 'forward'],
    ['UPDATE_IN_PROGRESS', 'forward'],
    ['REVIEW_IN_PROGRESS', 'forward'],
    ['IMPORT_IN_PROGRESS', 'forward'],
    ['ROLLBACK_IN_PROGRESS', 'rollback'],
    ['UPDATE_ROLLBACK_IN_PROGRESS', 'rollback'],
    ['UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', 'rollback'],
    ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'cleanup'],
    ['DELETE_IN_PROGRESS', 'delete'],
    ['UPDATE_COMPLETE', 'idle'],
    ['ROLLBACK_FAILED', 'idle'],
  ])('with the status %s is %s', (status, phase) => {
    expect(phaseOf(status)).toBe(phase);
  });
});

describe('the description of an operation', () => {
  const event = pollEvent();

  test('holds all that later polls need', () => {
    expect(describeOperation(event, { stackStatus: 'UPDATE_IN_PROGRESS', stackTime: TIME }, NOW, { newestBaseImage: '2' })).toEqual({
      Id: `request@${TIME}`, StackTime: TIME, Phase: 'forward', StartedAt: NOW, RequestPhysicalId: arnOf('sandbox'), Resolved: { newestBaseImage: '2' },
    });
  });

  test('is the same for a second delivery, but for its start', () => {
    const stack = { stackStatus: 'UPDATE_IN_PROGRESS', stackTime: TIME };
    const [first, second] = [NOW, NOW + 5 * SECOND].map(now => describeOperation(event, stack, now));
    expect(second.Id).toBe(first.Id);
  });

  test('is another for a retried deployment, although the request id is used again', () => {
    const [first, second] = [TIME, LATER].map(stackTime => describeOperation(event, { stackStatus: 'UPDATE_IN_PROGRESS', stackTime }, NOW));
    expect(second.Id).not.toBe(first.Id);
  });

  test('does without what CloudFormation does not tell', () => {
    expect(describeOperation(event, {}, NOW)).toMatchObject({ Id: 'request@', Phase: 'unknown', StackTime: undefined });
  });
});

describe('an operation', () => {
  const at = (now: number, more: PollCircumstances = {}, timeoutSeconds = 3000) => operationOf(pollEvent(more), timeoutSeconds, now);

  test('asks with the same client token in each poll, and with another than other operations', () => {
    const first = at(NOW);
    expect(at(NOW + MINUTE).clientToken).toBe(first.clientToken);
    const others = [at(NOW, { Operation: { Id: 'request@later' } }), at(NOW, { StackId: `${STACK_ID}1` }), at(NOW, { LogicalResourceId: 'Other' })];
    const tokens = [first, ...others].flatMap(each => [each.clientToken, each.secondClientToken]);
    expect(new Set(tokens).size).toBe(8);
  });

  test('fits its client tokens into the 64 characters that every service takes', () => {
    expect(at(NOW).clientToken).toMatch(/^[0-9a-f]{64}$/);
    expect(at(NOW).secondClientToken).toMatch(/^[0-9a-f]{64}$/);
  });

  test('is known in a marker by its id alone', () => {
    expect(at(NOW).id).toMatch(/^[0-9a-f]{12}$/);
    expect(at(NOW + MINUTE).id).toBe(at(NOW).id);
    expect(at(NOW, { Operation: { Id: 'request@later' } }).id).not.toBe(at(NOW).id);
  });

  test('expires when its time-out has passed', () => {
    expect(at(NOW + 299 * SECOND, {}, 300).expired).toBe(false);
    expect(at(NOW + 300 * SECOND, {}, 300).expired).toBe(true);
  });

  test('bears with fresh roles for two minutes', () => {
    expect(at(NOW + 119 * SECOND).rolesMayBeFresh).toBe(true);
    expect(at(NOW + 120 * SECOND).rolesMayBeFresh).toBe(false);
  });

  test.each<[RequestType, Phase, boolean]>([
    ['Create', 'forward', false],
    ['Create', 'unknown', false],
    ['Update', 'forward', false],
    ['Update', 'rollback', true],
    ['Update', 'unknown', true],
    ['Delete', 'forward', true],
    ['Delete', 'rollback', true],
    ['Delete', 'cleanup', true],
    ['Delete', 'delete', true],
  ])('%s in the phase %s bears with changes of earlier operations: %s', (RequestType, Phase, bears) => {
    const inGrace = (milliseconds: number) => at(NOW + milliseconds, { RequestType, Operation: { Phase } }).inGrace;
    expect([inGrace(0), inGrace(9_999), inGrace(10_000)]).toEqual([bears, bears, false]);
  });
});

describe('the fence', () => {
  test('keeps out what was described in a stack at rest, once another operation of the stack has begun', () => {
    const described = (stackTime: string) => isCurrent(
      pollEvent({ RequestType: 'Create', Operation: { Phase: 'unknown', StackTime: undefined, StartedAt: Date.parse(TIME) } }),
      { stackStatus: 'UPDATE_IN_PROGRESS', resourceStatus: 'CREATE_IN_PROGRESS', stackTime },
    );
    expect(described(TIME)).toBe(true);
    expect(described('2026-11-23T00:00:10.000Z')).toBe(true);
    expect(described('2026-11-23T00:00:11.000Z')).toBe(false);
  });

  const statuses = { Create: 'CREATE_IN_PROGRESS', Update: 'UPDATE_IN_PROGRESS', Delete: 'DELETE_IN_PROGRESS' };
  const stackStatuses: Partial<Record<Phase, string>> = {
    forward: 'UPDATE_IN_PROGRESS', rollback: 'UPDATE_ROLLBACK_IN_PROGRESS', cleanup: 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', delete: 'DELETE_IN_PROGRESS',
  };
  const current = (RequestType: RequestType, Phase: Phase, view: StackView) =>
    isCurrent(pollEvent({ RequestType, Operation: { Phase, StackTime: TIME } }), {
      stackStatus: stackStatuses[Phase], stackTime: TIME, resourceStatus: statuses[RequestType], physicalId: arnOf('sandbox'), ...view,
    });

  test.each<[RequestType, Phase]>([
    ['Create', 'forward'], ['Update', 'forward'], ['Update', 'rollback'], ['Delete', 'rollback'], ['Delete', 'cleanup'], ['Delete', 'delete'],
  ])('lets %s through in the phase %s', (type, phase) => {
    expect(current(type, phase, {})).toBe(true);
  });

  test.each<[string, RequestType, Phase, StackView]>([
    ['the rollback began', 'Update', 'forward', { stackStatus: 'UPDATE_ROLLBACK_IN_PROGRESS' }],
    ['the stack is deleted meanwhile', 'Create', 'forward', { stackStatus: 'DELETE_IN_PROGRESS' }],
    ['the deployment is over', 'Update', 'forward', { stackStatus: 'UPDATE_ROLLBACK_COMPLETE' }],
    ['a later deployment is under way', 'Update', 'forward', { stackTime: LATER }],
    ['the resource was created already', 'Create', 'forward', { resourceStatus: 'CREATE_COMPLETE' }],
    ['the resource failed already', 'Create', 'forward', { resourceStatus: 'CREATE_FAILED' }],
    ['the resource is updated after its creation was cancelled', 'Create', 'forward', { resourceStatus: 'UPDATE_IN_PROGRESS' }],
    ['the update is over', 'Update', 'forward', { resourceStatus: 'UPDATE_COMPLETE' }],
    ['the resource is deleted after its update', 'Update', 'rollback', { resourceStatus: 'DELETE_IN_PROGRESS' }],
    ['the resource is gone', 'Update', 'forward', { resourceStatus: undefined, resourceIsAbsent: true }],
    ['the resource is gone', 'Create', 'forward', { resourceStatus: undefined, resourceIsAbsent: true }],
    ['the deletion is over', 'Delete', 'delete', { resourceStatus: 'DELETE_COMPLETE' }],
    ['the resource lives on under the same id', 'Delete', 'cleanup', { resourceStatus: 'UPDATE_COMPLETE' }],
    ['the resource shows no id', 'Delete', 'cleanup', { resourceStatus: 'UPDATE_COMPLETE', physicalId: undefined }],
    ['the resource lives on under another id, but the stack is deleted', 'Delete', 'delete', { resourceStatus: 'DELETE_FAILED', physicalId: arnOf('other') }],
  ])('holds an operation back when %s (%s, %s)', (_, type, phase, view) => {
    expect(current(type, phase, view)).toBe(false);
  });

  test.each<Phase>(['cleanup', 'rollback'])('lets the deletion of what was replaced through in the phase %s, although the resource lives on', phase => {
    expect(current('Delete', phase, { resourceStatus: 'UPDATE_COMPLETE', physicalId: arnOf('new-name') })).toBe(true);
  });

  test('lets the deletion of a resource through that CloudFormation does not show any more', () => {
    expect(current('Delete', 'cleanup', { resourceStatus: undefined, resourceIsAbsent: true })).toBe(true);
  });

  test('lets no creation through that is first described during the rollback', () => {
    expect(current('Create', 'rollback', {})).toBe(false);
  });

  test.each<RequestType>(['Create', 'Update', 'Delete'])('lets %s through if nothing is known', type => {
    expect(isCurrent(pollEvent({ RequestType: type, Operation: { Phase: 'forward', StackTime: TIME } }), {})).toBe(true);
    expect(isCurrent(pollEvent({ RequestType: type, Operation: { Phase: 'unknown' } }), {})).toBe(true);
  });

  test('goes by the resource alone if the stack cannot be seen', () => {
    const poll = pollEvent({ Operation: { Phase: 'forward', StackTime: TIME } });
    expect(isCurrent(poll, { resourceStatus: 'UPDATE_IN_PROGRESS' })).toBe(true);
    expect(isCurrent(poll, { resourceStatus: 'UPDATE_COMPLETE' })).toBe(false);
  });

  test('goes by the stack alone if the resource cannot be seen', () => {
    const poll = pollEvent({ Operation: { Phase: 'forward', StackTime: TIME } });
    expect(isCurrent(poll, { stackStatus: 'UPDATE_IN_PROGRESS', stackTime: TIME })).toBe(true);
    expect(isCurrent(poll, { stackStatus: 'UPDATE_ROLLBACK_IN_PROGRESS', stackTime: TIME })).toBe(false);
  });
});

test('a hash tells its parts apart', () => {
  expect(hash('ab', 'c')).not.toBe(hash('a', 'bc'));
});

test('an operation that is described from an old view of an idle stack is not fenced off for ever', () => {
  const Operation = describeOperation(pollEvent(), { stackStatus: 'UPDATE_COMPLETE', stackTime: 'before' }, NOW);
  expect(isCurrent(pollEvent({ Operation }), { stackStatus: 'UPDATE_IN_PROGRESS', stackTime: 'now', resourceStatus: 'UPDATE_IN_PROGRESS' })).toBe(true);
});
