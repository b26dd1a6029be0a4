import type { Circumstances } from './inputs';
import {
  ARN, connector, creating, desired, NAME, OLD_ARN, OLD_NAME, ours, ourTags, rollingBack, TEN_IDS_AND_MORE, TWELVE_USERS, updating, usage, user,
  version,
} from './inputs';
import { OPERATION_TAG } from '../../../src/contract/connector';
import type { Connector, ConnectorUser, ConnectorUsers, ConnectorVersion, ObservedConnector } from '../../../src/handlers/connector/observed';
import { overridesHash } from '../../../src/handlers/connector/operation-tag';
import { reconcile } from '../../../src/handlers/connector/reconcile';
import { CONNECTOR_CHANGE } from '../../../src/handlers/connector/usual-times';
import { ownerTags } from '../../../src/handlers/engine/owner';
import { UNKNOWN } from '../../../src/handlers/engine/pace';
import type { Phase } from '../../../src/handlers/engine/stack';
import { EARLIER_OPERATION, MINUTE, NOW, OWNER, SECOND, ANOTHER_OWNER, THIS_OPERATION } from '../engine/inputs';

const DATA = { ConnectorArn: ARN, ConnectorName: 'net', ConnectorId: 'nc-net' };
const FRESH = { startedAt: NOW - MINUTE, rolesMayBeFresh: true };
const OTHER_SUBNETS = { subnetIds: ['subnet-1', 'subnet-3'] };

describe('before the first change', () => {
  test('waits until calls of an earlier operation have taken effect', () => {
    expect(reconcile(rollingBack({ operation: { inGrace: true } }))).toEqual({ kind: 'wait', waitingFor: 'calls of an earlier operation to take effect' });
    expect(reconcile(creating({ operation: { type: 'Delete', inGrace: true } }))).toMatchObject({ kind: 'wait' });
  });

  test('observes the connector first', () => {
    expect(reconcile(updating())).toEqual({ kind: 'observe', observe: { at: 'connector', name: NAME, confirmAbsence: false } });
  });

  test('confirms the absence of the connector in a deletion', () => {
    expect(reconcile(creating({ operation: { type: 'Delete' } }))).toEqual({ kind: 'observe', observe: { at: 'connector', name: NAME, confirmAbsence: true } });
  });

  test('waits while a connector of any owner with the same name is being deleted', () => {
    expect(reconcile(creating({ observed: { connector: connector({ state: 'DELETING' }) } })))
      .toEqual({ kind: 'wait', waitingFor: "an earlier network connector 'net' to be deleted" });
  });

  test('observes the tags, which identify the owner', () => {
    expect(reconcile(creating({ observed: { connector: connector() } }))).toEqual({ kind: 'observe', observe: { at: 'tags', name: NAME, arn: ARN } });
  });
});

describe('creating', () => {
  test('creates the connector', () => {
    expect(reconcile(creating({ observed: { connector: 'absent' } }))).toEqual({
      kind: 'change', change: { do: 'create', name: NAME }, waitingFor: "network connector 'net' to be created", fallback: undefined,
    });
  });

  test('waits until the connector is active', () => {
    expect(reconcile(creating({ observed: ours({ state: 'PENDING' }) }))).toEqual({ kind: 'wait', waitingFor: "network connector 'net' to become active", usual: CONNECTOR_CHANGE });
  });

  test('ends when the connector is active and as desired', () => {
    expect(reconcile(creating({ observed: ours() }))).toEqual({ kind: 'done', data: DATA });
  });

  test('also happens in an update if the connector does not exist', () => {
    expect(reconcile(updating({ observed: { connector: 'absent' } }))).toMatchObject({ change: { do: 'create', name: NAME } });
  });

  test('accepts an inactive connector', () => {
    expect(reconcile(creating({ observed: ours({ state: 'INACTIVE' }) }))).toEqual({ kind: 'done', data: DATA });
  });

  test('fails for a connector that could not be deleted earlier, with the reason', () => {
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

describe('a connector of another owner', () => {
  const tagged = (tags: Record<string, string>, more: Partial<Connector> = {}) =>
    reconcile(creating({ observed: { connector: connector(more), tags } }));
  const FIX = "choose another name or, if nobody uses it, delete it with 'aws lambda-core delete-network-connector --identifier net'";

  test('fails the operation if it has no owner, with what to do', () => {
    expect(tagged({ team: 'theirs' })).toEqual({
      kind: 'fail',
      code: 'NetworkConnectorExists',
      summary: `networkConnectorName: network connector 'net' already exists, and no stack of this library owns it; ${FIX}`,
    });
  });

  test('fails the operation if another resource owns it, and names that resource', () => {
    expect(tagged(ownerTags(ANOTHER_OWNER))).toEqual({
      kind: 'fail',
      code: 'NetworkConnectorOwnedElsewhere',
      summary: `networkConnectorName: network connector 'net' belongs to the resource 'Theirs' of the stack '${ANOTHER_OWNER.stackId}'; ${FIX}`,
    });
  });

  test.each([
    ['another resource of the same stack', { ...OWNER, logicalId: 'Another' }],
    ['a resource of the same name in another stack', { ...OWNER, stackId: ANOTHER_OWNER.stackId }],
  ])('fails the operation if it belongs to %s', (_, owner) => {
    expect(tagged(ownerTags(owner))).toMatchObject({ kind: 'fail', code: 'NetworkConnectorOwnedElsewhere' });
  });

  test.each(['PENDING', 'FAILED', 'ACTIVE', 'DELETE_FAILED'] as const)('fails the operation and is not deleted if another resource owns it and it is %s', state => {
    expect(tagged(ownerTags(ANOTHER_OWNER), { state })).toMatchObject({ kind: 'fail', summary: expect.stringContaining("'Theirs'") });
  });

  test('is considered to be without an owner only when tags of a new connector would show', () => {
    expect(tagged({}, { modifiedAt: NOW - 59 * SECOND })).toEqual({ kind: 'wait', waitingFor: "the tags of network connector 'net' to show" });
    expect(tagged({}, { modifiedAt: NOW - MINUTE })).toMatchObject({ kind: 'fail', code: 'NetworkConnectorExists' });
  });
});

describe('a connector in motion', () => {
  const inMotion: [string, Partial<Connector>, string][] = [
    ['being created', { state: 'PENDING' }, "network connector 'net' to become active"],
    ['being updated', { updateStatus: 'InProgress' }, "the update of network connector 'net' to be applied"],
  ];

  test.each(inMotion)('is observed with one call per poll while it is %s', (_, more, waitingFor) => {
    const step = reconcile(updating({ operation: { startedAt: NOW - 30 * SECOND }, observed: { connector: connector(more) } }));
    expect(step).toEqual({ kind: 'wait', waitingFor, usual: CONNECTOR_CHANGE });
  });

  test.each(inMotion)('is observed in detail once a minute while it is %s', (_, more) => {
    const observed = { connector: connector(more) };
    const stepAfter = (seconds: number) => reconcile(updating({ operation: { startedAt: NOW - seconds * SECOND }, observed })).kind;
    expect([0, 3, 4, 114, 119, 120, 123, 124, 150].map(stepAfter)).toEqual([
      'observe', 'observe', 'wait', 'wait', 'wait', 'observe', 'observe', 'wait', 'wait',
    ]);
  });

  test.each(inMotion)('is observed in detail at the deadline while it is %s', (_, more) => {
    const step = reconcile(updating({ operation: { startedAt: NOW - 30 * SECOND, expired: true }, observed: { connector: connector(more) } }));
    expect(step).toEqual({ kind: 'observe', observe: { at: 'tags', name: NAME, arn: ARN } });
  });
});

describe('a connector that did not become active', () => {
  const stateReason = { code: 'SubnetOutOfIPAddresses', message: 'subnet-1 is full' };
  const failed = (operationTag: string, circumstances: Circumstances = {}, reason = stateReason) =>
    reconcile(creating({ observed: ours({ state: 'FAILED', stateReason: reason }, { tags: ourTags(operationTag) }), ...circumstances }));
  const deletion = { kind: 'change', change: { do: 'deleteConnector', name: NAME, arn: ARN }, waitingFor: "network connector 'net', which failed earlier, to be deleted" };

  test.each([1, 2])('fails the operation that created it with the reason, at attempt %s', attempt => {
    expect(failed(`${THIS_OPERATION}/${attempt}`)).toEqual({
      kind: 'fail',
      code: 'NetworkConnectorFailed',
      summary: "network connector 'net' did not become active: SubnetOutOfIPAddresses: subnet-1 is full",
      hints: [{ property: 'vpcSubnets', text: 'a subnet has no free addresses; use larger subnets, or others' }],
    });
  });

  test('is deleted if an earlier operation created it', () => {
    expect(failed(`${EARLIER_OPERATION}/1`)).toMatchObject(deletion);
    expect(failed(`${EARLIER_OPERATION}/2`, { operation: FRESH })).toMatchObject(deletion);
  });

  test('is deleted if no tag identifies the operation that created it', () => {
    expect(reconcile(creating({ observed: ours({ state: 'FAILED' }, { tags: ownerTags(OWNER) }) }))).toMatchObject(deletion);
  });

  describe('because of the permissions of its role', () => {
    const permissions = { code: 'InsufficientRolePermissions', message: 'the role may not' };

    test('is created again, because IAM may not have propagated the role', () => {
      expect(failed(`${THIS_OPERATION}/1`, {}, permissions)).toMatchObject(deletion);
    });

    test('fails the operation at the second attempt', () => {
      expect(failed(`${THIS_OPERATION}/2`, { operation: FRESH }, permissions)).toMatchObject({
        kind: 'fail',
        code: 'NetworkConnectorFailed',
        summary: expect.stringMatching(/InsufficientRolePermissions: the role may not$/),
        hints: [{ property: 'operatorRole', text: expect.stringMatching(/^the role must be allowed to create network interfaces/) }],
      });
    });
  });

  test('fails the operation for any other reason, although the role is new', () => {
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
    ['more subnets', { subnetIds: ['subnet-1', 'subnet-2', 'subnet-3'] }],
    ['security groups', { securityGroupIds: ['sg-2', 'sg-3'] }],
    ['operator role', { operatorRoleArn: 'arn:aws:iam::123456789012:role/earlier' }],
  ])('begins if %s differ', (_, found) => {
    expect(updates(found)).toMatchObject(begins(1));
  });

  test('does not begin because of settings that the service does not show', () => {
    expect(updates({ operatorRoleArn: undefined, networkProtocol: undefined })).toEqual({ kind: 'done', data: DATA });
  });

  test('does not begin if only the order of subnets and security groups differs, or one is repeated', () => {
    expect(updates({ subnetIds: ['subnet-2', 'subnet-1', 'subnet-2'], securityGroupIds: ['sg-2', 'sg-1'] })).toEqual({ kind: 'done', data: DATA });
    expect(updates({}, { desired: { subnetIds: ['subnet-2', 'subnet-2', 'subnet-1'] } })).toEqual({ kind: 'done', data: DATA });
  });

  describe('of elastic IPs', () => {
    const on = { desired: { elasticIps: 'ServiceManaged' as const } };

    test('begins if they are desired and the service shows none, and ends when it shows them', () => {
      const turnedOn = { ...on, previous: { elasticIps: undefined } };
      expect(updates({}, turnedOn)).toMatchObject({ change: { do: 'update', attempt: 1, elasticIps: 'ServiceManaged' } });
      expect(updates({ elasticIps: 'None' }, on)).toMatchObject({ change: { do: 'update', elasticIps: 'ServiceManaged' } });
      expect(updates({ elasticIps: 'ServiceManaged' }, on)).toEqual({ kind: 'done', data: DATA });
    });

    test('turns them off explicitly if the connector has them, or should have had them before', () => {
      expect(updates({ elasticIps: 'ServiceManaged' })).toMatchObject({ change: { do: 'update', elasticIps: 'None' } });
      const before = { previous: { elasticIps: 'ServiceManaged' as const } };
      expect(updates(OTHER_SUBNETS, before)).toMatchObject({ change: { do: 'update', elasticIps: 'None' } });
    });

    test('goes by the old properties if the service does not show them', () => {
      const before = { previous: { elasticIps: 'ServiceManaged' as const } };
      expect(updates({}, before)).toMatchObject({ change: { do: 'update', elasticIps: 'None' } });
      expect(updates({}, { ...on, ...before })).toEqual({ kind: 'done', data: DATA });
    });

    test('does not mention them if they are not involved', () => {
      expect(updates(OTHER_SUBNETS)).toMatchObject({ change: { do: 'update', elasticIps: undefined } });
      expect(updates({ elasticIps: 'None' })).toEqual({ kind: 'done', data: DATA });
    });

    test('is requested only once if the service does not show them', () => {
      const observed = ours({ updateStatus: 'Successful' }, { tags: ourTags(`${THIS_OPERATION}/1/${NOW - 5 * MINUTE}`) });
      expect(reconcile(updating({ ...on, observed }))).toEqual({ kind: 'done', data: DATA });
    });
  });

  describe('of request overrides', () => {
    const overrides = (values: object) => ({ desired: { requestOverrides: JSON.stringify(values) } });
    const NEW_MEMBER = overrides({ 'Configuration.VpcEgressConfiguration.NewMember': 1 });
    const taggedWith = (circumstances: { desired: { requestOverrides: string } }) => ourTags(`${EARLIER_OPERATION}/1//${overridesHash(desired(circumstances.desired))}`);

    test('begins if they are not those of the last request', () => {
      expect(updates({}, NEW_MEMBER)).toMatchObject(begins(1));
      expect(reconcile(updating({ ...overrides({ Other: 1 }), observed: ours({}, { tags: taggedWith(NEW_MEMBER) }) }))).toMatchObject(begins(1));
      expect(reconcile(updating({ observed: ours({}, { tags: taggedWith(NEW_MEMBER) }) }))).toMatchObject(begins(1));
    });

    test('does not begin if they are', () => {
      expect(reconcile(updating({ ...NEW_MEMBER, observed: ours({}, { tags: taggedWith(NEW_MEMBER) }) }))).toEqual({ kind: 'done', data: DATA });
    });

    test('begins again if the update of an earlier operation failed, although its tag has them', () => {
      const observed = ours({ updateStatus: 'Failed' }, { tags: taggedWith(NEW_MEMBER) });
      expect(reconcile(updating({ ...NEW_MEMBER, observed }))).toMatchObject(begins(1));
    });

    test('compares what the service shows with the overridden settings', () => {
      const subnets = overrides({ 'Configuration.VpcEgressConfiguration.SubnetIds': ['subnet-9'], 'Configuration.VpcEgressConfiguration.NetworkProtocol': 'IPv6' });
      const tags = taggedWith(subnets);
      expect(reconcile(updating({ ...subnets, observed: ours({ subnetIds: ['subnet-9'], networkProtocol: undefined }, { tags }) }))).toEqual({ kind: 'done', data: DATA });
      expect(reconcile(updating({ ...subnets, observed: ours({ networkProtocol: undefined }, { tags }) }))).toMatchObject(begins(1));
      expect(reconcile(updating({ ...subnets, observed: ours({}, { tags }) })))
        .toMatchObject({ kind: 'fail', summary: expect.stringContaining('cannot change it from IPv4 to IPv6') });
    });
  });

  test('waits while the service applies an update of any caller', () => {
    expect(updates({ ...OTHER_SUBNETS, updateStatus: 'InProgress' })).toEqual({ kind: 'wait', waitingFor: "the update of network connector 'net' to be applied", usual: CONNECTOR_CHANGE });
    expect(updates({ updateStatus: 'InProgress' })).toMatchObject({ kind: 'wait' });
  });

  test('waits until the connector is active', () => {
    expect(updates({ ...OTHER_SUBNETS, state: 'PENDING' })).toMatchObject({ kind: 'wait', waitingFor: "network connector 'net' to become active" });
  });

  test('ends when the update is applied', () => {
    expect(updates({ updateStatus: 'Successful' })).toEqual({ kind: 'done', data: DATA });
  });

  test('ends if an earlier update failed but the connector is as desired, as after a rollback', () => {
    expect(updates({ updateStatus: 'Failed', updateReason: { code: 'InvalidSubnet' } })).toEqual({ kind: 'done', data: DATA });
  });

  test('begins if only the update of an earlier operation failed', () => {
    expect(updates({ ...OTHER_SUBNETS, updateStatus: 'Failed' })).toMatchObject(begins(1));
  });

  describe('that failed', () => {
    const failed = (
      code: string, attempt: number, circumstances: Circumstances = {}, requestedAt = NOW - 5 * MINUTE, found: Partial<Connector> = OTHER_SUBNETS,
    ) =>
      reconcile(updating({
        observed: ours(
          { ...found, updateStatus: 'Failed', updateReason: { code, message: 'the reason' } },
          { tags: ourTags(`${THIS_OPERATION}/${attempt}/${requestedAt}`) },
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
    ])('fails with the reason and a hint: %s', (code, hint) => {
      const step = failed(code, 2);
      expect(step).toMatchObject({
        kind: 'fail',
        code: 'NetworkConnectorUpdateFailed',
        summary: `the update of network connector 'net' failed, and it is unchanged: ${code}: the reason`,
        hints: [hint],
      });
    });

    test('because of the permissions of a role that IAM may not have propagated begins again once', () => {
      expect(failed('InsufficientRolePermissions', 1)).toMatchObject(begins(2));
      expect(failed('InsufficientRolePermissions', 2)).toMatchObject({ kind: 'fail', code: 'NetworkConnectorUpdateFailed' });
    });

    test('fails even if the service shows the desired configuration', () => {
      expect(failed('InvalidSubnet', 1, {}, undefined, {})).toMatchObject({ kind: 'fail', code: 'NetworkConnectorUpdateFailed' });
    });

    test('is only reported a minute after the request, because an earlier failure may still show', () => {
      expect(failed('InvalidSubnet', 1, {}, NOW - 59 * SECOND)).toEqual({ kind: 'wait', waitingFor: "the outcome of the update of network connector 'net' to show" });
      expect(failed('InvalidSubnet', 1, {}, NOW - MINUTE)).toMatchObject({ kind: 'fail', code: 'NetworkConnectorUpdateFailed' });
    });

    test('for another reason does not begin again, although the role may be new', () => {
      expect(failed('InvalidSubnet', 1, { operation: FRESH })).toMatchObject({ kind: 'fail', code: 'NetworkConnectorUpdateFailed' });
    });
  });

  test.each([1, 2])('begins with the second token if another party reverted the update that this operation applied at attempt %s', attempt => {
    const observed = ours({ ...OTHER_SUBNETS, updateStatus: 'Successful' }, { tags: ourTags(`${THIS_OPERATION}/${attempt}`) });
    expect(reconcile(updating({ observed }))).toMatchObject(begins(2));
  });

  test('also happens in a creation that finds a connector of this resource', () => {
    expect(reconcile(creating({ observed: ours(OTHER_SUBNETS) }))).toMatchObject(begins(1));
  });
});

describe('an immutable setting', () => {
  const protocol = (more: Circumstances['desired'] = {}) =>
    reconcile(updating({ desired: { networkProtocol: 'DualStack', ...more }, previous: { networkProtocol: 'IPv4' }, observed: ours() }));
  const vpc = (more: Circumstances['desired'] = {}) => reconcile(updating({
    desired: { vpcId: 'vpc-2', subnetIds: ['subnet-9'], ...more }, previous: { vpcId: 'vpc-1', subnetIds: ['subnet-1', 'subnet-2'] }, observed: ours(),
  }));

  test('such as the protocol is not changed, and the error says how to replace a connector with an explicit name', () => {
    expect(protocol()).toEqual({
      kind: 'fail',
      code: 'NetworkConnectorUnchangeable',
      summary: "networkProtocol: network connector 'net' cannot change it from IPv4 to DualStack; give it another networkConnectorName, or none, so that a new connector replaces it",
    });
  });

  test('such as the VPC is not changed, and the error says how to replace a connector with an explicit name', () => {
    expect(vpc()).toEqual({
      kind: 'fail',
      code: 'NetworkConnectorUnchangeable',
      summary: "vpc: network connector 'net' cannot change it from vpc-1 to vpc-2; give it another networkConnectorName, or none, so that a new connector replaces it",
    });
  });

  test('is not changed, and the error says how to replace a connector with a generated name', () => {
    expect(protocol({ nameIsGenerated: true })).toMatchObject({ summary: expect.stringContaining('to DualStack; give the construct another id, so that') });
    expect(vpc({ nameIsGenerated: true })).toMatchObject({ summary: expect.stringContaining('to vpc-2; give the construct another id, so that') });
  });

  test('may be changed in a rollback, which tries everything', () => {
    const back = { desired: { vpcId: 'vpc-2', subnetIds: ['subnet-9'] }, previous: { vpcId: 'vpc-1' }, observed: ours() };
    expect(reconcile(rollingBack(back))).toMatchObject({ change: { do: 'update' } });
    expect(reconcile(rollingBack({ desired: { networkProtocol: 'DualStack' }, observed: ours() }))).toMatchObject({ change: { do: 'update' } });
  });

  test('does not fail the rollback after its rejection', () => {
    expect(reconcile(rollingBack({ previous: { networkProtocol: 'DualStack' }, observed: ours() }))).toEqual({ kind: 'done', data: DATA });
    expect(reconcile(rollingBack({ previous: { vpcId: 'vpc-2', subnetIds: ['subnet-9'] }, observed: ours() }))).toEqual({ kind: 'done', data: DATA });
  });

  test('may change together with the name', () => {
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

  test('that are missing or differ are added', () => {
    expect(retag({ team: 'network', stage: 'beta' }, {}, { team: 'other', stage: 'beta' })).toEqual({
      kind: 'change',
      change: { do: 'tag', name: NAME, arn: ARN, tags: { team: 'network' } },
      waitingFor: "network connector 'net' to be tagged",
      fallback: undefined,
      showsAtOnce: true,
    });
  });

  test('that the old properties have and the new ones lack are removed, and no others', () => {
    expect(retag({}, { team: 'network', deleted: 'yes' }, { team: 'network', cost: 'theirs' })).toEqual({
      kind: 'change',
      change: { do: 'untag', name: NAME, arn: ARN, keys: ['team'] },
      waitingFor: "network connector 'net' to be untagged",
      fallback: undefined,
      showsAtOnce: true,
    });
  });

  test('of others are kept', () => {
    expect(retag({}, {}, { cost: 'theirs' })).toMatchObject({ kind: 'done' });
  });

  test('with only one of the two owner tags identify another owner', () => {
    expect(reconcile(updating({ observed: ours({}, { tags: { 'cdk-lambda-microvms:stack': OWNER.stackId } }) })))
      .toMatchObject({ kind: 'fail', code: 'NetworkConnectorOwnedElsewhere' });
  });

  test('are changed before old versions are deleted', () => {
    const observed = ours({}, { versions: [version(1), version(2)] });
    expect(reconcile(updating({ desired: { tags: { team: 'network' } }, observed }))).toMatchObject({ change: { do: 'tag' } });
  });

  test('are changed after the configuration', () => {
    expect(reconcile(updating({ desired: { tags: { team: 'network' } }, observed: ours(OTHER_SUBNETS) }))).toMatchObject({ change: { do: 'update' } });
  });

  test('of the old properties are not removed from a connector with another name', () => {
    const observed = ours({}, { tags: ourTags(undefined, { team: 'theirs' }) });
    const observedElsewhere = { [OLD_NAME]: { connector: 'absent' as const } };
    expect(reconcile(updating({ previous: { name: OLD_NAME, tags: { team: 'network' } }, observed, observedElsewhere }))).toMatchObject({ kind: 'done' });
  });
});

describe('a replacement', () => {
  const replacing = (circumstances: Circumstances) => reconcile(updating({ previous: { name: OLD_NAME }, observed: { connector: 'absent' }, ...circumstances }));
  const old = (users?: ConnectorUser[], more: Partial<Connector> = {}) =>
    ({ [OLD_NAME]: { connector: connector({ arn: OLD_ARN, ...more }), tags: ourTags(), users: users && usage(users) } });
  const creation = { kind: 'change', change: { do: 'create', name: NAME } };

  test('observes the old connector and its users before its first change', () => {
    expect(replacing({})).toEqual({ kind: 'observe', observe: { at: 'connector', name: OLD_NAME, confirmAbsence: false } });
    expect(replacing({ observedElsewhere: { [OLD_NAME]: { connector: connector({ arn: OLD_ARN }) } } })).toEqual({ kind: 'observe', observe: { at: 'tags', name: OLD_NAME, arn: OLD_ARN } });
    expect(replacing({ observedElsewhere: old() })).toEqual({
      kind: 'observe', observe: { at: 'users', name: OLD_NAME, arn: OLD_ARN, since: NOW - 20 * MINUTE },
    });
  });

  test('ignores the users of a connector that now has another owner', () => {
    const theirs = { [OLD_NAME]: { connector: connector({ arn: OLD_ARN }), tags: ownerTags(ANOTHER_OWNER), users: usage(TWELVE_USERS) } };
    expect(replacing({ observedElsewhere: theirs })).toMatchObject(creation);
  });

  test('by an existing connector is also rejected, unless this operation created it', () => {
    expect(replacing({ observed: ours(), observedElsewhere: old(TWELVE_USERS) })).toMatchObject({ kind: 'fail', code: 'NetworkConnectorInUse' });
    expect(replacing({ observed: ours({}, { tags: ourTags(`${THIS_OPERATION}/1`) }), observedElsewhere: old(TWELVE_USERS) })).toMatchObject({ kind: 'done' });
  });

  test('creates the new connector if the old one is unused or does not exist', () => {
    expect(replacing({ observedElsewhere: old([]) })).toMatchObject(creation);
    expect(replacing({ observedElsewhere: { [OLD_NAME]: { connector: 'absent' } } })).toMatchObject(creation);
    expect(replacing({ observedElsewhere: old(undefined, { state: 'FAILED' }) })).toMatchObject(creation);
  });

  test('waits two minutes for MicroVMs that may be terminating', () => {
    const after = (seconds: number) => replacing({ operation: { startedAt: NOW - seconds * SECOND }, observedElsewhere: old([user('microvm-1')]) });
    expect(after(119)).toEqual({ kind: 'wait', waitingFor: "the MicroVMs that use network connector 'old-net' to terminate: microvm-1" });
    expect(after(120)).toMatchObject({ kind: 'fail', code: 'NetworkConnectorInUse' });
  });

  test('fails after that, before its first change, with the first ten MicroVMs and what to do', () => {
    expect(replacing({ observedElsewhere: old(TWELVE_USERS) })).toEqual({
      kind: 'fail',
      code: 'NetworkConnectorInUse',
      summary: `network connector 'old-net' is in use, and its deletion would cut off the network of MicroVMs: ${TEN_IDS_AND_MORE}; `
        + "terminate each with 'aws lambda-microvms terminate-microvm --microvm-identifier <ID>' and try again, "
        + 'or deploy deletion WAIT_UNTIL_UNUSED or FORCE first',
    });
  });

  test.each(['WAIT_UNTIL_UNUSED', 'FORCE'] as const)('is not rejected if the deletion of the old connector is %s', deletion => {
    expect(replacing({ previous: { name: OLD_NAME, deletion }, observedElsewhere: old(TWELVE_USERS) })).toMatchObject(creation);
  });

  test('is rejected according to the old properties, not the new ones', () => {
    expect(replacing({ desired: { deletion: 'FORCE' }, previous: { name: OLD_NAME, deletion: 'REFUSE_IN_USE' }, observedElsewhere: old(TWELVE_USERS) }))
      .toMatchObject({ kind: 'fail', code: 'NetworkConnectorInUse' });
  });

  test('is not rejected in a rollback', () => {
    expect(replacing({ operation: { phase: 'rollback' }, observedElsewhere: old(TWELVE_USERS) })).toMatchObject(creation);
  });

  test('is also rejected while the phase is unknown, because a rejection is safe', () => {
    expect(replacing({ operation: { phase: 'unknown' }, observedElsewhere: old(TWELVE_USERS) })).toMatchObject({ kind: 'fail', code: 'NetworkConnectorInUse' });
  });

  test('is not rejected if CloudFormation already knows the new name', () => {
    expect(replacing({ requestPhysicalId: 'network-connector:net', observedElsewhere: old(TWELVE_USERS) })).toMatchObject(creation);
  });

  test('leaves the old connector to the cleanup', () => {
    expect(replacing({ observed: ours({}, { tags: ourTags(`${THIS_OPERATION}/1`) }) })).toEqual({ kind: 'done', data: DATA });
  });
});

describe('the rollback of a replacement', () => {
  const rollback = (circumstances: Circumstances) =>
    reconcile(rollingBack({ previous: { name: OLD_NAME }, requestPhysicalId: 'network-connector:net', observed: ours(), ...circumstances }));
  const other = (more: Partial<Connector> = {}) => ({ [OLD_NAME]: ours({ arn: OLD_ARN, ...more }) });

  test('observes the connector of the other name before it ends', () => {
    expect(rollback({})).toEqual({ kind: 'observe', observe: { at: 'connector', name: OLD_NAME, confirmAbsence: true } });
  });

  test('deletes the connector of the other name, which CloudFormation may not know', () => {
    expect(rollback({ observedElsewhere: other() })).toMatchObject({
      kind: 'change', change: { do: 'deleteConnector', name: OLD_NAME, arn: OLD_ARN }, waitingFor: "network connector 'old-net' to be deleted",
    });
  });

  test('waits until that connector can be deleted, and until it is deleted', () => {
    expect(rollback({ observedElsewhere: other({ state: 'PENDING' }) })).toMatchObject({ kind: 'wait' });
    expect(rollback({ observedElsewhere: other({ state: 'DELETING' }) })).toMatchObject({ kind: 'wait' });
    expect(rollback({ observedElsewhere: { [OLD_NAME]: { connector: 'absent' } } })).toEqual({ kind: 'done', data: DATA });
  });

  test('deletes no connector of another owner', () => {
    const theirs = { [OLD_NAME]: { connector: connector({ arn: OLD_ARN }), tags: ownerTags(ANOTHER_OWNER) } };
    expect(rollback({ observedElsewhere: theirs })).toEqual({ kind: 'done', data: DATA });
  });

  test('deletes nothing before its own connector is as desired', () => {
    expect(rollback({ observed: ours(OTHER_SUBNETS), observedElsewhere: other() })).toMatchObject({ change: { do: 'update', name: NAME } });
  });

  test('deletes the other connector before old versions of its own connector', () => {
    expect(rollback({ observed: ours({}, { versions: [version(1), version(2)] }), observedElsewhere: other() })).toMatchObject({ change: { do: 'deleteConnector' } });
  });

  test('deletes nothing if the name is the same', () => {
    expect(rollback({ previous: {}, observedElsewhere: {} })).toEqual({ kind: 'done', data: DATA });
  });
});

describe('the removal of a subnet or security group', () => {
  const SUBNET = { subnetIds: ['subnet-1', 'subnet-2', 'subnet-3'] };
  const GROUP = { securityGroupIds: ['sg-1', 'sg-2', 'sg-3'] };
  /** The connector has more than is desired, and it has users. */
  const removal = (found: Partial<Connector>, circumstances: Circumstances = {}, users: ConnectorUsers | undefined = usage(TWELVE_USERS)) =>
    reconcile(updating({ observed: ours(found, { users }), ...circumstances }));
  const update = { kind: 'change', change: { do: 'update' } };
  const rejected = { kind: 'fail', code: 'NetworkConnectorPlacementInUse' };

  test('observes the MicroVMs that use the connector before the first change', () => {
    expect(reconcile(updating({ observed: ours(SUBNET, { users: undefined }) }))).toEqual({
      kind: 'observe', observe: { at: 'users', name: NAME, arn: ARN, since: NOW - 20 * MINUTE },
    });
  });

  test('is rejected while MicroVMs use the connector, with their IDs, the command and the choice', () => {
    expect(removal(SUBNET)).toEqual({
      kind: 'fail',
      code: 'NetworkConnectorPlacementInUse',
      summary: `vpcSubnets: network connector 'net' cannot lose subnet-3 while MicroVMs use the connector: ${TEN_IDS_AND_MORE}; `
        + "terminate each with 'aws lambda-microvms terminate-microvm --microvm-identifier <ID>' and deploy again, or set placementRemoval to WAIT_UNTIL_UNUSED. "
        + 'If you do not delete what you remove, KEEP_UNTIL_UNUSED updates the connector now',
    });
    expect(removal(GROUP)).toMatchObject({ ...rejected, summary: expect.stringMatching(/^securityGroups: network connector 'net' cannot lose sg-3 while/) });
    expect(removal({ ...SUBNET, ...GROUP })).toMatchObject({ ...rejected, summary: expect.stringMatching(/^vpcSubnets, securityGroups: .* cannot lose subnet-3, sg-3 while/) });
  });

  test('is rejected for MicroVMs of any version, because an older version may have the same subnet', () => {
    expect(removal(SUBNET, {}, usage([user('microvm-1', { version: 1 })]))).toMatchObject(rejected);
  });

  test('waits two minutes for MicroVMs that may be terminating', () => {
    const after = (seconds: number) => removal(SUBNET, { operation: { startedAt: NOW - seconds * SECOND } }, usage([user('microvm-1')]));
    expect(after(119)).toEqual({ kind: 'wait', waitingFor: "the MicroVMs that use network connector 'net' to terminate: microvm-1" });
    expect(after(120)).toMatchObject(rejected);
  });

  test('waits for them until the deadline with WAIT_UNTIL_UNUSED, and begins when they have terminated', () => {
    const waiting = { desired: { placementRemoval: 'WAIT_UNTIL_UNUSED' as const } };
    expect(removal(SUBNET, waiting)).toEqual({ kind: 'wait', waitingFor: `the MicroVMs that use network connector 'net' to terminate: ${TEN_IDS_AND_MORE}` });
    expect(removal(SUBNET, waiting, usage())).toMatchObject(update);
  });

  test('happens at once with KEEP_UNTIL_UNUSED', () => {
    const keeping = { desired: { placementRemoval: 'KEEP_UNTIL_UNUSED' as const } };
    expect(removal(SUBNET, keeping)).toMatchObject(update);
    expect(reconcile(updating({ ...keeping, observed: ours(SUBNET, { users: undefined }) }))).toMatchObject(update);
  });

  test('is decided by the new properties, so that one deployment is enough', () => {
    expect(removal(SUBNET, { desired: { placementRemoval: 'KEEP_UNTIL_UNUSED' }, previous: { placementRemoval: 'REFUSE_IN_USE' } })).toMatchObject(update);
    expect(removal(SUBNET, { desired: { placementRemoval: 'REFUSE_IN_USE' }, previous: { placementRemoval: 'KEEP_UNTIL_UNUSED' } })).toMatchObject(rejected);
  });

  test('is not rejected if no MicroVM uses the connector', () => {
    expect(removal(SUBNET, {}, usage())).toMatchObject(update);
  });

  test('waits while a new MicroVM or an incomplete list leaves open whether the connector is used', () => {
    const isNew = { unknown: [user('microvm-1', { startedAt: NOW - SECOND })] };
    expect(removal(SUBNET, { operation: { startedAt: NOW - 10 * SECOND } }, usage([], isNew))).toMatchObject({ kind: 'wait' });
    expect(removal(SUBNET, { operation: { startedAt: NOW - MINUTE } }, usage([], { isComplete: false }))).toMatchObject({ kind: 'wait' });
  });

  test('is rejected if not all MicroVMs are listed in five minutes, and the error says what to do', () => {
    expect(removal(SUBNET, { operation: { startedAt: NOW - 5 * MINUTE + 1 } }, usage([], { isComplete: false }))).toMatchObject({ kind: 'wait' });
    expect(removal(SUBNET, { operation: { startedAt: NOW - 5 * MINUTE } }, usage([], { isComplete: false }))).toEqual({
      kind: 'fail',
      code: 'NetworkConnectorPlacementInUse',
      summary: "vpcSubnets: not all MicroVMs of the account could be listed in five minutes, and one may use network connector 'net', "
        + 'which cannot lose subnet-3 then; try again when fewer are listed. '
        + 'If you do not delete what you remove, set placementRemoval to KEEP_UNTIL_UNUSED',
    });
    expect(removal(SUBNET, { desired: { placementRemoval: 'WAIT_UNTIL_UNUSED' } }, usage([], { isComplete: false }))).toMatchObject({ kind: 'wait' });
  });

  test('is not what an addition or another change is', () => {
    expect(removal({ subnetIds: ['subnet-1'], securityGroupIds: ['sg-2'] })).toMatchObject(update);
    expect(removal({ operatorRoleArn: 'arn:aws:iam::123456789012:role/earlier' })).toMatchObject(update);
  });

  test('is also rejected while the phase is unknown, and never in a rollback', () => {
    expect(removal(SUBNET, { operation: { phase: 'unknown' } })).toMatchObject(rejected);
    expect(removal(SUBNET, { operation: { phase: 'rollback' } })).toMatchObject(update);
  });

  test('is not rejected again after this operation has requested it', () => {
    const observed = ours({ ...SUBNET, updateStatus: 'Successful' }, { tags: ourTags(`${THIS_OPERATION}/1/${NOW - 5 * MINUTE}`), users: usage(TWELVE_USERS) });
    expect(reconcile(updating({ observed }))).toMatchObject({ change: { do: 'update', attempt: 2 } });
  });

  test('compares the settings after request overrides', () => {
    const desiredGroups = { desired: { requestOverrides: JSON.stringify({ 'Configuration.VpcEgressConfiguration.SecurityGroupIds.2': 'sg-3' }) } };
    expect(removal({ ...GROUP, subnetIds: ['subnet-1'] }, desiredGroups)).toMatchObject(update);
    expect(removal(GROUP, { desired: { requestOverrides: JSON.stringify({ 'Configuration.VpcEgressConfiguration.SecurityGroupIds.1': 'sg-4' }) } }))
      .toMatchObject({ ...rejected, summary: expect.stringContaining('cannot lose sg-2, sg-3 while') });
  });
});

describe('old versions', () => {
  const begun = (ago: number) => ({ operation: { startedAt: NOW - ago } });
  const settled = (more: ObservedConnector, circumstances: Circumstances = {}) =>
    reconcile(updating({ observed: ours({}, more), ...begun(MINUTE), ...circumstances }));
  const [first, second, third] = [version(1), version(2), version(3)];
  const done = { kind: 'done', data: DATA };

  test('are observed before the operation ends, and do not fail it', () => {
    expect(settled({ versions: undefined })).toEqual({ kind: 'observe', observe: { at: 'versions', name: NAME, arn: ARN, latest: undefined, triesAgain: false }, fallback: done });
  });

  test('are not observed while the connector has only its first version', () => {
    expect(reconcile(updating({ observed: ours({ version: 1 }, { versions: undefined }), ...begun(MINUTE) }))).toEqual(done);
    expect(reconcile(updating({ observed: ours({ version: 2 }, { versions: undefined }), ...begun(MINUTE) }))).toMatchObject({ kind: 'observe', observe: { at: 'versions' } });
  });

  test('are deleted after their users have been observed, the oldest first', () => {
    expect(settled({ versions: [first, second, third], users: undefined })).toEqual({
      kind: 'observe', observe: { at: 'usersForPruning', name: NAME, arn: ARN, since: NOW - MINUTE, triesAgain: false }, fallback: done,
    });
    expect(settled({ versions: [third, second, first] })).toEqual({
      kind: 'change', change: { do: 'deleteVersion', name: NAME, arn: ARN, version: 1, triesAgain: false }, waitingFor: "version 1 of network connector 'net' to be deleted", fallback: done,
    });
  });

  test('that are retained are kept, and their users are not observed', () => {
    expect(settled({ versions: [first, second], users: undefined }, { desired: { retainedVersions: 2 } })).toEqual(done);
    expect(settled({ versions: [first], users: undefined })).toEqual(done);
  });

  test('that a MicroVM may use are kept', () => {
    expect(settled({ versions: [first, second], users: usage([user('microvm-1')]) })).toEqual(done);
  });

  test('that no MicroVM can use are deleted, although an older one is in use', () => {
    const users = usage([user('microvm-1', { version: 1 })]);
    expect(settled({ versions: [first, second, third], users })).toMatchObject({ change: { do: 'deleteVersion', version: 2 } });
  });

  test('that are being deleted delay the end of the operation for 20 minutes at most', () => {
    const deleting = (ago: number) => settled({ versions: [version(1, { state: 'DELETING' }), second] }, begun(ago));
    expect(deleting(20 * MINUTE - 1)).toEqual({ kind: 'wait', waitingFor: "version 1 of network connector 'net' to be deleted", fallback: done, usual: UNKNOWN });
    expect(deleting(20 * MINUTE)).toEqual(done);
  });

  test('are not observed in a creation if the service shows no version, because there is none', () => {
    expect(reconcile(creating({ observed: ours({}, { versions: undefined }), ...begun(MINUTE) }))).toEqual(done);
    expect(reconcile(creating({ observed: ours({ version: 2 }, { versions: undefined }), ...begun(MINUTE) }))).toMatchObject({ observe: { at: 'versions', latest: 2 } });
  });

  test('cannot be deleted if the service lists none', () => {
    expect(settled({ versions: [], users: undefined })).toEqual(done);
  });

  test('are not deleted before all MicroVMs of the account have been listed', () => {
    expect(settled({ versions: [first, second], users: usage([], { isComplete: false }) })).toMatchObject({ kind: 'observe', observe: { at: 'usersForPruning' } });
  });

  test('are deleted according to MicroVMs that were listed after the last update', () => {
    const observed = ours({ modifiedAt: NOW - SECOND }, { versions: [first, second], users: undefined });
    expect(reconcile(updating({ observed, ...begun(MINUTE) }))).toMatchObject({ observe: { at: 'usersForPruning', since: NOW - SECOND } });
  });

  test('that a MicroVM may use which is too new to be described are kept until it can be', () => {
    const replaced = version(2, { modifiedAt: NOW - 30 * SECOND });
    const launched = (ago: number, known: ConnectorUser[] = []) =>
      settled({ versions: [first, replaced], users: usage(known, { unknown: [user('microvm-1', { startedAt: NOW - ago })] }) });
    expect(launched(40 * SECOND)).toEqual({ kind: 'wait', waitingFor: "new MicroVMs to show whether they use network connector 'net': microvm-1", fallback: done });
    expect(launched(MINUTE)).toMatchObject({ change: { do: 'deleteVersion', version: 1 } });
    expect(launched(40 * SECOND, [user('microvm-2')])).toEqual(done);
  });

  test('are not observed after 20 minutes', () => {
    expect(settled({ versions: undefined, users: undefined }, begun(20 * MINUTE))).toEqual(done);
    expect(settled({ versions: [first, second] }, begun(20 * MINUTE))).toEqual(done);
  });

  test('are observed again after an error until a minute after the last change of the connector or a version', () => {
    const triesAgain = (startedAgo: number, modifiedAgo: number, versions?: ConnectorVersion[]) => {
      const observed = ours({ modifiedAt: NOW - modifiedAgo, version: 3 }, { versions, users: undefined });
      const step = reconcile(updating({ observed, ...begun(startedAgo) }));
      return step.kind === 'observe' && 'triesAgain' in step.observe ? step.observe.triesAgain : undefined;
    };
    expect([triesAgain(MINUTE - 1, 60 * MINUTE), triesAgain(MINUTE, 60 * MINUTE)]).toEqual([true, false]);
    expect([triesAgain(10 * MINUTE, MINUTE - 1), triesAgain(10 * MINUTE, MINUTE)]).toEqual([true, false]);
    const changed = (ago: number) => [first, second, { ...third, modifiedAt: NOW - ago }];
    expect([triesAgain(10 * MINUTE, 9 * MINUTE, changed(MINUTE - 1)), triesAgain(10 * MINUTE, 9 * MINUTE, changed(MINUTE))]).toEqual([true, false]);
  });

  test('delay an update for a minute at most', () => {
    const outdated = (ago: number) => reconcile(updating({ observed: ours(OTHER_SUBNETS, { versions: [first, second] }), ...begun(ago) }));
    expect(outdated(MINUTE - 1)).toMatchObject({ change: { do: 'deleteVersion' } });
    expect(outdated(MINUTE)).toMatchObject({ change: { do: 'update' } });
  });

  test('are deleted before the next update, which the service rejects at the limit of versions', () => {
    const begins = { kind: 'change', change: { do: 'update', attempt: 1 } };
    const outdated = (more: ObservedConnector) =>
      reconcile(updating({ observed: ours({ subnetIds: ['subnet-1'] }, more), ...begun(MINUTE - 1) }));
    expect(outdated({ versions: undefined })).toMatchObject({ kind: 'observe', observe: { at: 'versions' }, fallback: begins });
    expect(outdated({ versions: [first, second] })).toMatchObject({ change: { do: 'deleteVersion', version: 1 }, fallback: begins });
    expect(outdated({ versions: [version(1, { state: 'DELETING', modifiedAt: NOW }), second] })).toMatchObject({ kind: 'wait', fallback: begins });
    expect(outdated({ versions: [first, second], users: usage([user('microvm-1')]) })).toMatchObject(begins);
  });

  test('are also deleted in a rollback, which may delete a new subnet, and while the phase is unknown, because no operation needs them', () => {
    const observed = ours({}, { versions: [first, second] });
    const inPhase = (phase: Phase) => reconcile(updating({ operation: { phase, startedAt: NOW - MINUTE }, observed }));
    expect(inPhase('rollback')).toMatchObject({ change: { do: 'deleteVersion', version: 1 } });
    expect(inPhase('unknown')).toMatchObject({ change: { do: 'deleteVersion', version: 1 } });
  });
});

describe('an old version that is being deleted', () => {
  const found = { version: 2, updateStatus: 'Successful', modifiedAt: NOW - 30 * SECOND } as const;
  const versions = [version(1, { state: 'DELETING' }), version(2)];
  const startedAt = NOW - 290 * SECOND;
  const seen = (more: Partial<Connector>, observed: ObservedConnector, during: Circumstances['operation'] = {}) =>
    reconcile(updating({ operation: { startedAt, ...during }, observed: { connector: connector({ ...found, ...more }), ...observed } }));
  const tags = { kind: 'observe', observe: { at: 'tags', name: NAME, arn: ARN } };

  test('is observed with two calls per poll after an update of this operation', () => {
    expect(seen({}, {})).toEqual({ kind: 'observe', observe: { at: 'versions', name: NAME, arn: ARN, latest: 2, triesAgain: true }, fallback: tags });
    expect(seen({}, { versions })).toEqual({ kind: 'wait', waitingFor: "version 1 of network connector 'net' to be deleted", usual: UNKNOWN });
  });

  test('does not hide anything else once it is deleted, or if versions cannot be listed', () => {
    expect(seen({}, { versions: [version(2)] })).toEqual(tags);
    expect(seen({}, { versions: [] })).toEqual(tags);
  });

  test('is observed with everything else once a minute, and at the deadline', () => {
    const stepAfter = (seconds: number) => seen({}, { versions }, { startedAt: NOW - seconds * SECOND }).kind;
    expect([240, 243, 244, 294, 299, 300].map(stepAfter)).toEqual(['observe', 'observe', 'wait', 'wait', 'wait', 'observe']);
    expect(seen({}, { versions }, { expired: true })).toEqual(tags);
  });

  test.each<[string, Partial<Connector>]>([
    ['before an update of this operation', { modifiedAt: startedAt }],
    ['while the connector has its first version', { version: 1 }],
    ['if the service shows no version', { version: undefined }],
    ['if the connector has failed', { state: 'FAILED' }],
  ])('is not observed %s', (_, more) => {
    expect(seen(more, {})).toEqual(tags);
  });
});

test('the tag of another operation whose ID begins like that of this operation does not count', () => {
  const tags = { ...ownerTags(OWNER), [OPERATION_TAG]: `${THIS_OPERATION}0/1` };
  expect(reconcile(creating({ observed: ours({ state: 'FAILED' }, { tags }) }))).toMatchObject({ change: { do: 'deleteConnector' } });
});
