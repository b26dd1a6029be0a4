import type { Reason } from '../../../src/handlers/engine/answers';
import { failure, NOT_YET, redact } from '../../../src/handlers/engine/answers';

/** Of a failed build, if the test does not say otherwise. */
function errorOf(reason: Omit<Reason, 'code'> & Partial<Reason>, secrets: string[] = []): Error {
  return failure({ code: 'MicrovmImageBuildFailed', ...reason }, secrets);
}

function messageOf(...args: Parameters<typeof errorOf>): string {
  return errorOf(...args).message;
}

/** As it takes room in an answer to CloudFormation. */
function bytesOf(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}

test('"not yet" carries no data', () => {
  expect(NOT_YET).toEqual({ IsComplete: false });
});

describe('a reason', () => {
  test('tells what happened, the end of the log and where to read on', () => {
    expect(messageOf({ summary: 'the build failed', log: ['step 1', 'step 2'], more: 'the whole log is elsewhere' }))
      .toBe('the build failed [MicrovmImageBuildFailed]\nthe log ends with:\nstep 1\nstep 2\nthe whole log is elsewhere');
  });

  test('has its code at the end of the first line, and hints after that', () => {
    expect(messageOf({ code: 'MicrovmLaunchRefused', summary: 'it is refused\nhint: do something else' })).toBe('it is refused [MicrovmLaunchRefused]\nhint: do something else');
  });

  test('does not mention a log that is empty', () => {
    expect(messageOf({ summary: 'the build failed', log: [] })).toBe('the build failed [MicrovmImageBuildFailed]');
  });

  test('has no stack trace, which would take its room', () => {
    const error = errorOf({ summary: 'the build failed' });
    expect(error).toBeInstanceOf(Error);
    expect(error.stack).toBe('');
  });

  test('stays within 2,800 bytes, and the last lines of the log survive longest', () => {
    const log = Array.from({ length: 200 }, (_, index) => `line ${index} of a "quoted" log`);
    const message = messageOf({ summary: 'the build failed', log, more: 'the whole log is elsewhere' });
    expect(bytesOf(message)).toBeLessThanOrEqual(2_800);
    expect(bytesOf(message)).toBeGreaterThan(2_700);
    expect(message).toMatch(/^the build failed \[MicrovmImageBuildFailed\]\nthe log ends with:\nline \d+ of/);
    expect(message).toMatch(/line 198 of a "quoted" log\nline 199 of a "quoted" log\nthe whole log is elsewhere$/);
  });

  test.each([
    ['plain text', 'x'],
    ['quotes, which JSON escapes', '"'],
    ['characters of several bytes', '\u{1f680}'],
    ['control characters, which JSON escapes with six bytes', '\u0007'],
  ])('keeps its code, and what follows, when its first line is too long: %s', (_, character) => {
    const message = messageOf({ summary: `${character.repeat(5_000)}\nhint: less`, log: ['a line'], more: 'elsewhere' });
    expect(message).toMatch(/\.\.\. \[MicrovmImageBuildFailed\]\nhint: less\nthe log ends with:\na line\nelsewhere$/);
    const [first] = message.split(' [');
    expect(bytesOf(first)).toBeLessThanOrEqual(2_000);
    expect(bytesOf(first)).toBeGreaterThan(1_800);
  });

  test.each([
    ['plain text', 'x'],
    ['quotes, which JSON escapes', '"'],
    ['characters of several bytes', '\u{1f680}'],
    ['control characters, which JSON escapes with six bytes', '\u0007'],
  ])('stays within 2,800 bytes when a summary alone is too long: %s', (_, character) => {
    const message = messageOf({ summary: `failed\n${character.repeat(5_000)}`, log: ['a line'], more: 'elsewhere' });
    expect(bytesOf(message)).toBeLessThanOrEqual(2_800);
    expect(bytesOf(message)).toBeGreaterThan(2_500);
    expect(message).toMatch(/^failed \[MicrovmImageBuildFailed\]\n/);
    expect(message.endsWith('...')).toBe(true);
  });

  test('of just 2,800 bytes is left whole', () => {
    const room = 2_800 - bytesOf('failed [MicrovmImageBuildFailed]\n');
    expect(messageOf({ summary: `failed\n${'x'.repeat(room)}` })).toBe(`failed [MicrovmImageBuildFailed]\n${'x'.repeat(room)}`);
    expect(messageOf({ summary: `failed\n${'x'.repeat(room + 1)}` })).toMatch(/\nx+\.\.\.$/);
  });

  test('has its first line whole if that has just 2,000 bytes', () => {
    expect(messageOf({ summary: 'x'.repeat(1_998) })).toBe(`${'x'.repeat(1_998)} [MicrovmImageBuildFailed]`);
    expect(messageOf({ summary: 'x'.repeat(1_999) })).toMatch(/^x+\.\.\. \[MicrovmImageBuildFailed\]$/);
  });
});

describe('values of the environment', () => {
  const secret = 'pass "word" & more';

  test('never show in an error: neither in the summary nor in the log nor after it', () => {
    expect(messageOf({ summary: `no ${secret}`, log: [`in ${secret}`], more: `at ${secret}` }, [secret])).toBe('no *** [MicrovmImageBuildFailed]\nthe log ends with:\nin ***\nat ***');
  });

  test('do not take the code away', () => {
    expect(messageOf({ summary: 'the build failed' }, ['MicrovmImageBuildFailed'])).toBe('the build failed [MicrovmImageBuildFailed]');
  });

  test.each([
    ['in JSON', JSON.stringify(secret)],
    ['in a URL', encodeURIComponent(secret)],
    ['in base64', Buffer.from(secret).toString('base64')],
  ])('never show in an error, nor their encodings: %s', (_, encoded) => {
    expect(redact(`value=${encoded}.`, [secret])).toMatch(/^value="?\*\*\*"?\.$/);
  });

  test('of several lines do not show line by line either', () => {
    const key = '-----BEGIN KEY-----\nMIIEvQIBADANBg\r\nkqhkiG9w0BAQEF\n-----END KEY-----';
    expect(redact('read MIIEvQIBADANBg and kqhkiG9w0BAQEF', [key])).toBe('read *** and ***');
    expect(redact(`read ${key}`, [key])).toBe('read ***');
  });

  test('that contain one another leave no part behind', () => {
    expect(redact('token longer-password', ['password', 'longer-password'])).toBe('token ***');
  });

  test('are cut out wherever they occur', () => {
    expect(redact('password password', ['password'])).toBe('*** ***');
  });

  test('of less than eight characters are left, being parts of ordinary words', () => {
    expect(redact('the server is in production mode', ['server', 'true', ''])).toBe('the server is in production mode');
    expect(redact('12345678', ['12345678'])).toBe('***');
  });

  test('are cut out before the text is shortened, so that no half of one is left', () => {
    // Wherever the cut falls.
    for (let words = 250; words < 400; words++) expect(messageOf({ summary: 'word '.repeat(words) + secret.repeat(50) }, [secret])).not.toContain('pass');
  });
});

test.each(['base64', 'base64url'] as const)('a secret is cut out in %s, with and without its padding', encoding => {
  const secret = 'pass>>>word??';
  expect(redact(Buffer.from(secret).toString(encoding).replace(/=+$/, ''), [secret])).toBe('***');
});

test('a secret is cut out without the white space around it', () => {
  expect(redact('password is hunter2hunter2', ['hunter2hunter2 '])).toBe('password is ***');
});

test('one long line of a log keeps its end', () => {
  expect(messageOf({ summary: 'failed', log: [`${'x'.repeat(3000)} COPY failed`] })).toContain('COPY failed');
});
