import type { Stack } from 'aws-cdk-lib';
import { NestedStack, Tags } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { propertiesOf, testApp, testImage, testStack, variables } from '../support/stacks';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

function errorOf(use: () => unknown): string {
  try {
    use();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing failed');
}

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

  test('of the stack can be removed from an image, or from a scope around it', () => {
    const stack = testStack(testApp(), 'Test', { tags: { a: 'stack', b: 'stack', c: 'stack' } });
    const scope = new Construct(stack, 'Scope');
    const image = testImage({}, scope as Stack);
    Tags.of(image).remove('a');
    Tags.of(scope).remove('b');
    Tags.of(scope).remove('c', { excludeResourceTypes: ['Custom::MicrovmImage'] });
    expect(propertiesOf(image).Tags).toEqual([{ Key: 'c', Value: 'stack' }]);
  });

  test.each(['Custom::MicrovmImage', 'AWS::Lambda::MicrovmImage'])('can include and exclude the resource type %s', type => {
    const stack = testStack();
    const image = testImage({}, stack);
    Tags.of(stack).add('a', '1', { includeResourceTypes: [type] });
    Tags.of(stack).add('b', '2', { excludeResourceTypes: [type] });
    Tags.of(stack).add('c', '3', { includeResourceTypes: ['AWS::S3::Bucket'] });
    Tags.of(stack).add('d', '4', { excludeResourceTypes: ['AWS::S3::Bucket'] });
    expect(propertiesOf(image).Tags).toEqual([{ Key: 'a', Value: '1' }, { Key: 'd', Value: '4' }]);
  });

  test.each<[string, (stack: Stack) => void, string]>([
    ['the app', stack => Tags.of(stack.node.root).add('note', 'Hello, world!'), '; the tag comes from the app, where Tags.of() adds it'],
    ['the stack', stack => Tags.of(stack).add('note', 'Hello, world!'), '; the tag comes from Test, where Tags.of() adds it'],
    ['the properties of the stack', stack => stack.tags.setTag('note', 'Hello, world!'), '; the tag comes from Test ['],
    ['the image', stack => Tags.of(stack.node.findChild('Image')).add('note', 'Hello, world!'), '+ - @ ['],
  ])('fails with the origin of an invalid tag: %s', (_, add, origin) => {
    const stack = testStack();
    const image = testImage({}, stack);
    add(stack);
    const error = errorOf(() => propertiesOf(image));
    expect(error).toContain("tags: the value of 'note' is not valid");
    expect(error).toContain(origin.replace(/ \[$/, ' [MicrovmImageTagsInvalid'));
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
