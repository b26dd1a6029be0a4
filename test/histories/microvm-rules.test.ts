import { hash } from '../../src/handlers/engine/fingerprint';
import { physicalIdOfLaunch } from '../../src/handlers/microvm/launch';
import type { LaunchServices } from '../../src/handlers/microvm/service';
import type { Event } from '../../tools/histories/history';
import type { LabOptions, Variant } from '../../tools/histories/lab';
import type { MicrovmEvent, MicrovmHistory, MicrovmSpec } from '../../tools/histories/microvm-history';
import { playMicrovms } from '../../tools/histories/microvm-player';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

/**
 * Each rule of MicroVMs in a history that it saves: with the rule the history ends well, without it, an invariant is violated.
 * A rule is switched off by what the handler gets to see; the handler has no switches.
 */

const shared: MicrovmSpec = { image: 'good', life: 480, isProbed: false };
const other: MicrovmSpec = { ...shared, image: 'other' };
const deploy = (A: MicrovmSpec, circumstances = {}): Event<MicrovmSpec> | MicrovmEvent => ({ do: 'deploy', template: { A }, circumstances });

/** What was launched before looks like something else. */
const forgetful: Variant = {
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
  readonly without: Variant | 'blindfold';
  readonly violation: RegExp;
}

const rules: Rule[] = [
  {
    rule: 'fence: a cancelled operation launches nothing any more',
    // Nothing can be written down until the operation is cancelled, and would be afterwards.
    // Another image would have another role, which is gone by then.
    history: { events: [deploy(shared), deploy({ ...shared, life: 60 }, { siblingFailsAfter: 8_000 })], ledgerFaults: [5, 6, 8, 10].map(nth => ({ nth, fault: { kind: 'error' } })) },
    without: 'blindfold',
    violation: /left behind|live, it is/,
  },
  {
    rule: 'grace: a rollback waits for what the operation before may still write down',
    history: { events: [deploy(shared), deploy(other, { siblingFailsAfter: 0 })], ledgerFaults: [{ nth: 5, fault: { kind: 'lateLanding', afterMs: 8_000 } }] },
    without: { event: event => ({ ...event, Operation: { ...event.Operation, StartedAt: event.Operation.StartedAt - 10_000 } }) },
    violation: /left behind/,
  },
  {
    rule: 'ledger: a launch is written down before it is asked for, and so can be ended if its answer is lost',
    history: {
      events: [deploy(shared, { siblingFailsAfter: 1_000 })],
      faults: { calls: [{ operation: 'RunMicrovm', nth: 0, fault: { kind: 'lostAnswer' } }] },
    },
    without: withLedger(() => ({ record: async () => undefined })),
    violation: /left behind/,
  },
  {
    rule: 'client token: of the operation, not of the content, since the service never forgets one',
    history: { events: [deploy(shared), { do: 'deleteStack' }, deploy(shared)] },
    without: {
      launches: services => ({
        ...services, microvms: { ...services.microvms, launch: async request => services.microvms.launch({ ...request, executionRoleArn: 'arn:aws:iam::123456789012:role/any' } as typeof request, hash('content')) },
      }),
    },
    violation: /fails without a reason|left behind/,
  },
  {
    rule: 'taking back: a rolled-back replacement returns to the MicroVM that never stopped',
    history: { events: [deploy(shared), deploy(other, { siblingFailsAfter: 8_000, rollbackOfReplacement: 'new' })] },
    without: forgetful,
    violation: /need not have stopped/,
  },
  {
    rule: 'keeping: what does not change the launch launches nothing',
    history: { events: [deploy(shared), deploy({ ...shared, isProbed: true })] },
    without: forgetful,
    violation: /need not have stopped/,
  },
  {
    rule: 'the only one: a cancelled replacement that CloudFormation never heard of is ended by the rollback',
    history: { events: [deploy(shared), deploy(other, { siblingFailsAfter: 0 })], faults: { latenciesMs: [1_200] } },
    without: {
      // As if CloudFormation knew of whatever the update launched.
      event: event => event.RequestType === 'Update' && event.Operation.Phase === 'rollback'
        ? { ...event, Operation: { ...event.Operation, RequestPhysicalId: undefined } }
        : event,
      launches: (services, event) => event.Operation.Phase !== 'rollback' ? services : {
        ...services,
        ledger: { ...services.ledger, launches: async () => (await services.ledger.launches()).slice(0, 1) },
      },
    },
    violation: /left behind|live, it is/,
  },
  {
    rule: 'deletion: an invented physical id means all that the resource launched',
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
  test('ends well with the rule', async () => {
    await expect(playMicrovms(history)).resolves.toBeDefined();
  });

  test('violates an invariant without it', async () => {
    const options: LabOptions = without === 'blindfold' ? { blindfolded: true } : { variant: without };
    await expect(playMicrovms(history, options)).rejects.toThrow(violation);
  });
});
