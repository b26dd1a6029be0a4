import { Readable } from 'node:stream';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import { arnOf, properties } from './inputs';
import { CallLimits, CLIENT_SETTINGS } from '../../../src/handlers/engine/calls';
import { OutOfTimeError } from '../../../src/handlers/engine/errors';
import { buildRequest } from '../../../src/handlers/image/request';
import { BaseImageClient, imageServices, MicrovmImageClient } from '../../../src/handlers/image/service';
import type { MicrovmImageService } from '../../../src/handlers/image/service';
import { buildsInOrder, VirtualBuilder } from '../../../tools/simulator/builder';
import type { BuildPlan } from '../../../tools/simulator/builder';
import { VirtualClock } from '../../../tools/simulator/clock';
import type { ClientRequest, ClientResponse } from '../../../tools/simulator/in-process';
import { InProcessHandler } from '../../../tools/simulator/in-process';
import { Simulator } from '../../../tools/simulator/simulator';

const ARN = arnOf('sandbox');
const BASE_IMAGE = 'arn:aws:lambda:us-east-1:aws:microvm-image:al2023-1';
const SETTINGS = { ...CLIENT_SETTINGS, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
const REQUEST = buildRequest(properties(), '1', { fingerprint: 'c0ffee', operationId: 'abc' });
const NO_LOGS = new CloudWatchLogsClient({ ...SETTINGS, requestHandler: { handle: async () => { throw new Error('no logs'); } } });

/** Reads every page. */
const ALL = () => false;

const NO_LIMITS = new CallLimits(new VirtualClock(), Infinity);

/** Returns a client of a service that always gives the same answer. */
function alwaysAnswering(statusCode: number, body: object, errorType?: string): LambdaMicrovmsClient {
  const headers = errorType === undefined ? {} : { 'x-amzn-errortype': errorType };
  const handle = async () => ({ response: { statusCode, headers, body: Readable.from([Buffer.from(JSON.stringify(body))]) } });
  return new LambdaMicrovmsClient({ ...SETTINGS, requestHandler: { handle } });
}

/** Limits pages to one item, so that every list has several pages. */
class SmallPages extends InProcessHandler {
  public async handle(request: ClientRequest, options?: object): Promise<ClientResponse> {
    const isList = request.method === 'GET' && /(versions|builds|microvms)$/.test(request.path);
    return super.handle(isList ? { ...request, query: { ...request.query, maxResults: '1' } } : request, options);
  }
}

/** Clients of a simulated service. */
class Fixture {
  public readonly clock = new VirtualClock();
  public readonly simulator: Simulator;
  public readonly images: MicrovmImageService;
  public readonly baseImages: BaseImageClient;

  public constructor(builds: BuildPlan[] = [], end = Infinity) {
    this.simulator = new Simulator({ clock: this.clock, builder: new VirtualBuilder({ clock: this.clock, plan: buildsInOrder(builds) }) });
    const client = new LambdaMicrovmsClient({ ...SETTINGS, requestHandler: new SmallPages(this.simulator) });
    const limits = new CallLimits(this.clock, end);
    this.images = new MicrovmImageClient(client, NO_LOGS, limits);
    this.baseImages = new BaseImageClient(client, limits);
  }

  public async call<T>(call: (images: MicrovmImageService) => Promise<T>): Promise<T> {
    return this.clock.complete(call(this.images));
  }

  public async settled(): Promise<this> {
    await this.clock.run(() => !this.simulator.isSettling());
    return this;
  }

  /** Creates an image with a number of versions. */
  public async withVersions(count = 1): Promise<this> {
    await this.call(async images => images.create({ ...REQUEST, name: 'sandbox', tags: { team: 'runtime' } }, 'token 1'));
    await this.settled();
    for (let number = 2; number <= count; number++) {
      await this.call(async images => images.build(ARN, REQUEST, `token ${number}`));
      await this.settled();
    }
    return this;
  }
}

describe('an image', () => {
  test('that is missing is absent', async () => {
    await expect(new Fixture().call(async images => images.image(ARN))).resolves.toBe('absent');
  });

  test('shows its state, tags and creation', async () => {
    const fixture = new Fixture();
    const began = fixture.clock.now();
    const { createdAt } = await fixture.call(async images => images.create({ ...REQUEST, name: 'sandbox', tags: { team: 'runtime' } }, 'token'));
    expect(createdAt - began).toBeLessThan(1_000);
    await expect(fixture.call(async images => images.image(ARN))).resolves.toEqual({ state: 'CREATING', tags: { team: 'runtime' }, createdAt, updatedAt: createdAt });
  });

  test('that cannot be described is not considered absent', async () => {
    const fixture = new Fixture();
    await expect(fixture.call(async images => images.image('sandbox'))).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('is deleted some time after the request', async () => {
    const fixture = await new Fixture().withVersions();
    await fixture.call(async images => images.deleteImage(ARN));
    await expect(fixture.call(async images => images.image(ARN))).resolves.toMatchObject({ state: 'DELETING' });
    await fixture.settled();
    await fixture.clock.run(fixture.clock.now() + 60_000);
    await expect(fixture.call(async images => images.image(ARN))).resolves.toBe('absent');
  });

  test('is tagged and untagged', async () => {
    const fixture = await new Fixture().withVersions();
    await fixture.call(async images => images.tag(ARN, { stage: 'beta', team: 'other' }));
    await fixture.call(async images => images.untag(ARN, ['stage']));
    await expect(fixture.call(async images => images.image(ARN))).resolves.toMatchObject({ tags: { team: 'other' } });
    await expect(fixture.call(async images => images.tags(ARN))).resolves.toEqual({ team: 'other' });
  });

  test('without tags has none in the list of its tags', async () => {
    const images = new MicrovmImageClient(alwaysAnswering(200, {}), NO_LOGS, NO_LIMITS);
    await expect(images.tags(ARN)).resolves.toEqual({});
  });
});

describe('versions', () => {
  test('of all pages are listed, with the marker at the end of the description', async () => {
    const fixture = await new Fixture().withVersions(3);
    const versions = await fixture.call(async images => images.versions(ARN));
    expect(versions.map(({ version }) => version).sort()).toEqual(['1.0', '2.0', '3.0']);
    expect(versions[0]).toEqual({
      version: expect.any(String),
      state: 'SUCCESSFUL',
      active: true,
      marker: { fingerprint: 'c0ffee', operationId: 'abc' },
      source: { baseImageArn: expect.any(String), buildRoleArn: expect.any(String), codeUri: expect.any(String) },
      baseImageVersion: '1.0',
      createdAt: expect.any(Number),
      updatedAt: expect.any(Number),
    });
  });

  test('of others have no marker', async () => {
    const fixture = new Fixture();
    fixture.simulator.addForeignImage('sandbox');
    await expect(fixture.call(async images => images.versions(ARN))).resolves.toMatchObject([{ version: '1.0', active: true, marker: undefined }]);
  });

  test('become active and inactive', async () => {
    const fixture = await new Fixture().withVersions();
    const isActive = async () => (await fixture.call(async images => images.versions(ARN)))[0].active;
    await fixture.call(async images => images.setStatus(ARN, '1.0', 'INACTIVE'));
    await expect(isActive()).resolves.toBe(false);
    await fixture.call(async images => images.setStatus(ARN, '1.0', 'ACTIVE'));
    await expect(isActive()).resolves.toBe(true);
  });

  test('are deleted one by one', async () => {
    const fixture = await new Fixture().withVersions(2);
    await fixture.call(async images => images.deleteVersion(ARN, '1.0'));
    await fixture.clock.run(fixture.clock.now() + 60_000);
    await expect(fixture.call(async images => images.versions(ARN))).resolves.toMatchObject([{ version: '2.0' }]);
  });

  test('are numbered by the service, and the same token starts one build', async () => {
    const fixture = await new Fixture().withVersions();
    await expect(fixture.call(async images => images.build(ARN, REQUEST, 'again'))).resolves.toEqual({ version: '2.0' });
    await expect(fixture.call(async images => images.build(ARN, REQUEST, 'again'))).resolves.toEqual({ version: '2.0' });
    expect(fixture.simulator.versions('sandbox')).toHaveLength(2);
  });

  test('of a missing image are an error, not an empty list', async () => {
    await expect(new Fixture().call(async images => images.versions(ARN))).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('builds', () => {
  test('that failed are listed with the reason of each generation', async () => {
    const failures = { 3: 'The container image build failed.', 4: 'Ready hook invocation timed out after PT5M' };
    const fixture = await new Fixture([{ failures }]).withVersions();
    const builds = await fixture.call(async images => images.failedBuilds(ARN, '1.0'));
    expect(builds.sort((a, b) => a.processor.localeCompare(b.processor))).toEqual([
      { processor: 'Graviton 3', reason: 'The container image build failed.' }, { processor: 'Graviton 4', reason: 'Ready hook invocation timed out after PT5M' },
    ]);
  });

  test('that succeeded are omitted', async () => {
    const fixture = await new Fixture([{ failures: { 4: 'The container image build failed.' } }]).withVersions();
    await expect(fixture.call(async images => images.failedBuilds(ARN, '1.0'))).resolves.toMatchObject([{ processor: 'Graviton 4' }]);
  });
});

test.each([
  [{ chipset: 'INTEL', chipsetGeneration: '6' }, 'Intel 6'],
  [{ chipset: 'GRAVITON', chipsetGeneration: '4' }, 'Graviton 4'],
  [{ chipsetGeneration: '3' }, 'Graviton 3'],
  [{ chipset: 'AMD' }, 'Amd'],
])('a failed build names its processor: %j', async (build, processor) => {
  const images = new MicrovmImageClient(alwaysAnswering(200, { items: [{ buildState: 'FAILED', stateReason: 'no', ...build }] }), NO_LOGS, NO_LIMITS);
  await expect(images.failedBuilds(ARN, '1.0')).resolves.toEqual([{ processor, reason: 'no' }]);
});

describe('MicroVMs', () => {
  test('of all pages are listed, except those that have terminated', async () => {
    const fixture = await new Fixture().withVersions();
    const ids = [1, 2, 3].map(() => fixture.simulator.launchMicrovm('sandbox').id);
    await fixture.settled();
    await fixture.call(async images => images.terminate(ids[0]));
    await expect(fixture.call(async images => images.microvms(ARN, ALL))).resolves.toMatchObject({ found: { length: 3 }, areAll: true });
    await fixture.settled();
    const { found: left } = await fixture.call(async images => images.microvms(ARN, ALL));
    expect(left.map(({ id }) => id).sort()).toEqual(ids.slice(1).sort());
    expect(left[0]).toEqual({ id: expect.any(String), state: 'RUNNING', imageVersion: '1.0' });
  });

  /** Returns a client of a service that ignores its filter, and the requests that it receives. */
  function listing(pages: object[][], limits = NO_LIMITS, onPage = () => {}) {
    const queries: Record<string, string>[] = [];
    const handle = async ({ query }: { query: Record<string, string> }) => {
      queries.push(query);
      onPage();
      const number = Number(query.nextToken ?? 0);
      const body = JSON.stringify({ items: pages[number], ...number + 1 < pages.length && { nextToken: String(number + 1) } });
      return { response: { statusCode: 200, headers: {}, body: Readable.from([Buffer.from(body)]) } };
    };
    const client = new LambdaMicrovmsClient({ ...SETTINGS, requestHandler: { handle } as never });
    return { queries, images: new MicrovmImageClient(client, NO_LOGS, limits) };
  }

  const row = (microvmId: string, imageArn: string | undefined = ARN, state = 'RUNNING') => ({ microvmId, state, imageArn, imageVersion: '1.0' });

  test('of other images are dropped, whatever the service lists', async () => {
    const rows = [row('ours'), row('theirs', arnOf('sandbox2')), row('also-ours', `${ARN}:1.0`), { ...row('unknown'), imageArn: undefined }];
    const { found } = await listing([rows]).images.microvms(ARN, ALL);
    expect(found.map(({ id }) => id)).toEqual(['ours', 'also-ours']);
  });

  test('are listed in pages of the largest size, until enough is found', async () => {
    const { images, queries } = listing([[row('a', ARN, 'TERMINATED')], [row('b'), row('c')], [row('d')]]);
    await expect(images.microvms(ARN, found => found.length > 0)).resolves.toMatchObject({ found: [{ id: 'b' }, { id: 'c' }], areAll: false });
    expect(queries).toEqual([{ maxResults: '50', imageIdentifier: ARN }, { maxResults: '50', imageIdentifier: ARN, nextToken: '1' }]);
  });

  test('are all, if the last page has enough', async () => {
    await expect(listing([[row('a')]]).images.microvms(ARN, found => found.length > 0)).resolves.toMatchObject({ areAll: true });
  });

  test('that a poll has no time to list are missing from a list that says so', async () => {
    const clock = { time: 0, now: () => clock.time, sleep: async () => {} };
    const limits = new CallLimits(clock, 10_000);
    const { images } = listing([[row('a')], [row('b')], [row('c')], [row('d')]], limits, () => { clock.time += 3_000; });
    await expect(images.microvms(ARN, ALL)).resolves.toMatchObject({ found: [{ id: 'a' }, { id: 'b' }, { id: 'c' }], areAll: false });
    await expect(images.microvms(ARN, ALL)).rejects.toThrow(OutOfTimeError);
  });

  test('of a missing image do not exist', async () => {
    const images = new MicrovmImageClient(alwaysAnswering(404, {}, 'ResourceNotFoundException'), NO_LOGS, NO_LIMITS);
    await expect(images.microvms(ARN, ALL)).resolves.toEqual({ found: [], areAll: true });
  });

  test('that cannot be listed are not considered absent', async () => {
    const images = new MicrovmImageClient(alwaysAnswering(403, {}, 'AccessDeniedException'), NO_LOGS, NO_LIMITS);
    await expect(images.microvms(ARN, ALL)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('the base image', () => {
  test('shows its available versions as the integers that the service accepts, and the newest as a number', async () => {
    const fixture = new Fixture();
    ['2', '9', '10', '3'].forEach(version => fixture.simulator.publishBaseVersion(version));
    fixture.simulator.deprecateBaseVersion('9');
    const { newest, available } = await fixture.clock.complete(fixture.baseImages.baseImage(BASE_IMAGE, ['ARM_64']));
    expect(newest).toBe('10');
    expect(available).toEqual(expect.arrayContaining(['10', '3', '2']));
    expect(available).not.toContain('9');
  });

  test('has no newest version if all are deprecated, and the version before a deprecated one is the newest', async () => {
    const fixture = new Fixture();
    const { available } = await fixture.clock.complete(fixture.baseImages.baseImage(BASE_IMAGE, ['ARM_64']));
    fixture.simulator.deprecateBaseVersion(available[0]);
    await expect(fixture.clock.complete(fixture.baseImages.baseImage(BASE_IMAGE, ['ARM_64']))).resolves.toMatchObject({ newest: available[1] });
    available.forEach(version => fixture.simulator.deprecateBaseVersion(version));
    await expect(fixture.clock.complete(fixture.baseImages.baseImage(BASE_IMAGE, ['ARM_64']))).resolves.toEqual({
      newest: undefined, available: [], unavailable: ['1 is DEPRECATED', '0 is DEPRECATED'],
    });
  });

  test('has available versions where the service shows no status', async () => {
    const silent = alwaysAnswering(200, { items: [{ imageVersion: '1.0' }, { imageVersion: '0.0', status: null }] });
    const client = new BaseImageClient(silent, NO_LIMITS);
    await expect(client.baseImage(BASE_IMAGE, ['ARM_64'])).resolves.toEqual({ newest: '1', available: ['1', '0'], unavailable: [] });
  });

  test('has no available version that AWS recalled', async () => {
    const client = new BaseImageClient(alwaysAnswering(200, { items: [{ imageVersion: '2.0', status: 'RECALLED' }, { imageVersion: '1.0', status: 'AVAILABLE' }] }), NO_LIMITS);
    await expect(client.baseImage(BASE_IMAGE, ['ARM_64'])).resolves.toEqual({ newest: '1', available: ['1'], unavailable: ['2 is RECALLED'] });
  });

  test.each([
    [['ARM_64'], { newest: '3', available: ['3', '1', '0'], unavailable: ['2 supports X86_64 only'] }],
    [['X86_64'], { newest: '3', available: ['3', '2'], unavailable: ['1 supports ARM_64 only', '0 supports ARM_64 only'] }],
    [['ARM_64', 'X86_64'], { newest: '3', available: ['3'], unavailable: ['2 supports X86_64 only', '1 supports ARM_64 only', '0 supports ARM_64 only'] }],
  ])('has the versions that support all architectures of the image, and ARM where none is listed: %j', async (architectures, expected) => {
    const supporting = (...names: string[]) => names.map(architecture => ({ architecture, chipset: 'ANY', chipsetGeneration: '1' }));
    const client = new BaseImageClient(alwaysAnswering(200, {
      items: [
        { imageVersion: '3.0', supportedCpuConfigurations: supporting('ARM_64', 'X86_64') },
        { imageVersion: '2.0', supportedCpuConfigurations: supporting('X86_64') },
        { imageVersion: '1.0', supportedCpuConfigurations: null },
        { imageVersion: '0.0', supportedCpuConfigurations: supporting() },
      ],
    }), NO_LIMITS);
    await expect(client.baseImage(BASE_IMAGE, architectures)).resolves.toEqual(expected);
  });

  test('that does not exist is an error', async () => {
    const client = new BaseImageClient(alwaysAnswering(404, { message: 'no such image' }, 'ResourceNotFoundException'), NO_LIMITS);
    await expect(client.baseImage(BASE_IMAGE, ['ARM_64'])).rejects.toMatchObject({ name: 'ResourceNotFoundException', message: 'no such image' });
  });
});

describe('the build log', () => {
  interface Stream {
    readonly name: string;
    readonly createdAt?: number;
    readonly events: { readonly timestamp?: number; readonly message: string }[];
  }

  /** Returns a client of CloudWatch Logs with these streams, and the requests that it sends. */
  function logsOf(streams: Stream[]) {
    const received: Record<string, unknown>[] = [];
    const handle = async ({ headers, body }: { headers: Record<string, string>; body?: unknown }) => {
      const input = JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body as Uint8Array));
      received.push(input);
      const output = headers['x-amz-target'].endsWith('DescribeLogStreams')
        ? { logStreams: streams.map(({ name, createdAt }) => ({ logStreamName: name, creationTime: createdAt })) }
        : { events: streams.find(({ name }) => name === input.logStreamName)!.events.slice(-input.limit) };
      return { response: { statusCode: 200, headers: {}, body: Readable.from([Buffer.from(JSON.stringify(output))]) } };
    };
    const logs = new CloudWatchLogsClient({ ...SETTINGS, requestHandler: { handle } });
    return { received, images: new MicrovmImageClient(new LambdaMicrovmsClient(SETTINGS), logs, NO_LIMITS) };
  }

  test('ends with the last lines of the streams of the version, by time', async () => {
    const { images, received } = logsOf([
      { name: '2026/11/23[2.0]microvm-b', createdAt: 1, events: [{ timestamp: 2, message: 'second\n' }, { timestamp: 4, message: 'fourth' }] },
      { name: '2026/11/23[1.0]microvm-x', createdAt: 1, events: [{ timestamp: 9, message: 'of another version' }] },
      { name: '2026/11/23[2.0]microvm-a', createdAt: 1, events: [{ message: 'without a time' }, { timestamp: 3, message: 'third\r\n' }] },
    ]);
    await expect(images.buildLog('builds', '2.0', 0)).resolves.toEqual({
      lines: ['without a time', 'second', 'third', 'fourth'], streams: ['2026/11/23[2.0]microvm-b', '2026/11/23[2.0]microvm-a'],
    });
    expect(received[0]).toMatchObject({ logGroupName: 'builds', orderBy: 'LastEventTime', descending: true });
  });

  test('is also found by an integer version', async () => {
    const { images } = logsOf([{ name: '2026/11/23[2]microvm-a', createdAt: 1, events: [{ timestamp: 1, message: 'line' }] }, { name: '2026/11/23[12.0]microvm-a', createdAt: 1, events: [] }]);
    await expect(images.buildLog('builds', '2.0', 0)).resolves.toEqual({ lines: ['line'], streams: ['2026/11/23[2]microvm-a'] });
  });

  test('has at most 200 lines, of three streams', async () => {
    const streams = [0, 1, 2, 3].map(stream => ({
      name: `[1.0]${stream}`, createdAt: 1, events: Array.from({ length: 300 }, (_, index) => ({ timestamp: 10 * index + stream, message: `stream ${stream} line ${index}` })),
    }));
    const { images, received } = logsOf(streams);
    const { lines, streams: named } = await images.buildLog('builds', '1.0', 0);
    expect(lines).toHaveLength(200);
    expect(lines.at(-1)).toBe('stream 2 line 299');
    expect(named).toHaveLength(4);
    expect(received.slice(1)).toMatchObject([{ logStreamName: '[1.0]0', limit: 200 }, { logStreamName: '[1.0]1' }, { logStreamName: '[1.0]2' }]);
  });

  test('has no stream that is older than the version, or without a time: another image that shares the log group wrote it', async () => {
    const streams = [['older', 999], ['own', 1_000], ['unknown', undefined]] as const;
    const { images, received } = logsOf(streams.map(([name, createdAt]) => ({ name: `[1.0]${name}`, createdAt, events: [{ message: `a line of ${name}` }] })));
    await expect(images.buildLog('builds', '1.0', 1_000)).resolves.toEqual({ lines: ['a line of own'], streams: ['[1.0]own'] });
    expect(received).toHaveLength(2);
  });

  test('is empty if the build wrote no log', async () => {
    await expect(logsOf([]).images.buildLog('builds', '1.0', 0)).resolves.toEqual({ lines: [], streams: [] });
  });
});

describe('on the wire', () => {
  const KEY = 'arn:aws:kms:us-east-1:123456789012:key/0f2c';

  /** Returns a client, and the bodies of the requests that it sends. */
  function wire() {
    const bodies: any[] = [];
    const answer = { createdAt: 0, imageVersion: '1.0' };
    const handle = async ({ body }: { body?: string | Uint8Array }) => {
      bodies.push(JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body)));
      return { response: { statusCode: 200, headers: {}, body: Readable.from([Buffer.from(JSON.stringify(answer))]) } };
    };
    return { bodies, images: new MicrovmImageClient(new LambdaMicrovmsClient({ ...SETTINGS, requestHandler: { handle } }), NO_LOGS, NO_LIMITS) };
  }

  const sealed = buildRequest(properties({ KmsKeyArn: KEY, Architectures: ['ARM_64', 'X86_64'] }), '1', { fingerprint: 'c0ffee', operationId: 'abc' });

  test('a creation and a build have the key and the architectures, which the installed client does not know', async () => {
    const { images, bodies } = wire();
    await images.create({ ...sealed, name: 'sandbox', tags: { team: 'runtime' } }, 'token 1');
    await images.build(ARN, sealed, 'token 2');
    const expected = { ...REQUEST, kmsKeyIdentifier: KEY, cpuConfigurations: [{ architecture: 'ARM_64' }, { architecture: 'X86_64' }] };
    expect(bodies).toEqual([
      { ...expected, name: 'sandbox', tags: { team: 'runtime' }, clientToken: 'token 1' },
      { ...expected, clientToken: 'token 2' },
    ]);
  });

  test('a creation and a build have no key by default', async () => {
    const { images, bodies } = wire();
    await images.create({ ...REQUEST, name: 'sandbox' }, 'token 1');
    await images.build(ARN, REQUEST, 'token 2');
    bodies.forEach(body => expect(body).not.toHaveProperty('kmsKeyIdentifier'));
  });

  test('a creation and a build have the overrides of the user, after everything else', async () => {
    const { images, bodies } = wire();
    const overrides = JSON.stringify({ 'hooks.port': 9000, 'invented.0.member': true, 'kmsKeyIdentifier': 'alias/mine' });
    await images.create({ ...sealed, name: 'sandbox' }, 'token 1', overrides);
    await images.build(ARN, sealed, 'token 2', overrides);
    for (const body of bodies) {
      expect(body).toMatchObject({ hooks: { ...REQUEST.hooks, port: 9000 }, invented: [{ member: true }], kmsKeyIdentifier: 'alias/mine', description: REQUEST.description });
    }
    expect(bodies).toHaveLength(2);
  });
});

test('a call is not made if there is no time for it', async () => {
  const fixture = new Fixture([], 0);
  await expect(fixture.call(async images => images.image(ARN))).rejects.toThrow(OutOfTimeError);
  expect(fixture.simulator.calls()).toEqual([]);
});

test('the resource role is assumed for the image, in a session with the name of the resource, and not for base images', async () => {
  const assumed: string[][] = [];
  const assumeRole = async (...args: string[]) => {
    assumed.push(args);
    return { accessKeyId: 'key', secretAccessKey: 'secret', sessionToken: 'session' };
  };
  const services = imageServices(assumeRole, new CallLimits(new VirtualClock(), 0));
  await expect(services.baseImages.baseImage(BASE_IMAGE, ['ARM_64'])).rejects.toThrow(OutOfTimeError);
  expect(assumed).toEqual([]);
  await expect(services.images('arn:aws:iam::123456789012:role/one', 'Sandbox')).resolves.toBeInstanceOf(MicrovmImageClient);
  expect(assumed).toEqual([['arn:aws:iam::123456789012:role/one', 'Sandbox']]);
});
