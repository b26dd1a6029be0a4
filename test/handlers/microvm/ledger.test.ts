import type { SSMClient } from '@aws-sdk/client-ssm';
import { ID, launch, TOKEN } from './inputs';
import { LONGEST_RECORD } from '../../../src/contract/microvm';
import { CallLimits } from '../../../src/handlers/engine/calls';
import { OutOfTimeError } from '../../../src/handlers/engine/errors';
import { ParameterLedger } from '../../../src/handlers/microvm/ledger';
import { FakeClock, NOW, serviceError } from '../engine/inputs';

const PATH = '/cdk-lambda-microvms/0f2c/Shared';

/** The parameters of a simulated Parameter Store, which lists one per page. */
class Parameters {
  public readonly values = new Map<string, string>();
  public readonly calls: string[] = [];

  public ledger(end = Infinity): ParameterLedger {
    const client = { send: async (command: { constructor: { name: string }; input: any }) => this.answer(command.constructor.name, command.input) };
    return new ParameterLedger(client as unknown as SSMClient, PATH, new CallLimits(new FakeClock(), end));
  }

  private answer(command: string, input: any): object {
    this.calls.push(command);
    switch (command) {
      case 'PutParameterCommand':
        if (this.values.has(input.Name) && !input.Overwrite) throw serviceError('ParameterAlreadyExists', 'The parameter already exists.');
        expect(input.Value.length).toBeLessThanOrEqual(4_096);
        this.values.set(input.Name, input.Value);
        return {};
      case 'DeleteParameterCommand':
        if (!this.values.delete(input.Name)) throw serviceError('ParameterNotFound', '');
        return {};
      default: {
        const found = [...this.values].filter(([name]) => name.startsWith(`${input.Path}/`)).map(([Name, Value]) => ({ Name, Value }));
        const at = Number(input.NextToken ?? 0);
        return { Parameters: found.slice(at, at + 1), NextToken: at + 1 < found.length ? String(at + 1) : undefined };
      }
    }
  }
}

test('recorded launches are found on all pages', async () => {
  const parameters = new Parameters();
  const second = launch({ name: `${TOKEN}-2`, microvmId: undefined });
  await parameters.ledger().record(launch());
  await parameters.ledger().record(second);
  expect([...parameters.values.keys()]).toEqual([`${PATH}/${TOKEN}`, `${PATH}/${TOKEN}-2`]);
  expect(await parameters.ledger().launches()).toEqual([launch(), second]);
});

test('a record is not overwritten by recording the launch again, but can be updated', async () => {
  const parameters = new Parameters();
  expect(await parameters.ledger().record(launch())).toBe(true);
  expect(await parameters.ledger().record(launch({ microvmId: undefined }))).toBe(false);
  expect(await parameters.ledger().launches()).toEqual([launch()]);
  await parameters.ledger().write(launch({ runningAt: 1 }));
  expect(await parameters.ledger().launches()).toEqual([launch({ runningAt: 1 })]);
});

test('a record is deleted once, and may be deleted again', async () => {
  const parameters = new Parameters();
  await parameters.ledger().record(launch());
  await parameters.ledger().forget(launch());
  await parameters.ledger().forget(launch());
  expect(parameters.values.size).toBe(0);
});

test('the longest launch fits into a parameter', async () => {
  const parameters = new Parameters();
  const arn = `arn:aws-us-gov:lambda:us-gov-west-1:123456789012:network-connector:nc-${'0'.repeat(64)}`;
  const request = {
    imageIdentifier: `arn:aws-us-gov:lambda:us-gov-west-1:123456789012:microvm-image:${'i'.repeat(64)}`,
    imageVersion: '50.0',
    executionRoleArn: `arn:aws-us-gov:iam::123456789012:role/${'r'.repeat(64)}`,
    ingressNetworkConnectors: [arn, arn],
    egressNetworkConnectors: [arn],
    idlePolicy: { maxIdleDurationSeconds: 28_800, suspendedDurationSeconds: 28_800, autoResumeEnabled: false },
    maximumDurationInSeconds: 28_800,
    logging: { cloudWatch: { logGroup: 'g'.repeat(200) } },
    runHookPayload: '"'.repeat(1_024),
  };
  const recorded = launch({ request, delivery: NOW, microvmId: undefined });
  const outcome = { passed: false, why: 'w'.repeat(300) } as const;
  await parameters.ledger().record(recorded);
  await parameters.ledger().write({ ...recorded, microvmId: ID, runningAt: NOW, outcome });
});

test('a launch whose record could outgrow its parameter is rejected before it is requested', async () => {
  const parameters = new Parameters();
  const { name: _, ...short } = launch({ microvmId: undefined, request: { imageIdentifier: '' } });
  const recordOf = async (length: number) => parameters.ledger()
    .record(launch({ microvmId: undefined, request: { imageIdentifier: 'i'.repeat(length - JSON.stringify(short).length) } }));
  await expect(recordOf(LONGEST_RECORD + 1)).rejects.toMatchObject({ code: 'MicrovmLaunchRejected', hints: [{ property: 'payload', text: expect.stringContaining('S3') }] });
  expect(parameters.calls).toEqual([]);
  await expect(recordOf(LONGEST_RECORD)).resolves.toBe(true);
});

test('a launch is rejected if Parameter Store rejects its record as too long', async () => {
  const client = { send: async () => { throw serviceError('ValidationException', 'Member must have length less than or equal to 4096'); } };
  const ledger = new ParameterLedger(client as unknown as SSMClient, PATH, new CallLimits(new FakeClock(), Infinity));
  await expect(ledger.record(launch())).rejects.toMatchObject({ code: 'MicrovmLaunchRejected', hints: [{ property: 'payload' }] });
});

test.each(['{"request":', 'null', '[]', '"text"', '{}', JSON.stringify({ ...launch(), request: null }), JSON.stringify({ ...launch(), launchedAt: '1' })])(
  'a parameter that is not a record is named, beside the launches that are readable: %s', async value => {
    const parameters = new Parameters();
    await parameters.ledger().record(launch());
    parameters.values.set(`${PATH}/damaged`, value);
    await expect(parameters.ledger().launches()).rejects.toMatchObject({
      parameters: [`${PATH}/damaged`], launches: [launch()], message: expect.stringContaining(`${PATH}/damaged`),
    });
  });

test('other errors are passed on', async () => {
  const client = { send: async () => { throw serviceError('AccessDeniedException', 'no'); } };
  const ledger = new ParameterLedger(client as unknown as SSMClient, PATH, new CallLimits(new FakeClock(), Infinity));
  for (const call of [ledger.record(launch()), ledger.forget(launch()), ledger.launches()]) await expect(call).rejects.toThrow('no');
});

test('a call is not made if there is no time for it', async () => {
  await expect(new Parameters().ledger(new FakeClock().now()).launches()).rejects.toThrow(OutOfTimeError);
});
