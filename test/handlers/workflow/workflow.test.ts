import type { Stack } from 'aws-cdk-lib';
import { Duration } from 'aws-cdk-lib';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Definition } from './states';
import { StateError, StateMachine } from './states';
import type { Microvm } from '../../../src/handlers/microvm/observed';
import { work } from '../../../src/handlers/workflow/workflow';
import { IMAGE, jsonataBody, testFragment } from '../../launcher/support';
import { ResolvedTemplate } from '../../support/template';
import { FakeClock, SECOND, serviceError } from '../engine/inputs';

jest.mock('../../../src/private/bundle', () => jest.requireActual('../../support/no-bundle'));

/** A fake of the service with the calls of the handler, and with the given failures. */
class Service {
  public readonly alive = new Map<string, Microvm>();
  public readonly requests: any[] = [];
  public readonly clock = new FakeClock();
  public launched = 0;
  private readonly tokens = new Map<string, string>();

  public constructor(private readonly options: { runsAfter?: number; endsEarly?: boolean; lostAnswers?: number; rejection?: Error } = {}) {}

  public async launch(request: object, token: string) {
    if (this.options.rejection) throw this.options.rejection;
    this.requests.push(request);
    const id = this.tokens.get(token) ?? `microvm-${++this.launched}`;
    if (!this.tokens.has(token)) {
      this.alive.set(id, { id, state: 'PENDING', endpoint: 'host', imageVersion: '1.0', imageArn: 'image', observedAt: this.clock.now() });
    }
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

/** Executes the synthesized state machine with the code of its function. */
async function execute(service: Service, ...[props, queryLanguage]: Parameters<typeof testFragment>) {
  const { stack } = testFragment(props, queryLanguage);
  const machine = ResolvedTemplate.stack(stack).resource('AWS::StepFunctions::StateMachine', 'Machine').Properties;
  const definition = JSON.parse(machine.DefinitionString) as Definition;
  const world = { clock: service.clock, microvms: service, request: { imageIdentifier: IMAGE } };
  const invoke = async (payload: any) => JSON.parse(JSON.stringify(await work(payload, world)));
  return new StateMachine(definition, invoke, seconds => { service.clock.time += seconds * SECOND; }).run({ order: 'first' });
}

describe('an execution of a state machine fragment', () => {
  test('launches a MicroVM, executes the body, terminates the MicroVM, and returns the output of the body', async () => {
    const service = new Service();
    expect(await execute(service)).toEqual({ id: 'microvm-1', order: 'first' });
    expect([service.launched, service.alive.size]).toEqual([1, 0]);
  });

  test('launches one MicroVM, even if responses of the launch are lost', async () => {
    const service = new Service({ lostAnswers: 2 });
    expect(await execute(service)).toMatchObject({ id: 'microvm-1' });
    expect([service.launched, service.alive.size]).toEqual([1, 0]);
  });

  test('terminates the MicroVM, even if no response of the launch arrives', async () => {
    const service = new Service({ lostAnswers: 7 });
    await expect(execute(service)).rejects.toMatchObject({ name: 'TimeoutError', message: 'no answer' });
    expect([service.launched, service.alive.size]).toEqual([1, 0]);
  });

  test('terminates the MicroVM if the body fails, and fails with the name and cause of that error', async () => {
    const service = new Service();
    const failing = (stack: Stack) => ({ body: new sfn.Fail(stack, 'NoGood', { error: 'NoGood', cause: 'it is no good' }) });
    await expect(execute(service, failing)).rejects.toEqual(new StateError('NoGood', 'it is no good'));
    expect([service.launched, service.alive.size]).toEqual([1, 0]);
  });

  test('fails with the reason if the MicroVM ends early', async () => {
    const service = new Service({ endsEarly: true });
    await expect(execute(service)).rejects.toMatchObject({ name: 'MicrovmTerminatedEarly', message: expect.stringContaining('The application ended') });
    expect(service.alive.size).toBe(0);
  });

  test('terminates the MicroVM and fails if it does not run in time', async () => {
    const service = new Service({ runsAfter: Infinity });
    await expect(execute(service, () => ({ launchTimeout: Duration.seconds(30) })))
      .rejects.toMatchObject({ name: 'MicrovmLaunchTimedOut', message: expect.stringContaining('30 seconds') });
    expect([service.launched, service.alive.size]).toEqual([1, 0]);
  });

  test('waits for two minutes by default until the MicroVM runs', async () => {
    await expect(execute(new Service({ runsAfter: Infinity })))
      .rejects.toMatchObject({ name: 'MicrovmLaunchTimedOut', message: expect.stringContaining('120 seconds') });
  });

  test('fails with the error of the service if it rejects the launch', async () => {
    const service = new Service({ rejection: serviceError('ValidationException', 'The run hook must be enabled') });
    await expect(execute(service)).rejects.toMatchObject({ name: 'ValidationException', message: 'The run hook must be enabled' });
  });

  test('passes a payload from its input to the run hook', async () => {
    const service = new Service();
    await execute(service, () => ({ payload: sfn.JsonPath.stringAt('$.order') }));
    expect(service.requests).toEqual([{ imageIdentifier: IMAGE, runHookPayload: 'first' }]);
  });

  test('passes a payload to the run hook from a JSONata expression, as an object, or as an object with expressions', async () => {
    const payloadOf = async (...args: Parameters<typeof testFragment>) => {
      const service = new Service();
      await execute(service, ...args);
      return service.requests.map(({ runHookPayload }) => runHookPayload);
    };
    expect(await payloadOf(() => ({ payload: '{% $states.input.order %}' }))).toEqual(['first']);
    expect(await payloadOf(() => ({ payload: '{% $states.input %}' }))).toEqual([expect.stringMatching(/^\{"order":"first",.*\}$/)]);
    expect(await payloadOf(() => ({ payloadObject: { tenant: 'a', order: '{% $states.input.order %}' } }))).toEqual(['{"tenant":"a","order":"first"}']);
    expect(await payloadOf(() => ({ payloadObject: { job: { order: sfn.JsonPath.stringAt('$.order') } } }))).toEqual(['{"job":{"order":"first"}}']);
    expect(await payloadOf(stack => ({ payloadObject: { order: '{% $states.input.order %}' }, body: jsonataBody(stack) }), sfn.QueryLanguage.JSONATA))
      .toEqual(['{"order":"first"}']);
  });

  test('sends the payload again when it terminates a MicroVM whose launch had no response', async () => {
    const service = new Service({ lostAnswers: 7 });
    await expect(execute(service, () => ({ payload: sfn.JsonPath.stringAt('$.order') }))).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(new Set(service.requests.map(({ runHookPayload }) => runHookPayload))).toEqual(new Set(['first']));
    expect([service.launched, service.alive.size]).toEqual([1, 0]);
  });

  test.each([
    ['in JSONata', sfn.QueryLanguage.JSONATA],
    ['in JSONPath, with a body in JSONata', sfn.QueryLanguage.JSON_PATH],
  ])('does the same %s', async (_, queryLanguage) => {
    const service = new Service();
    expect(await execute(service, stack => ({ body: jsonataBody(stack) }), queryLanguage)).toEqual({ id: 'microvm-1', order: 'first' });
    expect([service.launched, service.alive.size]).toEqual([1, 0]);

    const failing = new Service();
    await expect(execute(failing, stack => ({ body: sfn.Fail.jsonata(stack, 'NoGood', { error: 'NoGood' }) }), queryLanguage))
      .rejects.toEqual(new StateError('NoGood', ''));
    expect([failing.launched, failing.alive.size]).toEqual([1, 0]);
  });

  test('returns any output of the body as it is', async () => {
    const outputOf = async (outputs: unknown) =>
      execute(new Service(), stack => ({ body: sfn.Pass.jsonata(stack, 'Work', { outputs }) }), sfn.QueryLanguage.JSONATA);
    for (const output of [[], [1], [[1, 2]], 0, 'text', { a: [] }]) expect(await outputOf(output)).toEqual(output);
    expect(await outputOf('{% null %}')).toBe(null);
  });
});
