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
  /** What is decided from what was seen so far. */
  readonly rules: (observed: string[]) => TestStep;
  readonly operation?: Partial<Operation>;
  readonly observe?: (observe: string) => Promise<void>;
  readonly apply?: (change: string) => Promise<void>;
  /** What CloudFormation shows, each time it is asked. */
  readonly views?: StackView[];
}

const CURRENT: StackView = { stackStatus: 'UPDATE_IN_PROGRESS', resourceStatus: 'UPDATE_IN_PROGRESS' };
const CANCELLED: StackView = { stackStatus: 'UPDATE_ROLLBACK_IN_PROGRESS', resourceStatus: 'UPDATE_FAILED' };
const EXPIRED: Partial<Operation> = { expired: true, endsSoon: true, timeoutSeconds: 3000 };
const ENDS_SOON: Partial<Operation> = { endsSoon: true, timeoutSeconds: 3000 };
const NOT_YET = { IsComplete: false };
const DONE: TestStep = { kind: 'done', data: { Version: '1' } };

/** Polls once, and tells what happened besides the answer. */
async function pollOnce(script: Script): Promise<{ answer: () => Promise<IsCompleteAnswer>; happened: string[] }> {
  const happened: string[] = [];
  let asked = 0;
  const resource = {
    operation: operation(script.operation),
    nothingObserved: [] as string[],
    secrets: ['correct horse'],
    reconcile: script.rules,
    observe: async (observe: string, observed: string[]) => {
      happened.push(`observe ${observe}`);
      await script.observe?.(observe);
      return [...observed, observe];
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
  const answer = poll(resource, async () => isCurrent(pollEvent(), await viewStack()));
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
  test('looks closer for as long as the rules ask for it, then ends the operation', async () => {
    const rules = (observed: string[]): TestStep => observed.length < 2 ? { kind: 'observe', observe: `at ${observed.length}` } : DONE;
    const { answer, happened } = await pollOnce({ rules });
    await expect(answer()).resolves.toEqual({ IsComplete: true, Data: { Version: '1' } });
    expect(happened).toEqual(['observe at 0', 'observe at 1', 'ask CloudFormation']);
  });

  test('that waits asks CloudFormation nothing', async () => {
    const { answer, happened } = await pollOnce({ rules: () => ({ kind: 'wait', waitingFor: 'better times' }) });
    await expect(answer()).resolves.toEqual(NOT_YET);
    expect(happened).toEqual([]);
  });

  test('changes one thing at most, after it asked CloudFormation whether it still may', async () => {
    const { answer, happened } = await pollOnce({ rules: () => changing() });
    await expect(answer()).resolves.toEqual(NOT_YET);
    expect(happened).toEqual(['ask CloudFormation', 'change build']);
  });

  test('fails with the reason, without secrets', async () => {
    const rules = (): TestStep => ({ kind: 'fail', code: 'MicrovmEndedEarly', summary: 'it failed with correct horse', log: ['correct horse'], more: 'see there' });
    await expect(answerOf({ rules })).rejects.toThrow(/^it failed with \*\*\* \[MicrovmEndedEarly\]\nthe log ends with:\n\*\*\*\nsee there$/);
  });
});

describe('a poll of a cancelled operation', () => {
  test('changes nothing', async () => {
    const { answer, happened } = await pollOnce({ rules: () => changing(), views: [CANCELLED] });
    await expect(answer()).resolves.toEqual(NOT_YET);
    expect(happened).toEqual(['ask CloudFormation']);
  });

  test.each<[string, TestStep]>([
    ['success', DONE],
    ['failure', { kind: 'fail', code: 'MicrovmEndedEarly', summary: 'it failed' }],
  ])('answers neither success nor failure: %s', async (_, step) => {
    await expect(answerOf({ rules: () => step, views: [CANCELLED] })).resolves.toEqual(NOT_YET);
  });

  test('answers neither success nor failure at the deadline', async () => {
    await expect(answerOf({ rules: () => changing(), operation: EXPIRED, views: [CANCELLED] })).resolves.toEqual(NOT_YET);
  });

  test('does not fail for an error of a change that was under way when it was cancelled', async () => {
    const script = { rules: () => changing(), apply: failing(new TerminalError('MicrovmImageRefused', 'refused')), views: [CURRENT, CANCELLED] };
    await expect(answerOf(script)).resolves.toEqual(NOT_YET);
  });
});

describe('an error', () => {
  const passing = serviceError('ThrottlingException', 'Rate exceeded');
  const denied = serviceError('AccessDeniedException', 'not authorized to perform lambda:GetMicrovmImage');
  const looking = { rules: (): TestStep => ({ kind: 'observe', observe: 'image' }) };
  const building = { rules: () => changing() };

  test.each([passing, serviceError('ValidationException', 'Invalid'), serviceError('ResourceNotFoundException', 'gone'), new Error('socket hang up'), new OutOfTimeError(), 'x'])(
    'of a call is waited out until the deadline: %s', async error => {
      await expect(answerOf({ ...looking, observe: failing(error) })).resolves.toEqual(NOT_YET);
      await expect(answerOf({ ...building, apply: failing(error) })).resolves.toEqual(NOT_YET);
    });

  test('of the last call is told at the deadline', async () => {
    await expect(answerOf({ ...looking, observe: failing(passing), operation: EXPIRED }))
      .rejects.toThrow(/^timed out after 50 minutes of waiting for an answer of the service; the last answer was ThrottlingException: Rate exceeded \[DeploymentTimedOut\]$/);
  });

  test('that has not passed by the last poll is told', async () => {
    await expect(answerOf({ ...building, apply: failing(passing), operation: ENDS_SOON }))
      .rejects.toThrow(/^timed out after 50 minutes of waiting for the build to begin; the last answer was ThrottlingException: Rate exceeded \[DeploymentTimedOut\]$/);
  });

  test('of a rule is no reason to fail: the next poll looks anew', async () => {
    const rules = (observed: string[]): TestStep => {
      if (observed.length > 0) throw new TypeError('unexpected');
      return { kind: 'observe', observe: 'image' };
    };
    await expect(answerOf({ rules })).resolves.toEqual(NOT_YET);
  });

  test('that denies a call passes while roles are fresh, and lasts afterwards', async () => {
    const fresh = { rolesMayBeFresh: true };
    await expect(answerOf({ ...looking, observe: failing(denied), operation: fresh })).resolves.toEqual(NOT_YET);
    await expect(answerOf({ ...building, apply: failing(denied), operation: fresh })).resolves.toEqual(NOT_YET);
    const explicit = serviceError('AccessDeniedException', 'not authorized with an explicit deny in a service control policy');
    await expect(answerOf({ ...looking, observe: failing(explicit), operation: fresh })).rejects.toThrow('explicit deny');
    const told = /^AccessDeniedException: not authorized to perform lambda:GetMicrovmImage \[PermissionDenied\]\nhint: allow it in the policy of that role/;
    await expect(answerOf({ ...looking, observe: failing(denied) })).rejects.toThrow(told);
    await expect(answerOf({ ...building, apply: failing(denied) })).rejects.toThrow(told);
  });

  test('that denies a deletion is waited out until the deadline and fails it then, since success would leave the resource behind', async () => {
    const deletion = { type: 'Delete' as const };
    await expect(answerOf({ ...looking, observe: failing(denied), operation: deletion })).resolves.toEqual(NOT_YET);
    await expect(answerOf({ ...looking, observe: failing(denied), operation: { ...deletion, ...EXPIRED } })).rejects.toThrow(/timed out .* AccessDeniedException/);
  });

  test('that lasts fails the operation at once, in its own words', async () => {
    await expect(answerOf({ ...building, apply: failing(new TerminalError('MicrovmImageRefused', 'hooks: refused')) })).rejects.toThrow(/^hooks: refused \[MicrovmImageRefused\]$/);
  });
});

describe('a observe that need not succeed', () => {
  const optional = { rules: (): TestStep => ({ kind: 'observe', observe: 'microvms', fallback: DONE }) };

  test('is tried again after an error that passes', async () => {
    await expect(answerOf({ ...optional, observe: failing(serviceError('ThrottlingException', 'Rate exceeded')) })).resolves.toEqual(NOT_YET);
  });

  test.each([
    ['a lasting denial', serviceError('AccessDeniedException', 'no'), {}],
    ['throttled until the last poll', serviceError('ThrottlingException', 'Rate exceeded'), ENDS_SOON],
  ])('does not fail the operation: %s', async (_, error, operationNow) => {
    await expect(answerOf({ ...optional, observe: failing(error), operation: operationNow })).resolves.toMatchObject({ IsComplete: true });
  });
});

describe('a change that need not succeed', () => {
  const optional = { rules: () => changing({ fallback: DONE }) };

  test.each([
    ['a lasting error', new TerminalError('MicrovmImageRefused', 'refused')],
    ['a refusal of the request', serviceError('ValidationException', 'Invalid')],
    ['a lasting denial', serviceError('AccessDeniedException', 'no')],
  ])('does not fail the operation: %s', async (_, error) => {
    await expect(answerOf({ ...optional, apply: failing(error) })).resolves.toMatchObject({ IsComplete: true });
  });

  test('is tried again after an error that passes', async () => {
    await expect(answerOf({ ...optional, apply: failing(serviceError('ConflictException', 'UPDATING')) })).resolves.toEqual(NOT_YET);
    const fresh = { rolesMayBeFresh: true };
    await expect(answerOf({ ...optional, operation: fresh, apply: failing(serviceError('AccessDeniedException', 'no')) })).resolves.toEqual(NOT_YET);
  });

  test('is given up at the deadline', async () => {
    const { answer, happened } = await pollOnce({ ...optional, operation: EXPIRED });
    await expect(answer()).resolves.toMatchObject({ IsComplete: true });
    expect(happened).toEqual(['ask CloudFormation']);
  });

  test('can give way to another change', async () => {
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
      .rejects.toThrow(/^timed out after 50 minutes of waiting for version 2\.0 to be built \[DeploymentTimedOut\]$/);
  });

  test('changes nothing any more', async () => {
    const { answer, happened } = await pollOnce({ rules: () => changing(), operation: EXPIRED });
    await expect(answer()).rejects.toThrow('timed out after 50 minutes of waiting for the build to begin');
    expect(happened).toEqual(['ask CloudFormation']);
  });

  test('succeeds if what is waited for need not be', async () => {
    await expect(answerOf({ rules: () => ({ kind: 'wait', waitingFor: 'a deletion', fallback: DONE }), operation: EXPIRED })).resolves.toMatchObject({ IsComplete: true });
  });

  test('still takes what is there', async () => {
    await expect(answerOf({ rules: observed => observed.length > 0 ? DONE : { kind: 'observe', observe: 'versions' }, operation: EXPIRED })).resolves.toMatchObject({ IsComplete: true });
  });
});

describe('a change that shows at once', () => {
  const launching = (done: boolean): TestStep => done ? { kind: 'done', physicalId: 'microvm', data: {} } : { kind: 'change', change: 'launch', waitingFor: 'it', showsAtOnce: true };

  test('is looked at in the same poll, and the operation may end in it', async () => {
    let launched = false;
    const { answer, happened } = await pollOnce({ rules: () => launching(launched), apply: async () => { launched = true; } });
    expect(await answer()).toEqual({ IsComplete: true, PhysicalResourceId: 'microvm', Data: {} });
    expect(happened).toEqual(['ask CloudFormation', 'change launch', 'ask CloudFormation']);
  });

  test('has a fence of its own each time', async () => {
    const { happened } = await pollOnce({ rules: () => launching(false), views: [CURRENT, CANCELLED] });
    expect(happened).toEqual(['ask CloudFormation', 'change launch', 'ask CloudFormation']);
  });

  test('is not repeated forever if it does not show', async () => {
    const { answer, happened } = await pollOnce({ rules: () => launching(false) });
    expect(await answer()).toEqual(NOT_YET);
    expect(happened.filter(what => what === 'change launch')).toHaveLength(5);
  });

  test('begins with nothing seen', async () => {
    let launched = false;
    const { happened } = await pollOnce({
      rules: observed => observed.length === 0 ? { kind: 'observe', observe: 'there' } : launching(launched),
      apply: async () => { launched = true; },
    });
    expect(happened).toEqual(['observe there', 'ask CloudFormation', 'change launch', 'observe there', 'ask CloudFormation']);
  });
});
