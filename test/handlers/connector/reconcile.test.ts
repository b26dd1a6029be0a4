import type { Circumstances } from './inputs';
import {
  ARN, connector, creating, NAME, OLD_ARN, OLD_NAME, ours, ourTags, rollingBack, TEN_IDS_AND_MORE, TWELVE_USERS, updating, user, version,
} from './inputs';
import { OPERATION_TAG } from '../../../src/contract/connector';
import type { Connector, ConnectorUser, ConnectorVersion, ObservedConnector } from '../../../src/handlers/connector/observed';
import { reconcile } from '../../../src/handlers/connector/reconcile';
import { ownerTags } from '../../../src/handlers/engine/owner';
import { EARLIER_OPERATION, MINUTE, NOW, OWNER, SECOND, SOMEBODY_ELSE, THIS_OPERATION } from '../engine/inputs';

const DATA = { ConnectorArn: ARN, ConnectorName: 'net', ConnectorId: 'nc-net' };
const FRESH = { startedAt: NOW - MINUTE, rolesMayBeFresh: true };
const OTHER_SUBNETS = { subnetIds: ['subnet-1', 'subnet-3'] };

describe('before the first step', () => {
  test('lets the changes of an earlier operation land', () => {
    expect(reconcile(rollingBack({ operation: { inGrace: true } }))).toEqual({ kind: 'wait', waitingFor: 'calls of an earlier operation to take effect' });
    expect(reconcile(creating({ operation: { type: 'Delete', inGrace: true } }))).toMatchObject({ kind: 'wait' });
  });

  test('looks at the connector first', () => {
    expect(reconcile(updating())).toEqual({ kind: 'observe', observe: { at: 'connector', name: NAME, confirmAbsence: false } });
  });

  test('looks at the connector that a deletion means until its absence is certain', () => {
    expect(reconcile(creating({ operation: { type: 'Delete' } }))).toEqual({ kind: 'observe', observe: { at: 'connector', name: NAME, confirmAbsence: true } });
  });

  test('waits while the name is still taken by a connector that is being deleted, whoever owned it', () => {
    expect(reconcile(creating({ observed: { connector: connector({ state: 'DELETING' }) } })))
      .toEqual({ kind: 'wait', waitingFor: "an earlier network connector 'net' to be deleted" });
  });

  test('looks at the tags, which say whose the connector is', () => {
    expect(reconcile(creating({ observed: { connector: connector() } }))).toEqual({ kind: 'observe', observe: { at: 'tags', name: NAME, arn: ARN } });
  });
});

describe('creating', () => {
  test('creates the connector', () => {
    expect(reconcile(creating({ observed: { connector: 'absent' } }))).toEqual({
      kind: 'change', change: { do: 'create', name: NAME }, waitingFor: "network connector 'net' to be created", fallback: undefined,
    });
  });

  test('waits until it is active', () => {
    expect(reconcile(creating({ observed: ours({ state: 'PENDING' }) }))).toEqual({ kind: 'wait', waitingFor: "network connector 'net' to become active" });
  });

  test('is done when it is active and as asked for', () => {
    expect(reconcile(creating({ observed: ours() }))).toEqual({ kind: 'done', data: DATA });
  });

  test('a connector that vanished is made again by an update', () => {
    expect(reconcile(updating({ observed: { connector: 'absent' } }))).toMatchObject({ change: { do: 'create', name: NAME } });
  });

  test('one that is inactive counts as active', () => {
    expect(reconcile(creating({ observed: ours({ state: 'INACTIVE' }) }))).toEqual({ kind: 'done', data: DATA });
  });

  test('fails for one that could not be deleted earlier, and tells why', () => {
    const stateReason = { code: 'InternalError', message: 'interfaces are left' };
    expect(reconcile(creating({ observed: ours({ state: 'DELETE_FAILED', stateReason }) }))).toEqual({
      kind: 'fail',
      code: 'NetworkConnectorDeletionFailed',
      summary: "networkConnectorName: network connector 'net' could not be deleted earlier: choose another name, or delete it with "
        + "'aws lambda-core delete-network-connector --identifier net'; InternalError: interfaces are left",
      hints: [{ text: 'the service failed; deploy again' }],
    });
  });
});

describe('a connector that somebody else made', () => {
  const tagged = (tags: Record<string, string>, more: Partial<Connector> = {}) => reconcile(creating({ observed: { connector: connector(more), tags } }));
  const FIX = "choose another name or, if nobody uses it, delete it with 'aws lambda-core delete-network-connector --identifier net'";

  test('fails for one without an owner, and tells the ways out', () => {
    expect(tagged({ team: 'theirs' })).toEqual({
      kind: 'fail',
      code: 'NetworkConnectorExists',
      summary: `networkConnectorName: network connector 'net' already exists, and no stack of this library owns it; ${FIX}`,
    });
  });

  test('fails for one of another resource, and names it', () => {
    expect(tagged(ownerTags(SOMEBODY_ELSE))).toEqual({
      kind: 'fail',
      code: 'NetworkConnectorOwnedElsewhere',
      summary: `networkConnectorName: network connector 'net' belongs to the resource 'Theirs' of the stack '${SOMEBODY_ELSE.stackId}'; ${FIX}`,
    });
  });

  test.each([
    ['another resource of the same stack', { ...OWNER, logicalId: 'Another' }],
    ['a resource of the same name in another stack', { ...OWNER, stackId: SOMEBODY_ELSE.stackId }],
  ])('fails for one of %s', (_, owner) => {
    expect(tagged(ownerTags(owner))).toMatchObject({ kind: 'fail', code: 'NetworkConnectorOwnedElsewhere' });
  });

  test.each(['PENDING', 'FAILED', 'ACTIVE', 'DELETE_FAILED'] as const)('fails for one of another resource that is %s, and deletes nothing', state => {
    expect(tagged(ownerTags(SOMEBODY_ELSE), { state })).toMatchObject({ kind: 'fail', summary: expect.stringContaining("'Theirs'") });
  });

  test('waits for the tags of a very new connector before it takes it for one without an owner', () => {
    expect(tagged({}, { modifiedAt: NOW - 59 * SECOND })).toEqual({ kind: 'wait', waitingFor: "the tags of network connector 'net' to show" });
    expect(tagged({}, { modifiedAt: NOW - MINUTE })).toMatchObject({ kind: 'fail', code: 'NetworkConnectorExists' });
  });
});

describe('a connector in motion', () => {
  const inMotion: [string, Partial<Connector>][] = [['being created', { state: 'PENDING' }], ['being updated', { updateStatus: 'InProgress' }]];

  test.each(inMotion)('is not looked at closer while it is %s, so that the service is asked once per poll', (_, more) => {
    const step = reconcile(updating({ operation: { startedAt: NOW - 30 * SECOND }, observed: { connector: connector(more) } }));
    expect(step).toEqual({ kind: 'wait', waitingFor: "network connector 'net' to be created or updated" });
  });

  test.each(inMotion)('is looked at closer once a minute while it is %s', (_, more) => {
    const observed = { connector: connector(more) };
    const looksAt = (seconds: number) => reconcile(updating({ operation: { startedAt: NOW - seconds * SECOND }, observed })).kind;
    expect([0, 5, 6, 114, 119, 120, 125, 126, 150].map(looksAt)).toEqual([
      'observe', 'observe', 'wait', 'wait', 'wait', 'observe', 'observe', 'wait', 'wait',
    ]);
  });

  test.each(inMotion)('is looked at closer at the deadline while it is %s', (_, more) => {
    const step = reconcile(updating({ operation: { startedAt: NOW - 30 * SECOND, expired: true }, observed: { connector: connector(more) } }));
    expect(step).toEqual({ kind: 'observe', observe: { at: 'tags', name: NAME, arn: ARN } });
  });
});

describe('a connector that failed to come up', () => {
  const stateReason = { code: 'SubnetOutOfIPAddresses', message: 'subnet-1 is full' };
  const failed = (mark: string, circumstances: Circumstances = {}, reason = stateReason) =>
    reconcile(creating({ observed: ours({ state: 'FAILED', stateReason: reason }, { tags: ourTags(mark) }), ...circumstances }));
  const deletion = { kind: 'change', change: { do: 'deleteConnector', name: NAME, arn: ARN }, waitingFor: "network connector 'net', which failed earlier, to be deleted" };

  test.each([1, 2])('fails with the reason if this operation made it, at attempt %s', attempt => {
    expect(failed(`${THIS_OPERATION}/${attempt}`)).toEqual({
      kind: 'fail',
      code: 'NetworkConnectorFailed',
      summary: "network connector 'net' did not become active: SubnetOutOfIPAddresses: subnet-1 is full",
      hints: [{ property: 'vpcSubnets', text: 'a subnet has no free addresses; use larger subnets, or others' }],
    });
  });

  test('is deleted if an earlier operation made it', () => {
    expect(failed(`${EARLIER_OPERATION}/1`)).toMatchObject(deletion);
    expect(failed(`${EARLIER_OPERATION}/2`, { operation: FRESH })).toMatchObject(deletion);
  });

  test('is deleted if no mark tells who made it', () => {
    expect(reconcile(creating({ observed: ours({ state: 'FAILED' }, { tags: ownerTags(OWNER) }) }))).toMatchObject(deletion);
  });

  describe('because of the permissions of its role', () => {
    const permissions = { code: 'InsufficientRolePermissions', message: 'the role may not' };

    test('is made again, since the role may not have been known everywhere', () => {
      expect(failed(`${THIS_OPERATION}/1`, {}, permissions)).toMatchObject(deletion);
    });

    test('fails when it was the second attempt', () => {
      expect(failed(`${THIS_OPERATION}/2`, { operation: FRESH }, permissions)).toMatchObject({
        kind: 'fail',
        code: 'NetworkConnectorFailed',
        summary: expect.stringMatching(/InsufficientRolePermissions: the role may not$/),
        hints: [{ property: 'operatorRole', text: expect.stringMatching(/^the role must be allowed to create network interfaces/) }],
      });
    });
  });

  test('fails for any other reason although the role is fresh', () => {
    expect(failed(`${THIS_OPERATION}/1`, { operation: FRESH })).toMatchObject({ kind: 'fail', code: 'NetworkConnectorFailed' });
  });
});

describe('updating', () => {
  const updates = (more: Partial<Connector>, circumstances: Circumstances = {}) => reconcile(updating({ observed: ours(more), ...circumstances }));
  const begins = (attempt: number) => ({
    kind: 'change', change: { do: 'update', name: NAME, arn: ARN, attempt }, waitingFor: "the update of network connector 'net' to begin",
  });

  test.each<[string, Partial<Connector>]>([
    ['subnets', { subnetIds: ['subnet-1'] }],
    ['further subnets', { subnetIds: ['subnet-1', 'subnet-2', 'subnet-3'] }],
    ['security groups', { securityGroupIds: ['sg-2', 'sg-3'] }],
    ['operator role', { operatorRoleArn: 'arn:aws:iam::123456789012:role/earlier' }],
  ])('begins if %s differ', (_, found) => {
    expect(updates(found)).toMatchObject(begins(1));
  });

  test('does not begin for what the service does not tell', () => {
    expect(updates({ operatorRoleArn: undefined, networkProtocol: undefined })).toEqual({ kind: 'done', data: DATA });
  });

  test('does not begin if only the order of subnets and security groups differs, or one is named twice', () => {
    expect(updates({ subnetIds: ['subnet-2', 'subnet-1', 'subnet-2'], securityGroupIds: ['sg-2', 'sg-1'] })).toEqual({ kind: 'done', data: DATA });
    expect(updates({}, { desired: { subnetIds: ['subnet-2', 'subnet-2', 'subnet-1'] } })).toEqual({ kind: 'done', data: DATA });
  });

  test('waits while the service applies one, whoever asked for it', () => {
    expect(updates({ ...OTHER_SUBNETS, updateStatus: 'InProgress' })).toEqual({ kind: 'wait', waitingFor: "the update of network connector 'net' to be applied" });
    expect(updates({ updateStatus: 'InProgress' })).toMatchObject({ kind: 'wait' });
  });

  test('waits for a connector that is not active yet', () => {
    expect(updates({ ...OTHER_SUBNETS, state: 'PENDING' })).toMatchObject({ kind: 'wait', waitingFor: "network connector 'net' to become active" });
  });

  test('is done when it is applied', () => {
    expect(updates({ updateStatus: 'Successful' })).toEqual({ kind: 'done', data: DATA });
  });

  test('is done if an earlier one failed but the connector is as asked for, as after a rollback', () => {
    expect(updates({ updateStatus: 'Failed', updateReason: { code: 'InvalidSubnet' } })).toEqual({ kind: 'done', data: DATA });
  });

  test('begins anew if an earlier operation failed with its own', () => {
    expect(updates({ ...OTHER_SUBNETS, updateStatus: 'Failed' })).toMatchObject(begins(1));
  });

  describe('that failed', () => {
    const failed = (
      code: string, attempt: number, circumstances: Circumstances = {}, askedAt = NOW - 5 * MINUTE, found: Partial<Connector> = OTHER_SUBNETS,
    ) =>
      reconcile(updating({
        observed: ours(
          { ...found, updateStatus: 'Failed', updateReason: { code, message: 'so it is' } },
          { tags: ourTags(`${THIS_OPERATION}/${attempt}/${askedAt}`) },
        ),
        ...circumstances,
      }));

    test.each([
      ['DisallowedByVpcEncryptionControl', { property: 'vpc' }],
      ['Ec2RequestLimitExceeded', { text: expect.stringMatching(/^EC2 limits/) }],
      ['InsufficientRolePermissions', { property: 'operatorRole' }],
      ['InternalError', { text: expect.stringMatching(/^the service failed/) }],
      ['InvalidSecurityGroup', { property: 'securityGroups' }],
      ['InvalidSubnet', { property: 'vpcSubnets' }],
      ['SubnetOutOfIPAddresses', { property: 'vpcSubnets' }],
    ])('fails with the reason and what it means: %s', (code, hint) => {
      const step = failed(code, 2);
      expect(step).toMatchObject({
        kind: 'fail',
        code: 'NetworkConnectorUpdateFailed',
        summary: `the update of network connector 'net' failed, and it is unchanged: ${code}: so it is`,
        hints: [hint],
      });
    });

    test('because of the permissions of a role, which may not have been known everywhere, begins once more, and only once', () => {
      expect(failed('InsufficientRolePermissions', 1)).toMatchObject(begins(2));
      expect(failed('InsufficientRolePermissions', 2)).toMatchObject({ kind: 'fail', code: 'NetworkConnectorUpdateFailed' });
    });

    test('fails even if the service shows what was asked for', () => {
      expect(failed('InvalidSubnet', 1, {}, undefined, {})).toMatchObject({ kind: 'fail', code: 'NetworkConnectorUpdateFailed' });
    });

    test('waits a minute after it was asked waitingFor: what shows may be the failure of an earlier one', () => {
      expect(failed('InvalidSubnet', 1, {}, NOW - 59 * SECOND)).toEqual({ kind: 'wait', waitingFor: "the outcome of the update of network connector 'net' to show" });
      expect(failed('InvalidSubnet', 1, {}, NOW - MINUTE)).toMatchObject({ kind: 'fail', code: 'NetworkConnectorUpdateFailed' });
    });

    test('for another reason does not begin once more although the role may be fresh', () => {
      expect(failed('InvalidSubnet', 1, { operation: FRESH })).toMatchObject({ kind: 'fail', code: 'NetworkConnectorUpdateFailed' });
    });
  });

  test.each([1, 2])('begins with the second token if this operation was applied at attempt %s and changed back since', attempt => {
    const observed = ours({ ...OTHER_SUBNETS, updateStatus: 'Successful' }, { tags: ourTags(`${THIS_OPERATION}/${attempt}`) });
    expect(reconcile(updating({ observed }))).toMatchObject(begins(2));
  });

  test('also applies to what a creation finds of its own', () => {
    expect(reconcile(creating({ observed: ours(OTHER_SUBNETS) }))).toMatchObject(begins(1));
  });
});

describe('what cannot change', () => {
  const protocol = (more: Circumstances['desired'] = {}) =>
    reconcile(updating({ desired: { networkProtocol: 'DualStack', ...more }, previous: { networkProtocol: 'IPv4' }, observed: ours() }));
  const vpc = (more: Circumstances['desired'] = {}) => reconcile(updating({
    desired: { vpcId: 'vpc-2', subnetIds: ['subnet-9'], ...more }, previous: { vpcId: 'vpc-1', subnetIds: ['subnet-1', 'subnet-2'] }, observed: ours(),
  }));

  test('is the protocol: refuses it, with the way out for a name that was given', () => {
    expect(protocol()).toEqual({
      kind: 'fail',
      code: 'NetworkConnectorUnchangeable',
      summary: "networkProtocol: network connector 'net' cannot change it from IPv4 to DualStack; give it another networkConnectorName, or none, so that a new connector replaces it",
    });
  });

  test('is the VPC: refuses it, with the way out for a name that was given', () => {
    expect(vpc()).toEqual({
      kind: 'fail',
      code: 'NetworkConnectorUnchangeable',
      summary: "vpc: network connector 'net' cannot change it from vpc-1 to vpc-2; give it another networkConnectorName, or none, so that a new connector replaces it",
    });
  });

  test('is refused with another way out for a generated name', () => {
    expect(protocol({ nameIsGenerated: true })).toMatchObject({ summary: expect.stringContaining('to DualStack; give the construct another id, so that') });
    expect(vpc({ nameIsGenerated: true })).toMatchObject({ summary: expect.stringContaining('to vpc-2; give the construct another id, so that') });
  });

  test('is not refused in a rollback, which tries whatever it takes', () => {
    const back = { desired: { vpcId: 'vpc-2', subnetIds: ['subnet-9'] }, previous: { vpcId: 'vpc-1' }, observed: ours() };
    expect(reconcile(rollingBack(back))).toMatchObject({ change: { do: 'update' } });
    expect(reconcile(rollingBack({ desired: { networkProtocol: 'DualStack' }, observed: ours() }))).toMatchObject({ change: { do: 'update' } });
  });

  test('ends well in the rollback after a refusal', () => {
    expect(reconcile(rollingBack({ previous: { networkProtocol: 'DualStack' }, observed: ours() }))).toEqual({ kind: 'done', data: DATA });
    expect(reconcile(rollingBack({ previous: { vpcId: 'vpc-2', subnetIds: ['subnet-9'] }, observed: ours() }))).toEqual({ kind: 'done', data: DATA });
  });

  test('changes with the name', () => {
    const replacing = {
      desired: { vpcId: 'vpc-2', networkProtocol: 'DualStack' as const }, previous: { name: OLD_NAME, vpcId: 'vpc-1', networkProtocol: 'IPv4' as const },
    };
    const observedElsewhere = { [OLD_NAME]: { connector: 'absent' as const } };
    expect(reconcile(updating({ ...replacing, observedElsewhere, observed: ours({ networkProtocol: 'DualStack' }) }))).toMatchObject({ kind: 'done' });
    const otherSubnets = ours({ ...OTHER_SUBNETS, networkProtocol: 'DualStack' });
    expect(reconcile(updating({ ...replacing, observedElsewhere, observed: otherSubnets }))).toMatchObject({ change: { do: 'update' } });
  });
});

describe('tags', () => {
  const retag = (tags: Record<string, string>, before: Record<string, string>, found: Record<string, string>) =>
    reconcile(updating({ desired: { tags }, previous: { tags: before }, observed: ours({}, { tags: ourTags(undefined, found) }) }));

  test('that are missing or differ are put on', () => {
    expect(retag({ team: 'network', stage: 'beta' }, {}, { team: 'other', stage: 'beta' })).toEqual({
      kind: 'change',
      change: { do: 'tag', name: NAME, arn: ARN, tags: { team: 'network' } },
      waitingFor: "network connector 'net' to be tagged",
      fallback: undefined,
      showsAtOnce: true,
    });
  });

  test('that the old properties had and the new ones have not are taken off, and no others', () => {
    expect(retag({}, { team: 'network', gone: 'yes' }, { team: 'network', cost: 'theirs' })).toEqual({
      kind: 'change',
      change: { do: 'untag', name: NAME, arn: ARN, keys: ['team'] },
      waitingFor: "network connector 'net' to be untagged",
      fallback: undefined,
      showsAtOnce: true,
    });
  });

  test('of others are left', () => {
    expect(retag({}, {}, { cost: 'theirs' })).toMatchObject({ kind: 'done' });
  });

  test('of an owner that lost one of its two are not ours', () => {
    expect(reconcile(updating({ observed: ours({}, { tags: { 'cdk-lambda-microvms:stack': OWNER.stackId } }) })))
      .toMatchObject({ kind: 'fail', code: 'NetworkConnectorOwnedElsewhere' });
  });

  test('are right before the old versions go', () => {
    const observed = ours({}, { versions: [version(1), version(2)] });
    expect(reconcile(updating({ desired: { tags: { team: 'network' } }, observed }))).toMatchObject({ change: { do: 'tag' } });
  });

  test('are changed after the configuration', () => {
    expect(reconcile(updating({ desired: { tags: { team: 'network' } }, observed: ours(OTHER_SUBNETS) }))).toMatchObject({ change: { do: 'update' } });
  });

  test('that the old name had stay on a connector of the new name', () => {
    const observed = ours({}, { tags: ourTags(undefined, { team: 'theirs' }) });
    const observedElsewhere = { [OLD_NAME]: { connector: 'absent' as const } };
    expect(reconcile(updating({ previous: { name: OLD_NAME, tags: { team: 'network' } }, observed, observedElsewhere }))).toMatchObject({ kind: 'done' });
  });
});

describe('a replacement', () => {
  const replacing = (circumstances: Circumstances) => reconcile(updating({ previous: { name: OLD_NAME }, observed: { connector: 'absent' }, ...circumstances }));
  const old = (users?: ConnectorUser[], more: Partial<Connector> = {}) =>
    ({ [OLD_NAME]: { connector: connector({ arn: OLD_ARN, ...more }), tags: ourTags(), users } });
  const creation = { kind: 'change', change: { do: 'create', name: NAME } };

  test('looks at the old connector and its users before its first step', () => {
    expect(replacing({})).toEqual({ kind: 'observe', observe: { at: 'connector', name: OLD_NAME, confirmAbsence: false } });
    expect(replacing({ observedElsewhere: { [OLD_NAME]: { connector: connector({ arn: OLD_ARN }) } } })).toEqual({ kind: 'observe', observe: { at: 'tags', name: OLD_NAME, arn: OLD_ARN } });
    expect(replacing({ observedElsewhere: old() })).toEqual({ kind: 'observe', observe: { at: 'users', name: OLD_NAME, arn: OLD_ARN } });
  });

  test('does not mind the users of a connector that is not ours any more', () => {
    const theirs = { [OLD_NAME]: { connector: connector({ arn: OLD_ARN }), tags: ownerTags(SOMEBODY_ELSE), users: TWELVE_USERS } };
    expect(replacing({ observedElsewhere: theirs })).toMatchObject(creation);
  });

  test('by one that is there already is refused too, unless this operation made it', () => {
    expect(replacing({ observed: ours(), observedElsewhere: old(TWELVE_USERS) })).toMatchObject({ kind: 'fail', code: 'NetworkConnectorInUse' });
    expect(replacing({ observed: ours({}, { tags: ourTags(`${THIS_OPERATION}/1`) }), observedElsewhere: old(TWELVE_USERS) })).toMatchObject({ kind: 'done' });
  });

  test('makes the new connector if nobody uses the old one, or there is none', () => {
    expect(replacing({ observedElsewhere: old([]) })).toMatchObject(creation);
    expect(replacing({ observedElsewhere: { [OLD_NAME]: { connector: 'absent' } } })).toMatchObject(creation);
    expect(replacing({ observedElsewhere: old(undefined, { state: 'FAILED' }) })).toMatchObject(creation);
  });

  test('waits two minutes for MicroVMs that were just told to terminate', () => {
    const after = (seconds: number) => replacing({ operation: { startedAt: NOW - seconds * SECOND }, observedElsewhere: old([user('microvm-1')]) });
    expect(after(119)).toEqual({ kind: 'wait', waitingFor: "the MicroVMs that use network connector 'old-net' to terminate: microvm-1" });
    expect(after(120)).toMatchObject({ kind: 'fail', code: 'NetworkConnectorInUse' });
  });

  test('fails then, before its first step, with the first ten MicroVMs and what to do', () => {
    expect(replacing({ observedElsewhere: old(TWELVE_USERS) })).toEqual({
      kind: 'fail',
      code: 'NetworkConnectorInUse',
      summary: `network connector 'old-net' is in use, and its deletion would cut off the network of MicroVMs: ${TEN_IDS_AND_MORE}; `
        + 'terminate them and try again, or deploy deletion WAIT_UNTIL_UNUSED or FORCE first',
    });
  });

  test.each(['WAIT_UNTIL_UNUSED', 'FORCE'] as const)('is not refused if the old connector is to %s', deletion => {
    expect(replacing({ previous: { name: OLD_NAME, deletion }, observedElsewhere: old(TWELVE_USERS) })).toMatchObject(creation);
  });

  test('is refused by what the old properties say, not the new ones', () => {
    expect(replacing({ desired: { deletion: 'FORCE' }, previous: { name: OLD_NAME, deletion: 'REFUSE_IN_USE' }, observedElsewhere: old(TWELVE_USERS) }))
      .toMatchObject({ kind: 'fail', code: 'NetworkConnectorInUse' });
  });

  test.each(['rollback', 'unknown', 'cleanup'] as const)('is not refused in the phase %s', phase => {
    expect(replacing({ operation: { phase }, observedElsewhere: old(TWELVE_USERS) })).toMatchObject(creation);
  });

  test('is not refused if CloudFormation knows the new name already', () => {
    expect(replacing({ requestPhysicalId: 'network-connector:net', observedElsewhere: old(TWELVE_USERS) })).toMatchObject(creation);
  });

  test('leaves the old connector to the clean-up', () => {
    expect(replacing({ observed: ours({}, { tags: ourTags(`${THIS_OPERATION}/1`) }) })).toEqual({ kind: 'done', data: DATA });
  });
});

describe('a replacement that was cancelled midway', () => {
  const rollback = (circumstances: Circumstances) =>
    reconcile(rollingBack({ previous: { name: OLD_NAME }, requestPhysicalId: 'network-connector:net', observed: ours(), ...circumstances }));
  const other = (more: Partial<Connector> = {}) => ({ [OLD_NAME]: ours({ arn: OLD_ARN, ...more }) });

  test('looks for the connector of the other name before it is done', () => {
    expect(rollback({})).toEqual({ kind: 'observe', observe: { at: 'connector', name: OLD_NAME, confirmAbsence: true } });
  });

  test('deletes the connector of the other name, which CloudFormation may not know', () => {
    expect(rollback({ observedElsewhere: other() })).toMatchObject({
      kind: 'change', change: { do: 'deleteConnector', name: OLD_NAME, arn: OLD_ARN }, waitingFor: "network connector 'old-net' to be deleted",
    });
  });

  test('waits until it can be deleted, and until it is gone', () => {
    expect(rollback({ observedElsewhere: other({ state: 'PENDING' }) })).toMatchObject({ kind: 'wait' });
    expect(rollback({ observedElsewhere: other({ state: 'DELETING' }) })).toMatchObject({ kind: 'wait' });
    expect(rollback({ observedElsewhere: { [OLD_NAME]: { connector: 'absent' } } })).toEqual({ kind: 'done', data: DATA });
  });

  test('deletes nothing of others', () => {
    const theirs = { [OLD_NAME]: { connector: connector({ arn: OLD_ARN }), tags: ownerTags(SOMEBODY_ELSE) } };
    expect(rollback({ observedElsewhere: theirs })).toEqual({ kind: 'done', data: DATA });
  });

  test('deletes nothing before its own connector is as asked for', () => {
    expect(rollback({ observed: ours(OTHER_SUBNETS), observedElsewhere: other() })).toMatchObject({ change: { do: 'update', name: NAME } });
  });

  test('deletes the other connector before old versions of its own', () => {
    expect(rollback({ observed: ours({}, { versions: [version(1), version(2)] }), observedElsewhere: other() })).toMatchObject({ change: { do: 'deleteConnector' } });
  });

  test('has nothing to delete if the name is the same', () => {
    expect(rollback({ previous: {}, observedElsewhere: {} })).toEqual({ kind: 'done', data: DATA });
  });
});

describe('old versions', () => {
  const begun = (ago: number) => ({ operation: { startedAt: NOW - ago } });
  const settled = (more: ObservedConnector, circumstances: Circumstances = {}) =>
    reconcile(updating({ observed: ours({}, more), ...begun(MINUTE), ...circumstances }));
  const [first, second, third] = [version(1), version(2), version(3)];
  const done = { kind: 'done', data: DATA };

  test('are looked for before the operation is done, and are no reason to fail it', () => {
    expect(settled({ versions: undefined })).toEqual({ kind: 'observe', observe: { at: 'versions', name: NAME, arn: ARN }, fallback: done });
  });

  test('are not looked for while there is only the first, which no other came before', () => {
    expect(reconcile(updating({ observed: ours({ version: 1 }, { versions: undefined }), ...begun(MINUTE) }))).toEqual(done);
    expect(reconcile(updating({ observed: ours({ version: 2 }, { versions: undefined }), ...begun(MINUTE) }))).toMatchObject({ kind: 'observe', observe: { at: 'versions' } });
  });

  test('are deleted after a look at who may hold them, the oldest first', () => {
    expect(settled({ versions: [first, second, third], users: undefined })).toEqual({ kind: 'observe', observe: { at: 'users', name: NAME, arn: ARN }, fallback: done });
    expect(settled({ versions: [third, second, first] })).toEqual({
      kind: 'change', change: { do: 'deleteVersion', name: NAME, arn: ARN, version: 1 }, waitingFor: "version 1 of network connector 'net' to be deleted", fallback: done,
    });
  });

  test('that are to be retained are left, and the users not asked for', () => {
    expect(settled({ versions: [first, second], users: undefined }, { desired: { retainedVersions: 2 } })).toEqual(done);
    expect(settled({ versions: [first], users: undefined })).toEqual(done);
  });

  test('that a MicroVM may hold are left', () => {
    expect(settled({ versions: [first, second], users: [user('microvm-1')] })).toEqual(done);
  });

  test('that no MicroVM can hold go although an older one is held', () => {
    const users = [user('microvm-1', { version: 1 })];
    expect(settled({ versions: [first, second, third], users })).toMatchObject({ change: { do: 'deleteVersion', version: 2 } });
  });

  test('are waited for until they are gone, however old they are, but not for ever', () => {
    const deleting = (ago: number) => settled({ versions: [version(1, { state: 'DELETING' }), second] }, begun(ago));
    expect(deleting(20 * MINUTE - 1)).toEqual({ kind: 'wait', waitingFor: "version 1 of network connector 'net' to be deleted", fallback: done });
    expect(deleting(20 * MINUTE)).toEqual(done);
  });

  test('are not pruned by a list that lacks the latest', () => {
    const listed = (versions: ConnectorVersion[]) => reconcile(updating({ observed: ours({ version: 2 }, { versions }), ...begun(MINUTE) }));
    expect(listed([first])).toEqual({ kind: 'wait', waitingFor: "version 2 of network connector 'net' to be listed", fallback: done });
    expect(listed([first, second])).toMatchObject({ change: { do: 'deleteVersion', version: 1 } });
    expect(listed([])).toEqual(done);
  });

  test('are not looked for any more after that', () => {
    expect(settled({ versions: undefined, users: undefined }, begun(20 * MINUTE))).toEqual(done);
    expect(settled({ versions: [first, second] }, begun(20 * MINUTE))).toEqual(done);
  });

  test('hold an update up for two minutes at most', () => {
    const outdated = (ago: number) => reconcile(updating({ observed: ours(OTHER_SUBNETS, { versions: [first, second] }), ...begun(ago) }));
    expect(outdated(2 * MINUTE - 1)).toMatchObject({ change: { do: 'deleteVersion' } });
    expect(outdated(2 * MINUTE)).toMatchObject({ change: { do: 'update' } });
  });

  test('go before the next update, which the service refuses at their limit', () => {
    const begins = { kind: 'change', change: { do: 'update', attempt: 1 } };
    const outdated = (more: ObservedConnector) => reconcile(updating({ observed: ours(OTHER_SUBNETS, more), ...begun(MINUTE) }));
    expect(outdated({ versions: undefined })).toMatchObject({ kind: 'observe', observe: { at: 'versions' }, fallback: begins });
    expect(outdated({ versions: [first, second] })).toMatchObject({ change: { do: 'deleteVersion', version: 1 }, fallback: begins });
    expect(outdated({ versions: [version(1, { state: 'DELETING', modifiedAt: NOW }), second] })).toMatchObject({ kind: 'wait', fallback: begins });
    expect(outdated({ versions: [first, second], users: [user('microvm-1')] })).toMatchObject(begins);
  });

  test('go in a rollback too', () => {
    expect(reconcile(rollingBack({ observed: ours({}, { versions: [first, second] }), ...begun(MINUTE) }))).toMatchObject({ change: { do: 'deleteVersion', version: 1 } });
  });
});

test('a mark of another operation that begins alike is not of this one', () => {
  const tags = { ...ownerTags(OWNER), [OPERATION_TAG]: `${THIS_OPERATION}0/1` };
  expect(reconcile(creating({ observed: ours({ state: 'FAILED' }, { tags }) }))).toMatchObject({ change: { do: 'deleteConnector' } });
});
