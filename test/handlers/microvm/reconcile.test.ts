import {
  desired, healthCheck, ID, IMAGE, launch, LEDGER, LOG_GROUP, microvm, OLD_ID, OLD_ROLE, OLD_TOKEN, oldLaunch, ROLE, observing, input, THIRD_ID,
  TOKEN,
} from './inputs';
import type { Launch } from '../../../src/handlers/microvm/launch';
import { roleFor, roleToRepeat } from '../../../src/handlers/microvm/launch';
import type { ListedMicrovm, Microvm, ObservedLaunches } from '../../../src/handlers/microvm/observed';
import { reconcile } from '../../../src/handlers/microvm/reconcile';
import { MINUTE, NOW, SECOND } from '../engine/inputs';

const CREATING = { type: 'Create' } as const;
const ROLLING_BACK = { phase: 'rollback' } as const;
const FRESH = { requestPhysicalId: undefined };
const running = microvm();
const old = microvm({ id: OLD_ID });
const DATA = { MicrovmId: ID, Endpoint: 'host', ImageVersion: '3.0' };

describe('a launch', () => {
  test('waits until calls of an earlier operation have rollback effect', () => {
    expect(reconcile(input(observing(undefined), { ...ROLLING_BACK, inGrace: true }))).toMatchObject({ kind: 'wait' });
  });

  test('is preceded by an observation of the records', () => {
    expect(reconcile(input(observing(undefined), CREATING, FRESH))).toMatchObject({ observe: { at: 'launches', confirmAbsence: false } });
  });

  test('is recorded, requested with the token of the operation and observed in the same poll', () => {
    expect(reconcile(input(observing([]), CREATING, FRESH))).toEqual(expect.objectContaining({
      kind: 'change',
      showsAtOnce: true,
      change: { do: 'launch', isNew: true, launch: expect.objectContaining({ name: TOKEN, fingerprint: 'new', roleArn: ROLE, request: desired().request }) },
    }));
  });

  test('whose ID never arrived is requested again with the same token', () => {
    expect(reconcile(input(observing([launch({ microvmId: undefined })]), CREATING, FRESH))).toMatchObject({ change: { do: 'launch', isNew: false, launch: { name: TOKEN } } });
  });

  test('that the service rejected is requested again, and says so', () => {
    expect(reconcile(input(observing([launch({ microvmId: undefined, rejected: true })]), CREATING, FRESH)))
      .toMatchObject({ change: { do: 'launch', isNew: false, launch: { name: TOKEN, rejected: true } } });
  });

  test('is requested by the delivery that recorded it only, because two could not tell whether it was rejected', () => {
    const startedAt = NOW - MINUTE;
    const creating = { ...CREATING, startedAt };
    const of = (delivery: number | undefined) => reconcile(input(observing([launch({ microvmId: undefined, delivery })]), creating, FRESH));
    expect(reconcile(input(observing([]), creating, FRESH))).toMatchObject({ change: { launch: { delivery: startedAt } } });
    expect(of(startedAt)).toMatchObject({ change: { do: 'launch', isNew: false, launch: { delivery: startedAt } } });
    expect(of(undefined)).toMatchObject({ change: { do: 'launch', isNew: false } });
    expect(of(startedAt - 1)).toMatchObject({ kind: 'wait' });
  });

  test('ends the operation with the ID of the MicroVM when it runs', () => {
    expect(reconcile(input(observing([launch()]), CREATING, FRESH))).toMatchObject({ observe: { at: 'microvm', id: ID, roleArn: ROLE, launchedAt: NOW - MINUTE } });
    expect(reconcile(input(observing([launch()], [microvm({ state: 'PENDING' })]), CREATING, FRESH))).toMatchObject({ kind: 'wait' });
    expect(reconcile(input(observing([launch()], [running]), CREATING, FRESH))).toEqual({ kind: 'done', physicalId: ID, data: DATA });
  });

  test('may take a minute to show', () => {
    const absent = (age: number) => reconcile(input(observing([launch({ launchedAt: NOW - age })], [ID]), CREATING, FRESH));
    expect(absent(59 * SECOND)).toMatchObject({ kind: 'wait' });
    expect(absent(60 * SECOND)).toMatchObject({ kind: 'fail', code: 'MicrovmTerminatedEarly', summary: `MicroVM ${ID} terminated early: it no longer exists` });
  });

  test('fails with the reason of the service and the place of the log if the MicroVM terminates early', () => {
    const terminated = microvm({ state: 'TERMINATED', stateReason: 'Run hook invocation timed out after PT1S' });
    expect(reconcile(input(observing([launch()], [terminated]), CREATING, FRESH))).toEqual({
      kind: 'fail',
      code: 'MicrovmTerminatedEarly',
      summary: `MicroVM ${ID} terminated early: Run hook invocation timed out after PT1S`,
      hints: [],
      log: [],
      more: expect.stringContaining(`aws logs tail ${LOG_GROUP}`),
    });
  });

  test('fails with the end of the log, which is observed first', () => {
    const terminated = microvm({ state: 'TERMINATED' });
    const step = (more: object, log?: string[]) =>
      reconcile(input(observing([launch()], [terminated], { log }), CREATING, { ...FRESH, desired: desired({ showsLog: true, ...more }) }));
    expect(step({})).toMatchObject({
      observe: { at: 'log', id: ID, logGroup: LOG_GROUP, roleArn: ROLE }, fallback: { kind: 'fail', code: 'MicrovmTerminatedEarly' },
    });
    expect(step({}, ['boom: no config'])).toMatchObject({ kind: 'fail', log: ['boom: no config'] });
    expect(step({ showsLog: false })).toMatchObject({ kind: 'fail', log: [] });
    const request = { imageIdentifier: IMAGE };
    expect(reconcile(input(observing([launch({ request })], [terminated]), CREATING, { ...FRESH, desired: desired({ showsLog: true, request }) })))
      .toMatchObject({ kind: 'fail' });
  });

  test('says how to keep a log group that the rollback of a creation deletes', () => {
    const more = (type: 'Create' | 'Update') => reconcile(input(observing([launch()], [microvm({ state: 'TERMINATED' })]), { type }));
    expect(more('Create')).toMatchObject({ more: expect.stringContaining('cdk deploy --no-rollback') });
    expect(more('Update')).toMatchObject({ more: expect.not.stringContaining('--no-rollback') });
  });

  test('fails only after the records were observed again, because another delivery may have terminated the MicroVM', () => {
    const terminated = microvm({ state: 'TERMINATED', observedAt: NOW + 1 });
    expect(reconcile(input(observing([launch()], [terminated]), CREATING, FRESH))).toMatchObject({ observe: { at: 'launches' } });
    expect(reconcile(input(observing([launch()], [terminated], { launchesObservedAt: NOW + 2 }), CREATING, FRESH))).toMatchObject({ kind: 'fail' });
  });

  test('fails only when the MicroVM has terminated and shows the reason', () => {
    const step = (state: 'TERMINATING' | 'TERMINATED') => reconcile(input(observing([launch()], [microvm({ state })]), CREATING, FRESH));
    expect([step('TERMINATING').kind, step('TERMINATED').kind]).toEqual(['wait', 'fail']);
  });

  test('fails with a message that the MicroVM has no log if logging is disabled', () => {
    const request = { imageIdentifier: 'image' };
    const silent = launch({ request });
    expect(reconcile(input(observing([silent], [microvm({ state: 'TERMINATED' })]), CREATING, { ...FRESH, desired: desired({ request }) })))
      .toMatchObject({ summary: expect.stringMatching(/: the service gave no reason$/), more: expect.stringContaining('no log') });
  });

  test('is tried again with other tokens while IAM may not have propagated the execution role, up to eight times', () => {
    const rejected = microvm({ state: 'TERMINATED', stateReason: 'The service was unable to assume the role provided' });
    const fresh = { ...CREATING, rolesMayBeFresh: true };
    expect(reconcile(input(observing([launch()], [rejected]), fresh, FRESH))).toMatchObject({ change: { do: 'launch', isNew: true, launch: { name: `${TOKEN}-2` } } });
    const eight = Array.from({ length: 8 }, (_, index) => launch({ name: index === 0 ? TOKEN : `${TOKEN}-${index + 1}` }));
    expect(reconcile(input(observing(eight, [rejected]), fresh, FRESH))).toMatchObject({ kind: 'fail' });
    expect(reconcile(input(observing([launch()], [rejected]), CREATING, FRESH))).toMatchObject({
      kind: 'fail', hints: [{ property: 'executionRole', text: expect.stringContaining('sts:AssumeRole') }],
    });
  });

  test('is tried again at intervals that spread the attempts over the propagation of a role', () => {
    const rejected = microvm({ state: 'TERMINATED', stateReason: 'The service was unable to assume the role provided' });
    const fresh = { ...CREATING, rolesMayBeFresh: true };
    const after = (seconds: number) => reconcile(input(observing([launch({ launchedAt: NOW - seconds * SECOND })], [rejected]), fresh, FRESH));
    expect([after(14), after(15)]).toEqual([expect.objectContaining({ kind: 'wait' }), expect.objectContaining({ kind: 'change' })]);
  });
});

describe('a health check', () => {
  const checking = (health: { isHealthy: boolean } | undefined, runningAt: number | undefined = NOW - 30 * SECOND, more = {}) =>
    reconcile(input(observing([launch({ runningAt })], [running], { health: health && { answer: 'GET / on port 8080 was answered with 500', at: NOW, ...health } }),
      { ...CREATING, startedAt: NOW - 90 * SECOND, ...more }, { ...FRESH, desired: desired({ healthCheck: healthCheck() }) }));

  test('begins after it was recorded when the MicroVM ran', () => {
    expect(checking(undefined, undefined as unknown as number)).toMatchObject({ observe: { at: 'health' } });
    expect(reconcile(input(observing([launch()], [running]), CREATING, { ...FRESH, desired: desired({ healthCheck: healthCheck() }) })))
      .toMatchObject({ change: { do: 'write', launch: { runningAt: NOW } } });
    expect(checking(undefined)).toMatchObject({ observe: { at: 'health', check: healthCheck(), roleArn: ROLE } });
  });

  test('ends the operation when it passes', () => {
    expect(checking({ isHealthy: true })).toMatchObject({ kind: 'done', physicalId: ID });
  });

  test('is repeated until its timeout, and then fails with the last answer', () => {
    expect(checking({ isHealthy: false })).toMatchObject({ kind: 'wait', waitingFor: expect.stringContaining('answered with 500') });
    expect(checking({ isHealthy: false }, NOW - 61 * SECOND)).toEqual({
      kind: 'fail',
      code: 'MicrovmUnhealthy',
      summary: `MicroVM ${ID} runs, but GET / on port 8080 was answered with 500`,
      hints: [{ property: 'healthCheck', text: 'the application failed or is not ready; its log says why' }],
      log: [],
      more: expect.stringContaining(`aws logs tail ${LOG_GROUP}`),
    });
  });

  test('applies to a MicroVM that an update keeps, but not to one to which a rollback returns', () => {
    const kept = launch({ name: OLD_TOKEN, runningAt: NOW - 60 * MINUTE });
    const rest = { requestPhysicalId: ID, desired: desired({ healthCheck: healthCheck() }) };
    const step = (more: object) => reconcile(input(observing([kept], [running]), more, rest));
    expect(step(ROLLING_BACK)).toMatchObject({ kind: 'done' });
    expect(step({})).toMatchObject({ observe: { at: 'health' } });
  });
});

describe('a replacement', () => {
  test('launches the new MicroVM while the old one runs, which a later deletion terminates', () => {
    expect(reconcile(input(observing([oldLaunch()])))).toMatchObject({ change: { do: 'launch', isNew: true } });
    expect(reconcile(input(observing([oldLaunch(), launch()], [running, old])))).toEqual({ kind: 'done', physicalId: ID, data: DATA });
  });

  test('that is rolled back returns to the old MicroVM, and terminates the new one if CloudFormation does not know it', () => {
    const rollback = (more: object = {}) => input(observing([oldLaunch(), launch({ name: 'c'.repeat(64) })], [old, running]), { ...ROLLING_BACK }, {
      desired: desired({ fingerprint: 'old', roleArn: OLD_ROLE }), previous: desired(), ...more,
    });
    expect(reconcile(rollback())).toMatchObject({ change: { do: 'terminate', id: ID, roleArn: ROLE } });
    for (const requestPhysicalId of [ID, `launch:${'c'.repeat(64)}`]) {
      expect(reconcile(rollback({ requestPhysicalId }))).toMatchObject({ kind: 'done', physicalId: OLD_ID });
    }
  });

  test('that is rolled back deletes the record of the MicroVM that CloudFormation knows if it has terminated', () => {
    const terminated = microvm({ id: OLD_ID, state: 'TERMINATED' });
    const step = (microvms: (typeof terminated)[]) => reconcile(input(observing([oldLaunch(), launch()], [running, ...microvms]), ROLLING_BACK));
    expect(step([])).toMatchObject({ observe: { at: 'microvm', id: OLD_ID } });
    expect(step([terminated])).toMatchObject({ change: { do: 'forget', launch: { microvmId: OLD_ID } } });
  });

  test('that is rolled back launches another MicroVM if the old one has terminated', () => {
    const terminated = microvm({ id: OLD_ID, state: 'TERMINATED' });
    const step = reconcile(input(observing([oldLaunch()], [terminated]), ROLLING_BACK, { desired: desired({ fingerprint: 'old' }) }));
    expect(step).toMatchObject({ change: { do: 'launch', isNew: true, launch: { name: TOKEN } } });
  });

  test('does not happen if nothing changed that affects the launch', () => {
    const same = oldLaunch({ fingerprint: 'new' });
    expect(reconcile(input(observing([same])))).toMatchObject({ observe: { at: 'microvm', id: OLD_ID } });
    expect(reconcile(input(observing([same], [old])))).toMatchObject({ kind: 'done', physicalId: OLD_ID });
    expect(reconcile(input(observing([same], [microvm({ id: OLD_ID, state: 'SUSPENDED' })])))).toMatchObject({ kind: 'done', physicalId: OLD_ID });
  });

  test('keeps the MicroVM that CloudFormation knows, and terminates the others', () => {
    const known = oldLaunch({ fingerprint: 'new', launchedAt: NOW - 90 * MINUTE });
    const other = oldLaunch({ name: 'd'.repeat(64), fingerprint: 'new', microvmId: THIRD_ID });
    expect(reconcile(input(observing([other, known], [old])))).toMatchObject({ observe: { at: 'microvm', id: THIRD_ID } });
    expect(reconcile(input(observing([other, known], [old, microvm({ id: THIRD_ID })])))).toMatchObject({ change: { do: 'terminate', id: THIRD_ID } });
  });

  test('terminates what an earlier operation left behind', () => {
    const orphan = oldLaunch({ name: 'd'.repeat(64), microvmId: undefined });
    expect(reconcile(input(observing([oldLaunch(), orphan, launch()], [running])))).toMatchObject({ change: { do: 'identify', launch: { name: 'd'.repeat(64) } } });
  });

  test('does not reuse a MicroVM in a creation', () => {
    expect(reconcile(input(observing([oldLaunch({ fingerprint: 'new' })], [old]), CREATING, FRESH))).toMatchObject({ change: { do: 'launch', isNew: true } });
  });
});

describe('a deletion', () => {
  const DELETING = { type: 'Delete', phase: 'cleanup' } as const;
  const remove = (observed: ObservedLaunches, requestPhysicalId: string = OLD_ID, more: object = {}) =>
    reconcile(input(observed, { ...DELETING, ...more }, { requestPhysicalId }));

  test('confirms an empty list of records', () => {
    expect(remove(observing(undefined))).toMatchObject({ observe: { at: 'launches', confirmAbsence: true } });
  });

  test('terminates the MicroVM, waits until it has terminated, and deletes its record', () => {
    expect(remove(observing([oldLaunch()]))).toMatchObject({ observe: { at: 'microvm', id: OLD_ID } });
    expect(remove(observing([oldLaunch()], [old]))).toMatchObject({ change: { do: 'terminate', id: OLD_ID } });
    expect(remove(observing([oldLaunch()], [microvm({ id: OLD_ID, state: 'TERMINATING' })]))).toMatchObject({ kind: 'wait' });
    expect(remove(observing([oldLaunch()], [microvm({ id: OLD_ID, state: 'TERMINATED' })]))).toMatchObject({ change: { do: 'forget' } });
    expect(remove(observing([oldLaunch()], [OLD_ID]))).toMatchObject({ change: { do: 'forget' } });
    expect(remove(observing([], [microvm({ id: OLD_ID, state: 'TERMINATED' })]))).toEqual({ kind: 'done' });
  });

  test('terminates a MicroVM without a record', () => {
    expect(remove(observing([], [old]))).toMatchObject({ change: { do: 'terminate', id: OLD_ID } });
  });

  test('does not observe a MicroVM without a record if others have records, because it had terminated', () => {
    expect(remove(observing([launch()]))).toEqual({ kind: 'done' });
  });

  test('waits for a new MicroVM to show', () => {
    expect(remove(observing([oldLaunch({ launchedAt: NOW - SECOND })], [OLD_ID]))).toMatchObject({ kind: 'wait' });
  });

  test('of one MicroVM does not affect others', () => {
    expect(remove(observing([launch(), oldLaunch()], [running, old]), OLD_ID)).toMatchObject({ change: { id: OLD_ID } });
    expect(remove(observing([launch()], ['absent']), `launch:${OLD_TOKEN}`)).toEqual({ kind: 'done' });
    expect(remove(observing([launch()], [running]), `launch:${TOKEN}`)).toMatchObject({ change: { do: 'terminate', id: ID } });
  });

  test.each(['app-Shared-1ABCDEF', 'microvm-app-Shared-1ABCDEF', 'AWSCDK::CustomResourceProviderFramework::CREATE_FAILED'])(
    'with an ID of another form terminates all MicroVMs: %s', physicalId => {
      expect(remove(observing([launch()], [running]), physicalId)).toMatchObject({ change: { do: 'terminate', id: ID } });
      expect(remove(observing([]), physicalId)).toEqual({ kind: 'done' });
    });

  test('of the stack terminates all MicroVMs', () => {
    expect(remove(observing([launch()], [running]), OLD_ID, { phase: 'delete' })).toMatchObject({ change: { do: 'terminate', id: ID } });
  });
});

describe('a launch whose answer was lost', () => {
  const DELETING = { type: 'Delete', phase: 'cleanup' } as const;
  const lost = oldLaunch({ microvmId: undefined, request: { imageIdentifier: IMAGE, imageVersion: '3.0' } });
  const row = (more: Partial<ListedMicrovm> = {}): ListedMicrovm => (
    { id: THIRD_ID, imageArn: IMAGE, imageVersion: '3.0', state: 'RUNNING', startedAt: lost.launchedAt, ...more });
  const listing = (rows: ListedMicrovm[], launches: Launch[] = [lost], areAll = true) =>
    observing(launches, [], { listed: { [lost.name]: { found: rows, areAll } } });
  const remove = (observed: ObservedLaunches, { request } = lost) =>
    reconcile(input(observed, DELETING, { requestPhysicalId: `launch:${OLD_TOKEN}`, desired: desired({ request }) }));

  test('is requested again by a deletion, and the list decides if that fails', () => {
    expect(remove(observing([lost]))).toMatchObject({
      change: { do: 'identify', launch: { roleArn: ROLE } }, fallback: { observe: { at: 'list', launch: { name: OLD_TOKEN }, roleArn: ROLE } },
    });
  });

  test('is forgotten by a deletion if it was rejected, without a request', () => {
    expect(remove(observing([{ ...lost, rejected: true }]))).toMatchObject({ change: { do: 'forget' } });
  });

  test.each<[string, Partial<ListedMicrovm>]>([
    ['is of another image', { imageArn: `${IMAGE}2` }],
    ['is of another version', { imageVersion: '30.0' }],
    ['is terminating', { state: 'TERMINATING' }],
    ['has terminated', { state: 'TERMINATED' }],
    ['started before the launch', { startedAt: lost.launchedAt - 61 * SECOND }],
    ['started after the operation that launched', { startedAt: lost.launchedAt + 57 * MINUTE }],
  ])('launched nothing if every listed MicroVM %s', (_, more) => {
    expect(remove(listing([row(more)]))).toMatchObject({ change: { do: 'forget' } });
  });

  test('launched nothing if every listed MicroVM is that of another record', () => {
    expect(remove(listing([row()], [lost, launch({ microvmId: THIRD_ID })]))).toMatchObject({ change: { do: 'forget' } });
  });

  test.each<Partial<ListedMicrovm>>([{}, { imageVersion: '3' }, { state: 'SUSPENDED' }, { startedAt: lost.launchedAt - 59 * SECOND }])(
    'fails a deletion if a listed MicroVM may be its: %j', more => {
      expect(remove(listing([row(more)]))).toMatchObject({
        kind: 'fail', code: 'MicrovmQuotaReached', summary: expect.stringContaining(THIRD_ID), hints: [{ text: expect.stringContaining(`aws lambda-microvms terminate-microvm --microvm-identifier ${THIRD_ID}`) }],
      });
    });

  test('may have launched any version if the request named none', () => {
    const any = { ...lost, request: { imageIdentifier: IMAGE } };
    expect(remove(listing([row({ imageVersion: '7.0' })], [any]), any)).toMatchObject({ kind: 'fail', code: 'MicrovmQuotaReached' });
  });

  test.each([
    [[], `list of the MicroVMs of ${IMAGE} is too long to be read in one poll; one of them may be its`, '<id>'],
    [[row()], `too long to be read in one poll; one of these MicroVMs may be its: ${THIRD_ID}`, THIRD_ID],
  ])('fails a deletion with the command to list the MicroVMs if the list is too long: %j', (rows, why, id) => {
    expect(remove(listing(rows, [lost], false))).toMatchObject({
      kind: 'fail',
      code: 'MicrovmQuotaReached',
      summary: expect.stringContaining(why),
      hints: [
        { text: expect.stringContaining(`aws lambda-microvms list-microvms --image-identifier ${IMAGE}`) },
        { text: expect.stringContaining(`--microvm-identifier ${id}`) },
      ],
    });
  });

  test.each([[[row()], true], [[], false]])('keeps its record in an update, which goes on: %j, the whole list: %s', (found, areAll) => {
    const observed = observing([lost, launch()], [microvm()], { listed: { [lost.name]: { found, areAll } } });
    expect(reconcile(input(observed, {}, { requestPhysicalId: ID }))).toEqual({ kind: 'done', physicalId: ID, data: DATA });
  });

  test('is identified after MicroVMs that are known have terminated, whose memory may be what is missing', () => {
    const known = oldLaunch();
    expect(reconcile(input(observing([lost, known], [old]), { ...DELETING, phase: 'delete' }))).toMatchObject({ change: { do: 'terminate', id: OLD_ID } });
  });
});

describe('a record whose request is in no properties', () => {
  const REQUESTS = {
    'another image': { imageIdentifier: `${IMAGE}2` },
    'another execution role': { ...desired().request, executionRoleArn: 'arn:aws:iam::123456789012:role/other' },
    'another payload': { ...desired().request, runHookPayload: 'curl' },
    'other connectors': { ...desired().request, egressNetworkConnectors: ['other'] },
    'no logging': { imageIdentifier: IMAGE },
  };
  const forged = (request: Launch['request'] = REQUESTS['another payload']) => launch({ name: OLD_TOKEN, microvmId: undefined, request });
  const row: ListedMicrovm = { id: THIRD_ID, imageArn: IMAGE, imageVersion: '3.0', state: 'RUNNING', startedAt: forged().launchedAt };
  const listing = (found: ListedMicrovm[], areAll = true, record = forged()) =>
    observing([record], [], { listed: { [OLD_TOKEN]: { found, areAll } } });
  const remove = (observed: ObservedLaunches) => reconcile(input(observed, { type: 'Delete', phase: 'delete' }));

  test.each(Object.entries(REQUESTS))('is never requested again, but looked for in the list: %s', (_, request) => {
    const list = { observe: { at: 'list', launch: { name: OLD_TOKEN }, roleArn: ROLE } };
    expect(remove(observing([forged(request)]))).toMatchObject(list);
    expect(reconcile(input(observing([forged(request), launch()], [running]), {}, { requestPhysicalId: ID }))).toMatchObject(list);
  });

  test('is requested again, whatever else it says, with the role of the properties that have its request', () => {
    const stranger = { fingerprint: 'any', roleArn: 'arn:aws:iam::123456789012:role/handler-of-other' };
    expect(remove(observing([{ ...forged(desired().request), ...stranger }]))).toMatchObject({ change: { do: 'identify', launch: { roleArn: ROLE } } });
    const previous = desired({ request: REQUESTS['another payload'], roleArn: OLD_ROLE });
    expect(reconcile(input(observing([{ ...forged(), ...stranger }, launch()], [running]), {}, { requestPhysicalId: ID, previous })))
      .toMatchObject({ change: { do: 'identify', launch: { roleArn: OLD_ROLE } } });
  });

  test('is forgotten if no MicroVM in the list may be its', () => {
    expect(remove(listing([]))).toMatchObject({ change: { do: 'forget', launch: { name: OLD_TOKEN } } });
  });

  test('fails a deletion if a MicroVM in the list may be its, with the parameter and what to do', () => {
    const parameter = `${LEDGER}/${OLD_TOKEN}`;
    expect(remove(listing([row]))).toMatchObject({
      kind: 'fail',
      code: 'MicrovmLaunchRecordUnreadable',
      summary: `the SSM parameter ${parameter} records a launch without an ID, whose request is in no properties of this resource, so the deployment does not repeat it; `
        + `one of these MicroVMs may be its: ${THIRD_ID}`,
      hints: [
        { text: expect.stringContaining(`terminate-microvm --microvm-identifier ${THIRD_ID}`) },
        { text: `if none of them belongs to this resource, delete the record: aws ssm delete-parameter --name ${parameter}` },
      ],
    });
  });

  test('fails a deletion if the list is too long, with a command only for what is the ARN of an image', () => {
    expect(remove(listing([], false))).toMatchObject({ hints: [{ text: `list them: aws lambda-microvms list-microvms --image-identifier ${IMAGE}` }, {}, {}] });
    const injected = forged({ imageIdentifier: '$(curl evil)' });
    expect(remove(listing([], false, injected))).toMatchObject({ kind: 'fail', hints: [{ text: expect.stringContaining('terminate-microvm') }, {}] });
  });

  test('is left by an update to a later operation', () => {
    const observed = observing([forged(), launch()], [running], { listed: { [OLD_TOKEN]: { found: [row], areAll: true } } });
    expect(reconcile(input(observed, {}, { requestPhysicalId: ID }))).toEqual({ kind: 'done', physicalId: ID, data: DATA });
  });
});

describe('a MicroVM that an update returns to', () => {
  const request = { ...desired().request, executionRoleArn: 'arn:aws:iam::123456789012:role/app' };
  const shown = { id: OLD_ID, imageArn: IMAGE, executionRoleArn: request.executionRoleArn };
  const recorded = launch({ name: OLD_TOKEN, microvmId: OLD_ID, request });
  const STRANGERS = [{ ...shown, imageArn: `${IMAGE}2` }, { ...shown, executionRoleArn: 'arn:aws:iam::123456789012:role/other' }, { executionRoleArn: undefined }];
  const update = (found: Partial<Microvm>, record = recorded, requestPhysicalId = ID) =>
    reconcile(input(observing([record], [microvm({ id: OLD_ID, ...found })]), {}, { requestPhysicalId, desired: desired({ request }) }));

  test.each([shown, { ...shown, imageArn: `${IMAGE}:3.0` }])('has the image and the execution role of the properties: %j', found => {
    expect(update(found)).toMatchObject({ kind: 'done', physicalId: OLD_ID });
  });

  test.each(STRANGERS)('is not one that a forged record names: %j', found => {
    expect(update(found)).toMatchObject({ change: { do: 'launch', isNew: true } });
  });

  test.each(STRANGERS)('may be the one that CloudFormation names, whatever the service shows of it: %j', found => {
    expect(update(found, recorded, OLD_ID)).toMatchObject({ kind: 'done', physicalId: OLD_ID });
  });

  test('is not one of another request, although the record has the fingerprint of the properties', () => {
    expect(update(shown, { ...recorded, request: { ...request, imageVersion: '1.0' } })).toMatchObject({ change: { do: 'launch', isNew: true } });
  });
});

test('a launch of this operation is described with the role of the properties, whatever its record says', () => {
  expect(reconcile(input(observing([launch({ roleArn: OLD_ROLE })])))).toMatchObject({ observe: { at: 'microvm', id: ID, roleArn: ROLE } });
});

test('a launch with another request is not that of this operation, even if it has its token', () => {
  const another = launch({ request: { imageIdentifier: `${IMAGE}2` } });
  expect(reconcile(input(observing([another])))).toMatchObject({ kind: 'wait', waitingFor: 'another operation to launch the MicroVM' });
});

describe('damaged records', () => {
  const unreadable = ['/cdk-lambda-microvms/0f2c/Shared/damaged'];
  const refused = {
    kind: 'fail',
    code: 'MicrovmLaunchRecordUnreadable',
    summary: expect.stringContaining(unreadable[0]),
    hints: [{ text: expect.stringContaining('aws ssm get-parameters --names') }, { text: expect.stringContaining(`aws ssm delete-parameters --names ${unreadable[0]}`) }],
  };

  test.each(['forward', 'unknown'] as const)('fail an update in phase %s before it changes anything', phase => {
    expect(reconcile(input(observing([], [], { unreadable }), { phase }))).toMatchObject(refused);
  });

  test('do not fail a rollback, which needs none of them', () => {
    const observed = observing([oldLaunch({ fingerprint: 'new' })], [old], { unreadable });
    expect(reconcile(input(observed, ROLLING_BACK))).toMatchObject({ kind: 'done', physicalId: OLD_ID });
  });

  describe('in a deletion', () => {
    const remove = (observed: ObservedLaunches, requestPhysicalId: string, more: object = {}) =>
      reconcile(input(observed, { type: 'Delete', phase: 'cleanup', ...more }, { requestPhysicalId }));

    test('of a known ID do not matter: that MicroVM is terminated', () => {
      expect(remove(observing([launch()], [old, running], { unreadable }), OLD_ID)).toMatchObject({ change: { do: 'terminate', id: OLD_ID } });
      expect(remove(observing([launch()], [microvm({ id: OLD_ID, state: 'TERMINATED' })], { unreadable }), OLD_ID)).toMatchObject({ kind: 'done' });
    });

    test('of everything fail it, after everything that is known has terminated', () => {
      for (const [physicalId, phase] of [[OLD_ID, 'delete'], ['app-Shared-1ABC', 'cleanup']] as const) {
        expect(remove(observing([launch()], [running, old], { unreadable }), physicalId, { phase })).toMatchObject({ change: { do: 'terminate', id: ID } });
        expect(remove(observing([], [microvm({ id: OLD_ID, state: 'TERMINATED' })], { unreadable }), physicalId, { phase })).toMatchObject(refused);
      }
    });

    test('of a launch fail it only if the damaged record is its own', () => {
      const own = [`/cdk-lambda-microvms/0f2c/Shared/${OLD_TOKEN}-2`];
      expect(remove(observing([], [], { unreadable: own }), `launch:${OLD_TOKEN}`)).toMatchObject({ kind: 'fail', summary: expect.stringContaining(own[0]) });
      expect(remove(observing([], [], { unreadable }), `launch:${OLD_TOKEN}`)).toMatchObject({ kind: 'done' });
    });
  });
});

describe('the role for a launch', () => {
  const DELETED_ROLE = 'arn:aws:iam::123456789012:role/deleted';
  const OTHER_REQUEST = { imageIdentifier: `${IMAGE}2` };
  const known = [desired(), desired({ request: OTHER_REQUEST, roleArn: OLD_ROLE })];

  test.each<[string, Partial<Launch>, string, string | undefined]>([
    ['is the role that launched it', { roleArn: OLD_ROLE, request: OTHER_REQUEST }, OLD_ROLE, OLD_ROLE],
    ['is a known role for the same launch if the role that launched it has been deleted', { roleArn: DELETED_ROLE }, ROLE, ROLE],
    ['is a known role for the same image, but only to terminate another launch', { roleArn: DELETED_ROLE, request: { imageIdentifier: IMAGE } }, ROLE, undefined],
    ['is the role that launched it, but only to terminate, if no known role is for its image', { roleArn: DELETED_ROLE, request: { imageIdentifier: `${IMAGE}3` } }, DELETED_ROLE, undefined],
  ])('%s', (_, more, toTerminate, toRepeat) => {
    expect([roleFor(launch(more), known), roleToRepeat(launch(more), known)]).toEqual([toTerminate, toRepeat]);
  });

  test('is the current one for health checks, because the role that launched it may not allow them', () => {
    const kept = launch({ name: OLD_TOKEN, roleArn: OLD_ROLE, runningAt: NOW - MINUTE });
    const more = { requestPhysicalId: ID, desired: desired({ healthCheck: healthCheck() }), previous: desired({ roleArn: OLD_ROLE }) };
    expect(reconcile(input(observing([kept], [microvm()]), {}, more))).toMatchObject({ observe: { at: 'health', roleArn: ROLE } });
  });
});
