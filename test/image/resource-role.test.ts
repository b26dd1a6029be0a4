import * as fs from 'fs';
import * as path from 'path';
import type { App } from 'aws-cdk-lib';
import {
  CODE, encryptionKey, IMAGE, IMAGE_ACTIONS, INTERNET, KEY_USES, MICROVM_ACTIONS, OTHER_CONNECTOR, OTHER_IMAGE, OTHER_KEY_USES, sandbox,
} from './support';
import { MicrovmEgress, MicrovmLogging, MicrovmTermination } from '../../src';
import type { Permission } from '../../src/private/permissions';
import { PERMISSIONS } from '../../src/private/permissions';
import { expectAnswers, trusts } from '../support/iam';
import { ACCOUNT, propertiesOf, REGION, testApp, testConnector, testImage, testStack } from '../support/stacks';
import { ResolvedTemplate, STACK_ID } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const OWNER_TAGS = { 'aws:RequestTag/cdk-lambda-microvms:stack': STACK_ID, 'aws:RequestTag/cdk-lambda-microvms:resource': 'Image9D742C96' };

describe('the resource role of an image', () => {
  const policies = (props?: Parameters<typeof testImage>[0], app?: App) => ResolvedTemplate.stack(sandbox(props, app).stack).policiesOf('ImageResourceRole');
  const BUILD_ROLE = `arn:aws:iam::${ACCOUNT}:role/physical-ImageBuildRole8F8C26B2`;
  const LOG_GROUP = `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:physical-ImageLogGroup6EB105D4`;

  test('allows everything that the handler does', async () => {
    await expectAnswers(policies(), true, [
      ...IMAGE_ACTIONS.map(action => ({ action, resource: IMAGE })),
      { action: 'lambda:CreateMicrovmImage', resource: '*', context: OWNER_TAGS },
      { action: 'lambda:ListMicrovms', resource: '*' },
      { action: 'iam:PassRole', resource: BUILD_ROLE },
      { action: 'lambda:PassNetworkConnector', resource: INTERNET },
      { action: 'logs:DescribeLogStreams', resource: LOG_GROUP },
      { action: 'logs:GetLogEvents', resource: `${LOG_GROUP}:log-stream:2026/11/23[1.0]x` },
    ]);
  });

  test('allows no other actions, and nothing on other resources', async () => {
    await expectAnswers(policies(), false, [
      ...IMAGE_ACTIONS.map(action => ({ action, resource: OTHER_IMAGE })),
      ...MICROVM_ACTIONS.filter(action => action !== 'lambda:TerminateMicrovm').map(action => ({ action, resource: IMAGE })),
      { action: 'lambda:CreateMicrovmImage', resource: '*' },
      { action: 'lambda:CreateMicrovmImage', resource: '*', context: { ...OWNER_TAGS, 'aws:RequestTag/cdk-lambda-microvms:resource': 'Other' } },
      { action: 'lambda:CreateMicrovmImage', resource: '*', context: { ...OWNER_TAGS, 'aws:RequestTag/cdk-lambda-microvms:stack': 'other' } },
      { action: 'iam:PassRole', resource: `arn:aws:iam::${ACCOUNT}:role/other` },
      { action: 'lambda:PassNetworkConnector', resource: OTHER_CONNECTOR },
      { action: 'lambda:PassNetworkConnector', resource: INTERNET.replace('INTERNET_EGRESS', 'SHELL_INGRESS') },
      { action: 'logs:GetLogEvents', resource: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:other:log-stream:x` },
      { action: 'logs:PutLogEvents', resource: `${LOG_GROUP}:log-stream:x` },
      { action: 'lambda:InvokeFunction', resource: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:any` },
      { action: 's3:GetObject', resource: CODE },
    ]);
  });

  test('allows exactly the calls in the code of the handler, together with the function role', () => {
    const code = ['engine/control-plane.ts', 'image/service.ts'].map(file => fs.readFileSync(path.join(__dirname, '..', '..', 'src', 'handlers', file), 'utf8')).join();
    const calls = new Set([...code.matchAll(/new (\w+)Command\(/g)].map(([, call]) => call).filter(call => call !== 'AssumeRole'));
    const notCalls = ['iam:PassRole', 'lambda:PassNetworkConnector', ...PERMISSIONS.provider.logs.actions];
    const permissions: Permission[] = [...Object.values(PERMISSIONS.imageHandler), ...Object.values(PERMISSIONS.provider)];
    const actions = permissions.flatMap(permission => permission.actions).filter(action => !notCalls.includes(action));
    expect([...new Set(actions.map(action => action.split(':')[1]))].sort()).toEqual([...calls].sort());
  });

  test('passes the build role without a condition on the service', () => {
    const statement = policies().flatMap(policy => policy.Statement).find(({ Action }) => Action === 'iam:PassRole');
    expect(statement).toEqual({ Effect: 'Allow', Action: 'iam:PassRole', Resource: BUILD_ROLE });
  });

  test('passes only the connector of the build, with and without a version', async () => {
    const { stack } = sandbox();
    const connector = testConnector(stack);
    testImage({ microvmImageName: 'private', buildEgress: MicrovmEgress.connector(connector) }, stack, 'Private');
    const document = ResolvedTemplate.stack(stack).policiesOf('PrivateResourceRole');
    const arn = `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-Connector`;
    const pass = (resource: string) => ({ action: 'lambda:PassNetworkConnector', resource });
    await expectAnswers(document, true, [arn, `${arn}:3`].map(pass));
    await expectAnswers(document, false, [INTERNET, OTHER_CONNECTOR, `${arn}2`].map(pass));
  });

  test('uses the customer managed key of the image through Lambda only, and no key without one', async () => {
    const stack = testStack();
    testImage({ microvmImageName: 'sandbox', encryptionKey: encryptionKey(stack) }, stack);
    const document = ResolvedTemplate.stack(stack).policiesOf('ImageResourceRole');
    await expectAnswers(document, true, KEY_USES);
    await expectAnswers(document, false, OTHER_KEY_USES);
    await expectAnswers(policies(), false, KEY_USES);
  });

  test('terminates no MicroVM if microvmTermination is NEVER', async () => {
    await expectAnswers(policies({ microvmTermination: MicrovmTermination.NEVER }), false, [{ action: 'lambda:TerminateMicrovm', resource: IMAGE }]);
    await expectAnswers(policies({ microvmTermination: MicrovmTermination.ON_DELETE_OR_RENAME }), true, [{ action: 'lambda:TerminateMicrovm', resource: IMAGE }]);
  });

  test.each([
    ['logging is disabled', { logging: MicrovmLogging.disabled() }],
    ['errors do not show the log', { showBuildLogInErrors: false }],
  ])('reads no log if %s', (_, props) => {
    expect(JSON.stringify(policies(props))).not.toContain('logs:');
  });

  const KEYS = ['cdk-lambda-microvms:stack', 'cdk-lambda-microvms:resource'];
  const tagging = (resource: string, keys: string[] = KEYS) => ({ action: 'lambda:TagResource', resource, context: { ...OWNER_TAGS, 'aws:TagKeys': keys } });

  test('sets the tags of its image at creation, and no others', async () => {
    // IAM authorizes these tags on *. The ARN of another image stands for it: the simulation allows * by any resource.
    await expectAnswers(policies({ tags: { team: 'tools' } }), true, [tagging(OTHER_IMAGE, [...KEYS, 'team'])]);
    await expectAnswers(policies(), true, [tagging(OTHER_IMAGE)]);
    await expectAnswers(policies(), false, [tagging(OTHER_IMAGE, [...KEYS, 'team'])]);
  });

  test('puts no tags on anything in Lambda except images', async () => {
    const others = ['function:payments', 'event-source-mapping:1', 'code-signing-config:csc-1', 'capacity-provider:fleet', 'network-connector:nc-1'];
    await expectAnswers(policies(), false, others.map(rest => tagging(`arn:aws:lambda:${REGION}:${ACCOUNT}:${rest}`)));
  });

  test('creates without owner tags that the service does not send if the context turns the conditions off', async () => {
    for (const context of [false, 'false']) {
      const weaker = policies({}, testApp({ 'cdk-lambda-microvms:tagConditions': context }));
      await expectAnswers(weaker, true, [{ action: 'lambda:CreateMicrovmImage', resource: '*' }]);
      await expectAnswers(weaker, false, [
        { action: 'lambda:CreateMicrovmImage', resource: '*', context: { ...OWNER_TAGS, 'aws:RequestTag/cdk-lambda-microvms:stack': 'other' } },
        { action: 'lambda:TagResource', resource: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:payments` },
        { action: 'lambda:TagResource', resource: OTHER_IMAGE, context: { 'aws:ResourceTag/cdk-lambda-microvms:stack': 'other' } },
      ]);
    }
  });

  test('can be assumed only by the function role of its stack, for one hour', async () => {
    const role = ResolvedTemplate.stack(sandbox().stack).resource('AWS::IAM::Role', 'ImageResourceRole').Properties;
    // IAM's default is one hour.
    expect(role.MaxSessionDuration).toBeUndefined();
    const answers = [];
    for (const name of ['physical-CdkLambdaMicrovmsFunctionRole077E1E22', 'somebody', 'physical-ImageBuildRole8F8C26B2']) {
      answers.push(await trusts(role.AssumeRolePolicyDocument, `arn:aws:iam::${ACCOUNT}:role/${name}`, 'sts:AssumeRole'));
    }
    expect(answers).toEqual([true, false, false]);
  });

  test('has a policy of at most half the size that IAM allows', () => {
    expect(JSON.stringify(policies()).length).toBeLessThan(10_240 / 2);
  });

  test('has a logical id with a hash of the name, so that a rename creates a second role before the first one is deleted', () => {
    const roleOf = (microvmImageName: string) => propertiesOf(testImage({ microvmImageName })).ResourceRoleArn['Fn::GetAtt'][0];
    expect(roleOf('one')).not.toBe(roleOf('two'));
    expect(roleOf('one')).toBe(roleOf('one'));
  });
});
