import { NOW, operation, SECOND } from './inputs';
import { Pace, UNKNOWN } from '../../../src/handlers/engine/pace';
import type { UsualTime } from '../../../src/handlers/engine/pace';

const USUAL: UsualTime = { from: 100 * SECOND, to: 150 * SECOND };

/** Returns an operation whose polls are not detailed in its first minute. */
function at(second: number, paceKey = 'token') {
  return operation({ paceKey, startedAt: NOW - 10 * SECOND, now: NOW + second * SECOND });
}

/** Returns the seconds at which polls at an interval of four seconds observe that they wait. */
function observationsOf(pace: Pace, usual: UsualTime | undefined, until: number): number[] {
  const seconds: number[] = [];
  for (let second = 0; second <= until; second += 4) {
    // The first poll interval of each minute always observes.
    if (pace.isTooEarly({ ...at(second), startedAt: NOW + second * SECOND - 30 * SECOND })) continue;
    seconds.push(second);
    pace.remember(at(second), usual);
  }
  return seconds;
}

describe('what takes a usual time', () => {
  test('is observed with longer and longer pauses before, with each poll while it is due, and seldom after that', () => {
    expect(observationsOf(new Pace(), USUAL, 200)).toEqual([
      0, 4, 8, 16, 32, 48, 64, 80, 96,
      100, 104, 108, 112, 116, 120, 124, 128, 132, 136, 140, 144, 148,
      164, 180, 196,
    ]);
  });

  test('is noticed late by at most the time that it has taken', () => {
    for (let duration = 1; duration < 100; duration++) {
      const noticed = observationsOf(new Pace(), USUAL, 200).find(second => second >= duration)!;
      expect(noticed - duration).toBeLessThanOrEqual(Math.max(4, duration));
    }
  });
});

test('what takes an unknown time is observed with longer and longer pauses', () => {
  expect(observationsOf(new Pace(), UNKNOWN, 80)).toEqual([0, 4, 8, 16, 32, 48, 64, 80]);
});

test('what has no usual time is observed with each poll', () => {
  expect(observationsOf(new Pace(), undefined, 20)).toEqual([0, 4, 8, 12, 16, 20]);
});

describe('a container', () => {
  /** Returns a pace after some observations of an operation that waits. */
  function waiting(): Pace {
    const pace = new Pace();
    for (const second of [0, 16, 32]) pace.remember(at(second), USUAL);
    return pace;
  }

  test('that has not observed an operation observes it', () => {
    expect(waiting().isTooEarly(at(36))).toBe(true);
    expect(new Pace().isTooEarly(at(36))).toBe(false);
    expect(waiting().isTooEarly(at(36, 'another token'))).toBe(false);
  });

  test('observes in each detailed poll, and in the last ones before the deadline', () => {
    expect(waiting().isTooEarly({ ...at(36), startedAt: NOW + 36 * SECOND - 60 * SECOND })).toBe(false);
    expect(waiting().isTooEarly({ ...at(36), endsSoon: true })).toBe(false);
  });

  test('begins anew if an operation waits for something else', () => {
    const pace = waiting();
    pace.remember(at(36), { ...USUAL });
    expect(pace.isTooEarly(at(40))).toBe(false);
  });

  test('forgets an operation that waits for nothing that takes a usual time', () => {
    const pace = waiting();
    pace.remember(at(36), undefined);
    expect(pace.isTooEarly(at(37))).toBe(false);
  });

  test('forgets an operation that no longer waits', () => {
    const pace = waiting();
    pace.forget(at(36));
    expect(pace.isTooEarly(at(37))).toBe(false);
  });

  test('remembers a limited number of operations', () => {
    const pace = waiting();
    for (let count = 0; count < 1_000; count++) pace.remember(at(36, `token ${count}`), USUAL);
    expect(pace.isTooEarly(at(37))).toBe(false);
  });
});
