import { operation, serviceError } from './inputs';
import { TerminalError, OutOfTimeError } from '../../../src/handlers/engine/errors';
import type { IsCompleteAnswer } from '../../../src/handlers/engine/event';
import { isCurrent } from '../../../src/handlers/engine/fence';
import type { Operation } from '../../../src/handlers/engine/operation';
import { poll } from '../../../src/handlers/engine/poll';
import type { StackView } from '../../../src/handlers/engine/stack';
import type { Step } from '../../../src/handlers/engine/step';
import { pollEvent } from '../image/inputs';

type TestStep = Step<string, string>;

interface Script {
  /** Decides the next step from what has been observed. */
  readonly rules: (observed: string[]) => TestStep;
  readonly operation?: Partial<Operation>;
  readonly observe?: (what: string) => Promise<void>;
  readonly apply?: (change: string) => Promise<void>;
  /** What CloudFormation shows, one view for each time it is asked. */
  readonly views?: StackView[];
}

const CURRENT: StackView = { stackStatus: 'UPDATE_IN_PROGRESS', resourceStatus: 'UPDATE_IN_PROGRESS' };
const CANCELLED: StackView = { stackStatus: 'UPDATE_ROLLBACK_IN_PROGRESS', resourceStatus: 'UPDATE_FAILED' };
const EXPIRED: Partial<Operation> = { expired: true, endsSoon: true, timeoutSeconds: 3000 };
const ENDS_SOON: Partial<Operation> = { endsSoon: true, timeoutSeconds: 3000 };
const NOT_YET = { IsComplete: false };
const DONE: TestStep = { kind: 'done', data: { Version: '1' } };

/** Polls once. Returns the answer and what happened before it. */
async function pollOnce(script: Script): Promise<{ answer: () => Promise<IsCompleteAnswer>; happened: string[] }> {
  const happened: string[] = [];
  let asked = 0;
  const reconciler = {
    operation: operation(script.operation),
    nothingObserved: [] as string[],
    secrets: ['correct horse'],
    reconcile: script.rules,
    observe: async (what: string, observed: string[]) => {
      happened.push(`observe ${what}`);
      await script.observe?.(what);
      return [...observed, what];
    },
    apply: async (change: string) => {
      happened.push(`change ${change}`);
      await script.apply?.(change);
    },
  };
  const viewStack = async () => {
    happened.push('ask CloudFormation');
    const views = script.views ?? [CURRENT];
    return views[Math.min(asked++, views.length - 1)];
  };
  const answer = poll(reconciler, async () => isCurrent(pollEvent(), await viewStack()));
  await answer.catch(() => undefined);
  return { answer: async () => answer, happened };
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

  test('that waits asks CloudFormation nothing', async () => {
    const { answer, happened } = await pollOnce({ rules: () => ({ kind: 'wait', waitingFor: 'the build to end' }) });
    await expect(answer()).resolves.toEqual(NOT_YET);
    expect(happened).toEqual([]);
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

  test('that denies a deletion is retried until the deadline and then fails it, because success would leave the resource behind', async () => {
    const deletion = { type: 'Delete' as const };
    await expect(answerOf({ ...observing, observe: failing(denied), operation: deletion })).resolves.toEqual(NOT_YET);
    await expect(answerOf({ ...observing, observe: failing(denied), operation: { ...deletion, ...EXPIRED } })).rejects.toThrow(/timed out .* AccessDeniedException/);
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
