import type { ChildProcess } from 'child_process';
import { spawn } from 'child_process';
import * as path from 'path';
import { freePort } from '../../../tools/shared/free-port';

const ROOT = path.join(__dirname, '..', '..', '..');
const RECORDED = path.join(ROOT, 'test', 'recorded');

interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly exitCode: Promise<number | null>;
}

function run(script: string, ...options: string[]): Run {
  const child = spawn(process.execPath, [...(script.endsWith('.ts') ? ['--import', 'tsx'] : []), script, ...options], { cwd: ROOT });
  let output = '';
  child.stdout.on('data', chunk => (output += chunk));
  child.stderr.on('data', chunk => (output += chunk));
  return { child, output: () => output, exitCode: new Promise(resolve => child.once('close', resolve)) };
}

const simulator = (...options: string[]) => run(path.join('tools', 'simulator', 'cli.ts'), ...options);

async function untilListening({ output, exitCode }: Run): Promise<void> {
  const exited = exitCode.then(code => { throw new Error(`exited with code ${code}: ${output()}`); });
  const listening = (async () => {
    while (!output().includes('http://')) await new Promise(resolve => setTimeout(resolve, 50));
  })();
  await Promise.race([exited, listening]);
}

describe('a simulator that is started with a port only', () => {
  let port: number;
  let started: Run;

  beforeAll(async () => {
    port = await freePort();
    started = simulator('--port', String(port));
    await untilListening(started);
  });

  afterAll(async () => {
    started.child.kill();
    await started.exitCode;
  });

  const url = () => `http://127.0.0.1:${port}`;

  async function call(region: string, method: string, location: string, body?: object): Promise<{ status: number; body: any }> {
    const authorization = `AWS4-HMAC-SHA256 Credential=test/20261127/${region}/lambda/aws4_request, SignedHeaders=host, Signature=0`;
    const answer = await fetch(`${url()}/2025-09-09${location}`, { method, headers: { authorization }, body: body && JSON.stringify(body) });
    return { status: answer.status, body: await answer.json() };
  }

  const create = async (region: string, name: string) => call(region, 'POST', '/microvm-images', {
    name,
    baseImageArn: `arn:aws:lambda:${region}:aws:microvm-image:al2023-1`,
    buildRoleArn: 'arn:aws:iam::123456789012:role/build',
    codeArtifact: { uri: 's3://assets/code.zip' },
  });

  test('returns recorded answers of another Region, and has the memory quota of a new account', async () => {
    const only = ['DeleteMicrovmImage.', 'RunMicrovm.defaults', 'CreateNetworkConnector.', 'TerminateMicrovm.', 'VmEndpoint.valid-token'].flatMap(id => ['--only', id]);
    const replay = run(path.join(RECORDED, 'replay.mjs'), '--endpoint', url(), '--cases', path.join(RECORDED, 'cases'), ...only);
    const exitCode = await replay.exitCode;
    expect(replay.output()).toMatch(/^\d+ passed, 0 failed$/m);
    expect(exitCode).toBe(0);

    const { body: { imageArn } } = await create('us-east-2', 'quota');
    const launch = async () => (await call('us-east-2', 'POST', '/microvms', { imageIdentifier: imageArn })).status;
    while (await launch() === 404) await new Promise(resolve => setTimeout(resolve, 100));
    expect([await launch(), await launch()]).toEqual([200, 402]);
  }, 120_000);

  test('has separate resources in each Region, which is that of the signature', async () => {
    const [virginia, ireland] = [await create('us-east-1', 'same'), await create('eu-west-1', 'same')];
    expect([virginia.status, ireland.status]).toEqual([201, 201]);
    expect(ireland.body.imageArn).toBe('arn:aws:lambda:eu-west-1:123456789012:microvm-image:same');
    expect((await call('ap-south-1', 'GET', '/microvm-images')).body.items).toEqual([]);
    const state = await (await fetch(`${url()}/_simulator/state`)).json() as { images: { name: string; arn: string }[] };
    expect(state.images.filter(({ name }) => name === 'same').map(({ arn }) => arn.split(':')[3])).toEqual(['us-east-1', 'eu-west-1']);
    // An unsigned request belongs to the Region of the ARN that it names.
    expect((await fetch(`${url()}/2025-09-09/microvm-images/${ireland.body.imageArn}`)).status).toBe(200);
  });

  test('keeps its port: a second simulator fails and names the port', async () => {
    const second = simulator('--port', String(port));
    expect(await second.exitCode).toBe(1);
    expect(second.output()).toContain(`port ${port} is in use: stop the process that listens on it, or choose another port`);
  }, 60_000);
});
