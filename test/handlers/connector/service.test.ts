import { createHash, createHmac } from 'node:crypto';
import { Readable } from 'node:stream';
import type { LambdaMicrovmsClientConfig } from '@aws-sdk/client-lambda-microvms';
import { LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import { ARN, OPERATOR_ROLE } from './inputs';
import type { Connector } from '../../../src/handlers/connector/observed';
import type { Settings } from '../../../src/handlers/connector/request';
import type { NetworkConnectorService } from '../../../src/handlers/connector/service';
import { connectorServices, NetworkConnectorClient } from '../../../src/handlers/connector/service';
import type { UserQuery } from '../../../src/handlers/connector/users';
import { CallLimits, CLIENT_SETTINGS } from '../../../src/handlers/engine/calls';
import { OutOfTimeError } from '../../../src/handlers/engine/errors';
import { VirtualBuilder } from '../../../tools/simulator/builder';
import { VirtualClock } from '../../../tools/simulator/clock';
import type { Faults } from '../../../tools/simulator/faults';
import type { ClientRequest, ClientResponse } from '../../../tools/simulator/in-process';
import { InProcessHandler } from '../../../tools/simulator/in-process';
import type { Connector as SimulatedConnector } from '../../../tools/simulator/rows';
import { Simulator } from '../../../tools/simulator/simulator';

const CREDENTIALS = { accessKeyId: 'key', secretAccessKey: 'secret', sessionToken: 'session' };
const SETTINGS = { ...CLIENT_SETTINGS, region: 'us-east-1', credentials: CREDENTIALS };
const NO_LIMITS = new CallLimits(new VirtualClock(), Infinity);
const WANTED: Settings = { subnetIds: ['subnet-1', 'subnet-2'], securityGroupIds: ['sg-1'], networkProtocol: 'IPv4', operatorRoleArn: OPERATOR_ROLE };
const PATH = '/2026-04-04/network-connectors';
const ENDPOINT_VARIABLES = ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_LAMBDA_CORE'];

const environment = { ...process.env };

beforeEach(() => ENDPOINT_VARIABLES.forEach(name => delete process.env[name]));

afterAll(() => { process.env = environment; });

/** Limits pages to one item, so that every list has several pages. */
class SmallPages extends InProcessHandler {
  public async handle(request: ClientRequest, options?: object): Promise<ClientResponse> {
    const limits: Record<string, string>[] = request.method === 'GET' ? [
      ...(request.path.endsWith('/microvms') ? [{ maxResults: '1' }] : []),
      ...(request.path.endsWith('/versions') ? [{ MaxItems: '1' }] : []),
    ] : [];
    return super.handle({ ...request, query: { ...request.query, ...limits[0] } }, options);
  }
}

/** A client of a simulated service. */
class Fixture {
  public readonly clock = new VirtualClock();
  public readonly simulator: Simulator;
  public readonly connectors: NetworkConnectorService;

  public constructor(faults: Faults = {}, end = Infinity) {
    this.simulator = new Simulator({ clock: this.clock, builder: new VirtualBuilder({ clock: this.clock }), faults });
    const client = new LambdaMicrovmsClient({ ...SETTINGS, requestHandler: new SmallPages(this.simulator) });
    this.connectors = new NetworkConnectorClient(client, new CallLimits(this.clock, end), new Map());
  }

  public async call<T>(call: (connectors: NetworkConnectorService) => Promise<T>): Promise<T> {
    return this.clock.complete(call(this.connectors));
  }

  public async settled(): Promise<this> {
    await this.clock.run(() => !this.simulator.isSettling());
    return this;
  }

  /** Creates a connector, and waits until it is active. */
  public async withConnector(name = 'net'): Promise<this> {
    await this.call(async connectors => connectors.create(name, WANTED, { team: 'network' }, `create ${name}`));
    return this.settled();
  }

  public async connector(name = 'net'): Promise<Connector> {
    const found = await this.call(async connectors => connectors.connector(name));
    if (found === 'absent') throw new Error(`no connector ${name}`);
    return found;
  }

  public get row(): SimulatedConnector {
    return this.simulator.connectors()[0];
  }
}

/** A request that a client sent. */
interface Sent extends ClientRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
}

interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: object | string;
}

/** Returns a client of a service that gives these answers in order, and repeats the last one. */
function answering(answers: Answer[], config: Partial<LambdaMicrovmsClientConfig> = {}, limits = NO_LIMITS) {
  const sent: Sent[] = [];
  const options: { abortSignal?: AbortSignal }[] = [];
  const handle = async (request: Sent, given: object) => {
    const { status = 200, headers = {}, body = {} } = answers[Math.min(sent.length, answers.length - 1)];
    sent.push(request);
    options.push(given);
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return { response: { statusCode: status, headers, body: Readable.from([Buffer.from(text)]) } };
  };
  const client = new LambdaMicrovmsClient({ ...SETTINGS, requestHandler: { handle } as any, ...config });
  return { sent, options, connectors: new NetworkConnectorClient(client, limits, new Map()) };
}

/** Returns a query for all users, in a poll at this time. */
function userQuery(now = Date.UTC(2026, 10, 23)): UserQuery {
  return { now, since: 0, oneIsEnough: false };
}

const CONNECTOR = { Arn: ARN, Name: 'net', Id: 'nc-net', State: 'ACTIVE' };

describe('a connector', () => {
  test('that is missing is absent', async () => {
    await expect(new Fixture().call(async connectors => connectors.connector('net'))).resolves.toBe('absent');
  });

  test('that cannot be described is not considered absent', async () => {
    const { connectors } = answering([{ status: 403, headers: { 'x-amzn-errortype': 'AccessDeniedException' }, body: { Message: 'no' } }]);
    await expect(connectors.connector('net')).rejects.toMatchObject({ name: 'AccessDeniedException', message: 'no' });
  });

  test('is created with settings and tags, has the ARN of the answer, and becomes active', async () => {
    const fixture = new Fixture();
    const { arn } = await fixture.call(async connectors => connectors.create('net', WANTED, { team: 'network' }, 'token'));
    expect(arn).toBe(fixture.row.arn);
    await expect(fixture.connector()).resolves.toMatchObject({ state: 'PENDING', arn });
    await fixture.settled();
    await expect(fixture.connector()).resolves.toEqual({
      arn,
      id: fixture.row.id,
      version: 1,
      state: 'ACTIVE',
      stateReason: { code: undefined, message: 'Initial creation' },
      updateStatus: undefined,
      updateReason: { code: undefined, message: undefined },
      subnetIds: ['subnet-1', 'subnet-2'],
      securityGroupIds: ['sg-1'],
      networkProtocol: 'IPv4',
      operatorRoleArn: OPERATOR_ROLE,
      modifiedAt: fixture.row.versions[0].modifiedAt,
    });
    expect(fixture.row.versions[0].configuration.AssociatedComputeResourceTypes).toEqual(['MicroVm']);
    await expect(fixture.call(async connectors => connectors.tags(arn))).resolves.toEqual({ team: 'network' });
  });

  test('is created once per token', async () => {
    const fixture = await new Fixture().withConnector();
    const create = async (token: string) => fixture.call(async connectors => connectors.create('net', WANTED, { team: 'network' }, token));
    await expect(create('create net')).resolves.toEqual({ arn: fixture.row.arn });
    await expect(create('another')).rejects.toMatchObject({ name: 'ResourceConflictException' });
    expect(fixture.simulator.connectors()).toHaveLength(1);
  });

  test('is also found by its ARN', async () => {
    const fixture = await new Fixture().withConnector();
    await expect(fixture.connector(fixture.row.arn)).resolves.toMatchObject({ id: fixture.row.id });
  });

  test('shows why it failed', async () => {
    const failure = { code: 'SubnetOutOfIPAddresses', reason: 'subnet-1 is full' };
    const fixture = await new Fixture({ connector: () => ({ failure }) }).withConnector();
    await expect(fixture.connector()).resolves.toMatchObject({ state: 'FAILED', stateReason: { code: 'SubnetOutOfIPAddresses', message: 'subnet-1 is full' } });
  });

  test('is updated with all its settings', async () => {
    const fixture = await new Fixture().withConnector();
    await fixture.call(async connectors => connectors.update(fixture.row.arn, { ...WANTED, subnetIds: ['subnet-3'], securityGroupIds: ['sg-2'] }, 'update'));
    await expect(fixture.connector()).resolves.toMatchObject({ state: 'ACTIVE', updateStatus: 'InProgress', subnetIds: ['subnet-1', 'subnet-2'] });
    await fixture.settled();
    await expect(fixture.connector()).resolves.toMatchObject({
      updateStatus: 'Successful', subnetIds: ['subnet-3'], securityGroupIds: ['sg-2'], operatorRoleArn: OPERATOR_ROLE,
    });
    expect(fixture.row.versions[1].configuration).toEqual({
      SubnetIds: ['subnet-3'], SecurityGroupIds: ['sg-2'], NetworkProtocol: 'IPv4', AssociatedComputeResourceTypes: ['MicroVm'],
    });
  });

  test('shows why an update failed', async () => {
    const failure = { code: 'InvalidSubnet', reason: 'no such subnet' };
    const fixture = await new Fixture({ connector: (_name, change) => change === 'update' ? { failure } : undefined }).withConnector();
    await fixture.call(async connectors => connectors.update(fixture.row.arn, { ...WANTED, subnetIds: ['subnet-9'] }, 'update'));
    await fixture.settled();
    await expect(fixture.connector()).resolves.toMatchObject({
      updateStatus: 'Failed', updateReason: { code: 'InvalidSubnet', message: 'no such subnet' }, subnetIds: WANTED.subnetIds,
    });
  });

  test('is tagged and untagged', async () => {
    const fixture = await new Fixture().withConnector();
    const { arn } = fixture.row;
    await fixture.call(async connectors => connectors.tag(arn, { stage: 'beta', team: 'other' }));
    await fixture.call(async connectors => connectors.untag(arn, ['stage']));
    await expect(fixture.call(async connectors => connectors.tags(arn))).resolves.toEqual({ team: 'other' });
  });

  test('is deleted some time after the request', async () => {
    const fixture = await new Fixture().withConnector();
    await fixture.call(async connectors => connectors.deleteConnector(fixture.row.arn));
    await expect(fixture.connector()).resolves.toMatchObject({ state: 'DELETING' });
    await fixture.settled();
    await expect(fixture.call(async connectors => connectors.connector('net'))).resolves.toBe('absent');
  });
});

describe('versions', () => {
  const withVersions = async (count: number) => {
    const fixture = await new Fixture().withConnector();
    for (let number = 2; number <= count; number++) {
      await fixture.call(async connectors => connectors.update(fixture.row.arn, { ...WANTED, subnetIds: [`subnet-${number}`] }, `update ${number}`));
      await fixture.settled();
    }
    return fixture;
  };

  test('of all pages are listed, with the times of their creation', async () => {
    const fixture = await withVersions(3);
    const versions = await fixture.call(async connectors => connectors.versions(fixture.row.arn));
    expect(versions).toEqual([...fixture.row.versions].reverse().map(({ number, modifiedAt }) => ({ version: number, state: 'ACTIVE', modifiedAt })));
    expect(versions).toHaveLength(3);
  });

  test('are deleted one by one, and the connector is kept', async () => {
    const fixture = await withVersions(2);
    const versions = async () => fixture.call(async connectors => connectors.versions(fixture.row.arn));
    await fixture.call(async connectors => connectors.deleteVersion(fixture.row.arn, 1));
    await expect(versions()).resolves.toMatchObject([{ version: 2, state: 'ACTIVE' }, { version: 1, state: 'DELETING' }]);
    await fixture.clock.run(fixture.clock.now() + 60_000);
    await expect(versions()).resolves.toMatchObject([{ version: 2 }]);
    await expect(fixture.connector()).resolves.toMatchObject({ state: 'ACTIVE', subnetIds: ['subnet-2'] });
  });

  test.each([
    ['in the header', { headers: { 'x-amzn-errortype': 'UnknownOperationException' } }],
    ['in the body', { body: { __type: 'com.amazon.coral.service#UnknownOperationException' } }],
    ['in its status alone, as a gateway does', { headers: { 'content-type': 'text/plain' }, body: '404 page not found' }],
    ['with another name', { headers: { 'x-amzn-errortype': 'NotFoundException' } }],
    ['as a missing resource', { headers: { 'x-amzn-errortype': 'ResourceNotFoundException:http://internal.amazon.com/' } }],
  ])('are unknown if the service cannot list them, which it reports %s', async (_, answer) => {
    await expect(answering([{ status: 404, ...answer }]).connectors.versions(ARN)).resolves.toEqual([]);
  });

  test('that cannot be listed are not considered absent', async () => {
    const { connectors } = answering([{ status: 403, headers: { 'x-amzn-errortype': 'AccessDeniedException' } }]);
    await expect(connectors.versions(ARN)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('may be absent, and may have neither state nor time', async () => {
    await expect(answering([{ body: {} }]).connectors.versions(ARN)).resolves.toEqual([]);
    await expect(answering([{ body: { NetworkConnectorVersions: [{ Version: 3 }], NextMarker: null } }]).connectors.versions(ARN))
      .resolves.toEqual([{ version: 3, state: 'ACTIVE', modifiedAt: undefined }]);
  });
});

describe('users', () => {
  /** Creates a connector, and launches MicroVMs with it. */
  const withUsers = async (count: number) => {
    const fixture = await new Fixture().withConnector();
    fixture.simulator.addForeignImage('sandbox');
    const microvms = Array.from({ length: count }, () => fixture.simulator.launchMicrovm('sandbox', undefined, [fixture.row.arn]));
    await fixture.settled();
    const users = async () => fixture.call(async connectors => (await connectors.users(fixture.row.arn, userQuery(fixture.clock.now()))).known);
    return { fixture, microvms, users };
  };
  const descriptions = (fixture: Fixture) => fixture.simulator.calls().filter(({ operation }) => operation === 'GetMicrovm');

  test('of all pages are found, with the times of their launch', async () => {
    const { microvms, users } = await withUsers(3);
    const found = await users();
    expect(found).toHaveLength(3);
    expect(found).toEqual(expect.arrayContaining(microvms.map(({ id, startedAt }) => ({ microvmId: id, startedAt, version: undefined }))));
  });

  test('are described once each, however often they are listed', async () => {
    const { fixture, users } = await withUsers(2);
    await users();
    await expect(users()).resolves.toHaveLength(2);
    expect(descriptions(fixture)).toHaveLength(2);
  });

  test('that are terminating still count, and those that have terminated do not', async () => {
    const { fixture, microvms: [one, two], users } = await withUsers(2);
    fixture.simulator.terminateMicrovm(one.id);
    await expect(users()).resolves.toHaveLength(2);
    await fixture.settled();
    await expect(users()).resolves.toMatchObject([{ microvmId: two.id }]);
  });

  /** Returns the users that a client finds among MicroVMs, given by ID with their egress. */
  const usersOf = async (microvms: Record<string, { state?: string; startedAt?: number; egress?: string[] }>) => {
    const received: string[] = [];
    const handle = async ({ path }: Sent) => {
      received.push(path);
      const id = path.split('/')[3];
      const body = id === undefined
        ? { items: Object.entries(microvms).map(([microvmId, { state = 'RUNNING', startedAt }]) => ({ microvmId, state, startedAt })) }
        : { microvmId: id, egressNetworkConnectors: microvms[id].egress };
      return { response: { statusCode: 200, headers: {}, body: Readable.from([Buffer.from(JSON.stringify(body))]) } };
    };
    const egressOf = new Map([['deleted', [ARN]]]);
    const client = new LambdaMicrovmsClient({ ...SETTINGS, requestHandler: { handle } as any });
    const connectors = new NetworkConnectorClient(client, NO_LIMITS, egressOf);
    return { users: (await connectors.users(ARN, userQuery())).known, received, egressOf };
  };

  test('have the connector as egress, with or without a version', async () => {
    const { users } = await usersOf({
      latest: { startedAt: 1_700_000_000, egress: [ARN] },
      pinned: { startedAt: 1_700_000_001.5, egress: ['arn:aws:lambda:us-east-1:aws:network-connector:aws-network-connector:INTERNET_EGRESS', `${ARN}:12`] },
    });
    expect(users).toEqual([
      { microvmId: 'latest', startedAt: 1_700_000_000_000, version: undefined }, { microvmId: 'pinned', startedAt: 1_700_000_001_500, version: 12 },
    ]);
  });

  test('do not have another connector as egress, even if its ARN begins in the same way', async () => {
    const others = [`${ARN}2`, `${ARN}-2:1`, ARN.replace('us-east-1', 'us-east-2'), ARN.slice(0, -1)];
    const { users } = await usersOf({ ...Object.fromEntries(others.map((egress, index) => [`other-${index}`, { egress: [egress] }])), none: { egress: [] }, unknown: {} });
    expect(users).toEqual([]);
  });

  test('are not described after they have terminated, and are then forgotten', async () => {
    const { received, egressOf } = await usersOf({ over: { state: 'TERMINATED', egress: [ARN] }, alive: { state: 'SUSPENDED', egress: [ARN] } });
    expect(received.filter(path => /microvms\/./.test(path))).toEqual(['/2025-09-09/microvms/alive']);
    expect([...egressOf.keys()]).toEqual(['alive']);
  });

  test('may have been launched at any time if the service shows no time', async () => {
    await expect(usersOf({ a: { egress: [ARN] } })).resolves.toMatchObject({ users: [{ microvmId: 'a', startedAt: 0 }] });
  });

  test('that cannot be described are not considered absent', async () => {
    const list = { body: { items: [{ microvmId: 'a', state: 'RUNNING' }] } };
    const { connectors } = answering([list, { status: 403, headers: { 'x-amzn-errortype': 'AccessDeniedException' } }]);
    await expect(connectors.users(ARN, userQuery())).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('a request to lambda-core', () => {
  const host = async (config: Partial<LambdaMicrovmsClientConfig>) => {
    const { connectors, sent } = answering([{ body: CONNECTOR }], config);
    await connectors.connector('net');
    const [{ protocol, hostname, port, headers }] = sent;
    return `${protocol}//${hostname}${port === undefined ? '' : `:${port}`} ${headers.host}`;
  };

  test('has the method, path and body of its operation', async () => {
    const { connectors, sent } = answering([{ body: CONNECTOR }]);
    const settings = {
      Configuration: {
        VpcEgressConfiguration: {
          SubnetIds: ['subnet-1', 'subnet-2'], SecurityGroupIds: ['sg-1'], NetworkProtocol: 'IPv4', AssociatedComputeResourceTypes: ['MicroVm'],
        },
      },
      OperatorRole: OPERATOR_ROLE,
    };
    await connectors.create('net', WANTED, { team: 'network' }, 'token');
    await connectors.update(ARN, WANTED, 'token');
    await connectors.connector('net');
    await connectors.versions(ARN);
    await connectors.deleteVersion(ARN, 3);
    await connectors.deleteConnector(ARN);
    const escaped = 'arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Anetwork-connector%3Anc-net';
    expect(sent.map(({ method, path, body, query }) => [method, path, body === undefined ? undefined : JSON.parse(body as string), query])).toEqual([
      ['POST', PATH, { Name: 'net', ...settings, Tags: { team: 'network' }, ClientToken: 'token' }, {}],
      ['PUT', `${PATH}/${escaped}`, { ...settings, ClientToken: 'token' }, {}],
      ['GET', `${PATH}/net`, undefined, {}],
      ['GET', `${PATH}/${escaped}/versions`, undefined, {}],
      ['DELETE', `${PATH}/${escaped}%3A3`, undefined, {}],
      ['DELETE', `${PATH}/${escaped}`, undefined, {}],
    ]);
    expect(sent.map(({ headers }) => headers['content-type'])).toEqual(Array(6).fill('application/json'));
  });

  test('has elastic IPs and overrides of the user, and overrides change neither name, tags nor token', async () => {
    const { connectors, sent } = answering([{ body: CONNECTOR }]);
    const requestOverrides = JSON.stringify({
      'Configuration.VpcEgressConfiguration.NewMember': { Type: 'New' },
      'Configuration.VpcEgressConfiguration.SubnetIds.0': 'subnet-9',
      'TopLevel': true,
      'Name': 'other',
      'ClientToken': 'other',
    });
    await connectors.create('net', { ...WANTED, elasticIps: 'ServiceManaged', requestOverrides }, {}, 'token');
    await connectors.update(ARN, { ...WANTED, elasticIps: 'None', requestOverrides }, 'token');
    const [created, updated] = sent.map(({ body }) => JSON.parse(body as string));
    const egress = { SubnetIds: ['subnet-9', 'subnet-2'], NewMember: { Type: 'New' } };
    expect(created).toMatchObject({
      Configuration: { VpcEgressConfiguration: { ...egress, ElasticIpConfiguration: { Type: 'ServiceManaged' } } }, TopLevel: true, Name: 'net', ClientToken: 'token',
    });
    expect(updated).toMatchObject({
      Configuration: { VpcEgressConfiguration: { ...egress, ElasticIpConfiguration: { Type: 'None' } } }, TopLevel: true, ClientToken: 'token',
    });
  });

  test('is answered with elastic IPs and with the latest version, which may differ from that of the ARN', async () => {
    const configuration = { VpcEgressConfiguration: { SubnetIds: ['subnet-1'], ElasticIpConfiguration: { Type: 'ServiceManaged' } } };
    const body = { ...CONNECTOR, Arn: `${ARN}:2`, VersionArn: `${ARN}:2`, Version: 2, LatestVersionArn: `${ARN}:3`, LatestVersion: 3, Configuration: configuration };
    await expect(answering([{ body }]).connectors.connector('net')).resolves.toMatchObject({ arn: ARN, version: 3, elasticIps: 'ServiceManaged' });
  });

  test('contains the marker of the page before', async () => {
    const page = (Version: number, NextMarker?: string) => ({ body: { NetworkConnectorVersions: [{ Version }], NextMarker } });
    const { connectors, sent } = answering([page(2, 'a/b='), page(1)]);
    await expect(connectors.versions(ARN)).resolves.toMatchObject([{ version: 2 }, { version: 1 }]);
    expect(sent.map(({ query }) => query)).toEqual([{}, { Marker: 'a/b=' }]);
  });

  test('is signed for the service lambda, with the signature that the service computes', async () => {
    const { connectors, sent } = answering([{ body: { NetworkConnectorVersions: [], NextMarker: 'a/b=' } }, { body: {} }]);
    await connectors.versions(ARN);
    await connectors.create('net', WANTED, {}, 'token');
    expect(sent).toHaveLength(3);
    for (const request of sent) {
      expect(request.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=key\/\d{8}\/us-east-1\/lambda\/aws4_request, /);
      expect(request.headers['x-amz-security-token']).toBe('session');
      expect(request.headers.authorization.split('Signature=')[1]).toBe(signatureOf(request));
    }
  });

  test.each([
    ['us-east-1', {}, 'https://lambda.us-east-1.amazonaws.com lambda.us-east-1.amazonaws.com'],
    ['eu-central-1', { useDualstackEndpoint: true }, 'https://lambda.eu-central-1.api.aws lambda.eu-central-1.api.aws'],
    ['us-west-2', { useFipsEndpoint: true }, 'https://lambda-fips.us-west-2.amazonaws.com lambda-fips.us-west-2.amazonaws.com'],
    ['cn-north-1', {}, 'https://lambda.cn-north-1.amazonaws.com.cn lambda.cn-north-1.amazonaws.com.cn'],
  ])('is sent to the endpoint of its Region and partition: %s %j', async (region, variants, expected) => {
    await expect(host({ region, ...variants })).resolves.toBe(expected);
  });

  test('is signed for its Region', async () => {
    const { connectors, sent } = answering([{ body: CONNECTOR }], { region: 'cn-north-1' });
    await connectors.connector('net');
    expect(sent[0].headers.authorization).toContain('/cn-north-1/lambda/aws4_request');
  });

  test('is sent to the endpoint in the environment, preferably that of this API', async () => {
    process.env.AWS_ENDPOINT_URL = 'http://localhost:4566';
    await expect(host({})).resolves.toBe('http://localhost:4566 localhost:4566');
    process.env.AWS_ENDPOINT_URL_LAMBDA_CORE = 'https://core.example.com';
    await expect(host({})).resolves.toBe('https://core.example.com core.example.com');
  });

  test('ends at its time limit', async () => {
    const { connectors, options } = answering([{ body: CONNECTOR }]);
    await connectors.connector('net');
    expect(options).toEqual([{ abortSignal: expect.any(AbortSignal) }]);
    const over: CallLimits = Object.assign(new CallLimits(new VirtualClock(), Infinity), { options: () => ({ abortSignal: AbortSignal.abort() }) });
    const real = new NetworkConnectorClient(new LambdaMicrovmsClient(SETTINGS), over, new Map());
    await expect(real.deleteConnector(ARN)).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('is not sent if there is no time for it', async () => {
    const fixture = new Fixture({}, 0);
    await expect(fixture.call(async connectors => connectors.connector('net'))).rejects.toThrow(OutOfTimeError);
    await expect(fixture.call(async connectors => connectors.users(ARN, userQuery()))).rejects.toThrow(OutOfTimeError);
    expect(fixture.simulator.calls()).toEqual([]);
  });
});

describe('an answer of lambda-core', () => {
  const typed = (status: number, errorType: string, body?: object | string): Answer => ({ status, headers: { 'x-amzn-errortype': errorType }, body });
  const byBody = { __type: 'com.amazonaws.lambda#InvalidParameterValueException', message: 'message' };

  test.each<[string, Answer, name: string, message: string]>([
    ['in the header', typed(409, 'ResourceConflictException', { message: 'message' }), 'ResourceConflictException', 'message'],
    ['in the header before a URI', typed(409, 'ResourceConflictException:http://x/', { Message: 'message' }), 'ResourceConflictException', 'message'],
    ['in the body', { status: 400, body: byBody }, 'InvalidParameterValueException', 'message'],
    ['in its status alone', { status: 502 }, 'HTTP 502', ''],
    ['in a status of another class', { status: 300 }, 'HTTP 300', ''],
    ['without a message', typed(403, 'AccessDeniedException', { Message: null }), 'AccessDeniedException', ''],
    ['without a body', typed(429, 'TooManyRequestsException', ''), 'TooManyRequestsException', ''],
  ])('that is an error is recognized: %s', async (_, answer, name, message) => {
    await expect(answering([answer]).connectors.deleteConnector(ARN)).rejects.toMatchObject({ name, message });
  });

  test('may have no body', async () => {
    await expect(answering([{ status: 202, body: '' }]).connectors.deleteConnector(ARN)).resolves.toBeUndefined();
  });

  test('may omit everything that is not required', async () => {
    await expect(answering([{ body: { Arn: ARN, Name: 'net', Id: 'nc-net' } }]).connectors.connector('net')).resolves.toEqual({
      arn: ARN,
      id: 'nc-net',
      state: 'PENDING',
      stateReason: {},
      updateReason: {},
      subnetIds: [],
      securityGroupIds: [],
      modifiedAt: 0,
    });
  });

  test.each([['2026-11-23T00:00:01.500Z'], ['2026-11-23T00:00:01.500+0000'], [1_795_392_001.5]])('is converted to times in milliseconds: %s', async LastModified => {
    const modifiedAt = Date.UTC(2026, 10, 23, 0, 0, 1, 500);
    await expect(answering([{ body: { ...CONNECTOR, LastModified } }]).connectors.connector('net')).resolves.toMatchObject({ modifiedAt });
    const list = { NetworkConnectorVersions: [{ Version: 1, LastModified }] };
    await expect(answering([{ body: list }]).connectors.versions(ARN)).resolves.toMatchObject([{ modifiedAt }]);
  });

  test('names the connector without a version', async () => {
    await expect(answering([{ body: { ...CONNECTOR, Arn: `${ARN}:7` } }]).connectors.connector('net')).resolves.toMatchObject({ arn: ARN });
  });

  test('may contain no tags', async () => {
    await expect(answering([{ body: {} }]).connectors.tags(ARN)).resolves.toEqual({});
  });
});

test('the resource role is assumed for the connector, in a session with the name of the resource', async () => {
  const assumed: string[][] = [];
  const assumeRole = async (...args: string[]) => {
    assumed.push(args);
    return CREDENTIALS;
  };
  const { connectors } = connectorServices(assumeRole, NO_LIMITS);
  await expect(connectors('arn:aws:iam::123456789012:role/one', 'Net')).resolves.toBeInstanceOf(NetworkConnectorClient);
  expect(assumed).toEqual([['arn:aws:iam::123456789012:role/one', 'Net']]);
});

/** Returns the Signature Version 4 of a request. As documented, it covers the path encoded once more. */
function signatureOf({ method, path, query, headers, body }: Sent): string {
  const encode = (text: string) => encodeURIComponent(text).replace(/[!'()*]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const [, scope, signed] = /Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+), /.exec(headers.authorization)!;
  const names = signed.split(';');
  expect(names).toEqual(expect.arrayContaining(['host', 'x-amz-date', 'x-amz-security-token']));
  const canonical = [
    method,
    path.split('/').map(encode).join('/'),
    Object.entries(query ?? {}).map(([key, value]) => `${encode(key)}=${encode(value as string)}`).sort().join('&'),
    ...names.map(name => `${name}:${headers[name]}`),
    '',
    signed,
    sha256((body as string | undefined) ?? ''),
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>((derived, part) => hmac(derived, part), `AWS4${CREDENTIALS.secretAccessKey}`);
  return hmac(key, toSign).toString('hex');
}
