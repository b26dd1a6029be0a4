import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import { ID, IMAGE } from './inputs';
import { CallLimits, CLIENT_SETTINGS } from '../../../src/handlers/engine/calls';
import { MicrovmClient } from '../../../src/handlers/microvm/service';
import { VirtualBuilder } from '../../../tools/simulator/builder';
import { VirtualClock } from '../../../tools/simulator/clock';
import { InProcessHandler } from '../../../tools/simulator/in-process';
import { Simulator } from '../../../tools/simulator/simulator';

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
  expect(found).toEqual({ id, state: 'RUNNING', endpoint: expect.stringMatching(/\.on\.aws$/), imageVersion: '1.0', stateReason: undefined, observedAt: fixture.clock.now() });
  await fixture.call(async microvms => microvms.terminate(id));
  await fixture.clock.run(() => !fixture.simulator.isSettling());
  expect(await fixture.call(async microvms => microvms.microvm(id))).toMatchObject({ state: 'TERMINATED', stateReason: expect.any(String) });
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
    expect(await microvms.get(url, { test: 'yes' })).toBe(302);
    expect(await microvms.get(url, {})).toBe(500);
  } finally {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  }
  await expect(new Fixture().microvms.get(url, {})).rejects.toThrow();
});
