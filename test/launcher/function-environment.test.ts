import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { testFunction, testLauncher } from './support';
import { MicrovmEgress, MicrovmIngress, MicrovmLauncher } from '../../src';
import { ACCOUNT, testApp, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

/** Creates launchers of one image, and adds their requests to one function. */
function launchersIn(stack: Stack, count: number) {
  const { image } = testLauncher({}, stack);
  const fn = testFunction(stack);
  const launchers = Array.from({ length: count }, (_, index) =>
    new MicrovmLauncher(stack, `Launcher${index}`, { image, ingress: MicrovmIngress.httpWithShell(), egress: MicrovmEgress.internet() }));
  return { fn, launchers };
}

test('a second launcher in the same variable fails, and the error names both', () => {
  const { fn, launchers: [first, second] } = launchersIn(testStack(), 2);
  first.addToFunction(fn);
  expect(() => second.addToFunction(fn)).toThrow(
    "environmentVariable: 'MICROVM_LAUNCH_REQUEST' of Test/Backend is already for launcher Test/Launcher0; pass another environmentVariable for launcher "
    + 'Test/Launcher1 [MicrovmLauncherEnvironmentVariableTaken at Test/Launcher1]');
  second.addToFunction(fn, { environmentVariable: 'SECOND' });
  expect(() => first.addToFunction(fn, { environmentVariable: 'SECOND' })).toThrow('MicrovmLauncherEnvironmentVariableTaken at Test/Launcher0');
});

test('a function of another Region fails with both places, before the CDK asks for physical names', () => {
  const app = testApp();
  const { launcher } = testLauncher({}, testStack(app));
  const fn = testFunction(testStack(app, 'Other', { env: { account: ACCOUNT, region: 'us-east-1' } }));
  expect(() => launcher.addToFunction(fn)).toThrow(
    /^fn: is in 123456789012\/us-east-1, and this construct in 123456789012\/eu-west-1; functions of another .*MicrovmLauncherCrossEnvironment at Test\/Launcher\]/);
});

test('the same launcher may be added again, and other functions may have another launcher', () => {
  const stack = testStack();
  const { fn, launchers: [first, second] } = launchersIn(stack, 2);
  first.addToFunction(fn);
  first.addToFunction(fn);
  second.addToFunction(testFunction(stack, 'Other'));
  const { Environment: environment } = ResolvedTemplate.stack(stack).resource('AWS::Lambda::Function', 'Backend').Properties;
  expect(Object.keys(environment.Variables)).toEqual(['MICROVM_LAUNCH_REQUEST']);
});

test.each<[string, () => Stack]>([
  ['of a known account and Region', () => testStack()],
  ['of any account and Region', () => new Stack(new App(), 'Test')],
])('variables that are certainly too large fail at synth, in a stack %s', (_, make) => {
  const synth = (count: number) => {
    const stack = make();
    const { fn, launchers } = launchersIn(stack, count);
    launchers.forEach((launcher, index) => launcher.addToFunction(fn, { environmentVariable: `REQUEST_${index}` }));
    return Template.fromStack(stack);
  };
  expect(() => synth(4)).not.toThrow();
  expect(() => synth(9)).toThrow(/environmentVariable: .* need at least \d{4} bytes, and Lambda accepts 4096.*MicrovmLauncherEnvironmentTooLarge at Test\/Backend\]/);
});

test('other variables of the function count too', () => {
  const stack = testStack();
  const { fn, launchers: [launcher] } = launchersIn(stack, 1);
  launcher.addToFunction(fn);
  fn.addEnvironment('LONG', '"'.repeat(1_800)); // Lambda measures JSON, so each quote counts twice
  expect(() => Template.fromStack(stack)).toThrow('MicrovmLauncherEnvironmentTooLarge');
});
