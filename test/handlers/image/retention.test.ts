import { foreignVersion, microvm, OLD_CONTENT, OTHER_CONTENT, pollEvent, properties, version } from './inputs';
import { desiredImage } from '../../../src/handlers/image/desired';
import { isInUse } from '../../../src/handlers/image/microvms';
import type { Version } from '../../../src/handlers/image/observed';
import type { Retention } from '../../../src/handlers/image/retention';
import { isFull, isNearQuota, surplusVersions } from '../../../src/handlers/image/retention';

function surplus(versions: Version[], retention: Partial<Retention> = {}): string[] {
  return surplusVersions(versions, { retainedVersions: 2, ...retention }).map(each => each.version);
}

const others = [1, 2, 3, 4].map(number => version(number, { content: OTHER_CONTENT }));

describe('surplus versions', () => {
  test('are all but the newest successful ones, oldest first', () => {
    expect(surplus(others)).toEqual(['1.0', '2.0']);
    expect(surplus([version(9), version(10), version(8)])).toEqual(['8.0']);
  });

  test('do not include the chosen version, however old', () => {
    const [chosen] = others;
    expect(surplus(others, { chosen })).toEqual(['2.0', '3.0']);
  });

  test('do not include the newest version of the previous content, to which a rollback returns', () => {
    const before = [version(1, { content: OLD_CONTENT }), version(2, { content: OLD_CONTENT })];
    const versions = [...before, version(3, { content: OTHER_CONTENT }), version(4)];
    expect(surplus(versions, { chosen: versions[3], previousFingerprint: OLD_CONTENT })).toEqual(['1.0', '3.0']);
  });

  test('leave exactly the number of retained versions', () => {
    const chosen = others[0];
    expect(surplus(others, { chosen, previousFingerprint: OTHER_CONTENT, retainedVersions: 3 })).toEqual(['2.0']);
    expect(surplus(others, { retainedVersions: 4 })).toEqual([]);
  });

  test('include all failed versions, which do not count', () => {
    expect(surplus([version(1), version(2, { state: 'FAILED' }), version(3), version(4, { state: 'FAILED' })])).toEqual(['2.0', '4.0']);
  });

  test('do not include versions in motion, or versions that could not be deleted', () => {
    const states = ['PENDING', 'IN_PROGRESS', 'DELETING', 'DELETE_FAILED'] as const;
    expect(surplus([...states.map((state, index) => version(index + 1, { state })), version(8), version(9)])).toEqual([]);
  });

  test('do not include versions of others, failed or not', () => {
    expect(surplus([foreignVersion(1), foreignVersion(2, { state: 'FAILED' }), version(3), version(4)])).toEqual([]);
  });
});

test('a version is in use while a MicroVM runs from it', () => {
  expect(isInUse(version(1), [microvm('a', '1.0')])).toBe(true);
  expect(isInUse(version(1), [microvm('a', '1')])).toBe(true);
  expect(isInUse(version(1), [microvm('a', '10.0'), microvm('b', '2.0')])).toBe(false);
});

test('an image with 49 versions is near the quota of 50', () => {
  const versions = (count: number) => Array.from({ length: count }, (_, index) => foreignVersion(index + 1));
  expect(isNearQuota(versions(48))).toBe(false);
  expect(isNearQuota(versions(49))).toBe(true);
});

test('an image is full with 50 versions, without those that are being deleted', () => {
  const versions = (count: number) => Array.from({ length: count }, (_, index) => foreignVersion(index + 1));
  expect(isFull(versions(49))).toBe(false);
  expect(isFull(versions(50))).toBe(true);
  expect(isFull([...versions(49), foreignVersion(50, { state: 'DELETING' })])).toBe(false);
});

test.each(['0', '1', 'x'])('the active version and the one before are kept for any value of a parameter: %s', RetainedVersions => {
  const { retainedVersions } = desiredImage(pollEvent(), properties({ RetainedVersions }));
  const versions = [version(1, { content: 'facade' }), version(2)];
  expect(surplusVersions(versions, { chosen: versions[1], previousFingerprint: 'facade', retainedVersions })).toEqual([]);
});
