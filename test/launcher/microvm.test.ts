import * as fs from 'fs';
import * as path from 'path';
import type { Stack } from 'aws-cdk-lib';
import { Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { IMAGE, managed, OTHER_CONNECTOR, OTHER_IMAGE, testLauncher } from './support';
import type { MicrovmHealthCheck, MicrovmLauncherProps, MicrovmProps } from '../../src';
import { Microvm, MicrovmEgress, MicrovmImage, MicrovmImageVersion, MicrovmIngress, MicrovmLaunchCheck } from '../../src';
import { expectAnswers } from '../support/iam';
import { ACCOUNT, REGION, testApp, testConnector, testImage, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const EXECUTION_ROLE = `arn:aws:iam::${ACCOUNT}:role/Test-Launcher-F1880079-C7DC2DAC-eu-west-1`;

function testMicrovm(props: Partial<MicrovmProps> = {}, launcherProps: Partial<MicrovmLauncherProps> = {}, stack = testStack()) {
  const { launcher } = testLauncher(launcherProps, stack);
  return { stack, launcher, microvm: new Microvm(stack, 'Shared', { launcher, ...props }) };
}

const propertiesIn = (stack: Stack, type = 'Custom::Microvm') => ResolvedTemplate.stack(stack).resource(type).Properties;

describe('the resource of a MicroVM', () => {
  test('has the request of the launcher, and the version of the image that this deployment makes', () => {
    const { stack } = testMicrovm({ payload: '{"tenant":"a"}', trigger: '1', healthCheck: { port: 8081, path: '/health?x=1', timeout: Duration.minutes(2) }, deploymentTimeout: Duration.minutes(5) });
    const { LaunchRequest: request, ...properties } = propertiesIn(stack);
    expect(JSON.parse(request)).toMatchObject({ imageIdentifier: IMAGE, executionRoleArn: EXECUTION_ROLE, ingressNetworkConnectors: [managed('HTTP_INGRESS')] });
    expect(properties).toEqual({
      ServiceToken: expect.any(String),
      ServiceTimeout: '3600',
      ResourceRoleArn: expect.stringMatching(/^arn:aws:iam::123456789012:role\/physical-SharedResourceRole/),
      ImageVersion: expect.stringMatching(/ImageVersion$/),
      Payload: '{"tenant":"a"}',
      Trigger: '1',
      HealthCheck: { Port: '8081', Path: '/health?x=1', TimeoutSeconds: '120' },
      TimeoutSeconds: '300',
    });
  });

  test('leaves the version to the launcher if that names one, or if the image is not made here', () => {
    expect(propertiesIn(testMicrovm({}, { imageVersion: MicrovmImageVersion.of('2.0') }).stack)).not.toHaveProperty('ImageVersion');
    const stack = testStack();
    expect(propertiesIn(testMicrovm({}, { image: MicrovmImage.fromMicrovmImageName(stack, 'Import', 'sandbox') }, stack).stack)).not.toHaveProperty('ImageVersion');
  });

  test('may be in another stack than its launcher', () => {
    const app = testApp();
    const { launcher } = testLauncher({}, testStack(app, 'Launchers'));
    const stack = testStack(app, 'Microvms');
    new Microvm(stack, 'Shared', { launcher });
    Template.fromStack(stack).resourceCountIs('Custom::Microvm', 1);
  });

  test('waits for all that the launcher is made of', () => {
    const { stack, launcher } = testMicrovm();
    launcher.grantWebIdentity({ audiences: ['https://api.partner.example'] });
    const [resource] = Object.values(Template.fromStack(stack).findResources('Custom::Microvm'));
    expect(resource.DependsOn).toEqual(expect.arrayContaining([
      expect.stringMatching(/^LauncherExecutionRole[0-9A-F]{8}$/), expect.stringMatching(/^LauncherExecutionRoleDefaultPolicy/), expect.stringMatching(/^LauncherLogGroup/),
    ]));
  });

  test('cannot be read from another stack, which would keep it from being replaced', () => {
    const app = testApp();
    const { microvm } = testMicrovm({}, {}, testStack(app, 'Microvms'));
    const stack = testStack(app, 'Readers');
    stack.exportValue(microvm.microvmId, { name: 'id' });
    expect(() => app.synth()).toThrow('MicrovmAttributeCrossStack');
  });
});

describe('the role of a MicroVM that the handler assumes', () => {
  const LOGICAL_ID = ResolvedTemplate.stack(testMicrovm().stack).ids('Custom::Microvm')[0];
  const LEDGER = `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/cdk-lambda-microvms/uuid/${LOGICAL_ID}`;
  const policiesWith = (props: Partial<MicrovmProps> = {}) => ResolvedTemplate.stack(testMicrovm(props).stack).policiesOf('SharedResourceRole');
  const on = (resource: string, ...actions: string[]) => actions.map(action => ({ action, resource }));

  test('may launch as the launcher does, end what it launched, and write it down', async () => {
    await expectAnswers(policiesWith(), true, [
      ...on(IMAGE, 'lambda:RunMicrovm', 'lambda:GetMicrovm', 'lambda:TerminateMicrovm'),
      ...on(EXECUTION_ROLE, 'iam:PassRole'),
      ...['HTTP_INGRESS', 'INTERNET_EGRESS'].map(name => ({ action: 'lambda:PassNetworkConnector', resource: managed(name) })),
      ...on(LEDGER, 'ssm:GetParametersByPath'),
      ...on(`${LEDGER}/token`, 'ssm:PutParameter', 'ssm:DeleteParameter'),
    ]);
  });

  test('may do nothing else, and nothing to anything else', async () => {
    await expectAnswers(policiesWith(), false, [
      ...on(OTHER_IMAGE, 'lambda:RunMicrovm', 'lambda:GetMicrovm', 'lambda:TerminateMicrovm'),
      ...on(IMAGE, 'lambda:CreateMicrovmAuthToken', 'lambda:CreateMicrovmShellAuthToken', 'lambda:SuspendMicrovm', 'lambda:DeleteMicrovmImage'),
      ...on('*', 'lambda:ListMicrovms'),
      ...on(`arn:aws:iam::${ACCOUNT}:role/other`, 'iam:PassRole'),
      ...[managed('SHELL_INGRESS'), OTHER_CONNECTOR].map(resource => ({ action: 'lambda:PassNetworkConnector', resource })),
      ...on(LEDGER.replace(LOGICAL_ID, 'Other'), 'ssm:GetParametersByPath'),
      ...on(`${LEDGER.replace('uuid', 'other')}/token`, 'ssm:PutParameter', 'ssm:DeleteParameter'),
      ...on(`${LEDGER}/token`, 'ssm:AddTagsToResource'),
    ]);
  });

  test('may make exactly the calls that are in the code of the handler', () => {
    const code = ['service.ts', 'ledger.ts'].map(file => fs.readFileSync(path.join(__dirname, '..', '..', 'src', 'handlers', 'microvm', file), 'utf8')).join();
    const calls = new Set([...code.matchAll(/new (\w+)Command\(/g)].map(([, call]) => call));
    const statements = policiesWith({ healthCheck: {} }).flatMap(policy => policy.Statement);
    const actions: string[] = statements.flatMap(({ Action }) => Action).filter(action => !['iam:PassRole', 'lambda:PassNetworkConnector'].includes(action));
    expect([...new Set(actions.map(action => action.split(':')[1]))].sort()).toEqual([...calls].sort());
  });

  test('may mint tokens for a health check, and only then', async () => {
    await expectAnswers(policiesWith({ healthCheck: {} }), true, on(IMAGE, 'lambda:CreateMicrovmAuthToken'));
  });

  test('is another one if anything that it covers changes, so that the old MicroVM can still be ended', () => {
    const idOf = (stack: Stack) => ResolvedTemplate.stack(stack).ids('AWS::IAM::Role', 'SharedResourceRole')[0];
    const stack = testStack();
    const ids = [
      idOf(testMicrovm().stack),
      idOf(testMicrovm({ healthCheck: {} }).stack),
      idOf(testMicrovm({}, { ingress: MicrovmIngress.allPorts() }).stack),
      idOf(testMicrovm({}, { egress: MicrovmEgress.connector(testConnector(stack)) }, stack).stack),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(idOf(testMicrovm({ payload: 'other' }, { maximumDuration: Duration.hours(1) }).stack)).toBe(ids[0]);
  });
});

describe('a launch check', () => {
  const testCheck = (healthCheck?: MicrovmHealthCheck, launcherProps: Partial<MicrovmLauncherProps> = {}) => {
    const { stack, launcher } = testLauncher(launcherProps);
    return { stack, check: new MicrovmLaunchCheck(stack, 'Check', { launcher, healthCheck }) };
  };

  test('asks for / on port 8080 for a minute, of each new version', () => {
    expect(propertiesIn(testCheck().stack, 'Custom::MicrovmLaunchCheck')).toMatchObject({
      HealthCheck: { Port: '8080', Path: '/', TimeoutSeconds: '60' }, ImageVersion: expect.stringMatching(/ImageVersion$/),
    });
  });

  test('tells what it measured', () => {
    const { stack, check } = testCheck();
    expect(stack.resolve([check.timeToRunning, check.timeToFirstResponse, check.microvmImageVersion]).map((value: any) => value['Fn::GetAtt'][1]))
      .toEqual(['RunningAfter', 'RespondedAfter', 'ImageVersion']);
  });

  test('fails at synth if nothing comes in', () => {
    expect(() => testCheck({}, { ingress: MicrovmIngress.none() })).toThrow('MicrovmHealthCheckNoIngress');
  });

  test.each<[string, MicrovmHealthCheck]>([
    ['a port out of range', { port: 0 }],
    ['a path without a slash', { path: 'health' }],
    ['a path with a blank', { path: '/a b' }],
    ['no patience', { timeout: Duration.seconds(0) }],
    ['too much patience', { timeout: Duration.minutes(31) }],
  ])('fails at synth for %s', (_, healthCheck) => {
    expect(() => testCheck(healthCheck)).toThrow('MicrovmHealthCheckInvalid');
  });
});

describe('synthesis', () => {
  test('fails for a payload that cannot be written down', () => {
    expect(() => testMicrovm({ payload: 'x'.repeat(2_049) })).toThrow(/payload: 2049 characters.*MicrovmPayloadTooLong/);
    expect(() => testMicrovm({ payload: '"'.repeat(1_025) })).toThrow(/payload: 2050 characters.*MicrovmPayloadTooLong/);
    expect(() => testMicrovm({ payload: 'x'.repeat(2_048) })).not.toThrow();
  });

  test('fails for a payload that no run hook takes', () => {
    const stack = testStack();
    const image = testImage({}, stack);
    expect(() => testMicrovm({ payload: 'x' }, { image }, stack)).toThrow(/Test\/Image.*has no run hook.*MicrovmPayloadWithoutRunHook/);
    const imported = testStack();
    const other = MicrovmImage.fromMicrovmImageName(imported, 'Import', 'sandbox');
    expect(() => testMicrovm({ payload: 'x' }, { image: other }, imported)).not.toThrow();
  });

  test('fails for a time-out out of range', () => {
    expect(() => testMicrovm({ deploymentTimeout: Duration.minutes(56) })).toThrow('MicrovmTimeoutInvalid');
  });

  test('fails for a health check where nothing comes in', () => {
    expect(() => testMicrovm({ healthCheck: {} }, { ingress: MicrovmIngress.none() })).toThrow('MicrovmHealthCheckNoIngress');
  });
});
