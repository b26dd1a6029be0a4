import { serviceError } from './inputs';
import { TerminalError, nameOf, OutOfTimeError, classify, messageOf } from '../../../src/handlers/engine/errors';

describe('an error of a service', () => {
  test.each([
    ['AccessDeniedException', 'denied'],
    ['AccessDenied', 'denied'],
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
  ])('%s counts as %s', (name, sort) => {
    expect(classify(serviceError(name, 'words'))).toBe(sort);
  });

  test('is shown in the words of the service', () => {
    expect(messageOf(serviceError('ConflictException', 'MicroVM Image is already in state: UPDATING')))
      .toBe('ConflictException: MicroVM Image is already in state: UPDATING');
  });

  test.each(['', 'UnknownError'])('that has no message (%p) comes with what that may mean', message => {
    expect(messageOf(serviceError('AccessDeniedException', message)))
      .toBe('AccessDeniedException: no message; the Region may not have the service, or lambda:TagResource at creation may be denied');
  });
});

describe('what is no error', () => {
  test('counts as passing, and is shown as text', () => {
    expect(classify('broken')).toBe('transient');
    expect(classify(undefined)).toBe('transient');
    expect(nameOf('broken')).toBe('UnknownError');
    expect(messageOf('broken')).toBe('UnknownError: broken');
  });
});

test('a lack of time passes', () => {
  expect(classify(new OutOfTimeError())).toBe('transient');
  expect(messageOf(new OutOfTimeError())).toBe('OutOfTimeError: no time left in this poll');
});

test('a lasting error keeps its code and its words', () => {
  expect(new TerminalError('MicrovmImageRefused', 'refused')).toMatchObject({ code: 'MicrovmImageRefused', message: 'refused' });
});
