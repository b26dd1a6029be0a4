import { Duration } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { EXECUTION_ROLE, IMAGE, managed, OTHER_IMAGE, testFragment, testLauncher } from './support';
import { MicrovmStateMachineFragment } from '../../src';
import { expectAnswers } from '../support/iam';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

test('the function of a fragment may launch and terminate MicroVMs of the launcher, and nothing else', async () => {
  const policies = ResolvedTemplate.stack(testFragment().stack).policiesOf('SandboxedRole');
  const on = (resource: string, ...actions: string[]) => actions.map(action => ({ action, resource }));
  await expectAnswers(policies, true, [
    ...on(IMAGE, 'lambda:RunMicrovm', 'lambda:GetMicrovm', 'lambda:TerminateMicrovm'),
    ...on(EXECUTION_ROLE, 'iam:PassRole'),
    ...on(managed('HTTP_INGRESS'), 'lambda:PassNetworkConnector'),
  ]);
  await expectAnswers(policies, false, [
    ...on(IMAGE, 'lambda:SuspendMicrovm', 'lambda:ResumeMicrovm', 'lambda:CreateMicrovmAuthToken', 'lambda:CreateMicrovmShellAuthToken'),
    ...on(OTHER_IMAGE, 'lambda:RunMicrovm', 'lambda:TerminateMicrovm'),
    ...on('*', 'lambda:ListMicrovms'),
  ]);
});

test('the function of a fragment has the launch request in its environment', () => {
  Template.fromStack(testFragment().stack).hasResourceProperties('AWS::Lambda::Function', {
    Handler: 'index.workflow', Environment: { Variables: { MICROVM_LAUNCH_REQUEST: Match.anyValue() } },
  });
});

test('a state machine can contain several fragments', () => {
  const { stack, launcher } = testLauncher();
  const [first, second] = ['First', 'Second'].map(id =>
    new MicrovmStateMachineFragment(stack, id, { launcher, body: new sfn.Pass(stack, `${id}Body`) }));
  new sfn.StateMachine(stack, 'Machine', { definitionBody: sfn.DefinitionBody.fromChainable(first.next(second)) });
  expect(() => Template.fromStack(stack)).not.toThrow();
});

test('a fragment fails at synth for a payload that the service would reject', () => {
  expect(() => testFragment(() => ({ payload: 'x'.repeat(4_097) }))).toThrow('MicrovmPayloadTooLong');
});

test('a fragment fails at synth for a launch timeout out of range', () => {
  expect(() => testFragment(() => ({ launchTimeout: Duration.seconds(1) }))).toThrow('MicrovmStateMachineFragmentInvalid');
});
