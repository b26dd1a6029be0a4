import type { NetworkConnectorProperties } from '../../src/contract/connector';
import { hash } from '../../src/handlers/engine/fingerprint';
import type { ConnectorEvent, ConnectorHistory, ConnectorSpec } from '../../tools/histories/connector-history';
import { connectorProperties } from '../../tools/histories/connector-history';
import { playConnectors } from '../../tools/histories/connector-player';
import type { Event } from '../../tools/histories/history';
import type { LabOptions, Variant } from '../../tools/histories/lab';
import { bound } from '../../tools/histories/lab';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

/**
 * Each rule of connectors in a history that it saves: with the rule the history ends well, without it, an invariant is violated.
 * A rule is switched off by what the handler gets to see; the handler has no switches.
 */

const one: ConnectorSpec = { name: 'a1', subnets: ['1', '2'] };
const two: ConnectorSpec = { ...one, subnets: ['1'] };
const three: ConnectorSpec = { ...one, subnets: ['3'] };
const full: ConnectorSpec = { ...one, subnets: ['full'] };
const deploy = (A: ConnectorSpec, circumstances = {}): Event<ConnectorSpec> | ConnectorEvent => ({ do: 'deploy', template: { A }, circumstances });
const launch: ConnectorEvent = { do: 'launch', name: 'a1' };

interface Rule {
  readonly rule: string;
  readonly history: ConnectorHistory;
  readonly without: Variant | 'blindfold';
  readonly violation: RegExp;
}

const rules: Rule[] = [
  {
    rule: 'fence: a cancelled operation changes nothing any more',
    // The update is refused until it is cancelled, and would go on during the rollback.
    history: {
      events: [deploy(one), deploy(two, { siblingFailsAfter: 8_000 })],
      faults: { calls: [0, 1, 2, 3].map(nth => ({ operation: 'UpdateNetworkConnector' as const, nth, fault: { kind: 'throttle' as const } })) },
      durationsMs: [20_000],
    },
    without: 'blindfold',
    violation: /wrong configuration/,
  },
  {
    rule: 'grace: a rollback waits for what the operation before may still have under way',
    history: {
      events: [deploy(one), deploy(two, { siblingFailsAfter: 5_000 })],
      faults: { calls: [{ operation: 'UpdateNetworkConnector', nth: 0, fault: { kind: 'lateLanding', afterMs: 4_000 } }] },
      durationsMs: [20_000],
    },
    without: { event: event => ({ ...event, Operation: { ...event.Operation, StartedAt: event.Operation.StartedAt - 10_000 } }) },
    violation: /wrong configuration|update is in progress/,
  },
  {
    rule: 'ownership: only what carries our tags is ours',
    history: { events: [deploy({ ...one, name: 'taken' })] },
    without: {
      connectors: (service, event) => ({
        ...bound(service),
        tags: async () => ({ 'cdk-lambda-microvms:stack': event.StackId, 'cdk-lambda-microvms:resource': event.LogicalResourceId }),
      }),
    },
    violation: /somebody else|wrong owner tags|the rollback fails/,
  },
  {
    rule: 'deletion: an invented physical id means the connector that the properties name',
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
    rule: 'client token: of the operation, not of the content, since the service never forgets one',
    history: { events: [deploy(one), { do: 'deleteStack' }, deploy(one)] },
    without: {
      connectors: service => ({
        ...bound(service),
        create: async (name, settings) => {
          await service.create(name, settings, {}, hash(name));
          return { arn: '' };
        },
        // As if what was answered were there.
        connector: async identifier => service.connector(identifier === '' ? 'taken' : identifier),
      }),
    },
    violation: /fails without a reason|left behind/,
  },
  {
    rule: 'mark: a failed update is the failure of the operation that asked for it',
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
    rule: 'old versions: removed, so that a subnet taken out can be deleted',
    history: { events: [deploy(one), deploy(two), deploy(three)] },
    without: { connectors: service => ({ ...bound(service), versions: async () => [] }) },
    violation: /versions are left/,
  },
  {
    rule: 'old versions: one that a MicroVM holds stays',
    history: { events: [deploy(one), launch, deploy(two), deploy(three)] },
    without: { connectors: service => ({ ...bound(service), users: async () => [] }) },
    violation: /cut off/,
  },
  {
    rule: 'in use: a connector is not deleted under a MicroVM',
    history: { events: [deploy(one), launch, { do: 'deleteStack' }] },
    without: { connectors: service => ({ ...bound(service), users: async () => [] }) },
    violation: /cut off/,
  },
  {
    rule: 'in use: a replacement is refused before its first step',
    history: { events: [deploy(one), launch, deploy({ ...one, name: 'a2' })] },
    without: { event: event => ({ ...event, OldResourceProperties: undefined }) },
    violation: /replaced while in use/,
  },
  {
    rule: 'unchangeable: VPC and protocol of a name are not changed',
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
    rule: 'unacknowledged replacement: one that was cancelled midway leaves no connector of the other name',
    history: { events: [deploy(one), deploy({ ...one, name: 'a2' }, { siblingFailsAfter: 60_000 })] },
    without: { event: event => ({ ...event, Operation: { ...event.Operation, RequestPhysicalId: undefined } }) },
    violation: /left behind/,
  },
];

describe.each(rules)('$rule', ({ history, without, violation }) => {
  test('ends well with the rule', async () => {
    await expect(playConnectors(history)).resolves.toBeDefined();
  });

  test('violates an invariant without it', async () => {
    const options: LabOptions = without === 'blindfold' ? { blindfolded: true } : { variant: without };
    await expect(playConnectors(history, options)).rejects.toThrow(violation);
  });
});
