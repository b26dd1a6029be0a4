import { Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { IMicrovmLauncher, MicrovmHealthCheck, MicrovmLauncherProps, MicrovmProps, MicrovmStateMachineFragmentProps } from '../../src';
import {
  Microvm, MicrovmEgress, MicrovmHooks, MicrovmIngress, MicrovmLaunchCheck, MicrovmLauncher, MicrovmStateMachineFragment,
} from '../../src';
import { ACCOUNT, REGION, testImage, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

export const IMAGE = `arn:aws:lambda:${REGION}:${ACCOUNT}:microvm-image:sandbox`;
export const OTHER_IMAGE = `arn:aws:lambda:${REGION}:${ACCOUNT}:microvm-image:sandbox2`;
export const OTHER_CONNECTOR = `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-other`;

/** The execution role of `testLauncher()`. */
export const EXECUTION_ROLE = `arn:aws:iam::${ACCOUNT}:role/Test-Launcher-F1880079-C7DC2DAC-eu-west-1`;

export function managed(name: string): string {
  return `arn:aws:lambda:${REGION}:aws:network-connector:aws-network-connector:${name}`;
}

/** Creates a launcher with default properties and an image named `sandbox`. */
export function testLauncher(props: Partial<MicrovmLauncherProps> = {}, stack: Stack = testStack()) {
  const image = props.image ?? testImage({ microvmImageName: 'sandbox', hooks: MicrovmHooks.withReady({ port: 8080, run: {} }) }, stack);
  const launcher = new MicrovmLauncher(stack, 'Launcher', { image, ingress: MicrovmIngress.http(), egress: MicrovmEgress.internet(), ...props });
  return { stack, image, launcher };
}

/** Returns the launch request as a deployment resolves it. */
export function requestOf(launcher: IMicrovmLauncher): any {
  const stack = Stack.of(launcher);
  return JSON.parse(ResolvedTemplate.stack(stack).resolve(stack.resolve(launcher.launchRequest)));
}

export function testL1Image(stack: Stack): lambda.CfnMicrovmImage {
  return new lambda.CfnMicrovmImage(stack, 'L1', {
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
  });
}

export function testFunction(stack: Stack, id = 'Backend'): lambda.Function {
  return new lambda.Function(stack, id, { runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler', code: lambda.Code.fromInline('//') });
}

/** Creates a MicroVM of a launcher of `testLauncher()`. */
export function testMicrovm(props: Partial<MicrovmProps> = {}, launcherProps: Partial<MicrovmLauncherProps> = {}, stack = testStack()) {
  const { launcher } = testLauncher(launcherProps, stack);
  return { stack, launcher, microvm: new Microvm(stack, 'Shared', { launcher, ...props }) };
}

/** Creates a launch check of a launcher of `testLauncher()`. */
export function testCheck(healthCheck?: MicrovmHealthCheck, launcherProps: Partial<MicrovmLauncherProps> = {}, stack = testStack()) {
  const { launcher } = testLauncher(launcherProps, stack);
  return { stack, check: new MicrovmLaunchCheck(stack, 'Check', { launcher, healthCheck }) };
}

/** A body in JSONata that returns the ID of the MicroVM and a member of the input. */
export function jsonataBody(stack: Stack): sfn.Pass {
  return sfn.Pass.jsonata(stack, 'Work', { outputs: { id: '{% $states.input.microvm.microvmId %}', order: '{% $states.input.order %}' } });
}

/** Creates a state machine with one fragment, whose body returns the ID of the MicroVM and a member of the input. */
export function testFragment(
  props: (stack: Stack) => Partial<MicrovmStateMachineFragmentProps> = () => ({}), queryLanguage?: sfn.QueryLanguage,
) {
  const { stack, launcher } = testLauncher();
  const body = new sfn.Pass(stack, 'Body', {
    parameters: { id: sfn.JsonPath.stringAt('$.microvm.microvmId'), order: sfn.JsonPath.stringAt('$.order') },
  });
  const fragment = new MicrovmStateMachineFragment(stack, 'Sandboxed', { launcher, body, ...props(stack) });
  new sfn.StateMachine(stack, 'Machine', { definitionBody: sfn.DefinitionBody.fromChainable(fragment), queryLanguage });
  return { stack, fragment };
}
