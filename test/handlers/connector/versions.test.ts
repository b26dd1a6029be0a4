import { user, version } from './inputs';
import type { ConnectorVersion } from '../../../src/handlers/connector/observed';
import { mayHold, surplusVersions } from '../../../src/handlers/connector/versions';
import { MINUTE, NOW, SECOND } from '../engine/inputs';

function surplus(versions: ConnectorVersion[], retained = 1): number[] {
  return surplusVersions(versions, retained).map(({ version: number }) => number);
}

describe('versions that need not stay', () => {
  test('are all but the latest, oldest first, in whatever order the service lists them', () => {
    expect(surplus([version(2), version(10), version(9), version(1)])).toEqual([1, 2, 9]);
  });

  test('are fewer if more are to be retained', () => {
    const versions = [version(1), version(2), version(3)];
    expect([surplus(versions, 2), surplus(versions, 3), surplus(versions, 4)]).toEqual([[1], [], []]);
  });

  test('are none if there is only the latest, or nothing', () => {
    expect(surplus([version(7)])).toEqual([]);
    expect(surplus([])).toEqual([]);
  });

  test('are counted among those that can be used: a failed one takes no place', () => {
    expect(surplus([version(1), version(2, { state: 'FAILED' }), version(3)], 2)).toEqual([2]);
  });

  test.each([['ACTIVE', true], ['INACTIVE', true], ['FAILED', true], ['PENDING', false], ['DELETING', false], ['DELETE_FAILED', false]] as const)(
    'that are %s can be deleted: %s', (state, can) => {
      expect(surplus([version(1, { state }), version(2)])).toEqual(can ? [1] : []);
    });

  test('leave the list of the service as it was', () => {
    const versions = [version(1), version(2)];
    surplusVersions(versions, 1);
    mayHold(versions[0], versions, []);
    expect(versions).toEqual([version(1), version(2)]);
  });
});

describe('a version', () => {
  /** The first was replaced by the second now, and that by the third an hour later. */
  const versions = [version(3, { modifiedAt: NOW + 60 * MINUTE }), version(1, { modifiedAt: NOW - 60 * MINUTE }), version(2, { modifiedAt: NOW })];
  const [, first, second] = versions;
  const launchedAt = (startedAt: number) => [user('microvm-1', { startedAt })];

  test('may be held by no MicroVM if there is none', () => {
    expect(mayHold(first, versions, [])).toBe(false);
  });

  test('may be held by a MicroVM that was launched before the next version took its place, up to a minute later', () => {
    const holds = (startedAt: number) => mayHold(first, versions, launchedAt(startedAt));
    expect([NOW - 30 * MINUTE, NOW, NOW + 59 * SECOND, NOW + MINUTE, NOW + 30 * MINUTE].map(holds)).toEqual([true, true, true, false, false]);
  });

  test('is replaced by the version after it, not by the latest', () => {
    expect(mayHold(second, versions, launchedAt(NOW + 30 * MINUTE))).toBe(true);
    expect(mayHold(first, versions, launchedAt(NOW + 30 * MINUTE))).toBe(false);
  });

  test('may be held by one of several MicroVMs', () => {
    expect(mayHold(first, versions, [...launchedAt(NOW + 30 * MINUTE), ...launchedAt(NOW)])).toBe(true);
  });

  test('is held by a MicroVM that names it, whenever that was launched', () => {
    const named = (number: number) => [user('microvm-1', { startedAt: NOW + 90 * MINUTE, version: number })];
    expect([mayHold(first, versions, named(1)), mayHold(second, versions, named(1))]).toEqual([true, false]);
    expect(mayHold(first, versions, [user('microvm-1', { startedAt: NOW - 30 * MINUTE, version: 3 })])).toBe(false);
  });

  test('may be held by every MicroVM if the service does not tell when it was replaced', () => {
    const untold = [version(1), version(2, { modifiedAt: undefined })];
    expect(mayHold(untold[0], untold, launchedAt(NOW + 90 * MINUTE))).toBe(true);
    expect(mayHold(untold[0], untold, [])).toBe(false);
  });

  test('that is the latest may be held by every MicroVM that names none', () => {
    expect(mayHold(versions[0], versions, launchedAt(NOW + 90 * MINUTE))).toBe(true);
  });
});
