import { logEnd } from '../../../src/handlers/engine/log-end';

/** Returns a number of ordinary lines. */
function lines(count: number, word = 'step'): string[] {
  return Array.from({ length: count }, (_, index) => `${word} ${index} is done`);
}

const TRACE = ['Traceback (most recent call last):', '  File "app.py", line 3, in <module>', '    import flask', "ModuleNotFoundError: No module named 'flask'"];

describe('the end of a log', () => {
  test('is empty if the log is', () => {
    expect(logEnd([])).toEqual([]);
  });

  test('is all of a short log', () => {
    expect(logEnd(lines(25))).toEqual(lines(25));
  });

  test('has the last 25 lines if none of 200 looks like an error', () => {
    expect(logEnd(lines(200))).toEqual(lines(200).slice(-25));
  });

  test('shows an error that stands before them, with what was running and with the last lines', () => {
    const log = [...lines(50, 'install'), ...TRACE, ...lines(60, 'shutdown')];
    const shown = logEnd(log);
    expect(shown).toHaveLength(25);
    expect(shown.slice(0, 8)).toEqual(['install 47 is done', 'install 48 is done', 'install 49 is done', ...TRACE, 'shutdown 0 is done']);
    expect(shown.slice(-6)).toEqual(['...', ...lines(60, 'shutdown').slice(-5)]);
  });

  test('shows the last error of several', () => {
    const log = ['ERROR: the first one', ...lines(50), 'ERROR: the last one', ...lines(50)];
    expect(logEnd(log)).toContain('ERROR: the last one');
    expect(logEnd(log)).not.toContain('ERROR: the first one');
  });

  test('shows the cause if the last lines only say that something failed', () => {
    const shown = logEnd([...lines(50), ...TRACE, ...lines(60), 'the process exited with exit code 1']);
    expect(shown).toEqual(expect.arrayContaining(TRACE));
    expect(shown[24]).toBe('the process exited with exit code 1');
  });

  test('has the last 25 lines if they show the error anyway, so that no line is left out', () => {
    const log = [...lines(60), ...TRACE, ...lines(15, 'shutdown')];
    expect(logEnd(log)).toEqual(log.slice(-25));
  });

  test('has the last line of an error that is too long to be shown, because it says most', () => {
    const frames = Array.from({ length: 60 }, (_, index) => `  File "app.py", line ${index}`);
    const shown = logEnd([TRACE[0], ...frames, 'ValueError: too many', ...lines(40)]);
    expect(shown.indexOf('ValueError: too many')).toBe(18);
    expect(shown[17]).toBe(frames[59]);
    expect(shown[19]).toBe('...');
  });

  test('begins with the beginning of an error of a few lines that are not indented', () => {
    const shown = logEnd([...lines(50), 'npm ERR! code 1', 'path /app', 'command sh -c node-gyp', 'npm ERR! gyp', ...lines(50)]);
    expect(shown[3]).toBe('npm ERR! code 1');
  });

  test('has no line twice in a row', () => {
    expect(logEnd(['a', 'a', 'a', 'b', 'a'])).toEqual(['a', 'b', 'a']);
    expect(logEnd([...Array(100).fill('waiting'), ...lines(10)])).toEqual(['waiting', ...lines(10)]);
  });

  test('has nothing from before the last 200 lines', () => {
    expect(logEnd(['ERROR: long ago', ...lines(200)])).toEqual(lines(200).slice(-25));
    expect(logEnd(['ERROR: long ago', ...lines(199)])).toContain('ERROR: long ago');
  });

  test.each([
    'ERROR: failed to solve', 'error: could not compile `app`', '2026-11-28 FATAL cannot bind', 'TypeError: x is not a function', 'java.lang.IllegalStateException: no port',
    'Traceback (most recent call last):', 'panic: runtime error: index out of range', "thread 'main' panicked: panic", 'npm ERR! code ENOENT',
    'Error: Unable to find a match: pyton3', 'The command returned a non-zero code, exit code: 127', 'exited with 1', 'process failed', 'sh: node: command not found', 'CRITICAL out of memory',
  ])('shows a line that looks like an error: %s', line => {
    expect(logEnd([...lines(50), line, ...lines(50)])).toContain(line);
  });

  test.each([
    '0 errors, 3 warnings', 'no errors', 'finished without errors', '12 passed, 0 failed', 'failed: 0', 'error: none', 'errors=0', 'exit code 0', 'exited with 0', 'terrors.js', 'errorless',
  ])('does not take this line for an error: %s', line => {
    const log = [...lines(50), line, ...lines(50)];
    expect(logEnd(log)).toEqual(log.slice(-25));
  });

  test.each([0, 1, 2, 3, 4, 5, 6, 10, 15, 20, 24])('has at most %d lines if that is the limit, and the error first', limit => {
    const shown = logEnd([...lines(50), 'ERROR: it broke', ...lines(50)], limit);
    expect(shown).toHaveLength(limit);
    expect(shown.includes('ERROR: it broke')).toBe(limit > 1);
    expect(logEnd(lines(100), limit)).toEqual(lines(100).slice(100 - limit));
  });

  test('does not change if it is taken again', () => {
    const shown = logEnd([...lines(50), ...TRACE, ...lines(60)]);
    expect(logEnd(shown)).toEqual(shown);
  });
});
