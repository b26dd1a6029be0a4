import { CreateMicrovmImageCommand, GetMicrovmImageCommand, LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import { BASE_IMAGE, BUILD_ROLE, MINIMAL_IMAGE, SimulatorClient, vpcEgress } from './simulator-client';
import { buildsInOrder } from '../../../tools/simulator/builder';
import { RealClock, VirtualClock } from '../../../tools/simulator/clock';
import { faultsFrom } from '../../../tools/simulator/faults';
import { InProcessHandler } from '../../../tools/simulator/in-process';
import type { Simulator } from '../../../tools/simulator/simulator';

const HTTP_INGRESS = 'arn:aws:lambda:us-east-1:aws:network-connector:aws-network-connector:HTTP_INGRESS';
const SHELL_INGRESS = 'arn:aws:lambda:us-east-1:aws:network-connector:aws-network-connector:SHELL_INGRESS';

describe('virtual clock', () => {
  test('timers fire by time, then in the order in which they were set, without real sleeping', async () => {
    const clock = new VirtualClock(0);
    const fired: string[] = [];
    clock.after(3_600_000, () => fired.push('hour'));
    clock.after(1000, () => fired.push('first'));
    clock.after(1000, () => fired.push('second'));
    clock.after(500, () => fired.push('cancelled'))();
    const started = Date.now();
    await clock.run();
    expect(fired).toEqual(['first', 'second', 'hour']);
    expect(clock.now()).toBe(3_600_000);
    expect(Date.now() - started).toBeLessThan(1000);
  });

  test('concurrent tasks interleave at their sleeps', async () => {
    const clock = new VirtualClock(0);
    const seen: string[] = [];
    const poll = async (name: string, ms: number) => {
      for (let turn = 0; turn < 3; turn++) {
        await clock.sleep(ms);
        seen.push(`${name}@${clock.now()}`);
      }
    };
    await Promise.all([poll('a', 20), poll('b', 30), clock.run()]);
    expect(seen).toEqual(['a@20', 'b@30', 'a@40', 'b@60', 'a@60', 'b@90']);
  });

  test('a run stops at the given time, or when the condition holds', async () => {
    const clock = new VirtualClock(0);
    let ticks = 0;
    const tick = () => { ticks++; clock.after(10, tick); };
    tick();
    await clock.run(35);
    expect([ticks, clock.now()]).toEqual([4, 35]);
    await clock.run(() => ticks === 10);
    expect([ticks, clock.now()]).toEqual([10, 90]);
  });

  test('fails with the error of a task that throws', async () => {
    const clock = new VirtualClock(0);
    clock.after(10, () => { throw new Error('thrown'); });
    await expect(clock.run()).rejects.toThrow('thrown');
  });

  test('a real clock can be faster than the machine', async () => {
    const clock = new RealClock(1000);
    const before = clock.now();
    await clock.sleep(10_000);
    expect(clock.now() - before).toBeGreaterThanOrEqual(9_000);
  });
});

describe('validation', () => {
  test.each([
    ['a pattern', { name: 'bad name!' }, "1 validation error detected: Value 'bad name!' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9-_]+"],
    ['a missing member', { baseImageArn: undefined }, "1 validation error detected: Value null at 'baseImageArn' failed to satisfy constraint: Member must not be null"],
    ['two errors', { name: 'x'.repeat(65), clientToken: '' }, "2 validation errors detected: Value '" + 'x'.repeat(65) + "' at 'name' failed to satisfy constraint: Member must have length less than or equal to 64; Value '' at 'clientToken' failed to satisfy constraint: Member must have length greater than or equal to 1"],
    ['a range', { hooks: { port: 70000 } }, "1 validation error detected: Value '70000' at 'hooks.port' failed to satisfy constraint: Member must have value less than or equal to 65535"],
    ['an enumeration', { cpuConfigurations: [{ architecture: 'MIPS' }] }, "1 validation error detected: Value 'MIPS' at 'cpuConfigurations.1.member.architecture' failed to satisfy constraint: Member must satisfy enum value set: [ARM_64, X86_64]"],
    ['a list', { egressNetworkConnectors: ['a', 'b'] }, "1 validation error detected: Value '[a, b]' at 'egressNetworkConnectors' failed to satisfy constraint: Member must have length less than or equal to 1"],
    ['an unsupported memory size', { resources: [{ minimumMemoryInMiB: 1000 }] }, 'The requested memory size 1000 MiB is not supported. Supported memory sizes are [512, 1024, 2048, 4096, 8192]'],
    ['a port without a hook', { hooks: { port: 8080 } }, 'At least one MicroVM hook or MicroVM image hook must be enabled when the hooks port is specified'],
    ['a runtime hook without the ready hook', { hooks: { port: 80, microvmHooks: { run: 'ENABLED' } } }, 'The ready hook must be enabled when a MicroVM hook is enabled'],
    ['a reserved variable', { environmentVariables: { AWS_REGION: 'x' } }, 'The environment variable key AWS_REGION is reserved'],
    ['a base version in the form of answers', { baseImageVersion: '1.0' }, 'Invalid base image version: 1.0'],
    ['code outside S3', { codeArtifact: { uri: 'registry/image' } }, 'Invalid code artifact URI: registry/image. The URI must have the form s3://bucket/key'],
  ])('fails for %s with the message of the service', async (_what, change, message) => {
    const answer = await new SimulatorClient().createImage('image', change);
    expect(answer).toMatchObject({ status: 400, errorType: 'ValidationException', body: { message } });
  });

  test('fails without repeating secrets', async () => {
    const answer = await new SimulatorClient().createImage('image', { environmentVariables: { KEY: 's3cret'.repeat(1000) } });
    expect(answer.status).toBe(400);
    expect(answer.body.message).toContain("Value at 'environmentVariables' failed");
    expect(answer.body.message).not.toContain('s3cret');
  });

  test('fails for a wrong JSON type before any constraint', async () => {
    const answer = await new SimulatorClient().createImage('bad name!', { description: 7 });
    expect(answer).toMatchObject({ status: 400, errorType: 'SerializationException', body: { Message: 'NUMBER_VALUE can not be converted to a String' } });
  });

  test('fails for identifiers that are not ARNs of this account', async () => {
    const client = new SimulatorClient();
    const get = async (identifier: string) => client.call('GET', `/2025-09-09/microvm-images/${encodeURIComponent(identifier)}`);
    expect(await get('name')).toMatchObject({ status: 400, body: { message: 'Invalid ARN format: name' } });
    expect(await get('arn:aws:lambda:us-east-1:111122223333:microvm-image:x')).toMatchObject({ status: 403, errorType: 'AccessDeniedException' });
    expect(await get('arn:aws:lambda:us-east-1:123456789012:microvm-image/x')).toMatchObject({ status: 403 });
    expect(await get(client.imageArn('x'))).toMatchObject({ status: 404, errorType: 'ResourceNotFoundException' });
  });
});

describe('images', () => {
  test('builds the first version, which becomes active automatically', async () => {
    const client = new SimulatorClient();
    expect(await client.createImage('image', { tags: { a: '1' } })).toMatchObject({ status: 201, body: { state: 'CREATING', imageVersion: '1.0' } });
    expect((await client.image('GET', 'image', '/versions/1.0')).body).toMatchObject({ state: 'PENDING', status: 'INACTIVE' });
    await client.pass(10);
    expect((await client.image('GET', 'image', '/versions/1.0')).body).toMatchObject({ state: 'IN_PROGRESS' });
    await client.settle();
    expect((await client.image('GET', 'image')).body).toMatchObject({ state: 'CREATED', latestActiveImageVersion: '1.0', tags: { a: '1' } });
    expect((await client.image('GET', 'image', '/versions/1.0')).body).toMatchObject({ state: 'SUCCESSFUL', status: 'ACTIVE' });
  });

  test('a failed build uses up a number, has its reason only on the build, and leaves the old version active', async () => {
    const client = new SimulatorClient({ plan: buildsInOrder([{}, { failures: { 3: 'The container image build failed.' } }, {}]) });
    await client.createImage('image');
    await client.settle();
    await client.updateImage('image');
    await client.settle();
    expect((await client.image('GET', 'image')).body).toMatchObject({ state: 'UPDATE_FAILED', latestActiveImageVersion: '1.0', latestFailedImageVersion: '2.0' });
    expect((await client.image('GET', 'image', '/versions/2.0')).body).toMatchObject({ state: 'FAILED', stateReason: null });
    const { items } = (await client.image('GET', 'image', '/versions/2.0/builds')).body;
    expect(items).toMatchObject([
      { chipsetGeneration: '4', buildState: 'SUCCESSFUL', stateReason: null },
      { chipsetGeneration: '3', buildState: 'FAILED', stateReason: 'The container image build failed.' },
    ]);
    expect((await client.updateImage('image')).body.imageVersion).toBe('3.0');
  });

  test('an update always builds and replaces the whole configuration', async () => {
    const client = new SimulatorClient();
    await client.createImage('image', { description: 'first', environmentVariables: { A: '1' } });
    await client.settle();
    expect((await client.updateImage('image')).body).toMatchObject({ imageVersion: '2.0', state: 'UPDATING', description: null, environmentVariables: null });
  });

  test('fails to change anything while an image is updating', async () => {
    const client = new SimulatorClient();
    await client.createImage('image');
    await client.settle();
    await client.updateImage('image');
    const busy = { status: 409, errorType: 'ConflictException', body: { message: 'MicroVM Image is already in state: UPDATING' } };
    expect(await client.updateImage('image')).toMatchObject(busy);
    expect(await client.image('PATCH', 'image', '/versions/1.0', { status: 'INACTIVE' })).toMatchObject(busy);
    expect(await client.image('DELETE', 'image', '/versions/1.0')).toMatchObject(busy);
    expect(await client.image('DELETE', 'image')).toMatchObject({ status: 400, body: { message: 'Cannot delete MicroVM image in its current state: UPDATING' } });
  });

  test('deleting a version keeps the image in UPDATING for a while, and the last version cannot be deleted', async () => {
    const client = new SimulatorClient();
    await client.createImage('image');
    await client.settle();
    await client.updateImage('image');
    await client.settle();
    expect((await client.image('DELETE', 'image', '/versions/2.0')).body.state).toBe('DELETING');
    expect((await client.image('GET', 'image')).body).toMatchObject({ state: 'UPDATING', latestActiveImageVersion: '1.0' });
    expect(await client.image('DELETE', 'image')).toMatchObject({ status: 400, body: { message: 'Cannot delete MicroVM image in its current state: UPDATING' } });
    await client.settle();
    expect((await client.image('GET', 'image', '/versions')).body.items).toMatchObject([{ imageVersion: '1.0' }]);
    expect(await client.image('DELETE', 'image', '/versions/1.0')).toMatchObject({ status: 400, body: { message: 'This is the last version. Please delete the entire image' } });
    expect((await client.updateImage('image')).body.imageVersion).toBe('3.0');
  });

  test('a name stays reserved until the image is completely deleted', async () => {
    const client = new SimulatorClient();
    await client.createImage('image');
    await client.settle();
    expect((await client.image('DELETE', 'image')).body.state).toBe('DELETING');
    expect(await client.createImage('image', { description: 'again' })).toMatchObject({
      status: 400, body: { message: "A MicroVM image with the name 'image' already exists in this account" },
    });
    await client.pass(60);
    expect((await client.image('GET', 'image')).status).toBe(404);
    expect((await client.createImage('image', { description: 'again' })).status).toBe(201);
  });

  test('a hung build can neither be canceled nor deleted', async () => {
    const client = new SimulatorClient({ plan: () => ({ hangs: true }) });
    await client.createImage('image');
    await client.pass(36_000);
    expect((await client.image('GET', 'image', '/versions/1.0')).body.state).toBe('IN_PROGRESS');
    expect((await client.image('DELETE', 'image')).status).toBe(400);
  });

  test('exceeded quotas return 402 with a null code', async () => {
    const client = new SimulatorClient({ limits: { concurrentBuilds: 1, images: 2, versionsPerImage: 2 } });
    await client.createImage('one');
    const quota = { status: 402, errorType: 'ServiceQuotaExceededException', body: { quotaCode: null } };
    expect(await client.createImage('two')).toMatchObject(quota);
    await client.settle();
    await client.createImage('two');
    await client.settle();
    expect(await client.createImage('three')).toMatchObject(quota);
    await client.updateImage('one');
    await client.settle();
    expect(await client.updateImage('one')).toMatchObject(quota);
  });

  test('a filter can leave a page empty before the end of the list', async () => {
    const client = new SimulatorClient();
    for (const name of ['a-1', 'a-2', 'b-1']) client.simulator.addForeignImage(name);
    const list = async (query: Record<string, string>) => (await client.call('GET', '/2025-09-09/microvm-images', undefined, query)).body;
    const first = await list({ nameFilter: 'b-', maxResults: '2' });
    expect(first.items).toEqual([]);
    expect((await list({ nameFilter: 'b-', maxResults: '2', nextToken: first.nextToken })).items).toMatchObject([{ name: 'b-1' }]);
  });

  test('uses the newest available base version if the request names none', async () => {
    const client = new SimulatorClient();
    client.simulator.publishBaseVersion('2');
    expect((await client.createImage('newest')).body.baseImageVersion).toBe('2.0');
    client.simulator.deprecateBaseVersion('2');
    expect((await client.createImage('available')).body.baseImageVersion).toBe('1.0');
    expect((await client.createImage('pinned', { baseImageVersion: '2' })).body.baseImageVersion).toBe('2.0');
    const { items } = (await client.call('GET', `/2025-09-09/managed-microvm-images/${BASE_IMAGE}/versions`)).body;
    expect(items.map((item: any) => [item.imageVersion, item.status])).toEqual([['2', 'DEPRECATED'], ['1', 'AVAILABLE'], ['0', 'AVAILABLE']]);
  });

  test('tags can be changed at any time without a build', async () => {
    const client = new SimulatorClient();
    await client.createImage('image', { tags: { a: '1', b: '2' } });
    const tags = `/2017-03-31/tags/${encodeURIComponent(client.imageArn('image'))}`;
    expect((await client.call('POST', tags, { Tags: { a: '3' } })).status).toBe(204);
    expect((await client.call('DELETE', tags, undefined, { tagKeys: ['b'] })).status).toBe(204);
    expect((await client.call('GET', tags)).body).toEqual({ Tags: { a: '3' } });
    expect(client.simulator.startedBuilds()).toHaveLength(1);
  });
});

describe('client tokens', () => {
  test('the same request returns the same answer, even after its resource was deleted', async () => {
    const client = new SimulatorClient();
    const first = await client.createImage('image', { clientToken: 'token' });
    await client.settle();
    await client.image('DELETE', 'image');
    await client.pass(60);
    expect((await client.createImage('image', { clientToken: 'token' })).body).toEqual(first.body);
    expect(client.simulator.images()).toHaveLength(0);
    expect(client.simulator.startedBuilds()).toMatchObject([{ clientToken: 'token', imageVersion: '1.0' }]);
  });

  test('fails for another request with a used token', async () => {
    const client = new SimulatorClient();
    await client.createImage('image', { clientToken: 'token' });
    expect(await client.createImage('image', { clientToken: 'token', description: 'x' })).toMatchObject({ status: 400, errorType: 'ValidationException' });
  });

  test('a rejected request does not use up its token', async () => {
    const client = new SimulatorClient({ limits: { concurrentBuilds: 0 } });
    expect((await client.createImage('image', { clientToken: 'token' })).status).toBe(402);
    client.simulator.changeSettings({ limits: { concurrentBuilds: 1 } });
    expect((await client.createImage('image', { clientToken: 'token' })).status).toBe(201);
  });
});

describe('MicroVMs', () => {
  async function withImage(more: object = {}): Promise<SimulatorClient> {
    const client = new SimulatorClient();
    await client.createImage('image', more);
    await client.settle();
    return client;
  }

  test('a MicroVM starts, is suspended, resumed and terminated, and stays in the list for a while', async () => {
    const client = await withImage();
    const { microvmId } = (await client.runMicrovm('image')).body;
    const state = async () => (await client.microvm('GET', microvmId)).body.state;
    expect(await state()).toBe('PENDING');
    await client.settle();
    expect(await state()).toBe('RUNNING');
    await client.microvm('POST', microvmId, '/suspend');
    expect(await state()).toBe('SUSPENDING');
    await client.settle();
    expect(await state()).toBe('SUSPENDED');
    await client.microvm('POST', microvmId, '/resume');
    await client.pass(2);
    expect(await state()).toBe('RUNNING');
    expect(await client.image('DELETE', 'image')).toMatchObject({ status: 400, body: { message: 'Cannot delete microvm image with running microvms.' } });
    await client.microvm('DELETE', microvmId);
    expect(await state()).toBe('TERMINATING');
    expect((await client.image('DELETE', 'image')).status).toBe(400);
    await client.settle();
    expect((await client.microvm('GET', microvmId)).body).toMatchObject({ state: 'TERMINATED', stateReason: 'Success.' });
    expect((await client.microvm('DELETE', microvmId)).status).toBe(200);
    expect((await client.image('DELETE', 'image')).status).toBe(200);
    await client.pass(7200);
    expect((await client.microvm('GET', microvmId)).status).toBe(404);
  });

  test('an idle MicroVM is suspended, then terminated', async () => {
    const client = await withImage();
    const idlePolicy = { maxIdleDurationSeconds: 60, suspendedDurationSeconds: 120, autoResumeEnabled: true };
    const { microvmId } = (await client.runMicrovm('image', { idlePolicy })).body;
    await client.pass(70);
    expect((await client.microvm('GET', microvmId)).body.state).toBe('SUSPENDED');
    await client.pass(130);
    expect((await client.microvm('GET', microvmId)).body).toMatchObject({ state: 'TERMINATED', stateReason: 'MicroVM exceeded maximum lifetime.' });
  });

  test('the maximum duration terminates a MicroVM, and counts the time in which it is suspended', async () => {
    const client = await withImage();
    const idlePolicy = { maxIdleDurationSeconds: 60, suspendedDurationSeconds: 28800, autoResumeEnabled: true };
    const { microvmId } = (await client.runMicrovm('image', { maximumDurationInSeconds: 300, idlePolicy })).body;
    await client.pass(290);
    expect((await client.microvm('GET', microvmId)).body.state).toBe('SUSPENDED');
    await client.pass(20);
    expect((await client.microvm('GET', microvmId)).body).toMatchObject({ state: 'TERMINATED', stateReason: 'MicroVM exceeded maximum lifetime.' });
  });

  test('fails to suspend or resume a terminated MicroVM, and terminates it again without an error', async () => {
    const client = await withImage();
    const { microvmId } = (await client.runMicrovm('image')).body;
    await client.microvm('DELETE', microvmId);
    await client.settle();
    const message = `The MicroVM ${microvmId} has been terminated and its state cannot be changed.`;
    for (const change of ['/suspend', '/resume']) {
      expect(await client.microvm('POST', microvmId, change)).toMatchObject({ status: 400, errorType: 'ValidationException', body: { message } });
    }
    expect(await client.microvm('DELETE', microvmId)).toMatchObject({ status: 200, body: {} });
  });

  test('fails to launch from a version that is not active', async () => {
    const client = await withImage();
    await client.image('PATCH', 'image', '/versions/1.0', { status: 'INACTIVE' });
    const message = `No active version found for MicroVM image ${client.imageArn('image')}`;
    expect(await client.runMicrovm('image')).toMatchObject({ status: 404, body: { message } });
    expect(await client.runMicrovm('image', { imageVersion: '1.0' })).toMatchObject({ status: 404, body: { message } });
  });

  test.each([
    ['a payload without the run hook', { runHookPayload: 'x' }, 'The run hook must be enabled in the MicroVM image to pass the run hook payload'],
    ['logging without a role', { logging: { cloudWatch: { logGroup: 'g' } } }, 'Logging cannot be enabled without providing executionRoleArn'],
    ['an idle policy with a missing member', { idlePolicy: { maxIdleDurationSeconds: 60, autoResumeEnabled: true } }, "1 validation error detected: Value null at 'idlePolicy.suspendedDurationSeconds' failed to satisfy constraint: Member must not be null"],
    ['a payload that is too long', { runHookPayload: 'x'.repeat(4097) }, "1 validation error detected: Value at 'runHookPayload' failed to satisfy constraint: Member must have length less than or equal to 4096"],
    ['a connector by its bare name', { ingressNetworkConnectors: ['HTTP_INGRESS'] }, 'Malformed network connector ARN: HTTP_INGRESS'],
    ['a managed connector that does not exist', { egressNetworkConnectors: [HTTP_INGRESS.replace('HTTP_INGRESS', 'NO_EGRESS')] }, `Unrecognized managed network connector ARN: ${HTTP_INGRESS.replace('HTTP_INGRESS', 'NO_EGRESS')}`],
  ])('fails for %s', async (_what, more, message) => {
    const client = await withImage();
    expect(await client.runMicrovm('image', more)).toMatchObject({ status: 400, body: { message } });
  });

  test('tokens have five parts, and shell tokens need shell ingress', async () => {
    const client = await withImage();
    const plain = (await client.runMicrovm('image')).body.microvmId;
    const shell = (await client.runMicrovm('image', { ingressNetworkConnectors: [HTTP_INGRESS, SHELL_INGRESS] })).body.microvmId;
    const token = (await client.microvm('POST', plain, '/auth-token', { expirationInMinutes: 5, allowedPorts: [{ port: 80 }] })).body.authToken['X-aws-proxy-auth'];
    expect(token.split('.')).toHaveLength(5);
    expect(token.split('.')[1]).toBe('');
    expect((await client.microvm('POST', plain, '/shell-auth-token', { expirationInMinutes: 5 })).status).toBe(400);
    expect((await client.microvm('POST', shell, '/shell-auth-token', { expirationInMinutes: 5 })).status).toBe(200);
    expect((await client.microvm('POST', plain, '/auth-token', { expirationInMinutes: 61, allowedPorts: [{ allPorts: {} }] })).body.message)
      .toContain('Member must have value less than or equal to 60');
  });

  test('a token is valid only for its MicroVM and ports, until it expires', async () => {
    const client = await withImage();
    const [mine, other] = [(await client.runMicrovm('image')).body.microvmId, (await client.runMicrovm('image')).body.microvmId];
    const token = (await client.microvm('POST', mine, '/auth-token', {
      expirationInMinutes: 5, allowedPorts: [{ port: 80 }, { range: { startPort: 8000, endPort: 8080 } }],
    })).body.authToken['X-aws-proxy-auth'];
    const { endpointTokens } = client.simulator.microvmsService;
    expect([80, 8040, 81].map(port => endpointTokens.check(token, mine, port))).toEqual(['accepted', 'accepted', 'port-denied']);
    expect(endpointTokens.check(token, other, 80)).toBe('rejected');
    expect(endpointTokens.check('not-a-token', mine, 80)).toBe('missing');
    await client.pass(301);
    expect(endpointTokens.check(token, mine, 80)).toBe('rejected');
  });

  test('memory beyond the quota of the account returns 402', async () => {
    const client = await withImage();
    client.simulator.changeSettings({ limits: { allocatedMemoryMiB: 4096 } });
    const answers = [await client.runMicrovm('image'), await client.runMicrovm('image'), await client.runMicrovm('image')];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 402]);
    expect(answers[2].body).toEqual({
      message: 'The base maximum allocated memory limit has been reached for this account.',
      quotaCode: null,
      resourceId: null,
      resourceType: null,
      serviceCode: null,
    });
  });
});

describe('network connectors', () => {
  test('a connector becomes active, gets a version per update, and can be deleted while it is in use', async () => {
    const client = new SimulatorClient();
    const { Id, Arn } = (await client.createConnector('connector')).body;
    await client.settle();
    expect((await client.connector('GET', Id)).body).toMatchObject({ State: 'ACTIVE', StateReason: 'Initial creation', LatestVersion: 1, LatestVersionArn: `${Arn}:1` });
    const change = { ClientToken: 'change', Configuration: { VpcEgressConfiguration: vpcEgress({ SubnetIds: ['subnet-2'] }) } };
    expect((await client.connector('PUT', 'connector', '', change)).body).toMatchObject({ State: 'ACTIVE', LastUpdateStatus: 'InProgress' });
    await client.settle();
    expect((await client.connector('GET', Arn)).body).toMatchObject({ LastUpdateStatus: 'Successful', Version: 2 });
    expect((await client.connector('GET', `${Arn}:1`)).body.Configuration.VpcEgressConfiguration.SubnetIds).toEqual(['subnet-1']);
    expect((await client.connector('GET', Id, '/versions')).body.NetworkConnectorVersions.map((item: any) => item.VersionArn)).toEqual([`${Arn}:2`, `${Arn}:1`]);
    expect((await client.connector('DELETE', `${Arn}:2`)).status).toBe(409);
    expect((await client.connector('DELETE', `${Arn}:1`)).status).toBe(202);
    await client.pass(120);
    expect((await client.connector('GET', Id, '/versions')).body.NetworkConnectorVersions).toHaveLength(1);
    expect((await client.connector('DELETE', Id)).body.State).toBe('DELETING');
    await client.pass(120);
    expect((await client.connector('GET', Id)).status).toBe(404);
  });

  test('fails asynchronously with a reason code', async () => {
    const failure = { code: 'InvalidSubnet', reason: 'The subnet does not exist.' };
    const client = new SimulatorClient({ faults: { connector: () => ({ durationMs: 1000, failure }) } });
    const { Id } = (await client.createConnector('connector')).body;
    await client.settle();
    expect((await client.connector('GET', Id)).body).toMatchObject({ State: 'FAILED', StateReasonCode: 'InvalidSubnet' });
    expect((await client.connector('DELETE', Id)).status).toBe(202);
  });

  test('fails without members that the service requires but its model does not', async () => {
    const client = new SimulatorClient();
    expect((await client.createConnector('c', { ClientToken: undefined })).body.message).toBe('ClientToken is a required field');
    expect((await client.createConnector('c', { OperatorRole: undefined })).body.message).toContain('NetworkConnectorOperatorRole is required');
    const noGroups = { Configuration: { VpcEgressConfiguration: vpcEgress({ SecurityGroupIds: [] }) } };
    expect((await client.createConnector('c', noGroups)).body.message).toBe('SecurityGroupIds cannot be null or empty');
  });
});

describe('faults', () => {
  test.each([
    ['throttle', 429, 'ThrottlingException'],
    ['quota', 402, 'ServiceQuotaExceededException'],
    ['conflict', 409, 'ConflictException'],
    ['accessDenied', 403, 'AccessDeniedException'],
    ['errorBeforeEffect', 500, 'InternalServerException'],
  ] as const)('%s is returned before the call takes effect', async (kind, status, errorType) => {
    const client = new SimulatorClient({ faults: faultsFrom({ calls: [{ nth: 0, fault: { kind } }] }) });
    expect(await client.createImage('image')).toMatchObject({ status, errorType });
    expect(client.simulator.images()).toHaveLength(0);
    expect((await client.createImage('image')).status).toBe(201);
  });

  test('a 500 after the effect does not undo the effect', async () => {
    const client = new SimulatorClient({ faults: faultsFrom({ calls: [{ nth: 0, fault: { kind: 'errorAfterEffect' } }] }) });
    expect((await client.createImage('image')).status).toBe(500);
    expect(client.simulator.images()).toHaveLength(1);
  });

  test('a lost answer is a timeout for the client, and the call took effect', async () => {
    const client = new SimulatorClient({ faults: faultsFrom({ calls: [{ nth: 0, fault: { kind: 'lostAnswer' } }] }) });
    const before = client.clock.now();
    await expect(client.createImage('image')).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(client.clock.now() - before).toBeGreaterThanOrEqual(4000);
    expect(client.simulator.images()).toHaveLength(1);
    expect(client.simulator.calls()).toMatchObject([{ operation: 'CreateMicrovmImage', effect: { status: 201 }, answer: { status: 'none' } }]);
  });

  test('a call can take effect after its client has given up', async () => {
    const client = new SimulatorClient({ faults: faultsFrom({ calls: [{ nth: 0, fault: { kind: 'lateLanding', afterMs: 3000 } }] }) });
    await expect(client.createImage('image')).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(client.simulator.images()).toHaveLength(0);
    await client.pass(3);
    expect(client.simulator.images()).toHaveLength(1);
  });

  test('reads can be stale, and tags even more, until the plan ends', async () => {
    const client = new SimulatorClient();
    const endsAt = client.clock.now() + 30_000;
    const stale = new SimulatorClient({ faults: faultsFrom({ stalenessMs: [5_000], tagStalenessMs: [10_000], endsAt }) });
    await stale.createImage('image', { tags: { owner: 'me' } });
    expect((await stale.image('GET', 'image')).status).toBe(404);
    await stale.pass(6);
    expect(await stale.image('GET', 'image')).toMatchObject({ status: 200, body: { tags: {} } });
    await stale.pass(6);
    expect((await stale.image('GET', 'image')).body.tags).toEqual({ owner: 'me' });
    await stale.pass(30);
    await stale.call('POST', `/2017-03-31/tags/${stale.imageArn('image')}`, { Tags: { more: '1' } });
    expect((await stale.image('GET', 'image')).body.tags).toEqual({ owner: 'me', more: '1' });
  });

  test('IAM propagates with a delay', async () => {
    const client = new SimulatorClient();
    const now = client.clock.now();
    const slow = new SimulatorClient({ faults: faultsFrom({ deniedUntil: now + 5_000, rolesUnassumableUntil: now + 10_000 }) });
    expect((await slow.createImage('image')).status).toBe(403);
    await slow.pass(5);
    expect((await slow.createImage('image')).body.message).toContain('unable to assume');
    expect((await slow.createConnector('connector')).body.message).toContain('unable to assume the provided NetworkConnectorOperatorRole');
    await slow.pass(5);
    expect((await slow.createImage('image')).status).toBe(201);
  });

  test('the same plan and calls give the same log of calls', async () => {
    const run = async () => {
      const client = new SimulatorClient({ faults: faultsFrom({ latenciesMs: [10, 300, 70], calls: [{ nth: 1, operation: 'UpdateMicrovmImage', fault: { kind: 'throttle' } }] }) });
      await client.createImage('image');
      await client.settle();
      await Promise.all([client.updateImage('image', { description: 'a' }), client.updateImage('image', { description: 'b' })]);
      await client.settle();
      return JSON.stringify([client.simulator.calls(), client.simulator.images()]);
    };
    expect(await run()).toBe(await run());
  });
});

describe('authorization', () => {
  test('fails for an action that the caller may not perform, without a message if the action is only implied', async () => {
    const denied = new Set<string>();
    const client = new SimulatorClient({ authorize: async (action, resource) => (denied.has(action) ? `no ${action} on ${resource}` : undefined) });
    denied.add('iam:PassRole');
    expect(await client.createImage('image')).toMatchObject({ status: 403, body: { Message: `no iam:PassRole on ${BUILD_ROLE}` } });
    denied.clear();
    denied.add('lambda:TagResource');
    expect(await client.createImage('image', { tags: { a: '1' } })).toMatchObject({ status: 403, body: { Message: null } });
    expect((await client.createImage('image')).status).toBe(201);
    await client.settle();
    denied.add('lambda:TerminateMicrovm');
    const { id } = client.simulator.launchMicrovm('image');
    expect((await client.microvm('DELETE', id)).body.Message).toBe(`no lambda:TerminateMicrovm on ${client.imageArn('image')}`);
  });
});

describe('SDK client', () => {
  function sdk(simulator: Simulator, requestTimeout?: number): LambdaMicrovmsClient {
    return new LambdaMicrovmsClient({
      requestHandler: new InProcessHandler(simulator, { requestTimeout }),
      region: 'us-east-1',
      credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
      maxAttempts: 1,
    });
  }

  test('an SDK client works without a network', async () => {
    const { clock, simulator } = new SimulatorClient();
    const client = sdk(simulator);
    const created = await clock.complete(client.send(new CreateMicrovmImageCommand({ name: 'image', ...MINIMAL_IMAGE })));
    expect(created).toMatchObject({ state: 'CREATING', createdAt: expect.any(Date) });
    const missing = client.send(new GetMicrovmImageCommand({ imageIdentifier: `${created.imageArn}x` }));
    await expect(clock.complete(missing)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect(simulator.calls()[0].caller).toBe('arn:aws:iam::123456789012:user/key');
  });

  test('a request that exceeds the timeout of the client still takes effect', async () => {
    const { clock, simulator } = new SimulatorClient({ faults: { latencyMs: () => 10_000 } });
    const sent = sdk(simulator, 4_000).send(new CreateMicrovmImageCommand({ name: 'image', ...MINIMAL_IMAGE }));
    await expect(clock.complete(sent)).rejects.toMatchObject({ name: 'TimeoutError' });
    await clock.run(clock.now() + 10_000);
    expect(simulator.images()).toHaveLength(1);
  });
});
