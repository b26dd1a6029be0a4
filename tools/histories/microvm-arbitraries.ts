import * as fc from 'fast-check';
import { adverse, circumstances, lastingFaults, transientFaults, under } from './arbitraries';
import type { Event } from './history';
import type { LedgerFault, LedgerFaults } from './ledger';
import type { Forgery, ImageName, MicrovmEvent, MicrovmHistory, MicrovmSpec } from './microvm-history';
import { ABSENT, SHORT_LIVED, UNHEALTHY } from './microvm-history';

function spec(images: ImageName[]): fc.Arbitrary<MicrovmSpec> {
  return fc.record({
    image: fc.oneof({ weight: 4, arbitrary: fc.constant('good' as const) }, { weight: 3, arbitrary: fc.constantFrom(...images) }),
    lifetime: fc.constantFrom(480, 480, 240, 30),
    hasHealthCheck: fc.boolean(),
    isOverridden: fc.boolean(),
  });
}

function template(images: ImageName[]): fc.Arbitrary<Record<string, MicrovmSpec>> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ A: spec(images) }) },
    { weight: 2, arbitrary: fc.record({ A: spec(images), B: spec(images) }) },
    { weight: 1, arbitrary: fc.record({ B: spec(images) }) },
  );
}

const between: fc.Arbitrary<Event<MicrovmSpec> | MicrovmEvent> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('suspend' as const, 'terminate' as const), id: fc.constantFrom('A', 'B') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('idle' as const), minutes: fc.integer({ min: 1, max: 90 }) }) },
);

const forge = fc.record({
  do: fc.constant('forge' as const),
  id: fc.constantFrom('A', 'B'),
  spec: spec(['other']),
  record: fc.constantFrom<Forgery>('role', 'request', 'microvm'),
});

const ledgerFault: fc.Arbitrary<LedgerFault> = fc.oneof(
  fc.constantFrom<LedgerFault>({ kind: 'error' }, { kind: 'lostAnswer' }),
  fc.record({ kind: fc.constant('lateLanding' as const), afterMs: fc.integer({ min: 0, max: 4_000 }) }),
);
const ledgerFaults: fc.Arbitrary<LedgerFaults> = fc.array(fc.record({ nth: fc.integer({ min: 0, max: 60 }), fault: ledgerFault }), { maxLength: 8 });

/** Circumstances in which another resource fails early, because a launch takes seconds. */
const earlyCircumstances = fc.tuple(circumstances, fc.integer({ min: 0, max: 30_000 })).map(([common, after]) => (
  common.siblingFailsAfter === undefined ? common : { ...common, siblingFailsAfter: after }
));

/** Histories with deployments, cancellations, crashes and faults. */
export const anyMicrovmHistory: fc.Arbitrary<MicrovmHistory> = fc.record({
  events: fc.array(fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('deploy' as const),
        template: template(['other', UNHEALTHY, SHORT_LIVED, ABSENT]),
        circumstances: earlyCircumstances,
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('deleteStack' as const), circumstances }) },
    { weight: 3, arbitrary: between },
  ), { minLength: 1, maxLength: 7 }),
  faults: transientFaults,
  ledgerFaults,
});

/** Histories with transient faults only, in which no deployment may fail without a reason of its own. */
export const calmMicrovmHistory: fc.Arbitrary<MicrovmHistory> = fc.record({
  events: fc.array(fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('deploy' as const), template: template(['other']) }) },
    { weight: 1, arbitrary: fc.constant<Event<MicrovmSpec> | MicrovmEvent>({ do: 'deleteStack' }) },
    { weight: 2, arbitrary: between },
  ), { minLength: 1, maxLength: 6 }),
  faults: fc.option(transientFaults, { nil: undefined }),
  ledgerFaults: fc.option(ledgerFaults, { nil: undefined }),
  hidesStack: fc.boolean(),
});

/** Any histories in which CloudFormation answers late or not at all, and in which the memory of the account is full. */
export const adverseMicrovmHistory: fc.Arbitrary<MicrovmHistory> = under(adverse(lastingFaults(['RunMicrovm'], ['quota'])), anyMicrovmHistory)
  .map(history => history.lastingFaults === undefined ? history : { ...history, faults: { ...history.faults, calls: [] }, ledgerFaults: undefined });
export const calmAdverseMicrovmHistory: fc.Arbitrary<MicrovmHistory> = under(adverse(), calmMicrovmHistory);

/** Returns histories in which a stranger forges records after some of the events. */
function withForgeries(histories: fc.Arbitrary<MicrovmHistory>): fc.Arbitrary<MicrovmHistory> {
  return fc.tuple(histories, fc.array(fc.option(forge, { nil: undefined }), { minLength: 7, maxLength: 7 })).map(([history, forgeries]) => (
    { ...history, events: history.events.flatMap((event, index) => forgeries[index] === undefined ? [event] : [event, forgeries[index]]) }
  ));
}

export const forgedMicrovmHistory: fc.Arbitrary<MicrovmHistory> = withForgeries(anyMicrovmHistory);
export const calmForgedMicrovmHistory: fc.Arbitrary<MicrovmHistory> = withForgeries(calmMicrovmHistory);
