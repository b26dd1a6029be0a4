import * as fc from 'fast-check';
import type { Circumstances } from './cloudformation';
import type { Conditions } from './history';
import type { LastingError, LastingFault } from './service-faults';
import type { CallFault, FaultPlan } from '../simulator/faults';
import type { OperationName } from '../simulator/model';

export function rarely<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

export const circumstances: fc.Arbitrary<Circumstances> = fc.record({
  siblingFailsAfter: rarely(fc.integer({ min: 0, max: 240_000 })),
  secondDeliveryAfter: rarely(fc.integer({ min: 0, max: 30_000 })),
  reuseRequestIds: rarely(fc.constant(true)),
  rollbackOfReplacement: fc.constantFrom('none' as const, 'new' as const, 'old' as const),
  crash: rarely(fc.record({ inPoll: fc.integer({ min: 0, max: 30 }), beforeCall: fc.integer({ min: 0, max: 5 }) })),
  disableRollback: rarely(fc.constant(true)),
  deletesFailedCreatesLast: rarely(fc.constant(true)),
});

const callFault: fc.Arbitrary<CallFault> = fc.oneof(
  fc.constantFrom<CallFault>({ kind: 'throttle' }, { kind: 'quota' }, { kind: 'conflict' }, { kind: 'errorBeforeEffect' }, { kind: 'errorAfterEffect' }, { kind: 'lostAnswer' }),
  fc.record({ kind: fc.constant('lateLanding' as const), afterMs: fc.integer({ min: 0, max: 4_000 }) }),
);

/** Transient faults: failures of single calls, delays and stale reads. */
export const transientFaults: fc.Arbitrary<FaultPlan> = fc.record({
  calls: fc.array(fc.record({ nth: fc.integer({ min: 0, max: 150 }), fault: callFault }), { maxLength: 12 }),
  latenciesMs: fc.array(fc.integer({ min: 10, max: 1_500 }), { minLength: 1, maxLength: 5 }),
  stalenessMs: fc.array(fc.constantFrom(0, 0, 1_000, 3_000), { minLength: 1, maxLength: 5 }),
  tagStalenessMs: fc.array(fc.constantFrom(0, 0, 2_000, 4_000), { minLength: 1, maxLength: 5 }),
});

/** Looks that are lost, or that show old statuses. */
export const looks: fc.Arbitrary<Conditions> = fc.record({
  lostLooks: rarely(fc.record({
    onEvent: fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 4 }),
    blindOnEvents: fc.array(fc.integer({ min: 0, max: 10 }), { maxLength: 2 }),
    polls: fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 6 }),
    shareOfPolls: fc.constantFrom(0, 0, 0.2, 0.5),
  })),
  viewLagMs: rarely(fc.integer({ min: 100, max: 2_500 })),
});

/** Errors of an operation that stay for some events or permanently. */
export function lastingFaults(operations: readonly OperationName[], errors: readonly LastingError[]): fc.Arbitrary<LastingFault> {
  return fc.record({
    operation: fc.constantFrom(...operations),
    error: fc.constantFrom(...errors),
    from: fc.integer({ min: 0, max: 4 }),
    events: fc.constantFrom(1, 2, Infinity),
  }).map(({ events, ...fault }) => ({ ...fault, to: events === Infinity ? undefined : fault.from + events }));
}

const lists = fc.record({
  terminatedPages: fc.constantFrom(0, 0, 3),
  ignoresFilter: fc.boolean(),
  hasEmptyFirstPages: fc.boolean(),
});

/** Conditions in which CloudFormation answers late or not at all, lists are unusual, and some errors stay. */
export function adverse(lasting?: fc.Arbitrary<LastingFault>): fc.Arbitrary<Conditions> {
  return fc.tuple(looks, rarely(lists), lasting === undefined ? fc.constant(undefined) : rarely(fc.array(lasting, { minLength: 1, maxLength: 2 })))
    .map(([seen, listed, lastingFault]) => ({ ...seen, lists: listed, lastingFaults: lastingFault }));
}

/** Returns histories under other conditions. */
export function under<History extends Conditions>(conditions: fc.Arbitrary<Conditions>, histories: fc.Arbitrary<History>): fc.Arbitrary<History> {
  return fc.tuple(histories, conditions).map(([history, other]) => ({ ...history, ...other }));
}
