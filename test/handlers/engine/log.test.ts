import { NOW, SECOND } from './inputs';
import type { Entry, Level } from '../../../src/handlers/engine/log';
import { OperationLog, writeLine } from '../../../src/handlers/engine/log';
import { pollEvent } from '../image/inputs';

interface Line { readonly level: Level; readonly fields: Readonly<Record<string, unknown>> }

/** The log of one operation. The containers of the tests remember what they said, so each test has its own request. */
function logOf(request: string, secondsAfterStart = 0): { lines: Line[]; report: (entry: Partial<Entry>, secrets?: string[]) => void } {
  const lines: Line[] = [];
  const event = pollEvent({ RequestId: request, Operation: { StartedAt: NOW } });
  const log = new OperationLog(event, (level, fields) => lines.push({ level, fields }), () => NOW + secondsAfterStart * SECOND);
  return { lines, report: (entry, secrets = []) => log.report({ step: 'wait', text: 'waits', phase: 'forward', ...entry }, secrets) };
}

describe('the log of an operation', () => {
  test('says which resource and request a line is about, and how long the operation takes', () => {
    const { lines, report } = logOf('about', 12);
    report({ text: 'waits for the build to end', observed: { image: 'UPDATING' } });
    expect(lines).toEqual([{
      level: 'INFO',
      fields: {
        message: 'Update of Sandbox: waits for the build to end',
        step: 'wait',
        resource: 'Sandbox',
        resourceType: 'Custom::MicrovmImage',
        type: 'Update',
        request: 'about',
        phase: 'forward',
        observed: { image: 'UPDATING' },
        elapsedSeconds: 12,
      },
    }]);
  });

  test('has one line for a state, however many polls see it', () => {
    const first = logOf('same');
    first.report({});
    const next = logOf('same', 6);
    next.report({});
    expect([first.lines.length, next.lines.length]).toEqual([1, 0]);
  });

  test.each<[string, Partial<Entry>]>([
    ['what is waited for', { text: 'waits for another thing' }], ['what was observed', { observed: { image: 'UPDATED' } }],
    ['the phase', { phase: 'rollback' }], ['the step', { step: 'done' }],
  ])('has another line if this changes: %s', (what, entry) => {
    const { lines, report } = logOf(`change of ${what}`);
    report({});
    report(entry);
    expect(lines).toHaveLength(2);
  });

  test('is separate for each request', () => {
    const [one, other] = [logOf('one'), logOf('other')];
    one.report({});
    other.report({});
    expect([one.lines.length, other.lines.length]).toEqual([1, 1]);
  });

  test('contains no secrets, however deep', () => {
    const { lines, report } = logOf('secret');
    report({ text: 'rejected: correct horse', observed: { list: ['correct horse'], inner: { value: 'correct horse' } } }, ['correct horse']);
    expect(JSON.stringify(lines)).not.toContain('correct horse');
    expect(lines[0].fields).toMatchObject({ message: 'Update of Sandbox: rejected: ***', observed: { list: ['***'], inner: { value: '***' } } });
  });

  test('is written as lines of JSON with a time and a level', () => {
    const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      writeLine('WARN', { message: 'held' });
      const [text] = write.mock.calls[0] as [string];
      expect(text.endsWith('\n')).toBe(true);
      expect(JSON.parse(text)).toEqual({ timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/), level: 'WARN', message: 'held' });
    } finally {
      write.mockRestore();
    }
  });
});
