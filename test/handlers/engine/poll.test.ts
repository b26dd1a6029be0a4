import { MINUTE, NOW, operation, SECOND, serviceError } from './inputs';
import { TerminalError, OutOfTimeError } from '../../../src/handlers/engine/errors';
import type { IsCompleteAnswer } from '../../../src/handlers/engine/event';
import { currentPhase } from '../../../src/handlers/engine/fence';
import type { Entry } from '../../../src/handlers/engine/log';
import type { Operation } from '../../../src/handlers/engine/operation';
import { Pace } from '../../../src/handlers/engine/pace';
import { poll } from '../../../src/handlers/engine/poll';
import type { Phase, StackView } from '../../../src/handlers/engine/stack';
import type { Step } from '../../../src/handlers/engine/step';
import { pollEvent } from '../image/inputs';

type TestStep = Step<string, string>;

interface Script {
  /** Decides the next step from what has been observed. */
  readonly rules: (observed: string[]) => TestStep;
  readonly operation?: Partial<Operation>;
  readonly observe?: (what: string) => Promise<void>;
  readonly apply?: (change: string) => Promise<void>;
  /** The rules in another phase than the one of the operation. */
  readonly rulesInOtherPhase?: (phase: Phase) => TestStep;
  /** What CloudFormation shows, one view for each time it is asked. */
  readonly views?: StackView[];
  /** Whether the Region has the service. */
  readonly isServiceAvailable?: boolean;
  readonly pace?: Pace;
}

const CURRENT: StackView = { stackStatus: 'UPDATE_IN_PROGRESS', resourceStatus: 'UPDATE_IN_PROGRESS' };
const CANCELLED: StackView = { stackStatus: 'UPDATE_ROLLBACK_IN_PROGRESS', resourceStatus: 'UPDATE_FAILED' };
const EXPIRED: Partial<Operation> = { expired: true, endsSoon: true, timeoutSeconds: 3000 };
const ENDS_SOON: Partial<Operation> = { endsSoon: true, timeoutSeconds: 3000 };
const NOT_YET = { IsComplete: false };
const DONE: TestStep = { kind: 'done', data: { Version: '1' } };

/** Polls once. Returns the answer and what happened before it. */
async function pollOnce(script: Script): Promise<{ answer: () => Promise<IsCompleteAnswer>; happened: string[]; log: Entry[] }> {
  const happened: string[] = [];
  const log: Entry[] = [];
  let asked = 0;
  const begun = operation(script.operation);
  const reconcilerIn = (phase: Phase) => ({
    operation: { ...begun, phase },
    nothingObserved: [] as string[],
    secrets: ['correct horse'],
    reconcile: (observed: string[]) => phase === begun.phase ? script.rules(observed) : script.rulesInOtherPhase!(phase),
    observe: async (what: string, observed: string[]) => {
      happened.push(`observe ${what}`);
      await script.observe?.(what);
      return [...observed, what];
    },
    apply: async (change: string) => {
      happened.push(`change ${change}`);
      await script.apply?.(change);
    },
    inBrief: (observed: string[]) => ({ observed: observed.length }),
  });
  const viewStack = async () => {
    happened.push('ask CloudFormation');
    const views = script.views ?? [CURRENT];
    return views[Math.min(asked++, views.length - 1)];
  };
  const event = pollEvent({ RequestType: begun.type, Operation: { Phase: begun.phase } });
  const answer = poll(reconcilerIn, begun.phase, {
    fence: async () => currentPhase(event, await viewStack()),
    isServiceAvailable: async () => script.isServiceAvailable ?? true,
    log: entry => log.push(entry),
    pace: script.pace ?? new Pace(),
  });
  await answer.catch(() => undefined);
  return { answer: async () => answer, happened, log };
}

async function answerOf(script: Script): Promise<IsCompleteAnswer> {
  return (await pollOnce(script)).answer();
}

function changing(more: Partial<Extract<TestStep, { kind: 'change' }>> = {}): TestStep {
  return { kind: 'change', change: 'build', waitingFor: 'the build to begin', ...more };
}

function failing(error: unknown): () => Promise<void> {
  return async () => { throw error; };
}

describe('a poll', () => {
  test('observes until the rules know enough, then ends the operation', async () => {
    const rules = (observed: string[]): TestStep => observed.length < 2 ? { kind: 'observe', observe: `at ${observed.length}` } : DONE;
    const { answer, happened } = await pollOnce({ rules });
    await expect(answer()).resolves.toEqual({ IsComplete: true, Data: { Version: '1' } });
    expect(happened).toEqual(['observe at 0', 'observe at 1', 'ask CloudFormation']);
  });

  test('that waits asks CloudFormation nothing, unless an update may be in another phase', async () => {
    const rules = (): TestStep => ({ kind: 'wait', waitingFor: 'the build to end' });
    const { answer, happened } = await pollOnce({ rules, operation: { type: 'Create' } });
    await expect(answer()).resolves.toEqual(NOT_YET);
    expect(happened).toEqual([]);
  });

  /** Returns what each of two polls does that are some seconds apart, long after the operation began to wait. */
  async function twoPolls(rules: (nth: number) => TestStep, secondsBetween: number): Promise<string[][]> {
    const pace = new Pace();
    const usual = { from: 100 * SECOND, to: 200 * SECOND };
    const at = (second: number) => ({ startedAt: NOW - 5 * SECOND, now: NOW + second * SECOND });
    pace.remember(operation(at(0)), usual);
    const pollAt = async (second: number, nth: number) => (await pollOnce({
      pace, operation: at(second), rules: observed => observed.length === 0 ? { kind: 'observe', observe: 'something' } : { usual, ...rules(nth) },
    })).happened;
    return [await pollAt(20, 1), await pollAt(20 + secondsBetween, 2)];
  }

  test('that observes soon after another one what is not due does nothing', async () => {
    const rules = (): TestStep => ({ kind: 'wait', waitingFor: 'the build to end' });
    await expect(twoPolls(rules, 14)).resolves.toEqual([['observe something'], []]);
    await expect(twoPolls(rules, 15)).resolves.toEqual([['observe something'], ['observe something']]);
  });

  test('that follows a change observes what comes of it', async () => {
    const [first, second] = await twoPolls(nth => nth === 1 ? changing() : { kind: 'wait', waitingFor: 'the build to end' }, 4);
    expect(first).toEqual(['observe something', 'ask CloudFormation', 'change build']);
    expect(second).toEqual(['observe something']);
  });


  test.each<[string, Partial<Script>]>([
    ['a call fails', { apply: failing(serviceError('ThrottlingException', 'Rate exceeded')) }],
    ['CloudFormation does not show that it still waits', { views: [CANCELLED] }],
  ])('tries again after longer and longer pauses if %s', async (_, script) => {
    const pace = new Pace();
    const tried: number[] = [];
    for (let second = 4; second < 56; second += 4) {
      const { happened } = await pollOnce({ ...script, pace, operation: { startedAt: NOW, now: NOW + second * SECOND }, rules: () => changing() });
      if (happened.length > 0) tried.push(second);
    }
    expect(tried).toEqual([4, 8, 12, 20, 36, 52]);
  });

  test('makes at most one change, after asking CloudFormation whether it still waits for the operation', async () => {
    const { answer, happened } = await pollOnce({ rules: () => changing() });
    await expect(answer()).resolves.toEqual(NOT_YET);
    expect(happened).toEqual(['ask CloudFormation', 'change build']);
  });

  test('fails with the reason, from which secrets are removed', async () => {
    const rules = (): TestStep => ({ kind: 'fail', code: 'MicrovmTerminatedEarly', summary: 'it failed with correct horse', log: ['correct horse'], more: 'see there' });
    await expect(answerOf({ rules })).rejects.toThrow(/^it failed with \*\*\* \[MicrovmTerminatedEarly\]\nthe log ends with:\n\*\*\*\nsee there\n\S+#microvmterminatedearly$/);
  });
});

describe('a poll of a canceled operation', () => {
  test('changes nothing', async () => {
    const { answer, happened } = await pollOnce({ rules: () => changing(), views: [CANCELLED] });
    await expect(answer()).resolves.toEqual(NOT_YET);
    expect(happened).toEqual(['ask CloudFormation']);
  });

  test.each<[string, TestStep]>([
    ['success', DONE],
    ['failure', { kind: 'fail', code: 'MicrovmTerminatedEarly', summary: 'it failed' }],
  ])('answers neither success nor failure: %s', async (_, step) => {
    await expect(answerOf({ rules: () => step, views: [CANCELLED] })).resolves.toEqual(NOT_YET);
  });

  test('answers neither success nor failure at the deadline', async () => {
    await expect(answerOf({ rules: () => changing(), operation: EXPIRED, views: [CANCELLED] })).resolves.toEqual(NOT_YET);
  });

  test('does not fail for the error of a change that was in progress when the operation was canceled', async () => {
    const script = { rules: () => changing(), apply: failing(new TerminalError('MicrovmImageRejected', 'rejected')), views: [CURRENT, CANCELLED] };
    await expect(answerOf(script)).resolves.toEqual(NOT_YET);
  });
});

describe('a poll whose operation is in another phase than the first view showed', () => {
  const ROLLING_BACK: StackView = {
    stackStatus: 'UPDATE_ROLLBACK_IN_PROGRESS', resourceStatus: 'UPDATE_IN_PROGRESS', resourceTime: new Date(0).toISOString(),
  };

  test('begins anew in that phase before it changes anything', async () => {
    const { answer, happened } = await pollOnce({ rules: () => changing(), rulesInOtherPhase: phase => changing({ change: `roll back in ${phase}` }), views: [ROLLING_BACK] });
    await expect(answer()).resolves.toEqual(NOT_YET);
    expect(happened).toEqual(['ask CloudFormation', 'ask CloudFormation', 'change roll back in rollback']);
  });

  test('does not reject in that phase what only the first one rejects', async () => {
    const refusal: TestStep = { kind: 'fail', code: 'MicrovmImageInUse', summary: 'in use' };
    await expect(answerOf({ rules: () => refusal, rulesInOtherPhase: () => DONE, views: [ROLLING_BACK] }))
      .resolves.toMatchObject({ IsComplete: true });
  });

  describe('and only waits', () => {
    const waiting: TestStep = { kind: 'wait', waitingFor: 'MicroVMs to terminate' };
    const since = (seconds: number) => ({ startedAt: NOW - seconds * 1_000 });

    test('begins anew once a minute', async () => {
      const after = async (seconds: number) =>
        answerOf({ rules: () => waiting, rulesInOtherPhase: () => DONE, views: [ROLLING_BACK], operation: since(seconds) });
      await expect(after(60)).resolves.toMatchObject({ IsComplete: true });
      await expect(after(0)).resolves.toEqual(NOT_YET);
      await expect(after(90)).resolves.toEqual(NOT_YET);
    });

    test('goes on waiting if CloudFormation does not wait for it', async () => {
      const { answer, log } = await pollOnce({ rules: () => waiting, views: [CANCELLED], operation: since(60) });
      await expect(answer()).resolves.toEqual(NOT_YET);
      expect(log).toMatchObject([{ step: 'wait' }]);
    });
  });

  test('learns its phase if the first view showed none', async () => {
    const script = { rules: () => changing(), operation: { phase: 'unknown' as const }, rulesInOtherPhase: (phase: Phase) => changing({ change: phase }) };
    expect((await pollOnce(script)).happened).toEqual(['ask CloudFormation', 'ask CloudFormation', 'change forward']);
  });
});

describe('a Region without the service', () => {
  const withoutMessage = failing(serviceError('AccessDeniedException', ''));
  const observing = { rules: (): TestStep => ({ kind: 'observe', observe: 'image' }), operation: { rolesMayBeFresh: true }, observe: withoutMessage };

  test('fails a creation at once', async () => {
    await expect(answerOf({ ...observing, operation: { type: 'Create', rolesMayBeFresh: true }, views: [{}], isServiceAvailable: false })).rejects.toThrow(/^this Region does not have Lambda MicroVMs: .* \[RegionNotSupported\]$/m);
  });

  test('has nothing to delete', async () => {
    await expect(answerOf({ ...observing, operation: { type: 'Delete', phase: 'rollback' }, isServiceAvailable: false, views: [{}] }))
      .resolves.toEqual({ IsComplete: true, Data: undefined });
  });

  test('is not where something is updated, or was deployed until a moment ago', async () => {
    await expect(answerOf({ ...observing, isServiceAvailable: false })).resolves.toEqual(NOT_YET);
    const deleting = (rolesMayBeFresh: boolean) =>
      answerOf({ ...observing, operation: { type: 'Delete', phase: 'delete', rolesMayBeFresh }, isServiceAvailable: false, views: [{}] });
    await expect(deleting(true)).resolves.toEqual(NOT_YET);
    await expect(deleting(false)).resolves.toMatchObject({ IsComplete: true });
  });

  test('is not to blame for a denial that has a message, or where the service answers', async () => {
    await expect(answerOf({ ...observing, isServiceAvailable: true })).resolves.toEqual(NOT_YET);
    await expect(answerOf({ ...observing, observe: failing(serviceError('AccessDeniedException', 'no')), isServiceAvailable: false })).resolves.toEqual(NOT_YET);
  });
});

describe('the log', () => {
  test('has an entry for what a poll waits for, and what it observed', async () => {
    const rules = (observed: string[]): TestStep => observed.length === 0 ? { kind: 'observe', observe: 'image' } : { kind: 'wait', waitingFor: 'the build to end' };
    expect((await pollOnce({ rules })).log).toEqual([{ step: 'wait', text: 'waits for the build to end', phase: 'forward', observed: { observed: 1 } }]);
  });

  test('has an entry for each change, and for the end', async () => {
    let launched = false;
    const rules = () => launched ? DONE : changing({ showsAtOnce: true });
    const { log } = await pollOnce({ rules, apply: async () => { launched = true; } });
    expect(log.map(({ step, text }) => [step, text])).toEqual([['change', 'changed: build; waits for the build to begin'], ['done', 'is done']]);
  });

  test('has the whole error of a failure, without secrets', async () => {
    const { log } = await pollOnce({ rules: () => ({ kind: 'fail', code: 'MicrovmTerminatedEarly', summary: 'it failed with correct horse' }) });
    expect(log).toMatchObject([{ level: 'ERROR', step: 'fail', text: expect.stringContaining('it failed with *** [MicrovmTerminatedEarly]') }]);
  });

  test('says that an operation is held back', async () => {
    expect((await pollOnce({ rules: () => changing(), views: [CANCELLED] })).log).toMatchObject([{ level: 'WARN', step: 'held' }]);
  });
});

describe('an error', () => {
  const transient = serviceError('ThrottlingException', 'Rate exceeded');
  const denied = serviceError('AccessDeniedException', 'not authorized to perform lambda:GetMicrovmImage');
  const observing = { rules: (): TestStep => ({ kind: 'observe', observe: 'image' }) };
  const building = { rules: () => changing() };

  test.each([transient, serviceError('ValidationException', 'Invalid'), serviceError('ResourceNotFoundException', 'deleted'), new Error('socket hang up'), new OutOfTimeError(), 'x'])(
    'of a call is retried until the deadline: %s', async error => {
      await expect(answerOf({ ...observing, observe: failing(error) })).resolves.toEqual(NOT_YET);
      await expect(answerOf({ ...building, apply: failing(error) })).resolves.toEqual(NOT_YET);
    });

  test('of the last call is reported at the deadline', async () => {
    await expect(answerOf({ ...observing, observe: failing(transient), operation: EXPIRED }))
      .rejects.toThrow(/^timed out after 50 minutes of waiting for an answer of the service; the last answer was ThrottlingException: Rate exceeded \[DeploymentTimedOut\]$/m);
  });

  test('that still occurs in the last poll is reported', async () => {
    await expect(answerOf({ ...building, apply: failing(transient), operation: ENDS_SOON }))
      .rejects.toThrow(/^timed out after 50 minutes of waiting for the build to begin; the last answer was ThrottlingException: Rate exceeded \[DeploymentTimedOut\]$/m);
  });

  test('of a rule does not fail the operation: the next poll observes again', async () => {
    const rules = (observed: string[]): TestStep => {
      if (observed.length > 0) throw new TypeError('unexpected');
      return { kind: 'observe', observe: 'image' };
    };
    await expect(answerOf({ rules })).resolves.toEqual(NOT_YET);
  });

  test('that denies a call is transient while roles are new, and terminal afterwards', async () => {
    const fresh = { rolesMayBeFresh: true };
    await expect(answerOf({ ...observing, observe: failing(denied), operation: fresh })).resolves.toEqual(NOT_YET);
    await expect(answerOf({ ...building, apply: failing(denied), operation: fresh })).resolves.toEqual(NOT_YET);
    const explicit = serviceError('AccessDeniedException', 'not authorized with an explicit deny in a service control policy');
    await expect(answerOf({ ...observing, observe: failing(explicit), operation: fresh })).rejects.toThrow('explicit deny');
    const message = /^AccessDeniedException: not authorized to perform lambda:GetMicrovmImage \[PermissionDenied\]\nhint: allow it in the policy of that role/;
    await expect(answerOf({ ...observing, observe: failing(denied) })).rejects.toThrow(message);
    await expect(answerOf({ ...building, apply: failing(denied) })).rejects.toThrow(message);
  });

  test('that denies a deletion is retried for ten minutes and then fails it, because success would leave the resource behind', async () => {
    const deletion = (minutes: number) => ({ type: 'Delete' as const, phase: 'delete' as const, startedAt: NOW - minutes * MINUTE });
    const deleting: StackView = { stackStatus: 'DELETE_IN_PROGRESS', resourceStatus: 'DELETE_IN_PROGRESS' };
    const denying = { ...observing, observe: failing(denied), views: [deleting] };
    await expect(answerOf({ ...denying, operation: deletion(9.9) })).resolves.toEqual(NOT_YET);
    await expect(answerOf({ ...denying, operation: deletion(10) })).rejects.toThrow(/lambda:GetMicrovmImage \[PermissionDenied\]$/m);
  });

  test('that is terminal fails the operation at once, with its own message and hints', async () => {
    const terminal = (...hints: { property?: string; text: string }[]) => failing(new TerminalError('MicrovmImageRejected', 'hooks: rejected', hints));
    await expect(answerOf({ ...building, apply: terminal() })).rejects.toThrow(/^hooks: rejected \[MicrovmImageRejected\]$/m);
    await expect(answerOf({ ...building, apply: terminal({ property: 'hooks', text: 'the server must answer' }, { text: 'deploy again' }) }))
      .rejects.toThrow(/^hooks: rejected \[MicrovmImageRejected\]\nhint: hooks: the server must answer\nhint: deploy again\n\S+#microvmimagerejected$/);
  });
});

describe('an observation that need not succeed', () => {
  const optional = { rules: (): TestStep => ({ kind: 'observe', observe: 'microvms', fallback: DONE }) };

  test('is tried again after a transient error', async () => {
    await expect(answerOf({ ...optional, observe: failing(serviceError('ThrottlingException', 'Rate exceeded')) })).resolves.toEqual(NOT_YET);
  });

  test.each([
    ['a permanent denial', serviceError('AccessDeniedException', 'no'), {}],
    ['throttling until the last poll', serviceError('ThrottlingException', 'Rate exceeded'), ENDS_SOON],
    ['a list that takes longer than a poll', new OutOfTimeError(), {}],
  ])('does not fail the operation: %s', async (_, error, operationNow) => {
    await expect(answerOf({ ...optional, observe: failing(error), operation: operationNow })).resolves.toMatchObject({ IsComplete: true });
  });
});

describe('a change that need not succeed', () => {
  const optional = { rules: () => changing({ fallback: DONE }) };

  test.each([
    ['a terminal error', new TerminalError('MicrovmImageRejected', 'rejected')],
    ['a rejection of the request', serviceError('ValidationException', 'Invalid')],
    ['a permanent denial', serviceError('AccessDeniedException', 'no')],
  ])('does not fail the operation: %s', async (_, error) => {
    await expect(answerOf({ ...optional, apply: failing(error) })).resolves.toMatchObject({ IsComplete: true });
  });

  test('is tried again after a transient error', async () => {
    await expect(answerOf({ ...optional, apply: failing(serviceError('ConflictException', 'UPDATING')) })).resolves.toEqual(NOT_YET);
    const fresh = { rolesMayBeFresh: true };
    await expect(answerOf({ ...optional, operation: fresh, apply: failing(serviceError('AccessDeniedException', 'no')) })).resolves.toEqual(NOT_YET);
  });

  test('is given up at the deadline', async () => {
    const { answer, happened } = await pollOnce({ ...optional, operation: EXPIRED });
    await expect(answer()).resolves.toMatchObject({ IsComplete: true });
    expect(happened).toEqual(['ask CloudFormation']);
  });

  test('can be replaced by another change', async () => {
    const rules = () => changing({ change: 'prune', fallback: changing() });
    const apply = async (change: string) => { if (change === 'prune') throw serviceError('ValidationException', 'last version'); };
    const { answer, happened } = await pollOnce({ rules, apply });
    await expect(answer()).resolves.toEqual(NOT_YET);
    expect(happened).toEqual(['ask CloudFormation', 'change prune', 'ask CloudFormation', 'change build']);
  });
});

describe('at the deadline', () => {
  test('says what it was waiting for', async () => {
    await expect(answerOf({ rules: () => ({ kind: 'wait', waitingFor: 'version 2.0 to be built' }), operation: EXPIRED }))
      .rejects.toThrow(/^timed out after 50 minutes of waiting for version 2\.0 to be built \[DeploymentTimedOut\]$/m);
  });

  test('makes no more changes', async () => {
    const { answer, happened } = await pollOnce({ rules: () => changing(), operation: EXPIRED });
    await expect(answer()).rejects.toThrow('timed out after 50 minutes of waiting for the build to begin');
    expect(happened).toEqual(['ask CloudFormation']);
  });

  test('succeeds if the awaited effect is not required', async () => {
    await expect(answerOf({ rules: () => ({ kind: 'wait', waitingFor: 'a deletion', fallback: DONE }), operation: EXPIRED })).resolves.toMatchObject({ IsComplete: true });
  });

  test('succeeds if the resource is as desired', async () => {
    await expect(answerOf({ rules: observed => observed.length > 0 ? DONE : { kind: 'observe', observe: 'versions' }, operation: EXPIRED })).resolves.toMatchObject({ IsComplete: true });
  });
});

describe('a change that shows at once', () => {
  const launching = (done: boolean): TestStep => done ? { kind: 'done', physicalId: 'microvm', data: {} } : { kind: 'change', change: 'launch', waitingFor: 'it', showsAtOnce: true };

  test('is observed in the same poll, and the operation may end in that poll', async () => {
    let launched = false;
    const { answer, happened } = await pollOnce({ rules: () => launching(launched), apply: async () => { launched = true; } });
    expect(await answer()).toEqual({ IsComplete: true, PhysicalResourceId: 'microvm', Data: {} });
    expect(happened).toEqual(['ask CloudFormation', 'change launch', 'ask CloudFormation']);
  });

  test('asks the fence each time', async () => {
    const { happened } = await pollOnce({ rules: () => launching(false), views: [CURRENT, CANCELLED] });
    expect(happened).toEqual(['ask CloudFormation', 'change launch', 'ask CloudFormation']);
  });

  test('is made five times at most in one poll if its effect does not show', async () => {
    const { answer, happened } = await pollOnce({ rules: () => launching(false) });
    expect(await answer()).toEqual(NOT_YET);
    expect(happened.filter(what => what === 'change launch')).toHaveLength(5);
  });

  test('is followed by a new observation of everything', async () => {
    let launched = false;
    const { happened } = await pollOnce({
      rules: observed => observed.length === 0 ? { kind: 'observe', observe: 'microvm' } : launching(launched),
      apply: async () => { launched = true; },
    });
    expect(happened).toEqual(['observe microvm', 'ask CloudFormation', 'change launch', 'observe microvm', 'ask CloudFormation']);
  });
});
