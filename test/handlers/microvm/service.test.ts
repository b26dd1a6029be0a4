import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import { ID, IMAGE } from './inputs';
import { CallLimits, CLIENT_SETTINGS } from '../../../src/handlers/engine/calls';
import { OutOfTimeError } from '../../../src/handlers/engine/errors';
import { MicrovmClient, MicrovmLogsClient } from '../../../src/handlers/microvm/service';
import { VirtualBuilder } from '../../../tools/simulator/builder';
import { VirtualClock } from '../../../tools/simulator/clock';
import { InProcessHandler } from '../../../tools/simulator/in-process';
import { Simulator } from '../../../tools/simulator/simulator';
import { serviceError } from '../engine/inputs';

/** A client of a simulated service. */
class Fixture {
  public readonly clock = new VirtualClock();
  public readonly simulator = new Simulator({ clock: this.clock, builder: new VirtualBuilder({ clock: this.clock }), account: '123456789012' });
  public readonly microvms = new MicrovmClient(new LambdaMicrovmsClient({
    ...CLIENT_SETTINGS, region: 'us-east-1', credentials: { accessKeyId: 'key', secretAccessKey: 'secret' }, requestHandler: new InProcessHandler(this.simulator),
  }), new CallLimits(this.clock, Infinity), this.clock);

  public constructor() {
    this.simulator.addForeignImage('app');
  }

  public async call<T>(call: (microvms: MicrovmClient) => Promise<T>): Promise<T> {
    return this.clock.complete(call(this.microvms));
  }
}

test('a launch with the same token gives the same MicroVM', async () => {
  const fixture = new Fixture();
  const { id } = await fixture.call(async microvms => microvms.launch({ imageIdentifier: IMAGE }, 'token'));
  expect(await fixture.call(async microvms => microvms.launch({ imageIdentifier: IMAGE }, 'token'))).toEqual({ id });
  expect(fixture.simulator.microvms()).toHaveLength(1);
});

test('a launch sends the whole request, also what the client does not know, and its own token', async () => {
  const bodies: any[] = [];
  const handle = async ({ body }: { body: string | Uint8Array }) => {
    bodies.push(JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body)));
    return { response: { statusCode: 200, headers: {}, body: Readable.from([Buffer.from(JSON.stringify({ microvmId: ID }))]) } };
  };
  const settings = { ...CLIENT_SETTINGS, region: 'us-east-1', credentials: { accessKeyId: 'key', secretAccessKey: 'secret' } };
  const client = new LambdaMicrovmsClient({ ...settings, requestHandler: { handle } as any });
  const request: any = {
    imageIdentifier: IMAGE,
    kmsKeyIdentifier: 'arn:aws:kms:us-east-1:123456789012:key/1',
    idlePolicy: { maxIdleDurationSeconds: 60, suspendedDurationSeconds: 0, autoResumeEnabled: false, unknown: 1 },
    logging: { disabled: {} },
    unknown: [{ nested: true }],
  };
  const microvms = new MicrovmClient(client, new CallLimits(new VirtualClock(), Infinity), new VirtualClock());
  await expect(microvms.launch({ ...request, clientToken: 'override' }, 'token')).resolves.toEqual({ id: ID });
  expect(bodies).toEqual([{ ...request, clientToken: 'token' }]);
});

test('a MicroVM is described with its state, endpoint, version and the time of the observation', async () => {
  const fixture = new Fixture();
  const { id } = await fixture.call(async microvms => microvms.launch({ imageIdentifier: IMAGE }, 'token'));
  await fixture.clock.run(() => !fixture.simulator.isSettling());
  const found = await fixture.call(async microvms => microvms.microvm(id));
  expect(found).toEqual({ id, state: 'RUNNING', endpoint: expect.stringMatching(/\.on\.aws$/), imageVersion: '1.0', imageArn: IMAGE, stateReason: undefined, observedAt: fixture.clock.now() });
  await fixture.call(async microvms => microvms.terminate(id));
  await fixture.clock.run(() => !fixture.simulator.isSettling());
  expect(await fixture.call(async microvms => microvms.microvm(id))).toMatchObject({ state: 'TERMINATED', stateReason: expect.any(String) });
});

test('the MicroVMs of an image are listed on all pages, with the time of their start', async () => {
  const fixture = new Fixture();
  fixture.simulator.addForeignImage('other');
  fixture.simulator.launchMicrovm('other');
  const ids = Array.from({ length: 51 }, () => fixture.simulator.launchMicrovm('app').id);
  const { found, areAll } = await fixture.call(async microvms => microvms.list(IMAGE));
  expect(areAll).toBe(true);
  expect(found.map(({ id }) => id).sort()).toEqual(ids.sort());
  expect(found[0]).toEqual({ id: expect.any(String), imageArn: IMAGE, imageVersion: '1.0', state: 'PENDING', startedAt: expect.any(Number) });
  expect(fixture.simulator.calls().filter(({ operation }) => operation === 'ListMicrovms')).toHaveLength(2);
});

describe('a list of MicroVMs that is too long for one poll', () => {
  /** Reads an endless list, of which each page takes a second, in a poll that ends after this time. */
  const read = async (end: number, isDenied = false) => {
    const clock = new VirtualClock();
    const begun = clock.now();
    const item = { microvmId: ID, imageArn: IMAGE, imageVersion: '1.0', state: 'RUNNING', startedAt: new Date(0) };
    const client = {
      send: async ({ input: { nextToken } }: { input: { nextToken?: string } }) => {
        await clock.sleep(1_000);
        if (isDenied && nextToken !== undefined) throw serviceError('AccessDeniedException', 'no');
        return { items: [item], nextToken: 'more' };
      },
    } as unknown as LambdaMicrovmsClient;
    return clock.complete(new MicrovmClient(client, new CallLimits(clock, begun + end), clock).list(IMAGE));
  };

  test('ends after half a minute, because the poll needs the rest of its time', async () => {
    const { found, areAll } = await read(50_000);
    expect([found.length, areAll]).toEqual([30, false]);
  });

  test('ends with what was found when the poll has no time for another page', async () => {
    const { found, areAll } = await read(10_000);
    expect([found.length, areAll]).toEqual([7, false]);
  });

  test('passes on other errors, and that there was no time at all', async () => {
    await expect(read(50_000, true)).rejects.toThrow('no');
    await expect(read(3_000)).rejects.toThrow(OutOfTimeError);
  });
});

describe('the log of a MicroVM', () => {
  /** Returns the last lines of a MicroVM in a log group with these streams. */
  const linesIn = async (streams: Record<string, string[]>) => {
    const inputs: unknown[] = [];
    const send = async ({ input }: { input: { logStreamName?: string } }) => {
      inputs.push(input);
      return input.logStreamName === undefined
        ? { logStreams: Object.keys(streams).map(logStreamName => ({ logStreamName })) }
        : { events: streams[input.logStreamName].map(message => ({ message })) };
    };
    const lines = await new MicrovmLogsClient({ send } as unknown as CloudWatchLogsClient, new CallLimits(new VirtualClock(), Infinity)).lastLines('group', ID);
    return { lines, inputs };
  };

  test('is read from the stream whose name contains its ID', async () => {
    const { lines, inputs } = await linesIn({ 'microvm-another': ['theirs'], [`2026/11/28/${ID}`]: ['one\n', 'two'] });
    expect(lines).toEqual(['one', 'two']);
    expect(inputs).toEqual([
      { logGroupName: 'group', orderBy: 'LastEventTime', descending: true }, { logGroupName: 'group', logStreamName: `2026/11/28/${ID}`, limit: 200 },
    ]);
  });

  test('is empty if no stream is its own', async () => {
    expect((await linesIn({ 'microvm-another': ['theirs'] })).lines).toEqual([]);
  });
});

test('a MicroVM that does not exist is absent, and other errors are passed on', async () => {
  const fixture = new Fixture();
  expect(await fixture.call(async microvms => microvms.microvm(ID))).toBe('absent');
  await expect(fixture.call(async microvms => microvms.microvm('no id'))).rejects.toMatchObject({ name: 'ValidationException' });
});

test('a token is valid for one port and the shortest time', async () => {
  const fixture = new Fixture();
  const { id } = await fixture.call(async microvms => microvms.launch({ imageIdentifier: IMAGE }, 'token'));
  await fixture.clock.run(() => !fixture.simulator.isSettling());
  const token = await fixture.call(async microvms => microvms.token(id, 8080));
  const { endpointTokens } = fixture.simulator.microvmsService;
  expect([8080, 8081].map(port => endpointTokens.check(token, id, port))).toEqual(['accepted', 'port-denied']);
  await fixture.clock.run(fixture.clock.now() + 60_000);
  expect(endpointTokens.check(token, id, 8080)).toBe('rejected');
});

test('the status of an answer is returned, and no redirect is followed', async () => {
  const server = createServer((request, response) => response.writeHead(request.headers.test === 'yes' ? 302 : 500, { location: '/elsewhere' }).end('body'));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  try {
    const { microvms } = new Fixture();
    expect(await microvms.get(url, { test: 'yes' }, 4_000)).toBe(302);
    expect(await microvms.get(url, {}, 4_000)).toBe(500);
  } finally {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  }
  await expect(new Fixture().microvms.get(url, {}, 4_000)).rejects.toThrow();
});

test('a response may take as long as the health check allows, and no longer than the poll', async () => {
  const server = createServer((_, response) => { setTimeout(() => response.writeHead(200).end(), 300); });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  try {
    expect(await new Fixture().microvms.get(url, {}, 5_000)).toBe(200);
    await expect(new Fixture().microvms.get(url, {}, 50)).rejects.toMatchObject({ name: 'TimeoutError' });
    const clock = new VirtualClock();
    const inTenSeconds = new MicrovmClient(new LambdaMicrovmsClient({ region: 'us-east-1' }), new CallLimits(clock, clock.now() + 10_000), clock);
    await expect(inTenSeconds.get(url, {}, 11_000)).rejects.toThrow(OutOfTimeError);
  } finally {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  }
});
