import * as fc from 'fast-check';
import type { Circumstances } from './cloudformation';
import type { Event, History, ImageSpec } from './history';
import { FOREIGN } from './history';
import type { BuildPlan } from '../../integ/local/simulator/builder';
import type { CallFault, FaultPlan } from '../../integ/local/simulator/faults';

/** What histories are made of. */
const names: Record<string, string[]> = { A: ['a1', 'a2', FOREIGN], B: ['b1', 'b2'] };

function spec(id: string, contents: string[]): fc.Arbitrary<ImageSpec> {
  return fc.record({
    name: fc.oneof({ weight: 5, arbitrary: fc.constant(names[id][0]) }, { weight: 2, arbitrary: fc.constantFrom(...names[id]) }),
    content: fc.constantFrom(...contents),
    tag: fc.constantFrom('t1', 't2', undefined),
    retained: fc.constantFrom(2, 3),
    termination: fc.oneof({ weight: 4, arbitrary: fc.constant('ON_DELETE' as const) }, { weight: 1, arbitrary: fc.constantFrom('ON_DELETE_OR_RENAME' as const, 'NEVER' as const) }),
    adopt: fc.boolean(),
  });
}

function template(contents: string[]): fc.Arbitrary<Record<string, ImageSpec>> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ A: spec('A', contents) }) },
    { weight: 2, arbitrary: fc.record({ A: spec('A', contents), B: spec('B', contents) }) },
    { weight: 1, arbitrary: fc.record({ B: spec('B', contents) }) },
  );
}

function seldom<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

const circumstances: fc.Arbitrary<Circumstances> = fc.record({
  siblingFailsAfter: seldom(fc.integer({ min: 0, max: 240_000 })),
  secondDeliveryAfter: seldom(fc.integer({ min: 0, max: 30_000 })),
  reuseRequestIds: seldom(fc.constant(true)),
  rollbackOfReplacement: fc.constantFrom('none' as const, 'new' as const, 'old' as const),
  crash: seldom(fc.record({ inPoll: fc.integer({ min: 0, max: 30 }), beforeCall: fc.integer({ min: 0, max: 5 }) })),
});

const between: fc.Arbitrary<Event> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('launch' as const), name: fc.constantFrom('a1', 'a2', 'b1') }) },
  { weight: 2, arbitrary: fc.constant<Event>({ do: 'endMicrovms' }) },
  { weight: 1, arbitrary: fc.constant<Event>({ do: 'deprecateBase' }) },
  { weight: 1, arbitrary: fc.constant<Event>({ do: 'publishBase' }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('idle' as const), minutes: fc.integer({ min: 1, max: 90 }) }) },
);

const callFault: fc.Arbitrary<CallFault> = fc.oneof(
  fc.constantFrom<CallFault>({ kind: 'throttle' }, { kind: 'quota' }, { kind: 'conflict' }, { kind: 'errorBeforeEffect' }, { kind: 'errorAfterEffect' }, { kind: 'lostAnswer' }),
  fc.record({ kind: fc.constant('lateLanding' as const), afterMs: fc.integer({ min: 0, max: 4_000 }) }),
);

/** Faults that pass: single calls, delays and stale reads, and a fresh role. */
const passingFaults: fc.Arbitrary<FaultPlan> = fc.record({
  calls: fc.array(fc.record({ nth: fc.integer({ min: 0, max: 150 }), fault: callFault }), { maxLength: 12 }),
  latenciesMs: fc.array(fc.integer({ min: 10, max: 1_500 }), { minLength: 1, maxLength: 5 }),
  stalenessMs: fc.array(fc.constantFrom(0, 0, 1_000, 3_000), { minLength: 1, maxLength: 5 }),
  tagStalenessMs: fc.array(fc.constantFrom(0, 0, 2_000, 4_000), { minLength: 1, maxLength: 5 }),
});

const builds: fc.Arbitrary<BuildPlan[]> =
  fc.array(fc.record({ durationMs: fc.constantFrom(20_000, 150_000, 400_000) }), { minLength: 1, maxLength: 5 });

/** Everything at once. */
export const anyHistory: fc.Arbitrary<History> = fc.record({
  events: fc.array(fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('deploy' as const), template: template(['one', 'two', 'three', 'broken']), circumstances }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('deleteStack' as const), circumstances }) },
    { weight: 3, arbitrary: between },
  ), { minLength: 1, maxLength: 7 }),
  faults: passingFaults,
  builds,
  concurrentBuilds: fc.constantFrom(1, 2, 10),
});

/** Nothing goes wrong, but for faults that pass: no deployment may fail without a reason of its own. */
export const calmHistory: fc.Arbitrary<History> = fc.record({
  events: fc.array(fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('deploy' as const), template: template(['one', 'two', 'three']) }) },
    { weight: 1, arbitrary: fc.constant<Event>({ do: 'deleteStack' }) },
    { weight: 2, arbitrary: between },
  ), { minLength: 1, maxLength: 6 }),
  faults: fc.option(passingFaults, { nil: undefined }),
  builds,
  concurrentBuilds: fc.constantFrom(1, 10),
});
