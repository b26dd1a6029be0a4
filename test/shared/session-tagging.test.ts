import { SessionTagging } from '../../src';
import { buildRole, buildRoleTrustIn, SERVICE, SOURCE } from '../image/support';
import { trusts } from '../support/iam';

describe('the session tags of a build role', () => {
  test.each<[string, SessionTagging, string[], boolean]>([
    ['any tags', SessionTagging.anyTags(), ['anything'], true],
    ['none', SessionTagging.none(), ['anything'], false],
    ['keys that match', SessionTagging.keyPatterns('lambda:*', 'x'), ['lambda:image', 'x'], true],
    ['keys of which one does not match', SessionTagging.keyPatterns('lambda:*'), ['lambda:image', 'Owner'], false],
    ['patterns, and no key at all', SessionTagging.keyPatterns('lambda:*'), [], false],
  ])('are permitted as chosen: %s', async (_, sessionTagging, keys, expected) => {
    const trust = buildRoleTrustIn(buildRole({ sessionTagging }).stack);
    const context = keys.length > 0 ? { ...SOURCE, 'aws:TagKeys': keys } : SOURCE;
    expect(await trusts(trust, SERVICE, 'sts:TagSession', context)).toBe(expected);
    expect(await trusts(trust, SERVICE, 'sts:AssumeRole', SOURCE)).toBe(true);
  });

  test.each<[string, () => unknown, string]>([
    ['no key pattern', () => SessionTagging.keyPatterns(), 'MicrovmSessionTaggingInvalid'],
    ['an empty key pattern', () => SessionTagging.keyPatterns(''), 'MicrovmSessionTaggingInvalid'],
    ['a key pattern of 129 characters', () => SessionTagging.keyPatterns('k'.repeat(129)), 'MicrovmSessionTaggingInvalid'],
  ])('fails on %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});
