import { MINUTE, NOW, OWNER, ANOTHER_OWNER } from './inputs';
import { ownerOf, ownershipOf, ownerTags, tagChanges, tagsIn } from '../../../src/handlers/engine/owner';

const [STACK_TAG, RESOURCE_TAG] = ['cdk-lambda-microvms:stack', 'cdk-lambda-microvms:resource'];

describe('the ownership', () => {
  const ownership = (tags: Record<string, string>, age = 60 * MINUTE) => ownershipOf(tags, NOW - age, OWNER, NOW);

  test('is ours if both owner tags say so, with any other tags and at any age', () => {
    expect(ownership(ownerTags(OWNER))).toBe('ours');
    expect(ownership({ ...ownerTags(OWNER), team: 'network' }, 0)).toBe('ours');
  });

  test.each([
    ['another stack and resource', ownerTags(ANOTHER_OWNER)],
    ['a resource of the same name in another stack', ownerTags({ ...OWNER, stackId: ANOTHER_OWNER.stackId })],
    ['another resource of the same stack', ownerTags({ ...OWNER, logicalId: 'Another' })],
    ['only the tag of our stack', { [STACK_TAG]: OWNER.stackId }],
    ['only the tag of our resource', { [RESOURCE_TAG]: OWNER.logicalId }],
  ])('is foreign at any age if the tags name %s', (_, tags) => {
    expect([ownership(tags), ownership(tags, 0)]).toEqual(['foreign', 'foreign']);
  });

  test('is unclear for a minute without owner tags, which may not show yet, and then nobody\'s', () => {
    expect([0, MINUTE - 1, MINUTE].map(age => ownership({ team: 'network' }, age))).toEqual(['unclear', 'unclear', 'nobodys']);
  });

  test('is unclear if the clocks differ', () => {
    expect(ownership({}, -MINUTE)).toBe('unclear');
  });
});

test('an owner is read from the tags that it was written to, or from one of them', () => {
  expect(ownerTags(OWNER)).toEqual({ [STACK_TAG]: OWNER.stackId, [RESOURCE_TAG]: 'Sandbox' });
  expect(ownerOf(ownerTags(OWNER))).toEqual(OWNER);
  expect(ownerOf({ [STACK_TAG]: 'stack' })).toEqual({ stackId: 'stack', logicalId: '' });
  expect(ownerOf({ [RESOURCE_TAG]: 'Resource' })).toEqual({ stackId: '', logicalId: 'Resource' });
  expect(ownerOf({ team: 'network' })).toBeUndefined();
});

test('tags in properties are returned as a map, which may be empty', () => {
  expect(tagsIn([{ Key: 'team', Value: 'network' }, { Key: 'stage', Value: '' }])).toEqual({ team: 'network', stage: '' });
  expect(tagsIn(undefined)).toEqual({});
});

describe('changes of tags', () => {
  test('add tags that are missing or have another value', () => {
    expect(tagChanges({ same: '1', other: '1' }, { same: '1', other: '2', missing: '3' }, {})).toEqual({ missing: { other: '2', missing: '3' }, superfluous: [] });
  });

  test('remove tags that exist, that the old properties have and that the new ones lack', () => {
    expect(tagChanges({ before: '1', kept: '1' }, { kept: '1' }, { before: '1', kept: '1', deleted: '1' })).toEqual({ missing: {}, superfluous: ['before'] });
  });

  test('keep tags of others', () => {
    expect(tagChanges({ theirs: '1' }, {}, {})).toEqual({ missing: {}, superfluous: [] });
  });
});
