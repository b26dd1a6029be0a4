import * as http from 'http';
import type { AddressInfo } from 'net';
import { VirtualBuilder } from '../../../tools/simulator/builder';
import { RealClock } from '../../../tools/simulator/clock';
import { faultsFrom } from '../../../tools/simulator/faults';
import { SimulatorServer } from '../../../tools/simulator/server';
import { Simulator } from '../../../tools/simulator/simulator';

const clock = new RealClock(1000);
let server: SimulatorServer;
afterEach(async () => server.stop());

test('a lost answer closes the connection', async () => {
  server = await SimulatorServer.start({ simulator: new Simulator({ clock, faults: faultsFrom({ calls: [{ nth: 0, fault: { kind: 'lostAnswer' } }] }) }) });
  await expect(fetch(`${server.url}/2025-09-09/microvm-images`)).rejects.toThrow();
  expect((await fetch(`${server.url}/2025-09-09/microvm-images`)).status).toBe(200);
});

test('settings and state can be changed and reset at runtime', async () => {
  const simulator = new Simulator({ clock });
  server = await SimulatorServer.start({ simulator });
  const post = async (path: string, body: object) => fetch(`${server.url}/_simulator/${path}`, { method: 'POST', body: JSON.stringify(body) });
  await post('settings', { times: { latency: 1 } });
  expect(simulator.times.latency).toBe(1);
  simulator.addForeignImage('image', { owner: 'somebody' });
  const state = async () => (await fetch(`${server.url}/_simulator/state`)).json();
  expect(await state()).toMatchObject({ images: [{ name: 'image', tags: { owner: 'somebody' } }] });
  await post('reset', {});
  expect(await state()).toEqual({ images: [], microvms: [], connectors: [], processes: [] });
  expect((await fetch(`${server.url}/_simulator/microvms/microvm-none`)).status).toBe(404);
  expect((await fetch(`${server.url}/unknown`)).status).toBe(404);
});

test('a WebSocket carries token and port as subprotocols, which are removed before the request reaches the MicroVM', async () => {
  let seen: http.IncomingHttpHeaders = {};
  const guest = http.createServer();
  guest.on('upgrade', (request, socket) => {
    seen = request.headers;
    socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello');
  });
  await new Promise<void>(resolve => guest.listen(0, '127.0.0.1', resolve));
  const builder = new VirtualBuilder({ clock, applicationPort: (guest.address() as AddressInfo).port });
  const simulator = new Simulator({ clock, builder });
  server = await SimulatorServer.start({ simulator });
  simulator.addForeignImage('image');
  const { id, endpointId } = simulator.launchMicrovm('image');
  while (simulator.microvms()[0].state !== 'RUNNING') await clock.sleep(1000);
  const token = simulator.microvmsService.endpointTokens.issue(id, [{ startPort: 9000, endPort: 9000 }], 60);

  const upgrade = async (protocols: string) => new Promise<number | undefined>((resolve, reject) => {
    const headers = {
      'host': `${endpointId}.lambda-microvm.us-east-1.on.aws`, 'connection': 'Upgrade', 'upgrade': 'websocket', 'sec-websocket-protocol': protocols,
    };
    const request = http.request(server.url, { headers }, response => resolve(response.statusCode));
    request.on('upgrade', (response, socket) => { socket.destroy(); resolve(response.statusCode); });
    request.on('error', reject).end();
  });
  const authentication = `lambda-microvms.authentication.${token}`;
  expect(await upgrade(`lambda-microvms, ${authentication}, lambda-microvms.port.9000, chat`)).toBe(101);
  expect(seen['sec-websocket-protocol']).toBe('chat');
  expect(await upgrade(`lambda-microvms, ${authentication}`)).toBe(403);
  await new Promise(resolve => guest.close(resolve));
});
