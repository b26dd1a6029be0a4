import { Aspects, NestedStack, RemovalPolicy, Stage } from 'aws-cdk-lib';
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { IConstruct } from 'constructs';
import type { MicrovmProviderOptions } from '../../src';
import { MicrovmProvider } from '../../src';
import { testFragment } from '../launcher/support';
import { anotherCopy } from '../support/copies';
import { allows } from '../support/iam';
import { ACCOUNT, testApp, testImage, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const HANDLER = 'CdkLambdaMicrovmsHandler';
const ROLES = ['CdkLambdaMicrovmsFunctionRole', 'CdkLambdaMicrovmsOnEventRole', 'CdkLambdaMicrovmsWaiterRole'];

/** Returns the template of a stack with an image, after the options were set. */
function withImage(options: (stack: Stack) => MicrovmProviderOptions): ResolvedTemplate {
  const stack = testStack();
  MicrovmProvider.configure(stack, options(stack));
  testImage({}, stack);
  return ResolvedTemplate.stack(stack);
}

const functionsIn = (template: ResolvedTemplate, part = 'CdkLambdaMicrovms') =>
  template.ids('AWS::Lambda::Function', part).map(id => template.resource('AWS::Lambda::Function', id).Properties);
const retentionIn = (stack: Stack) => ResolvedTemplate.stack(stack).resource('AWS::Logs::LogGroup', 'CdkLambdaMicrovmsLogs').Properties.RetentionInDays;

const YEAR = { logRetention: logs.RetentionDays.ONE_YEAR };
const WEEK = { logRetention: logs.RetentionDays.ONE_WEEK };

describe('options of a scope apply to', () => {
  test('resources that are created before the call, and after it', () => {
    const [before, after] = [testStack(), testStack()];
    testImage({}, before);
    MicrovmProvider.configure(before, YEAR);
    MicrovmProvider.configure(after, YEAR);
    testImage({}, after);
    expect([before, after].map(retentionIn)).toEqual([365, 365]);
  });

  test('all stacks of an app or a stage, also nested ones, and to no other stack', () => {
    const app = testApp();
    const stage = new Stage(app, 'Stage');
    MicrovmProvider.configure(stage, YEAR);
    const inStage = testStack(stage as any, 'InStage');
    const nested = new NestedStack(inStage, 'Nested');
    const outside = testStack(app, 'Outside');
    for (const stack of [inStage, nested, outside]) testImage({}, stack);
    expect([inStage, nested, outside].map(retentionIn)).toEqual([365, 365, 30]);

    const other = testApp();
    MicrovmProvider.configure(other, YEAR);
    const first = testStack(other, 'First');
    testImage({}, first);
    expect(retentionIn(first)).toBe(365);
  });

  test('a stack each from the nearest scope, and from the last call there', () => {
    const app = testApp();
    const stack = testStack(app);
    MicrovmProvider.configure(stack, { logRetention: logs.RetentionDays.ONE_DAY });
    MicrovmProvider.configure(stack, WEEK);
    MicrovmProvider.configure(app, { ...YEAR, tracing: lambda.Tracing.ACTIVE });
    testImage({}, stack);
    expect(retentionIn(stack)).toBe(7);
    expect(functionsIn(ResolvedTemplate.stack(stack)).map(({ TracingConfig }) => TracingConfig)).toEqual(Array(4).fill({ Mode: 'Active' }));
  });

  test('resources of another copy of the library', () => {
    const stack = testStack();
    anotherCopy().MicrovmProvider.configure(stack, YEAR);
    testImage({}, stack);
    expect(retentionIn(stack)).toBe(365);
  });
});

test('options change nothing that they do not name, and no logical ID', () => {
  const plain = testStack();
  testImage({}, plain);
  const configured = testStack();
  MicrovmProvider.configure(configured, {});
  testImage({}, configured);
  expect(Template.fromStack(configured).toJSON()).toEqual(Template.fromStack(plain).toJSON());
});

describe('log groups', () => {
  test('have the key, the retention and the removal policy of the options', () => {
    const stack = testStack();
    MicrovmProvider.configure(stack, { logEncryptionKey: new kms.Key(stack, 'Key'), ...YEAR, logRemovalPolicy: RemovalPolicy.RETAIN });
    testImage({}, stack);
    Template.fromStack(stack).hasResource('AWS::Logs::LogGroup', {
      DeletionPolicy: 'Retain',
      Properties: { RetentionInDays: 365, KmsKeyId: { 'Fn::GetAtt': [stack.getLogicalId(stack.node.findChild('Key').node.defaultChild as any), 'Arn'] } },
    });
  });

  test('keep events permanently with infinite retention', () => {
    const template = withImage(() => ({ logRetention: logs.RetentionDays.INFINITE }));
    expect(template.resource('AWS::Logs::LogGroup', 'CdkLambdaMicrovmsLogs').Properties).toBeUndefined();
  });

  test('are not created if the options name one, to which all functions may write and no other', async () => {
    const stack = testStack();
    testImage({}, stack);
    MicrovmProvider.configure(stack, { logGroup: new logs.LogGroup(stack, 'Own') });
    const template = ResolvedTemplate.stack(stack);
    expect(template.ids('AWS::Logs::LogGroup', 'CdkLambdaMicrovms')).toEqual([]);
    const [own] = template.ids('AWS::Logs::LogGroup', 'Own');
    expect(functionsIn(template).map(({ LoggingConfig }) => LoggingConfig.LogGroup)).toEqual(Array(4).fill(`physical-${own}`));
    const arn = (name: string) => `arn:aws:logs:eu-west-1:123456789012:log-group:${name}:log-stream:x`;
    for (const role of ROLES) {
      expect(await allows(template.policiesOf(`${role}`).slice(0, 1), { action: 'logs:PutLogEvents', resource: arn(`physical-${own}`) })).toBe(true);
      expect(await allows(template.policiesOf(`${role}`).slice(0, 1), { action: 'logs:PutLogEvents', resource: arn('other') })).toBe(false);
    }
  });
});

describe('a VPC', () => {
  const vpcOf = (stack: Stack) => new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 });

  test('contains all functions, in private subnets, with one security group that permits HTTPS only', () => {
    const template = withImage(stack => ({ vpc: vpcOf(stack) }));
    const [group] = template.ids('AWS::EC2::SecurityGroup', 'CdkLambdaMicrovmsSecurityGroup');
    for (const { VpcConfig } of functionsIn(template)) {
      expect(VpcConfig.SubnetIds).toEqual([expect.stringContaining('PrivateSubnet1'), expect.stringContaining('PrivateSubnet2')]);
      expect(VpcConfig.SecurityGroupIds).toEqual([`sg-${group}`]);
    }
    expect(template.resource('AWS::EC2::SecurityGroup', group).Properties.SecurityGroupEgress).toEqual([
      { CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 443, ToPort: 443, Description: expect.any(String) },
    ]);
  });

  test('has the subnets and the security groups of the options', () => {
    const template = withImage(stack => {
      const vpc = vpcOf(stack);
      return { vpc, vpcSubnets: { subnets: [vpc.privateSubnets[1]] }, securityGroups: [new ec2.SecurityGroup(stack, 'Group', { vpc })] };
    });
    for (const { VpcConfig } of functionsIn(template)) {
      expect(VpcConfig).toEqual({ SubnetIds: [expect.stringContaining('PrivateSubnet2')], SecurityGroupIds: [expect.stringMatching(/^sg-Group/)] });
    }
    expect(template.ids('AWS::EC2::SecurityGroup', 'CdkLambdaMicrovms')).toEqual([]);
  });

  test('has its routes before the functions', () => {
    const stack = testStack();
    MicrovmProvider.configure(stack, { vpc: vpcOf(stack) });
    testImage({}, stack);
    const functions = Object.values<any>(Template.fromStack(stack).findResources('AWS::Lambda::Function')).filter(({ Properties }) => Properties.VpcConfig);
    expect(functions).toHaveLength(4);
    for (const { DependsOn } of functions) expect(DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^VpcPrivateSubnet1DefaultRoute/)]));
  });

  test('is entered with permissions of the roles that the code of the functions cannot use', async () => {
    const template = withImage(stack => ({ vpc: vpcOf(stack) }));
    for (const role of ROLES) {
      const [inline] = template.policiesOf(role);
      for (const name of ['CreateNetworkInterface', 'DescribeNetworkInterfaces', 'DescribeSubnets', 'DeleteNetworkInterface']) {
        const question = { action: `ec2:${name}`, resource: name.startsWith('Describe') ? '*' : 'arn:aws:ec2:eu-west-1:123456789012:network-interface/eni-1' };
        expect([name, await allows([inline], question)]).toEqual([name, true]);
        const context = { 'lambda:SourceFunctionArn': 'arn:aws:lambda:eu-west-1:123456789012:function:handler' };
        expect([name, await allows([inline], { ...question, context })]).toEqual([name, false]);
      }
    }
  });

  test('of the nearest scope replaces that of another one as a whole', () => {
    const app = testApp();
    const stack = testStack(app);
    const vpc = vpcOf(stack);
    MicrovmProvider.configure(app, { vpc, securityGroups: [new ec2.SecurityGroup(stack, 'Group', { vpc })] });
    MicrovmProvider.configure(stack, { vpc });
    testImage({}, stack);
    expect(functionsIn(ResolvedTemplate.stack(stack))[0].VpcConfig.SecurityGroupIds).toEqual([expect.stringMatching(/^sg-CdkLambdaMicrovms/)]);
  });
});

describe('tracing', () => {
  const statements = (template: ResolvedTemplate, role: string) => JSON.stringify(template.policiesOf(role));

  test('is active for the functions and the state machine, whose roles may send traces', () => {
    const template = withImage(() => ({ tracing: lambda.Tracing.ACTIVE }));
    for (const role of ROLES) expect(statements(template, role)).toContain('xray:PutTraceSegments');
    expect(template.resource('AWS::StepFunctions::StateMachine').Properties.TracingConfiguration).toEqual({ Enabled: true });
    expect(statements(template, 'CdkLambdaMicrovmsProviderwaiterstatemachineRole')).toContain('xray:GetSamplingRules');
  });

  test('passes traces of callers through, and traces no state machine', () => {
    const template = withImage(() => ({ tracing: lambda.Tracing.PASS_THROUGH }));
    expect(functionsIn(template).map(({ TracingConfig }) => TracingConfig.Mode)).toEqual(Array(4).fill('PassThrough'));
    expect(template.resource('AWS::StepFunctions::StateMachine').Properties.TracingConfiguration).toBeUndefined();
  });

  test('needs no permissions if it is disabled', () => {
    const template = withImage(() => ({ tracing: lambda.Tracing.DISABLED }));
    for (const role of ROLES) expect(statements(template, role)).not.toContain('xray');
  });
});

test.each([[2, 1], [5, 2], [100, 50]])('reserved concurrency of %d reserves %d for each function of the framework', (reserved, share) => {
  const template = withImage(() => ({ reservedConcurrentExecutions: reserved }));
  expect(template.resource('AWS::Lambda::Function', HANDLER).Properties.ReservedConcurrentExecutions).toBe(reserved);
  expect(functionsIn(template, 'Providerframework').map(properties => properties.ReservedConcurrentExecutions)).toEqual([share, share, share]);
});

test('the function of a state machine fragment has the same settings', () => {
  const { stack } = testFragment();
  const vpc = new ec2.Vpc(stack, 'Vpc');
  MicrovmProvider.configure(stack, { vpc, tracing: lambda.Tracing.ACTIVE, reservedConcurrentExecutions: 20, ...YEAR });
  const template = ResolvedTemplate.stack(stack);
  const properties = template.resource('AWS::Lambda::Function', 'SandboxedFunction').Properties;
  expect(properties).toMatchObject({
    TracingConfig: { Mode: 'Active' },
    ReservedConcurrentExecutions: 20,
    VpcConfig: { SecurityGroupIds: [expect.stringMatching(/^sg-SandboxedSecurityGroup/)] },
  });
  expect(template.resource('AWS::Logs::LogGroup', 'SandboxedLogs').Properties.RetentionInDays).toBe(365);
  expect(JSON.stringify(template.policiesOf('SandboxedRole'))).toMatch(/ec2:CreateNetworkInterface.*xray:PutTraceSegments/);
});

test('the log group of the options replaces that of a state machine fragment', () => {
  const { stack } = testFragment();
  MicrovmProvider.configure(stack, { logGroup: logs.LogGroup.fromLogGroupName(stack, 'Own', 'platform') });
  const template = ResolvedTemplate.stack(stack);
  expect(template.resource('AWS::Lambda::Function', 'SandboxedFunction').Properties.LoggingConfig.LogGroup).toBe('platform');
  expect(template.ids('AWS::Logs::LogGroup', 'SandboxedLogs')).toEqual([]);
  expect(JSON.stringify(template.policiesOf('SandboxedRole'))).toContain('log-group:platform:*');
});

test('an aspect of the user on the documented path has the last word', () => {
  const stack = testStack();
  testImage({}, stack);
  MicrovmProvider.configure(stack, YEAR);
  Aspects.of(stack.node.findChild('CdkLambdaMicrovms')).add({
    visit: (node: IConstruct) => {
      if (node instanceof logs.CfnLogGroup) node.retentionInDays = 3;
    },
  });
  expect(retentionIn(stack)).toBe(3);
});

describe('options fail', () => {
  const vpcOf = (stack: Stack) => new ec2.Vpc(stack, 'Vpc');
  const group = (stack: Stack) => ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1');

  test.each<[string, (stack: Stack) => MicrovmProviderOptions, string]>([
    ['a log group with retention', stack => ({ logGroup: new logs.LogGroup(stack, 'Own'), ...YEAR }), 'logRetention: cannot be combined with logGroup'],
    ['a log group with a key', stack => ({ logGroup: new logs.LogGroup(stack, 'Own'), logEncryptionKey: new kms.Key(stack, 'Key') }), 'logEncryptionKey: cannot'],
    ['a log group with a removal policy', stack => ({ logGroup: new logs.LogGroup(stack, 'Own'), logRemovalPolicy: RemovalPolicy.RETAIN }), 'logRemovalPolicy: cannot'],
    ['subnets without a VPC', () => ({ vpcSubnets: {} }), 'vpcSubnets: needs vpc'],
    ['security groups without a VPC', stack => ({ securityGroups: [group(stack)] }), 'securityGroups: needs vpc'],
    ['no security groups', stack => ({ vpc: vpcOf(stack), securityGroups: [] }), 'securityGroups: 0 groups'],
    ['six security groups', stack => ({ vpc: vpcOf(stack), securityGroups: Array(6).fill(group(stack)) }), 'securityGroups: 6 groups'],
    ['public subnets', stack => ({ vpc: vpcOf(stack), vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC } }), 'vpcSubnets: Test/Vpc/PublicSubnet1 is public'],
    ['subnets that the VPC does not have', stack => ({ vpc: vpcOf(stack), vpcSubnets: { subnetGroupName: 'none' } }), 'vpcSubnets: the VPC Test/Vpc does not have the selected subnets (There are no'],
    ['a concurrency of one', () => ({ reservedConcurrentExecutions: 1 }), 'reservedConcurrentExecutions: 1 is not valid; use a whole number from 2'],
  ])('with %s', (_, options, message) => {
    const stack = testStack();
    expect(() => MicrovmProvider.configure(stack, options(stack))).toThrow(message);
    expect(() => MicrovmProvider.configure(testStack(), options(testStack()))).toThrow('[MicrovmProviderOptionsInvalid at Test]');
  });

  test('in a stack of another account or Region than the VPC or the log group', () => {
    const configured = (users: string[]) => {
      const app = testApp();
      const other = testStack(app, 'Other', { env: { account: ACCOUNT, region: 'us-east-1' } });
      MicrovmProvider.configure(app, { logGroup: new logs.LogGroup(other, 'Logs', { logGroupName: 'own' }) });
      const stacks = { Other: other, Far: testStack(app, 'Far') };
      users.forEach(user => testImage({}, stacks[user as keyof typeof stacks]));
      return () => app.synth();
    };
    expect(configured(['Other'])).not.toThrow();
    expect(configured(['Other', 'Far'])).toThrow(
      /^logGroup: is in 123456789012\/us-east-1, and this construct in 123456789012\/eu-west-1.*MicrovmProviderOptionsInvalid at Far\//);
    const own = testStack();
    MicrovmProvider.configure(own, { vpc: vpcOf(testStack(testApp(), 'Foreign', { env: { account: '111122223333', region: 'eu-west-1' } })) });
    testImage({}, own);
    expect(() => Template.fromStack(own)).toThrow(/vpc: is in 111122223333\/eu-west-1.*MicrovmProviderOptionsInvalid/);
  });

  test('with an alias as the key', () => {
    const stack = testStack();
    expect(() => MicrovmProvider.configure(stack, { logEncryptionKey: kms.Alias.fromAliasName(stack, 'Alias', 'alias/x') }))
      .toThrow('MicrovmEncryptionKeyInvalid');
  });
});
