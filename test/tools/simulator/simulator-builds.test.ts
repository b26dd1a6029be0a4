import * as fs from 'fs';
import * as http from 'http';
import type { AddressInfo } from 'net';
import * as os from 'os';
import * as path from 'path';
import { strToU8, zipSync } from 'fflate';
import { MINIMAL_IMAGE } from './simulator-client';
import { Application } from '../../../tools/simulator/application';
import type { AwsAccess, RoleRequest } from '../../../tools/simulator/aws-access';
import { RealClock } from '../../../tools/simulator/clock';
import type { ContainerImage } from '../../../tools/simulator/container-image';
import { buildContainerImage } from '../../../tools/simulator/container-image';
import { expandVariables, parseDockerfile, splitWords } from '../../../tools/simulator/dockerfile';
import { LocalBuilder } from '../../../tools/simulator/local-builder';
import type { Architecture } from '../../../tools/simulator/rows';
import { SimulatorServer } from '../../../tools/simulator/server';
import { Simulator } from '../../../tools/simulator/simulator';

describe('Dockerfile', () => {
  test('instructions span lines, with comments between, in JSON and in shell form', () => {
    const { stages } = parseDockerfile([
      '# syntax=docker/dockerfile:1', '', 'ARG TAG=22', 'FROM node:${TAG} AS Build', 'RUN one \\', '  # a comment', '', '  && two',
      'copy --chown=1:1 --from=0 ["a b", "c"] /to/', 'FROM build', 'CMD ["node", "server.js"]', 'ENTRYPOINT exec node x.js',
    ].join('\n'));
    expect(stages.map(({ base, name }) => [base, name])).toEqual([['node:${TAG}', 'build'], ['build', undefined]]);
    expect(stages[0].instructions).toMatchObject([
      { keyword: 'RUN', line: 5, text: 'one   && two' },
      { keyword: 'COPY', line: 9, flags: { chown: '1:1', from: '0' }, text: '["a b", "c"] /to/' },
    ]);
    expect(stages[1].instructions).toMatchObject([{ keyword: 'CMD', json: ['node', 'server.js'] }, { keyword: 'ENTRYPOINT', text: 'exec node x.js' }]);
  });

  test('a here-document is part of its instruction', () => {
    const { stages } = parseDockerfile('FROM scratch\nCOPY <<EOF /greeting\nFOO hello\nEOF\nCMD ["node"]\n');
    expect(stages[0].instructions).toMatchObject([{ keyword: 'COPY', hereDocuments: { EOF: 'FOO hello\n' } }, { keyword: 'CMD' }]);
  });

  test.each([
    ['FROM a\n\nFOO bar', 'dockerfile parse error on line 3: unknown instruction: FOO'],
    ['RUN x', 'dockerfile parse error on line 1: no build stage in current context'],
    ['# nothing', 'file with no instructions'],
    ['FROM a b', 'dockerfile parse error on line 1: FROM requires either one or three arguments'],
    ['FROM a\nCOPY x', 'dockerfile parse error on line 2: COPY requires at least two arguments, but only one was provided. Destination could not be determined'],
    ['FROM a\nCOPY --frm=x a b', 'dockerfile parse error on line 2: unknown flag: --frm'],
    ['FROM a\nSHELL bash', 'dockerfile parse error on line 2: SHELL requires the arguments to be in JSON form'],
    ['FROM a\nRUN <<EOF\nx', 'dockerfile parse error on line 2: unterminated heredoc'],
  ])('fails with the message of docker: %j', (text, message) => {
    expect(() => parseDockerfile(text)).toThrow(`failed to solve: ${message}`);
  });

  test('words and variables are parsed as in a shell', () => {
    expect(splitWords('a "b c" d\\ e \'f "g"\' h"i"')).toEqual(['a', 'b c', 'd e', 'f "g"', 'hi']);
    expect(expandVariables('$A ${A}b ${C:-d$A} ${A:+e} \\$A $none.', { A: '1' })).toBe('1 1b d1 e $A .');
  });
});

const DIGEST = 'a'.repeat(64);

describe('container image', () => {
  let directory: string;
  beforeEach(() => (directory = fs.mkdtempSync(path.join(os.tmpdir(), 'container-'))));
  afterEach(() => fs.rmSync(directory, { recursive: true }));

  let log: string[];
  beforeEach(() => (log = []));

  async function build(dockerfile: string, files: Record<string, string> = {}, architecture: Architecture = 'ARM_64'): Promise<ContainerImage> {
    const context = path.join(directory, 'context');
    for (const [name, content] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(path.join(context, name)), { recursive: true });
      fs.writeFileSync(path.join(context, name), content);
    }
    const dependencies = { log: (line: string) => log.push(line), mayPull: async () => false };
    return buildContainerImage({ dockerfile: parseDockerfile(dockerfile), context, output: directory, architecture, ...dependencies });
  }

  test('COPY copies files, also from another stage', async () => {
    const image = await build([
      'FROM public.ecr.aws/lambda/microvms:al2023-minimal AS build', 'ARG DIR=lib', 'WORKDIR /src', 'COPY package.json ./', 'COPY $DIR $DIR/', 'COPY *.js out/',
      'FROM scratch', 'ENV HOME_DIR=/app NAME="two words"', 'WORKDIR $HOME_DIR', 'COPY --from=build /src .', 'EXPOSE 8080/tcp', 'CMD ["node", "out/a.js"]',
    ].join('\n'), { 'package.json': '{}', 'lib/x/y.txt': 'y', 'a.js': 'a', 'b.js': 'b' });
    const all = fs.readdirSync(image.root, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile()).map(entry => entry.name).sort();
    expect(all).toEqual(['a.js', 'b.js', 'package.json', 'y.txt']);
    expect(fs.readFileSync(path.join(image.root, 'app/lib/x/y.txt'), 'utf8')).toBe('y');
    expect(image).toMatchObject({ workingDirectory: '/app', environment: { NAME: 'two words' }, command: ['node', 'out/a.js'], exposedPorts: [8080] });
  });

  test.each([
    ['a missing file', 'COPY missing.txt .', '"/missing.txt": not found'],
    ['a file outside the context', 'COPY ../secret .', '"/secret": not found'],
    ['a file that .dockerignore excludes', 'COPY .env .', '"/.env": not found'],
  ])('fails to copy %s', async (_what, copy, message) => {
    const files = { '.env': 'A=1', '.dockerignore': '.env\n' };
    await expect(build(`FROM scratch\n${copy}`, files)).rejects.toThrow(`failed to compute cache key: failed to calculate checksum of ref: ${message}`);
  });

  test.each([
    ['Not-A-Reference!', 'invalid reference format'],
    ['registry.invalid/x', 'no such host'],
    ['public.ecr.aws/lambda/microvms:latest', 'not found'],
    ['123456789012.dkr.ecr.us-east-1.amazonaws.com/private:1', '403 Forbidden'],
  ])('fails for the base image %s', async (base, message) => {
    await expect(build(`FROM ${base}`)).rejects.toThrow(message);
  });

  test('COPY --from goes on without files that RUN or another image would have provided, and says so', async () => {
    await build('FROM node:22 AS build\nRUN python3 -m venv /venv\nFROM scratch\nCOPY --from=build /venv /venv');
    expect(log.join('\n')).toContain('not copied: /venv is made by RUN or part of node:22;');
    await build('FROM ghcr.io/astral-sh/uv:0.9 AS uv\nFROM scratch\nCOPY --from=uv /uv /bin/');
    expect(log.join('\n')).toContain('not copied: /uv is part of ghcr.io/astral-sh/uv:0.9;');
    await expect(build('FROM scratch AS files\nFROM scratch\nCOPY --from=files /none /')).rejects.toThrow('"/none": not found');
  });

  test.each([['ARM_64', 'arm64'], ['X86_64', 'amd64']] as const)('docker defines the platform of %s as arguments', async (architecture, processor) => {
    const dockerfile = 'FROM scratch\nARG TARGETARCH\nARG TARGETPLATFORM\nENV PLATFORM=$TARGETPLATFORM\nCOPY app-${TARGETARCH} /app';
    const image = await build(dockerfile, { [`app-${processor}`]: processor }, architecture);
    expect(fs.readFileSync(path.join(image.root, 'app'), 'utf8')).toBe(processor);
    expect(image.environment).toEqual({ PLATFORM: `linux/${processor}` });
  });

  test('accepts a base image with the name of a public image', async () => {
    for (const base of ['node:22-alpine', 'public.ecr.aws/docker/library/python:3.13', 'postgres:17', 'someone/image@sha256:' + DIGEST,
      'public.ecr.aws/lambda/microvms:al2023-minimal@sha256:' + DIGEST]) {
      await expect(build(`FROM ${base}`)).resolves.toBeDefined();
    }
  });
});

const SERVER = `
const http = require('http');
const calls = [];
http.createServer((request, response) => {
  let body = '';
  request.on('data', chunk => (body += chunk));
  request.on('end', () => {
    const hook = /runtime\\/v1\\/(\\w+)/.exec(request.url)?.[1];
    if (hook !== undefined) calls.push([hook, body]);
    if (hook !== undefined && hook === process.env.BROKEN_HOOK) response.writeHead(400);
    if (hook === 'ready' && calls.length === 1) response.writeHead(503);
    response.end(JSON.stringify({ calls, image: process.env.AWS_LAMBDA_MICROVM_IMAGE_NAME, greeting: process.env.GREETING, token: request.headers['x-aws-proxy-auth'] }));
  });
}).listen(process.env.PORT, () => console.log('listening'));
`;
const DOCKERFILE = 'FROM public.ecr.aws/lambda/microvms:al2023-minimal\nENV GREETING=hello\nCOPY server.js /app/\nWORKDIR /app\nRUN npm ci\nCMD ["node", "server.js"]\n';

/** Other AWS services: the content of S3, and the calls that are denied. */
class FakeAws implements AwsAccess {
  readonly objects = new Map<string, Uint8Array>();
  readonly assumed: RoleRequest[] = [];
  readonly log: { readonly group: string; readonly stream: string; readonly message: string }[] = [];
  deny?: 'assumeRole' | 'getObject' | 'putLogEvents';

  put(key: string, files: Record<string, string>): void {
    this.objects.set(key, zipSync(Object.fromEntries(Object.entries(files).map(([name, content]) => [name, strToU8(content)]))));
  }

  async assumeRole(request: RoleRequest) {
    this.assumed.push(request);
    this.check('assumeRole');
    return { accessKeyId: 'key', secretAccessKey: 'secret', sessionToken: request.roleArn };
  }

  async getObject(_credentials: unknown, _bucket: string, key: string) {
    this.check('getObject');
    return this.objects.get(key) ?? fail('NoSuchKey', 'The specified key does not exist.');
  }

  async putLogEvents(credentials: { sessionToken: string }, group: string, stream: string, events: readonly { message: string }[]) {
    expect(credentials.sessionToken).toContain(':role/');
    this.check('putLogEvents');
    this.log.push(...events.map(({ message }) => ({ group, stream, message })));
  }

  async mayPull() {
    return false;
  }

  private check(call: string): void {
    if (this.deny === call) fail('AccessDenied', `not authorized to perform: ${call}`);
  }
}

function fail(name: string, message: string): never {
  throw Object.assign(new Error(message), { name });
}

describe('real builds', () => {
  const LOGGING = { cloudWatch: { logGroup: 'build-log' } };
  const HOOKS = {
    port: 8080,
    microvmImageHooks: { ready: 'ENABLED', readyTimeoutInSeconds: 5, validate: 'ENABLED' },
    microvmHooks: { run: 'ENABLED', runTimeoutInSeconds: 5 },
  };
  let aws: FakeAws;
  let builder: LocalBuilder;
  let server: SimulatorServer;
  let simulator: Simulator;

  beforeEach(async () => {
    aws = new FakeAws();
    aws.put('code.zip', { 'Dockerfile': DOCKERFILE, 'server.js': SERVER });
    builder = new LocalBuilder({ aws });
    simulator = new Simulator({ clock: new RealClock(50), builder });
    server = await SimulatorServer.start({ simulator });
  });

  afterEach(async () => server.stop());

  async function call(method: string, url: string, body?: object): Promise<any> {
    const answer = await fetch(`${server.url}/2025-09-09${url}`, { method, body: body && JSON.stringify(body) });
    return answer.json();
  }

  /** Creates an image and waits for its builds. @returns the reasons of failed builds. */
  async function build(more: object = {}): Promise<string[]> {
    const { imageArn } = await call('POST', '/microvm-images', { name: 'image', ...MINIMAL_IMAGE, logging: LOGGING, ...more });
    await until(async () => (await call('GET', `/microvm-images/${imageArn}`)).state !== 'CREATING');
    const { items } = await call('GET', `/microvm-images/${imageArn}/versions/1.0/builds`);
    return items.map((item: any) => item.stateReason).filter((reason: unknown) => reason !== null);
  }

  async function until(condition: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 10_000;
    while (!(await condition())) {
      if (Date.now() > deadline) throw new Error('the builds did not finish in time');
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  }

  async function ask(endpoint: string, headers: Record<string, string>): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const request = http.request(server.url, { headers: { ...headers, host: endpoint } }, response => {
        let text = '';
        response.on('data', chunk => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      });
      request.on('error', reject).end();
    });
  }

  test('builds an image from a directory, whose server answers at the endpoint of a MicroVM', async () => {
    expect(await build({ hooks: HOOKS, environmentVariables: { EXTRA: '1' } })).toEqual([]);
    expect(aws.assumed[0]).toMatchObject({
      roleArn: MINIMAL_IMAGE.buildRoleArn,
      sourceArn: 'arn:aws:lambda:us-east-1:123456789012:microvm-image:image',
      sourceAccount: '123456789012',
    });
    const messages = aws.log.map(({ message }) => message);
    expect(messages).toEqual(expect.arrayContaining([expect.stringContaining('COPY server.js /app/'), 'listening', 'build successful']));
    expect(aws.log[0]).toMatchObject({ group: 'build-log', stream: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\[1\.0\]microvm-/) });

    const { microvmId, endpoint } = await call('POST', '/microvms', {
      imageIdentifier: simulator.images()[0].arn,
      runHookPayload: '{"seed":1}',
      idlePolicy: { maxIdleDurationSeconds: 28800, suspendedDurationSeconds: 28800, autoResumeEnabled: true },
    });
    await until(async () => (await call('GET', `/microvms/${microvmId}`)).state === 'RUNNING');
    const { authToken } = await call('POST', `/microvms/${microvmId}/auth-token`, { expirationInMinutes: 60, allowedPorts: [{ port: 8080 }] });
    const token = { 'X-aws-proxy-auth': authToken['X-aws-proxy-auth'] };
    const served = await ask(endpoint, token);
    expect(JSON.parse(served.text)).toEqual({
      calls: [['run', JSON.stringify({ microvmId, runHookPayload: '{"seed":1}' })]],
      image: 'image',
      greeting: 'hello',
    });
    expect(await ask(endpoint, {})).toEqual({ status: 403, text: 'Request missing authentication' });
    expect(await ask(endpoint, { ...token, 'X-aws-proxy-port': '9000' })).toEqual({ status: 403, text: 'Access to port denied' });

    await call('POST', `/microvms/${microvmId}/suspend`);
    await until(async () => (await call('GET', `/microvms/${microvmId}`)).state === 'SUSPENDED');
    expect((await ask(endpoint, token)).status).toBe(200);

    const state = await (await fetch(`${server.url}/_simulator/state`)).json() as { processes: number[] };
    expect(state.processes).toHaveLength(1);
    expect(await (await fetch(`${server.url}/_simulator/microvms/${microvmId}`)).json()).toEqual({ imageArn: simulator.images()[0].arn });
    await call('DELETE', `/microvms/${microvmId}`);
    await until(async () => (await call('GET', `/microvms/${microvmId}`)).state === 'TERMINATED');
    expect((await ask(endpoint, token)).status).toBe(502);
    expect(builder.processes()).toEqual([]);
  });

  test('a failed run hook terminates the MicroVM with the reason', async () => {
    expect(await build({ hooks: HOOKS, environmentVariables: { BROKEN_HOOK: 'run' } })).toEqual([]);
    const { microvmId } = await call('POST', '/microvms', { imageIdentifier: simulator.images()[0].arn });
    await until(async () => (await call('GET', `/microvms/${microvmId}`)).state === 'TERMINATED');
    expect((await call('GET', `/microvms/${microvmId}`)).stateReason).toBe('Run hook check failed: the application returned a client error (HTTP 4xx) response');
  });

  test.each([
    ['a role that cannot be assumed', 'assumeRole', 'The service is unable to assume the build role provided: not authorized to perform: assumeRole'],
    ['a role that may not read the code', 'getObject', 'S3_ACCESS_DENIED: not authorized to perform: getObject'],
    ['a role that may not write the log', 'putLogEvents', 'The build role could not write the build log: not authorized to perform: putLogEvents'],
  ] as const)('fails for %s', async (_what, denied, reason) => {
    aws.deny = denied;
    expect(await build()).toEqual([reason, reason]);
  });

  test.each([
    ['code that does not exist', { 'other.zip': {} }, 'S3_NO_SUCH_KEY: The specified key does not exist.'],
    ['an archive without a Dockerfile at its root', { 'code.zip': { 'sub/Dockerfile': DOCKERFILE } }, 'ARCHIVE_DOCKERFILE_NOT_FOUND: the archive has no Dockerfile at its root'],
    ['a program that the simulator cannot start', { 'code.zip': { Dockerfile: 'FROM scratch\nCMD ["uvicorn"]' } },
      'INTERNAL_PLATFORM_ERROR: the simulator starts node and python3 only, not uvicorn; with --no-processes it starts nothing, and all hooks succeed'],
    ['an invalid Dockerfile', { 'code.zip': { Dockerfile: 'FROM scratch\nFOO' } }, 'The container image build failed.'],
  ])('fails for %s', async (_what, objects, reason) => {
    aws.objects.clear();
    for (const [name, files] of Object.entries(objects)) aws.put(name, files as Record<string, string>);
    expect(await build()).toEqual([reason, reason]);
  });

  test('the log of a failed build contains the message of docker', async () => {
    aws.put('code.zip', { Dockerfile: 'FROM scratch\nCOPY missing.txt .' });
    await build();
    expect(aws.log.map(({ message }) => message)).toContain(
      'ERROR: failed to solve: failed to compute cache key: failed to calculate checksum of ref: "/missing.txt": not found');
  });

  test('fails for code that is not an archive', async () => {
    aws.objects.set('code.zip', strToU8('text'));
    expect((await build())[0]).toMatch(/^ARCHIVE_INVALID: /);
  });

  test.each([
    ['a failing hook', { BROKEN_HOOK: 'validate' }, 8080, 'Validate hook check failed: the application returned a client error (HTTP 4xx) response'],
    ['hooks on a port without a listener', { PORT: '80' }, 9000, 'Ready hook invocation timed out after PT1S. The simulator adds: nothing listens '
      + 'on the port in PORT_9000. Many servers share this host, so a server must listen on the port in PORT_9000 instead of 9000'],
  ])('fails for %s', async (_what, environmentVariables, port, reason) => {
    const hooks = { port, microvmImageHooks: { ready: 'ENABLED', readyTimeoutInSeconds: 1, validate: 'ENABLED' } };
    expect(await build({ hooks, environmentVariables })).toEqual([reason, reason]);
  });

  test('a server with a constant port fails with a reason that says what to change', async () => {
    aws.put('code.zip', { 'Dockerfile': DOCKERFILE, 'server.js': 'console.log("port 8080 is in use"); process.exit(3);' });
    const hooks = { port: 8080, microvmImageHooks: { ready: 'ENABLED', readyTimeoutInSeconds: 1 } };
    const [reason] = await build({ hooks });
    expect(reason).toBe('Ready hook invocation timed out after PT1S. The simulator adds: the application exited with code 3; its log says why. '
      + 'Many servers share this host, so a server must listen on the port in PORT instead of 8080');
  });

  test('without processes, an image with any command is built, its hooks succeed, and a placeholder serves its MicroVMs', async () => {
    const placeholder = http.createServer((_request, response) => response.end('placeholder')).listen(0, '127.0.0.1');
    await new Promise(resolve => placeholder.once('listening', resolve));
    const files = new LocalBuilder({ aws, placeholderPort: (placeholder.address() as AddressInfo).port });
    await server.stop();
    simulator = new Simulator({ clock: new RealClock(50), builder: files });
    server = await SimulatorServer.start({ simulator });
    aws.put('code.zip', { Dockerfile: 'FROM python:3.13\nCMD ["uvicorn", "app:app"]' });
    expect(await build({ hooks: HOOKS })).toEqual([]);
    const { microvmId, endpoint } = await call('POST', '/microvms', { imageIdentifier: simulator.images()[0].arn });
    await until(async () => (await call('GET', `/microvms/${microvmId}`)).state === 'RUNNING');
    const { authToken } = await call('POST', `/microvms/${microvmId}/auth-token`, { expirationInMinutes: 60, allowedPorts: [{ allPorts: {} }] });
    expect(await ask(endpoint, { 'X-aws-proxy-auth': authToken['X-aws-proxy-auth'] })).toEqual({ status: 200, text: 'placeholder' });
    expect(files.processes()).toEqual([]);
    await new Promise(resolve => placeholder.close(resolve));
  });

  test('builds for an Intel chipset with its platform, and logs which chipset it is', async () => {
    aws.put('code.zip', { Dockerfile: 'FROM scratch\nARG TARGETARCH\nCOPY $TARGETARCH /app', amd64: 'binary' });
    expect(await build({ cpuConfigurations: [{ architecture: 'X86_64' }] })).toEqual([]);
    expect(aws.log.map(({ message }) => message)).toContain('build of version 1.0 for Intel 8');
  });

  test('an application reads an additional port from its own variable', async () => {
    const root = fs.mkdtempSync(path.join(os.tmpdir(), 'application-'));
    fs.writeFileSync(path.join(root, 'a.py'), 'import os\nprint(os.environ["PORT_9000"], os.environ["PORT"])\n');
    const output: string[] = [];
    const image = { root, environment: { PORT: '80' }, workingDirectory: '/', command: 'python3 /a.py', exposedPorts: [], missing: [] };
    const application = await Application.start({ image, environment: {}, hooksPort: 9000, onOutput: line => output.push(line) });
    const ports = `${application.localPort(9000)} ${application.localPort(80)}`;
    await until(async () => application.processId === undefined);
    expect(output).toEqual([ports, 'the application exited with code 0']);
    expect(application.localPort(1234)).toBeUndefined();
    fs.rmSync(root, { recursive: true });
  });
});
