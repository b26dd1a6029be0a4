import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import { ID, IMAGE } from './inputs';
import { CallLimits, CLIENT_SETTINGS } from '../../../src/handlers/engine/calls';
import { MicrovmClient } from '../../../src/handlers/microvm/service';
import { VirtualBuilder } from '../../../tools/simulator/builder';
import { VirtualClock } from '../../../tools/simulator/clock';
import { InProcessHandler } from '../../../tools/simulator/in-process';
import { Simulator } from '../../../tools/simulator/simulator';

/** The adapter before a simulated service. */
class Bench {
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
  const bench = new Bench();
  const { id } = await bench.call(async microvms => microvms.launch({ imageIdentifier: IMAGE }, 'token'));
  expect(await bench.call(async microvms => microvms.launch({ imageIdentifier: IMAGE }, 'token'))).toEqual({ id });
  expect(bench.simulator.microvms()).toHaveLength(1);
});

test('a MicroVM is told with its state, endpoint and version, and when it was observed', async () => {
  const bench = new Bench();
  const { id } = await bench.call(async microvms => microvms.launch({ imageIdentifier: IMAGE }, 'token'));
  await bench.clock.run(() => !bench.simulator.isSettling());
  const found = await bench.call(async microvms => microvms.microvm(id));
  expect(found).toEqual({ id, state: 'RUNNING', endpoint: expect.stringMatching(/\.on\.aws$/), imageVersion: '1.0', stateReason: undefined, observedAt: bench.clock.now() });
  await bench.call(async microvms => microvms.terminate(id));
  await bench.clock.run(() => !bench.simulator.isSettling());
  expect(await bench.call(async microvms => microvms.microvm(id))).toMatchObject({ state: 'TERMINATED', stateReason: expect.any(String) });
});

test('a MicroVM that is not there is absent; other failures are passed on', async () => {
  const bench = new Bench();
  expect(await bench.call(async microvms => microvms.microvm(ID))).toBe('absent');
  await expect(bench.call(async microvms => microvms.microvm('no id'))).rejects.toMatchObject({ name: 'ValidationException' });
});

test('a token is for one port and the shortest time', async () => {
  const bench = new Bench();
  const { id } = await bench.call(async microvms => microvms.launch({ imageIdentifier: IMAGE }, 'token'));
  await bench.clock.run(() => !bench.simulator.isSettling());
  const token = await bench.call(async microvms => microvms.token(id, 8080));
  const { endpointTokens } = bench.simulator.microvmsService;
  expect([8080, 8081].map(port => endpointTokens.check(token, id, port))).toEqual(['accepted', 'port-denied']);
  await bench.clock.run(bench.clock.now() + 60_000);
  expect(endpointTokens.check(token, id, 8080)).toBe('refused');
});

test('the status of an answer is told, and no redirect is followed', async () => {
  const server = createServer((request, response) => response.writeHead(request.headers.asked === 'yes' ? 302 : 500, { location: '/elsewhere' }).end('body'));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  try {
    const { microvms } = new Bench();
    expect(await microvms.get(url, { asked: 'yes' })).toBe(302);
    expect(await microvms.get(url, {})).toBe(500);
  } finally {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  }
  await expect(new Bench().microvms.get(url, {})).rejects.toThrow();
});
