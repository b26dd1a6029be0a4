import { ID, IMAGE, launch, LOG_GROUP, microvm, OLD_ID, OLD_ROLE, oldLaunch, pollEvent, ROLE, observing } from './inputs';
import { TerminalError } from '../../../src/handlers/engine/errors';
import { operationOf } from '../../../src/handlers/engine/operation';
import { launchCheckPhysicalId, MicrovmLaunchCheckResource } from '../../../src/handlers/microvm/check-resource';
import type { Ledger } from '../../../src/handlers/microvm/ledger';
import type { MicrovmDependencies } from '../../../src/handlers/microvm/resource';
import { microvmPhysicalId, MicrovmResource } from '../../../src/handlers/microvm/resource';
import type { MicrovmService } from '../../../src/handlers/microvm/service';
import { FakeClock, FakeService, MINUTE, NOW, SECOND, serviceError } from '../engine/inputs';

const DESCRIBED = { Id: 'request@time', Phase: 'forward' as const, StartedAt: NOW };
const FRESH = launch({ microvmId: undefined, launchedAt: NOW });

/** Creates a resource in a poll, with services that answer only the calls that the test expects. */
function fixture(answers: Partial<MicrovmService & Ledger> = {}, more: Parameters<typeof pollEvent>[0] = {}, now = NOW) {
  const microvms = new FakeService<MicrovmService>(['microvm', 'launch', 'terminate', 'token', 'get'], answers);
  const ledger = new FakeService<Ledger>(['launches', 'record', 'write', 'forget'], answers);
  const clock = new FakeClock(now);
  const sessions: string[][] = [];
  const services = { microvms: microvms.service, ledger: ledger.service };
  const dependencies: MicrovmDependencies = { clock, launches: async (...args) => { sessions.push(args); return services; } };
  const event = pollEvent(more);
  const resource = new MicrovmResource(event, operationOf(event, 3000, now), dependencies);
  return { microvms, ledger, clock, sessions, event, dependencies, resource };
}

describe('the physical ID', () => {
  test('of a launch is its token, which is the same for each delivery', () => {
    const event = pollEvent({ RequestType: 'Create' });
    expect(microvmPhysicalId(event, DESCRIBED)).toMatch(/^launch:[0-9a-f]{64}$/);
    expect(microvmPhysicalId(event, { ...DESCRIBED, StartedAt: NOW + 1 })).toBe(microvmPhysicalId(event, DESCRIBED));
    expect(microvmPhysicalId(event, { ...DESCRIBED, Id: 'other' })).not.toBe(microvmPhysicalId(event, DESCRIBED));
  });

  test('of a deletion is returned unchanged', () => {
    for (const PhysicalResourceId of [ID, 'app-Shared-1ABC']) {
      expect(microvmPhysicalId(pollEvent({ RequestType: 'Delete', PhysicalResourceId }), DESCRIBED)).toBe(PhysicalResourceId);
      expect(launchCheckPhysicalId(pollEvent({ RequestType: 'Delete', PhysicalResourceId }))).toBe(PhysicalResourceId);
    }
  });

  test('of a launch check stays the same', () => {
    expect(launchCheckPhysicalId(pollEvent({ LogicalResourceId: 'Check' }))).toBe('launch-check:Check');
  });
});

describe('the desired MicroVM', () => {
  test('is launched with version and payload, and recorded under its own path', async () => {
    const { resource, sessions } = fixture({ launches: async () => [] }, { ResourceProperties: { ImageVersion: '3.0', Payload: 'the payload' } });
    expect(resource.reconcile(observing([]))).toMatchObject({
      change: { launch: { request: { imageIdentifier: IMAGE, imageVersion: '3.0', runHookPayload: 'the payload', logging: { cloudWatch: { logGroup: LOG_GROUP } } } } },
    });
    await resource.observe({ at: 'launches', confirmAbsence: false }, resource.nothingObserved);
    expect(sessions).toEqual([[ROLE, 'Sandbox', '/cdk-lambda-microvms/0f2c/Sandbox']]);
  });

  test('is launched with the overrides, which count after everything else', () => {
    const overrides = { 'logging.cloudWatch.logStream': 'stream', 'imageVersion': '4.0', 'unknown.0': true };
    const { resource } = fixture({}, { ResourceProperties: { ImageVersion: '3.0', RequestOverrides: JSON.stringify(overrides) } });
    expect(resource.reconcile(observing([]))).toMatchObject({
      change: {
        launch: {
          request: {
            imageIdentifier: IMAGE, imageVersion: '4.0', logging: { cloudWatch: { logGroup: LOG_GROUP, logStream: 'stream' } }, unknown: [true],
          },
        },
      },
    });
  });

  test('has the same fingerprint for any order of members, and another for another trigger, version, payload, key or override', () => {
    const fingerprint = (ResourceProperties: object) => {
      const step = fixture({}, { RequestType: 'Create', ResourceProperties }).resource.reconcile(observing([]));
      return step.kind === 'change' && step.change.do === 'launch' ? step.change.launch.fingerprint : undefined;
    };
    expect(fingerprint({ LaunchRequest: '{"b":1,"a":{"d":1,"c":2}}' })).toBe(fingerprint({ LaunchRequest: '{"a":{"c":2,"d":1},"b":1}', TimeoutSeconds: '60', ResourceRoleArn: OLD_ROLE }));
    const requestWithKey = JSON.stringify({ imageIdentifier: IMAGE, kmsKeyIdentifier: 'key' });
    const changes = [
      {}, { Trigger: '1' }, { ImageVersion: '2.0' }, { Payload: 'x' }, { LaunchRequest: requestWithKey }, { RequestOverrides: '{"unknown":1}' },
    ];
    expect(new Set(changes.map(fingerprint)).size).toBe(changes.length);
  });

  test('has secret payloads', () => {
    expect(fixture({}, { ResourceProperties: { Payload: 'new payload' }, OldResourceProperties: { Payload: 'old payload' } }).resource.secrets).toEqual(['new payload', 'old payload']);
  });
});

describe('an observation', () => {
  test('of a starting MicroVM lasts until it runs, for 20 seconds at most', async () => {
    let calls = 0;
    const { resource, clock } = fixture({ microvm: async () => microvm({ state: ++calls < 4 ? 'PENDING' : 'RUNNING' }) });
    const { microvms } = await resource.observe({ at: 'microvm', id: ID, roleArn: ROLE }, observing([]));
    expect(microvms[ID]).toMatchObject({ state: 'RUNNING' });
    expect(clock.now()).toBe(NOW + 1_500);

    const slow = fixture({ microvm: async () => microvm({ state: 'PENDING' }) });
    expect((await slow.resource.observe({ at: 'microvm', id: ID, roleArn: ROLE }, observing([]))).microvms[ID]).toMatchObject({ state: 'PENDING' });
    expect(slow.clock.now()).toBe(NOW + 20 * SECOND);
  });

  test('of an empty list of records is repeated if it must be confirmed', async () => {
    const answers = [[], [], [launch()]];
    const { resource, ledger } = fixture({ launches: async () => answers.shift()! });
    expect((await resource.observe({ at: 'launches', confirmAbsence: true }, observing(undefined))).launches).toEqual([launch()]);
    expect(ledger.calls).toHaveLength(3);
  });

  test('of the health uses the given role, and keeps the rest', async () => {
    const { resource, sessions } = fixture({ token: async () => 'secret token', get: async () => 204 });
    const observation = { at: 'health', microvm: microvm(), check: { port: 8080, path: '/', timeout: MINUTE }, roleArn: OLD_ROLE } as const;
    await expect(resource.observe(observation, observing([launch()]))).resolves.toEqual({
      ...observing([launch()]), health: { isHealthy: true, answer: 'GET / on port 8080 was answered with 204', at: NOW },
    });
    expect(sessions.map(([role]) => role)).toEqual([OLD_ROLE]);
  });
});

describe('a launch', () => {
  test('is recorded, then requested, and then its ID is recorded', async () => {
    const records: unknown[] = [];
    const write = async (one: unknown) => { records.push(one); };
    const { resource, microvms, ledger } = fixture({ record: write, launch: async () => ({ id: ID }), write });
    await resource.apply({ do: 'launch', launch: FRESH, isNew: true });
    expect([...ledger.calls, ...microvms.calls]).toEqual(['record', 'write', 'launch']);
    expect(records).toEqual([FRESH, { ...FRESH, microvmId: ID }]);
  });

  test('that is recorded already is only requested again, and keeps its time', async () => {
    const records: unknown[] = [];
    const { resource, ledger } = fixture({ launch: async () => ({ id: ID }), write: async one => { records.push(one); } });
    await resource.apply({ do: 'launch', launch: { ...FRESH, launchedAt: NOW - MINUTE }, isNew: false });
    expect(ledger.calls).toEqual(['write']);
    expect(records).toEqual([{ ...FRESH, launchedAt: NOW - MINUTE, microvmId: ID }]);
  });

  test('is left to the next poll if its record took long, and so is its ID', async () => {
    const slowRecord = fixture({ record: async () => { await slowRecord.clock.sleep(2_001); } });
    await slowRecord.resource.apply({ do: 'launch', launch: FRESH, isNew: true });
    expect(slowRecord.microvms.calls).toEqual([]);
    const slowLaunch = fixture({ record: async () => undefined, launch: async () => { await slowLaunch.clock.sleep(4_001); return { id: ID }; } });
    await slowLaunch.resource.apply({ do: 'launch', launch: FRESH, isNew: true });
    expect(slowLaunch.ledger.calls).toEqual(['record']);
  });

  /** Returns the error of a launch that fails this long after the start of the operation. */
  const errorOf = async (error: Error, after = 0) =>
    fixture({ record: async () => undefined, launch: async () => { throw error; } }, { Operation: { StartedAt: NOW - after } })
      .resource.apply({ do: 'launch', launch: FRESH, isNew: true }).catch((caught: unknown) => caught);
  const late = async (error: Error) => errorOf(error, 5 * MINUTE);

  test.each([
    ['ValidationException', 'The run hook must be enabled in the MicroVM image to pass the run hook payload', 'payload', 'MicrovmLaunchRejected'],
    ['ValidationException', 'Network connector is not active', 'egress', 'MicrovmLaunchRejected'],
    ['AccessDeniedException', 'User is not authorized to perform: iam:PassRole with an explicit deny', 'executionRole', 'PermissionDenied'],
  ])('that is rejected permanently fails with a hint: %s %s', async (name, message, property, code) => {
    const error = await errorOf(serviceError(name, message));
    expect(error).toBeInstanceOf(TerminalError);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message), hints: [{ property }] });
  });

  test.each([
    ['ResourceNotFoundException', 'No active version found for MicroVM image', { property: 'imageVersion' }, 'MicrovmLaunchRejected'],
    ['ServiceQuotaExceededException', 'The request exceeds the base maximum allocated memory limit of the account', { text: expect.stringContaining('L-CD1C0CC4') }, 'MicrovmQuotaReached'],
  ])('that fails with a transient error is repeated for five minutes: %s', async (name, message, hint, code) => {
    expect(await errorOf(serviceError(name, message))).not.toBeInstanceOf(TerminalError);
    expect(await late(serviceError(name, message))).toMatchObject({ code, hints: [hint] });
  });

  const MEMORY_LIMIT = 'The request exceeds the base maximum allocated memory limit of the account';
  const memoryHint = { text: expect.stringContaining('L-CD1C0CC4') };

  test('that is rejected as invalid because of the memory limit is reported once after five minutes, as a rejection', async () => {
    const error = await late(serviceError('ValidationException', MEMORY_LIMIT));
    expect(error).toBeInstanceOf(TerminalError);
    expect(error).toMatchObject({ code: 'MicrovmLaunchRejected', message: `the service rejected the launch: ${MEMORY_LIMIT}`, hints: [memoryHint] });
    expect((error as TerminalError).hints).toHaveLength(1);
  });

  test('that exceeds the quota for memory is reported once after five minutes, as a quota', async () => {
    const error = await late(serviceError('ServiceQuotaExceededException', MEMORY_LIMIT));
    expect(error).toBeInstanceOf(TerminalError);
    expect(error).toMatchObject({
      code: 'MicrovmQuotaReached', message: `the service rejected the launch: ServiceQuotaExceededException: ${MEMORY_LIMIT}`, hints: [memoryHint],
    });
    expect((error as TerminalError).hints).toHaveLength(1);
  });

  test.each([
    ['ValidationException', 'The memory quota of the account is exceeded', 'MicrovmLaunchRejected', 'the service rejected the launch: The memory quota of the account is exceeded'],
    [
      'AccessDeniedException', 'role/quota is not authorized to perform: lambda:RunMicrovm', 'PermissionDenied',
      'the service rejected the launch: AccessDeniedException: role/quota is not authorized to perform: lambda:RunMicrovm',
    ],
  ])('that is rejected permanently is not classified again by the word quota in its message: %s', async (name, message, code, whole) => {
    expect(await late(serviceError(name, message))).toMatchObject({ code, message: whole });
  });

  test('that cannot pass a new role is repeated', async () => {
    expect(await errorOf(serviceError('ValidationException', 'The service was unable to assume the role'))).not.toBeInstanceOf(TerminalError);
    expect(await errorOf(serviceError('ValidationException', 'kms:GenerateDataKey is not allowed on the key'))).not.toBeInstanceOf(TerminalError);
    expect(await errorOf(serviceError('AccessDeniedException', 'not authorized to perform: iam:PassRole'))).not.toBeInstanceOf(TerminalError);
  });
});

describe('a launch whose ID never arrived', () => {
  test('is identified by another request', async () => {
    const records: unknown[] = [];
    const { resource } = fixture({ launch: async () => ({ id: ID }), write: async one => { records.push(one); } });
    await resource.apply({ do: 'identify', launch: FRESH });
    expect(records).toEqual([{ ...FRESH, microvmId: ID }]);
  });

  test.each(['ValidationException', 'ResourceNotFoundException'])('is forgotten if the service rejects the request: %s', async name => {
    const { resource, ledger } = fixture({ launch: async () => { throw serviceError(name, 'no'); }, forget: async () => undefined });
    await resource.apply({ do: 'identify', launch: FRESH });
    expect(ledger.calls).toEqual(['forget']);
  });

  test('is forgotten if IAM denies the request after it has propagated the role', async () => {
    const denied = { launch: async () => { throw serviceError('AccessDeniedException', 'not authorized to perform: lambda:RunMicrovm'); } };
    const { resource, ledger } = fixture({ ...denied, forget: async () => undefined }, {}, NOW + 5 * MINUTE);
    await resource.apply({ do: 'identify', launch: FRESH });
    expect(ledger.calls).toEqual(['forget']);
  });

  test.each(['AccessDeniedException', 'ThrottlingException', 'TimeoutError'])('is not forgotten after a transient error: %s', async name => {
    await expect(fixture({ launch: async () => { throw serviceError(name, 'no'); } }).resource.apply({ do: 'identify', launch: FRESH })).rejects.toThrow('no');
  });
});

describe('the MicroVM of another role', () => {
  const DELETED_ROLE = 'arn:aws:iam::123456789012:role/deleted';
  const withoutThatRole = (name: string, roleArn = DELETED_ROLE) => {
    const { event, dependencies, ledger } = fixture({ forget: async () => undefined });
    const launches: MicrovmDependencies['launches'] = async (assumed, ...rest) => {
      if (assumed === roleArn) throw serviceError(name, 'not authorized to perform: sts:AssumeRole');
      return dependencies.launches(assumed, ...rest);
    };
    return { ledger, resource: new MicrovmResource(event, operationOf(event, 3000, NOW), { ...dependencies, launches }) };
  };

  test('is terminated with that role', async () => {
    const { resource, sessions } = fixture({ terminate: async () => undefined }, { OldResourceProperties: { ResourceRoleArn: OLD_ROLE } });
    await resource.apply({ do: 'terminate', id: OLD_ID, roleArn: oldLaunch().roleArn });
    expect(sessions.map(([role]) => role)).toEqual([OLD_ROLE]);
  });

  test('counts as absent and is forgotten if the role has been deleted, because nobody may act on it', async () => {
    const { resource, ledger } = withoutThatRole('AccessDenied');
    expect(await resource.observe({ at: 'microvm', id: ID, roleArn: DELETED_ROLE }, observing([]))).toMatchObject({ microvms: { [ID]: 'absent' } });
    await resource.apply({ do: 'identify', launch: { ...FRESH, roleArn: DELETED_ROLE } });
    expect(ledger.calls).toEqual(['forget']);
  });

  test.each([['AccessDenied', ROLE], ['ThrottlingException', DELETED_ROLE]])('does not count as absent after a transient error: %s of %s', async (name, roleArn) => {
    const { resource } = withoutThatRole(name, roleArn);
    await expect(resource.observe({ at: 'microvm', id: ID, roleArn }, observing([]))).rejects.toThrow('not authorized');
    await expect(resource.apply({ do: 'identify', launch: { ...FRESH, roleArn } })).rejects.toThrow('not authorized');
  });
});

test('a launch check has its own rules', () => {
  const { event, dependencies } = fixture({}, { Operation: { Phase: 'rollback' as const, StartedAt: NOW - MINUTE } });
  const check = new MicrovmLaunchCheckResource(event, operationOf(event, 3000, NOW), dependencies);
  expect(check.reconcile(observing([]))).toMatchObject({ kind: 'done', data: { RunningAfter: '' } });
});
