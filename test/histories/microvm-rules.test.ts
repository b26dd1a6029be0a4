import type { MicrovmProperties } from '../../src/contract/microvm';
import { MICROVM_LAUNCH_CHECK_RESOURCE_TYPE, MICROVM_RESOURCE_TYPE } from '../../src/contract/microvm';
import type { PollEvent } from '../../src/handlers/engine/event';
import { hash } from '../../src/handlers/engine/fingerprint';
import { physicalIdOfLaunch } from '../../src/handlers/microvm/launch';
import type { LaunchServices } from '../../src/handlers/microvm/service';
import type { Properties, StackModel } from '../../tools/histories/cloudformation';
import type { Event } from '../../tools/histories/history';
import type { MicrovmEvent, MicrovmHistory, MicrovmSpec } from '../../tools/histories/microvm-history';
import { executionRoleArn, FORGED_DURATION, microvmProperties } from '../../tools/histories/microvm-history';
import { runMicrovms } from '../../tools/histories/microvm-runner';
import type { TestBedOptions, Variant } from '../../tools/histories/test-bed';
import { TestBed } from '../../tools/histories/test-bed';
import type { CallFault, FaultPlan } from '../../tools/simulator/faults';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

/**
 * Tests each rule of MicroVMs with a history that needs it. With the rule, all invariants hold. Without it, one is
 * violated.
 *
 * The handler has no switches: a rule is switched off by changing what the handler receives.
 */

const shared: MicrovmSpec = { image: 'good', lifetime: 480, hasHealthCheck: false };
const other: MicrovmSpec = { ...shared, image: 'other' };
const deploy = (A: MicrovmSpec, circumstances = {}): Event<MicrovmSpec> | MicrovmEvent => ({ do: 'deploy', template: { A }, circumstances });

/** All earlier launches look as if their requests were different. */
const withoutFingerprints: Variant = {
  launches: ({ ledger, ...services }) => ({
    ...services,
    ledger: { ...ledger, launches: async () => (await ledger.launches()).map(launch => ({ ...launch, fingerprint: hash(launch.name) })) },
  }),
};

function withLedger(change: (ledger: LaunchServices['ledger']) => Partial<LaunchServices['ledger']>): Variant {
  return { launches: services => ({ ...services, ledger: { ...services.ledger, ...change(services.ledger) } }) };
}

/** Returns an event whose old properties have the request of a stranger. */
function withForgedProperties(event: PollEvent): PollEvent {
  const properties = event.ResourceProperties as MicrovmProperties;
  const request = { ...JSON.parse(properties.LaunchRequest), maximumDurationInSeconds: FORGED_DURATION };
  return { ...event, OldResourceProperties: { ...properties, LaunchRequest: JSON.stringify(request) } };
}

interface Rule {
  readonly rule: string;
  readonly history: MicrovmHistory;
  readonly without: Variant | 'stack view';
  readonly violation: RegExp;
}

const rules: Rule[] = [
  {
    rule: 'fence: a canceled operation launches no more MicroVMs',
    // No launch can be recorded until the operation is canceled, but afterwards one could.
    // The image stays the same: a role for another image would have been deleted by then.
    history: { events: [deploy(shared), deploy({ ...shared, lifetime: 60 }, { siblingFailsAfter: 8_000 })], ledgerFaults: [5, 6, 8, 10].map(nth => ({ nth, fault: { kind: 'error' } })) },
    without: 'stack view',
    violation: /left behind|are alive instead of/,
  },
  {
    rule: 'grace: a rollback waits until records of the canceled operation have been written',
    history: {
      events: [deploy(shared), deploy(other, { siblingFailsAfter: 0 })],
      ledgerFaults: [{ nth: 5, fault: { kind: 'error' } }, { nth: 7, fault: { kind: 'lateLanding', afterMs: 4_000 } }],
    },
    without: { event: event => ({ ...event, Operation: { ...event.Operation, StartedAt: event.Operation.StartedAt - 10_000 } }) },
    violation: /left behind/,
  },
  {
    rule: 'ledger: a launch is recorded before it is requested, so that its MicroVM can be terminated if the answer is lost',
    history: {
      events: [deploy(shared, { siblingFailsAfter: 1_000 })],
      faults: { calls: [{ operation: 'RunMicrovm', nth: 0, fault: { kind: 'lostAnswer' } }] },
    },
    without: withLedger(() => ({ record: async () => true })),
    violation: /left behind/,
  },
  {
    rule: 'delivery: only the one that recorded a launch requests it, because the other would not know that it was rejected',
    history: {
      events: [deploy(shared, { secondDeliveryAfter: 20, siblingFailsAfter: 3_000 })],
      faults: { calls: [{ operation: 'RunMicrovm', nth: 0, fault: { kind: 'quota' } }, { operation: 'RunMicrovm', nth: 1, fault: { kind: 'lostAnswer' } }] },
    },
    without: withLedger(ledger => ({
      record: async launch => { await ledger.record(launch); return true; },
      launches: async () => (await ledger.launches()).map(launch => ({ ...launch, delivery: undefined })),
    })),
    violation: /left behind/,
  },
  {
    rule: 'rejected launch: the record says so only until the next request, whose answer may be lost',
    history: {
      events: [deploy(shared, { siblingFailsAfter: 9_000 })],
      faults: { calls: [{ operation: 'RunMicrovm', nth: 0, fault: { kind: 'quota' } }, { operation: 'RunMicrovm', nth: 1, fault: { kind: 'lostAnswer' } }] },
    },
    without: withLedger(ledger => ({
      launches: async () => (await ledger.launches()).map(launch => launch.microvmId === undefined ? { ...launch, rejected: true } : launch),
    })),
    violation: /left behind/,
  },
  {
    rule: 'client token: it identifies the operation and not the content, because the service never forgets a token',
    history: { events: [deploy(shared), { do: 'deleteStack' }, deploy(shared)] },
    without: {
      launches: services => ({
        ...services, microvms: { ...services.microvms, launch: async request => services.microvms.launch({ ...request, executionRoleArn: 'arn:aws:iam::123456789012:role/any' } as typeof request, hash('content')) },
      }),
    },
    violation: /fails without a reason|left behind/,
  },
  {
    rule: 'rollback: after a replacement it returns to the old MicroVM, which still runs',
    history: { events: [deploy(shared), deploy(other, { siblingFailsAfter: 8_000, rollbackOfReplacement: 'new' })] },
    without: withoutFingerprints,
    violation: /need not have been/,
  },
  {
    rule: 'update: a change that does not affect the launch launches nothing',
    history: { events: [deploy(shared), deploy({ ...shared, hasHealthCheck: true })] },
    without: withoutFingerprints,
    violation: /need not have been/,
  },
  {
    rule: 'one MicroVM: a rollback terminates the MicroVM of a canceled replacement that CloudFormation does not know',
    history: { events: [deploy(shared), deploy(other, { siblingFailsAfter: 0 })], faults: { latenciesMs: [1_200] } },
    without: {
      // As if CloudFormation knew all MicroVMs that the update launched.
      event: event => event.RequestType === 'Update' && event.Operation.Phase === 'rollback'
        ? { ...event, Operation: { ...event.Operation, RequestPhysicalId: undefined } }
        : event,
      launches: (services, event) => event.Operation.Phase !== 'rollback' ? services : {
        ...services,
        ledger: { ...services.ledger, launches: async () => (await services.ledger.launches()).slice(0, 1) },
      },
    },
    violation: /left behind|are alive instead of/,
  },
  {
    rule: 'deletion: a request with an invented physical ID terminates all MicroVMs of the resource',
    history: { events: [deploy(shared, { siblingFailsAfter: 1_000 })] },
    without: {
      event: event => event.RequestType === 'Delete' && !event.PhysicalResourceId.startsWith('launch:')
        ? { ...event, Operation: { ...event.Operation, RequestPhysicalId: physicalIdOfLaunch('none') } }
        : event,
    },
    violation: /left behind/,
  },
  {
    rule: 'record: nobody repeats a request that is in no properties',
    history: { events: [deploy(shared), { do: 'forge', id: 'A', spec: shared, record: 'request' }, { do: 'deleteStack' }] },
    without: { event: withForgedProperties },
    violation: /a forged record launched/,
  },
  {
    rule: 'record: an update returns only to a MicroVM with the image and the execution role of its properties',
    history: { events: [deploy(shared), { do: 'forge', id: 'A', spec: { ...shared, lifetime: 240 }, record: 'microvm' }, deploy({ ...shared, lifetime: 240 })] },
    without: {
      launches: (services, event) => ({
        ...services,
        microvms: {
          ...services.microvms,
          microvm: async id => {
            const found = await services.microvms.microvm(id);
            return found === 'absent' ? found : { ...found, executionRoleArn: executionRoleArn(event.StackId, event.LogicalResourceId) };
          },
        },
      }),
    },
    violation: /is not a MicroVM of the stack/,
  },
];

describe.each(rules)('$rule', ({ history, without, violation }) => {
  test('violates no invariant with the rule', async () => {
    await expect(runMicrovms(history)).resolves.toBeDefined();
  });

  test('violates an invariant without the rule', async () => {
    const options: TestBedOptions = without === 'stack view' ? { hidesStack: true } : { variant: without };
    await expect(runMicrovms(history, options)).rejects.toThrow(violation);
  });
});

/** How much memory a MicroVM of the images in these histories takes. */
const MEMORY = 2_048;

/** A stack in an account whose memory another MicroVM uses up, except for some MicroVMs. */
class FullAccount {
  /** The MicroVM of the other owner is not new. */
  public static async create(type: 'microvm' | 'launch check' = 'microvm', room = 0, options: TestBedOptions = {}): Promise<FullAccount> {
    const account = new FullAccount(type, room, options);
    await account.testBed.clock.run(account.testBed.clock.now() + 300_000);
    return account;
  }

  public readonly testBed: TestBed;
  public readonly stack: StackModel;

  private constructor(private readonly type: 'microvm' | 'launch check', room: number, options: TestBedOptions) {
    this.testBed = new TestBed({ limits: { allocatedMemoryMiB: (room + 1) * MEMORY }, ...options });
    this.testBed.simulator.addForeignImage('good');
    this.testBed.simulator.launchMicrovm('good');
    this.stack = this.testBed.stack('full', type === 'microvm' ? MICROVM_RESOURCE_TYPE : MICROVM_LAUNCH_CHECK_RESOURCE_TYPE);
  }

  public properties(spec: MicrovmSpec): Properties {
    return microvmProperties(this.type, spec, { stackId: this.stack.id, logicalId: 'A' }) as unknown as Properties;
  }

  /** Returns the final status, and how many minutes passed. */
  public async operation(run: (stack: StackModel) => Promise<string>): Promise<{ status: string; minutes: number }> {
    const { clock } = this.testBed;
    const begun = clock.now();
    const status = await clock.complete(run(this.stack));
    return { status, minutes: (clock.now() - begun) / 60_000 };
  }

  public async deploy(spec: MicrovmSpec) {
    return this.operation(async stack => stack.deploy({ A: this.properties(spec) }));
  }

  /** How often the handler called an operation of the service. */
  public calls(name: string): number {
    return this.testBed.simulator.calls().filter(({ operation }) => operation === name).length;
  }

  public get launched(): string[] {
    return this.testBed.simulator.microvms().filter(({ executionRoleArn: role }) => role !== undefined).map(({ id }) => id);
  }

  public get records(): number {
    return this.testBed.parameters.all().size;
  }
}

/** The first answer of the service to a launch, and quotas for all further requests. */
const thenQuotas = (first: CallFault): { faults: FaultPlan } => ({
  faults: {
    calls: [{ nth: 0, fault: first }, ...Array.from({ length: 400 }, (_, index) => ({ nth: index + 1, fault: { kind: 'quota' as const } }))]
      .map(fault => ({ ...fault, operation: 'RunMicrovm' as const })),
  },
});

describe('while the memory of the account is full', () => {
  test.each(['microvm', 'launch check'] as const)('the creation of a %s fails after five minutes, and rolls back at once', async type => {
    const account = await FullAccount.create(type);
    const { status, minutes } = await account.deploy(shared);
    expect([status, account.records, account.launched]).toEqual(['ROLLBACK_COMPLETE', 0, []]);
    expect(account.stack.reasons).toEqual([expect.stringContaining('[MicrovmQuotaReached]')]);
    expect(minutes).toBeGreaterThan(5);
    expect(minutes).toBeLessThan(6);
    await expect(account.operation(async stack => stack.delete())).resolves.toMatchObject({ status: 'DELETE_COMPLETE' });
  });

  test('a replacement fails after five minutes, and its rollback keeps the old MicroVM', async () => {
    const account = await FullAccount.create('microvm', 1);
    await account.deploy(shared);
    const { status, minutes } = await account.deploy({ ...shared, lifetime: 60 });
    expect([status, account.records, account.launched.length, account.stack.silentOrphans]).toEqual(['UPDATE_ROLLBACK_COMPLETE', 1, 1, []]);
    expect(minutes).toBeLessThan(6);
  });

  test('a deletion launches nothing that the service rejected, although there is room by then', async () => {
    const account = await FullAccount.create();
    const { clock, simulator } = account.testBed;
    const deployment = account.operation(async stack => stack.deploy({ A: account.properties(shared) }, { siblingFailsAfter: 60_000 }));
    await clock.run(clock.now() + 59_000);
    const before = account.calls('RunMicrovm');
    expect(before).toBeGreaterThan(5);
    simulator.changeSettings({ limits: { allocatedMemoryMiB: 10 * MEMORY } });
    await expect(deployment).resolves.toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expect([account.calls('RunMicrovm') - before, account.launched, account.records]).toEqual([0, [], 0]);
  });

  test.each<[string, TestBedOptions]>([
    ['the first request is throttled', { faults: { calls: [{ operation: 'RunMicrovm', nth: 0, fault: { kind: 'throttle' } }] } }],
    ['a later request is throttled', { faults: { calls: [{ operation: 'RunMicrovm', nth: 5, fault: { kind: 'throttle' } }] } }],
    ...[2, 3, 4, 5, 6, 7].map(nth => [`call ${nth} of the ledger fails`, { ledgerFaults: [{ nth, fault: { kind: 'error' } }] }] as [string, TestBedOptions]),
  ])('a launch still counts as rejected if %s', async (_, options) => {
    const account = await FullAccount.create('microvm', 0, options);
    const { status, minutes } = await account.deploy(shared);
    expect([status, account.records, account.launched, account.calls('ListMicrovms')]).toEqual(['ROLLBACK_COMPLETE', 0, [], 0]);
    expect(minutes).toBeLessThan(6);
  });

  test('a launch whose answer was lost is not taken for a rejected one', async () => {
    const history: MicrovmHistory = {
      events: [deploy(shared, { siblingFailsAfter: 1_000 })],
      faults: { calls: [{ operation: 'RunMicrovm', nth: 0, fault: { kind: 'lostAnswer' } }, { operation: 'RunMicrovm', nth: 1, fault: { kind: 'quota' } }] },
    };
    await expect(runMicrovms(history)).resolves.toBeDefined();
  });

  test('a deletion finds in the list that a launch without an answer launched nothing', async () => {
    const account = await FullAccount.create('microvm', 1, thenQuotas({ kind: 'errorBeforeEffect' }));
    const { status, minutes } = await account.deploy(shared);
    expect([status, account.records, account.launched]).toEqual(['ROLLBACK_COMPLETE', 0, []]);
    expect(minutes).toBeLessThan(11.5);
    expect(account.calls('ListMicrovms')).toBe(1);
  });

  test('a deletion fails with the MicroVMs that a launch without an answer may have launched, and succeeds without them', async () => {
    const account = await FullAccount.create('microvm', 1, thenQuotas({ kind: 'lostAnswer' }));
    const { status, minutes } = await account.deploy(shared);
    const [id] = account.launched;
    expect([status, account.records]).toEqual(['ROLLBACK_FAILED', 1]);
    expect(account.stack.reasons[1]).toMatch(new RegExp(`may be its: ${id} \\[MicrovmQuotaReached\\]`));
    expect(account.stack.reasons[1]).toContain(`aws lambda-microvms terminate-microvm --microvm-identifier ${id}`);
    expect(minutes).toBeLessThan(11.5);
    account.testBed.simulator.terminateMicrovm(id);
    await expect(account.operation(async stack => stack.delete())).resolves.toMatchObject({ status: 'DELETE_COMPLETE' });
    expect(account.records).toBe(0);
  });

  test('a deletion that cannot read the list of MicroVMs in one poll fails with the command to list them', async () => {
    const account = await FullAccount.create('microvm', 1, { ...thenQuotas({ kind: 'errorBeforeEffect' }), lists: { terminatedPages: 480, pageMs: 100 } });
    const { status, minutes } = await account.deploy(shared);
    expect(status).toBe('ROLLBACK_FAILED');
    expect(account.stack.reasons[1]).toMatch(/list of the MicroVMs of .* is too long .*aws lambda-microvms list-microvms --image-identifier/s);
    expect(minutes).toBeLessThan(12);
  });
});
