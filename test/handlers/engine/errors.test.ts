import { serviceError } from './inputs';
import { TerminalError, nameOf, OutOfTimeError, classify, messageOf } from '../../../src/handlers/engine/errors';

describe('an error of a service', () => {
  test.each([
    ['AccessDeniedException', 'denied'],
    ['AccessDenied', 'denied'],
    ['KMSAccessDeniedException', 'denied'],
    ['KMSDisabledException', 'invalid'],
    ['KMSInvalidStateException', 'invalid'],
    ['KMSNotFoundException', 'invalid'],
    ['ValidationException', 'invalid'],
    ['InvalidParameterValueException', 'invalid'],
    ['ResourceNotFoundException', 'notFound'],
    ['ThrottlingException', 'transient'],
    ['ServiceQuotaExceededException', 'transient'],
    ['ConflictException', 'transient'],
    ['InternalServerException', 'transient'],
    ['TimeoutError', 'transient'],
    ['AbortError', 'transient'],
    ['SomethingNew', 'transient'],
  ])('%s is classified as %s', (name, kind) => {
    expect(classify(serviceError(name, 'message'))).toBe(kind);
  });

  test('is shown with its name and message', () => {
    expect(messageOf(serviceError('ConflictException', 'MicroVM Image is already in state: UPDATING')))
      .toBe('ConflictException: MicroVM Image is already in state: UPDATING');
  });

  test.each(['', 'UnknownError'])('without a message (%p) is shown with what that may mean', message => {
    expect(messageOf(serviceError('AccessDeniedException', message)))
      .toBe('AccessDeniedException: no message; lambda:TagResource at creation may be denied');
  });
});

describe('a value that is not an error', () => {
  test('is classified as transient, and shown as text', () => {
    expect(classify('broken')).toBe('transient');
    expect(classify(undefined)).toBe('transient');
    expect(nameOf('broken')).toBe('UnknownError');
    expect(messageOf('broken')).toBe('UnknownError: broken');
  });
});

test('a lack of time is transient', () => {
  expect(classify(new OutOfTimeError())).toBe('transient');
  expect(messageOf(new OutOfTimeError())).toBe('OutOfTimeError: no time left in this poll');
});

test('a terminal error has a code, a message and hints', () => {
  const hints = [{ property: 'memory', text: 'use another size' }];
  expect(new TerminalError('MicrovmImageRejected', 'rejected', hints)).toMatchObject({ code: 'MicrovmImageRejected', message: 'rejected', hints });
  expect(new TerminalError('MicrovmImageRejected', 'rejected')).toMatchObject({ hints: [] });
});
