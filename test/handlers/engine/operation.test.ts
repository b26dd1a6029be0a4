import { MINUTE, NOW, operation, SECOND, STACK_ID } from './inputs';
import type { RequestType } from '../../../src/handlers/engine/event';
import { describeOperation, GRACE, isDetailedPoll, operationOf } from '../../../src/handlers/engine/operation';
import type { Phase } from '../../../src/handlers/engine/stack';
import { arnOf, pollEvent } from '../image/inputs';
import type { PollCircumstances } from '../image/inputs';

const TIME = '2026-11-23T00:00:00.000Z';
const LATER = '2026-11-23T00:10:00.000Z';

describe('the description of an operation', () => {
  const event = pollEvent();

  test('holds all that later polls need', () => {
    expect(describeOperation(event, { stackStatus: 'UPDATE_IN_PROGRESS', stackTime: TIME }, NOW, { newestBaseImage: '2' })).toEqual({
      Id: `request@${TIME}`, StackTime: TIME, Phase: 'forward', StartedAt: NOW, RequestPhysicalId: arnOf('sandbox'), Resolved: { newestBaseImage: '2' },
    });
  });

  test('has the same ID for a second delivery', () => {
    const stack = { stackStatus: 'UPDATE_IN_PROGRESS', stackTime: TIME };
    const [first, second] = [NOW, NOW + 5 * SECOND].map(now => describeOperation(event, stack, now));
    expect(second.Id).toBe(first.Id);
  });

  test('has another ID for a retried deployment, although CloudFormation reuses the request ID', () => {
    const [first, second] = [TIME, LATER].map(stackTime => describeOperation(event, { stackStatus: 'UPDATE_IN_PROGRESS', stackTime }, NOW));
    expect(second.Id).not.toBe(first.Id);
  });

  test('lacks what CloudFormation does not show', () => {
    expect(describeOperation(event, {}, NOW)).toMatchObject({ Id: 'request@', Phase: 'unknown', StackTime: undefined });
  });

  test('ignores the last operation that an idle stack shows', () => {
    expect(describeOperation(event, { stackStatus: 'UPDATE_COMPLETE', stackTime: TIME }, NOW)).toMatchObject({ Id: 'request@', Phase: 'unknown', StackTime: undefined });
  });
});

describe('an operation', () => {
  const at = (now: number, more: PollCircumstances = {}, timeoutSeconds = 3000) => operationOf(pollEvent(more), timeoutSeconds, now);

  test('has the same client tokens in each poll, and other tokens than other operations', () => {
    const first = at(NOW);
    expect(at(NOW + MINUTE).clientToken).toBe(first.clientToken);
    const others = [at(NOW, { Operation: { Id: 'request@later' } }), at(NOW, { StackId: `${STACK_ID}1` }), at(NOW, { LogicalResourceId: 'Other' })];
    const tokens = [first, ...others].flatMap(each => [each.clientToken, each.secondClientToken]);
    expect(new Set(tokens).size).toBe(8);
  });

  test('has client tokens of 64 characters, which every service accepts', () => {
    expect(at(NOW).clientToken).toMatch(/^[0-9a-f]{64}$/);
    expect(at(NOW).secondClientToken).toMatch(/^[0-9a-f]{64}$/);
  });

  test('has an ID for tags and descriptions that only depends on the ID of its description', () => {
    expect(at(NOW).id).toMatch(/^[0-9a-f]{12}$/);
    expect(at(NOW + MINUTE).id).toBe(at(NOW).id);
    expect(at(NOW, { Operation: { Id: 'request@later' } }).id).not.toBe(at(NOW).id);
  });

  test('expires after its timeout', () => {
    expect(at(NOW + 299 * SECOND, {}, 300).expired).toBe(false);
    expect(at(NOW + 300 * SECOND, {}, 300).expired).toBe(true);
  });

  test('ends soon in the last three poll intervals', () => {
    expect(at(NOW + 287 * SECOND, {}, 300).endsSoon).toBe(false);
    expect(at(NOW + 288 * SECOND, {}, 300).endsSoon).toBe(true);
  });

  test('expects new roles to lack permissions for two minutes', () => {
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
    ['Delete', 'unknown', true],
    ['Delete', 'rollback', true],
    ['Delete', 'cleanup', false],
    ['Delete', 'delete', false],
  ])('%s in the phase %s waits for the calls of earlier operations: %s', (RequestType, Phase, waits) => {
    const inGrace = (milliseconds: number) => at(NOW + milliseconds, { RequestType, Operation: { Phase } }).inGrace;
    expect([inGrace(0), inGrace(7_999), inGrace(8_000)]).toEqual([waits, waits, false]);
  });

  test.each<Phase>(['cleanup', 'delete'])('that deletes by an ID that CloudFormation invented waits in the phase %s too', phase => {
    expect(operationOf(pollEvent({ RequestType: 'Delete' }), 3000, NOW, { phase, isIdInvented: true })).toMatchObject({ mayFollowAnother: true, inGrace: true });
  });

  test('has the ID of the stack operation that the fence showed if the first view showed none', () => {
    const seen = pollEvent({ Operation: { Id: `request@${TIME}`, StackTime: TIME } });
    const unseen = pollEvent({ Operation: { Id: 'request@', StackTime: undefined } });
    const asShown = operationOf(unseen, 3000, NOW, { stackTime: TIME });
    const { id, clientToken, secondClientToken } = operationOf(seen, 3000, NOW);
    expect(asShown).toMatchObject({ id, clientToken, secondClientToken });
    expect(operationOf(seen, 3000, NOW, { stackTime: LATER }).id).toBe(id);
    expect(operationOf(unseen, 3000, NOW).id).not.toBe(id);
    // The container finds what it remembers before it asks the fence.
    expect(asShown.paceKey).toBe(operationOf(unseen, 3000, NOW).paceKey);
  });

  test('is in the phase that the fence showed, whatever the first view showed', () => {
    expect(operationOf(pollEvent({ Operation: { Phase: 'forward' } }), 3000, NOW, { phase: 'rollback' })).toMatchObject({ phase: 'rollback', inGrace: true });
  });

  test('has a grace period of one call and one poll interval', () => {
    expect(GRACE).toBe(8 * SECOND);
  });
});

describe('a detailed poll', () => {
  const isDetailedAfter = (seconds: number, expired = false) => isDetailedPoll(operation({ startedAt: NOW - seconds * SECOND, expired }));

  test('happens in the first poll interval of each minute', () => {
    expect([0, 3.9, 4, 59, 60, 63, 64, 3_600].map(seconds => isDetailedAfter(seconds))).toEqual([true, true, false, false, true, true, false, true]);
  });

  test('happens at the deadline', () => {
    expect(isDetailedAfter(30, true)).toBe(true);
  });
});
