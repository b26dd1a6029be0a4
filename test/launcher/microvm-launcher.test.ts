import type { Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { EXECUTION_ROLE, IMAGE, managed, OTHER_CONNECTOR, OTHER_IMAGE, requestOf, testFunction, testLauncher } from './support';
import type { IMicrovmLauncher, MicrovmLauncherProps } from '../../src';
import {
  Microvm, MicrovmEgress, MicrovmExecutionRole, MicrovmImage, MicrovmIngress, MicrovmLaunchCheck, MicrovmLauncher, MicrovmLogging,
  MicrovmStateMachineFragment, NetworkConnector, SessionTagging,
} from '../../src';
import { SECURITY_GROUP, testNetworkConnector, testVpc, VPC } from '../network/support';
import { cyclesIn } from '../support/cycles';
import { expectAnswers } from '../support/iam';
import { ACCOUNT, REGION, testApp, testConnector, testImage, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

describe('grants', () => {
  const MICROVM_ACTIONS = [
    'RunMicrovm', 'GetMicrovm', 'SuspendMicrovm', 'ResumeMicrovm', 'TerminateMicrovm', 'CreateMicrovmAuthToken', 'CreateMicrovmShellAuthToken',
  ].map(action => `lambda:${action}`);
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
  ])('%s implies no other grant', async (_, give, actions) => {
    const policies = granted(give, { ingress: MicrovmIngress.httpWithShell() });
    await expectAnswers(policies, true, on(IMAGE, ...actions));
    await expectAnswers(policies, false, [
      ...MICROVM_ACTIONS.filter(action => !actions.includes(action.split(':')[1])).map(action => ({ action, resource: IMAGE })),
      ...MICROVM_ACTIONS.map(action => ({ action, resource: OTHER_IMAGE })),
    ]);
  });

  test('grantLaunch permits passing exactly the role and connectors of the launcher', async () => {
    const policies = granted((launcher, grantee) => launcher.grantLaunch(grantee));
    const pass = (resource: string) => ({ action: 'lambda:PassNetworkConnector', resource });
    await expectAnswers(policies, true, [
      { action: 'iam:PassRole', resource: EXECUTION_ROLE }, ...['HTTP_INGRESS', 'INTERNET_EGRESS'].map(managed).map(pass),
    ]);
    await expectAnswers(policies, false, [
      { action: 'iam:PassRole', resource: `arn:aws:iam::${ACCOUNT}:role/other` },
      ...['NO_INGRESS', 'ALL_INGRESS', 'SHELL_INGRESS'].map(managed).map(pass),
      pass(OTHER_CONNECTOR),
    ]);
  });

  test('grantLaunch permits passing the connector of the egress, with and without version, and not the internet', async () => {
    const stack = testStack();
    const { launcher } = testLauncher({ egress: MicrovmEgress.connector(testConnector(stack)), ingress: MicrovmIngress.none() }, stack);
    launcher.grantLaunch(new iam.Role(stack, 'Grantee', { assumedBy: new iam.AccountRootPrincipal() }));
    const policies = ResolvedTemplate.stack(stack).policiesOf('Grantee');
    const arn = `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-Connector`;
    const pass = (resource: string) => ({ action: 'lambda:PassNetworkConnector', resource });
    await expectAnswers(policies, true, [arn, `${arn}:3`, managed('NO_INGRESS')].map(pass));
    await expectAnswers(policies, false, [managed('INTERNET_EGRESS'), managed('HTTP_INGRESS'), `${arn}2`].map(pass));
  });

  test('grantManage permits listing MicroVMs, which is its only permission on *', async () => {
    await expectAnswers(granted((launcher, grantee) => launcher.grantManage(grantee)), true, on('*', 'ListMicrovms'));
    await expectAnswers(granted((launcher, grantee) => launcher.grantLaunch(grantee)), false, on('*', 'ListMicrovms'));
  });

  test('grantShell fails at synth if the ingress has no shell', () => {
    for (const ingress of [MicrovmIngress.http(), MicrovmIngress.allPorts(), MicrovmIngress.none()]) {
      expect(() => granted((launcher, grantee) => launcher.grantShell(grantee), { ingress })).toThrow(/httpWithShell.*MicrovmLauncherNoShell/);
    }
  });

  test('grantConnect fails at synth if the ingress admits no requests', () => {
    expect(() => granted((launcher, grantee) => launcher.grantConnect(grantee), { ingress: MicrovmIngress.none() }))
      .toThrow('MicrovmLauncherNoIngress');
  });

  test('of an imported launcher equal those of the launcher', () => {
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

  test('to a launcher go to its execution role', () => {
    const { stack, launcher } = testLauncher();
    new iam.Policy(stack, 'Extra', { statements: [new iam.PolicyStatement({ actions: ['dynamodb:GetItem'], resources: ['*'] })] })
      .attachToRole(launcher.executionRole);
    iam.Grant.addToPrincipal({ grantee: launcher, actions: ['sqs:SendMessage'], resourceArns: ['*'] });
    expect(JSON.stringify(ResolvedTemplate.stack(stack).policiesOf('LauncherExecutionRole'))).toContain('sqs:SendMessage');
  });
});

describe('an execution role of the user', () => {
  const userRole = (stack: Stack) => new iam.Role(stack, 'UserRole', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });

  test('may write logs, through a policy in the scope of the launcher', () => {
    const app = testApp();
    const role = userRole(testStack(app, 'Roles'));
    const { stack } = testLauncher({ executionRole: role }, testStack(app, 'Launchers'));
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [Match.objectLike({ Action: ['logs:CreateLogStream', 'logs:PutLogEvents'] })] },
    });
  });

  test('causes a warning if its trust policy permits no session tags', () => {
    const stack = testStack();
    testLauncher({ executionRole: userRole(stack) }, stack);
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp(
      'executionRole: the trust policy of Test/UserRole does not allow sts:TagSession to lambda.amazonaws.com; '
      + 'create the role with .*withSessionTags.*cdk-lambda-microvms:executionRoleNotAssumable'));
  });

  test('causes a warning with the statement that it needs if it is immutable', () => {
    const stack = testStack();
    const role = iam.Role.fromRoleArn(stack, 'Import', `arn:aws:iam::${ACCOUNT}:role/import`, { mutable: false });
    testLauncher({ executionRole: role }, stack);
    Annotations.fromStack(stack).hasWarning('/Test/Launcher', Match.stringLikeRegexp(
      'logs:PutLogEvents.*cdk-lambda-microvms:executionRoleNotModified',
    ));
  });

  test('fails together with sessionTagging, which applies to the default role', () => {
    const stack = testStack();
    expect(() => testLauncher({ executionRole: userRole(stack), sessionTagging: SessionTagging.none() }, stack))
      .toThrow('MicrovmLauncherSessionTaggingInvalid');
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

describe('addToFunction', () => {
  test('sets an environment variable, also in other stacks', () => {
    const app = testApp();
    const { launcher } = testLauncher({}, testStack(app, 'Images'));
    const stack = testStack(app, 'Backends');
    launcher.addToFunction(testFunction(stack));
    launcher.addToFunction(testFunction(stack, 'Second'), { environmentVariable: 'SANDBOX' });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { MICROVM_LAUNCH_REQUEST: { 'Fn::Join': Match.anyValue() } } },
    });
    template.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { SANDBOX: Match.anyValue() } } });
    expect(JSON.stringify(template.toJSON())).toContain('Fn::ImportValue');
  });

  test('fails for an environment variable that Lambda rejects', () => {
    const { stack, launcher } = testLauncher();
    expect(() => launcher.addToFunction(testFunction(stack), { environmentVariable: '1X' })).toThrow('MicrovmLauncherEnvironmentVariableInvalid');
  });
});

describe('members that users of other constructs expect', () => {
  test('stack and env are those of the stack', () => {
    const { stack, launcher } = testLauncher();
    expect(launcher.stack).toBe(stack);
    expect(launcher.env).toEqual({ account: ACCOUNT, region: REGION });
  });

  test('grants gives what the methods give', () => {
    const stack = testStack();
    const { launcher } = testLauncher({ ingress: MicrovmIngress.httpWithShell() }, stack);
    const [first, second] = ['First', 'Second'].map(id => new iam.Role(stack, id, { assumedBy: new iam.AccountRootPrincipal() }));
    launcher.grantLaunch(first);
    launcher.grantConnect(first);
    launcher.grantShell(first);
    launcher.grantManage(first);
    launcher.grants.launch(second);
    launcher.grants.connect(second);
    launcher.grants.shell(second);
    launcher.grants.manage(second);
    const template = ResolvedTemplate.stack(stack);
    expect(template.policiesOf('Second')).toEqual(template.policiesOf('First'));
    launcher.grants.webIdentity({ audiences: ['https://a.example'] });
    launcher.grantWebIdentity({ audiences: ['https://b.example'] });
    expect(stack.resolve(launcher.webIdentityClaims.audiences)).toEqual(['https://a.example', 'https://b.example']);
  });

  test('addToRolePolicy adds a statement to the execution role', () => {
    const { stack, launcher } = testLauncher();
    launcher.addToRolePolicy(new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: ['*'] }));
    expect(JSON.stringify(ResolvedTemplate.stack(stack).policiesOf('LauncherExecutionRole'))).toContain('sqs:SendMessage');
  });

  test('connections are those of the connector', () => {
    const stack = testStack();
    const { connector } = testNetworkConnector({}, stack);
    const { launcher } = testLauncher({ egress: MicrovmEgress.connector(connector) }, stack);
    const database = new ec2.SecurityGroup(stack, 'Database', { vpc: testVpc(stack, VPC, 'DatabaseVpc') });
    database.connections.allowFrom(launcher, ec2.Port.tcp(5432));
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::EC2::SecurityGroupEgress', { GroupId: SECURITY_GROUP, FromPort: 5432 });
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { SourceSecurityGroupId: SECURITY_GROUP, FromPort: 5432 });
  });

  test('connections fail if there are none, or if they are not known', () => {
    expect(() => testLauncher().launcher.connections).toThrow(/connections: .*MicrovmLauncherConnectionsUnknown at Test\/Launcher\]/);
    const stack = testStack();
    expect(() => testLauncher({ egress: MicrovmEgress.connector(testConnector(stack)) }, stack).launcher.connections).toThrow('MicrovmLauncherConnectionsUnknown');
    const other = testStack();
    const imported = NetworkConnector.fromNetworkConnectorArn(other, 'Import', OTHER_CONNECTOR);
    expect(() => testLauncher({ egress: MicrovmEgress.connector(imported) }, other).launcher.connections).toThrow('NetworkConnectorConnectionsUnknown');
  });

  test('addLaunchCheck adds a launch check, and a Microvm of the launcher waits for it', () => {
    const { stack, launcher } = testLauncher();
    const check = launcher.addLaunchCheck();
    launcher.addLaunchCheck('Strict', { healthCheck: { path: '/ready' }, payloadObject: { check: true } });
    new Microvm(stack, 'Shared', { launcher });
    expect(check).toBeInstanceOf(MicrovmLaunchCheck);
    const template = Template.fromStack(stack);
    const checks = Object.keys(template.findResources('Custom::MicrovmLaunchCheck'));
    const [{ DependsOn: dependsOn }] = Object.values(template.findResources('Custom::Microvm'));
    expect(checks).toHaveLength(2);
    expect(dependsOn).toEqual(expect.arrayContaining(checks));
    template.hasResourceProperties('Custom::MicrovmLaunchCheck', { HealthCheck: { Path: '/ready' }, Payload: '{"check":true}' });
    expect(cyclesIn(template.toJSON())).toEqual([]);
  });
});

describe('a launcher without an execution role', () => {
  const PROPS = { omitExecutionRole: true, logging: MicrovmLogging.disabled() };

  test('names none in the launch request, and has neither role nor log group', () => {
    const { stack, launcher } = testLauncher(PROPS);
    expect(requestOf(launcher)).not.toHaveProperty('executionRoleArn');
    expect(requestOf(launcher).logging).toEqual({ disabled: {} });
    expect(ResolvedTemplate.stack(stack).ids('AWS::IAM::Role', 'Launcher')).toEqual([]);
    expect(ResolvedTemplate.stack(stack).ids('AWS::Logs::LogGroup', 'Launcher')).toEqual([]);
  });

  test('can be launched by grantees, deployments and state machines, which pass no role', () => {
    const stack = testStack();
    const { launcher } = testLauncher(PROPS, stack);
    launcher.grantLaunch(new iam.Role(stack, 'Grantee', { assumedBy: new iam.AccountRootPrincipal() }));
    new Microvm(stack, 'Shared', { launcher });
    const fragment = new MicrovmStateMachineFragment(stack, 'Run', { launcher, body: new sfn.Pass(stack, 'Work') });
    new sfn.StateMachine(stack, 'Machine', { definitionBody: sfn.DefinitionBody.fromChainable(fragment) });
    const template = ResolvedTemplate.stack(stack);
    for (const role of ['Grantee', 'SharedResourceRole', 'RunRole']) expect(JSON.stringify(template.policiesOf(role))).not.toContain('iam:PassRole');
  });

  test('fails for what needs a role', () => {
    const { stack, launcher } = testLauncher(PROPS);
    const table = new dynamodb.Table(stack, 'Table', { partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING } });
    for (const use of [
      () => launcher.executionRole, () => table.grantReadData(launcher), () => launcher.webIdentityClaims,
      () => launcher.grantWebIdentity({ audiences: ['https://a.example'] }),
      () => launcher.addToRolePolicy(new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: ['*'] })),
    ]) expect(use).toThrow(/executionRole: .* remove omitExecutionRole \[MicrovmLauncherNoExecutionRole at Test\/Launcher\]/);
  });

  test('fails together with logging, a role or session tagging', () => {
    expect(() => testLauncher({ omitExecutionRole: true })).toThrow(/omitExecutionRole: .*MicrovmLogging.disabled\(\) \[MicrovmLauncherExecutionRoleInvalid/);
    const stack = testStack();
    const executionRole = iam.Role.fromRoleArn(stack, 'Role', EXECUTION_ROLE);
    expect(() => testLauncher({ ...PROPS, executionRole }, stack)).toThrow('MicrovmLauncherExecutionRoleInvalid');
    expect(() => testLauncher({ ...PROPS, sessionTagging: SessionTagging.none() })).toThrow('MicrovmLauncherSessionTaggingInvalid');
  });

  test('can be imported', () => {
    const stack = testStack();
    const imported = MicrovmLauncher.fromMicrovmLauncherAttributes(stack, 'Import', {
      image: MicrovmImage.fromMicrovmImageName(stack, 'Image', 'sandbox'), ingress: MicrovmIngress.http(), egress: MicrovmEgress.internet(),
    });
    expect(requestOf(imported)).not.toHaveProperty('executionRoleArn');
    expect(() => imported.executionRole).toThrow('MicrovmLauncherNoExecutionRole');
  });
});
