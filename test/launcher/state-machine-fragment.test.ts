import { Duration } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Definition } from './states';
import { StateError, StateMachine } from './states';
import { IMAGE, managed, OTHER_IMAGE, testLauncher } from './support';
import type { MicrovmStateMachineFragmentProps } from '../../src';
import { MicrovmStateMachineFragment } from '../../src';
import type { Microvm } from '../../src/handlers/microvm/observed';
import { work } from '../../src/handlers/workflow/workflow';
import { FakeClock, SECOND, serviceError } from '../handlers/engine/inputs';
import { expectAnswers } from '../support/iam';
import type { testStack } from '../support/stacks';
import { ACCOUNT } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

function testWorkflow(props: (stack: ReturnType<typeof testStack>) => Partial<MicrovmStateMachineFragmentProps> = () => ({})) {
  const { stack, launcher } = testLauncher();
  const body = new sfn.Pass(stack, 'Body', { parameters: { id: sfn.JsonPath.stringAt('$.microvm.microvmId'), order: sfn.JsonPath.stringAt('$.order') } });
  const workflow = new MicrovmStateMachineFragment(stack, 'Sandboxed', { launcher, body, ...props(stack) });
  new sfn.StateMachine(stack, 'Machine', { definitionBody: sfn.DefinitionBody.fromChainable(workflow) });
  return { stack, workflow };
}

/** The service, as far as workflows call it, and what goes wrong with its calls. */
class Service {
  public readonly alive = new Map<string, Microvm>();
  public readonly requests: any[] = [];
  public readonly clock = new FakeClock();
  public launched = 0;
  private readonly tokens = new Map<string, string>();

  public constructor(private readonly options: { runsAfter?: number; endsEarly?: boolean; lostAnswers?: number; refused?: Error } = {}) {}

  public async launch(request: object, token: string) {
    if (this.options.refused) throw this.options.refused;
    this.requests.push(request);
    const id = this.tokens.get(token) ?? `microvm-${++this.launched}`;
    if (!this.tokens.has(token)) this.alive.set(id, { id, state: 'PENDING', endpoint: 'host', imageVersion: '1.0', observedAt: this.clock.now() });
    this.tokens.set(token, id);
    if (this.requests.length <= (this.options.lostAnswers ?? 0)) throw serviceError('TimeoutError', 'no answer');
    return { id };
  }

  public async microvm(id: string): Promise<Microvm | 'absent'> {
    const found = this.alive.get(id);
    if (found && this.options.endsEarly) {
      this.alive.delete(id);
      return { ...found, state: 'TERMINATED', stateReason: 'The application ended' };
    }
    return found ? { ...found, state: this.clock.now() >= found.observedAt + (this.options.runsAfter ?? 3 * SECOND) ? 'RUNNING' : 'PENDING' } : 'absent';
  }

  public async terminate(id: string) {
    this.alive.delete(id);
  }
}

/** Runs the synthesized states with the code of their function. */
async function execute(service: Service, props?: Parameters<typeof testWorkflow>[0]) {
  const { stack } = testWorkflow(props);
  const machine = ResolvedTemplate.stack(stack).resource('AWS::StepFunctions::StateMachine', 'Machine').Properties;
  const definition = JSON.parse(machine.DefinitionString) as Definition;
  const world = { clock: service.clock, microvms: service, request: { imageIdentifier: IMAGE } };
  const invoke = async (payload: any) => JSON.parse(JSON.stringify(await work(payload, world)));
  return new StateMachine(definition, invoke, seconds => { service.clock.time += seconds * SECOND; }).run({ order: 'first' });
}

describe('a workflow with a MicroVM', () => {
  test('launches it, does its work, and terminates it; its output is that of the work', async () => {
    const service = new Service();
    expect(await execute(service)).toEqual({ id: 'microvm-1', order: 'first' });
    expect([service.launched, service.alive.size]).toEqual([1, 0]);
  });

  test('launches one, though the answer of the launch is lost', async () => {
    const service = new Service({ lostAnswers: 2 });
    expect(await execute(service)).toMatchObject({ id: 'microvm-1' });
    expect([service.launched, service.alive.size]).toEqual([1, 0]);
  });

  test('terminates one whose answer never arrives', async () => {
    const service = new Service({ lostAnswers: 7 });
    await expect(execute(service)).rejects.toMatchObject({ name: 'TimeoutError', message: 'no answer' });
    expect([service.launched, service.alive.size]).toEqual([1, 0]);
  });

  test('passes the error of its work on, with name and cause, once the MicroVM is terminated', async () => {
    const service = new Service();
    const failing = (stack: ReturnType<typeof testStack>) => ({ body: new sfn.Fail(stack, 'NoGood', { error: 'NoGood', cause: 'it is no good' }) });
    await expect(execute(service, failing)).rejects.toEqual(new StateError('NoGood', 'it is no good'));
    expect([service.launched, service.alive.size]).toEqual([1, 0]);
  });

  test('fails with the reason if the MicroVM ends early', async () => {
    const service = new Service({ endsEarly: true });
    await expect(execute(service)).rejects.toMatchObject({ name: 'MicrovmEndedEarly', message: expect.stringContaining('The application ended') });
    expect(service.alive.size).toBe(0);
  });

  test('fails and terminates the MicroVM if it does not run in time', async () => {
    const service = new Service({ runsAfter: Infinity });
    await expect(execute(service, () => ({ launchTimeout: Duration.seconds(30) }))).rejects.toMatchObject({ name: 'MicrovmLaunchTimedOut', message: expect.stringContaining('30 seconds') });
    expect([service.launched, service.alive.size]).toEqual([1, 0]);
  });

  test('fails with the refusal if the launch is refused', async () => {
    const service = new Service({ refused: serviceError('ValidationException', 'The run hook must be enabled') });
    await expect(execute(service)).rejects.toMatchObject({ name: 'ValidationException', message: 'The run hook must be enabled' });
  });

  test('hands a payload to the run hook, also from its input', async () => {
    const service = new Service();
    await execute(service, () => ({ payload: sfn.JsonPath.stringAt('$.order') }));
    expect(service.requests).toEqual([{ imageIdentifier: IMAGE, runHookPayload: 'first' }]);
  });
});

test('the function of a workflow may launch as the launcher does and terminate what it launched, and nothing else', async () => {
  const policies = ResolvedTemplate.stack(testWorkflow().stack).policiesOf('SandboxedRole');
  const on = (resource: string, ...actions: string[]) => actions.map(action => ({ action, resource }));
  await expectAnswers(policies, true, [
    ...on(IMAGE, 'lambda:RunMicrovm', 'lambda:GetMicrovm', 'lambda:TerminateMicrovm'),
    ...on(`arn:aws:iam::${ACCOUNT}:role/Test-Launcher-F1880079-C7DC2DAC-eu-west-1`, 'iam:PassRole'),
    ...on(managed('HTTP_INGRESS'), 'lambda:PassNetworkConnector'),
  ]);
  await expectAnswers(policies, false, [
    ...on(IMAGE, 'lambda:SuspendMicrovm', 'lambda:ResumeMicrovm', 'lambda:CreateMicrovmAuthToken', 'lambda:CreateMicrovmShellAuthToken'),
    ...on(OTHER_IMAGE, 'lambda:RunMicrovm', 'lambda:TerminateMicrovm'),
    ...on('*', 'lambda:ListMicrovms'),
  ]);
});

test('the function of a workflow is told what to launch', () => {
  Template.fromStack(testWorkflow().stack).hasResourceProperties('AWS::Lambda::Function', {
    Handler: 'index.workflow', Environment: { Variables: { MICROVM_LAUNCH_REQUEST: Match.anyValue() } },
  });
});

test('several workflows find room in one state machine', () => {
  const { stack, launcher } = testLauncher();
  const [first, second] = ['First', 'Second'].map(id => new MicrovmStateMachineFragment(stack, id, { launcher, body: new sfn.Pass(stack, `${id}Body`) }));
  new sfn.StateMachine(stack, 'Machine', { definitionBody: sfn.DefinitionBody.fromChainable(first.next(second)) });
  expect(() => Template.fromStack(stack)).not.toThrow();
});

test('a workflow fails at synth for a payload that the service would not take', () => {
  expect(() => testWorkflow(() => ({ payload: 'x'.repeat(4_097) }))).toThrow('MicrovmPayloadTooLong');
});

test('a workflow fails at synth for a time-out out of range', () => {
  expect(() => testWorkflow(() => ({ launchTimeout: Duration.seconds(1) }))).toThrow('MicrovmStateMachineFragmentInvalid');
});
