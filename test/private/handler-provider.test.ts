import { App, NestedStack, Stack } from 'aws-cdk-lib';
import { Annotations, Template } from 'aws-cdk-lib/assertions';
import * as bundle from '../../src/private/bundle';
import { HandlerProvider } from '../../src/private/handler-provider';
import { allows, trusts } from '../support/iam';
import { ACCOUNT, REGION, testApp, testImage, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const MANAGED_IMAGE = `arn:aws:lambda:${REGION}:aws:microvm-image:al2023-1`;
const STACK_ID = `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/Test/uuid`;

describe('the handler of a stack', () => {
  test('is created once, for all resources', () => {
    const stack = testStack();
    for (const id of ['One', 'Two', 'Three']) testImage({}, stack, id);
    const deployed = ResolvedTemplate.stack(stack);
    expect(deployed.ids('AWS::Lambda::Function')).toHaveLength(4);
    expect(deployed.ids('Custom::MicrovmImage')).toHaveLength(3);
    expect(HandlerProvider.of(stack)).toBe(HandlerProvider.of(stack.node.findChild('One')));
  });

  test('is created for each stack, including nested ones', () => {
    const app = testApp();
    const stack = testStack(app, 'Outer');
    const nested = new NestedStack(stack, 'Nested');
    expect(HandlerProvider.of(nested)).not.toBe(HandlerProvider.of(stack));
    expect(HandlerProvider.of(testStack(app, 'Other'))).not.toBe(HandlerProvider.of(stack));
  });

  test('adds three resources and a log group per image, without circular dependencies between fifty images', () => {
    const app = new App();
    const stack = new Stack(app, 'Many');
    for (let index = 0; index < 50; index++) testImage({}, stack, `Image${index}`);
    expect(() => app.synth()).not.toThrow();
    expect(stack.node.findAll().length).toBeGreaterThan(200);
    expect(Object.keys(Template.fromStack(stack).toJSON().Resources).length).toBeLessThanOrEqual(50 * 4 + 15);
  });

  test('runs the bundled file for at most one minute', () => {
    const stack = testStack();
    testImage({}, stack);
    expect(ResolvedTemplate.stack(stack).resource('AWS::Lambda::Function', 'CdkLambdaMicrovmsHandler').Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: 256,
      Timeout: 60,
    });
  });

  test('logs JSON into a log group of its own, without the start and end of each poll', () => {
    const stack = testStack();
    testImage({}, stack);
    expect(ResolvedTemplate.stack(stack).resource('AWS::Lambda::Function', 'CdkLambdaMicrovmsHandler').Properties.LoggingConfig).toEqual({
      LogGroup: expect.stringMatching(/^physical-CdkLambdaMicrovmsLogs/), LogFormat: 'JSON', ApplicationLogLevel: 'INFO', SystemLogLevel: 'WARN',
    });
  });

  test('is polled every four seconds for at least one hour, longer than any resource may take', () => {
    const stack = testStack();
    testImage({}, stack);
    const definition = ResolvedTemplate.stack(stack).resource('AWS::StepFunctions::StateMachine').Properties.DefinitionString;
    const [retry] = JSON.parse(definition).States['framework-isComplete-task'].Retry;
    expect(retry).toMatchObject({ IntervalSeconds: 4, MaxAttempts: 900, BackoffRate: 1 });
  });

  test('keeps properties and polls out of the logs of the framework, and leaves no log group behind', () => {
    const stack = testStack();
    testImage({}, stack);
    for (const id of ResolvedTemplate.stack(stack).ids('AWS::Lambda::Function', 'Provider')) {
      expect(Template.fromStack(stack).toJSON().Resources[id].Properties.LoggingConfig).toEqual({
        ApplicationLogLevel: 'FATAL', SystemLogLevel: 'WARN', LogFormat: 'JSON', LogGroup: { Ref: expect.stringMatching(/^CdkLambdaMicrovmsLogs/) },
      });
    }
    Template.fromStack(stack).hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'Delete', Properties: { RetentionInDays: 30 } });
  });

  test('gives no warning', () => {
    const stack = testStack();
    testImage({}, stack);
    expect(Annotations.fromStack(stack).findWarning('*', expect.anything() as any)).toEqual([]);
  });

  test('creates no role with a managed policy', () => {
    const stack = testStack();
    testImage({}, stack);
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toContain('ManagedPolicyArns');
  });

  test('names the command to run if the bundle does not exist', () => {
    jest.replaceProperty(bundle, 'HANDLER_BUNDLE', '/nowhere');
    expect(() => HandlerProvider.of(testStack()))
      .toThrow(/handler: \/nowhere has no index\.js; in a checkout of cdk-lambda-microvms, run `npx projen bundle`.*MicrovmHandlerBundleMissing/);
    jest.restoreAllMocks();
  });
});

describe('the function role', () => {
  const policies = () => {
    const stack = testStack();
    testImage({}, stack);
    return ResolvedTemplate.stack(stack).policiesOf('CdkLambdaMicrovmsFunctionRole');
  };

  test('describes its stack, lists versions of managed images and writes its log', async () => {
    for (const [action, resource] of [
      ['cloudformation:DescribeStacks', STACK_ID],
      ['cloudformation:DescribeStackResource', STACK_ID],
      ['lambda:ListManagedMicrovmImageVersions', MANAGED_IMAGE],
      ['logs:PutLogEvents', `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:physical-CdkLambdaMicrovmsLogs548F8C5A:log-stream:x`],
    ]) expect([action, await allows(policies(), { action, resource })]).toEqual([action, true]);
  });

  test('has no permissions on images, other stacks and roles', async () => {
    const image = `arn:aws:lambda:${REGION}:${ACCOUNT}:microvm-image:Test-Image-1EAB812B`;
    for (const [action, resource] of [
      ...['GetMicrovmImage', 'UpdateMicrovmImage', 'DeleteMicrovmImage', 'RunMicrovm', 'TerminateMicrovm', 'TagResource'].map(name => [`lambda:${name}`, image]),
      ['lambda:CreateMicrovmImage', '*'],
      ['lambda:ListMicrovms', '*'],
      ['cloudformation:DescribeStacks', STACK_ID.replace('Test', 'Other')],
      ['iam:PassRole', `arn:aws:iam::${ACCOUNT}:role/physical-ImageBuildRole8F8C26B2`],
      ['iam:PutRolePolicy', `arn:aws:iam::${ACCOUNT}:role/physical-ImageBuildRole8F8C26B2`],
    ]) expect([action, await allows(policies(), { action, resource })]).toEqual([action, false]);
  });

  test('ignores grants to the function', () => {
    const stack = testStack();
    testImage({}, stack);
    expect(ResolvedTemplate.stack(stack).policiesOf('CdkLambdaMicrovmsFunctionRole')).toHaveLength(1);
  });

  test('can be assumed by Lambda only', async () => {
    const stack = testStack();
    testImage({}, stack);
    const trust = ResolvedTemplate.stack(stack).resource('AWS::IAM::Role', 'CdkLambdaMicrovmsFunctionRole').Properties.AssumeRolePolicyDocument;
    expect(await trusts(trust, 'lambda.amazonaws.com', 'sts:AssumeRole')).toBe(true);
    expect(await trusts(trust, 'states.amazonaws.com', 'sts:AssumeRole')).toBe(false);
  });
});

describe('the context key sourceFunctionCondition', () => {
  const KEY = 'cdk-lambda-microvms:sourceFunctionCondition';
  const functionArn = (name: string) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
  /** Returns whether the code of a function with the function role can assume the role of an image. */
  const assumes = async (context: object, source?: string) => {
    const stack = testStack(testApp(context));
    testImage({}, stack);
    const deployed = ResolvedTemplate.stack(stack);
    const functionRole = deployed.resolve({ 'Fn::GetAtt': [deployed.ids('AWS::IAM::Role', 'CdkLambdaMicrovmsFunctionRole')[0], 'Arn'] });
    const trust = deployed.resource('AWS::IAM::Role', 'ImageResourceRole').Properties.AssumeRolePolicyDocument;
    const handler = deployed.resolve({ 'Fn::GetAtt': [deployed.ids('AWS::Lambda::Function', 'CdkLambdaMicrovmsHandler')[0], 'Arn'] });
    const carried = source === 'handler' ? handler : source;
    const key: Record<string, string> = carried === undefined ? {} : { 'lambda:SourceFunctionArn': carried };
    return trusts(trust, functionRole, 'sts:AssumeRole', key, deployed.policiesOf('CdkLambdaMicrovmsFunctionRole'));
  };

  test.each([true, 'true'])('lets only the handler function assume the role of a resource: %p', async value => {
    expect(await assumes({ [KEY]: value }, 'handler')).toBe(true);
    for (const other of [functionArn('other'), functionArn('physical-CdkLambdaMicrovmsHandler'), undefined]) {
      expect([other, await assumes({ [KEY]: value }, other)]).toEqual([other, false]);
    }
  });

  test.each([undefined, false, 'false'])('is off by default, so that whatever runs with the function role can: %p', async value => {
    for (const source of ['handler', functionArn('other'), undefined]) expect(await assumes({ [KEY]: value }, source)).toBe(true);
  });

  test('closes no cycle between the function and its role', () => {
    const stack = testStack(testApp({ [KEY]: true }));
    testImage({}, stack);
    expect(() => Template.fromStack(stack)).not.toThrow();
  });
});

describe('roles under a permissions boundary', () => {
  test('all have it if the app sets one', () => {
    const app = new App({ context: { '@aws-cdk/core:permissionsBoundary': { name: 'boundary' } } });
    const stack = testStack(app);
    testImage({}, stack);
    const roles = Object.values<any>(Template.fromStack(stack).findResources('AWS::IAM::Role'));
    expect(roles.length).toBeGreaterThan(4);
    for (const role of roles) expect(JSON.stringify(role.Properties.PermissionsBoundary)).toContain('policy/boundary');
  });
});
