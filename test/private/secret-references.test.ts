import type { Stack } from 'aws-cdk-lib';
import { CfnDynamicReference, CfnDynamicReferenceService, Fn, Lazy, SecretValue, Tags } from 'aws-cdk-lib';
import * as sm from 'aws-cdk-lib/aws-secretsmanager';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import type { MicrovmImageProps } from '../../src';
import { Microvm, MicrovmLaunchCheck } from '../../src';
import { testFragment, testLauncher } from '../launcher/support';
import type { testApp } from '../support/stacks';
import { propertiesOf, testImage, testStack } from '../support/stacks';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const CODE = 'MicrovmSecretReferenceInvalid';

const SECRETS: [string, (stack: Stack) => string][] = [
  ['a text', () => '{{resolve:secretsmanager:db:SecretString:password}}'],
  ['a part of a text', () => 'postgres://app:{{resolve:ssm-secure:/db/password:1}}@db'],
  ['SecretValue.secretsManager', () => SecretValue.secretsManager('db').unsafeUnwrap()],
  ['SecretValue.ssmSecure', () => SecretValue.ssmSecure('/db/password').unsafeUnwrap()],
  ['a SecretValue as text', () => SecretValue.secretsManager('db').toString()],
  ['the value of a secret', stack => new sm.Secret(stack, 'Secret').secretValue.unsafeUnwrap()],
  ['a member of a secret', stack => new sm.Secret(stack, 'Secret').secretValueFromJson('password').unsafeUnwrap()],
  ['a member of a secret in a longer text', stack => `user:${new sm.Secret(stack, 'Secret').secretValueFromJson('password').unsafeUnwrap()}@db`],
  ['SecretValue.cfnDynamicReference', () => SecretValue.cfnDynamicReference(new CfnDynamicReference(CfnDynamicReferenceService.SECRETS_MANAGER, 'db')).unsafeUnwrap()],
  ['valueForSecureStringParameter', stack => ssm.StringParameter.valueForSecureStringParameter(stack, '/db/password', 1)],
  ['a Lazy', () => Lazy.string({ produce: () => '{{resolve:secretsmanager:db}}' })],
  ['a Lazy of a secret', () => Lazy.string({ produce: () => SecretValue.secretsManager('db').unsafeUnwrap() })],
  ['Fn.join', stack => Fn.join('', ['{{resolve:secretsmanager:', new sm.Secret(stack, 'Secret').secretArn, ':SecretString:password}}'])],
  ['Fn.join with a delimiter', stack => Fn.join(':', ['{{resolve', 'secretsmanager', new sm.Secret(stack, 'Secret').secretArn, 'SecretString}}'])],
  ['Fn.sub', () => Fn.sub('{{resolve:ssm-secure:/${AWS::StackName}/password}}')],
  ['Fn.sub with a variable', () => Fn.sub('{{resolve:${service}:db}}', { service: 'secretsmanager' })],
  ['Fn.conditionIf', () => Fn.conditionIf('C', '{{resolve:secretsmanager:db}}', '').toString()],
];

describe('a dynamic reference to a secret', () => {
  test.each(SECRETS)('fails in the environment: %s', (_, value) => {
    const stack = testStack();
    expect(() => propertiesOf(testImage({ environment: { PORT: '1', PW: value(stack) } }, stack)))
      .toThrow(new RegExp(`environment.PW: the value is a dynamic reference to a secret.*secret.grantRead\\(launcher\\).*\\[${CODE} at Test/Image\\]`));
  });

  const secret = () => SecretValue.secretsManager('db').unsafeUnwrap();
  const late = () => Lazy.string({ produce: secret });

  test.each<[string, (value: string) => Partial<MicrovmImageProps>]>([
    ['description', value => ({ description: value })],
    ['rebuildTrigger', value => ({ rebuildTrigger: value })],
    ['tags.team', value => ({ tags: { team: value } })],
  ])('fails in %s', (property, props) => {
    for (const value of [secret(), late()]) expect(() => propertiesOf(testImage(props(value)))).toThrow(`${property}: the value is a dynamic reference to a secret`);
  });

  test('fails in a tag that an aspect adds', () => {
    const stack = testStack();
    const image = testImage({}, stack);
    Tags.of(stack).add('team', secret());
    expect(() => propertiesOf(image)).toThrow('tags.team: the value is a dynamic reference to a secret');
  });

  test('fails in addEnvironment', () => {
    expect(() => testImage().addEnvironment('PW', secret())).toThrow('environment.PW: the value is a dynamic reference');
  });

  test.each<[string, () => unknown]>([['a text', secret], ['a list', () => [secret()]], ['an object', () => ({ value: secret() })], ['a SecretValue', () => SecretValue.secretsManager('db')]])(
    'fails in a request override: %s', (_, value) => {
      const { stack, image, launcher } = testLauncher();
      const microvm = new Microvm(stack, 'Microvm', { launcher });
      for (const construct of [image as ReturnType<typeof testImage>, launcher, microvm]) {
        expect(() => construct.addRequestOverride('some.member', value())).toThrow(/addRequestOverride.some.member(.value|.0)?: the value is a dynamic reference/);
      }
    });

  test('fails in a request override that is known late', () => {
    const { stack, launcher } = testLauncher();
    launcher.addRequestOverride('some.member', late());
    expect(() => (stack.node.root as ReturnType<typeof testApp>).synth()).toThrow(`[${CODE} at Test/Launcher]`);
  });

  test.each<[string, (stack: Stack, value: string) => unknown, string]>([
    ['the payload of a MicroVM', (stack, payload) => new Microvm(stack, 'M', { launcher: testLauncher({}, stack).launcher, payload }), 'payload'],
    ['the payload of a launch check', (stack, payload) => new MicrovmLaunchCheck(stack, 'M', { launcher: testLauncher({}, stack).launcher, payload }), 'payload'],
    ['the trigger of a MicroVM', (stack, trigger) => new Microvm(stack, 'M', { launcher: testLauncher({}, stack).launcher, trigger }), 'trigger'],
  ])('fails in %s', (_, make, property) => {
    for (const value of [secret(), late(), JSON.stringify({ password: secret() })]) {
      const stack = testStack();
      expect(() => {
        make(stack, value);
        (stack.node.root as ReturnType<typeof testApp>).synth();
      }).toThrow(new RegExp(`${property}: the value is a dynamic reference.*\\[${CODE} at Test/M\\]`));
    }
  });

  test('fails in the payload of a fragment', () => {
    for (const value of [secret(), late()]) {
      expect(() => {
        const { stack } = testFragment(() => ({ payload: value }));
        (stack.node.root as ReturnType<typeof testApp>).synth();
      }).toThrow('payload: the value is a dynamic reference');
    }
  });
});

test('a reference to a plain parameter, and the name or ARN of a secret, are accepted', () => {
  const stack = testStack();
  const secret = new sm.Secret(stack, 'Secret');
  const environment = {
    LEVEL: '{{resolve:ssm:/app/level}}',
    PARAMETER: ssm.StringParameter.valueForStringParameter(stack, '/app/level'),
    SECRET_ARN: secret.secretArn,
    SECRET_NAME: secret.secretName,
    TEXT: 'resolve:secretsmanager',
    DOCS: 'write {{resolve}} or {{resolve:ssm:x}}',
  };
  expect(Object.keys(propertiesOf(testImage({ environment }, stack)).Environment)).toEqual(Object.keys(environment));
});
