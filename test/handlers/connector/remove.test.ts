import { ARN, connector, desired, ours, TEN_IDS_AND_MORE, TWELVE_USERS, usage, user } from './inputs';
import type { DesiredConnector } from '../../../src/handlers/connector/desired';
import type { Connector, ConnectorUser, ObservedConnector } from '../../../src/handlers/connector/observed';
import { remove } from '../../../src/handlers/connector/remove';
import { CONNECTOR_DELETION } from '../../../src/handlers/connector/usual-times';
import type { Operation } from '../../../src/handlers/engine/operation';
import { ownerTags } from '../../../src/handlers/engine/owner';
import { MINUTE, NOW, operation, OWNER, SECOND, ANOTHER_OWNER } from '../engine/inputs';

function removing(observed: ObservedConnector, more: Partial<DesiredConnector> = {}, during: Partial<Operation> = {}) {
  return remove(desired(more), observed, operation({ type: 'Delete', ...during }));
}

const DELETION = { kind: 'change', change: { do: 'deleteConnector', name: 'net', arn: ARN }, waitingFor: "network connector 'net' to be deleted", fallback: undefined };

describe('deleting a connector', () => {
  test('confirms its absence', () => {
    expect(removing({})).toEqual({ kind: 'observe', observe: { at: 'connector', name: 'net', confirmAbsence: true } });
  });

  test('ends if it does not exist', () => {
    expect(removing({ connector: 'absent' })).toEqual({ kind: 'done', data: undefined });
  });

  test('waits until its name is free while a connector of any owner is being deleted', () => {
    expect(removing({ connector: connector({ state: 'DELETING' }) })).toEqual({ kind: 'wait', waitingFor: "network connector 'net' to be deleted", usual: CONNECTOR_DELETION });
  });

  test('observes the tags, which identify the owner', () => {
    expect(removing({ connector: connector() })).toEqual({ kind: 'observe', observe: { at: 'tags', name: 'net', arn: ARN } });
  });

  test.each([
    ['another stack', ANOTHER_OWNER],
    ['another resource', { ...OWNER, logicalId: 'Another' }],
    ['a resource of the same name in another stack', { ...OWNER, stackId: ANOTHER_OWNER.stackId }],
  ])('does not delete a connector of %s, in any state', (_, owner) => {
    for (const state of ['ACTIVE', 'FAILED', 'PENDING'] as const) {
      expect(removing({ connector: connector({ state }), tags: ownerTags(owner), users: usage() })).toEqual({ kind: 'done', data: undefined });
    }
  });

  test('does not delete a connector without owner tags, once they would show', () => {
    const untagged = (age: number) => removing({ connector: connector({ modifiedAt: NOW - age }), tags: {}, users: usage() });
    expect(untagged(59 * SECOND)).toEqual({ kind: 'wait', waitingFor: "the tags of network connector 'net' to show" });
    expect(untagged(MINUTE)).toEqual({ kind: 'done', data: undefined });
  });

  test('waits until a connector that is being created can be deleted', () => {
    expect(removing(ours({ state: 'PENDING' }))).toEqual({ kind: 'wait', waitingFor: "network connector 'net' to be created, before it can be deleted" });
  });

  test('observes the owner of such a connector once a minute', () => {
    const stepAfter = (seconds: number) => removing({ connector: connector({ state: 'PENDING' }) }, {}, { startedAt: NOW - seconds * SECOND }).kind;
    expect([12, 30, 54, 60, 63, 64].map(stepAfter)).toEqual(['wait', 'wait', 'wait', 'observe', 'observe', 'wait']);
  });

  test.each(['ACTIVE', 'INACTIVE', 'FAILED', 'DELETE_FAILED'] as const)('deletes a connector that is %s', state => {
    expect(removing(ours({ state }))).toEqual(DELETION);
  });

  test('deletes a connector that is being updated', () => {
    expect(removing(ours({ updateStatus: 'InProgress' }))).toEqual(DELETION);
  });
});

describe('MicroVMs that use a connector that is deleted', () => {
  const inUse = (users: ConnectorUser[], deletion: DesiredConnector['deletion'], startedAt = NOW - 20 * MINUTE, more: Partial<Connector> = {}) =>
    removing(ours(more, { users: usage(users) }), { deletion }, { startedAt });

  test.each(['REFUSE_IN_USE', 'WAIT_UNTIL_UNUSED'] as const)('are observed first: %s', deletion => {
    expect(removing(ours({}, { users: undefined }), { deletion })).toEqual({
      kind: 'observe', observe: { at: 'users', name: 'net', arn: ARN, since: NOW - 20 * MINUTE },
    });
  });

  test.each(['REFUSE_IN_USE', 'WAIT_UNTIL_UNUSED'] as const)('do not prevent its deletion if there are none: %s', deletion => {
    expect(inUse([], deletion)).toEqual(DELETION);
  });

  test('delay its deletion for two minutes, because they may be terminating', () => {
    expect(inUse([user('microvm-1')], 'REFUSE_IN_USE', NOW - 2 * MINUTE + 1)).toEqual({
      kind: 'wait', waitingFor: "the MicroVMs that use network connector 'net' to terminate: microvm-1",
    });
    expect(inUse([user('microvm-1')], 'REFUSE_IN_USE', NOW - 2 * MINUTE)).toMatchObject({ kind: 'fail', code: 'NetworkConnectorInUse' });
  });

  test('prevent its deletion after that, and the error lists the first ten', () => {
    expect(inUse(TWELVE_USERS, 'REFUSE_IN_USE')).toEqual({
      kind: 'fail',
      code: 'NetworkConnectorInUse',
      summary: `network connector 'net' is in use, and its deletion would cut off the network of MicroVMs: ${TEN_IDS_AND_MORE}; `
        + "terminate each with 'aws lambda-microvms terminate-microvm --microvm-identifier <ID>' and try again, "
        + 'or deploy deletion WAIT_UNTIL_UNUSED or FORCE first',
    });
  });

  test('delay its deletion until the deadline with WAIT_UNTIL_UNUSED, and the message lists them', () => {
    expect(inUse(TWELVE_USERS, 'WAIT_UNTIL_UNUSED')).toEqual({
      kind: 'wait', waitingFor: `the MicroVMs that use network connector 'net' to terminate: ${TEN_IDS_AND_MORE}`, fallback: undefined,
    });
  });

  test('are not observed with FORCE', () => {
    expect(removing(ours({}, { users: undefined }), { deletion: 'FORCE' })).toEqual(DELETION);
    expect(inUse(TWELVE_USERS, 'FORCE', NOW)).toEqual(DELETION);
  });

  test.each(['REFUSE_IN_USE', 'WAIT_UNTIL_UNUSED'] as const)('are not observed if the connector never became active: %s', deletion => {
    expect(removing(ours({ state: 'FAILED' }, { users: undefined }), { deletion })).toEqual(DELETION);
  });

  test.each(['REFUSE_IN_USE', 'WAIT_UNTIL_UNUSED'] as const)('prevent its deletion if not all MicroVMs of the account have been listed: %s', deletion => {
    const during = { startedAt: NOW - 4 * MINUTE };
    const partly = (known: ConnectorUser[]) => removing(ours({}, { users: usage(known, { isComplete: false }) }), { deletion }, during);
    expect(partly([])).toEqual({ kind: 'wait', waitingFor: "all MicroVMs of the account to be listed, because one may use network connector 'net'" });
    expect(partly([user('microvm-1')])).toMatchObject(deletion === 'REFUSE_IN_USE' ? { kind: 'fail', code: 'NetworkConnectorInUse' } : { kind: 'wait' });
  });
});

describe('a list of MicroVMs that is not complete', () => {
  const partly = (startedAt: number, more: Partial<DesiredConnector> = {}, found: Partial<Connector> = {}) =>
    removing(ours(found, { users: usage([], { isComplete: false }) }), more, { startedAt });

  test('fails a deletion five minutes after it began, and the error says what to do', () => {
    expect(partly(NOW - 5 * MINUTE + 1)).toMatchObject({ kind: 'wait' });
    expect(partly(NOW - 5 * MINUTE)).toEqual({
      kind: 'fail',
      code: 'NetworkConnectorInUse',
      summary: "not all MicroVMs of the account could be listed in five minutes, and one may use network connector 'net'; "
        + 'try again when fewer are listed or, if none uses it, deploy deletion FORCE first',
    });
  });

  test('does not fail it sooner than five minutes after the connector has changed, because the search begins then', () => {
    expect(partly(NOW - 6 * MINUTE, {}, { modifiedAt: NOW - 5 * MINUTE + 1 })).toMatchObject({ kind: 'wait' });
    expect(partly(NOW - 6 * MINUTE, {}, { modifiedAt: NOW - 5 * MINUTE })).toMatchObject({ kind: 'fail' });
  });

  test('does not fail it with WAIT_UNTIL_UNUSED', () => {
    expect(partly(NOW - 40 * MINUTE, { deletion: 'WAIT_UNTIL_UNUSED' })).toMatchObject({ kind: 'wait' });
  });
});

describe('MicroVMs that are listed but cannot be described', () => {
  /** A MicroVM with this age, in a deletion that began this long ago. */
  const unknown = (age: number, begunAgo: number, known: ConnectorUser[] = []) => removing(
    ours({}, { users: usage(known, { unknown: [user('microvm-1', { startedAt: NOW - age })] }) }), {}, { startedAt: NOW - begunAgo },
  );

  test('delay the deletion of a connector for a minute after their launch, because they may use it', () => {
    expect(unknown(59 * SECOND, 59 * SECOND)).toEqual({
      kind: 'wait', waitingFor: "new MicroVMs to show whether they use network connector 'net': microvm-1", fallback: undefined,
    });
    expect(unknown(MINUTE, MINUTE)).toEqual(DELETION);
    expect(unknown(24 * 60 * MINUTE, SECOND)).toEqual(DELETION);
  });

  test('do not delay it a minute after it began, so that a busy account can delete', () => {
    expect(unknown(5 * SECOND, 59 * SECOND)).toMatchObject({ kind: 'wait' });
    expect(unknown(5 * SECOND, MINUTE)).toEqual(DELETION);
  });

  test('matter less than a MicroVM that is known to use the connector', () => {
    expect(unknown(SECOND, SECOND, [user('microvm-2')])).toMatchObject({ kind: 'wait', waitingFor: expect.stringMatching(/to terminate: microvm-2$/) });
  });
});
