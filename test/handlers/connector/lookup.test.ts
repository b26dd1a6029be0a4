import { ARN, connector, connectorWorld, FakeConnectors, lookupEvent } from './inputs';
import { lookupPhysicalId, NetworkConnectorLookup } from '../../../src/handlers/connector/lookup';
import type { Connector } from '../../../src/handlers/connector/observed';
import type { NetworkConnectorService } from '../../../src/handlers/connector/service';
import type { PollEvent } from '../../../src/handlers/engine/event';
import { operationOf } from '../../../src/handlers/engine/operation';
import { FakeClock, NOW, SECOND } from '../engine/inputs';

type LookupEvent = ReturnType<typeof lookupEvent>;

function bench(answers: Partial<NetworkConnectorService> = {}, more: Partial<LookupEvent> = {}) {
  const connectors = new FakeConnectors(answers);
  const clock = new FakeClock();
  const sessions: string[][] = [];
  const event = lookupEvent(more);
  const dependencies = connectorWorld(connectors, { clock, connectors: async (...args) => { sessions.push(args); return connectors.service; } });
  return { connectors, clock, sessions, lookup: new NetworkConnectorLookup(event, operationOf(event, 300, NOW), dependencies) };
}

function stepFor(found: Connector | 'absent' | undefined, RequestType: PollEvent['RequestType'] = 'Create') {
  return bench({}, { RequestType }).lookup.reconcile({ connector: found });
}

describe('the physical id', () => {
  test.each(['Create', 'Update'] as const)('names the connector at %s, so that another name is another look-up', RequestType => {
    expect(lookupPhysicalId(lookupEvent({ RequestType, PhysicalResourceId: 'anything' }))).toBe('network-connector-lookup:net');
  });

  test('is answered unchanged at Delete', () => {
    expect(lookupPhysicalId(lookupEvent({ RequestType: 'Delete', PhysicalResourceId: 'app-Import-1ABC' }))).toBe('app-Import-1ABC');
  });
});

describe('a look-up', () => {
  test.each(['Create', 'Update'] as const)('looks, and answers ARN, name and id: %s', RequestType => {
    expect(stepFor(undefined, RequestType)).toEqual({ kind: 'observe', observe: 'connector' });
    expect(stepFor(connector(), RequestType)).toEqual({ kind: 'done', data: { ConnectorArn: ARN, ConnectorName: 'net', ConnectorId: 'nc-net' } });
  });

  test('is content with a connector that is inactive', () => {
    expect(stepFor(connector({ state: 'INACTIVE' }))).toMatchObject({ kind: 'done', data: { ConnectorArn: ARN } });
  });

  test('waits for a connector that is being created', () => {
    expect(stepFor(connector({ state: 'PENDING' }))).toEqual({ kind: 'wait', waitingFor: "network connector 'net' to become active" });
  });

  test('fails if there is no such connector', () => {
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

  test('asks with its own role, by the name', async () => {
    const asked: string[] = [];
    const { lookup, connectors, sessions } = bench({ connector: async identifier => { asked.push(identifier); return connector(); } });
    await expect(lookup.observe()).resolves.toEqual({ connector: connector() });
    expect([asked, connectors.calls, sessions]).toEqual([['net'], ['connector'], [['arn:aws:iam::123456789012:role/lookup', 'Sandbox']]]);
  });

  test('takes a connector for missing only after three looks over six seconds', async () => {
    const { lookup, connectors, clock } = bench({ connector: async () => 'absent' });
    await expect(lookup.observe()).resolves.toEqual({ connector: 'absent' });
    expect([connectors.calls.length, clock.now() - NOW]).toEqual([3, 6 * SECOND]);
  });

  test('has nothing to do at its deletion, not even a look', () => {
    expect(stepFor(undefined, 'Delete')).toEqual({ kind: 'done', data: undefined });
  });

  test('changes nothing and has no secrets', async () => {
    const { lookup } = bench();
    await expect(lookup.apply()).rejects.toThrow('changes nothing');
    expect([lookup.secrets, lookup.nothingObserved]).toEqual([[], {}]);
  });
});
