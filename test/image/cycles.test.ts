import type { App, Stack } from 'aws-cdk-lib';
import { CfnOutput, NestedStack, Stage } from 'aws-cdk-lib';
import * as apigw from 'aws-cdk-lib/aws-apigateway';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { IMicrovmImage, MicrovmImageProps, MicrovmImage } from '../../src';
import {
  Microvm, MicrovmBuildRole, MicrovmEgress, MicrovmImageVersion, MicrovmIngress, MicrovmLaunchCheck, MicrovmLauncher,
  MicrovmStateMachineFragment,
} from '../../src';
import { testFunction } from '../launcher/support';
import { awaited, cyclesIn, cyclesInApp, templateOf } from '../support/cycles';
import { testApp, testImage, testStack } from '../support/stacks';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

describe('the search for cycles in templates', () => {
  const resource = (properties: object, dependsOn?: string | string[]) => ({ Type: 'Any', Properties: properties, DependsOn: dependsOn });

  test.each<[string, any, string[][]]>([
    ['Ref and Fn::GetAtt', { A: resource({ x: { Ref: 'B' } }), B: resource({ x: [{ 'Fn::GetAtt': ['A', 'Arn'] }] }) }, [['A', 'B', 'A']]],
    ['Fn::GetAtt as a text', { A: resource({ x: { 'Fn::GetAtt': 'A.Arn' } }) }, [['A', 'A']]],
    ['Fn::Sub', { A: resource({ x: { 'Fn::Sub': 'arn:${AWS::Region}:${B.Arn}' } }), B: resource({ x: { 'Fn::Sub': ['${v}', { v: { Ref: 'A' } }] } }) }, [['A', 'B', 'A']]],
    ['DependsOn', { A: resource({}, 'B'), B: resource({}, ['C']), C: resource({}, ['A']) }, [['A', 'B', 'C', 'A']]],
    ['none', { A: resource({ x: { Ref: 'B' } }, 'C'), B: resource({ x: { 'Fn::Sub': '${!A}' } }), C: resource({ x: { Ref: 'AWS::Region' } }) }, []],
  ])('finds %s', (_, Resources, cycles) => {
    expect(cyclesIn({ Resources })).toEqual(cycles);
  });
});

function launcherOf(stack: Stack, image: IMicrovmImage, id = 'Launcher', imageVersion?: MicrovmImageVersion): MicrovmLauncher {
  return new MicrovmLauncher(stack, id, { image, ingress: MicrovmIngress.http(), egress: MicrovmEgress.internet(), imageVersion });
}

function backend(stack: Stack, id = 'Backend'): lambda.Function {
  return testFunction(stack, id);
}

/** An image whose MicroVMs know the URL of the function that launches them. */
function imageWithBackend(stack: Stack, props: Partial<MicrovmImageProps> = {}): { fn: lambda.Function; image: MicrovmImage } {
  const fn = backend(stack);
  const api = new apigw.LambdaRestApi(stack, 'Api', { handler: fn });
  return { fn, image: testImage({ environment: { API: api.url }, ...props }, stack) };
}

function ownRole(stack: Stack): iam.Role {
  return new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
}

const PROGRAMS: [string, (app: App, stack: Stack) => void][] = [
  ['an image knows the URL of an API whose function may launch it', (_, stack) => {
    const { fn, image } = imageWithBackend(stack);
    image.grantRun(fn);
  }],
  ['an image knows the URL of an API whose function has the launch request', (_, stack) => {
    const { fn, image } = imageWithBackend(stack);
    const launcher = launcherOf(stack, image);
    launcher.addToFunction(fn);
    launcher.grantLaunch(fn);
    launcher.grantConnect(fn);
    launcher.grantManage(fn);
  }],
  ['an image with a name knows the URL of a function that has the launch request', (_, stack) => {
    const fn = backend(stack);
    const image = testImage({ microvmImageName: 'sandbox', environment: { CALLBACK_URL: fn.addFunctionUrl().url } }, stack);
    const launcher = launcherOf(stack, image);
    launcher.addToFunction(fn);
    launcher.grantLaunch(fn);
  }],
  ['an image knows the ARN of a function that has its ARN and name', (_, stack) => {
    const fn = backend(stack);
    const image = testImage({ environment: { FUNCTION: fn.functionArn } }, stack);
    fn.addEnvironment('IMAGE_ARN', image.microvmImageArn);
    fn.addEnvironment('IMAGE_NAME', image.microvmImageName);
    fn.addEnvironment('IMAGE_REF', image.microvmImageRef.imageArn);
  }],
  ['a build role of the user has grants on its image', (_, stack) => {
    const role = ownRole(stack);
    const image = testImage({ buildRole: role }, stack);
    image.grantRead(role);
    image.grantManage(role);
  }],
  ['a MicrovmBuildRole of the user has grants on its image', (_, stack) => {
    const role = new MicrovmBuildRole(stack, 'Role', { microvmImageName: 'sandbox' });
    testImage({ microvmImageName: 'sandbox', buildRole: role }, stack).grantRead(role);
  }],
  ['the default build role has grants on its image', (_, stack) => {
    const image = testImage({}, stack);
    image.grantRead(image.buildRole);
    image.grantManage(image.buildRole);
  }],
  ['a build role may invoke a function that waits for the image', (_, stack) => {
    const role = ownRole(stack);
    const image = testImage({ buildRole: role }, stack);
    const fn = backend(stack);
    fn.addEnvironment('VERSION', image.microvmImageVersion);
    fn.grantInvoke(role);
  }],
  ['the default build role may invoke a function that waits for the image', (_, stack) => {
    const image = testImage({}, stack);
    const fn = backend(stack);
    fn.node.addDependency(image);
    fn.grantInvoke(image.buildRole);
  }],
  ['a build role of another stack has grants on the image', (app, stack) => {
    const role = ownRole(testStack(app, 'Roles'));
    testImage({ buildRole: role }, stack).grantRead(role);
  }],
  ['a MicroVM and a launch check are launched from an image that knows its backend', (_, stack) => {
    const { fn, image } = imageWithBackend(stack);
    const launcher = launcherOf(stack, image);
    launcher.addToFunction(fn);
    launcher.grantLaunch(fn);
    new Microvm(stack, 'Microvm', { launcher });
    new MicrovmLaunchCheck(stack, 'Check', { launcher });
  }],
  ['MicroVMs may invoke a function that waits for the launch check', (_, stack) => {
    const launcher = launcherOf(stack, testImage({}, stack), 'Launcher', MicrovmImageVersion.ofThisDeployment());
    const fn = backend(stack);
    const check = new MicrovmLaunchCheck(stack, 'Check', { launcher });
    launcher.addToFunction(fn);
    launcher.grantLaunch(fn);
    fn.grantInvoke(launcher);
    fn.node.addDependency(check);
  }],
  ['MicroVMs of three launchers may invoke functions that wait for the checks of all', (__, stack) => {
    const launchers = ['One', 'Two', 'Three'].map(id => launcherOf(stack, testImage({}, stack, `${id}Image`), id));
    const checks = launchers.map((launcher, index) => new MicrovmLaunchCheck(stack, `Check${index}`, { launcher }));
    launchers.forEach((_, index) => {
      const fn = backend(stack, `Backend${index}`);
      launchers.forEach(other => fn.grantInvoke(other));
      fn.node.addDependency(...checks);
    });
  }],
  ['MicroVMs of a role of the user may invoke a function that knows the endpoint of one', (_, stack) => {
    const executionRole = ownRole(stack);
    const launcher = new MicrovmLauncher(stack, 'Launcher', {
      image: testImage({}, stack), ingress: MicrovmIngress.http(), egress: MicrovmEgress.internet(), executionRole,
    });
    const fn = backend(stack);
    fn.addEnvironment('ENDPOINT', new Microvm(stack, 'Microvm', { launcher }).microvmEndpoint);
    fn.grantInvoke(executionRole);
  }],
  ['a workflow launches an image that knows its state machine function', (_, stack) => {
    const { image } = imageWithBackend(stack);
    const body = new sfn.Pass(stack, 'Body');
    const fragment = new MicrovmStateMachineFragment(stack, 'Sandboxed', { launcher: launcherOf(stack, image), body });
    new sfn.StateMachine(stack, 'Machine', { definitionBody: sfn.DefinitionBody.fromChainable(fragment) });
  }],
  ['an image in a nested stack knows the URL of the parent, whose function launches it', (_, stack) => {
    const fn = backend(stack);
    const nested = new NestedStack(stack, 'Nested');
    const image = testImage({ environment: { URL: fn.addFunctionUrl().url } }, nested);
    const launcher = launcherOf(stack, image);
    launcher.addToFunction(fn);
    launcher.grantLaunch(fn);
  }],
  ['a launcher and a MicroVM are in a nested stack, the image in its parent', (_, stack) => {
    const { fn, image } = imageWithBackend(stack);
    image.grantRun(fn);
    const nested = new NestedStack(stack, 'Nested');
    const launcher = launcherOf(nested, image);
    new Microvm(nested, 'Microvm', { launcher });
    fn.grantInvoke(launcher);
  }],
  ['a MicroVM in a nested stack may invoke a function of the parent that waits for the nested stack', (_, stack) => {
    const launcher = launcherOf(stack, testImage({}, stack));
    const nested = new NestedStack(stack, 'Nested');
    const microvm = new Microvm(nested, 'Microvm', { launcher });
    const fn = backend(stack);
    fn.addEnvironment('ENDPOINT', microvm.microvmEndpoint);
    fn.grantInvoke(launcher);
  }],
  ['an image knows a backend in another stack, which launches it', (app, stack) => {
    const backends = testStack(app, 'Backends');
    const { fn, image } = imageWithBackend(backends, { environment: {} });
    const url = fn.addFunctionUrl().url;
    const launched = testImage({ environment: { URL: url } }, stack, 'Launched');
    launched.grantRun(fn);
    image.grantRun(fn);
    fn.addEnvironment('IMAGE_ARN', launched.microvmImageArn);
  }],
  ['two stacks: an image, and a backend that launches it and waits for a check', (app, stack) => {
    const image = testImage({}, stack);
    const other = testStack(app, 'Other');
    const launcher = launcherOf(other, image);
    const check = new MicrovmLaunchCheck(other, 'Check', { launcher });
    const fn = backend(other);
    launcher.addToFunction(fn);
    launcher.grantLaunch(fn);
    fn.grantInvoke(launcher);
    fn.node.addDependency(check);
  }],
  ['outputs and overrides name the image', (_, stack) => {
    const image = testImage({ microvmImageName: 'sandbox' }, stack);
    new CfnOutput(stack, 'Arn', { value: image.microvmImageArn });
    image.addRequestOverride('environmentVariables.IMAGE_ARN', image.microvmImageArn);
  }],
];

describe('CloudFormation can order the resources if', () => {
  test.each(PROGRAMS)('%s', (_, program) => {
    const app = testApp();
    program(app, testStack(app));
    expect(cyclesInApp(app)).toEqual([]);
  });

  const ofOneStack = PROGRAMS.filter(([name]) => /URL|nested/.test(name) && !/stack, which/.test(name));

  test.each(ofOneStack)('the account and Region of the stack are not known: %s', (_, program) => {
    const app = testApp();
    program(app, testStack(app, 'Test', { env: undefined }));
    expect(cyclesInApp(app)).toEqual([]);
  });
});

describe('the resources wait', () => {
  const idOf = (template: any, type: string, part = '') => Object.keys(template.Resources).filter(id => template.Resources[id].Type === type && id.includes(part));
  const [IMAGE_TYPE, MICROVM_TYPE, CHECK_TYPE, POLICY] = ['Custom::MicrovmImage', 'Custom::Microvm', 'Custom::MicrovmLaunchCheck', 'AWS::IAM::Policy'];

  test.each<[string, MicrovmImageVersion | undefined]>([
    ['the latest version', undefined], ['a version', MicrovmImageVersion.of('3.0')], ['the version of this deployment', MicrovmImageVersion.ofThisDeployment()],
  ])('for the image, if MicroVMs are launched from %s', (_, version) => {
    const stack = testStack();
    const launcher = launcherOf(stack, testImage({}, stack), 'Launcher', version);
    new Microvm(stack, 'Microvm', { launcher });
    new MicrovmLaunchCheck(stack, 'Check', { launcher });
    const template = templateOf(stack);
    for (const type of [MICROVM_TYPE, CHECK_TYPE]) {
      expect(awaited(template, idOf(template, type)[0])).toContain(idOf(template, IMAGE_TYPE)[0]);
    }
  });

  test('for the image of another stack, without an export', () => {
    const app = testApp();
    const image = testImage({}, testStack(app, 'Images'));
    const stack = testStack(app);
    new Microvm(stack, 'Microvm', { launcher: launcherOf(stack, image) });
    const assembly = app.synth();
    expect(assembly.getStackByName('Test').dependencies.map(({ id }) => id)).toContain('Images');
    expect(JSON.stringify(assembly.getStackByName('Test').template)).not.toContain('Fn::ImportValue');
  });

  test('for no image of another stage, whose pipeline deploys it before', () => {
    const app = testApp();
    const image = testImage({ microvmImageName: 'sandbox' }, testStack(new Stage(app, 'First') as App));
    const stack = testStack(new Stage(app, 'Second') as App);
    new Microvm(stack, 'Microvm', { launcher: launcherOf(stack, image) });
    expect(JSON.stringify(templateOf(stack))).toContain('microvm-image:sandbox');
  });

  test('in another stack for no image that they only have grants on', () => {
    const app = testApp();
    const image = testImage({}, testStack(app, 'Images'));
    const stack = testStack(app);
    image.grantRun(new iam.Role(stack, 'User', { assumedBy: new iam.AccountRootPrincipal() }));
    expect(app.synth().getStackByName('Test').dependencies.filter(({ id }) => id === 'Images')).toEqual([]);
  });

  test('for the permissions of the MicroVMs', () => {
    const stack = testStack();
    const launcher = launcherOf(stack, testImage({}, stack));
    new dynamodb.Table(stack, 'Table', { partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING } }).grantReadData(launcher);
    new Microvm(stack, 'Microvm', { launcher });
    const template = templateOf(stack);
    expect(awaited(template, idOf(template, MICROVM_TYPE)[0])).toContain(idOf(template, POLICY, 'ExecutionRoleDefaultPolicy')[0]);
  });

  test('for the policies of the build role', () => {
    const stack = testStack();
    const role = ownRole(stack);
    const image = testImage({ buildRole: role }, stack);
    role.addToPolicy(new iam.PolicyStatement({ actions: ['ecr:BatchGetImage'], resources: ['*'] }));
    const template = templateOf(stack);
    const before = awaited(template, idOf(template, IMAGE_TYPE)[0]);
    expect(before).toEqual(expect.arrayContaining([...idOf(template, POLICY, 'RoleDefaultPolicy'), ...idOf(template, POLICY, 'BuildPolicy')]));
    expect(image.buildRole).toBe(role);
  });
});
