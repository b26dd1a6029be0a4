import type { PollCircumstances } from './inputs';
import { ARN, arnOf, connector, connectorWorld, FakeConnectors, NAME, OLD_ARN, OLD_NAME, OPERATOR_ROLE, ours, ourTags, pollEvent, user, version } from './inputs';
import { physicalIdOf } from '../../../src/handlers/connector/desired';
import type { ConnectorChange, ObservedConnectors } from '../../../src/handlers/connector/input';
import { connectorPhysicalId, NetworkConnectorResource } from '../../../src/handlers/connector/resource';
import type { NetworkConnectorService } from '../../../src/handlers/connector/service';
import { TerminalError } from '../../../src/handlers/engine/errors';
import { operationOf } from '../../../src/handlers/engine/operation';
import { FakeClock, MINUTE, NOW, OWNER, SECOND, serviceError } from '../engine/inputs';

const ROLE = 'arn:aws:iam::123456789012:role/handler-of-net';
const OLD_ROLE = 'arn:aws:iam::123456789012:role/handler-of-old-net';
const CREATING = { RequestType: 'Create' as const };
const create = { do: 'create', name: NAME } as const;
const update = { do: 'update', name: NAME, arn: ARN, attempt: 1 } as const;
const SETTINGS = { subnetIds: ['subnet-1', 'subnet-2'], securityGroupIds: ['sg-1', 'sg-2'], networkProtocol: 'IPv4', operatorRoleArn: OPERATOR_ROLE };

interface Bench {
  readonly resource: NetworkConnectorResource;
  readonly connectors: FakeConnectors;
  readonly clock: FakeClock;
  /** Roles and names of the sessions that were opened. */
  readonly sessions: string[][];
}

/** A resource in a poll, before a service that can do only what the test expects. */
function bench(answers: Partial<NetworkConnectorService> = {}, more: PollCircumstances = {}, now = NOW): Bench {
  const connectors = new FakeConnectors(answers);
  const clock = new FakeClock(now);
  const event = pollEvent(more);
  const sessions: string[][] = [];
  const dependencies = connectorWorld(connectors, { clock, connectors: async (...args) => { sessions.push(args); return connectors.service; } });
  return { connectors, clock, sessions, resource: new NetworkConnectorResource(event, operationOf(event, 3000, now), dependencies) };
}

describe('the physical id', () => {
  test.each(['Create', 'Update'] as const)('of a connector is its name in a form of ours at %s', RequestType => {
    expect(connectorPhysicalId(pollEvent({ RequestType, PhysicalResourceId: 'anything' }))).toBe('network-connector:net');
  });

  test('that CloudFormation invented is answered unchanged at Delete', () => {
    expect(connectorPhysicalId(pollEvent({ RequestType: 'Delete', PhysicalResourceId: 'app-Net-1ABC' }))).toBe('app-Net-1ABC');
  });
});

test('nothing of a connector is secret, and nothing is seen at first', () => {
  expect(bench().resource.secrets).toEqual([]);
  expect(bench().resource.nothingObserved).toEqual({});
});

describe('what is asked for', () => {
  const stepOf = (more: PollCircumstances, observed: ObservedConnectors) => bench({}, more, NOW + 5 * MINUTE).resource.reconcile(observed);

  test('is what the properties say', () => {
    const asAskedFor = { [NAME]: ours({}, { tags: ourTags(undefined, { team: 'network' }) }) };
    expect(stepOf({}, asAskedFor)).toMatchObject({ kind: 'done', data: { ConnectorArn: ARN } });
    expect(stepOf({ ResourceProperties: { SubnetIds: ['subnet-3'] } }, { [NAME]: ours() })).toMatchObject({ change: { do: 'update' } });
    expect(stepOf({ ResourceProperties: { SecurityGroupIds: ['sg-3'] } }, { [NAME]: ours() })).toMatchObject({ change: { do: 'update' } });
    expect(stepOf({ ResourceProperties: { OperatorRoleArn: OLD_ROLE } }, { [NAME]: ours() })).toMatchObject({ change: { do: 'update' } });
    expect(stepOf({ ResourceProperties: { Tags: undefined } }, { [NAME]: ours() })).toMatchObject({ kind: 'done' });
  });

  test.each([
    ['true', 'give the construct another id'],
    ['false', 'give it another networkConnectorName'],
  ] as const)('tells whether the name is generated: %s', (NameIsGenerated, fix) => {
    const more = { ResourceProperties: { NameIsGenerated, VpcId: 'vpc-2', SubnetIds: ['subnet-9'] } };
    expect(stepOf(more, { [NAME]: ours() })).toMatchObject({ kind: 'fail', summary: expect.stringContaining(fix) });
  });

  test.each([['1', 1], ['2', 0], ['0', 1], ['many', 1]])('retains at least the latest version: %s', (RetainedVersions, deleted) => {
    const observed = { [NAME]: ours({}, { versions: [version(1), version(2)] }) };
    const step = stepOf({ ResourceProperties: { RetainedVersions, Tags: [] }, OldResourceProperties: { Tags: [] } }, observed);
    expect(step).toMatchObject(deleted ? { change: { do: 'deleteVersion', version: 1 } } : { kind: 'done' });
  });

  test('refuses a replacement by what the old properties say', () => {
    const more = { OldResourceProperties: { ConnectorName: OLD_NAME }, Operation: { RequestPhysicalId: physicalIdOf(OLD_NAME) } };
    expect(stepOf(more, { [NAME]: { connector: 'absent' } })).toMatchObject({ observe: { at: 'connector', name: OLD_NAME } });
    expect(stepOf({ ...more, Operation: { RequestPhysicalId: physicalIdOf(NAME) } }, { [NAME]: { connector: 'absent' } })).toMatchObject({ change: create });
  });
});

describe('looking', () => {
  const atConnector = (confirmAbsence: boolean) => ({ at: 'connector' as const, name: NAME, confirmAbsence });

  test('at a connector that is there is one call, by its name', async () => {
    const asked: string[] = [];
    const { resource, connectors } = bench({ connector: async identifier => { asked.push(identifier); return connector(); } });
    await expect(resource.observe(atConnector(true), {})).resolves.toEqual({ [NAME]: { connector: connector() } });
    expect([connectors.calls, asked]).toEqual([['connector'], [NAME]]);
  });

  test('at a missing connector is one call if its absence need not be certain', async () => {
    const { resource, connectors, clock } = bench({ connector: async () => 'absent' });
    await expect(resource.observe(atConnector(false), {})).resolves.toEqual({ [NAME]: { connector: 'absent' } });
    expect([connectors.calls.length, clock.now() - NOW]).toEqual([1, 0]);
  });

  test('finds a connector gone only after three looks over six seconds did not find it', async () => {
    const { resource, connectors, clock } = bench({ connector: async () => 'absent' });
    await expect(resource.observe(atConnector(true), {})).resolves.toEqual({ [NAME]: { connector: 'absent' } });
    expect([connectors.calls.length, clock.now() - NOW]).toEqual([3, 6 * SECOND]);
  });

  test('adds to what was seen before', async () => {
    const asked: string[] = [];
    const note = <Answer>(answer: Answer) => async (arn: string) => { asked.push(arn); return answer; };
    const { resource } = bench({ tags: note({ team: 'network' }), versions: note([version(1)]), users: note([user('microvm-1')]) });
    let observed: ObservedConnectors = { [NAME]: { connector: connector() }, other: { connector: 'absent' } };
    for (const at of ['tags', 'versions', 'users'] as const) observed = await resource.observe({ at, name: NAME, arn: ARN }, observed);
    expect(observed).toEqual({
      [NAME]: { connector: connector(), tags: { team: 'network' }, versions: [version(1)], users: [user('microvm-1')] }, other: { connector: 'absent' },
    });
    expect(asked).toEqual([ARN, ARN, ARN]);
  });
});

describe('the roles', () => {
  const old = { ResourceRoleArn: OLD_ROLE, ConnectorName: OLD_NAME };
  const rolesOf = async (more: PollCircumstances, name: string) => {
    const { resource, sessions } = bench({ tags: async () => ({}) }, more);
    await resource.observe({ at: 'tags', name, arn: arnOf(name) }, {});
    return sessions;
  };

  test('are those of the resource, in a session of its name', async () => {
    await expect(rolesOf({}, NAME)).resolves.toEqual([[ROLE, 'Sandbox']]);
  });

  test('are those of the old properties for a connector of the old name', async () => {
    await expect(rolesOf({ OldResourceProperties: old }, OLD_NAME)).resolves.toEqual([[OLD_ROLE, 'Sandbox']]);
    await expect(rolesOf({ OldResourceProperties: old }, NAME)).resolves.toEqual([[ROLE, 'Sandbox']]);
  });

  test('are the new ones for a connector that keeps its name', async () => {
    await expect(rolesOf({ OldResourceProperties: { ResourceRoleArn: OLD_ROLE } }, NAME)).resolves.toEqual([[ROLE, 'Sandbox']]);
  });

  test('are those of the properties of a deletion', async () => {
    await expect(rolesOf({ RequestType: 'Delete', PhysicalResourceId: physicalIdOf('earlier') }, 'earlier')).resolves.toEqual([[ROLE, 'Sandbox']]);
  });

  test('are those of the old properties for changes of what they describe', async () => {
    const { resource, sessions } = bench({ deleteConnector: async () => undefined }, { OldResourceProperties: old });
    await resource.apply({ do: 'deleteConnector', name: OLD_NAME, arn: OLD_ARN });
    expect(sessions).toEqual([[OLD_ROLE, 'Sandbox']]);
  });

  test('are assumed once per poll', async () => {
    const { resource, sessions } = bench({ tags: async () => ({}), untag: async () => undefined });
    await resource.observe({ at: 'tags', name: NAME, arn: ARN }, {});
    await resource.apply({ do: 'untag', name: NAME, arn: ARN, keys: ['team'] });
    expect(sessions).toHaveLength(1);
  });
});

describe('a deletion', () => {
  const stepOf = (PhysicalResourceId: string, observed: ObservedConnectors = {}) =>
    bench({}, { RequestType: 'Delete', PhysicalResourceId }, NOW + MINUTE).resource.reconcile(observed);

  test('means the connector that its physical id names, whatever the properties say', () => {
    expect(stepOf('network-connector:earlier')).toMatchObject({ observe: { at: 'connector', name: 'earlier' } });
    const observed = { earlier: { connector: connector({ state: 'DELETING' }) } };
    expect(stepOf('network-connector:earlier', observed)).toMatchObject({ waitingFor: "network connector 'earlier' to be deleted" });
  });

  test.each(['app-Net-1ABC', 'net', 'app-network-connector:earlier', 'arn:aws:lambda:us-east-1:123456789012:network-connector:nc-1'])(
    'with an invented physical id means the connector that the properties name: %s', id => {
      expect(stepOf(id)).toMatchObject({ observe: { at: 'connector', name: NAME } });
    });

  test('waits for what a cancelled creation may still have under way', () => {
    const at = (milliseconds: number) => bench({}, { RequestType: 'Delete' }, NOW + milliseconds).resource.reconcile({}).kind;
    expect([at(0), at(9_999), at(10_000)]).toEqual(['wait', 'wait', 'observe']);
  });
});

describe('creating', () => {
  const owned = { 'team': 'network', 'cdk-lambda-microvms:stack': OWNER.stackId, 'cdk-lambda-microvms:resource': OWNER.logicalId };

  /** The requests to create, if a look at what they answer finds this. */
  async function requests(found: 'absent' | 'there', now = NOW): Promise<{ bench: Bench; asked: unknown[][]; looked: string[] }> {
    const asked: unknown[][] = [];
    const looked: string[] = [];
    const made = bench({
      create: async (name, { subnetIds, securityGroupIds, networkProtocol, operatorRoleArn }, ...rest) => {
        asked.push([name, { subnetIds, securityGroupIds, networkProtocol, operatorRoleArn }, ...rest]);
        return { arn: ARN };
      },
      connector: async identifier => { looked.push(identifier); return found === 'absent' ? 'absent' : connector({ state: 'PENDING' }); },
    }, CREATING, now);
    await made.resource.apply(create);
    return { bench: made, asked, looked };
  }

  test('puts on owner tags, the tags of the user and the mark of the operation with the first request', async () => {
    const { bench: { resource }, asked } = await requests('there');
    const { id, clientToken } = resource.operation;
    expect(asked).toEqual([[NAME, SETTINGS, { ...owned, 'cdk-lambda-microvms:operation': `${id}/1` }, clientToken]]);
  });

  test('is the same request in each poll, byte by byte', async () => {
    const [first, second] = [await requests('there'), await requests('there', NOW + MINUTE)];
    expect(JSON.stringify(second.asked)).toBe(JSON.stringify(first.asked));
  });

  test('asks with the second token and mark if the first one answers about something gone', async () => {
    const { bench: { resource }, asked, looked } = await requests('absent');
    const { id, secondClientToken } = resource.operation;
    expect(asked).toHaveLength(2);
    expect(asked[1]).toEqual([NAME, SETTINGS, { ...owned, 'cdk-lambda-microvms:operation': `${id}/2` }, secondClientToken]);
    expect(looked).toEqual([ARN]);
  });

  test('asks once if what the first token answers about is there', async () => {
    const { bench: { connectors }, looked } = await requests('there');
    expect(connectors.calls).toEqual(['create', 'connector']);
    expect(looked).toEqual([ARN]);
  });
});

describe('updating', () => {
  test.each([[1, 'clientToken'], [2, 'secondClientToken']] as const)('asks for all settings, then marks what was accepted: attempt %s', async (attempt, token) => {
    const asked: unknown[][] = [];
    const { resource, connectors } = bench({
      update: async (arn, settings, clientToken) => { asked.push([arn, settings, clientToken]); },
      tag: async (...args) => { asked.push(args); },
    });
    await resource.apply({ ...update, attempt });
    expect(connectors.calls).toEqual(['update', 'tag']);
    expect(asked).toEqual([
      [ARN, expect.objectContaining(SETTINGS), resource.operation[token]],
      [ARN, { 'cdk-lambda-microvms:operation': `${resource.operation.id}/${attempt}/${resource.operation.now}` }],
    ]);
  });

  test('leaves no mark of what was not accepted', async () => {
    const { resource, connectors } = bench({ update: async () => { throw serviceError('ResourceConflictException', 'is being updated'); } });
    await expect(resource.apply(update)).rejects.toThrow('is being updated');
    expect(connectors.calls).toEqual(['update']);
  });
});

test.each<[ConnectorChange, string, unknown[]]>([
  [{ do: 'tag', name: NAME, arn: ARN, tags: { team: 'network' } }, 'tag', [ARN, { team: 'network' }]],
  [{ do: 'untag', name: NAME, arn: ARN, keys: ['team'] }, 'untag', [ARN, ['team']]],
  [{ do: 'deleteVersion', name: NAME, arn: ARN, version: 3 }, 'deleteVersion', [ARN, 3]],
  [{ do: 'deleteConnector', name: NAME, arn: ARN }, 'deleteConnector', [ARN]],
])('a change is one call: %j', async (step, method, args) => {
  const asked: unknown[][] = [];
  const { resource, connectors } = bench({ [method]: async (...given: unknown[]) => { asked.push(given); } });
  await resource.apply(step);
  expect([connectors.calls, asked]).toEqual([[method], [args]]);
});

describe('a request that the service refuses', () => {
  const invalid = (message: string) => serviceError('InvalidParameterValueException', message);
  const refused = async (error: Error, at = 30 * MINUTE, change: ConnectorChange = create) => {
    const fails = async () => { throw error; };
    const answers = { create: fails, update: fails, tag: fails, untag: fails, deleteConnector: fails, deleteVersion: fails };
    return bench(answers, {}, NOW + at).resource.apply(change)
      .then(() => { throw new Error('not refused'); }, caught => caught as Error);
  };

  test.each<ConnectorChange>([create, update, { do: 'tag', name: NAME, arn: ARN, tags: {} }, { do: 'untag', name: NAME, arn: ARN, keys: [] }])(
    'fails in the words of the service, with the property they concern: $do', async change => {
      const error = await refused(invalid('Subnets and Security Groups must belong to the same VPC'), 0, change);
      expect(error).toBeInstanceOf(TerminalError);
      expect(error).toMatchObject({
        code: 'NetworkConnectorRejected',
        message: "the service rejected network connector 'net': Subnets and Security Groups must belong to the same VPC",
        hints: [{ property: 'securityGroups', text: 'subnets and security groups must be in the same VPC' }],
      });
    });

  test('fails with the zone and its subnet', async () => {
    const message = 'Availability zone use1-az2 is not available for compute type MicroVm';
    const text = 'MicroVMs cannot be reached from zone use1-az2; remove subnet-2 from the selection, for example with vpcSubnets: { availabilityZones: [...] }';
    expect(await refused(invalid(message))).toMatchObject({
      message: `the service rejected network connector 'net': ${message}`, hints: [{ property: 'vpcSubnets', text }],
    });
  });

  test('fails without a hint if the words do not tell what they are about', async () => {
    expect(await refused(invalid('something new'))).toMatchObject({ message: "the service rejected network connector 'net': something new", hints: [] });
  });

  test.each([
    'Network connector already exists: net',
    'Network connector nc-1 is not active',
    'The provided ClientToken was used for other parameters',
    'client token mismatch',
    'Idempotency token reused',
  ])('looks again after words that may pass: %s', async message => {
    const error = invalid(message);
    await expect(refused(error)).resolves.toBe(error);
  });

  test.each([
    'The service is unable to assume the provided NetworkConnectorOperatorRole. Please verify the trust policy on the role.',
    'Encountered unauthorized operation while calling EC2 due to invalid ConnectorOperatorRole permissions',
  ])('waits until a fresh operator role is known, but not for ever: %s', async message => {
    expect(await refused(invalid(message), 2 * MINUTE - 1)).not.toBeInstanceOf(TerminalError);
    const error = await refused(invalid(message), 2 * MINUTE);
    expect(error).toBeInstanceOf(TerminalError);
    expect(error).toMatchObject({ hints: [{ property: 'operatorRole' }] });
  });

  test('waits while its own role may be fresh, then fails with the name of the error and a hint', async () => {
    const denied = serviceError('AccessDeniedException', 'not authorized to perform: iam:PassRole on resource: operator');
    await expect(refused(denied, 2 * MINUTE - 1)).resolves.toBe(denied);
    const error = await refused(denied, 2 * MINUTE);
    expect(error).toBeInstanceOf(TerminalError);
    expect(error).toMatchObject({
      code: 'PermissionDenied',
      message: expect.stringMatching(/^the service rejected network connector 'net': AccessDeniedException: not authorized /),
      hints: [{ property: 'operatorRole', text: expect.stringMatching(/^the deployment must be allowed to pass it/) }],
    });
  });

  test('fails after ten minutes without room at a quota, with what to do', async () => {
    const quota = serviceError('NetworkConnectorLimitExceededException', 'The maximum number of network connectors has been reached');
    await expect(refused(quota, 10 * MINUTE - 1)).resolves.toBe(quota);
    const error = await refused(quota, 10 * MINUTE, update);
    expect(error).toBeInstanceOf(TerminalError);
    expect(error).toMatchObject({
      code: 'NetworkConnectorQuotaReached',
      message: "the service rejected network connector 'net': The maximum number of network connectors has been reached",
      hints: [{ text: 'raise the quota of the account, or remove connectors or retained versions' }],
    });
  });

  test.each(['ResourceConflictException', 'TooManyRequestsException', 'ServiceException', 'TimeoutError'])('looks again after %s, however late', async name => {
    const error = serviceError(name, 'words');
    await expect(refused(error)).resolves.toBe(error);
  });

  test.each<ConnectorChange>([{ do: 'deleteConnector', name: NAME, arn: ARN }, { do: 'deleteVersion', name: NAME, arn: ARN, version: 1 }])(
    'is left to the rules of polls if it is a deletion: $do', async change => {
      const error = invalid('The latest version cannot be deleted alone');
      await expect(refused(error, 0, change)).resolves.toBe(error);
    });
});
