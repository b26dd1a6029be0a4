import * as fc from 'fast-check';
import type { Circumstances } from './cloudformation';
import type { CallFault, FaultPlan } from '../simulator/faults';

export function rarely<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

export const circumstances: fc.Arbitrary<Circumstances> = fc.record({
  siblingFailsAfter: rarely(fc.integer({ min: 0, max: 240_000 })),
  secondDeliveryAfter: rarely(fc.integer({ min: 0, max: 30_000 })),
  reuseRequestIds: rarely(fc.constant(true)),
  rollbackOfReplacement: fc.constantFrom('none' as const, 'new' as const, 'old' as const),
  crash: rarely(fc.record({ inPoll: fc.integer({ min: 0, max: 30 }), beforeCall: fc.integer({ min: 0, max: 5 }) })),
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
