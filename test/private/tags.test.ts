import type { Stack } from 'aws-cdk-lib';
import { NestedStack, Tags } from 'aws-cdk-lib';
import { propertiesOf, testApp, testImage, testStack, variables } from '../support/stacks';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

describe('the tags of an image', () => {
  test('come from Tags.of(), the properties and the stack, in this order of precedence', () => {
    const stack = testStack(testApp(), 'Test', { tags: { a: 'stack', b: 'stack', c: 'stack' } });
    const image = testImage({ tags: { b: 'prop', c: 'prop', d: 'prop' } }, stack);
    Tags.of(image).add('c', 'aspect');
    Tags.of(stack).add('e', 'aspect');
    expect(propertiesOf(image).Tags).toEqual([
      { Key: 'a', Value: 'stack' }, { Key: 'b', Value: 'prop' }, { Key: 'c', Value: 'aspect' }, { Key: 'd', Value: 'prop' }, { Key: 'e', Value: 'aspect' },
    ]);
  });

  test('can be removed, and can exclude the resource type', () => {
    const stack = testStack();
    const image = testImage({ tags: { a: '1', b: '2' } }, stack);
    Tags.of(image).remove('a');
    Tags.of(image).add('c', '3', { excludeResourceTypes: ['Custom::MicrovmImage'] });
    expect(propertiesOf(image).Tags).toEqual([{ Key: 'b', Value: '2' }]);
  });

  test('reach an image in a nested stack from the outer stack', () => {
    const outer = testStack(testApp(), 'Test', { tags: { a: 'outer' } });
    const image = testImage({}, new NestedStack(outer, 'Nested') as Stack);
    expect(propertiesOf(image).Tags).toEqual([{ Key: 'a', Value: 'outer' }]);
  });

  test.each<[string, Record<string, string>, string]>([
    ['the prefix of this library', { 'cdk-lambda-microvms:stack': 'x' }, "tags: 'cdk-lambda-microvms:stack' begins with cdk-lambda-microvms:, which is reserved for this library"],
    ['the prefix of AWS', { 'aws:x': 'x' }, "tags: 'aws:x' begins with aws:, which is reserved for AWS"],
    ['a key of 129 characters', { ['k'.repeat(129)]: 'x' }, 'use 1 to 128 letters'],
    ['a key with an invalid character', { 'a*': 'x' }, "tags: 'a*' is not valid"],
    ['a value of 257 characters', { k: 'v'.repeat(257) }, "tags: the value of 'k' is not valid; use at most 256"],
    ['48 tags', variables(48), 'tags: 48 are too many; use at most 47'],
  ])('fails on %s', (_, tags, message) => {
    const image = testImage({}, testStack());
    for (const [key, value] of Object.entries(tags)) Tags.of(image).add(key, value);
    expect(() => propertiesOf(image)).toThrow(message);
    expect(() => propertiesOf(testImage({ tags }))).toThrow('MicrovmImageTagsInvalid');
  });
});
