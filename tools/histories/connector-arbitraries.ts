import * as fc from 'fast-check';
import { circumstances, transientFaults } from './arbitraries';
import type { ConnectorEvent, ConnectorHistory, ConnectorSpec } from './connector-history';
import { FOREIGN } from './connector-history';
import type { Event } from './history';

/** Names by logical ID. */
const names: Record<string, string[]> = { A: ['a1', 'a2', FOREIGN], B: ['b1', 'b2'] };

function spec(id: string, networks: string[][]): fc.Arbitrary<ConnectorSpec> {
  return fc.record({
    name: fc.oneof({ weight: 5, arbitrary: fc.constant(names[id][0]) }, { weight: 2, arbitrary: fc.constantFrom(...names[id]) }),
    subnets: fc.constantFrom(...networks),
    group: fc.constantFrom('1', '2'),
    protocol: fc.oneof({ weight: 9, arbitrary: fc.constant('IPv4' as const) }, { weight: 1, arbitrary: fc.constant('DualStack' as const) }),
    tag: fc.constantFrom('t1', 't2', undefined),
    retained: fc.constantFrom(1, 1, 2),
    elasticIps: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    override: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom('3', '4') }),
    deletion: fc.oneof({ weight: 3, arbitrary: fc.constant('REFUSE_IN_USE' as const) }, { weight: 1, arbitrary: fc.constantFrom('WAIT_UNTIL_UNUSED' as const, 'FORCE' as const) }),
    placementRemoval: fc.constantFrom(undefined, undefined, 'WAIT_UNTIL_UNUSED' as const, 'KEEP_UNTIL_UNUSED' as const),
  });
}

function template(networks: string[][]): fc.Arbitrary<Record<string, ConnectorSpec>> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ A: spec('A', networks) }) },
    { weight: 2, arbitrary: fc.record({ A: spec('A', networks), B: spec('B', networks) }) },
    { weight: 1, arbitrary: fc.record({ B: spec('B', networks) }) },
  );
}

const between: fc.Arbitrary<Event<ConnectorSpec> | ConnectorEvent> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('launch' as const), name: fc.constantFrom('a1', 'a2', 'b1') }) },
  { weight: 2, arbitrary: fc.constant<Event<ConnectorSpec> | ConnectorEvent>({ do: 'terminateMicrovms' }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('idle' as const), minutes: fc.integer({ min: 1, max: 90 }) }) },
);

const durationsMs = fc.array(fc.constantFrom(1_000, 20_000, 240_000), { minLength: 1, maxLength: 5 });

/** Histories with deployments, cancellations, crashes and faults. */
export const anyConnectorHistory: fc.Arbitrary<ConnectorHistory> = fc.record({
  events: fc.array(fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('deploy' as const), template: template([['1'], ['1', '2'], ['3'], ['full']]), circumstances }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('deleteStack' as const), circumstances }) },
    { weight: 3, arbitrary: between },
  ), { minLength: 1, maxLength: 7 }),
  faults: transientFaults,
  durationsMs,
});

/** Histories with transient faults only, in which no deployment may fail without a reason of its own. */
export const calmConnectorHistory: fc.Arbitrary<ConnectorHistory> = fc.record({
  events: fc.array(fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('deploy' as const), template: template([['1'], ['1', '2'], ['3']]) }) },
    { weight: 1, arbitrary: fc.constant<Event<ConnectorSpec> | ConnectorEvent>({ do: 'deleteStack' }) },
    { weight: 2, arbitrary: between },
  ), { minLength: 1, maxLength: 6 }),
  faults: fc.option(transientFaults, { nil: undefined }),
  durationsMs,
});
