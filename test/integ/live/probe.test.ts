import type { Probe } from '../../../integ/live/probes/probe';
import { answersOf, outcome } from '../../../integ/live/probes/probe';
import type { ProbeContext } from '../../../integ/live/probes/probe-context';

const context = {} as ProbeContext;
const probe = (run: Probe['run']): Probe => ({ name: 'two facts', facts: ['tokenReplay', 'twoEgress'], run });

test('a probe that throws keeps its settled facts and leaves the others unsettled with the reason', async () => {
  const answers = await answersOf(probe(async (_, settle) => {
    settle('tokenReplay', 'yes', 'the same\nMicroVM');
    throw new TypeError('no such operation');
  }), context);
  expect(answers).toEqual([
    { fact: 'tokenReplay', settled: 'yes', evidence: 'the same MicroVM' },
    { fact: 'twoEgress', settled: 'not settled', evidence: 'TypeError: no such operation' },
  ]);
});

const failing = (name: string, httpStatusCode?: number) => async () => {
  throw Object.assign(new Error('because'), { name, ...httpStatusCode === undefined ? {} : { $metadata: { httpStatusCode } } });
};

test('an error response of the service is an outcome', async () => {
  expect(await outcome(failing('ValidationException', 400))).toEqual({ rejected: 'ValidationException: because' });
  expect(await outcome(failing('InvalidParameterValueException'))).toEqual({ rejected: 'InvalidParameterValueException: because' });
});

test.each([['InternalServerException', 500], ['ThrottlingException', 429], ['TimeoutError', undefined]])('fails with %s, which settles nothing', async (name, status) => {
  await expect(outcome(failing(name, status))).rejects.toThrow('because');
});
