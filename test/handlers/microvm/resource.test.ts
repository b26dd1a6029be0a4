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

/** A resource in a poll, before services that can do only what the test expects. */
function bench(answers: Partial<MicrovmService & Ledger> = {}, more: Parameters<typeof pollEvent>[0] = {}, now = NOW) {
  const microvms = new FakeService<MicrovmService>(['microvm', 'launch', 'terminate', 'token', 'get'], answers);
  const ledger = new FakeService<Ledger>(['launches', 'record', 'write', 'forget'], answers);
  const clock = new FakeClock(now);
  const sessions: string[][] = [];
  const services = { microvms: microvms.service, ledger: ledger.service };
  const dependencies: MicrovmDependencies = { clock, launches: async (...args) => { sessions.push(args); return services; } };
  const event = pollEvent(more);
  return { microvms, ledger, clock, sessions, event, dependencies, resource: new MicrovmResource(event, operationOf(event, 3000, now), dependencies) };
}

describe('the physical id', () => {
  test('of a launch is its token, the same for each delivery', () => {
    const event = pollEvent({ RequestType: 'Create' });
    expect(microvmPhysicalId(event, DESCRIBED)).toMatch(/^launch:[0-9a-f]{64}$/);
    expect(microvmPhysicalId(event, { ...DESCRIBED, StartedAt: NOW + 1 })).toBe(microvmPhysicalId(event, DESCRIBED));
    expect(microvmPhysicalId(event, { ...DESCRIBED, Id: 'other' })).not.toBe(microvmPhysicalId(event, DESCRIBED));
  });

  test('of a deletion is answered unchanged', () => {
    for (const PhysicalResourceId of [ID, 'app-Shared-1ABC']) {
      expect(microvmPhysicalId(pollEvent({ RequestType: 'Delete', PhysicalResourceId }), DESCRIBED)).toBe(PhysicalResourceId);
      expect(launchCheckPhysicalId(pollEvent({ RequestType: 'Delete', PhysicalResourceId }))).toBe(PhysicalResourceId);
    }
  });

  test('of a launch check stays the same', () => {
    expect(launchCheckPhysicalId(pollEvent({ LogicalResourceId: 'Check' }))).toBe('launch-check:Check');
  });
});

describe('what is asked for', () => {
  test('is the request with version and payload, under a path of its own', async () => {
    const { resource, sessions } = bench({ launches: async () => [] }, { ResourceProperties: { ImageVersion: '3.0', Payload: 'the payload' } });
    expect(resource.reconcile(observing([]))).toMatchObject({
      change: { launch: { request: { imageIdentifier: IMAGE, imageVersion: '3.0', runHookPayload: 'the payload', logging: { cloudWatch: { logGroup: LOG_GROUP } } } } },
    });
    await resource.observe({ at: 'launches', confirmAbsence: false }, resource.nothingObserved);
    expect(sessions).toEqual([[ROLE, 'Sandbox', '/cdk-lambda-microvms/0f2c/Sandbox']]);
  });

  test('is the same launch whatever the order of the members, and another for another trigger, version or payload', () => {
    const fingerprint = (ResourceProperties: object) => {
      const step = bench({}, { RequestType: 'Create', ResourceProperties }).resource.reconcile(observing([]));
      return step.kind === 'change' && step.change.do === 'launch' ? step.change.launch.fingerprint : undefined;
    };
    expect(fingerprint({ LaunchRequest: '{"b":1,"a":{"d":1,"c":2}}' })).toBe(fingerprint({ LaunchRequest: '{"a":{"c":2,"d":1},"b":1}', TimeoutSeconds: '60', ResourceRoleArn: OLD_ROLE }));
    expect(new Set([{}, { Trigger: '1' }, { ImageVersion: '2.0' }, { Payload: 'x' }].map(fingerprint)).size).toBe(4);
  });

  test('keeps payloads out of messages', () => {
    expect(bench({}, { ResourceProperties: { Payload: 'new payload' }, OldResourceProperties: { Payload: 'old payload' } }).resource.secrets).toEqual(['new payload', 'old payload']);
  });
});

describe('a look', () => {
  test('at a MicroVM that is on its way lasts until it is there, for some time', async () => {
    let looks = 0;
    const { resource, clock } = bench({ microvm: async () => microvm({ state: ++looks < 4 ? 'PENDING' : 'RUNNING' }) });
    const { microvms } = await resource.observe({ at: 'microvm', id: ID, roleArn: ROLE }, observing([]));
    expect(microvms[ID]).toMatchObject({ state: 'RUNNING' });
    expect(clock.now()).toBe(NOW + 1_500);

    const slow = bench({ microvm: async () => microvm({ state: 'PENDING' }) });
    expect((await slow.resource.observe({ at: 'microvm', id: ID, roleArn: ROLE }, observing([]))).microvms[ID]).toMatchObject({ state: 'PENDING' });
    expect(slow.clock.now()).toBe(NOW + 20 * SECOND);
  });

  test('at what is written down is repeated if nothing is, and that is to be confirmed', async () => {
    const answers = [[], [], [launch()]];
    const { resource, ledger } = bench({ launches: async () => answers.shift()! });
    expect((await resource.observe({ at: 'launches', confirmAbsence: true }, observing(undefined))).launches).toEqual([launch()]);
    expect(ledger.calls).toHaveLength(3);
  });

  test('of the health uses the given role, and keeps the rest', async () => {
    const { resource, sessions } = bench({ token: async () => 'secret token', get: async () => 204 });
    const observation = { at: 'health', microvm: microvm(), check: { port: 8080, path: '/', timeout: MINUTE }, roleArn: OLD_ROLE } as const;
    await expect(resource.observe(observation, observing([launch()]))).resolves.toEqual({
      ...observing([launch()]), health: { isHealthy: true, answer: 'GET / on port 8080 was answered with 204', at: NOW },
    });
    expect(sessions.map(([role]) => role)).toEqual([OLD_ROLE]);
  });
});

describe('a launch', () => {
  test('is written down, asked for, and its id written down', async () => {
    const written: unknown[] = [];
    const write = async (one: unknown) => { written.push(one); };
    const { resource, microvms, ledger } = bench({ record: write, launch: async () => ({ id: ID }), write });
    await resource.apply({ do: 'launch', launch: FRESH, isNew: true });
    expect([...ledger.calls, ...microvms.calls]).toEqual(['record', 'write', 'launch']);
    expect(written).toEqual([FRESH, { ...FRESH, microvmId: ID }]);
  });

  test('that was written down is only asked for again, and keeps its time', async () => {
    const written: unknown[] = [];
    const { resource, ledger } = bench({ launch: async () => ({ id: ID }), write: async one => { written.push(one); } });
    await resource.apply({ do: 'launch', launch: { ...FRESH, launchedAt: NOW - MINUTE }, isNew: false });
    expect(ledger.calls).toEqual(['write']);
    expect(written).toEqual([{ ...FRESH, launchedAt: NOW - MINUTE, microvmId: ID }]);
  });

  test('is left to the next poll if writing it down took long, and so is its id', async () => {
    const slow = (milliseconds: number) => async () => { await bench1.clock.sleep(milliseconds); };
    const bench1 = bench({ record: async () => slow(2_001)() });
    await bench1.resource.apply({ do: 'launch', launch: FRESH, isNew: true });
    expect(bench1.microvms.calls).toEqual([]);
    const bench2 = bench({ record: async () => undefined, launch: async () => { await bench2.clock.sleep(4_001); return { id: ID }; } });
    await bench2.resource.apply({ do: 'launch', launch: FRESH, isNew: true });
    expect(bench2.ledger.calls).toEqual(['record']);
  });

  const refused = async (error: Error, now = NOW) => bench({ record: async () => undefined, launch: async () => { throw error; } }, {}, now).resource
    .apply({ do: 'launch', launch: FRESH, isNew: true }).catch((caught: unknown) => caught);

  const late = (error: Error) => bench({ record: async () => undefined, launch: async () => { throw error; } }, { Operation: { StartedAt: NOW - 5 * MINUTE } })
    .resource.apply({ do: 'launch', launch: FRESH, isNew: true }).catch((caught: unknown) => caught);

  test.each([
    ['ValidationException', 'The run hook must be enabled in the MicroVM image to pass the run hook payload', 'payload', 'MicrovmLaunchRejected'],
    ['ValidationException', 'Network connector is not active', 'egress', 'MicrovmLaunchRejected'],
    ['AccessDeniedException', 'User is not authorized to perform: iam:PassRole with an explicit deny', 'executionRole', 'PermissionDenied'],
  ])('that is refused for good fails with a hint: %s %s', async (name, message, property, code) => {
    const error = await refused(serviceError(name, message));
    expect(error).toBeInstanceOf(TerminalError);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message), hints: [{ property }] });
  });

  test.each([
    ['ResourceNotFoundException', 'No active version found for MicroVM image', { property: 'imageVersion' }, 'MicrovmLaunchRejected'],
    ['ServiceQuotaExceededException', 'The request exceeds the base maximum allocated memory limit of the account', { text: expect.stringContaining('L-CD1C0CC4') }, 'MicrovmQuotaReached'],
  ])('that may pass is repeated for five minutes: %s', async (name, message, hint, code) => {
    expect(await refused(serviceError(name, message))).not.toBeInstanceOf(TerminalError);
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

  test('that a fresh role cannot be passed for is repeated', async () => {
    expect(await refused(serviceError('ValidationException', 'The service was unable to assume the role'))).not.toBeInstanceOf(TerminalError);
    expect(await refused(serviceError('AccessDeniedException', 'not authorized to perform: iam:PassRole'))).not.toBeInstanceOf(TerminalError);
  });
});

describe('a launch whose id never arrived', () => {
  test('is identified by asking again', async () => {
    const written: unknown[] = [];
    const { resource } = bench({ launch: async () => ({ id: ID }), write: async one => { written.push(one); } });
    await resource.apply({ do: 'identify', launch: FRESH });
    expect(written).toEqual([{ ...FRESH, microvmId: ID }]);
  });

  test.each(['ValidationException', 'ResourceNotFoundException'])('is forgotten if the service will not have it: %s', async name => {
    const { resource, ledger } = bench({ launch: async () => { throw serviceError(name, 'no'); }, forget: async () => undefined });
    await resource.apply({ do: 'identify', launch: FRESH });
    expect(ledger.calls).toEqual(['forget']);
  });

  test('is forgotten if its role may not ask for it, though it was there long before: it never could', async () => {
    const denied = { launch: async () => { throw serviceError('AccessDeniedException', 'not authorized to perform: lambda:RunMicrovm'); } };
    const { resource, ledger } = bench({ ...denied, forget: async () => undefined }, {}, NOW + 5 * MINUTE);
    await resource.apply({ do: 'identify', launch: FRESH });
    expect(ledger.calls).toEqual(['forget']);
  });

  test.each(['AccessDeniedException', 'ThrottlingException', 'TimeoutError'])('is not forgotten for what may pass: %s', async name => {
    await expect(bench({ launch: async () => { throw serviceError(name, 'no'); } }).resource.apply({ do: 'identify', launch: FRESH })).rejects.toThrow('no');
  });
});

describe('what another role launched', () => {
  const GONE = 'arn:aws:iam::123456789012:role/gone';
  const withoutThatRole = (name: string, roleArn = GONE) => {
    const { event, dependencies, ledger } = bench({ forget: async () => undefined });
    const launches: MicrovmDependencies['launches'] = async (asked, ...rest) => {
      if (asked === roleArn) throw serviceError(name, 'not authorized to perform: sts:AssumeRole');
      return dependencies.launches(asked, ...rest);
    };
    return { ledger, resource: new MicrovmResource(event, operationOf(event, 3000, NOW), { ...dependencies, launches }) };
  };

  test('is ended with that role', async () => {
    const { resource, sessions } = bench({ terminate: async () => undefined }, { OldResourceProperties: { ResourceRoleArn: OLD_ROLE } });
    await resource.apply({ do: 'terminate', id: OLD_ID, roleArn: oldLaunch().roleArn });
    expect(sessions.map(([role]) => role)).toEqual([OLD_ROLE]);
  });

  test('counts as gone, and is forgotten, if the role is gone: nobody may touch it any more', async () => {
    const { resource, ledger } = withoutThatRole('AccessDenied');
    expect(await resource.observe({ at: 'microvm', id: ID, roleArn: GONE }, observing([]))).toMatchObject({ microvms: { [ID]: 'absent' } });
    await resource.apply({ do: 'identify', launch: { ...FRESH, roleArn: GONE } });
    expect(ledger.calls).toEqual(['forget']);
  });

  test.each([['AccessDenied', ROLE], ['ThrottlingException', GONE]])('does not count as gone because of what may pass: %s of %s', async (name, roleArn) => {
    const { resource } = withoutThatRole(name, roleArn);
    await expect(resource.observe({ at: 'microvm', id: ID, roleArn }, observing([]))).rejects.toThrow('not authorized');
    await expect(resource.apply({ do: 'identify', launch: { ...FRESH, roleArn } })).rejects.toThrow('not authorized');
  });
});

test('a launch check goes by rules of its own', () => {
  const { event, dependencies } = bench({}, { Operation: { Phase: 'rollback' as const, StartedAt: NOW - MINUTE } });
  const check = new MicrovmLaunchCheckResource(event, operationOf(event, 3000, NOW), dependencies);
  expect(check.reconcile(observing([]))).toMatchObject({ kind: 'done', data: { RunningAfter: '' } });
});
