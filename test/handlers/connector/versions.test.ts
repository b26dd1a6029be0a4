import { user, version } from './inputs';
import type { ConnectorVersion } from '../../../src/handlers/connector/observed';
import { mayHold, surplusVersions } from '../../../src/handlers/connector/versions';
import { MINUTE, NOW, SECOND } from '../engine/inputs';

function surplus(versions: ConnectorVersion[], retained = 1): number[] {
  return surplusVersions(versions, retained).map(({ version: number }) => number);
}

describe('surplus versions', () => {
  test('are all but the latest, oldest first, for any order of the list', () => {
    expect(surplus([version(2), version(10), version(9), version(1)])).toEqual([1, 2, 9]);
  });

  test('are fewer if more are retained', () => {
    const versions = [version(1), version(2), version(3)];
    expect([surplus(versions, 2), surplus(versions, 3), surplus(versions, 4)]).toEqual([[1], [], []]);
  });

  test('do not exist if there is only the latest version, or none', () => {
    expect(surplus([version(7)])).toEqual([]);
    expect(surplus([])).toEqual([]);
  });

  test('are counted among usable versions: a failed one does not count', () => {
    expect(surplus([version(1), version(2, { state: 'FAILED' }), version(3)], 2)).toEqual([2]);
  });

  test.each([['ACTIVE', true], ['INACTIVE', true], ['FAILED', true], ['PENDING', false], ['DELETING', false], ['DELETE_FAILED', false]] as const)(
    'may be %s: %s', (state, can) => {
      expect(surplus([version(1, { state }), version(2)])).toEqual(can ? [1] : []);
    });

  test('are returned without a change of the list', () => {
    const versions = [version(1), version(2)];
    surplusVersions(versions, 1);
    mayHold(versions[0], versions, []);
    expect(versions).toEqual([version(1), version(2)]);
  });
});

describe('a version', () => {
  /** The second version replaced the first now, and the third replaces the second an hour later. */
  const versions = [version(3, { modifiedAt: NOW + 60 * MINUTE }), version(1, { modifiedAt: NOW - 60 * MINUTE }), version(2, { modifiedAt: NOW })];
  const [, first, second] = versions;
  const launchedAt = (startedAt: number) => [user('microvm-1', { startedAt })];

  test('is not used if there is no MicroVM', () => {
    expect(mayHold(first, versions, [])).toBe(false);
  });

  test('may be used by a MicroVM that was launched before the next version replaced it, or up to a minute later', () => {
    const isUsed = (startedAt: number) => mayHold(first, versions, launchedAt(startedAt));
    expect([NOW - 30 * MINUTE, NOW, NOW + 59 * SECOND, NOW + MINUTE, NOW + 30 * MINUTE].map(isUsed)).toEqual([true, true, true, false, false]);
  });

  test('is replaced by the next version, not by the latest', () => {
    expect(mayHold(second, versions, launchedAt(NOW + 30 * MINUTE))).toBe(true);
    expect(mayHold(first, versions, launchedAt(NOW + 30 * MINUTE))).toBe(false);
  });

  test('may be used by one of several MicroVMs', () => {
    expect(mayHold(first, versions, [...launchedAt(NOW + 30 * MINUTE), ...launchedAt(NOW)])).toBe(true);
  });

  test('is used by a MicroVM whose launch named it, at any time', () => {
    const named = (number: number) => [user('microvm-1', { startedAt: NOW + 90 * MINUTE, version: number })];
    expect([mayHold(first, versions, named(1)), mayHold(second, versions, named(1))]).toEqual([true, false]);
    expect(mayHold(first, versions, [user('microvm-1', { startedAt: NOW - 30 * MINUTE, version: 3 })])).toBe(false);
  });

  test('may be used by every MicroVM if the service does not show when it was replaced', () => {
    const withoutTimes = [version(1), version(2, { modifiedAt: undefined })];
    expect(mayHold(withoutTimes[0], withoutTimes, launchedAt(NOW + 90 * MINUTE))).toBe(true);
    expect(mayHold(withoutTimes[0], withoutTimes, [])).toBe(false);
  });

  test('that is the latest may be used by every MicroVM whose launch named none', () => {
    expect(mayHold(versions[0], versions, launchedAt(NOW + 90 * MINUTE))).toBe(true);
  });
});
