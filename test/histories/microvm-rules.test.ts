import { hash } from '../../src/handlers/engine/fingerprint';
import { physicalIdOfLaunch } from '../../src/handlers/microvm/launch';
import type { LaunchServices } from '../../src/handlers/microvm/service';
import type { Event } from '../../tools/histories/history';
import type { MicrovmEvent, MicrovmHistory, MicrovmSpec } from '../../tools/histories/microvm-history';
import { runMicrovms } from '../../tools/histories/microvm-runner';
import type { TestBedOptions, Variant } from '../../tools/histories/test-bed';

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
  launches: ({ microvms, ledger }) => ({
    microvms,
    ledger: { ...ledger, launches: async () => (await ledger.launches()).map(launch => ({ ...launch, fingerprint: hash(launch.name) })) },
  }),
};

function withLedger(change: (ledger: LaunchServices['ledger']) => Partial<LaunchServices['ledger']>): Variant {
  return { launches: services => ({ ...services, ledger: { ...services.ledger, ...change(services.ledger) } }) };
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
    without: withLedger(() => ({ record: async () => undefined })),
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
