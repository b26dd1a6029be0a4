import { CfnParameter, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { IMAGE, OTHER_IMAGE, testLauncher } from './support';
import type { MicrovmExecutionRoleProps } from '../../src';
import { MicrovmExecutionRole, MicrovmImage, SessionTagging } from '../../src';
import { expectAnswers, trusts } from '../support/iam';
import { ACCOUNT, REGION, testApp, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const SERVICE = 'lambda.amazonaws.com';
const SOURCE = { 'aws:SourceAccount': ACCOUNT, 'aws:SourceArn': IMAGE };

function roleOf(props: Partial<MicrovmExecutionRoleProps> = {}) {
  const stack = testStack();
  const role = new MicrovmExecutionRole(stack, 'Role', { image: MicrovmImage.fromMicrovmImageName(stack, 'Image', 'sandbox'), ...props });
  role.addLogGroup(logs.LogGroup.fromLogGroupName(stack, 'Logs', 'sandbox'));
  return { stack, trust: ResolvedTemplate.stack(stack).resource('AWS::IAM::Role').Properties.AssumeRolePolicyDocument };
}

describe('the trust of an execution role', () => {
  test('lets the service in for the image of the launcher and no other, as which the service presents itself', async () => {
    const { trust } = roleOf();
    expect(await trusts(trust, SERVICE, 'sts:AssumeRole', SOURCE)).toBe(true);
    for (const wrong of [
      { ...SOURCE, 'aws:SourceArn': OTHER_IMAGE },
      { ...SOURCE, 'aws:SourceArn': `arn:aws:lambda:${REGION}:${ACCOUNT}:function:any` },
      { ...SOURCE, 'aws:SourceAccount': '111122223333' },
      { 'aws:SourceAccount': ACCOUNT } as typeof SOURCE,
      {} as typeof SOURCE,
    ]) expect(await trusts(trust, SERVICE, 'sts:AssumeRole', wrong)).toBe(false);
    expect(await trusts(trust, 'ec2.amazonaws.com', 'sts:AssumeRole', SOURCE)).toBe(false);
    expect(await trusts(trust, `arn:aws:iam::${ACCOUNT}:role/any`, 'sts:AssumeRole', SOURCE)).toBe(false);
  });

  test('of an image whose name is known at synth waits for no image', () => {
    const { stack } = testLauncher({}, testStack());
    const [role] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role', { Properties: { Description: 'For the MicroVMs of a launcher' } }));
    expect(JSON.stringify(role)).not.toContain('ImageArn');
  });

  test('lets it in for any image of the account if the switch is off', async () => {
    const { trust } = roleOf({ sourceArnCondition: false });
    expect(await trusts(trust, SERVICE, 'sts:AssumeRole', { 'aws:SourceAccount': ACCOUNT })).toBe(true);
    expect(await trusts(trust, SERVICE, 'sts:AssumeRole', { 'aws:SourceAccount': '111122223333' })).toBe(false);
  });

  test('lets sessions be tagged as documented, but not with the keys of its own tags, whatever their case', async () => {
    const { trust } = roleOf();
    const tag = async (...keys: string[]) => trusts(trust, SERVICE, 'sts:TagSession', { ...SOURCE, 'aws:TagKeys': keys });
    expect(await tag('lambda:anything')).toBe(true);
    for (const key of ['cdk-lambda-microvms:launcher', 'CDK-Lambda-MicroVMs:Launcher', 'cdk-lambda-microvms:image']) {
      expect(await tag(key)).toBe(false);
      expect(await tag('lambda:anything', key)).toBe(false);
    }
  });

  test('narrows the tags of sessions to patterns, which never fit its own tags', async () => {
    const { trust } = roleOf({ sessionTagging: SessionTagging.keyPatterns('lambda:*', 'cdk-*') });
    const tag = async (...keys: string[]) => trusts(trust, SERVICE, 'sts:TagSession', { ...SOURCE, 'aws:TagKeys': keys });
    expect(await tag('lambda:x', 'cdk-y')).toBe(true);
    expect(await tag('lambda:x', 'other')).toBe(false);
    expect(await tag('cdk-lambda-microvms:launcher')).toBe(false);
  });

  test('lets no session be tagged if asked to', async () => {
    const { trust } = roleOf({ sessionTagging: SessionTagging.none() });
    expect(await trusts(trust, SERVICE, 'sts:TagSession', { ...SOURCE, 'aws:TagKeys': ['lambda:x'] })).toBe(false);
    expect(await trusts(trust, SERVICE, 'sts:AssumeRole', SOURCE)).toBe(true);
  });
});

test('an execution role may write to its log group and do nothing else', async () => {
  const { stack } = roleOf();
  const policies = ResolvedTemplate.stack(stack).policiesOf('Role');
  const stream = (group: string) => `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${group}:log-stream:x`;
  await expectAnswers(policies, true, ['logs:CreateLogStream', 'logs:PutLogEvents'].map(action => ({ action, resource: stream('sandbox') })));
  await expectAnswers(policies, false, [
    { action: 'logs:PutLogEvents', resource: stream('other') },
    { action: 'logs:CreateLogGroup', resource: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:sandbox` },
    { action: 'sts:GetWebIdentityToken', resource: '*', context: { 'sts:IdentityTokenAudience': ['https://api.partner.example'] } },
    { action: 'lambda:RunMicrovm', resource: IMAGE },
  ]);
});

test.each([[true, false], [false, true]])('an execution role is of use to an ordinary function only if asked to (denyFromFunctions: %s)', async (denyFromFunctions, expected) => {
  const { stack } = roleOf({ denyFromFunctions });
  await expectAnswers(ResolvedTemplate.stack(stack).policiesOf('Role'), expected, [{
    action: 'logs:PutLogEvents',
    resource: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:sandbox:log-stream:x`,
    context: { 'lambda:SourceFunctionArn': `arn:aws:lambda:${REGION}:${ACCOUNT}:function:any` },
  }]);
});

describe('the name of an execution role', () => {
  const nameIn = (stack: Stack) => ResolvedTemplate.stack(stack).resource('AWS::IAM::Role', 'Role').Properties.RoleName;

  test('is made of stack, construct and Region, and stays the same', () => {
    expect(nameIn(roleOf().stack)).toMatch(/^Test-[0-9A-F]{8}-eu-west-1$/);
  });

  test('has at most 64 characters in every Region', () => {
    const stack = new Stack(testApp(), `${'Long'.repeat(20)}`);
    new MicrovmExecutionRole(stack, 'Role', { image: MicrovmImage.fromMicrovmImageName(stack, 'Image', 'sandbox') });
    const name = nameIn(stack).replace(REGION, 'ap-southeast-99x');
    expect(name.length).toBeLessThanOrEqual(64);
  });

  test('differs between stacks of different names, and between roles of one scope', () => {
    const app = testApp();
    const names = ['One', 'Two'].flatMap(id => {
      const stack = testStack(app, id);
      const image = MicrovmImage.fromMicrovmImageName(stack, 'Image', 'sandbox');
      return ['A', 'B'].map(role => stack.resolve((new MicrovmExecutionRole(stack, role, { image }).node.defaultChild as any).roleName));
    });
    expect(new Set(names).size).toBe(4);
  });

  test('can be given', () => {
    expect(nameIn(roleOf({ roleName: 'sandbox-role' }).stack)).toBe('sandbox-role');
    expect(() => roleOf({ roleName: 'a/b' })).toThrow('MicrovmExecutionRoleNameInvalid');
  });
});

test('an execution role is tagged with the names of image and launcher', () => {
  const { stack } = testLauncher();
  const { Tags: tags } = ResolvedTemplate.stack(stack).resource('AWS::IAM::Role', 'LauncherExecutionRole').Properties;
  expect(tags).toEqual([
    { Key: 'cdk-lambda-microvms:image', Value: 'sandbox' },
    { Key: 'cdk-lambda-microvms:launcher', Value: 'Test/Launcher' },
  ]);
});

test('an execution role for an L1 is tagged with what its deployment is called', () => {
  const stack = testStack();
  const imageArn = new CfnParameter(stack, 'Image').valueAsString;
  const image = { env: stack.env, node: stack.node, microvmImageRef: { imageArn } } as unknown as lambda.IMicrovmImageRef;
  new MicrovmExecutionRole(stack, 'Role', { image });
  const [role] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role'));
  expect(role.Properties.Tags[0]).toEqual({ Key: 'cdk-lambda-microvms:image', Value: { 'Fn::Select': [6, { 'Fn::Split': [':', { Ref: 'Image' }] }] } });
});

test('an execution role without any permission has no empty policy, which IAM would refuse', () => {
  const stack = testStack();
  new MicrovmExecutionRole(stack, 'Role', { image: MicrovmImage.fromMicrovmImageName(stack, 'Image', 'sandbox'), denyFromFunctions: false });
  expect(ResolvedTemplate.stack(stack).resource('AWS::IAM::Role').Properties.Policies ?? []).toEqual([]);
});
