import { addressOf } from '../../../src/contract/diagnostics';
import type { Reason } from '../../../src/handlers/engine/answers';
import { failure, NOT_YET } from '../../../src/handlers/engine/answers';

/** Returns the error for a reason. Its code is that of a failed build by default. */
function errorOf(reason: Omit<Reason, 'code'> & Partial<Reason>, secrets: string[] = []): Error {
  return failure({ code: 'MicrovmImageBuildFailed', ...reason }, secrets);
}

/** The last line of each message. */
const ADDRESS = `\n${addressOf('MicrovmImageBuildFailed')}`;

/** Returns the message without its last line, which must be the address of the code. */
function messageOf(...[reason, secrets]: Parameters<typeof errorOf>): string {
  const { message } = errorOf(reason, secrets);
  const address = reason.code === undefined ? ADDRESS : `\n${addressOf(reason.code)}`;
  expect(message.slice(-address.length)).toBe(address);
  return message.slice(0, -address.length);
}

/** Runs as in a Lambda function with this log group. */
function inFunction<Result>(logGroup: string, run: () => Result): Result {
  const before = process.env.AWS_LAMBDA_LOG_GROUP_NAME;
  process.env.AWS_LAMBDA_LOG_GROUP_NAME = logGroup;
  try {
    return run();
  } finally {
    if (before === undefined) delete process.env.AWS_LAMBDA_LOG_GROUP_NAME;
    else process.env.AWS_LAMBDA_LOG_GROUP_NAME = before;
  }
}

/** Returns the size of a text in an answer to CloudFormation, which is JSON. */
function bytesOf(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}

test('the answer "not yet" contains no data', () => {
  expect(NOT_YET).toEqual({ IsComplete: false });
});

describe('a reason', () => {
  test('says what happened, how the log ends and where to read more', () => {
    expect(messageOf({ summary: 'the build failed', log: ['step 1', 'step 2'], more: 'the whole log is elsewhere' }))
      .toBe('the build failed [MicrovmImageBuildFailed]\nthe log ends with:\nstep 1\nstep 2\nthe whole log is elsewhere');
  });

  test('has its code at the end of the first line', () => {
    expect(messageOf({ code: 'MicrovmLaunchRejected', summary: 'it was rejected\nby the service' })).toBe('it was rejected [MicrovmLaunchRejected]\nby the service');
  });

  test('has its hints after the summary and before the log, each in one line', () => {
    const hints = [{ property: 'hooks', text: 'the server must answer' }, { text: 'deploy again' }];
    expect(messageOf({ summary: 'the build failed\nGraviton 3: no answer', hints, log: ['step 1'], more: 'the whole log is elsewhere' })).toBe(
      'the build failed [MicrovmImageBuildFailed]\nGraviton 3: no answer\nhint: hooks: the server must answer\nhint: deploy again\n'
      + 'the log ends with:\nstep 1\nthe whole log is elsewhere');
  });

  test('has no line for hints if there are none', () => {
    expect(messageOf({ summary: 'the build failed', hints: [] })).toBe('the build failed [MicrovmImageBuildFailed]');
  });

  test('does not mention an empty log', () => {
    expect(messageOf({ summary: 'the build failed', log: [] })).toBe('the build failed [MicrovmImageBuildFailed]');
  });

  test('names the log group of the handler before the address, because the framework appends a wrong one', () => {
    const message = inFunction('CdkLambdaMicrovmsLogs-1', () => errorOf({ summary: 'the build failed' }).message);
    expect(message).toBe(`the build failed [MicrovmImageBuildFailed]\nthe log of the handler is in the log group CdkLambdaMicrovmsLogs-1${ADDRESS}`);
    const long = inFunction('CdkLambdaMicrovmsLogs-1', () => errorOf({ summary: 'the build failed', log: Array(100).fill('x'.repeat(100)) }).message);
    expect(bytesOf(long)).toBeLessThanOrEqual(2_800);
    expect(long.endsWith(`x\nthe log of the handler is in the log group CdkLambdaMicrovmsLogs-1${ADDRESS}`)).toBe(true);
  });

  test('has no stack trace, which would take the room of the message', () => {
    const error = errorOf({ summary: 'the build failed' });
    expect(error).toBeInstanceOf(Error);
    expect(error.stack).toBe('');
  });

  test('has at most 2,800 bytes, and the last lines of the log are kept', () => {
    const log = Array.from({ length: 200 }, (_, index) => `line ${index} of a "quoted" ${'long '.repeat(20)}log`);
    const message = messageOf({ summary: 'the build failed', log, more: 'the whole log is elsewhere' });
    expect(bytesOf(message + ADDRESS)).toBeLessThanOrEqual(2_800);
    expect(bytesOf(message + ADDRESS)).toBeGreaterThan(2_600);
    expect(message).toMatch(/^the build failed \[MicrovmImageBuildFailed\]\nthe log ends with:\nline \d+ of/);
    expect(message).toMatch(/line 198 of a "quoted" (long )+log\nline 199 of a "quoted" (long )+log\nthe whole log is elsewhere$/);
  });

  test('shows 25 lines of a log, and an error that stands before them', () => {
    const log = Array.from({ length: 200 }, (_, index) => `line ${index}`);
    expect(messageOf({ summary: 'the build failed', log }).split('\n').slice(2)).toEqual(log.slice(-25));
    const shown = messageOf({ summary: 'the build failed', log: [...log.slice(0, 100), 'ERROR: no such file', ...log.slice(100)] }).split('\n').slice(2);
    expect(shown).toHaveLength(25);
    expect(shown).toEqual(expect.arrayContaining(['ERROR: no such file', '...', 'line 199']));
  });

  test('keeps the error of a log if there is no room for 25 lines', () => {
    const lines = Array.from({ length: 50 }, (_, index) => `line ${index} ${'x'.repeat(400)}`);
    const message = messageOf({ summary: 'the build failed', log: [...lines, 'ERROR: no such file', ...lines] });
    expect(bytesOf(message + ADDRESS)).toBeLessThanOrEqual(2_800);
    expect(message).toMatch(/\nERROR: no such file\n(line \d+ x+\n)*\.\.\.\nline 49 x+$/);
  });

  test.each([
    ['plain text', 'x'],
    ['quotes, which JSON escapes', '"'],
    ['characters with several bytes', '\u{1f680}'],
    ['control characters, which JSON escapes with six bytes', '\u0007'],
  ])('keeps its code and the following lines if its first line is too long: %s', (_, character) => {
    const message = messageOf({ summary: character.repeat(5_000), hints: [{ text: 'less' }], log: ['a line'], more: 'elsewhere' });
    expect(message).toMatch(/\.\.\. \[MicrovmImageBuildFailed\]\nhint: less\nthe log ends with:\na line\nelsewhere$/);
    const [first] = message.split(' [');
    expect(bytesOf(first)).toBeLessThanOrEqual(2_000);
    expect(bytesOf(first)).toBeGreaterThan(1_800);
  });

  test.each([
    ['plain text', 'x'],
    ['quotes, which JSON escapes', '"'],
    ['characters with several bytes', '\u{1f680}'],
    ['control characters, which JSON escapes with six bytes', '\u0007'],
  ])('has at most 2,800 bytes if its summary alone is too long: %s', (_, character) => {
    const message = messageOf({ summary: `failed\n${character.repeat(5_000)}`, log: ['a line'], more: 'elsewhere' });
    expect(bytesOf(message + ADDRESS)).toBeLessThanOrEqual(2_800);
    expect(bytesOf(message)).toBeGreaterThan(2_500);
    expect(message).toMatch(/^failed \[MicrovmImageBuildFailed\]\n/);
    expect(message.endsWith('...')).toBe(true);
  });

  test('with exactly 2,800 bytes is complete', () => {
    const room = 2_800 - bytesOf(`failed [MicrovmImageBuildFailed]\n${ADDRESS}`);
    expect(messageOf({ summary: `failed\n${'x'.repeat(room)}` })).toBe(`failed [MicrovmImageBuildFailed]\n${'x'.repeat(room)}`);
    expect(messageOf({ summary: `failed\n${'x'.repeat(room + 1)}` })).toMatch(/\nx+\.\.\.$/);
  });

  test('has a complete first line if that has exactly 2,000 bytes', () => {
    expect(messageOf({ summary: 'x'.repeat(1_998) })).toBe(`${'x'.repeat(1_998)} [MicrovmImageBuildFailed]`);
    expect(messageOf({ summary: 'x'.repeat(1_999) })).toMatch(/^x+\.\.\. \[MicrovmImageBuildFailed\]$/);
  });
});

describe('values of the environment', () => {
  const secret = 'pass "word" & more';

  test('never appear in an error: not in the summary, a hint or the log, and not after them', () => {
    const reason = { summary: `no ${secret}`, hints: [{ text: `use ${secret}` }], log: [`in ${secret}`], more: `at ${secret}` };
    expect(messageOf(reason, [secret])).toBe('no *** [MicrovmImageBuildFailed]\nhint: use ***\nthe log ends with:\nin ***\nat ***');
  });

  test('do not replace the code', () => {
    expect(messageOf({ summary: 'the build failed' }, ['MicrovmImageBuildFailed'])).toBe('the build failed [MicrovmImageBuildFailed]');
  });

  test('never appear in the log, and neither do they if a line break divides them', () => {
    expect(messageOf({ summary: 'failed', log: ['first', 'it is pass "wo', '  rd" & more than', 'last'] }, [secret]))
      .toBe('failed [MicrovmImageBuildFailed]\nthe log ends with:\nfirst\nit is *** than\nlast');
  });

  test('are replaced before the text is shortened, so that no half of a value is left', () => {
    // The text is cut at different places.
    for (let count = 250; count < 400; count++) expect(messageOf({ summary: 'word '.repeat(count) + secret.repeat(50) }, [secret])).not.toContain('pass');
  });
});

test('a long line of a log keeps its end', () => {
  expect(messageOf({ summary: 'failed', log: [`${'x'.repeat(3000)} COPY failed`] })).toContain('COPY failed');
});
