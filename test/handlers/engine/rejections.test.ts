import { operation, serviceError } from './inputs';
import { TerminalError } from '../../../src/handlers/engine/errors';
import type { Operation } from '../../../src/handlers/engine/operation';
import type { RejectionRules } from '../../../src/handlers/engine/rejections';
import { submit } from '../../../src/handlers/engine/rejections';

const REFUSALS: RejectionRules = { code: 'MicrovmImageRefused', isTransient: message => message.includes('busy'), explain: message => ({ summary: `rejected: ${message}` }) };

/** What becomes of an error that a call ends with. */
async function asking(error: unknown, during: Partial<Operation> = {}): Promise<unknown> {
  return submit(async () => { throw error; }, operation(during), REFUSALS).then(() => 'answered', caught => caught);
}

test('an answer is passed on', async () => {
  await expect(submit(async () => 'answer', operation(), REFUSALS)).resolves.toBe('answer');
});

describe('a request that is refused as invalid', () => {
  test.each(['ValidationException', 'InvalidParameterValueException'])('fails for good, in terms of the user: %s', async name => {
    const error = await asking(serviceError(name, 'wrong'));
    expect(error).toBeInstanceOf(TerminalError);
    expect(error).toMatchObject({ code: 'MicrovmImageRefused', message: 'rejected: wrong' });
  });

  test('fails for good also while roles may be fresh', async () => {
    expect(await asking(serviceError('ValidationException', 'wrong'), { rolesMayBeFresh: true })).toBeInstanceOf(TerminalError);
  });

  test('is tried again if its words may be about something that passes', async () => {
    const busy = serviceError('ValidationException', 'busy');
    expect(await asking(busy)).toBe(busy);
  });
});

describe('a request that is denied', () => {
  const denied = serviceError('AccessDeniedException', 'no');

  test('by an explicit deny fails for good at once, since no role is too fresh for that', async () => {
    const explicit = serviceError('AccessDeniedException', 'not authorized with an explicit deny in a permissions boundary');
    expect(await asking(explicit, { rolesMayBeFresh: true })).toBeInstanceOf(TerminalError);
    expect(await asking(denied, { rolesMayBeFresh: true })).toBe(denied);
  });

  test('fails for good, with the name of the error', async () => {
    const error = await asking(denied);
    expect(error).toBeInstanceOf(TerminalError);
    expect(error).toMatchObject({ code: 'PermissionDenied', message: 'rejected: AccessDeniedException: no' });
  });

  test('fails for good although its words are like those of something that passes', async () => {
    expect(await asking(serviceError('AccessDeniedException', 'busy'))).toBeInstanceOf(TerminalError);
  });

  test('is tried again while roles may be fresh', async () => {
    expect(await asking(denied, { rolesMayBeFresh: true })).toBe(denied);
  });
});

test.each(['ResourceNotFoundException', 'ThrottlingException', 'ConflictException', 'TimeoutError'])('any other error is passed on: %s', async name => {
  const error = serviceError(name, 'wrong');
  expect(await asking(error)).toBe(error);
});

test('what is no error is passed on', async () => {
  expect(await asking('broken')).toBe('broken');
});
