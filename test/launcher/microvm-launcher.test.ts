import type { Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { EXECUTION_ROLE, IMAGE, managed, OTHER_CONNECTOR, OTHER_IMAGE, requestOf, testFunction, testLauncher } from './support';
import type { IMicrovmLauncher, MicrovmLauncherProps } from '../../src';
import { MicrovmEgress, MicrovmExecutionRole, MicrovmImage, MicrovmIngress, MicrovmLauncher, SessionTagging } from '../../src';
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
