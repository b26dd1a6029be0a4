import assert from 'node:assert/strict';
import { test } from 'node:test';
import { App, Duration, Validations } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { MicrovmCode, MicrovmImage, MicrovmPolicyValidation } from 'cdk-lambda-microvms';
import { SandboxStack } from './sandbox-stack';

const stack = new SandboxStack(new App(), 'Test');
const template = Template.fromStack(stack);

test('the image keeps five versions and is deleted with the stack', () => {
  // All properties of custom resources are strings.
  template.hasResourceProperties('Custom::MicrovmImage', { RetainedVersions: '5', MemoryMiB: '2048' });
  template.hasResource('Custom::MicrovmImage', { DeletionPolicy: 'Delete' });
});

test('each new version must launch and answer before the deployment succeeds', () => {
  template.hasResourceProperties('Custom::MicrovmLaunchCheck', { HealthCheck: { Port: '8080', Path: '/' } });
});

test('MicroVMs run for four hours at most, without a root shell', () => {
  const [{ Properties: { LaunchRequest: request } }] = Object.values(template.findResources('Custom::MicrovmLaunchCheck'));
  // The request is JSON with ARNs in it, so it is an Fn::Join.
  const text = request['Fn::Join'][1].map((part: unknown) => typeof part === 'string' ? part : 'token').join('');
  assert.equal(JSON.parse(text).maximumDurationInSeconds, Duration.hours(4).toSeconds());
  assert.doesNotMatch(text, /SHELL_INGRESS/);
});

test('the library gives no warnings', () => {
  Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
});

test('the rules of the platform team are met', () => {
  const app = new App();
  Validations.of(app).addPlugins(new MicrovmPolicyValidation({ allowInternetEgress: true, maximumDuration: Duration.hours(4) }));
  new SandboxStack(app, 'Test');
  assert.doesNotThrow(() => app.synth());
});

test('an invalid property is an error with a code', () => {
  const code = MicrovmCode.fromInline('FROM public.ecr.aws/lambda/microvms:al2023-minimal');
  assert.throws(() => new MicrovmImage(stack, 'Invalid', { code, retainedVersions: 1 }), /MicrovmImageRetainedVersionsInvalid/);
});
