import * as path from 'node:path';
import type { IPolicyValidationContext, IPolicyValidationPluginBeta1 } from 'aws-cdk-lib';
import { App, CfnCondition, CfnOutput, CfnParameter, CfnResource, Duration, Fn, NestedStack, Stack, Stage, Validations } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { managed, OTHER_CONNECTOR, testFragment, testFunction } from './support';
import { version } from '../../package.json';
import type { MicrovmImageProps, MicrovmLauncherProps, MicrovmPolicyValidationProps } from '../../src';
import {
  Microvm, MicrovmEgress, MicrovmIngress, MicrovmLauncher, MicrovmLogging, MicrovmPolicyValidation, NetworkConnector, NetworkConnectorCatalog,
} from '../../src';
import { ACCOUNT, REGION, testApp, testConnector, testImage, testStack } from '../support/stacks';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const IDLE = { maxIdleDuration: Duration.minutes(15), suspendedDuration: Duration.hours(1), autoResume: true };

/** Rules that check nothing unless an option of a test switches them on. */
const OFF: MicrovmPolicyValidationProps = { allowInternetEgress: true, allowShell: true, requireIdlePolicy: false, requireLogs: false };

/** Synthesizes the app and validates its templates, as the CDK does. */
function violationsIn(app: App, props: MicrovmPolicyValidationProps) {
  const plugin = new MicrovmPolicyValidation(props);
  const { stacksRecursively } = app.synth();
  const context: IPolicyValidationContext = {
    templatePaths: stacksRecursively.map(stack => stack.templateFullPath),
    stackTemplates: stacksRecursively.map(stack => ({ stackConstructPath: stack.hierarchicalId, templatePath: stack.templateFullPath })),
    appConstruct: app,
    accountId: ACCOUNT,
    region: REGION,
  };
  const report = plugin.validate(context);
  expect(report.success).toBe(report.violations.length === 0);
  return report.violations;
}

/** Returns the violations as `rule: resources: description`. */
function inBrief(app: App, props: MicrovmPolicyValidationProps): string[] {
  return violationsIn(app, props).map(({ ruleName, description, violatingResources }) => {
    const ids = violatingResources.map(({ resourceLogicalId }) => resourceLogicalId!.replace(/[0-9A-F]{8}$/, ''));
    return `${ruleName}: ${ids.join(', ')}: ${description}`;
  });
}

const connected = (stack: Stack) => MicrovmEgress.connector(NetworkConnector.fromNetworkConnectorArn(stack, 'Connector', OTHER_CONNECTOR));

/** Creates a launcher whose request is in the environment of the function `Backend`. */
function launcherIn(stack: Stack, props: Partial<MicrovmLauncherProps> = {}, image: Partial<MicrovmImageProps> = {}): MicrovmLauncher {
  const launcher = new MicrovmLauncher(stack, 'Launcher', {
    image: testImage(image, stack), ingress: MicrovmIngress.http(), egress: MicrovmEgress.internet(), ...props,
  });
  launcher.addToFunction(testFunction(stack));
  return launcher;
}

/** Validates an app with one launcher. */
function launched(props: (stack: Stack) => Partial<MicrovmLauncherProps>, policy: MicrovmPolicyValidationProps): string[] {
  const app = testApp();
  const stack = testStack(app);
  launcherIn(stack, props(stack));
  return inBrief(app, policy);
}

/** Validates an app with a request that somebody wrote by hand. */
function requested(request: object, policy: MicrovmPolicyValidationProps): string[] {
  const app = testApp();
  const stack = testStack(app);
  testFunction(stack).addEnvironment('REQUEST', stack.toJsonString({ imageIdentifier: 'arn', ...request }));
  return inBrief(app, policy);
}

test('an app without MicroVMs violates nothing', () => {
  const app = testApp();
  testFunction(testStack(app)).addEnvironment('TEXT', '{"imageIdentifier":"arn:image"}');
  expect(inBrief(app, {})).toEqual([]);
});

test('the rules that are on by default accept a launcher with a connector, an idle policy and logs', () => {
  expect(launched(stack => ({ egress: connected(stack), idlePolicy: IDLE }), {})).toEqual([]);
});

test('the rules that are on by default reject the internet, a shell, no idle policy and no logs, each at its resource and with a fix', () => {
  const app = testApp();
  const stack = testStack(app);
  launcherIn(stack, { ingress: MicrovmIngress.httpWithShell(), logging: MicrovmLogging.disabled() });
  const violations = violationsIn(app, {});
  expect(violations.map(({ ruleName }) => ruleName).sort()).toEqual(['idle-policy', 'log-retention', 'no-internet-egress', 'no-shell']);
  for (const { violatingResources, fix, severity } of violations) {
    expect(violatingResources).toEqual([{
      resourceLogicalId: expect.stringMatching(/^Backend/),
      templatePath: expect.stringMatching(/Test\.template\.json$/),
      locations: ['Properties/Environment/Variables/MICROVM_LAUNCH_REQUEST'],
    }]);
    expect(fix).toMatch(/use|set/);
    expect(severity).toBe('error');
  }
});

describe('no-internet-egress', () => {
  const ON = { ...OFF, allowInternetEgress: false };
  const found = (ids: string) => [`no-internet-egress: ${ids}: MicroVMs have access to the internet`];

  test('rejects the managed connector, and accepts connectors of a VPC', () => {
    expect(launched(() => ({}), ON)).toEqual(found('Backend'));
    expect(launched(stack => ({ egress: connected(stack) }), ON)).toEqual([]);
    expect(launched(stack => ({ egress: MicrovmEgress.connector(testConnector(stack)) }), ON)).toEqual([]);
  });

  test('rejects a request that names no connector, to which the service gives access', () => {
    expect(requested({ executionRoleArn: 'arn' }, ON)).toEqual(found('Backend'));
    expect(requested({ egressNetworkConnectors: [] }, ON)).toEqual(found('Backend'));
    expect(requested({ egressNetworkConnectors: [OTHER_CONNECTOR] }, ON)).toEqual([]);
  });

  test('accepts builds, which have a rule of their own', () => {
    const app = testApp();
    testImage({}, testStack(app));
    expect(inBrief(app, ON)).toEqual([]);
  });

  test('rejects a connector that a condition chooses', () => {
    const app = testApp();
    const stack = testStack(app);
    const condition = new CfnCondition(stack, 'Condition', { expression: Fn.conditionEquals(stack.region, 'eu-west-1') });
    const arn = Fn.conditionIf(condition.logicalId, OTHER_CONNECTOR, managed('INTERNET_EGRESS')).toString();
    testFunction(stack).addEnvironment('REQUEST', stack.toJsonString({ imageIdentifier: 'arn', egressNetworkConnectors: [arn] }));
    expect(inBrief(app, ON)).toEqual(found('Backend'));
  });

  test('sees an override of the launcher, and one of a MicroVM', () => {
    const app = testApp();
    const stack = testStack(app);
    const launcher = launcherIn(stack, { egress: connected(stack) });
    new Microvm(stack, 'Shared', { launcher }).addRequestOverride('egressNetworkConnectors', [managed('INTERNET_EGRESS')]);
    expect(inBrief(app, ON)).toEqual(found('Shared'));

    const other = testApp();
    const otherStack = testStack(other);
    launcherIn(otherStack).addRequestOverride('egressNetworkConnectors', [OTHER_CONNECTOR]);
    expect(inBrief(other, ON)).toEqual([]);
  });

  test.each<[string, (stack: Stack, launcher: MicrovmLauncher) => unknown, string]>([
    ['a MicroVM', (stack, launcher) => new Microvm(stack, 'It', { launcher }), 'It'],
    ['a parameter', (stack, launcher) => new ssm.StringParameter(stack, 'It', { stringValue: launcher.launchRequest }), 'It'],
    ['a task definition', (stack, launcher) => new CfnResource(stack, 'It', {
      type: 'AWS::ECS::TaskDefinition',
      properties: { ContainerDefinitions: [{ Environment: [{ Name: 'REQUEST', Value: launcher.launchRequest }] }] },
    }), 'It'],
  ])('reads the request in %s', (_, use, id) => {
    const app = testApp();
    const stack = testStack(app);
    use(stack, new MicrovmLauncher(stack, 'Launcher', { image: testImage({}, stack), ingress: MicrovmIngress.http(), egress: MicrovmEgress.internet() }));
    expect(inBrief(app, ON)).toEqual(found(id));
  });

  test('reads the request of a state machine fragment, and those of states that call RunMicrovm', () => {
    const { stack } = testFragment();
    const state = (members: object) => ({ Type: 'Task', Resource: `arn:${stack.partition}:states:::aws-sdk:lambdamicrovms:runMicrovm`, ...members });
    const definition = (members: object) => sfn.DefinitionBody.fromString(stack.toJsonString({ StartAt: 'Run', States: { Run: state(members) } }));
    new sfn.StateMachine(stack, 'JsonPath', { definitionBody: definition({ Parameters: { 'ImageIdentifier.$': '$.image' } }) });
    new sfn.StateMachine(stack, 'JsonAta', { definitionBody: definition({ Arguments: { ImageIdentifier: '{% $image %}' } }) });
    new sfn.StateMachine(stack, 'Closed', {
      definitionBody: definition({ Arguments: { ImageIdentifier: 'arn', EgressNetworkConnectors: [OTHER_CONNECTOR] } }),
    });
    expect(inBrief(stack.node.root as App, ON)).toEqual(found('SandboxedFunction, JsonPath, JsonAta'));
  });

  test('reads the templates of nested stacks, and of the stacks of a stage', () => {
    const app = testApp();
    const stack = testStack(app);
    launcherIn(new NestedStack(stack, 'Nested'));
    const staged = new Stack(new Stage(app, 'Stage', { env: { account: ACCOUNT, region: REGION } }), 'Staged');
    launcherIn(new NestedStack(staged, 'Nested'));
    const [{ violatingResources }] = violationsIn(app, ON);
    expect(violatingResources.map(({ templatePath }) => path.basename(templatePath!))).toEqual([
      expect.stringMatching(/^TestNested\w+\.nested\.template\.json$/), expect.stringMatching(/^StageStagedNested\w+\.nested\.template\.json$/),
    ]);
  });
});

describe('no-internet-builds', () => {
  const ON = { ...OFF, allowInternetBuilds: false };

  test('rejects images whose builds reach the internet, as a construct and as an L1', () => {
    const app = testApp();
    const stack = testStack(app);
    testImage({}, stack, 'Open');
    testImage({ buildEgress: connected(stack) }, stack, 'Closed');
    const l1 = (id: string, egressNetworkConnectors: string[]) => new lambda.CfnMicrovmImage(stack, id, {
      name: id,
      baseImageArn: 'arn',
      baseImageVersion: '1',
      buildRoleArn: 'arn',
      codeArtifact: { uri: 's3://b/k' },
      description: '',
      additionalOsCapabilities: [],
      cpuConfigurations: [],
      egressNetworkConnectors,
      environmentVariables: [],
      hooks: {},
      logging: {},
      resources: [],
    });
    l1('L1Open', [managed('INTERNET_EGRESS')]);
    l1('L1Default', []);
    l1('L1Closed', [OTHER_CONNECTOR]);
    expect(inBrief(app, ON)).toEqual(['no-internet-builds: Open, L1Open, L1Default: builds of the image have access to the internet']);
    expect(inBrief(app, { ...OFF, requireLogs: true })).toEqual([
      'log-retention: L1Open, L1Default, L1Closed: builds of the image write to a log group that the service creates and that keeps events permanently',
    ]);
  });

  test('sees an override of the image', () => {
    const app = testApp();
    const stack = testStack(app);
    testImage({ buildEgress: connected(stack) }, stack).addRequestOverride('egressNetworkConnectors.0', managed('INTERNET_EGRESS'));
    expect(inBrief(app, ON)).toHaveLength(1);
  });
});

describe('allowed-connectors', () => {
  const on = (...allowedEgressConnectors: string[]) => ({ ...OFF, allowedEgressConnectors });
  const arnEgress = (stack: Stack) => ({ egress: connected(stack) });
  const catalogEgress = (stack: Stack) =>
    ({ egress: MicrovmEgress.connector(NetworkConnectorCatalog.fromCatalogName(stack, 'Catalog', 'platform').connector('internal')) });

  test.each<[string, (stack: Stack) => Partial<MicrovmLauncherProps>, string]>([
    ['an ARN', arnEgress, OTHER_CONNECTOR],
    ['a pattern of ARNs', arnEgress, `arn:aws:lambda:*:${ACCOUNT}:network-connector:*`],
    ['a name of a catalog', catalogEgress, '${ssm:/network-connectors/platform/internal}'],
    ['all names of a catalog', catalogEgress, '${ssm:/network-connectors/platform/*}'],
    ['a connector of the stack', stack => ({ egress: MicrovmEgress.connector(testConnector(stack)) }), '${Connector}'],
    ['nothing, and the launcher uses the managed connector', () => ({}), ''],
  ])('accepts %s', (_, props, pattern) => {
    expect(launched(props, on(pattern))).toEqual([]);
  });

  test.each<[string, (stack: Stack) => Partial<MicrovmLauncherProps>, string, string]>([
    ['another ARN', arnEgress, `${OTHER_CONNECTOR}x`, OTHER_CONNECTOR],
    ['a beginning of the ARN', arnEgress, OTHER_CONNECTOR.slice(0, -1), OTHER_CONNECTOR],
    ['another catalog', catalogEgress, '${ssm:/network-connectors/other/*}', '${ssm:/network-connectors/platform/internal}'],
  ])('rejects a launcher if the list has only %s', (_, props, pattern, connector) => {
    expect(launched(props, on(pattern))).toEqual([`allowed-connectors: Backend: the network connector ${connector} is not allowed`]);
  });

  test('rejects a connector that only the deployment knows', () => {
    expect(launched(stack => ({
      egress: MicrovmEgress.connector(NetworkConnector.fromNetworkConnectorArn(stack, 'Given', new CfnParameter(stack, 'Arn').valueAsString)),
    }), on('arn:*'))).toEqual(['allowed-connectors: Backend: the network connector ${Arn} is not allowed']);
  });

  test('covers builds', () => {
    const app = testApp();
    const stack = testStack(app);
    testImage({ buildEgress: connected(stack) }, stack);
    expect(inBrief(app, on('arn:other'))).toEqual([expect.stringMatching(/^allowed-connectors: Image/)]);
  });
});

test('no-own-connectors rejects connectors that the app creates, also as an L1, and accepts imports', () => {
  const app = testApp();
  const stack = testStack(app);
  NetworkConnector.fromNetworkConnectorName(stack, 'Found', 'internal');
  expect(inBrief(app, { ...OFF, allowConnectorCreation: false })).toEqual([]);
  const other = testApp();
  testConnector(testStack(other));
  expect(inBrief(other, { ...OFF, allowConnectorCreation: false })).toEqual(['no-own-connectors: Connector: the app creates a network connector']);
  expect(inBrief(other, OFF)).toEqual([]);
});

describe('no-shell', () => {
  const ON = { ...OFF, allowShell: false };

  test('rejects ingress for a shell, and accepts all other', () => {
    expect(launched(() => ({ ingress: MicrovmIngress.httpWithShell() }), ON)).toEqual(['no-shell: Backend: MicroVMs permit a root shell']);
    const others = [MicrovmIngress.http(), MicrovmIngress.allPorts(), MicrovmIngress.none()];
    for (const ingress of others) expect(launched(() => ({ ingress }), ON)).toEqual([]);
  });

  test('rejects it in a request that somebody wrote', () => {
    expect(requested({ ingressNetworkConnectors: [managed('SHELL_INGRESS')] }, ON)).toHaveLength(1);
  });
});

describe('maximum-duration', () => {
  const ON = { ...OFF, maximumDuration: Duration.hours(4) };

  const WITHIN = [Duration.hours(4), Duration.minutes(1)].map(duration => [duration, []] as const);
  const LONGER = [[undefined, [28800]], [Duration.seconds(14401), [14401]]] as const;
  test.each([...WITHIN, ...LONGER])('of %s', (maximumDuration, found) => {
    expect(launched(() => ({ maximumDuration }), ON))
      .toEqual(found.map(seconds => `maximum-duration: Backend: MicroVMs run for up to ${seconds} seconds; at most 14400 are allowed`));
  });

  test('rejects a duration that only the deployment knows', () => {
    expect(launched(stack => ({ maximumDuration: Duration.seconds(new CfnParameter(stack, 'Seconds', { type: 'Number' }).valueAsNumber) }), ON))
      .toEqual(['maximum-duration: Backend: the maximum duration is known at deployment only; at most 14400 seconds are allowed']);
  });

  test('is not checked by default', () => {
    expect(launched(() => ({}), OFF)).toEqual([]);
  });
});

test.each<[string, Partial<MicrovmLauncherProps>, number]>([
  ['rejects none', {}, 1],
  ['accepts one', { idlePolicy: IDLE }, 0],
  ['accepts none without ingress', { ingress: MicrovmIngress.none() }, 0],
])('idle-policy %s', (_, props, count) => {
  expect(launched(() => props, { ...OFF, requireIdlePolicy: true })).toHaveLength(count);
});

describe('log-retention', () => {
  const ON = { ...OFF, requireLogs: true };
  const BOUNDS = { ...ON, minimumLogRetention: logs.RetentionDays.ONE_WEEK, maximumLogRetention: logs.RetentionDays.ONE_YEAR };
  const keeping = (retention: logs.RetentionDays) => () => ({ logging: MicrovmLogging.newLogGroup({ retention }) });

  test('accepts the default, and rejects no logs', () => {
    expect(launched(() => ({}), BOUNDS)).toEqual([]);
    expect(launched(() => ({ logging: MicrovmLogging.disabled() }), ON)).toEqual(['log-retention: Backend: MicroVMs write no logs']);
  });

  test.each<[logs.RetentionDays, string[]]>([
    [logs.RetentionDays.ONE_WEEK, []],
    [logs.RetentionDays.ONE_YEAR, []],
    [logs.RetentionDays.THREE_DAYS, ['log-retention: Backend: logs of MicroVMs are kept for 3 days; at least 7 days are required']],
    [logs.RetentionDays.TWO_YEARS, ['log-retention: Backend: logs of MicroVMs are kept for 731 days; at most 365 days are allowed']],
    [logs.RetentionDays.INFINITE, ['log-retention: Backend: logs of MicroVMs are kept permanently; at most 365 days are allowed']],
  ])('compares %d days', (retention, found) => {
    expect(launched(keeping(retention), BOUNDS)).toEqual(found);
  });

  test('finds a log group with a name in another stack, and trusts one that no template contains', () => {
    const app = testApp();
    const stack = testStack(app);
    const named = (name: string) => MicrovmLogging.logGroup(logs.LogGroup.fromLogGroupName(stack, name, name));
    new logs.LogGroup(testStack(app, 'Logs'), 'Group', { logGroupName: 'platform', retention: logs.RetentionDays.ONE_DAY });
    testImage({ logging: named('platform') }, stack, 'One');
    testImage({ logging: named('elsewhere') }, stack, 'Two');
    expect(inBrief(app, BOUNDS)).toEqual(['log-retention: One: logs of builds of the image are kept for 1 days; at least 7 days are required']);
  });

  test('rejects a request without logging', () => {
    expect(requested({ executionRoleArn: 'arn' }, ON)).toEqual([expect.stringContaining('a log group that the service creates')]);
  });
});

test('a launch request that is not JSON is rejected, because no rule can be checked', () => {
  const app = testApp();
  const stack = testStack(app);
  testFunction(stack).addEnvironment('REQUEST', '{"imageIdentifier":"arn","executionRoleArn":');
  expect(inBrief(app, OFF)).toEqual(['readable-requests: Backend: a launch request is not JSON, so that the rules cannot be checked']);
});

describe('in the synthesis of the CDK', () => {
  const synth = (app: App, acknowledge = false) => {
    const stack = testStack(app);
    launcherIn(stack, { egress: connected(stack) });
    if (acknowledge) Validations.of(stack).acknowledge({ id: 'cdk-lambda-microvms::idle-policy', reason: 'tried' });
    app.synth();
  };
  const appWith = (props?: MicrovmPolicyValidationProps) => {
    const app = testApp();
    Validations.of(app).addPlugins(new MicrovmPolicyValidation(props));
    return app;
  };
  const REPORT = /idle MicroVMs run until their maximum duration \(cdk-lambda-microvms\)\s+Test\/Backend\/Resource .*\s+Suggested fix: set idlePolicy/;
  let printed: jest.SpyInstance;
  beforeEach(() => { printed = jest.spyOn(console, 'error').mockImplementation(() => {}); });
  afterEach(() => printed.mockRestore());

  test('a violation fails, and the report has the path, the rule and the fix', () => {
    expect(() => synth(appWith())).toThrow(REPORT);
  });

  test('a violation fails if the plugin is registered by policyValidationBeta1', () => {
    const plugin = new MicrovmPolicyValidation() as unknown as IPolicyValidationPluginBeta1;
    expect(() => synth(new App({ policyValidationBeta1: [plugin], analyticsReporting: false }))).toThrow(REPORT);
  });

  test('no violation passes and prints nothing', () => {
    expect(() => synth(appWith({ requireIdlePolicy: false }))).not.toThrow();
    expect(printed).not.toHaveBeenCalled();
  });

  test('an acknowledged rule passes, unless the plugin permits no acknowledgments', () => {
    expect(() => synth(appWith(), true)).not.toThrow();
    expect(() => synth(appWith({ allowAcknowledgments: false }), true)).toThrow(REPORT);
  });
});

test('the plugin tells its name, version and rules', () => {
  const { name, version: ours, ruleIds } = new MicrovmPolicyValidation();
  expect([name, ours, ruleIds]).toEqual(['cdk-lambda-microvms', version, [
    'allowed-connectors', 'idle-policy', 'log-retention', 'maximum-duration', 'no-internet-builds', 'no-internet-egress', 'no-own-connectors', 'no-shell',
    'readable-requests',
  ]]);
});

test('an output does not launch, so that it is not validated', () => {
  const app = testApp();
  const stack = testStack(app);
  const launcher = new MicrovmLauncher(stack, 'Launcher', { image: testImage({}, stack), ingress: MicrovmIngress.http(), egress: MicrovmEgress.internet() });
  new CfnOutput(stack, 'Request', { value: launcher.launchRequest });
  expect(inBrief(app, {})).toEqual([]);
});
