import { desired, healthCheck as healthCheckOf, ID, launch, microvm, OLD_ID, oldLaunch, observing, input, TOKEN } from './inputs';
import { reconcileCheck } from '../../../src/handlers/microvm/check';
import { hintsForHealth } from '../../../src/handlers/microvm/hints';
import type { Launch } from '../../../src/handlers/microvm/launch';
import type { ObservedLaunches } from '../../../src/handlers/microvm/observed';
import { MINUTE, NOW, SECOND } from '../engine/inputs';

const healthCheck = healthCheckOf();
const passed = { passed: true, imageVersion: '3.0', respondedAt: NOW - 55 * SECOND } as const;
const RAN = NOW - 58 * SECOND;
const terminated = microvm({ state: 'TERMINATED' });

const check = (observed: ObservedLaunches, more: object = {}, rest: object = {}) =>
  reconcileCheck(input(observed, { startedAt: NOW - 2 * MINUTE, ...more }, { requestPhysicalId: 'launch-check:Check', desired: desired({ healthCheck }), ...rest }));
const checked = (isHealthy: boolean, more: Partial<Launch> = {}) =>
  check(observing([launch({ runningAt: RAN, ...more })], [microvm()], { health: { isHealthy, answer: 'GET / on port 8080 was answered with 404', at: NOW } }));

test('a check launches a MicroVM, records when it ran, and checks its health', () => {
  expect(check(observing(undefined))).toMatchObject({ observe: { at: 'launches' } });
  expect(check(observing([]))).toMatchObject({ change: { do: 'launch', isNew: true, launch: { name: TOKEN } } });
  expect(check(observing([launch()], [microvm({ state: 'PENDING' })]))).toMatchObject({ kind: 'wait' });
  expect(check(observing([launch()], [microvm({ observedAt: RAN })]))).toMatchObject({ change: { do: 'write', launch: { runningAt: RAN } } });
  expect(check(observing([launch({ runningAt: RAN })], [microvm()]))).toMatchObject({ observe: { at: 'health', check: healthCheck } });
});

test('a check records its outcome before it terminates the MicroVM', () => {
  expect(checked(true)).toMatchObject({ change: { do: 'write', launch: { outcome: { passed: true, imageVersion: '3.0', respondedAt: NOW } } } });
  expect(checked(false)).toMatchObject({ kind: 'wait', waitingFor: expect.stringContaining('404') });
  expect(checked(false, { runningAt: NOW - 61 * SECOND })).toMatchObject({ change: { do: 'write', launch: { outcome: { passed: false, why: expect.stringContaining('404') } } } });
});

test('a check that passed terminates the MicroVM, and returns what it measured', () => {
  const done = launch({ runningAt: RAN, outcome: passed });
  expect(check(observing([done], [microvm()]))).toMatchObject({ change: { do: 'terminate', id: ID } });
  expect(check(observing([done], [terminated]))).toEqual({ kind: 'done', physicalId: undefined, data: { ImageVersion: '3.0', RunningAfter: '2000', RespondedAfter: '5000' } });
});

test('a check does not count a record with the fingerprint of the properties, but another request, as passed', () => {
  const forged = oldLaunch({ fingerprint: 'new', request: { imageIdentifier: 'other' }, outcome: passed });
  expect(check(observing([forged]))).toMatchObject({ change: { do: 'launch', isNew: true } });
});

test('a check that failed terminates the MicroVM before it fails the operation', () => {
  const failed = launch({ runningAt: RAN, outcome: { passed: false, why: 'it was answered with 404' } });
  expect(check(observing([failed], [microvm()]))).toMatchObject({ change: { do: 'terminate', id: ID } });
  expect(check(observing([failed], [terminated]))).toEqual({
    kind: 'fail', code: 'MicrovmUnhealthy', summary: 'it was answered with 404', hints: hintsForHealth('was answered with 404'), log: [], more: expect.stringContaining('logs'),
  });
});

test('a check that failed shows the end of the log, after it has terminated the MicroVM', () => {
  const failed = launch({ runningAt: RAN, outcome: { passed: false, why: 'it was answered with 500' } });
  const step = (log?: string[]) => check(observing([failed], [terminated], { log }), {}, { desired: desired({ healthCheck, showsLog: true }) });
  expect(step()).toMatchObject({ observe: { at: 'log', id: ID } });
  expect(step(['boom'])).toMatchObject({ kind: 'fail', log: ['boom'] });
});

test('a check fails for damaged records, except in a rollback, and in its deletion after everything else', () => {
  const observed = observing([], [], { unreadable: ['/path/damaged'] });
  expect(check(observed)).toMatchObject({ kind: 'fail', code: 'MicrovmLaunchRecordUnreadable' });
  expect(check(observed, { phase: 'unknown' })).toMatchObject({ kind: 'fail' });
  expect(check(observed, { phase: 'rollback' })).toMatchObject({ kind: 'done' });
  expect(check(observed, { type: 'Delete' })).toMatchObject({ kind: 'fail' });
});

test('a check records a long reason shortened, because the record has little room', () => {
  const health = { isHealthy: false, answer: 'x'.repeat(2_000), at: NOW };
  const step = check(observing([launch({ runningAt: NOW - 61 * SECOND })], [microvm()], { health }));
  expect(step.kind === 'change' && step.change.do === 'write' && step.change.launch.outcome).toEqual({ passed: false, why: expect.stringMatching(/^MicroVM .{292}$/) });
});

test('a check fails if two MicroVMs terminate early, because another delivery may have terminated the first', () => {
  const early = microvm({ state: 'TERMINATED', stateReason: 'The application ended' });
  expect(check(observing([launch()], [early]))).toMatchObject({ change: { do: 'launch', isNew: true, launch: { name: `${TOKEN}-2` } } });
  const second = launch({ name: `${TOKEN}-2`, microvmId: OLD_ID });
  expect(check(observing([launch(), second], [early, microvm({ ...early, id: OLD_ID })])))
    .toMatchObject({ kind: 'fail', code: 'MicrovmTerminatedEarly', summary: `MicroVM ${OLD_ID} terminated early: The application ended` });
});

test('a check without a health check passes when the MicroVM runs', () => {
  expect(check(observing([launch({ runningAt: RAN })], [microvm()]), {}, { desired: desired() }))
    .toMatchObject({ change: { launch: { outcome: { passed: true, respondedAt: RAN } } } });
});

test('a configuration that passed is not launched again, and other records are deleted', () => {
  const before = oldLaunch({ fingerprint: 'new', outcome: passed });
  const rest = oldLaunch({ name: 'c'.repeat(64), fingerprint: 'other', microvmId: ID });
  expect(check(observing([before, rest], [microvm({ id: before.microvmId, state: 'TERMINATED' }), terminated]))).toMatchObject({ change: { do: 'forget', launch: { fingerprint: 'other' } } });
  expect(check(observing([before], [microvm({ id: before.microvmId, state: 'TERMINATED' })]))).toMatchObject({ kind: 'done' });
});

test('the record of the previous configuration is kept for a rollback', () => {
  const records = [launch({ outcome: passed }), oldLaunch({ outcome: passed })];
  const observed = observing(records, [terminated, microvm({ id: records[1].microvmId, state: 'TERMINATED' })]);
  expect(check(observed, {}, { previous: desired({ fingerprint: 'old' }) })).toMatchObject({ kind: 'done' });
  expect(check(observed)).toMatchObject({ change: { do: 'forget', launch: { fingerprint: 'old' } } });
});

test('a rollback launches nothing, and terminates living MicroVMs', () => {
  const more = { phase: 'rollback' };
  expect(check(observing([launch()], [microvm()]), more)).toMatchObject({ change: { do: 'terminate', id: ID } });
  expect(check(observing([]), more)).toMatchObject({ kind: 'done', data: { ImageVersion: '', RunningAfter: '', RespondedAfter: '' } });
  expect(check(observing(undefined), { ...more, inGrace: true })).toMatchObject({ kind: 'wait' });
});

test.each(['launch-check:Check', 'app-Check-1ABC'])('a deletion terminates all MicroVMs, with any physical ID: %s', requestPhysicalId => {
  const more = { type: 'Delete', phase: 'cleanup' };
  expect(check(observing([launch()], [microvm()]), more, { requestPhysicalId })).toMatchObject({ change: { do: 'terminate', id: ID } });
  expect(check(observing([launch({ outcome: passed })], [terminated]), more, { requestPhysicalId })).toMatchObject({ change: { do: 'forget' } });
  expect(check(observing([]), more, { requestPhysicalId })).toEqual({ kind: 'done' });
});
