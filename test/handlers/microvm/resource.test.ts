import { healthCheck, ID, IMAGE, launch, LOG_GROUP, microvm, OLD_ID, OLD_ROLE, oldLaunch, pollEvent, ROLE, observing } from './inputs';
import { TerminalError } from '../../../src/handlers/engine/errors';
import { operationOf } from '../../../src/handlers/engine/operation';
import { launchCheckPhysicalId, MicrovmLaunchCheckResource } from '../../../src/handlers/microvm/check-resource';
import type { Launch } from '../../../src/handlers/microvm/launch';
import type { Ledger } from '../../../src/handlers/microvm/ledger';
import { UnreadableRecordsError } from '../../../src/handlers/microvm/ledger';
import type { MicrovmDependencies } from '../../../src/handlers/microvm/resource';
import { microvmPhysicalId, MicrovmResource } from '../../../src/handlers/microvm/resource';
import type { MicrovmLogs, MicrovmService } from '../../../src/handlers/microvm/service';
import { FakeClock, FakeService, MINUTE, NOW, SECOND, serviceError } from '../engine/inputs';

const DESCRIBED = { Id: 'request@time', Phase: 'forward' as const, StartedAt: NOW };
const FRESH = launch({ microvmId: undefined, launchedAt: NOW });

/** Creates a resource in a poll, with services that answer only the calls that the test expects. */
function fixture(answers: Partial<MicrovmService & Ledger & MicrovmLogs> = {}, more: Parameters<typeof pollEvent>[0] = {}, now = NOW) {
  const microvms = new FakeService<MicrovmService>(['microvm', 'launch', 'terminate', 'token', 'list', 'get'], answers);
  const ledger = new FakeService<Ledger>(['launches', 'record', 'write', 'forget'], answers);
  const logs = new FakeService<MicrovmLogs>(['lastLines'], answers);
  const clock = new FakeClock(now);
  const sessions: string[][] = [];
  const services = { microvms: microvms.service, ledger: ledger.service, logs: logs.service };
  const dependencies: MicrovmDependencies = { clock, launches: async (...args) => { sessions.push(args); return services; } };
  const event = pollEvent(more);
  const resource = new MicrovmResource(event, operationOf(event, 3000, now), dependencies);
  return { microvms, ledger, logs, clock, sessions, event, dependencies, resource };
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
    expect(clock.now()).toBe(NOW + (1_000 + 1_500 + 2_250));

    const slow = fixture({ microvm: async () => microvm({ state: 'PENDING' }) });
    expect((await slow.resource.observe({ at: 'microvm', id: ID, roleArn: ROLE }, observing([]))).microvms[ID]).toMatchObject({ state: 'PENDING' });
    expect(slow.clock.now()).toBeLessThanOrEqual(NOW + 20 * SECOND);
    expect(slow.microvms.calls.length).toBeLessThanOrEqual(6);
  });

  test('of a MicroVM begins no sooner than two seconds after its launch', async () => {
    const { resource, clock } = fixture({ microvm: async () => microvm() });
    await resource.observe({ at: 'microvm', id: ID, roleArn: ROLE, launchedAt: NOW - 200 }, observing([]));
    expect(clock.now()).toBe(NOW + 1800);
    await resource.observe({ at: 'microvm', id: ID, roleArn: ROLE, launchedAt: NOW - MINUTE }, observing([]));
    expect(clock.now()).toBe(NOW + 1800);
  });

  test('of a MicroVM that has terminated happens once in a poll, because that is final', async () => {
    const { resource, microvms } = fixture({ microvm: async id => id === ID ? microvm({ state: 'TERMINATED' }) : 'absent' });
    for (const id of [ID, OLD_ID, ID, OLD_ID]) await resource.observe({ at: 'microvm', id, roleArn: ROLE }, observing([]));
    expect(microvms.calls).toHaveLength(3);
  });

  test('of an empty list of records is repeated if it must be confirmed', async () => {
    const answers = [[], [], [launch()]];
    const { resource, ledger } = fixture({ launches: async () => answers.shift()! });
    expect((await resource.observe({ at: 'launches', confirmAbsence: true }, observing(undefined))).launches).toEqual([launch()]);
    expect(ledger.calls).toHaveLength(3);
  });

  test('of the health uses the given role, and keeps the rest', async () => {
    const { resource, sessions } = fixture({ token: async () => 'secret token', get: async () => 204 });
    const observation = { at: 'health', microvm: microvm(), check: healthCheck(), roleArn: OLD_ROLE } as const;
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
    const record = async (one: unknown) => { records.push(one); return true; };
    const { resource, microvms, ledger } = fixture({ record, launch: async () => ({ id: ID }), write });
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
    const slowRecord = fixture({ record: async () => { await slowRecord.clock.sleep(2_001); return true; } });
    await slowRecord.resource.apply({ do: 'launch', launch: FRESH, isNew: true });
    expect(slowRecord.microvms.calls).toEqual([]);
    const slowLaunch = fixture({ record: async () => true, launch: async () => { await slowLaunch.clock.sleep(4_001); return { id: ID }; } });
    await slowLaunch.resource.apply({ do: 'launch', launch: FRESH, isNew: true });
    expect(slowLaunch.ledger.calls).toEqual(['record']);
  });

  /** Returns the error of a launch that fails this long after the start of the operation. */
  const errorOf = async (error: Error, after = 0) =>
    fixture({ record: async () => true, write: async () => undefined, launch: async () => { throw error; } }, {
      Operation: { StartedAt: NOW - after },
    }).resource.apply({ do: 'launch', launch: FRESH, isNew: true }).catch((caught: unknown) => caught);
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

describe('a launch that the service rejects', () => {
  const QUOTA = serviceError('ServiceQuotaExceededException', 'The base maximum allocated memory limit has been reached');

  /** Returns the records that a launch writes before it fails. */
  const recordsOf = async (error: Error, change: { launch?: Partial<Launch>; isNew?: boolean } = {}, latency = 0) => {
    const written: Launch[] = [];
    const { resource, clock } = fixture({
      record: async () => true,
      write: async one => { written.push(one); },
      launch: async () => { await clock.sleep(latency); throw error; },
    });
    await expect(resource.apply({ do: 'launch', launch: { ...FRESH, ...change.launch }, isNew: change.isNew ?? true })).rejects.toThrow();
    return written.map(({ rejected }) => rejected);
  };

  test.each([
    ['its request', serviceError('ValidationException', 'no')],
    ['its image', serviceError('ResourceNotFoundException', 'no')],
    ['its role', serviceError('AccessDeniedException', 'no')],
    ['a quota', QUOTA],
    ['the rate of calls', serviceError('ThrottlingException', 'no')],
    ['the number of calls', serviceError('TooManyRequestsException', 'no')],
  ])('for %s is recorded as one that launched nothing', async (_, error) => {
    expect(await recordsOf(error)).toEqual([true]);
  });

  test.each(['TimeoutError', 'InternalServerException', 'ConflictException'])('is not recorded so if the answer does not say it: %s', async name => {
    expect(await recordsOf(serviceError(name, 'no'))).toEqual([]);
  });

  test('is not recorded so if an earlier answer was lost', async () => {
    expect(await recordsOf(QUOTA, { isNew: false })).toEqual([]);
  });

  test('is not recorded so before another request, whose answer may be lost', async () => {
    expect(await recordsOf(QUOTA, { isNew: false, launch: { rejected: true } })).toEqual([undefined, true]);
    expect(await recordsOf(serviceError('TimeoutError', 'no'), { isNew: false, launch: { rejected: true } })).toEqual([undefined]);
  });

  test('is not recorded so if the answer came late', async () => {
    expect(await recordsOf(QUOTA, {}, 4_001)).toEqual([]);
  });

  /** Returns the marks of a record whose writes fail as planned, and the error of the poll. */
  const marksOf = async (fails: boolean[], { isNew = true, rejected, slow = 0 }: { isNew?: boolean; rejected?: true; slow?: number } = {}) => {
    const marks: unknown[] = [];
    const { resource, clock, microvms } = fixture({
      record: async () => { await clock.sleep(slow); return true; },
      write: async one => {
        await clock.sleep(isNew ? 0 : slow);
        if (fails.shift()) throw new Error('no parameter');
        marks.push(one.rejected);
      },
      launch: async () => { throw QUOTA; },
    });
    const error = await resource.apply({ do: 'launch', launch: { ...FRESH, rejected }, isNew }).catch((caught: unknown) => caught);
    return { marks, error, launches: microvms.calls.length };
  };

  test('is recorded so although two writes fail, and the error is that of the service', async () => {
    expect(await marksOf([true, true, false])).toEqual({ marks: [true], error: QUOTA, launches: 1 });
    expect(await marksOf([true, true, true])).toEqual({ marks: [], error: QUOTA, launches: 1 });
  });

  test('stays recorded so if the poll requests nothing: the mark could not be removed, or that took long', async () => {
    expect(await marksOf([true], { isNew: false, rejected: true })).toMatchObject({ marks: [true], error: { message: 'no parameter' }, launches: 0 });
    expect(await marksOf([], { isNew: false, rejected: true, slow: 2_001 })).toEqual({ marks: [undefined, true], error: undefined, launches: 0 });
  });

  test('is recorded so if its record took long, and nothing was requested', async () => {
    expect(await marksOf([], { slow: 2_001 })).toEqual({ marks: [true], error: undefined, launches: 0 });
    expect(await marksOf([], { slow: 4_001 })).toEqual({ marks: [], error: undefined, launches: 0 });
    expect(await marksOf([], { isNew: false, slow: 2_001 })).toEqual({ marks: [], error: QUOTA, launches: 1 });
  });

  test('is left to the delivery that recorded it', async () => {
    const { resource, microvms } = fixture({ record: async () => false });
    await resource.apply({ do: 'launch', launch: FRESH, isNew: true });
    expect(microvms.calls).toEqual([]);
  });
});

describe('a launch whose record would be too long', () => {
  test('fails before it is requested', async () => {
    const { resource, microvms } = fixture({ record: async () => { throw new TerminalError('MicrovmLaunchRejected', 'too long'); } });
    await expect(resource.apply({ do: 'launch', launch: FRESH, isNew: true })).rejects.toThrow(TerminalError);
    expect(microvms.calls).toEqual([]);
  });
});

describe('damaged records', () => {
  test.each([true, false])('are observed beside the readable ones (confirmed: %s)', async confirmAbsence => {
    const { resource } = fixture({ launches: async () => { throw new UnreadableRecordsError(['/path/name'], [launch()]); } });
    expect(await resource.observe({ at: 'launches', confirmAbsence }, observing(undefined))).toMatchObject({ launches: [launch()], unreadable: ['/path/name'] });
  });
});

describe('the properties of another release', () => {
  test('without a launch request do not prevent a deletion', () => {
    const { resource } = fixture({}, { RequestType: 'Delete', PhysicalResourceId: ID, ResourceProperties: { LaunchRequest: undefined }, Operation: { StartedAt: NOW - MINUTE, Phase: 'delete', RequestPhysicalId: ID } });
    expect(resource.reconcile(observing([], [microvm()]))).toMatchObject({ change: { do: 'terminate', id: ID } });
  });

  test('without a launch request count as unknown in an update', () => {
    const { resource } = fixture({}, { OldResourceProperties: { LaunchRequest: undefined } });
    expect(resource.reconcile(observing([]))).toMatchObject({ change: { do: 'launch', isNew: true } });
  });
});

describe('the log of a MicroVM', () => {
  const observation = { at: 'log', id: ID, logGroup: LOG_GROUP, roleArn: ROLE } as const;

  test('is read again while it is empty, because it shows late', async () => {
    const answers = [[], ['boom: no config']];
    const { resource, clock } = fixture({ lastLines: async () => answers.shift()! });
    expect((await resource.observe(observation, observing([]))).log).toEqual(['boom: no config']);
    expect(clock.now()).toBe(NOW + 2 * SECOND);
  });

  test('may be empty, or unreadable', async () => {
    const empty = fixture({ lastLines: async () => [] });
    expect((await empty.resource.observe(observation, observing([]))).log).toEqual([]);
    expect(empty.logs.calls).toHaveLength(3);
    const denied = fixture({ lastLines: async () => { throw serviceError('AccessDeniedException', 'no'); } });
    expect((await denied.resource.observe(observation, observing([]))).log).toEqual([]);
  });
});

test('the list of MicroVMs is observed by the name of the launch', async () => {
  const row = { id: ID, imageArn: IMAGE, imageVersion: '3.0', state: 'RUNNING', startedAt: NOW } as const;
  const { resource } = fixture({ list: async arn => ({ found: arn === IMAGE ? [row] : [], areAll: true }) });
  expect((await resource.observe({ at: 'list', launch: FRESH, roleArn: ROLE }, observing([]))).listed).toEqual({ [FRESH.name]: { found: [row], areAll: true } });
});

test.each(['ValidationException', 'ResourceNotFoundException'])('the list of MicroVMs of an image that the service does not accept is empty: %s', async name => {
  const { resource } = fixture({ list: async () => { throw serviceError(name, 'no image'); } });
  expect((await resource.observe({ at: 'list', launch: FRESH, roleArn: ROLE }, observing([]))).listed).toEqual({ [FRESH.name]: { found: [], areAll: true } });
});

test('the list of MicroVMs is observed again after a transient error', async () => {
  const { resource } = fixture({ list: async () => { throw serviceError('ThrottlingException', 'too many'); } });
  await expect(resource.observe({ at: 'list', launch: FRESH, roleArn: ROLE }, observing([]))).rejects.toThrow('too many');
});

test('what was observed is described in brief, without what changes in each poll', () => {
  const { resource } = fixture();
  const health = { isHealthy: false, answer: 'GET / on port 8080 was answered with 503' };
  const brief = (at: number) => resource.inBrief(observing(
    [launch(), launch({ microvmId: undefined, rejected: true }), launch({ microvmId: OLD_ID, outcome: { passed: false, why: '' } })],
    [microvm({ observedAt: at }), OLD_ID], { health: { ...health, at }, unreadable: ['/path'] },
  ));
  expect(brief(NOW)).toEqual({
    launches: `${ID}, no ID rejected, ${OLD_ID} failed`, microvms: `${ID} RUNNING, ${OLD_ID} absent`, unreadable: 1, health: health.answer,
  });
  expect(brief(NOW + 1)).toEqual(brief(NOW));
  expect(resource.inBrief(resource.nothingObserved)).toBeUndefined();
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

  test('fails after five minutes if a quota does not allow the request, so that the list decides', async () => {
    const quota = { launch: async () => { throw serviceError('ServiceQuotaExceededException', 'full'); } };
    await expect(fixture(quota).resource.apply({ do: 'identify', launch: FRESH })).rejects.not.toThrow(TerminalError);
    await expect(fixture(quota, {}, NOW + 5 * MINUTE).resource.apply({ do: 'identify', launch: FRESH })).rejects.toMatchObject({ code: 'MicrovmQuotaReached' });
  });

  test('keeps its record if the ID cannot be recorded', async () => {
    const { resource, ledger } = fixture({ launch: async () => ({ id: ID }), write: async () => { throw serviceError('ValidationException', 'too long'); } });
    await expect(resource.apply({ do: 'identify', launch: FRESH })).rejects.toThrow('too long');
    expect(ledger.calls).toEqual(['write']);
  });

  test.each(['AccessDeniedException', 'ThrottlingException', 'TimeoutError'])('is not forgotten after a transient error: %s', async name => {
    await expect(fixture({ launch: async () => { throw serviceError(name, 'no'); } }).resource.apply({ do: 'identify', launch: FRESH })).rejects.toThrow('no');
  });
});

describe('the MicroVM of another role', () => {
  const DELETED_ROLE = 'arn:aws:iam::123456789012:role/deleted';
  const withoutThatRole = (name: string, roleArn = DELETED_ROLE) => {
    const { event, dependencies } = fixture();
    const launches: MicrovmDependencies['launches'] = async (assumed, ...rest) => {
      if (assumed === roleArn) throw serviceError(name, 'not authorized to perform: sts:AssumeRole');
      return dependencies.launches(assumed, ...rest);
    };
    return new MicrovmResource(event, operationOf(event, 3000, NOW), { ...dependencies, launches });
  };

  test('is terminated with that role', async () => {
    const { resource, sessions } = fixture({ terminate: async () => undefined }, { OldResourceProperties: { ResourceRoleArn: OLD_ROLE } });
    await resource.apply({ do: 'terminate', id: OLD_ID, roleArn: oldLaunch().roleArn });
    expect(sessions.map(([role]) => role)).toEqual([OLD_ROLE]);
  });

  test('counts as absent if the role has been deleted, because nobody may act on it', async () => {
    const resource = withoutThatRole('AccessDenied');
    expect(await resource.observe({ at: 'microvm', id: ID, roleArn: DELETED_ROLE }, observing([]))).toMatchObject({ microvms: { [ID]: 'absent' } });
  });

  test.each([['AccessDenied', ROLE], ['ThrottlingException', DELETED_ROLE]])('does not count as absent after a transient error: %s of %s', async (name, roleArn) => {
    const resource = withoutThatRole(name, roleArn);
    await expect(resource.observe({ at: 'microvm', id: ID, roleArn }, observing([]))).rejects.toThrow('not authorized');
  });
});

test('a launch check has its own rules', () => {
  const { event, dependencies } = fixture({}, { Operation: { Phase: 'rollback' as const, StartedAt: NOW - MINUTE } });
  const check = new MicrovmLaunchCheckResource(event, operationOf(event, 3000, NOW), dependencies);
  expect(check.reconcile(observing([]))).toMatchObject({ kind: 'done', data: { RunningAfter: '' } });
});
