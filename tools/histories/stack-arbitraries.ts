import * as fc from 'fast-check';
import { adverse, circumstances, transientFaults, under } from './arbitraries';
import type { StackEvent, StackHistory, StackSpec } from './stack-history';

type Specs = Record<string, StackSpec>;

/** Templates in which the MicroVM refers to the other resources. */
function template(contents: readonly string[], subnets: readonly string[], names: readonly string[]): fc.Arbitrary<Specs> {
  const image = fc.record({ name: fc.constantFrom(...names), value: fc.constantFrom(...contents) });
  const connector = fc.record({ name: fc.constantFrom(...names), value: fc.constantFrom(...subnets) });
  return fc.tuple(image, connector, fc.constantFrom('60', '480'), fc.constantFrom('all', 'all', 'all', 'network and image', 'image')).map(([Image, Connector, minutes, parts]): Specs => {
    if (parts === 'image') return { Image };
    if (parts === 'network and image') return { Connector, Image };
    // The order of the template is not that of the dependencies.
    return { Microvm: { name: Image.name, value: minutes }, Image, Connector };
  });
}

function events(deployment: fc.Arbitrary<StackEvent>): fc.Arbitrary<StackEvent[]> {
  return fc.array(fc.oneof(
    { weight: 6, arbitrary: deployment },
    { weight: 1, arbitrary: fc.constant<StackEvent>({ do: 'deleteStack' }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('idle' as const), minutes: fc.integer({ min: 1, max: 70 }) }) },
  ), { minLength: 1, maxLength: 5 });
}

/** Histories of a connector, an image and a MicroVM, with failures, cancellations and faults. */
export const anyStackHistory: fc.Arbitrary<StackHistory> = under(adverse(), fc.record({
  events: events(fc.record({ do: fc.constant('deploy' as const), template: template(['one', 'two', 'broken'], ['1', '2', 'full'], ['a1', 'a1', 'a2']), circumstances })),
  faults: transientFaults,
}));

/** Histories with transient faults only, in which no deployment may fail. */
export const calmStackHistory: fc.Arbitrary<StackHistory> = under(adverse(), fc.record({
  events: events(fc.record({ do: fc.constant('deploy' as const), template: template(['one', 'two'], ['1'], ['a1']) })),
  faults: fc.option(transientFaults, { nil: undefined }),
}));
