import { spawn } from 'child_process';
import * as fs from 'fs';
import * as http from 'http';
import type { AddressInfo } from 'net';
import * as path from 'path';
import { VirtualBuilder } from '../../../tools/simulator/builder';
import { RealClock } from '../../../tools/simulator/clock';
import { SimulatorServer } from '../../../tools/simulator/server';
import type { Members } from '../../../tools/simulator/settings';
import { Simulator } from '../../../tools/simulator/simulator';

const RECORDED = path.join(__dirname, '..', '..', 'recorded');
const CASES = path.join(RECORDED, 'cases');
const REGION = 'us-east-2';

/** IDs of recorded cases that the simulator cannot reproduce, with the reason. */
const NOT_MODELLED: Readonly<Record<string, string>> = {};

interface Case {
  readonly id: string;
  readonly request?: object;
}

const recordedIds = fs.readdirSync(CASES)
  .flatMap(file => JSON.parse(fs.readFileSync(path.join(CASES, file), 'utf8')) as Case[])
  .filter(({ request }) => request !== undefined)
  .map(({ id }) => id)
  .sort();

let application: http.Server;
let server: SimulatorServer;

async function startSimulator(members: Members): Promise<void> {
  application = http.createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1');
  await new Promise(resolve => application.once('listening', resolve));
  const clock = new RealClock(200);
  const builder = new VirtualBuilder({
    clock,
    plan: () => ({ durationMs: 20_000 }),
    applicationPort: (application.address() as AddressInfo).port,
  });
  const times = { connectorCreation: 10_000, connectorUpdate: 10_000 };
  server = await SimulatorServer.start({ simulator: new Simulator({ clock, region: REGION, builder, members, times }) });
}

afterEach(async () => {
  await server.stop();
  await new Promise(resolve => application.close(resolve));
});

/** Replays the cases of some operations in a separate process. The cases do not affect each other. */
async function replay(operations: readonly string[], ...options: string[]): Promise<string[]> {
  const only = operations.flatMap(operation => ['--only', `${operation}.`]);
  const child = spawn(process.execPath, [
    path.join(RECORDED, 'replay.mjs'), '--endpoint', server.url, '--cases', CASES, '--region', REGION, '--poll-ms', '20', ...only, ...options,
  ]);
  let output = '';
  child.stdout.on('data', chunk => (output += chunk));
  child.stderr.on('data', chunk => (output += chunk));
  await new Promise(resolve => child.on('close', resolve));
  return output.split('\n');
}

async function replayAll(...options: string[]): Promise<{ passed: string[]; rest: string[] }> {
  const operations = [...new Set(recordedIds.map(id => id.split('.')[0]))];
  const groups = [0, 1, 2, 3, 4].map(group => operations.filter((_operation, index) => index % 5 === group));
  const lines = (await Promise.all(groups.map(group => replay(group, ...options)))).flat();
  const passed = new Set(lines.flatMap(line => /^pass {2}(\S+)/.exec(line)?.[1] ?? []));
  return { passed: [...passed].sort(), rest: lines.filter(line => !/^pass|^\d+ passed, 0 failed|^$/.test(line)) };
}

test('the simulator returns the recorded answers of the service, member by member', async () => {
  await startSimulator('recorded');
  const { passed, rest } = await replayAll('--strict');
  expect(rest).toEqual([]);
  expect(passed).toEqual(recordedIds.filter(id => NOT_MODELLED[id] === undefined));
});

test('newer members of the service and encoded paths do not change the results', async () => {
  await startSimulator('current');
  const { rest } = await replayAll('--encode');
  expect(rest).toEqual([]);
});
