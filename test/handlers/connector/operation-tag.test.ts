import { desired } from './inputs';
import { OPERATION_TAG } from '../../../src/contract/connector';
import type { LastRequest } from '../../../src/handlers/connector/operation-tag';
import { lastRequestIn, operationTagValue, overridesHash } from '../../../src/handlers/connector/operation-tag';

test.each<[string, LastRequest, string]>([
  ['of a creation', { operationId: 'op', attempt: 1 }, 'op/1'],
  ['of an update', { operationId: 'op', attempt: 2, requestedAt: 1700 }, 'op/2/1700'],
  ['of a creation with overrides', { operationId: 'op', attempt: 1, overrides: 'abc' }, 'op/1//abc'],
  ['of an update with overrides', { operationId: 'op', attempt: 1, requestedAt: 1700, overrides: 'abc' }, 'op/1/1700/abc'],
])('the operation tag %s is read as it was written', (_, request, value) => {
  expect(operationTagValue(request)).toBe(value);
  expect(lastRequestIn({ [OPERATION_TAG]: value })).toEqual({ requestedAt: undefined, overrides: undefined, ...request });
});

test('a connector without the tag has no last request', () => {
  expect(lastRequestIn({ team: 'network' })).toBeUndefined();
});

test('the hash of overrides is short, differs between overrides, and is absent without them', () => {
  const hashOf = (requestOverrides?: string) => overridesHash(desired({ requestOverrides }));
  expect(hashOf()).toBeUndefined();
  expect(hashOf('{"A":1}')).toMatch(/^[0-9a-f]{32}$/);
  expect(hashOf('{"A":1}')).not.toBe(hashOf('{"A":2}'));
});
