import { CfnResource, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { RequestOverrides } from '../../src/private/request-overrides';
import { testApp, testStack } from '../support/stacks';

/** Returns the overrides, and what a resource shows of them. */
function fixture(): { overrides: RequestOverrides; property: () => any; request: (request: object) => any } {
  const stack = testStack();
  const overrides = new RequestOverrides(stack);
  const resource = new CfnResource(stack, 'Resource', { type: 'Test', properties: { RequestOverrides: overrides.property } });
  return {
    overrides,
    property: () => (stack.resolve((resource as any).cfnProperties) as any).RequestOverrides,
    request: request => JSON.parse(stack.resolve(stack.toJsonString(overrides.applyTo(request)))),
  };
}

test('without overrides there is no property, and the request stays as it is', () => {
  const { property, request } = fixture();
  expect(property()).toBeUndefined();
  expect(request({ a: 1, b: undefined })).toEqual({ a: 1 });
});

test('overrides that are added later are in the property, in the order of the last calls', () => {
  const { overrides, property } = fixture();
  overrides.add('a', { b: 1 });
  overrides.add('c.0', 'x');
  overrides.add('a', { b: 2 });
  expect(property()).toBe('{"c.0":"x","a":{"b":2}}');
});

test('overrides are applied to a request', () => {
  const { overrides, request } = fixture();
  overrides.add('a.b', null);
  overrides.add('list.1', true);
  expect(request({ a: { c: 1 }, list: [1, 2] })).toEqual({ a: { b: null, c: 1 }, list: [1, true] });
});

test('values may contain tokens', () => {
  const stack = testStack();
  const overrides = new RequestOverrides(stack);
  overrides.add('name', Token.asString({ Ref: 'Other' }));
  overrides.add('count', Token.asNumber({ Ref: 'Number' }));
  expect(stack.resolve(overrides.property)).toEqual({ 'Fn::Join': ['', ['{"name":"', { Ref: 'Other' }, '","count":', { Ref: 'Number' }, '}']] });
});

test.each(['', '.a', 'a.', 'a..b', '__proto__.a', 'a.constructor', Token.asString({ Ref: 'A' })])('fails for the path %s', path => {
  expect(() => fixture().overrides.add(path, 1)).toThrow(/MicrovmRequestOverrideInvalid/);
});

test('fails without a value', () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  for (const value of [circular, BigInt(1), () => 1]) {
    expect(() => fixture().overrides.add('a', value)).toThrow(/addRequestOverride: the value of 'a' cannot become JSON \(.*MicrovmRequestOverrideInvalid at/);
  }
  expect(() => fixture().overrides.add(undefined as unknown as string, 1)).toThrow('addRequestOverride: the value is missing; pass a string');
  expect(() => fixture().overrides.add('a', undefined)).toThrow(/addRequestOverride: 'a' has no value.*MicrovmRequestOverrideInvalid at/);
});

test('another stack can read a request with overrides', () => {
  const app = testApp();
  const stack = testStack(app, 'First');
  const resource = new CfnResource(stack, 'Resource', { type: 'Test' });
  const overrides = new RequestOverrides(stack);
  const request = stack.toJsonString(overrides.applyTo({ arn: resource.getAtt('Arn'), count: 1 }));
  overrides.add('other', resource.ref);
  const other = testStack(app, 'Second');
  new CfnResource(other, 'Reader', { type: 'Test', properties: { Request: request } });
  expect(Template.fromStack(other).toJSON().Resources.Reader.Properties.Request).toEqual({
    'Fn::Join': ['', [
      '{"arn":"', { 'Fn::ImportValue': expect.any(String) }, '","count":1,"other":"', { 'Fn::ImportValue': expect.any(String) }, '"}',
    ]],
  });
});
