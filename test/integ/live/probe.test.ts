import type { Lab } from '../../../integ/live/probes/lab';
import type { Probe } from '../../../integ/live/probes/probe';
import { answersOf, outcome } from '../../../integ/live/probes/probe';

const lab = {} as Lab;
const probe = (ask: Probe['ask']): Probe => ({ name: 'two facts', facts: ['tokenReplay', 'twoEgress'], ask });

test('a probe that throws leaves its other facts unsettled, with the reason, and keeps what it has settled', async () => {
  const answers = await answersOf(probe(async (_, say) => {
    say('tokenReplay', 'yes', 'the same\nMicroVM');
    throw new TypeError('no such operation');
  }), lab);
  expect(answers).toEqual([
    { fact: 'tokenReplay', settled: 'yes', evidence: 'the same MicroVM' },
    { fact: 'twoEgress', settled: 'not settled', evidence: 'TypeError: no such operation' },
  ]);
});

const failing = (name: string, httpStatusCode?: number) => async () => {
  throw Object.assign(new Error('because'), { name, ...httpStatusCode === undefined ? {} : { $metadata: { httpStatusCode } } });
};

test('a refusal of the service is an answer', async () => {
  expect(await outcome(failing('ValidationException', 400))).toEqual({ refused: 'ValidationException: because' });
  expect(await outcome(failing('InvalidParameterValueException'))).toEqual({ refused: 'InvalidParameterValueException: because' });
});

test.each([['InternalServerException', 500], ['ThrottlingException', 429], ['TimeoutError', undefined]])('fails with %s, which answers nothing', async (name, status) => {
  await expect(outcome(failing(name, status))).rejects.toThrow('because');
});
