import { Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { IMAGE, managed, OTHER_CONNECTOR, OTHER_IMAGE, testLauncher } from './support';
import type { IMicrovmLauncher, MicrovmLauncherProps } from '../../src';
import {
  MicrovmEgress, MicrovmExecutionRole, MicrovmImage, MicrovmImageVersion, MicrovmIngress, MicrovmLauncher, MicrovmLogging, SessionTagging,
} from '../../src';
import { expectAnswers } from '../support/iam';
import { ACCOUNT, REGION, testApp, testConnector, testImage, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const EXECUTION_ROLE = `arn:aws:iam::${ACCOUNT}:role/Test-Launcher-F1880079-C7DC2DAC-eu-west-1`;

/** The launch request as a deployment would make it. */
function requestOf(launcher: IMicrovmLauncher): any {
  const stack = Stack.of(launcher);
  return JSON.parse(ResolvedTemplate.stack(stack).resolve(stack.resolve(launcher.launchRequest)));
}

function testFunction(stack: Stack, id = 'Backend'): lambda.Function {
  return new lambda.Function(stack, id, { runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler', code: lambda.Code.fromInline('//') });
}

describe('the launch request', () => {
  test('always names the way in, the way out, the log and the duration', () => {
    expect(requestOf(testLauncher().launcher)).toEqual({
      imageIdentifier: IMAGE,
      executionRoleArn: EXECUTION_ROLE,
      ingressNetworkConnectors: [managed('HTTP_INGRESS')],
      egressNetworkConnectors: [managed('INTERNET_EGRESS')],
      maximumDurationInSeconds: 28_800,
      logging: { cloudWatch: { logGroup: expect.stringMatching(/^physical-LauncherLogGroup/) } },
    });
  });

  test.each<[string, MicrovmIngress, string[]]>([
    ['none', MicrovmIngress.none(), ['NO_INGRESS']],
    ['HTTP', MicrovmIngress.http(), ['HTTP_INGRESS']],
    ['HTTP with shell', MicrovmIngress.httpWithShell(), ['HTTP_INGRESS', 'SHELL_INGRESS']],
    ['all ports', MicrovmIngress.allPorts(), ['ALL_INGRESS']],
  ])('names the connectors of the way in: %s', (_, ingress, names) => {
    expect(requestOf(testLauncher({ ingress }).launcher).ingressNetworkConnectors).toEqual(names.map(managed));
  });

  test('has idle policy and duration in seconds', () => {
    const idlePolicy = { maxIdleDuration: Duration.minutes(15), suspendedDuration: Duration.hours(1), autoResume: true };
    expect(requestOf(testLauncher({ idlePolicy, maximumDuration: Duration.hours(4) }).launcher)).toMatchObject({
      idlePolicy: { maxIdleDurationSeconds: 900, suspendedDurationSeconds: 3600, autoResumeEnabled: true },
      maximumDurationInSeconds: 14_400,
    });
  });

  test('says that there is no log if there is none', () => {
    const { launcher, stack } = testLauncher({ logging: MicrovmLogging.disabled() });
    expect(requestOf(launcher).logging).toEqual({ disabled: {} });
    expect(ResolvedTemplate.stack(stack).ids('AWS::Logs::LogGroup', 'Launcher')).toEqual([]);
  });

  test('names a connector without its version', () => {
    const stack = testStack();
    const { launcher } = testLauncher({ egress: MicrovmEgress.connector(testConnector(stack)) }, stack);
    expect(requestOf(launcher).egressNetworkConnectors).toEqual([`arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-Connector`]);
  });

  test('names a version of the image if asked to: a fixed one, or the deployed one', () => {
    expect(requestOf(testLauncher({ imageVersion: MicrovmImageVersion.latestActive() }).launcher)).not.toHaveProperty('imageVersion');
    expect(requestOf(testLauncher({ imageVersion: MicrovmImageVersion.of('3.0') }).launcher).imageVersion).toBe('3.0');
    expect(requestOf(testLauncher({ imageVersion: MicrovmImageVersion.ofThisDeployment() }).launcher).imageVersion).toMatch(/ImageVersion$/);
  });

  test('is given to functions, of other stacks too', () => {
    const app = testApp();
    const { launcher } = testLauncher({}, testStack(app, 'Images'));
    const stack = testStack(app, 'Backends');
    launcher.addToFunction(testFunction(stack));
    launcher.addToFunction(testFunction(stack, 'Second'), { environmentVariable: 'SANDBOX' });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { MICROVM_LAUNCH_REQUEST: { 'Fn::Join': Match.anyValue() } } } });
    template.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { SANDBOX: Match.anyValue() } } });
    expect(JSON.stringify(template.toJSON())).toContain('Fn::ImportValue');
  });

  test('fails in another stack if it names the deployed version', () => {
    const app = testApp();
    const { launcher } = testLauncher({ imageVersion: MicrovmImageVersion.ofThisDeployment() }, testStack(app, 'Images'));
    launcher.addToFunction(testFunction(testStack(app, 'Backends')));
    expect(() => app.synth()).toThrow(/microvmImageVersion: stack 'Backends' cannot read .*MicrovmImageVersionCrossStack/);
  });

  test.each<[string, any]>([
    ['an L1', (stack: Stack) => new lambda.CfnMicrovmImage(stack, 'L1', {
      name: 'l1',
      description: '',
      baseImageArn: 'base',
      baseImageVersion: '1',
      buildRoleArn: `arn:aws:iam::${ACCOUNT}:role/build`,
      codeArtifact: { uri: 's3://bucket/key' },
      cpuConfigurations: [],
      resources: [],
      additionalOsCapabilities: [],
      egressNetworkConnectors: [],
      environmentVariables: [],
      hooks: {},
      logging: {},
    })],
    ['an import', (stack: Stack) => MicrovmImage.fromMicrovmImageName(stack, 'Import', 'sandbox')],
  ])('takes %s', (_, make) => {
    const stack = testStack();
    const { launcher } = testLauncher({ image: make(stack) }, stack);
    expect(requestOf(launcher).imageIdentifier).toBeDefined();
  });
});

describe('grants', () => {
  const MICROVM_ACTIONS = ['RunMicrovm', 'GetMicrovm', 'SuspendMicrovm', 'ResumeMicrovm', 'TerminateMicrovm', 'CreateMicrovmAuthToken', 'CreateMicrovmShellAuthToken']
    .map(action => `lambda:${action}`);
  const on = (resource: string, ...actions: string[]) => actions.map(action => ({ action: `lambda:${action}`, resource }));

  function granted(give: (launcher: IMicrovmLauncher, grantee: iam.Role) => void, props: Partial<MicrovmLauncherProps> = {}) {
    const stack = testStack();
    const { launcher } = testLauncher(props, stack);
    give(launcher, new iam.Role(stack, 'Grantee', { assumedBy: new iam.AccountRootPrincipal() }));
    return ResolvedTemplate.stack(stack).policiesOf('Grantee');
  }

  test.each<[string, (launcher: IMicrovmLauncher, grantee: iam.Role) => void, string[]]>([
    ['grantLaunch', (launcher, grantee) => launcher.grantLaunch(grantee), ['RunMicrovm', 'GetMicrovm']],
    ['grantConnect', (launcher, grantee) => launcher.grantConnect(grantee), ['CreateMicrovmAuthToken']],
    ['grantShell', (launcher, grantee) => launcher.grantShell(grantee), ['CreateMicrovmShellAuthToken']],
    ['grantManage', (launcher, grantee) => launcher.grantManage(grantee), ['GetMicrovm', 'SuspendMicrovm', 'ResumeMicrovm', 'TerminateMicrovm']],
  ])('%s implies no other', async (_, give, actions) => {
    const policies = granted(give, { ingress: MicrovmIngress.httpWithShell() });
    await expectAnswers(policies, true, on(IMAGE, ...actions));
    await expectAnswers(policies, false, [
      ...MICROVM_ACTIONS.filter(action => !actions.includes(action.split(':')[1])).map(action => ({ action, resource: IMAGE })),
      ...MICROVM_ACTIONS.map(action => ({ action, resource: OTHER_IMAGE })),
    ]);
  });

  test('grantLaunch passes exactly what it launches with', async () => {
    const policies = granted((launcher, grantee) => launcher.grantLaunch(grantee));
    const pass = (resource: string) => ({ action: 'lambda:PassNetworkConnector', resource });
    await expectAnswers(policies, true, [{ action: 'iam:PassRole', resource: EXECUTION_ROLE }, ...['HTTP_INGRESS', 'INTERNET_EGRESS'].map(managed).map(pass)]);
    await expectAnswers(policies, false, [
      { action: 'iam:PassRole', resource: `arn:aws:iam::${ACCOUNT}:role/other` },
      ...['NO_INGRESS', 'ALL_INGRESS', 'SHELL_INGRESS'].map(managed).map(pass),
      pass(OTHER_CONNECTOR),
    ]);
  });

  test('grantLaunch passes the connector that it goes out through, with and without its version, and not the internet', async () => {
    const stack = testStack();
    const { launcher } = testLauncher({ egress: MicrovmEgress.connector(testConnector(stack)), ingress: MicrovmIngress.none() }, stack);
    launcher.grantLaunch(new iam.Role(stack, 'Grantee', { assumedBy: new iam.AccountRootPrincipal() }));
    const policies = ResolvedTemplate.stack(stack).policiesOf('Grantee');
    const arn = `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-Connector`;
    const pass = (resource: string) => ({ action: 'lambda:PassNetworkConnector', resource });
    await expectAnswers(policies, true, [arn, `${arn}:3`, managed('NO_INGRESS')].map(pass));
    await expectAnswers(policies, false, [managed('INTERNET_EGRESS'), managed('HTTP_INGRESS'), `${arn}2`].map(pass));
  });

  test('grantManage may list, and only that is on a star', async () => {
    await expectAnswers(granted((launcher, grantee) => launcher.grantManage(grantee)), true, on('*', 'ListMicrovms'));
    await expectAnswers(granted((launcher, grantee) => launcher.grantLaunch(grantee)), false, on('*', 'ListMicrovms'));
  });

  test('grantShell fails at synth if the ingress has no shell', () => {
    for (const ingress of [MicrovmIngress.http(), MicrovmIngress.allPorts(), MicrovmIngress.none()]) {
      expect(() => granted((launcher, grantee) => launcher.grantShell(grantee), { ingress })).toThrow(/httpWithShell.*MicrovmLauncherNoShell/);
    }
  });

  test('grantConnect fails at synth if nothing comes in', () => {
    expect(() => granted((launcher, grantee) => launcher.grantConnect(grantee), { ingress: MicrovmIngress.none() })).toThrow('MicrovmLauncherNoIngress');
  });

  test('of an import are those of the launcher', () => {
    const stack = testStack();
    const { launcher } = testLauncher({}, stack);
    launcher.grantLaunch(new iam.Role(stack, 'Grantee', { assumedBy: new iam.AccountRootPrincipal() }));
    const other = testStack();
    const imported = MicrovmLauncher.fromMicrovmLauncherAttributes(other, 'Launcher', {
      image: MicrovmImage.fromMicrovmImageName(other, 'Image', 'sandbox'),
      executionRole: iam.Role.fromRoleArn(other, 'Role', EXECUTION_ROLE),
      ingress: MicrovmIngress.http(),
      egress: MicrovmEgress.internet(),
      logGroup: logs.LogGroup.fromLogGroupName(other, 'Logs', 'logs'),
    });
    imported.grantLaunch(new iam.Role(other, 'Grantee', { assumedBy: new iam.AccountRootPrincipal() }));
    expect(ResolvedTemplate.stack(other).policiesOf('Grantee')).toEqual(ResolvedTemplate.stack(stack).policiesOf('Grantee'));
    expect(requestOf(imported)).toEqual({ ...requestOf(launcher), logging: { cloudWatch: { logGroup: 'logs' } } });
    expect(MicrovmLauncher.isMicrovmLauncher(imported)).toBe(false);
    expect(MicrovmLauncher.isMicrovmLauncher(launcher)).toBe(true);
  });

  test('to a launcher are grants to its execution role', () => {
    const { stack, launcher } = testLauncher();
    new iam.Policy(stack, 'Extra', { statements: [new iam.PolicyStatement({ actions: ['dynamodb:GetItem'], resources: ['*'] })] })
      .attachToRole(launcher.executionRole);
    iam.Grant.addToPrincipal({ grantee: launcher, actions: ['sqs:SendMessage'], resourceArns: ['*'] });
    expect(JSON.stringify(ResolvedTemplate.stack(stack).policiesOf('LauncherExecutionRole'))).toContain('sqs:SendMessage');
  });
});

describe('an execution role of the user', () => {
  const userRole = (stack: Stack) => new iam.Role(stack, 'UserRole', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });

  test('may write the log, by a policy in the scope of the launcher', () => {
    const app = testApp();
    const role = userRole(testStack(app, 'Roles'));
    const { stack } = testLauncher({ executionRole: role }, testStack(app, 'Launchers'));
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [Match.objectLike({ Action: ['logs:CreateLogStream', 'logs:PutLogEvents'] })] },
    });
  });

  test('that cannot be changed gives a warning with what it needs', () => {
    const stack = testStack();
    const role = iam.Role.fromRoleArn(stack, 'Import', `arn:aws:iam::${ACCOUNT}:role/import`, { mutable: false });
    testLauncher({ executionRole: role }, stack);
    Annotations.fromStack(stack).hasWarning('/Test/Launcher', Match.stringLikeRegexp('logs:PutLogEvents.*cdk-lambda-microvms:executionRoleNotModified'));
  });

  test('fails with session tagging, which is for the default role', () => {
    const stack = testStack();
    expect(() => testLauncher({ executionRole: userRole(stack), sessionTagging: SessionTagging.none() }, stack)).toThrow('MicrovmLauncherSessionTaggingInvalid');
  });

  test('fails if it belongs to another launcher', () => {
    const stack = testStack();
    const image = testImage({ microvmImageName: 'sandbox' }, stack);
    const role = new MicrovmExecutionRole(stack, 'Role', { image });
    const props = { image, executionRole: role, ingress: MicrovmIngress.http(), egress: MicrovmEgress.internet() };
    new MicrovmLauncher(stack, 'First', props);
    expect(() => new MicrovmLauncher(stack, 'Second', props)).toThrow(/belongs to launcher Test\/First.*MicrovmExecutionRoleShared/);
  });
});

describe('synthesis', () => {
  const idle = (policy: object) => ({ idlePolicy: { maxIdleDuration: Duration.minutes(15), suspendedDuration: Duration.hours(1), autoResume: true, ...policy } });

  test.each<[string, Partial<MicrovmLauncherProps>, RegExp]>([
    ['too long a life', { maximumDuration: Duration.hours(9) }, /maximumDuration: 9 hours is not valid; use 1 second to 8 hours.*MicrovmMaximumDurationInvalid at Test\/Launcher/],
    ['no life at all', { maximumDuration: Duration.seconds(0) }, /MicrovmMaximumDurationInvalid/],
    ['a part of a second', { maximumDuration: Duration.millis(1500) }, /MicrovmMaximumDurationInvalid/],
    ['too little patience', idle({ maxIdleDuration: Duration.seconds(59) }), /idlePolicy.maxIdleDuration: .*MicrovmIdlePolicyInvalid/],
    ['too much patience', idle({ maxIdleDuration: Duration.hours(9) }), /idlePolicy.maxIdleDuration: .*MicrovmIdlePolicyInvalid/],
    ['too long a suspension', idle({ suspendedDuration: Duration.hours(9) }), /idlePolicy.suspendedDuration: .*MicrovmIdlePolicyInvalid/],
    ['a deployed version of an import', {
      image: MicrovmImage.fromMicrovmImageName(testStack(), 'Import', 'sandbox'), imageVersion: MicrovmImageVersion.ofThisDeployment(),
    }, /MicrovmLauncherImageVersionInvalid/],
  ])('fails for %s', (_, props, message) => {
    expect(() => testLauncher(props)).toThrow(message);
  });

  test('fails for what is no version', () => {
    for (const version of ['', 'latest', '1.0.0', '$LATEST']) expect(() => MicrovmImageVersion.of(version)).toThrow('MicrovmLauncherImageVersionInvalid');
  });

  test('fails for an environment variable that Lambda refuses', () => {
    const { stack, launcher } = testLauncher();
    expect(() => launcher.addToFunction(testFunction(stack), { environmentVariable: '1X' })).toThrow('MicrovmLauncherEnvironmentVariableInvalid');
  });
});
