import { operation, serviceError } from './inputs';
import { TerminalError } from '../../../src/handlers/engine/errors';
import type { Operation } from '../../../src/handlers/engine/operation';
import type { RejectionRules } from '../../../src/handlers/engine/rejections';
import { submit } from '../../../src/handlers/engine/rejections';

const HINT = { property: 'role', text: 'check it' };

const RULES: RejectionRules = {
  code: 'MicrovmImageRejected',
  isTransient: message => message.includes('busy'),
  explain: message => ({ summary: `rejected: ${message}`, hints: [HINT] }),
};

/** Returns the error of a request whose call fails. */
async function errorAfter(error: unknown, during: Partial<Operation> = {}): Promise<unknown> {
  return submit(async () => { throw error; }, operation(during), RULES).then(() => 'answered', caught => caught);
}

test('the answer to a request is passed on', async () => {
  await expect(submit(async () => 'answer', operation(), RULES)).resolves.toBe('answer');
});

describe('a request that the service rejects as invalid', () => {
  test.each(['ValidationException', 'InvalidParameterValueException'])('fails permanently, in terms of the properties: %s', async name => {
    const error = await errorAfter(serviceError(name, 'wrong'));
    expect(error).toBeInstanceOf(TerminalError);
    expect(error).toMatchObject({ code: 'MicrovmImageRejected', message: 'rejected: wrong', hints: [HINT] });
  });

  test('fails permanently even while roles may be new', async () => {
    expect(await errorAfter(serviceError('ValidationException', 'wrong'), { rolesMayBeFresh: true })).toBeInstanceOf(TerminalError);
  });

  test('is tried again if its message may describe a transient error', async () => {
    const busy = serviceError('ValidationException', 'busy');
    expect(await errorAfter(busy)).toBe(busy);
  });
});

describe('a request that IAM denies', () => {
  const denied = serviceError('AccessDeniedException', 'no');

  test('fails permanently at once after an explicit deny, which new roles do not explain', async () => {
    const explicit = serviceError('AccessDeniedException', 'not authorized with an explicit deny in a permissions boundary');
    expect(await errorAfter(explicit, { rolesMayBeFresh: true })).toBeInstanceOf(TerminalError);
    expect(await errorAfter(denied, { rolesMayBeFresh: true })).toBe(denied);
  });

  test('fails permanently, with the name of the error', async () => {
    const error = await errorAfter(denied);
    expect(error).toBeInstanceOf(TerminalError);
    expect(error).toMatchObject({ code: 'PermissionDenied', message: 'rejected: AccessDeniedException: no', hints: [HINT] });
  });

  test('fails permanently although its message resembles that of a transient error', async () => {
    expect(await errorAfter(serviceError('AccessDeniedException', 'busy'))).toBeInstanceOf(TerminalError);
  });

  test('is tried again while roles may be new', async () => {
    expect(await errorAfter(denied, { rolesMayBeFresh: true })).toBe(denied);
  });
});

test.each(['ResourceNotFoundException', 'ThrottlingException', 'ConflictException', 'TimeoutError'])('any other error is passed on: %s', async name => {
  const error = serviceError(name, 'wrong');
  expect(await errorAfter(error)).toBe(error);
});

test('a value that is not an error is passed on', async () => {
  expect(await errorAfter('broken')).toBe('broken');
});

test('a terminal error is passed on unchanged, whatever its name and message', async () => {
  const error = new TerminalError('MicrovmBaseImageUnavailable', 'baseImage: it does not exist', [{ text: 'use another one' }]);
  const disguised = Object.assign(new TerminalError('MicrovmBaseImageUnavailable', 'baseImage: it does not exist'), { name: 'ValidationException' });
  expect(await errorAfter(error)).toBe(error);
  expect(await errorAfter(disguised)).toBe(disguised);
  expect(error).toMatchObject({ code: 'MicrovmBaseImageUnavailable', message: 'baseImage: it does not exist', hints: [{ text: 'use another one' }] });
});
