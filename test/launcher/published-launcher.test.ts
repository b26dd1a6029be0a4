import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { EXECUTION_ROLE, IMAGE, managed, OTHER_CONNECTOR, OTHER_IMAGE, requestOf, testFunction, testLauncher } from './support';
import type { IPublishedMicrovmLauncher, MicrovmLauncherProps } from '../../src';
import { MicrovmEgress, MicrovmIngress, MicrovmLauncher, MicrovmLogging } from '../../src';
import { expectAnswers } from '../support/iam';
import { ACCOUNT, REGION, testConnector, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const NAME = '/sandbox/launcher';
const PARAMETER = `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter${NAME}`;

function publish(props: Partial<MicrovmLauncherProps> = {}, stack = testStack()) {
  const { launcher } = testLauncher(props, stack);
  return { stack, launcher, published: launcher.publish(NAME) };
}

/** Returns the values of the parameters of a stack by name. */
function parametersOf(template: ResolvedTemplate): Record<string, string> {
  return Object.fromEntries(template.ids('AWS::SSM::Parameter').map(id => {
    const { Name: name, Value: value } = template.resource('AWS::SSM::Parameter', id).Properties;
    return [name, value];
  }));
}

/** Returns the policies of a role in another app that imports the launcher and gets grants of it. */
function importedPolicies(parameters: Record<string, string>, give: (launcher: IPublishedMicrovmLauncher, grantee: iam.Role) => void): any[] {
  const stack = testStack();
  give(MicrovmLauncher.fromMicrovmLauncherName(stack, 'Import', NAME), new iam.Role(stack, 'Grantee', { assumedBy: new iam.AccountRootPrincipal() }));
  const template = Template.fromStack(stack).toJSON();
  const byId = Object.fromEntries(Object.entries<any>(template.Parameters).map(([id, { Default: name }]) => [id, parameters[name]]));
  const filled = JSON.parse(JSON.stringify(template), (_, value) => value?.Ref in byId ? byId[value.Ref] : value);
  return ResolvedTemplate.template(filled).policiesOf('Grantee');
}

describe('a published launcher', () => {
  test('has the launch request in a parameter, also with overrides that are added later', () => {
    const { stack, launcher } = publish();
    launcher.addRequestOverride('maximumDurationInSeconds', 60);
    expect(JSON.parse(parametersOf(ResolvedTemplate.stack(stack))[NAME])).toEqual(requestOf(launcher));
    expect(requestOf(launcher)).toMatchObject({ maximumDurationInSeconds: 60 });
  });

  test('gives a function the name of the parameter, and permission to read it', async () => {
    const { stack, published } = publish();
    published.addToFunction(testFunction(stack));
    published.addToFunction(testFunction(stack, 'Other'), { environmentVariable: 'SANDBOX' });
    const template = ResolvedTemplate.stack(stack);
    expect(template.resource('AWS::Lambda::Function', 'Backend').Properties.Environment.Variables).toEqual({ MICROVM_LAUNCH_REQUEST_PARAMETER: NAME });
    expect(template.resource('AWS::Lambda::Function', 'Other').Properties.Environment.Variables).toEqual({ SANDBOX: NAME });
    await expectAnswers(template.policiesOf('BackendServiceRole'), true, [{ action: 'ssm:GetParameter', resource: PARAMETER }]);
    await expectAnswers(template.policiesOf('BackendServiceRole'), false, [
      { action: 'ssm:GetParameter', resource: `${PARAMETER}/grants` },
      { action: 'ssm:PutParameter', resource: PARAMETER },
      { action: 'lambda:RunMicrovm', resource: IMAGE },
    ]);
  });

  test('grants what the launcher grants', () => {
    const { stack, launcher, published } = publish();
    const roles = ['First', 'Second'].map(id => new iam.Role(stack, id, { assumedBy: new iam.AccountRootPrincipal() }));
    for (const [index, one] of [launcher, published].entries()) {
      one.grantLaunch(roles[index]);
      one.grantConnect(roles[index]);
      one.grantManage(roles[index]);
    }
    const template = ResolvedTemplate.stack(stack);
    expect(template.policiesOf('Second')).toEqual(template.policiesOf('First'));
  });

  test('fails at synth for a second name, and for a name that Parameter Store rejects', () => {
    expect(() => publish().launcher.publish('/other')).toThrow(/already published as '\/sandbox\/launcher'.*MicrovmLauncherPublicationInvalid at Test\/Launcher\]/);
    for (const name of ['sandbox', 'sandbox/launcher', '/', '/sandbox/', '//sandbox', '/a b', '/aws/sandbox', '/SSM/sandbox', '/cdk-lambda-microvms/x', '/a'.repeat(15), `/${'a'.repeat(900)}`]) {
      expect(() => testLauncher().launcher.publish(name)).toThrow(/parameterName: .*MicrovmLauncherPublicationInvalid/);
      expect(() => MicrovmLauncher.fromMicrovmLauncherName(testStack(), 'Import', name)).toThrow('MicrovmLauncherPublicationInvalid');
    }
    const stack = testStack();
    expect(() => testLauncher({}, stack).launcher.publish(stack.stackName + stack.stackId)).toThrow(/unresolved token.*MicrovmLauncherPublicationInvalid/);
  });

  test('fails at synth if the launch request is longer than a parameter', () => {
    const { stack, launcher } = publish();
    launcher.addRequestOverride('unknown', 'x'.repeat(4_000));
    expect(() => Template.fromStack(stack)).toThrow(/publish: the launch request needs at least \d{4} bytes.*MicrovmLauncherPublicationInvalid/);
  });
});

describe('a launcher that is imported by name', () => {
  const on = (resource: string, ...actions: string[]) => actions.map(action => ({ action, resource }));
  const LAUNCH = [
    ...on(IMAGE, 'lambda:RunMicrovm', 'lambda:GetMicrovm'), ...on(EXECUTION_ROLE, 'iam:PassRole'),
    ...on(managed('HTTP_INGRESS'), 'lambda:PassNetworkConnector'),
  ];

  test('grants the launch, and nothing else', async () => {
    const policies = importedPolicies(parametersOf(ResolvedTemplate.stack(publish().stack)), (launcher, grantee) => launcher.grantLaunch(grantee));
    await expectAnswers(policies, true, [...LAUNCH, ...on(managed('INTERNET_EGRESS'), 'lambda:PassNetworkConnector')]);
    await expectAnswers(policies, false, [
      ...on(IMAGE, 'lambda:CreateMicrovmAuthToken', 'lambda:CreateMicrovmShellAuthToken', 'lambda:TerminateMicrovm'),
      ...on(OTHER_IMAGE, 'lambda:RunMicrovm'),
      ...on(EXECUTION_ROLE, 'sts:AssumeRole'),
      ...[managed('NO_INGRESS'), managed('SHELL_INGRESS'), OTHER_CONNECTOR].flatMap(arn => on(arn, 'lambda:PassNetworkConnector')),
      ...on(PARAMETER, 'ssm:GetParameter'),
    ]);
  });

  test('grants the launch with a shell and a connector, with and without its version', async () => {
    const stack = testStack();
    const { launcher } = testLauncher({ ingress: MicrovmIngress.httpWithShell(), egress: MicrovmEgress.connector(testConnector(stack)) }, stack);
    launcher.publish(NAME);
    const policies = importedPolicies(parametersOf(ResolvedTemplate.stack(stack)), (imported, grantee) => imported.grantLaunch(grantee));
    const connector = `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-Connector`;
    await expectAnswers(policies, true, [
      ...LAUNCH, ...[managed('SHELL_INGRESS'), connector, `${connector}:3`].flatMap(arn => on(arn, 'lambda:PassNetworkConnector')),
    ]);
    await expectAnswers(policies, false, on(managed('INTERNET_EGRESS'), 'lambda:PassNetworkConnector'));
  });

  test('grants the launch without an execution role', async () => {
    const { stack } = publish({ omitExecutionRole: true, logging: MicrovmLogging.disabled() });
    const policies = importedPolicies(parametersOf(ResolvedTemplate.stack(stack)), (launcher, grantee) => launcher.grantLaunch(grantee));
    await expectAnswers(policies, true, on(IMAGE, 'lambda:RunMicrovm'));
    await expectAnswers(policies, false, on(EXECUTION_ROLE, 'iam:PassRole'));
  });

  test('grants reading, connecting and managing', async () => {
    const policies = importedPolicies(parametersOf(ResolvedTemplate.stack(publish().stack)), (launcher, grantee) => {
      launcher.grantReadRequest(grantee);
      launcher.grantConnect(grantee);
      launcher.grantManage(grantee);
    });
    await expectAnswers(policies, true, [...on(PARAMETER, 'ssm:GetParameter'), ...on(IMAGE, 'lambda:CreateMicrovmAuthToken', 'lambda:TerminateMicrovm')]);
    await expectAnswers(policies, false, on(IMAGE, 'lambda:RunMicrovm'));
  });

  test('can be granted to a role that launches from other published launchers too, and gives no warnings', () => {
    const stack = testStack();
    const role = new iam.Role(stack, 'Grantee', { assumedBy: new iam.AccountRootPrincipal() });
    for (const id of ['first', 'second']) MicrovmLauncher.fromMicrovmLauncherName(stack, id, `/sandbox/${id}`).grantLaunch(role);
    expect(() => Template.fromStack(stack)).not.toThrow();
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });
});
