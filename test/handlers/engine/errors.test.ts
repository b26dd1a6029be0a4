import { serviceError } from './inputs';
import { LastingError, nameOf, OutOfTimeError, sortOf, wordsOf } from '../../../src/handlers/engine/errors';

describe('an error of a service', () => {
  test.each([
    ['AccessDeniedException', 'denied'],
    ['AccessDenied', 'denied'],
    ['ValidationException', 'invalid'],
    ['InvalidParameterValueException', 'invalid'],
    ['ResourceNotFoundException', 'notFound'],
    ['ThrottlingException', 'passing'],
    ['ServiceQuotaExceededException', 'passing'],
    ['ConflictException', 'passing'],
    ['InternalServerException', 'passing'],
    ['TimeoutError', 'passing'],
    ['AbortError', 'passing'],
    ['SomethingNew', 'passing'],
  ])('%s counts as %s', (name, sort) => {
    expect(sortOf(serviceError(name, 'words'))).toBe(sort);
  });

  test('is shown in the words of the service', () => {
    expect(wordsOf(serviceError('ConflictException', 'MicroVM Image is already in state: UPDATING')))
      .toBe('ConflictException: MicroVM Image is already in state: UPDATING');
  });

  test.each(['', 'UnknownError'])('that has no message (%p) comes with what that may mean', message => {
    expect(wordsOf(serviceError('AccessDeniedException', message)))
      .toBe('AccessDeniedException: no message; the Region may not have the service, or lambda:TagResource at creation may be denied');
  });
});

describe('what is no error', () => {
  test('counts as passing, and is shown as text', () => {
    expect(sortOf('broken')).toBe('passing');
    expect(sortOf(undefined)).toBe('passing');
    expect(nameOf('broken')).toBe('UnknownError');
    expect(wordsOf('broken')).toBe('UnknownError: broken');
  });
});

test('a lack of time passes', () => {
  expect(sortOf(new OutOfTimeError())).toBe('passing');
  expect(wordsOf(new OutOfTimeError())).toBe('OutOfTimeError: no time left in this poll');
});

test('a lasting error keeps its code and its words', () => {
  expect(new LastingError('MicrovmImageRefused', 'refused')).toMatchObject({ code: 'MicrovmImageRefused', message: 'refused' });
});
