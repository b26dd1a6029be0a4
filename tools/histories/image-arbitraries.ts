import * as fc from 'fast-check';
import { adverse, circumstances, lastingFaults, transientFaults, under } from './arbitraries';
import type { Event } from './history';
import type { ImageEvent, ImageHistory, ImageSpec } from './image-history';
import { FOREIGN } from './image-history';
import type { BuildPlan } from '../simulator/builder';

/** Names by logical ID. */
const names: Record<string, string[]> = { A: ['a1', 'a2', FOREIGN], B: ['b1', 'b2'] };

function spec(id: string, contents: string[]): fc.Arbitrary<ImageSpec> {
  return fc.record({
    name: fc.oneof({ weight: 5, arbitrary: fc.constant(names[id][0]) }, { weight: 2, arbitrary: fc.constantFrom(...names[id]) }),
    content: fc.constantFrom(...contents),
    tag: fc.constantFrom('t1', 't2', undefined),
    retained: fc.constantFrom(2, 3),
    termination: fc.oneof({ weight: 4, arbitrary: fc.constant('ON_DELETE' as const) }, { weight: 1, arbitrary: fc.constantFrom('ON_DELETE_OR_RENAME' as const, 'NEVER' as const) }),
    adopt: fc.boolean(),
    x86: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    memoryOverride: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom(1024, 4096) }),
  });
}

function template(contents: string[]): fc.Arbitrary<Record<string, ImageSpec>> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ A: spec('A', contents) }) },
    { weight: 2, arbitrary: fc.record({ A: spec('A', contents), B: spec('B', contents) }) },
    { weight: 1, arbitrary: fc.record({ B: spec('B', contents) }) },
  );
}

const between: fc.Arbitrary<Event<ImageSpec> | ImageEvent> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('launch' as const), name: fc.constantFrom('a1', 'a2', 'b1') }) },
  { weight: 2, arbitrary: fc.constant<Event<ImageSpec> | ImageEvent>({ do: 'terminateMicrovms' }) },
  { weight: 1, arbitrary: fc.constant<Event<ImageSpec> | ImageEvent>({ do: 'deprecateBase' }) },
  { weight: 1, arbitrary: fc.constant<Event<ImageSpec> | ImageEvent>({ do: 'publishBase' }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('idle' as const), minutes: fc.integer({ min: 1, max: 90 }) }) },
);

const forge = fc.constantFrom('A', 'B').chain(id => fc.record({
  do: fc.constant('forge' as const),
  id: fc.constant(id),
  spec: spec(id, ['one', 'two', 'three']).filter(({ name }) => name !== FOREIGN),
  passesBuildRole: fc.boolean(),
}));

const builds: fc.Arbitrary<BuildPlan[]> =
  fc.array(fc.record({ durationMs: fc.constantFrom(20_000, 150_000, 400_000) }), { minLength: 1, maxLength: 5 });

/** Returns histories in which a stranger forges images before some of the events. */
function withForgeries(histories: fc.Arbitrary<ImageHistory>): fc.Arbitrary<ImageHistory> {
  return fc.tuple(histories, fc.array(fc.option(forge, { nil: undefined }), { minLength: 7, maxLength: 7 })).map(([history, forgeries]) => (
    { ...history, events: history.events.flatMap((event, index) => forgeries[index] === undefined ? [event] : [forgeries[index], event]) }
  ));
}

/** Histories with deployments, cancellations, crashes and faults. */
export const anyImageHistory: fc.Arbitrary<ImageHistory> = fc.record({
  events: fc.array(fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('deploy' as const), template: template(['one', 'two', 'three', 'broken']), circumstances }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('deleteStack' as const), circumstances }) },
    { weight: 3, arbitrary: between },
  ), { minLength: 1, maxLength: 7 }),
  faults: transientFaults,
  builds,
  concurrentBuilds: fc.constantFrom(1, 2, 10),
});

/** Histories with transient faults only, in which no deployment may fail without a reason of its own. */
export const calmImageHistory: fc.Arbitrary<ImageHistory> = fc.record({
  events: fc.array(fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('deploy' as const), template: template(['one', 'two', 'three']) }) },
    { weight: 1, arbitrary: fc.constant<Event<ImageSpec> | ImageEvent>({ do: 'deleteStack' }) },
    { weight: 2, arbitrary: between },
  ), { minLength: 1, maxLength: 6 }),
  faults: fc.option(transientFaults, { nil: undefined }),
  builds,
  concurrentBuilds: fc.constantFrom(1, 10),
});

const lasting = lastingFaults(['DeleteMicrovmImageVersion'], ['internal', 'conflict', 'throttle', 'invalid']);

/** Any histories in which CloudFormation answers late or not at all, and in which old versions cannot be deleted. */
export const adverseImageHistory: fc.Arbitrary<ImageHistory> = under(adverse(lasting), anyImageHistory);
export const calmAdverseImageHistory: fc.Arbitrary<ImageHistory> = under(adverse(lasting), calmImageHistory);

export const forgedImageHistory: fc.Arbitrary<ImageHistory> = withForgeries(anyImageHistory);
export const calmForgedImageHistory: fc.Arbitrary<ImageHistory> = withForgeries(calmImageHistory);
