import type { NetworkConnectorProperties } from '../../src/contract/connector';
import { hash } from '../../src/handlers/engine/fingerprint';
import type { ConnectorEvent, ConnectorHistory, ConnectorSpec } from '../../tools/histories/connector-history';
import { connectorProperties } from '../../tools/histories/connector-history';
import type { ConnectorRunOptions } from '../../tools/histories/connector-runner';
import { runConnectors } from '../../tools/histories/connector-runner';
import type { Event } from '../../tools/histories/history';
import type { TestBedOptions, Variant } from '../../tools/histories/test-bed';
import { bound } from '../../tools/histories/test-bed';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

/**
 * Tests each rule of connectors with a history that needs it. With the rule, all invariants hold. Without it, one is
 * violated.
 *
 * The handler has no switches: a rule is switched off by changing what the handler receives.
 */

const one: ConnectorSpec = { name: 'a1', subnets: ['1', '2'] };
const two: ConnectorSpec = { ...one, subnets: ['1'] };
const three: ConnectorSpec = { ...one, subnets: ['3'] };
const full: ConnectorSpec = { ...one, subnets: ['full'] };
const deploy = (A: ConnectorSpec, circumstances = {}): Event<ConnectorSpec> | ConnectorEvent => ({ do: 'deploy', template: { A }, circumstances });
const launch: ConnectorEvent = { do: 'launch', name: 'a1' };

/** As if no MicroVM used the connector. */
const nobodyUses: Variant = {
  connectors: service => ({ ...bound(service), users: async () => ({ known: [], unknown: [], isComplete: true }) }),
};

interface Rule {
  readonly rule: string;
  readonly history: ConnectorHistory;
  readonly without: Variant | 'stack view';
  readonly violation: RegExp;
}

const rules: Rule[] = [
  {
    rule: 'fence: a canceled operation makes no more changes',
    // The update is throttled until it is canceled, and would continue during the rollback.
    history: {
      events: [deploy(one), deploy(two, { siblingFailsAfter: 8_000 })],
      faults: { calls: [0, 1, 2, 3].map(nth => ({ operation: 'UpdateNetworkConnector' as const, nth, fault: { kind: 'throttle' as const } })) },
      durationsMs: [20_000],
    },
    without: 'stack view',
    violation: /wrong configuration/,
  },
  {
    rule: 'grace: a rollback waits until calls of the canceled operation have taken effect',
    history: {
      events: [deploy(one), deploy(two, { siblingFailsAfter: 5_000 })],
      faults: { calls: [{ operation: 'UpdateNetworkConnector', nth: 0, fault: { kind: 'lateLanding', afterMs: 4_000 } }] },
      durationsMs: [20_000],
    },
    without: { event: event => ({ ...event, Operation: { ...event.Operation, StartedAt: event.Operation.StartedAt - 10_000 } }) },
    violation: /wrong configuration|update is in progress/,
  },
  {
    rule: 'ownership: only resources with the owner tags belong to the stack',
    history: { events: [deploy({ ...one, name: 'taken' })] },
    without: {
      connectors: (service, event) => ({
        ...bound(service),
        tags: async () => ({ 'cdk-lambda-microvms:stack': event.StackId, 'cdk-lambda-microvms:resource': event.LogicalResourceId }),
      }),
    },
    violation: /another owner|wrong owner tags|the rollback fails/,
  },
  {
    rule: 'deletion: a request with an invented physical ID deletes the connector that the properties name',
    history: { events: [deploy(one, { siblingFailsAfter: 20_000 })] },
    without: {
      event: event => event.RequestType === 'Delete' && !event.PhysicalResourceId.startsWith('network-connector:')
        ? {
          ...event,
          ResourceProperties: {
            ...connectorProperties({ ...one, name: 'invented' }, { stackId: event.StackId, logicalId: event.LogicalResourceId }),
            ResourceRoleArn: (event.ResourceProperties as NetworkConnectorProperties).ResourceRoleArn,
          },
        }
        : event,
    },
    violation: /left behind/,
  },
  {
    rule: 'client token: it identifies the operation and not the content, because the service never forgets a token',
    history: { events: [deploy(one), { do: 'deleteStack' }, deploy(one)] },
    without: {
      connectors: service => ({
        ...bound(service),
        create: async (name, settings) => {
          await service.create(name, settings, {}, hash(name));
          return { arn: '' };
        },
        // As if the connector of the answer existed.
        connector: async identifier => service.connector(identifier === '' ? 'taken' : identifier),
      }),
    },
    violation: /fails without a reason|left behind/,
  },
  {
    rule: 'operation ID: a failed update only fails the operation that requested it',
    history: { events: [deploy(one), deploy(full), deploy(two)] },
    without: {
      connectors: (service, event) => ({
        ...bound(service),
        tags: async arn => {
          const { 'cdk-lambda-microvms:operation': _, ...tags } = await service.tags(arn);
          const id = hash(event.Operation.Id).slice(0, 12);
          return { ...tags, 'cdk-lambda-microvms:operation': `${id}/2/0` };
        },
      }),
    },
    violation: /fails without a reason/,
  },
  {
    rule: 'old versions: they are deleted, so that a removed subnet can be deleted',
    history: { events: [deploy(one), deploy(two), deploy(three)] },
    without: { connectors: service => ({ ...bound(service), versions: async () => [] }) },
    violation: /versions are left/,
  },
  {
    rule: 'old versions: a version that a MicroVM uses is kept',
    history: { events: [deploy(one), launch, deploy({ ...two, placementRemoval: 'KEEP_UNTIL_UNUSED' }), deploy({ ...three, placementRemoval: 'KEEP_UNTIL_UNUSED' })] },
    without: nobodyUses,
    violation: /cut off/,
  },
  {
    rule: 'old versions: they are also deleted in a rollback, which deletes a subnet that was added',
    history: { events: [deploy(two), deploy(one, { siblingFailsAfter: 600_000 })] },
    without: { connectors: (service, event) => ({ ...bound(service), ...event.Operation.Phase === 'rollback' && { versions: async () => [] } }) },
    violation: /subnet-2 was added and is still held/,
  },
  {
    rule: 'removal: a subnet or security group that a MicroVM may hold is not removed',
    history: { events: [deploy(one), launch, deploy(two), deploy({ ...one, group: '2' })] },
    without: {
      event: event => ({ ...event, ResourceProperties: { ...event.ResourceProperties as NetworkConnectorProperties, PlacementRemoval: 'KEEP_UNTIL_UNUSED' } }),
    },
    violation: /still held/,
  },
  {
    rule: 'removal: it begins when the MicroVMs have terminated, if the user prefers to wait',
    history: {
      events: [deploy(one), launch, { do: 'terminateMicrovms' }, launch, deploy({ ...two, placementRemoval: 'WAIT_UNTIL_UNUSED' })],
    },
    without: nobodyUses,
    violation: /cut off/,
  },
  {
    rule: 'removal: a MicroVM of an older version counts, because that version may have the same subnet',
    history: { events: [deploy(one), launch, deploy({ ...three, subnets: ['1', '2', '3'] }), deploy({ ...three, subnets: ['1', '3'] })] },
    without: {
      connectors: service => ({
        ...bound(service),
        users: async (arn, query) => query.oneIsEnough ? { known: [], unknown: [], isComplete: true } : service.users(arn, query),
      }),
    },
    violation: /still held/,
  },
  {
    rule: 'in use: a connector that a MicroVM uses is not deleted',
    history: { events: [deploy(one), launch, { do: 'deleteStack' }] },
    without: nobodyUses,
    violation: /cut off/,
  },
  {
    rule: 'in use: a replacement is rejected before its first change',
    history: { events: [deploy(one), launch, deploy({ ...one, name: 'a2' })] },
    without: { event: event => ({ ...event, OldResourceProperties: undefined }) },
    violation: /replaced while in use/,
  },
  {
    rule: 'immutable: the VPC and the protocol of a connector are not changed',
    history: { events: [deploy(one), deploy({ ...one, protocol: 'DualStack' })] },
    without: {
      connectors: (service, event) => ({
        ...bound(service),
        connector: async name => {
          const connector = await service.connector(name);
          const { NetworkProtocol: networkProtocol } = event.ResourceProperties as NetworkConnectorProperties;
          return connector === 'absent' ? connector : { ...connector, networkProtocol };
        },
      }),
    },
    violation: /wrong configuration/,
  },
  {
    rule: 'unacknowledged replacement: a canceled replacement leaves no connector of the other name',
    history: { events: [deploy(one), deploy({ ...one, name: 'a2' }, { siblingFailsAfter: 60_000 })] },
    without: { event: event => ({ ...event, Operation: { ...event.Operation, RequestPhysicalId: undefined } }) },
    violation: /left behind/,
  },
];

describe.each(rules)('$rule', ({ history, without, violation }) => {
  test('violates no invariant with the rule', async () => {
    await expect(runConnectors(history)).resolves.toBeDefined();
  });

  test('violates an invariant without the rule', async () => {
    const options: TestBedOptions = without === 'stack view' ? { hidesStack: true } : { variant: without };
    await expect(runConnectors(history, options)).rejects.toThrow(violation);
  });
});

describe('in use: a new MicroVM that cannot be described in any look', () => {
  // An update waits a minute before its first change, and pruning waits a minute after the update.
  const busy = (startedAt: (now: number) => number): ConnectorRunOptions => ({
    patienceMs: 30_000,
    variant: {
      connectors: service => ({
        ...bound(service),
        users: async (arn, query) => ({ ...await service.users(arn, query), unknown: [{ microvmId: 'microvm-new', startedAt: startedAt(query.now) }] }),
      }),
    },
  });
  const history: ConnectorHistory = { events: [deploy(one), deploy({ ...one, name: 'a2' }), deploy({ ...two, name: 'a2' }), { do: 'deleteStack' }] };

  test('prevents neither a replacement, a removal nor a deletion, if there is another one each time', async () => {
    await expect(runConnectors(history, busy(now => now - 1_000))).resolves.toMatchObject({ successes: 3 });
  });

  test('prevents nothing if it was launched long ago', async () => {
    await expect(runConnectors(history, busy(() => 0))).resolves.toMatchObject({ successes: 3 });
  });
});
