import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { propertiesOf, testImage, testStack, variables } from '../support/stacks';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

describe('the environment of an image', () => {
  test.each<[string, () => unknown, string]>([
    ['101 variables', () => testImage({ environment: variables(101) }), 'environment: 101 variables are too many; use at most 100'],
    ['a variable with white space in its name', () => testImage({ environment: { 'A B': '' } }), "environment: 'A B' (3 characters) is not valid"],
    ['a variable without a name', () => testImage({ environment: { '': '' } }), 'MicrovmImageEnvironmentInvalid'],
    ['a name of 257 characters', () => testImage({ environment: { [`A${'a'.repeat(256)}`]: '' } }), 'MicrovmImageEnvironmentInvalid'],
    ['a value of 4,097 characters', () => testImage({ environment: { LONG: 'x'.repeat(4097) } }), "environment: the value of 'LONG' has 4097 characters; use at most 4096"],
    ['the reserved variable', () => testImage({ environment: { AWS_REGION: 'x' } }), "environment: 'AWS_REGION' is reserved, because the service sets it; use another name"],
  ])('fails on %s', (_, make, message) => {
    expect(make).toThrow(message);
  });

  test('accepts 100 variables', () => {
    expect(Object.keys(propertiesOf(testImage({ environment: variables(100) })).Environment)).toHaveLength(100);
  });

  test('is copied, so that a later change of the object is not deployed unchecked', () => {
    const environment: Record<string, string> = { A: '1' };
    const image = testImage({ environment });
    environment['B C'] = '2';
    expect(propertiesOf(image).Environment).toEqual({ A: '1' });
  });

  test('gets the variables of addEnvironment, also if it had none', () => {
    const images = [testImage({ environment: { A: '1' } }), testImage()];
    images.forEach(image => image.addEnvironment('B', '2'));
    expect(images.map(image => propertiesOf(image).Environment)).toEqual([{ A: '1', B: '2' }, { B: '2' }]);
    expect(propertiesOf(testImage()).Environment).toBeUndefined();
  });

  test.each<[string, string, string, string]>([
    ['a name that exists', 'V0', 'x', "environment: 'V0' already exists; use another name, or leave one of the two out [MicrovmImageEnvironmentInvalid at Test/Image]"],
    ['the reserved name', 'AWS_REGION', 'x', "'AWS_REGION' is reserved"],
    ['white space', 'A B', 'x', "environment: 'A B'"],
    ['a long value', 'LONG', 'x'.repeat(4097), "the value of 'LONG' has 4097 characters"],
    ['the 101st variable', 'ONE_MORE', 'x', 'environment: 101 variables are too many'],
  ])('fails in addEnvironment on %s', (_, name, value, message) => {
    expect(() => testImage({ environment: variables(100) }).addEnvironment(name, value)).toThrow(message);
  });

  test('fails without showing the value of a variable', () => {
    expect(() => testImage({ environment: { LONG: 'x'.repeat(5000) } })).toThrow(expect.not.objectContaining({ message: expect.stringContaining('xx') }));
  });
});

describe('environment variables that look like secrets', () => {
  test.each(['DB_PASSWORD', 'apiKey', 'GITHUB_TOKEN', 'client_secret', 'AWS_SECRET_ACCESS_KEY'])('give a warning that can be acknowledged: %s', name => {
    const stack = testStack();
    testImage({ environment: { [name]: 'hunter2hunter2' } }, stack);
    const warnings = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('cdk-lambda-microvms:environmentLooksSecret'));
    expect(warnings).toHaveLength(1);
    expect(JSON.stringify(warnings[0].entry)).toContain(name);
    expect(JSON.stringify(warnings[0].entry)).not.toContain('hunter2');
  });

  test('give no warning for ordinary names', () => {
    const stack = testStack();
    testImage({ environment: { LEVEL: 'debug', PORT: '8080', MONKEY: 'x' } }, stack);
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });
});
