import { assertionResults } from '../../../integ/live/assertions';

const ID = 'AssertionResultsAwsApiCallSSMgetParameter';
const resultOf = (value: string) => assertionResults([ID], { [ID]: value })[0];

test('an assertion that passes is a success', () => {
  expect(resultOf('{"status":"success"}')).toEqual({ id: ID, status: 'success' });
});

test('fails with the message of the mismatch, which has several lines', () => {
  expect(resultOf('{"status":"fail","message":"Expected 1\nbut got 2"}')).toEqual({ id: ID, status: 'fail', message: 'Expected 1\nbut got 2' });
});

test('fails if the stack has no output for a result that the template declares', () => {
  expect(assertionResults([ID], {})).toEqual([{ id: ID, status: 'no result', message: 'the stack has no such output' }]);
});

test.each(['', 'success', '{}', '{"status":"perhaps"}'])('treats %p as no result', value => {
  expect(resultOf(value)).toMatchObject({ status: 'no result' });
});

test('ignores outputs that are not results', () => {
  expect(assertionResults(['ImageVersion', ID], { ImageVersion: '1.0', [ID]: '{"status":"success"}' })).toHaveLength(1);
});
