import { ARN, connector, desired, ours, TEN_IDS_AND_MORE, TWELVE_USERS, user } from './inputs';
import type { DesiredConnector } from '../../../src/handlers/connector/desired';
import type { Connector, ConnectorUser, ObservedConnector } from '../../../src/handlers/connector/observed';
import { remove } from '../../../src/handlers/connector/remove';
import type { Operation } from '../../../src/handlers/engine/operation';
import { ownerTags } from '../../../src/handlers/engine/owner';
import { MINUTE, NOW, operation, OWNER, SECOND, SOMEBODY_ELSE } from '../engine/inputs';

function removing(observed: ObservedConnector, more: Partial<DesiredConnector> = {}, during: Partial<Operation> = {}) {
  return remove(desired(more), observed, operation({ type: 'Delete', ...during }));
}

const DELETION = { kind: 'change', change: { do: 'deleteConnector', name: 'net', arn: ARN }, waitingFor: "network connector 'net' to be deleted", fallback: undefined };

describe('deleting a connector', () => {
  test('looks for it until its absence is certain', () => {
    expect(removing({})).toEqual({ kind: 'observe', observe: { at: 'connector', name: 'net', confirmAbsence: true } });
  });

  test('is content when it is gone already', () => {
    expect(removing({ connector: 'absent' })).toEqual({ kind: 'done', data: undefined });
  });

  test('waits until the name is free while it is being deleted, whoever owns it', () => {
    expect(removing({ connector: connector({ state: 'DELETING' }) })).toEqual({ kind: 'wait', waitingFor: "network connector 'net' to be deleted" });
  });

  test('looks at the tags, which say whose it is', () => {
    expect(removing({ connector: connector() })).toEqual({ kind: 'observe', observe: { at: 'tags', name: 'net', arn: ARN } });
  });

  test.each([
    ['another stack', SOMEBODY_ELSE],
    ['another resource', { ...OWNER, logicalId: 'Another' }],
    ['a resource of the same name in another stack', { ...OWNER, stackId: SOMEBODY_ELSE.stackId }],
  ])('leaves a connector of %s alone, whatever its state', (_, owner) => {
    for (const state of ['ACTIVE', 'FAILED', 'PENDING'] as const) {
      expect(removing({ connector: connector({ state }), tags: ownerTags(owner), users: [] })).toEqual({ kind: 'done', data: undefined });
    }
  });

  test('leaves a connector without owner tags alone, once they would show', () => {
    const untagged = (age: number) => removing({ connector: connector({ modifiedAt: NOW - age }), tags: {}, users: [] });
    expect(untagged(59 * SECOND)).toEqual({ kind: 'wait', waitingFor: "the tags of network connector 'net' to show" });
    expect(untagged(MINUTE)).toEqual({ kind: 'done', data: undefined });
  });

  test('waits until one that is being created can be deleted', () => {
    expect(removing(ours({ state: 'PENDING' }))).toEqual({ kind: 'wait', waitingFor: "network connector 'net' to be created, before it can be deleted" });
  });

  test('looks once a minute whose it is meanwhile', () => {
    const looksAt = (seconds: number) => removing({ connector: connector({ state: 'PENDING' }) }, {}, { startedAt: NOW - seconds * SECOND }).kind;
    expect([12, 30, 54, 60, 65, 66].map(looksAt)).toEqual(['wait', 'wait', 'wait', 'observe', 'observe', 'wait']);
  });

  test.each(['ACTIVE', 'INACTIVE', 'FAILED', 'DELETE_FAILED'] as const)('deletes one that is %s', state => {
    expect(removing(ours({ state }))).toEqual(DELETION);
  });

  test('deletes one that is being updated', () => {
    expect(removing(ours({ updateStatus: 'InProgress' }))).toEqual(DELETION);
  });
});

describe('MicroVMs that use a connector that is deleted', () => {
  const inUse = (users: ConnectorUser[], deletion: DesiredConnector['deletion'], startedAt = NOW - 20 * MINUTE, more: Partial<Connector> = {}) =>
    removing(ours(more, { users }), { deletion }, { startedAt });

  test.each(['REFUSE_IN_USE', 'WAIT_UNTIL_UNUSED'] as const)('are looked for first: %s', deletion => {
    expect(removing(ours({}, { users: undefined }), { deletion })).toEqual({ kind: 'observe', observe: { at: 'users', name: 'net', arn: ARN } });
  });

  test.each(['REFUSE_IN_USE', 'WAIT_UNTIL_UNUSED'] as const)('do not keep it if there are none: %s', deletion => {
    expect(inUse([], deletion)).toEqual(DELETION);
  });

  test('are waited for two minutes, since they may just have been told to terminate', () => {
    expect(inUse([user('microvm-1')], 'REFUSE_IN_USE', NOW - 2 * MINUTE + 1)).toEqual({
      kind: 'wait', waitingFor: "the MicroVMs that use network connector 'net' to terminate: microvm-1",
    });
    expect(inUse([user('microvm-1')], 'REFUSE_IN_USE', NOW - 2 * MINUTE)).toMatchObject({ kind: 'fail', code: 'NetworkConnectorInUse' });
  });

  test('are named when the deletion is refused, the first ten and how many more', () => {
    expect(inUse(TWELVE_USERS, 'REFUSE_IN_USE')).toEqual({
      kind: 'fail',
      code: 'NetworkConnectorInUse',
      summary: `network connector 'net' is in use, and its deletion would cut off the network of MicroVMs: ${TEN_IDS_AND_MORE}; `
        + 'terminate them and try again, or deploy deletion WAIT_UNTIL_UNUSED or FORCE first',
    });
  });

  test('are waited for until the deadline if the user chose so, and are then named in the message', () => {
    expect(inUse(TWELVE_USERS, 'WAIT_UNTIL_UNUSED')).toEqual({
      kind: 'wait', waitingFor: `the MicroVMs that use network connector 'net' to terminate: ${TEN_IDS_AND_MORE}`, fallback: undefined,
    });
  });

  test('are not looked for if the user chose to cut them off', () => {
    expect(removing(ours({}, { users: undefined }), { deletion: 'FORCE' })).toEqual(DELETION);
    expect(inUse(TWELVE_USERS, 'FORCE', NOW)).toEqual(DELETION);
  });

  test.each(['REFUSE_IN_USE', 'WAIT_UNTIL_UNUSED'] as const)('cannot be there if the connector never came up, and are not looked waitingFor: %s', deletion => {
    expect(removing(ours({ state: 'FAILED' }, { users: undefined }), { deletion })).toEqual(DELETION);
  });
});
