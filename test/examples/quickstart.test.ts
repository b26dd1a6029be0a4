import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import { handler } from '../../examples/quickstart/typescript/backend/handler';
import { VirtualBuilder } from '../../tools/simulator/builder';
import { RealClock } from '../../tools/simulator/clock';
import { InProcessHandler } from '../../tools/simulator/in-process';
import { Simulator } from '../../tools/simulator/simulator';

const IMAGE = 'arn:aws:lambda:us-east-1:123456789012:microvm-image:app';
const CONTEXT = { awsRequestId: '5e5b6a0c-7f6b-4c0e-9a86-4f6f0d7e8a11', getRemainingTimeInMillis: () => 60_000 };
/** Less than the handler keeps back for terminating. */
const NO_TIME = { ...CONTEXT, getRemainingTimeInMillis: () => 0 };
const PYTHON = path.join(__dirname, '..', '..', 'examples', 'quickstart', 'python', 'backend', 'handler.py');

/** The simulated service as the handler's client finds it. */
function simulated(launchFailure?: string, launch = 10): Simulator {
  const clock = new RealClock();
  const builder = new VirtualBuilder({ clock, launchFailure: () => launchFailure });
  const simulator = new Simulator({ clock, builder, account: '123456789012', times: { launch, termination: 10 } });
  simulator.addForeignImage('app');
  const inProcess = new LambdaMicrovmsClient({
    region: 'us-east-1', credentials: { accessKeyId: 'key', secretAccessKey: 'secret' }, requestHandler: new InProcessHandler(simulator),
  });
  const send = inProcess.send.bind(inProcess);
  jest.spyOn(LambdaMicrovmsClient.prototype, 'send').mockImplementation(async command => send(command));
  return simulator;
}

const living = (simulator: Simulator) => simulator.microvms().filter(({ state }) => state !== 'TERMINATED' && state !== 'TERMINATING');

beforeEach(() => { process.env.MICROVM_LAUNCH_REQUEST = JSON.stringify({ imageIdentifier: IMAGE, maximumDurationInSeconds: 60 }); });
afterEach(() => jest.restoreAllMocks());

describe('the backend in TypeScript', () => {
  test('launches, calls with a token for one port, and terminates', async () => {
    const simulator = simulated();
    const calls: [string, RequestInit][] = [];
    jest.spyOn(globalThis, 'fetch').mockImplementation(async (url, init) => {
      calls.push([String(url), init!]);
      return new Response('hello', { status: 201 });
    });
    expect(await handler({ path: '/hello' }, CONTEXT)).toEqual({ statusCode: 201, body: 'hello' });
    const [[url, { headers }]] = calls;
    expect(url).toMatch(/^https:\/\/[0-9a-f-]{36}\.lambda-microvm\.us-east-1\.on\.aws\/hello$/);
    const { 'X-aws-proxy-auth': token, 'X-aws-proxy-port': port } = headers as Record<string, string>;
    const [{ id }] = simulator.microvms();
    expect([8080, 8081].map(asked => simulator.microvmsService.endpointTokens.check(token, id, asked))).toEqual(['accepted', 'port-denied']);
    expect(port).toBe('8080');
    expect(living(simulator)).toEqual([]);
  });

  test.each(['@evil.example/', '.evil.example/', '//evil.example/', 'hello'])('sends the token to no other host, whatever the path: %s', async requestPath => {
    simulated();
    const call = jest.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response(''));
    await handler({ path: requestPath }, CONTEXT);
    expect(new URL(String(call.mock.calls[0][0])).host).toMatch(/^[0-9a-f-]{36}\.lambda-microvm\.us-east-1\.on\.aws$/);
  });

  test('sends the whole launch request, also members that the client does not know', async () => {
    const request = { imageIdentifier: IMAGE, kmsKeyIdentifier: 'arn:aws:kms:us-east-1:123456789012:key/1', unknown: [{ nested: 1 }] };
    process.env.MICROVM_LAUNCH_REQUEST = JSON.stringify(request);
    const handle = jest.spyOn(InProcessHandler.prototype, 'handle');
    simulated();
    jest.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response(''));
    // The simulator may reject the member that does not exist.
    await handler({}, CONTEXT).catch(() => undefined);
    expect(JSON.parse(String(handle.mock.calls[0][0].body))).toEqual({ ...request, clientToken: CONTEXT.awsRequestId });
  });

  test('follows no redirect of the MicroVM', async () => {
    simulated();
    const call = jest.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('', { status: 302 }));
    expect(await handler({}, CONTEXT)).toEqual({ statusCode: 302, body: '' });
    expect(call.mock.calls[0][1]!.redirect).toBe('manual');
  });

  test('terminates a MicroVM that does not run in time, before Lambda ends the function', async () => {
    const simulator = simulated(undefined, 60_000);
    await expect(handler({}, NO_TIME)).rejects.toThrow(/is still PENDING/);
    expect([simulator.microvms().length, living(simulator)]).toEqual([1, []]);
  });

  test('terminates a MicroVM that does not answer in time', async () => {
    const simulator = simulated();
    jest.spyOn(globalThis, 'fetch').mockImplementation(async (_, init) => new Promise((_resolve, reject) => {
      const signal = init!.signal!;
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener('abort', () => reject(signal.reason));
    }));
    await expect(handler({}, { ...CONTEXT, getRemainingTimeInMillis: () => 7_000 })).rejects.toThrow(/timeout|still PENDING/);
    expect(living(simulator)).toEqual([]);
  });

  test('terminates the MicroVM if the call fails', async () => {
    const simulator = simulated();
    jest.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('no answer'));
    await expect(handler({}, CONTEXT)).rejects.toThrow('no answer');
    expect([simulator.microvms().length, living(simulator)]).toEqual([1, []]);
  });

  test('says why a MicroVM ended early', async () => {
    const simulator = simulated('The application ended');
    await expect(handler({}, CONTEXT)).rejects.toThrow(/is TERMINATED: The application ended/);
    expect(living(simulator)).toEqual([]);
  });
});

/** A boto3 that records its calls. */
const BOTO3 = `
calls = []
STATES = iter([{"state": "PENDING"}, {"state": "RUNNING", "endpoint": "host.example"}])
class Client:
    def run_microvm(self, **request): calls.append(["run_microvm", request]); return {"microvmId": "microvm-1"}
    def get_microvm(self, **request): return ENDED or next(STATES)
    def create_microvm_auth_token(self, **request): calls.append(["create_microvm_auth_token", request]); return {"authToken": {"X-aws-proxy-auth": "token"}}
    def terminate_microvm(self, **request): calls.append(["terminate_microvm", request])
ENDED = None
def client(name): calls.append(["client", name]); return Client()
`;

const MAIN = `
import io, json, sys, types, urllib.request
import boto3, handler
handler.SECONDS_BETWEEN_POLLS = 0
outcome = sys.argv[1]
if outcome == "ended": boto3.ENDED = {"state": "TERMINATED", "stateReason": "The application ended"}
if outcome == "late": boto3.ENDED = {"state": "PENDING"}
class Response(io.BytesIO):
    status = 201
def urlopen(_, request, timeout):
    boto3.calls.append(["urlopen", request.full_url, dict(request.header_items())])
    if outcome == "refused": raise urllib.error.HTTPError(request.full_url, 403, "no", {}, io.BytesIO(b"Access to port denied"))
    if outcome == "lost": raise OSError("no answer")
    return Response(b"hello")
urllib.request.OpenerDirector.open = urlopen
try:
    remaining = 0 if outcome == "late" else 60000
    context = types.SimpleNamespace(aws_request_id="request", get_remaining_time_in_millis=lambda: remaining)
    answer = handler.handler({"path": sys.argv[2]}, context)
except Exception as error:
    answer = str(error)
print(json.dumps({"answer": answer, "calls": boto3.calls}))
`;

/** A server that redirects its caller. */
const REDIRECT = `
import http.server, json, sys, threading, types
sys.modules["boto3"] = types.SimpleNamespace(client=lambda name: None)
import handler
asked = []
class Guest(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(self.path)
        self.send_response(302 if self.path == "/" else 200); self.send_header("Location", "/elsewhere"); self.send_header("Content-Length", "0"); self.end_headers()
    def log_message(self, *words): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Guest)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(json.dumps({"answer": handler.call(f"http://127.0.0.1:{server.server_port}/", {}, 10), "asked": asked}))
`;

describe('the backend in Python', () => {
  async function run(outcome: string, requestPath = '/hello'): Promise<{ answer: unknown; calls: [string, ...any[]][] }> {
    const directory = mkdtempSync(path.join(tmpdir(), 'backend-'));
    try {
      writeFileSync(path.join(directory, 'boto3.py'), BOTO3);
      writeFileSync(path.join(directory, 'main.py'), MAIN);
      const PYTHONPATH = [directory, path.dirname(PYTHON)].join(path.delimiter);
      const { stdout } = await promisify(execFile)('python3', [path.join(directory, 'main.py'), outcome, requestPath], {
        env: { ...process.env, PYTHONPATH, PYTHONDONTWRITEBYTECODE: '1' },
      });
      return JSON.parse(stdout);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }

  test('launches, calls with a token for one port, and terminates', async () => {
    const { answer, calls } = await run('good');
    expect(answer).toEqual({ statusCode: 201, body: 'hello' });
    expect(calls).toEqual([
      ['client', 'lambda-microvms'],
      ['run_microvm', { imageIdentifier: IMAGE, maximumDurationInSeconds: 60, clientToken: 'request' }],
      ['create_microvm_auth_token', { microvmIdentifier: 'microvm-1', expirationInMinutes: 1, allowedPorts: [{ port: 8080 }] }],
      ['urlopen', 'https://host.example/hello', { 'X-aws-proxy-auth': 'token', 'X-aws-proxy-port': '8080' }],
      ['terminate_microvm', { microvmIdentifier: 'microvm-1' }],
    ]);
  });

  test.each(['@evil.example/', '.evil.example/', '//evil.example/', 'hello'])('sends the token to no other host, whatever the path: %s', async requestPath => {
    const { calls } = await run('good', requestPath);
    expect(new URL(calls.find(([name]) => name === 'urlopen')![1]).host).toBe('host.example');
  });

  test('follows no redirect of the MicroVM', async () => {
    const { stdout } = await promisify(execFile)('python3', ['-c', REDIRECT], {
      env: { ...process.env, PYTHONPATH: path.dirname(PYTHON), PYTHONDONTWRITEBYTECODE: '1' },
    });
    expect(JSON.parse(stdout)).toEqual({ answer: { statusCode: 302, body: '' }, asked: ['/'] });
  });

  test.each<[string, unknown]>([
    ['refused', { statusCode: 403, body: 'Access to port denied' }],
    ['lost', 'no answer'],
    ['ended', 'MicroVM microvm-1 is TERMINATED: The application ended'],
    ['late', 'MicroVM microvm-1 is still PENDING'],
  ])('terminates the MicroVM if the call is %s', async (outcome, expected) => {
    const { answer, calls } = await run(outcome);
    expect(answer).toEqual(expected);
    expect(calls[calls.length - 1]).toEqual(['terminate_microvm', { microvmIdentifier: 'microvm-1' }]);
  });
});
