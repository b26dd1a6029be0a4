import type { Stack } from 'aws-cdk-lib';
import { Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { EXECUTION_ROLE, IMAGE, managed, testLauncher, testMicrovm } from './support';
import { Microvm, MicrovmImage, MicrovmImageVersion, MicrovmIngress } from '../../src';
import { testApp, testImage, testStack } from '../support/stacks';
import { ResolvedTemplate, STACK_ID } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const propertiesIn = (stack: Stack) => ResolvedTemplate.stack(stack).resource('Custom::Microvm').Properties;

describe('the resource of a MicroVM', () => {
  test('has the launch request and the version of the image that this deployment creates', () => {
    const { stack } = testMicrovm({
      payload: '{"tenant":"a"}',
      trigger: '1',
      healthCheck: { port: 8081, path: '/health?x=1', timeout: Duration.minutes(2) },
      deploymentTimeout: Duration.minutes(5),
    });
    const { LaunchRequest: request, ...properties } = propertiesIn(stack);
    expect(JSON.parse(request))
      .toMatchObject({ imageIdentifier: IMAGE, executionRoleArn: EXECUTION_ROLE, ingressNetworkConnectors: [managed('HTTP_INGRESS')] });
    expect(properties).toEqual({
      ServiceToken: expect.any(String),
      ShowLogInErrors: 'true',
      ResourceRoleArn: expect.stringMatching(/^arn:aws:iam::123456789012:role\/physical-SharedResourceRole/),
      ImageVersion: expect.stringMatching(/ImageVersion$/),
      Payload: '{"tenant":"a"}',
      Trigger: '1',
      HealthCheck: { Port: '8081', Path: '/health?x=1', TimeoutSeconds: '120' },
      TimeoutSeconds: '300',
    });
  });

  test('has the overrides of the request, and without them no such property', () => {
    const { stack, microvm } = testMicrovm();
    microvm.addRequestOverride('logging.cloudWatch.logStream', 'stream');
    microvm.addRequestOverride('unknown', true);
    expect(propertiesIn(stack).RequestOverrides).toBe('{"logging.cloudWatch.logStream":"stream","unknown":true}');
    expect(propertiesIn(testMicrovm().stack)).not.toHaveProperty('RequestOverrides');
  });

  test('has no version if the launcher sets one, or if the image is imported', () => {
    expect(propertiesIn(testMicrovm({}, { imageVersion: MicrovmImageVersion.of('2.0') }).stack)).not.toHaveProperty('ImageVersion');
    const stack = testStack();
    expect(propertiesIn(testMicrovm({}, { image: MicrovmImage.fromMicrovmImageName(stack, 'Import', 'sandbox') }, stack).stack))
      .not.toHaveProperty('ImageVersion');
  });

  test('can be in another stack than its launcher', () => {
    const app = testApp();
    const { launcher } = testLauncher({}, testStack(app, 'Launchers'));
    const stack = testStack(app, 'Microvms');
    new Microvm(stack, 'Shared', { launcher });
    Template.fromStack(stack).resourceCountIs('Custom::Microvm', 1);
  });

  test('depends on all resources of the launcher', () => {
    const { stack, launcher } = testMicrovm();
    launcher.grantWebIdentity({ audiences: ['https://api.partner.example'] });
    const [resource] = Object.values(Template.fromStack(stack).findResources('Custom::Microvm'));
    expect(resource.DependsOn).toContainEqual(expect.stringMatching(/^LauncherExecutionRoleDefaultPolicy/));
    // The launch request refers to the others.
    const request = JSON.stringify(resource.Properties.LaunchRequest);
    expect(request).toMatch(/"Fn::GetAtt":\["LauncherExecutionRole[0-9A-F]{8}","Arn"\]/);
    expect(request).toMatch(/"Ref":"LauncherLogGroup/);
  });

  test('has attributes that other stacks cannot read, because an export would prevent its replacement', () => {
    const app = testApp();
    const { microvm } = testMicrovm({}, {}, testStack(app, 'Microvms'));
    const stack = testStack(app, 'Readers');
    stack.exportValue(microvm.microvmId, { name: 'id' });
    expect(() => app.synth()).toThrow(/^microvmId: stack 'Readers' cannot read .*\[MicrovmAttributeCrossStack at Microvms\/Shared\]\nhttps.*microvmattributecrossstack$/);
  });
});

describe('a payload as an object', () => {
  test('is sent as JSON, with values that only the deployment knows', () => {
    const stack = testStack();
    testMicrovm({ payloadObject: { tenant: 'a', limits: [1], stack: stack.stackId } }, {}, stack);
    expect(JSON.parse(propertiesIn(stack).Payload)).toEqual({ tenant: 'a', limits: [1], stack: STACK_ID });
  });

  test('fails at synth together with a text, without a run hook, and if it is too long', () => {
    expect(() => testMicrovm({ payload: '{}', payloadObject: {} })).toThrow(/payloadObject: cannot be combined with payload.*MicrovmPayloadInvalid at Test\/Shared\]/);
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    for (const payloadObject of [circular, { id: BigInt(1) }]) {
      expect(() => testMicrovm({ payloadObject })).toThrow(/^payloadObject: the object cannot become JSON \(.*MicrovmPayloadInvalid at Test\/Shared\]/);
    }
    expect(() => testMicrovm({ payloadObject: { text: 'x'.repeat(2_048) } })).toThrow('MicrovmPayloadTooLong');
    const stack = testStack();
    expect(() => testMicrovm({ payloadObject: {} }, { image: testImage({}, stack) }, stack)).toThrow('MicrovmPayloadWithoutRunHook');
  });
});

describe('synthesis', () => {
  test('fails for a payload that the record of the launch has no room for', () => {
    expect(() => testMicrovm({ payload: 'x'.repeat(2_049) })).toThrow(/payload: the text has 2049 characters.*MicrovmPayloadTooLong/);
    expect(() => testMicrovm({ payload: '"'.repeat(1_025) })).toThrow(/payload: the text has 2050 characters.*MicrovmPayloadTooLong/);
    expect(() => testMicrovm({ payload: 'x'.repeat(2_048) })).not.toThrow();
  });

  test('fails for a payload that no run hook receives', () => {
    const stack = testStack();
    const image = testImage({}, stack);
    expect(() => testMicrovm({ payload: 'x' }, { image }, stack)).toThrow(/Test\/Image.*has no run hook.*MicrovmPayloadWithoutRunHook/);
    const imported = testStack();
    const other = MicrovmImage.fromMicrovmImageName(imported, 'Import', 'sandbox');
    expect(() => testMicrovm({ payload: 'x' }, { image: other }, imported)).not.toThrow();
  });

  test('fails for a deployment timeout out of range', () => {
    expect(() => testMicrovm({ deploymentTimeout: Duration.hours(2) }))
      .toThrow(/deploymentTimeout: 2 hours is not valid; use 1 to 55 minutes \(maximumDuration of the launcher.*MicrovmTimeoutInvalid/);
  });

  test('fails for a health check if the ingress admits no requests', () => {
    expect(() => testMicrovm({ healthCheck: {} }, { ingress: MicrovmIngress.none() })).toThrow('MicrovmHealthCheckNoIngress');
  });
});
