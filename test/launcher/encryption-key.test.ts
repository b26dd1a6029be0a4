import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { testCheck, testLauncher, testMicrovm } from './support';
import { MicrovmStateMachineFragment } from '../../src';
import type { Question } from '../support/iam';
import { expectAnswers } from '../support/iam';
import { ACCOUNT, REGION, testApp, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/1234`;
const importedKey = (stack: Stack) => kms.Key.fromKeyArn(stack, 'Key', KEY);

const THROUGH_LAMBDA = { 'kms:ViaService': `lambda.${REGION}.amazonaws.com` };
const FOR_SERVICES = { ...THROUGH_LAMBDA, 'kms:GrantIsForAWSResource': 'true' };

/** What whoever launches needs on the key. */
const needs = (resource = KEY): Question[] => [
  ...['kms:DescribeKey', 'kms:GenerateDataKey', 'kms:Decrypt'].map(action => ({ action, resource, context: THROUGH_LAMBDA })),
  { action: 'kms:CreateGrant', resource, context: FOR_SERVICES },
];

const MORE: Question[] = [
  ...needs(KEY.replace('1234', '5678')),
  ...needs().map(question => ({ ...question, context: {} })),
  ...needs().map(question => ({ ...question, context: { ...question.context, 'kms:ViaService': `s3.${REGION}.amazonaws.com` } })),
  { action: 'kms:CreateGrant', resource: KEY, context: THROUGH_LAMBDA },
  ...['kms:Encrypt', 'kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion', 'kms:RetireGrant'].map(action => ({ action, resource: KEY, context: FOR_SERVICES })),
];

/** Returns a stack in which a role may launch. */
function stackWithGrantee(key: (stack: Stack) => kms.IKeyRef, stack = testStack()): Stack {
  const { launcher } = testLauncher({ encryptionKey: key(stack) }, stack);
  launcher.grantLaunch(new iam.Role(stack, 'Grantee', { assumedBy: new iam.AccountRootPrincipal() }));
  return stack;
}

function stackWithFragment(): Stack {
  const stack = testStack();
  const { launcher } = testLauncher({ encryptionKey: importedKey(stack) }, stack);
  const fragment = new MicrovmStateMachineFragment(stack, 'Sandboxed', { launcher, body: new sfn.Pass(stack, 'Body') });
  new sfn.StateMachine(stack, 'Machine', { definitionBody: sfn.DefinitionBody.fromChainable(fragment) });
  return stack;
}

function stackWithMicrovm(): Stack {
  const stack = testStack();
  return testMicrovm({}, { encryptionKey: importedKey(stack) }, stack).stack;
}

function stackWithCheck(): Stack {
  const stack = testStack();
  return testCheck(undefined, { encryptionKey: importedKey(stack) }, stack).stack;
}

describe('whoever launches may use exactly the key of the launcher, through Lambda only', () => {
  test.each<[string, () => Stack, string]>([
    ['a grantee of grantLaunch', () => stackWithGrantee(importedKey), 'Grantee'],
    ['the handler of a MicroVM', stackWithMicrovm, 'SharedResourceRole'],
    ['the handler of a launch check', stackWithCheck, 'CheckResourceRole'],
    ['the function of a state machine fragment', stackWithFragment, 'SandboxedRole'],
  ])('%s', async (_, stack, role) => {
    const policies = ResolvedTemplate.stack(stack()).policiesOf(role);
    await expectAnswers(policies, true, needs());
    await expectAnswers(policies, false, MORE);
  });
});

test('without a key, nobody gets permissions on keys', () => {
  const { stack, launcher } = testMicrovm();
  launcher.grantLaunch(new iam.Role(stack, 'Grantee', { assumedBy: new iam.AccountRootPrincipal() }));
  expect(JSON.stringify(Template.fromStack(stack))).not.toContain('kms:');
});

test('another key replaces the resource role, because the old role may have to repeat a launch with the old key', () => {
  const idOf = (stack: Stack) => ResolvedTemplate.stack(stack).ids('AWS::IAM::Role', 'SharedResourceRole')[0];
  expect(idOf(stackWithMicrovm())).not.toBe(idOf(testMicrovm().stack));
});

describe('a key that the app defines', () => {
  test('keeps its policy, which does not depend on roles whose policies name the key', () => {
    const policyOf = (stack: Stack) => ResolvedTemplate.stack(stack).resource('AWS::KMS::Key').Properties.KeyPolicy;
    const stack = testStack();
    const { launcher } = testMicrovm({}, { encryptionKey: new kms.Key(stack, 'Key') }, stack);
    launcher.grantLaunch(new iam.Role(stack, 'Grantee', { assumedBy: new iam.AccountRootPrincipal() }));
    const other = testStack();
    new kms.Key(other, 'Key');
    expect(policyOf(stack)).toEqual(policyOf(other));
  });

  test('can be in another stack', () => {
    const app = testApp();
    const key = new kms.Key(testStack(app, 'Keys'), 'Key');
    const stack = stackWithGrantee(() => key, testStack(app, 'Launchers'));
    app.synth();
    expect(stack.dependencies.map(({ node }) => node.id)).toEqual(['Keys']);
  });
});

test('an L1 is a key too', () => {
  const stack = stackWithGrantee(scope => new kms.CfnKey(scope, 'Key', { keyPolicy: {} }));
  expect(JSON.stringify(Template.fromStack(stack))).toContain('{"Fn::GetAtt":["Key","Arn"]}');
});

test('fails for an alias, on which IAM does not authorize', () => {
  expect(() => stackWithGrantee(stack => kms.Alias.fromAliasName(stack, 'Alias', 'alias/app'))).toThrow(/encryptionKey: an alias.*MicrovmEncryptionKeyInvalid at/);
  expect(() => stackWithGrantee(stack => new kms.Alias(stack, 'Alias', { aliasName: 'app', targetKey: importedKey(stack) }))).toThrow('MicrovmEncryptionKeyInvalid');
});
