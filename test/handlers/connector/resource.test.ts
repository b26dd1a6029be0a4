import type { PollCircumstances } from './inputs';
import { ARN, arnOf, connector, connectorDependencies, FakeConnectors, NAME, OLD_ARN, OLD_NAME, OPERATOR_ROLE, ours, ourTags, pollEvent, usage, user, version } from './inputs';
import type { NetworkConnectorProperties } from '../../../src/contract/connector';
import { physicalIdOf } from '../../../src/handlers/connector/desired';
import type { ConnectorChange, ObservedConnectors } from '../../../src/handlers/connector/input';
import type { ConnectorVersion } from '../../../src/handlers/connector/observed';
import { connectorPhysicalId, NetworkConnectorResource } from '../../../src/handlers/connector/resource';
import type { NetworkConnectorService } from '../../../src/handlers/connector/service';
import { TerminalError } from '../../../src/handlers/engine/errors';
import { operationOf } from '../../../src/handlers/engine/operation';
import { FakeClock, MINUTE, NOW, OWNER, SECOND, serviceError } from '../engine/inputs';

const ROLE = 'arn:aws:iam::123456789012:role/handler-of-net';
const OLD_ROLE = 'arn:aws:iam::123456789012:role/handler-of-old-net';
const atVersions = (latest?: number, triesAgain = true) => ({ at: 'versions' as const, name: NAME, arn: ARN, latest, triesAgain });
const atUsers = (isForPruning: boolean, triesAgain = true) => isForPruning
  ? { at: 'usersForPruning' as const, name: NAME, arn: ARN, since: NOW - MINUTE, triesAgain }
  : { at: 'users' as const, name: NAME, arn: ARN, since: NOW - MINUTE };
const CREATING = { RequestType: 'Create' as const };
const create = { do: 'create', name: NAME } as const;
const update = { do: 'update', name: NAME, arn: ARN, attempt: 1 } as const;
const SETTINGS = { subnetIds: ['subnet-1', 'subnet-2'], securityGroupIds: ['sg-1', 'sg-2'], networkProtocol: 'IPv4', operatorRoleArn: OPERATOR_ROLE };

interface Fixture {
  readonly resource: NetworkConnectorResource;
  readonly connectors: FakeConnectors;
  readonly clock: FakeClock;
  /** Roles and names of the sessions. */
  readonly sessions: string[][];
}

/** Creates a resource in a poll, with a service that answers only the calls that the test expects. */
function fixture(answers: Partial<NetworkConnectorService> = {}, more: PollCircumstances = {}, now = NOW): Fixture {
  const connectors = new FakeConnectors(answers);
  const clock = new FakeClock(now);
  const event = pollEvent(more);
  const sessions: string[][] = [];
  const dependencies = connectorDependencies(connectors, {
    clock, connectors: async (...args) => { sessions.push(args); return connectors.service; },
  });
  return { connectors, clock, sessions, resource: new NetworkConnectorResource(event, operationOf(event, 3000, now), dependencies) };
}

describe('the physical ID', () => {
  test.each(['Create', 'Update'] as const)('of a connector is its name with a prefix at %s', RequestType => {
    expect(connectorPhysicalId(pollEvent({ RequestType, PhysicalResourceId: 'anything' }))).toBe('network-connector:net');
  });

  test('that CloudFormation invented is returned unchanged at Delete', () => {
    expect(connectorPhysicalId(pollEvent({ RequestType: 'Delete', PhysicalResourceId: 'app-Net-1ABC' }))).toBe('app-Net-1ABC');
  });
});

test('a connector has no secrets, and nothing has been observed at first', () => {
  expect(fixture().resource.secrets).toEqual([]);
  expect(fixture().resource.nothingObserved).toEqual({});
});

describe('the desired connector', () => {
  const stepOf = (more: PollCircumstances, observed: ObservedConnectors) => fixture({}, more, NOW + 5 * MINUTE).resource.reconcile(observed);

  test('is what the properties describe', () => {
    const asDesired = { [NAME]: ours({}, { tags: ourTags(undefined, { team: 'network' }) }) };
    expect(stepOf({}, asDesired)).toMatchObject({ kind: 'done', data: { ConnectorArn: ARN } });
    expect(stepOf({ ResourceProperties: { SubnetIds: ['subnet-3'] } }, { [NAME]: ours() })).toMatchObject({ change: { do: 'update' } });
    expect(stepOf({ ResourceProperties: { SecurityGroupIds: ['sg-3'] } }, { [NAME]: ours() })).toMatchObject({ change: { do: 'update' } });
    expect(stepOf({ ResourceProperties: { OperatorRoleArn: OLD_ROLE } }, { [NAME]: ours() })).toMatchObject({ change: { do: 'update' } });
    expect(stepOf({ ResourceProperties: { Tags: undefined } }, { [NAME]: ours() })).toMatchObject({ kind: 'done' });
  });

  test.each([
    ['true', 'give the construct another id'],
    ['false', 'give it another networkConnectorName'],
  ] as const)('has a generated or an explicit name: %s', (NameIsGenerated, fix) => {
    const more = { ResourceProperties: { NameIsGenerated, VpcId: 'vpc-2', SubnetIds: ['subnet-9'] } };
    expect(stepOf(more, { [NAME]: ours() })).toMatchObject({ kind: 'fail', summary: expect.stringContaining(fix) });
  });

  test.each([['1', 1], ['2', 0], ['0', 1], ['many', 1]])('retains at least the latest version: %s', (RetainedVersions, deleted) => {
    const observed = { [NAME]: ours({}, { versions: [version(1), version(2)] }) };
    const step = stepOf({ ResourceProperties: { RetainedVersions, Tags: [] }, OldResourceProperties: { Tags: [] } }, observed);
    expect(step).toMatchObject(deleted ? { change: { do: 'deleteVersion', version: 1 } } : { kind: 'done' });
  });

  test('is compared to the one that the old properties describe', () => {
    const more = { OldResourceProperties: { ConnectorName: OLD_NAME }, Operation: { RequestPhysicalId: physicalIdOf(OLD_NAME) } };
    expect(stepOf(more, { [NAME]: { connector: 'absent' } })).toMatchObject({ observe: { at: 'connector', name: OLD_NAME } });
    expect(stepOf({ ...more, Operation: { RequestPhysicalId: physicalIdOf(NAME) } }, { [NAME]: { connector: 'absent' } })).toMatchObject({ change: create });
  });
});

describe('an observation', () => {
  const atConnector = (confirmAbsence: boolean) => ({ at: 'connector' as const, name: NAME, confirmAbsence });

  test('of an existing connector is one call with its name', async () => {
    const received: string[] = [];
    const { resource, connectors } = fixture({ connector: async identifier => { received.push(identifier); return connector(); } });
    await expect(resource.observe(atConnector(true), {})).resolves.toEqual({ [NAME]: { connector: connector() } });
    expect([connectors.calls, received]).toEqual([['connector'], [NAME]]);
  });

  test('of a missing connector is one call if its absence need not be confirmed', async () => {
    const { resource, connectors, clock } = fixture({ connector: async () => 'absent' });
    await expect(resource.observe(atConnector(false), {})).resolves.toEqual({ [NAME]: { connector: 'absent' } });
    expect([connectors.calls.length, clock.now() - NOW]).toEqual([1, 0]);
  });

  test('confirms the absence of a connector with three calls within six seconds', async () => {
    const { resource, connectors, clock } = fixture({ connector: async () => 'absent' });
    await expect(resource.observe(atConnector(true), {})).resolves.toEqual({ [NAME]: { connector: 'absent' } });
    expect([connectors.calls.length, clock.now() - NOW]).toEqual([3, 6 * SECOND]);
  });

  test('is added to what was observed before', async () => {
    const received: string[] = [];
    const note = <Answer>(answer: Answer) => async (arn: string) => { received.push(arn); return answer; };
    const { resource } = fixture({ tags: note({ team: 'network' }), versions: note([version(1)]), users: note(usage([user('microvm-1')])) });
    let observed: ObservedConnectors = { [NAME]: { connector: connector() }, other: { connector: 'absent' } };
    for (const what of [{ at: 'tags', name: NAME, arn: ARN }, atVersions(), atUsers(true)] as const) observed = await resource.observe(what, observed);
    expect(observed).toEqual({
      [NAME]: { connector: connector(), tags: { team: 'network' }, versions: [version(1)], users: usage([user('microvm-1')]) }, other: { connector: 'absent' },
    });
    expect(received).toEqual([ARN, ARN, ARN]);
  });

  test.each([true, false])('of users is for pruning, which needs all of them, or for a deletion, which is prevented by one: %s', async isForPruning => {
    const received: unknown[] = [];
    const { resource } = fixture({ users: async (_, query) => { received.push(query); return usage(); } });
    await resource.observe(atUsers(isForPruning), {});
    expect(received).toEqual([{ now: NOW, since: NOW - MINUTE, oneIsEnough: !isForPruning }]);
  });

  test('of users that is incomplete serves a deletion, and fails for pruning', async () => {
    const { resource } = fixture({ users: async () => usage([], { isComplete: false }) });
    await expect(resource.observe(atUsers(false), {})).resolves.toMatchObject({ [NAME]: { users: { isComplete: false } } });
    await expect(resource.observe(atUsers(true), {})).rejects.toThrow('not all MicroVMs of the account are listed yet');
  });

  test('of versions fails if the list lacks the latest version', async () => {
    const listed = async (versions: ConnectorVersion[]) => fixture({ versions: async () => versions }).resource.observe(atVersions(2), {});
    await expect(listed([version(1)])).rejects.toThrow("version 2 of network connector 'net' is not listed yet");
    await expect(listed([version(1), version(2)])).resolves.toMatchObject({ [NAME]: { versions: [{ version: 1 }, { version: 2 }] } });
    await expect(listed([])).resolves.toEqual({ [NAME]: { versions: [] } });
  });
});

describe('an error of pruning', () => {
  const FAILURE = serviceError('ServiceException', 'try again');
  const failing = (calls: (keyof NetworkConnectorService)[]) => Object.fromEntries(calls.map(name => [name, async () => { throw FAILURE; }]));
  const pruning: Record<string, (resource: NetworkConnectorResource, triesAgain: boolean) => Promise<unknown>> = {
    versions: async (resource, triesAgain) => resource.observe(atVersions(undefined, triesAgain), {}),
    users: async (resource, triesAgain) => resource.observe(atUsers(true, triesAgain), {}),
    deleteVersion: async (resource, triesAgain) => resource.apply({ do: 'deleteVersion', name: NAME, arn: ARN, version: 1, triesAgain }),
  };
  const errorOf = async (call: string, triesAgain: boolean) => {
    const { resource } = fixture(failing(['versions', 'users', 'deleteVersion']));
    return pruning[call](resource, triesAgain).then(() => { throw new Error('succeeds'); }, error => error as Error);
  };

  test.each(Object.keys(pruning))('is terminal unless the next poll tries again, so that the deployment goes on: %s', async call => {
    expect(await errorOf(call, true)).toBe(FAILURE);
    const error = await errorOf(call, false);
    expect(error).toBeInstanceOf(TerminalError);
    expect(error.message).toBe('ServiceException: try again');
  });

  test('also is an incomplete list of MicroVMs or an outdated list of versions', async () => {
    const incomplete = fixture({ users: async () => usage([], { isComplete: false }) }).resource;
    await expect(incomplete.observe(atUsers(true, false), {})).rejects.toBeInstanceOf(TerminalError);
    const outdated = fixture({ versions: async () => [version(1)] }).resource;
    await expect(outdated.observe(atVersions(2, false), {})).rejects.toBeInstanceOf(TerminalError);
  });

  test('is not what an error of another look is', async () => {
    const { resource } = fixture(failing(['users']), {}, NOW + 30 * MINUTE);
    await expect(resource.observe(atUsers(false), {})).rejects.toBe(FAILURE);
  });
});

describe('properties of an earlier release', () => {
  const without = (names: (keyof NetworkConnectorProperties)[]) => Object.fromEntries(names.map(name => [name, undefined]));
  const OPTIONAL = [
    'NameIsGenerated', 'VpcId', 'NetworkProtocol', 'SubnetIds', 'SubnetZones', 'SecurityGroupIds', 'OperatorRoleArn', 'ElasticIps', 'RequestOverrides', 'Tags',
    'RetainedVersions', 'Deletion', 'PlacementRemoval', 'ResourceRoleArn',
  ] as const;

  test.each([...OPTIONAL.map(name => [name]), [...OPTIONAL]])('are enough as old properties without %s', async (...names) => {
    const { resource, sessions } = fixture({ tags: async () => ourTags() }, { OldResourceProperties: without(names) }, NOW + 5 * MINUTE);
    expect(resource.reconcile({ [NAME]: ours({}, { tags: ourTags(undefined, { team: 'network' }) }) })).toMatchObject({ kind: 'done' });
    await resource.observe({ at: 'tags', name: NAME, arn: ARN }, {});
    expect(sessions).toEqual([[ROLE, 'Sandbox']]);
  });

  test('are enough for a deletion if they have the resource role', () => {
    const { resource } = fixture({}, { RequestType: 'Delete', ResourceProperties: { ...without([...OPTIONAL, 'ConnectorName']), ResourceRoleArn: ROLE } }, NOW + MINUTE);
    expect(resource.reconcile({})).toMatchObject({ observe: { at: 'connector', name: NAME } });
    expect(resource.reconcile({ [NAME]: ours() })).toMatchObject({ change: { do: 'deleteConnector' } });
    expect(resource.reconcile({ [NAME]: ours({}, { users: usage([user('microvm-1')]) }) })).toMatchObject({ kind: 'wait' });
  });
});

describe('in brief', () => {
  const briefly = (observed: ObservedConnectors, more: PollCircumstances = {}) => fixture({}, more).resource.inBrief(observed);

  test('nothing has been observed at first', () => {
    expect([briefly({}), briefly({ [NAME]: {} })]).toEqual([undefined, undefined]);
  });

  test('a connector has a state, an update, versions and users, without times', () => {
    expect(briefly({ [NAME]: { connector: 'absent' } })).toEqual({ connector: 'absent' });
    expect(briefly({ [NAME]: { connector: connector({ state: 'PENDING' }) } })).toEqual({ connector: 'PENDING' });
    const versions = [version(2), version(1, { state: 'DELETING' })];
    expect(briefly({ [NAME]: ours({ version: 2, updateStatus: 'Successful' }, { versions, users: usage([user('microvm-1')]) }) }))
      .toEqual({ connector: 'ACTIVE', version: 2, update: 'Successful', versions: '2 ACTIVE, 1 DELETING', microvms: 1 });
    expect(briefly({ [NAME]: ours({}, { versions: undefined, users: usage([], { isComplete: false }) }) })).toEqual({ connector: 'ACTIVE', microvms: 0, listed: 'not all' });
  });

  test('a connector that is replaced has its own values', () => {
    const replacing = { OldResourceProperties: { ConnectorName: OLD_NAME } };
    expect(briefly({ [NAME]: { connector: 'absent' }, [OLD_NAME]: { connector: connector() } }, replacing)).toEqual({ connector: 'absent', previous: { connector: 'ACTIVE' } });
    expect(briefly({ [NAME]: { connector: 'absent' } }, replacing)).toEqual({ connector: 'absent' });
  });
});

describe('the roles', () => {
  const old = { ResourceRoleArn: OLD_ROLE, ConnectorName: OLD_NAME };
  const rolesOf = async (more: PollCircumstances, name: string) => {
    const { resource, sessions } = fixture({ tags: async () => ({}) }, more);
    await resource.observe({ at: 'tags', name, arn: arnOf(name) }, {});
    return sessions;
  };

  test('are those of the resource, in a session with its name', async () => {
    await expect(rolesOf({}, NAME)).resolves.toEqual([[ROLE, 'Sandbox']]);
  });

  test('are those of the old properties for a connector of the old name', async () => {
    await expect(rolesOf({ OldResourceProperties: old }, OLD_NAME)).resolves.toEqual([[OLD_ROLE, 'Sandbox']]);
    await expect(rolesOf({ OldResourceProperties: old }, NAME)).resolves.toEqual([[ROLE, 'Sandbox']]);
  });

  test('are the new ones for a connector that keeps its name', async () => {
    await expect(rolesOf({ OldResourceProperties: { ResourceRoleArn: OLD_ROLE } }, NAME)).resolves.toEqual([[ROLE, 'Sandbox']]);
  });

  test('are those of the properties in a deletion', async () => {
    await expect(rolesOf({ RequestType: 'Delete', PhysicalResourceId: physicalIdOf('earlier') }, 'earlier')).resolves.toEqual([[ROLE, 'Sandbox']]);
  });

  test('are those of the old properties for changes of the old connector', async () => {
    const { resource, sessions } = fixture({ deleteConnector: async () => undefined }, { OldResourceProperties: old });
    await resource.apply({ do: 'deleteConnector', name: OLD_NAME, arn: OLD_ARN });
    expect(sessions).toEqual([[OLD_ROLE, 'Sandbox']]);
  });

  test('are assumed once per poll', async () => {
    const { resource, sessions } = fixture({ tags: async () => ({}), untag: async () => undefined });
    await resource.observe({ at: 'tags', name: NAME, arn: ARN }, {});
    await resource.apply({ do: 'untag', name: NAME, arn: ARN, keys: ['team'] });
    expect(sessions).toHaveLength(1);
  });
});

describe('a deletion', () => {
  const stepOf = (PhysicalResourceId: string, observed: ObservedConnectors = {}) =>
    fixture({}, { RequestType: 'Delete', PhysicalResourceId }, NOW + MINUTE).resource.reconcile(observed);

  test('deletes the connector that its physical ID names, not that of the properties', () => {
    expect(stepOf('network-connector:earlier')).toMatchObject({ observe: { at: 'connector', name: 'earlier' } });
    const observed = { earlier: { connector: connector({ state: 'DELETING' }) } };
    expect(stepOf('network-connector:earlier', observed)).toMatchObject({ waitingFor: "network connector 'earlier' to be deleted" });
  });

  test.each(['app-Net-1ABC', 'net', 'app-network-connector:earlier', 'arn:aws:lambda:us-east-1:123456789012:network-connector:nc-1'])(
    'with an invented physical ID deletes the connector that the properties name: %s', id => {
      expect(stepOf(id)).toMatchObject({ observe: { at: 'connector', name: NAME } });
    });

  test('waits until calls of a canceled creation have taken effect', () => {
    const at = (milliseconds: number) => fixture({}, { RequestType: 'Delete' }, NOW + milliseconds).resource.reconcile({}).kind;
    expect([at(0), at(7_999), at(8_000)]).toEqual(['wait', 'wait', 'observe']);
  });
});

describe('creating', () => {
  const owned = { 'team': 'network', 'cdk-lambda-microvms:stack': OWNER.stackId, 'cdk-lambda-microvms:resource': OWNER.logicalId };

  /**
   * Creates the connector. Returns the requests, and the identifiers with which the answered connector was observed.
   */
  async function creating(found: 'absent' | 'found', now = NOW): Promise<{ created: Fixture; received: unknown[][]; observed: string[] }> {
    const received: unknown[][] = [];
    const observed: string[] = [];
    const created = fixture({
      create: async (name, { subnetIds, securityGroupIds, networkProtocol, operatorRoleArn }, ...rest) => {
        received.push([name, { subnetIds, securityGroupIds, networkProtocol, operatorRoleArn }, ...rest]);
        return { arn: ARN };
      },
      connector: async identifier => { observed.push(identifier); return found === 'absent' ? 'absent' : connector({ state: 'PENDING' }); },
    }, CREATING, now);
    await created.resource.apply(create);
    return { created, received, observed };
  }

  test('sends the owner tags, the tags of the user and the tag of the operation with the first request', async () => {
    const { created: { resource }, received } = await creating('found');
    const { id, clientToken } = resource.operation;
    expect(received).toEqual([[NAME, SETTINGS, { ...owned, 'cdk-lambda-microvms:operation': `${id}/1` }, clientToken]]);
  });

  test('sends the same request in each poll, byte by byte', async () => {
    const [first, second] = [await creating('found'), await creating('found', NOW + MINUTE)];
    expect(JSON.stringify(second.received)).toBe(JSON.stringify(first.received));
  });

  test('uses the second token and tag if the first token replays the answer about a deleted connector', async () => {
    const { created: { resource }, received, observed } = await creating('absent');
    const { id, secondClientToken } = resource.operation;
    expect(received).toHaveLength(2);
    expect(received[1]).toEqual([NAME, SETTINGS, { ...owned, 'cdk-lambda-microvms:operation': `${id}/2` }, secondClientToken]);
    expect(observed).toEqual([ARN]);
  });

  test('sends one request if the connector in the answer exists', async () => {
    const { created: { connectors }, observed } = await creating('found');
    expect(connectors.calls).toEqual(['create', 'connector']);
    expect(observed).toEqual([ARN]);
  });
});

describe('updating', () => {
  test.each([[1, 'clientToken'], [2, 'secondClientToken']] as const)('sends all settings, then tags the connector: attempt %s', async (attempt, token) => {
    const received: unknown[][] = [];
    const { resource, connectors } = fixture({
      update: async (arn, settings, clientToken) => { received.push([arn, settings, clientToken]); },
      tag: async (...args) => { received.push(args); },
    });
    await resource.apply({ ...update, attempt });
    expect(connectors.calls).toEqual(['update', 'tag']);
    expect(received).toEqual([
      [ARN, expect.objectContaining(SETTINGS), resource.operation[token]],
      [ARN, { 'cdk-lambda-microvms:operation': `${resource.operation.id}/${attempt}/${resource.operation.now}` }],
    ]);
  });

  test('sends elastic IPs as decided, and tags the connector with the hash of the overrides', async () => {
    const received: any[][] = [];
    const requestOverrides = '{"Configuration.NewMember":1}';
    const { resource } = fixture({
      update: async (arn, settings) => { received.push([arn, settings]); },
      tag: async (...args) => { received.push(args); },
    }, { ResourceProperties: { RequestOverrides: requestOverrides } });
    await resource.apply({ ...update, elasticIps: 'None' });
    const [[, settings], [, tags]] = received;
    expect(settings).toMatchObject({ ...SETTINGS, elasticIps: 'None', requestOverrides });
    expect(tags['cdk-lambda-microvms:operation']).toMatch(new RegExp(`^${resource.operation.id}/1/${resource.operation.now}/[0-9a-f]{32}$`));
  });

  test('does not tag the connector if the service did not accept the update', async () => {
    const { resource, connectors } = fixture({ update: async () => { throw serviceError('ResourceConflictException', 'is being updated'); } });
    await expect(resource.apply(update)).rejects.toThrow('is being updated');
    expect(connectors.calls).toEqual(['update']);
  });
});

test.each<[ConnectorChange, string, unknown[]]>([
  [{ do: 'tag', name: NAME, arn: ARN, tags: { team: 'network' } }, 'tag', [ARN, { team: 'network' }]],
  [{ do: 'untag', name: NAME, arn: ARN, keys: ['team'] }, 'untag', [ARN, ['team']]],
  [{ do: 'deleteVersion', name: NAME, arn: ARN, version: 3, triesAgain: true }, 'deleteVersion', [ARN, 3]],
  [{ do: 'deleteConnector', name: NAME, arn: ARN }, 'deleteConnector', [ARN]],
])('a change is one call: %j', async (step, method, args) => {
  const received: unknown[][] = [];
  const { resource, connectors } = fixture({ [method]: async (...given: unknown[]) => { received.push(given); } });
  await resource.apply(step);
  expect([connectors.calls, received]).toEqual([[method], [args]]);
});

describe('a request that the service rejects', () => {
  const invalid = (message: string) => serviceError('InvalidParameterValueException', message);
  const errorAfter = async (error: Error, at = 30 * MINUTE, change: ConnectorChange = create) => {
    const fails = async () => { throw error; };
    const answers = { create: fails, update: fails, tag: fails, untag: fails, deleteConnector: fails, deleteVersion: fails };
    return fixture(answers, {}, NOW + at).resource.apply(change)
      .then(() => { throw new Error('not rejected'); }, caught => caught as Error);
  };

  test.each<ConnectorChange>([create, update, { do: 'tag', name: NAME, arn: ARN, tags: {} }, { do: 'untag', name: NAME, arn: ARN, keys: [] }])(
    'fails with the message of the service, and a hint about the property: $do', async change => {
      const error = await errorAfter(invalid('Subnets and Security Groups must belong to the same VPC'), 0, change);
      expect(error).toBeInstanceOf(TerminalError);
      expect(error).toMatchObject({
        code: 'NetworkConnectorRejected',
        message: "the service rejected network connector 'net': Subnets and Security Groups must belong to the same VPC",
        hints: [{ property: 'securityGroups', text: 'subnets and security groups must be in the same VPC' }],
      });
    });

  test('fails with a hint about the zone and its subnet', async () => {
    const message = 'Availability zone use1-az2 is not available for compute type MicroVm';
    const text = 'MicroVMs cannot be reached from zone use1-az2; remove subnet-2 from the selection, for example with vpcSubnets: { availabilityZones: [...] }';
    expect(await errorAfter(invalid(message))).toMatchObject({
      message: `the service rejected network connector 'net': ${message}`, hints: [{ property: 'vpcSubnets', text }],
    });
  });

  test('fails without a hint if the message is unknown', async () => {
    expect(await errorAfter(invalid('something new'))).toMatchObject({ message: "the service rejected network connector 'net': something new", hints: [] });
  });

  test.each([
    'Network connector already exists: net',
    'Network connector nc-1 is not active',
    'The provided ClientToken was used for other parameters',
    'client token mismatch',
    'Idempotency token reused',
  ])('is tried again after a message that may describe a transient error: %s', async message => {
    const error = invalid(message);
    await expect(errorAfter(error)).resolves.toBe(error);
  });

  test.each([
    'The service is unable to assume the provided NetworkConnectorOperatorRole. Please verify the trust policy on the role.',
    'Encountered unauthorized operation while calling EC2 due to invalid ConnectorOperatorRole permissions',
  ])('is tried again for two minutes while IAM may not have propagated the operator role: %s', async message => {
    expect(await errorAfter(invalid(message), 2 * MINUTE - 1)).not.toBeInstanceOf(TerminalError);
    const error = await errorAfter(invalid(message), 2 * MINUTE);
    expect(error).toBeInstanceOf(TerminalError);
    expect(error).toMatchObject({ hints: [{ property: 'operatorRole' }] });
  });

  test('is tried again while its own role may be new, then fails with the name of the error and a hint', async () => {
    const denied = serviceError('AccessDeniedException', 'not authorized to perform: iam:PassRole on resource: operator');
    await expect(errorAfter(denied, 2 * MINUTE - 1)).resolves.toBe(denied);
    const error = await errorAfter(denied, 2 * MINUTE);
    expect(error).toBeInstanceOf(TerminalError);
    expect(error).toMatchObject({
      code: 'PermissionDenied',
      message: expect.stringMatching(/^the service rejected network connector 'net': AccessDeniedException: not authorized /),
      hints: [{ property: 'operatorRole', text: expect.stringMatching(/^the deployment must be allowed to pass it/) }],
    });
  });

  test('fails after ten minutes at a quota, with what to do', async () => {
    const quota = serviceError('NetworkConnectorLimitExceededException', 'The maximum number of network connectors has been reached');
    await expect(errorAfter(quota, 10 * MINUTE - 1)).resolves.toBe(quota);
    const error = await errorAfter(quota, 10 * MINUTE, update);
    expect(error).toBeInstanceOf(TerminalError);
    expect(error).toMatchObject({
      code: 'NetworkConnectorQuotaReached',
      message: "the service rejected network connector 'net': The maximum number of network connectors has been reached",
      hints: [{ text: 'raise the quota of the account, or remove connectors or retained versions' }],
    });
  });

  test.each(['ResourceConflictException', 'TooManyRequestsException', 'ServiceException', 'TimeoutError'])('is always tried again after %s', async name => {
    const error = serviceError(name, 'message');
    await expect(errorAfter(error)).resolves.toBe(error);
  });

  test.each<ConnectorChange>([{ do: 'deleteConnector', name: NAME, arn: ARN }, { do: 'deleteVersion', name: NAME, arn: ARN, version: 1, triesAgain: true }])(
    'is passed on unchanged if it is a deletion: $do', async change => {
      const error = invalid('The latest version cannot be deleted alone');
      await expect(errorAfter(error, 0, change)).resolves.toBe(error);
    });
});
