import { ARN, connector, connectorDependencies, FakeConnectors, lookupEvent } from './inputs';
import { lookupPhysicalId, NetworkConnectorLookup } from '../../../src/handlers/connector/lookup';
import type { Connector } from '../../../src/handlers/connector/observed';
import type { NetworkConnectorService } from '../../../src/handlers/connector/service';
import type { PollEvent } from '../../../src/handlers/engine/event';
import { operationOf } from '../../../src/handlers/engine/operation';
import { FakeClock, NOW, SECOND } from '../engine/inputs';

type LookupEvent = ReturnType<typeof lookupEvent>;

function fixture(answers: Partial<NetworkConnectorService> = {}, more: Partial<LookupEvent> = {}) {
  const connectors = new FakeConnectors(answers);
  const clock = new FakeClock();
  const sessions: string[][] = [];
  const event = lookupEvent(more);
  const dependencies = connectorDependencies(connectors, {
    clock, connectors: async (...args) => { sessions.push(args); return connectors.service; },
  });
  return { connectors, clock, sessions, lookup: new NetworkConnectorLookup(event, operationOf(event, 300, NOW), dependencies) };
}

function stepFor(found: Connector | 'absent' | undefined, RequestType: PollEvent['RequestType'] = 'Create') {
  return fixture({}, { RequestType }).lookup.reconcile({ connector: found });
}

describe('the physical ID', () => {
  test.each(['Create', 'Update'] as const)('contains the name of the connector at %s, so that a new name replaces the lookup', RequestType => {
    expect(lookupPhysicalId(lookupEvent({ RequestType, PhysicalResourceId: 'anything' }))).toBe('network-connector-lookup:net');
  });

  test('is returned unchanged at Delete', () => {
    expect(lookupPhysicalId(lookupEvent({ RequestType: 'Delete', PhysicalResourceId: 'app-Import-1ABC' }))).toBe('app-Import-1ABC');
  });
});

describe('a lookup', () => {
  test.each(['Create', 'Update'] as const)('observes the connector, and returns its ARN, name and ID: %s', RequestType => {
    expect(stepFor(undefined, RequestType)).toEqual({ kind: 'observe', observe: 'connector' });
    expect(stepFor(connector(), RequestType)).toEqual({ kind: 'done', data: { ConnectorArn: ARN, ConnectorName: 'net', ConnectorId: 'nc-net' } });
  });

  test('accepts an inactive connector', () => {
    expect(stepFor(connector({ state: 'INACTIVE' }))).toMatchObject({ kind: 'done', data: { ConnectorArn: ARN } });
  });

  test('waits for a connector that is being created', () => {
    expect(stepFor(connector({ state: 'PENDING' }))).toEqual({ kind: 'wait', waitingFor: "network connector 'net' to become active" });
  });

  test('fails if the connector does not exist', () => {
    expect(stepFor('absent')).toEqual({
      kind: 'fail',
      code: 'NetworkConnectorNotFound',
      summary: "networkConnectorName: network connector 'net' does not exist in this account and Region; deploy it first, or correct the name",
    });
  });

  test.each(['FAILED', 'DELETING', 'DELETE_FAILED'] as const)('fails if the connector is %s', state => {
    expect(stepFor(connector({ state }))).toEqual({
      kind: 'fail',
      code: 'NetworkConnectorNotActive',
      summary: `networkConnectorName: network connector 'net' is ${state}, and cannot be used; deploy the stack that creates it again`,
    });
  });

  test('describes the connector by its name, with its own role', async () => {
    const received: string[] = [];
    const { lookup, connectors, sessions } = fixture({ connector: async identifier => { received.push(identifier); return connector(); } });
    await expect(lookup.observe()).resolves.toEqual({ connector: connector() });
    expect([received, connectors.calls, sessions]).toEqual([['net'], ['connector'], [['arn:aws:iam::123456789012:role/lookup', 'Sandbox']]]);
  });

  test('considers a connector absent only after three observations within six seconds', async () => {
    const { lookup, connectors, clock } = fixture({ connector: async () => 'absent' });
    await expect(lookup.observe()).resolves.toEqual({ connector: 'absent' });
    expect([connectors.calls.length, clock.now() - NOW]).toEqual([3, 6 * SECOND]);
  });

  test('observes nothing at its deletion', () => {
    expect(stepFor(undefined, 'Delete')).toEqual({ kind: 'done', data: undefined });
  });

  test('changes nothing and has no secrets', async () => {
    const { lookup } = fixture();
    await expect(lookup.apply()).rejects.toThrow('changes nothing');
    expect([lookup.secrets, lookup.nothingObserved]).toEqual([[], {}]);
  });
});
