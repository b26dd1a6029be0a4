import {
  desired, ID, IMAGE, launch, LOG_GROUP, microvm, OLD_ID, OLD_ROLE, OLD_TOKEN, oldLaunch, ROLE, observing, input, THIRD_ID, TOKEN,
} from './inputs';
import type { Launch } from '../../../src/handlers/microvm/launch';
import { roleFor, roleToRepeat } from '../../../src/handlers/microvm/launch';
import type { ObservedLaunches } from '../../../src/handlers/microvm/observed';
import { reconcile } from '../../../src/handlers/microvm/reconcile';
import { MINUTE, NOW, SECOND } from '../engine/inputs';

const CREATING = { type: 'Create' } as const;
const ROLLING_BACK = { phase: 'rollback' } as const;
const FRESH = { requestPhysicalId: undefined };
const running = microvm();
const old = microvm({ id: OLD_ID });
const DATA = { MicrovmId: ID, Endpoint: 'host', ImageVersion: '3.0' };

describe('a launch', () => {
  test('waits for changes of an operation before to land', () => {
    expect(reconcile(input(observing(undefined), { ...ROLLING_BACK, inGrace: true }))).toMatchObject({ kind: 'wait' });
  });

  test('begins with a look at what is written down', () => {
    expect(reconcile(input(observing(undefined), CREATING, FRESH))).toMatchObject({ observe: { at: 'launches', confirmAbsence: false } });
  });

  test('is written down and asked for with the token of the operation, and looked at in the same poll', () => {
    expect(reconcile(input(observing([]), CREATING, FRESH))).toEqual(expect.objectContaining({
      kind: 'change',
      showsAtOnce: true,
      change: { do: 'launch', isNew: true, launch: expect.objectContaining({ name: TOKEN, fingerprint: 'new', roleArn: ROLE, request: desired().request }) },
    }));
  });

  test('whose id never arrived is asked for again with the same token', () => {
    expect(reconcile(input(observing([launch({ microvmId: undefined })]), CREATING, FRESH))).toMatchObject({ change: { do: 'launch', isNew: false, launch: { name: TOKEN } } });
  });

  test('is waited for until it runs, and then done, by the id of the MicroVM', () => {
    expect(reconcile(input(observing([launch()]), CREATING, FRESH))).toMatchObject({ observe: { at: 'microvm', id: ID, roleArn: ROLE } });
    expect(reconcile(input(observing([launch()], [microvm({ state: 'PENDING' })]), CREATING, FRESH))).toMatchObject({ kind: 'wait' });
    expect(reconcile(input(observing([launch()], [running]), CREATING, FRESH))).toEqual({ kind: 'done', physicalId: ID, data: DATA });
  });

  test('that does not show at once is waited for', () => {
    const gone = (age: number) => reconcile(input(observing([launch({ launchedAt: NOW - age })], [ID]), CREATING, FRESH));
    expect(gone(59 * SECOND)).toMatchObject({ kind: 'wait' });
    expect(gone(60 * SECOND)).toMatchObject({ kind: 'fail', code: 'MicrovmTerminatedEarly', summary: `MicroVM ${ID} terminated early: it no longer exists` });
  });

  test('fails with the reason of the service and where the log is if it ends early', () => {
    const ended = microvm({ state: 'TERMINATED', stateReason: 'Run hook invocation timed out after PT1S' });
    expect(reconcile(input(observing([launch()], [ended]), CREATING, FRESH))).toEqual({
      kind: 'fail',
      code: 'MicrovmTerminatedEarly',
      summary: `MicroVM ${ID} terminated early: Run hook invocation timed out after PT1S`,
      hints: [],
      more: expect.stringContaining(`aws logs tail ${LOG_GROUP}`),
    });
  });

  test('that has ended is looked up once more before it fails: another delivery may have ended it for good reason', () => {
    const ended = microvm({ state: 'TERMINATED', observedAt: NOW + 1 });
    expect(reconcile(input(observing([launch()], [ended]), CREATING, FRESH))).toMatchObject({ observe: { at: 'launches' } });
    expect(reconcile(input(observing([launch()], [ended], { launchesObservedAt: NOW + 2 }), CREATING, FRESH))).toMatchObject({ kind: 'fail' });
  });

  test('that is ending is waited for until it tells why', () => {
    const step = (state: 'TERMINATING' | 'TERMINATED') => reconcile(input(observing([launch()], [microvm({ state })]), CREATING, FRESH));
    expect([step('TERMINATING').kind, step('TERMINATED').kind]).toEqual(['wait', 'fail']);
  });

  test('says that there is no log if logging is disabled', () => {
    const silent = launch({ request: { imageIdentifier: 'image' } });
    expect(reconcile(input(observing([silent], [microvm({ state: 'TERMINATED' })]), CREATING, FRESH)))
      .toMatchObject({ summary: expect.stringMatching(/: the service gave no reason$/), more: expect.stringContaining('no log') });
  });

  test('is tried again with another token while its execution role may be too fresh to be assumed, a few times', () => {
    const refused = microvm({ state: 'TERMINATED', stateReason: 'The service was unable to assume the role provided' });
    const fresh = { ...CREATING, rolesMayBeFresh: true };
    expect(reconcile(input(observing([launch()], [refused]), fresh, FRESH))).toMatchObject({ change: { do: 'launch', isNew: true, launch: { name: `${TOKEN}-2` } } });
    const eight = Array.from({ length: 8 }, (_, index) => launch({ name: index === 0 ? TOKEN : `${TOKEN}-${index + 1}` }));
    expect(reconcile(input(observing(eight, [refused]), fresh, FRESH))).toMatchObject({ kind: 'fail' });
    expect(reconcile(input(observing([launch()], [refused]), CREATING, FRESH))).toMatchObject({
      kind: 'fail', hints: [{ property: 'executionRole', text: expect.stringContaining('sts:AssumeRole') }],
    });
  });

  test('is tried again so slowly that its attempts last for as long as a role may be fresh', () => {
    const refused = microvm({ state: 'TERMINATED', stateReason: 'The service was unable to assume the role provided' });
    const fresh = { ...CREATING, rolesMayBeFresh: true };
    const after = (seconds: number) => reconcile(input(observing([launch({ launchedAt: NOW - seconds * SECOND })], [refused]), fresh, FRESH));
    expect([after(14), after(15)]).toEqual([expect.objectContaining({ kind: 'wait' }), expect.objectContaining({ kind: 'change' })]);
  });
});

describe('a health check', () => {
  const healthCheck = { port: 8080, path: '/', timeout: MINUTE };
  const probing = (health: { isHealthy: boolean } | undefined, runningAt: number | undefined = NOW - 30 * SECOND, more = {}) =>
    reconcile(input(observing([launch({ runningAt })], [running], { health: health && { answer: 'GET / on port 8080 was answered with 500', at: NOW, ...health } }),
      { ...CREATING, startedAt: NOW - 90 * SECOND, ...more }, { ...FRESH, desired: desired({ healthCheck }) }));

  test('is made once it is written down when the MicroVM ran', () => {
    expect(probing(undefined, undefined as unknown as number)).toMatchObject({ observe: { at: 'health' } });
    expect(reconcile(input(observing([launch()], [running]), CREATING, { ...FRESH, desired: desired({ healthCheck }) })))
      .toMatchObject({ change: { do: 'write', launch: { runningAt: NOW } } });
    expect(probing(undefined)).toMatchObject({ observe: { at: 'health', check: healthCheck, roleArn: ROLE } });
  });

  test('that is passed ends the launch', () => {
    expect(probing({ isHealthy: true })).toMatchObject({ kind: 'done', physicalId: ID });
  });

  test('is repeated for as long as it has time, and then fails with the last answer', () => {
    expect(probing({ isHealthy: false })).toMatchObject({ kind: 'wait', waitingFor: expect.stringContaining('answered with 500') });
    expect(probing({ isHealthy: false }, NOW - 61 * SECOND)).toEqual({
      kind: 'fail',
      code: 'MicrovmUnhealthy',
      summary: `MicroVM ${ID} runs, but GET / on port 8080 was answered with 500`,
      hints: [{
        property: 'healthCheck',
        text: 'the server must listen on 0.0.0.0 and the port of the health check; to wait longer, increase healthCheck.timeout',
      }],
      more: expect.stringContaining(`aws logs tail ${LOG_GROUP}`),
    });
  });

  test('is not made of what a rollback takes back, but of what an update keeps', () => {
    const kept = launch({ name: OLD_TOKEN, runningAt: NOW - 60 * MINUTE });
    const step = (more: object) => reconcile(input(observing([kept], [running]), more, { requestPhysicalId: ID, desired: desired({ healthCheck }) }));
    expect(step(ROLLING_BACK)).toMatchObject({ kind: 'done' });
    expect(step({})).toMatchObject({ observe: { at: 'health' } });
  });
});

describe('a replacement', () => {
  test('launches the new one while the old one runs, and leaves that to the deletion to come', () => {
    expect(reconcile(input(observing([oldLaunch()])))).toMatchObject({ change: { do: 'launch', isNew: true } });
    expect(reconcile(input(observing([oldLaunch(), launch()], [running, old])))).toEqual({ kind: 'done', physicalId: ID, data: DATA });
  });

  test('that is rolled back takes back the old one, which never stopped, and ends the new one if CloudFormation does not know of it', () => {
    const taken = (more: object = {}) => input(observing([oldLaunch(), launch({ name: 'c'.repeat(64) })], [old, running]), { ...ROLLING_BACK }, {
      desired: desired({ fingerprint: 'old', roleArn: OLD_ROLE }), previous: desired(), ...more,
    });
    expect(reconcile(taken())).toMatchObject({ change: { do: 'terminate', id: ID, roleArn: ROLE } });
    for (const requestPhysicalId of [ID, `launch:${'c'.repeat(64)}`]) {
      expect(reconcile(taken({ requestPhysicalId }))).toMatchObject({ kind: 'done', physicalId: OLD_ID });
    }
  });

  test('that is rolled back forgets what CloudFormation knows if that has ended', () => {
    const ended = microvm({ id: OLD_ID, state: 'TERMINATED' });
    const step = (microvms: (typeof ended)[]) => reconcile(input(observing([oldLaunch(), launch()], [running, ...microvms]), ROLLING_BACK));
    expect(step([])).toMatchObject({ observe: { at: 'microvm', id: OLD_ID } });
    expect(step([ended])).toMatchObject({ change: { do: 'forget', launch: { microvmId: OLD_ID } } });
  });

  test('that is rolled back launches anew if the old one has ended', () => {
    const ended = microvm({ id: OLD_ID, state: 'TERMINATED' });
    const step = reconcile(input(observing([oldLaunch()], [ended]), ROLLING_BACK, { desired: desired({ fingerprint: 'old' }) }));
    expect(step).toMatchObject({ change: { do: 'launch', isNew: true, launch: { name: TOKEN } } });
  });

  test('keeps the MicroVM if nothing changed that it is launched with', () => {
    const same = oldLaunch({ fingerprint: 'new' });
    expect(reconcile(input(observing([same])))).toMatchObject({ observe: { at: 'microvm', id: OLD_ID } });
    expect(reconcile(input(observing([same], [old])))).toMatchObject({ kind: 'done', physicalId: OLD_ID });
    expect(reconcile(input(observing([same], [microvm({ id: OLD_ID, state: 'SUSPENDED' })])))).toMatchObject({ kind: 'done', physicalId: OLD_ID });
  });

  test('prefers the one that CloudFormation knows, and ends the others', () => {
    const known = oldLaunch({ fingerprint: 'new', launchedAt: NOW - 90 * MINUTE });
    const other = oldLaunch({ name: 'd'.repeat(64), fingerprint: 'new', microvmId: THIRD_ID });
    expect(reconcile(input(observing([other, known], [old])))).toMatchObject({ observe: { at: 'microvm', id: THIRD_ID } });
    expect(reconcile(input(observing([other, known], [old, microvm({ id: THIRD_ID })])))).toMatchObject({ change: { do: 'terminate', id: THIRD_ID } });
  });

  test('ends what an operation before left behind', () => {
    const orphan = oldLaunch({ name: 'd'.repeat(64), microvmId: undefined });
    expect(reconcile(input(observing([oldLaunch(), orphan, launch()], [running])))).toMatchObject({ change: { do: 'identify', launch: { name: 'd'.repeat(64) } } });
  });

  test('of a create takes nothing back', () => {
    expect(reconcile(input(observing([oldLaunch({ fingerprint: 'new' })], [old]), CREATING, FRESH))).toMatchObject({ change: { do: 'launch', isNew: true } });
  });
});

describe('a deletion', () => {
  const DELETING = { type: 'Delete', phase: 'cleanup' } as const;
  const remove = (observed: ObservedLaunches, requestPhysicalId: string = OLD_ID, more: object = {}) =>
    reconcile(input(observed, { ...DELETING, ...more }, { requestPhysicalId }));

  test('looks until an empty list cannot be a delay', () => {
    expect(remove(observing(undefined))).toMatchObject({ observe: { at: 'launches', confirmAbsence: true } });
  });

  test('terminates the MicroVM, waits until it has ended, and forgets it', () => {
    expect(remove(observing([oldLaunch()]))).toMatchObject({ observe: { at: 'microvm', id: OLD_ID } });
    expect(remove(observing([oldLaunch()], [old]))).toMatchObject({ change: { do: 'terminate', id: OLD_ID } });
    expect(remove(observing([oldLaunch()], [microvm({ id: OLD_ID, state: 'TERMINATING' })]))).toMatchObject({ kind: 'wait' });
    expect(remove(observing([oldLaunch()], [microvm({ id: OLD_ID, state: 'TERMINATED' })]))).toMatchObject({ change: { do: 'forget' } });
    expect(remove(observing([oldLaunch()], [OLD_ID]))).toMatchObject({ change: { do: 'forget' } });
    expect(remove(observing([], [microvm({ id: OLD_ID, state: 'TERMINATED' })]))).toEqual({ kind: 'done' });
  });

  test('ends a MicroVM of which nothing is written down', () => {
    expect(remove(observing([], [old]))).toMatchObject({ change: { do: 'terminate', id: OLD_ID } });
  });

  test('does not look for one of which nothing is written down where others are: it had ended', () => {
    expect(remove(observing([launch()]))).toEqual({ kind: 'done' });
  });

  test('waits for one that was launched just now to show', () => {
    expect(remove(observing([oldLaunch({ launchedAt: NOW - SECOND })], [OLD_ID]))).toMatchObject({ kind: 'wait' });
  });

  test('of one leaves all others alone', () => {
    expect(remove(observing([launch(), oldLaunch()], [running, old]), OLD_ID)).toMatchObject({ change: { id: OLD_ID } });
    expect(remove(observing([launch()], ['gone']), `launch:${OLD_TOKEN}`)).toEqual({ kind: 'done' });
    expect(remove(observing([launch()], [running]), `launch:${TOKEN}`)).toMatchObject({ change: { do: 'terminate', id: ID } });
  });

  test.each(['app-Shared-1ABCDEF', 'microvm-app-Shared-1ABCDEF', 'AWSCDK::CustomResourceProviderFramework::CREATE_FAILED'])(
    'with an id that is not ours ends all: %s', physicalId => {
      expect(remove(observing([launch()], [running]), physicalId)).toMatchObject({ change: { do: 'terminate', id: ID } });
      expect(remove(observing([]), physicalId)).toEqual({ kind: 'done' });
    });

  test('of the stack ends all', () => {
    expect(remove(observing([launch()], [running]), OLD_ID, { phase: 'delete' })).toMatchObject({ change: { do: 'terminate', id: ID } });
  });
});

describe('the role that touches what was launched', () => {
  const GONE = 'arn:aws:iam::123456789012:role/gone';
  const OTHER_REQUEST = { imageIdentifier: `${IMAGE}2` };
  const asked = [desired(), desired({ request: OTHER_REQUEST, fingerprint: 'old', roleArn: OLD_ROLE })];

  test.each<[string, Partial<Launch>, string, string]>([
    ['is that which launched it', { roleArn: OLD_ROLE }, OLD_ROLE, OLD_ROLE],
    ['is another one that is for the same image and launches the same, if that is gone', { roleArn: GONE }, ROLE, ROLE],
    ['may end, and not launch, what is otherwise of the same image', { roleArn: GONE, fingerprint: 'older' }, ROLE, GONE],
    ['is that which launched it if no other is for the image', { roleArn: GONE, fingerprint: 'older', request: { imageIdentifier: `${IMAGE}3` } }, GONE, GONE],
  ])('%s', (_, more, toTouch, toAskAgain) => {
    expect([roleFor(launch(more), asked), roleToRepeat(launch(more), asked)]).toEqual([toTouch, toAskAgain]);
  });

  test('is for a health check that of now: the one that launched may not make it', () => {
    const kept = launch({ name: OLD_TOKEN, roleArn: OLD_ROLE, runningAt: NOW - MINUTE });
    const check = { port: 8080, path: '/', timeout: MINUTE };
    const more = { requestPhysicalId: ID, desired: desired({ healthCheck: check }), previous: desired({ roleArn: OLD_ROLE }) };
    expect(reconcile(input(observing([kept], [microvm()]), {}, more))).toMatchObject({ observe: { at: 'health', roleArn: ROLE } });
  });
});
