/** What an assertion came to. */
export interface AssertionResult {
  /** The id of its output in the assertion stack. */
  readonly id: string;
  readonly status: 'success' | 'fail' | 'no result';
  readonly message?: string;
}

/** integ-tests-alpha writes each result, as JSON, into an output whose id begins like this; a failed one fails no deployment. */
const RESULT = /^AssertionResults/;

/**
 * The results of a stack's assertions, as integ-runner takes them from its outputs.
 *
 * @param declared ids of the outputs of the template: one that has no value is no success.
 */
export function assertionResults(declared: readonly string[], outputs: Readonly<Record<string, string>>): AssertionResult[] {
  return declared.filter(id => RESULT.test(id)).map(id => ({ id, ...resultOf(outputs[id]) }));
}

function resultOf(value: string | undefined): Omit<AssertionResult, 'id'> {
  if (value === undefined) return { status: 'no result', message: 'the stack has no such output' };
  try {
    // The messages of mismatches have lines, which the output holds as they are.
    const { status, message } = JSON.parse(value.replace(/\n/g, '\\n')) as { status?: string; message?: string };
    if (status === 'success' || status === 'fail') return { status, ...(message === undefined ? {} : { message }) };
  } catch {
    // Said below.
  }
  return { status: 'no result', message: `not understood: ${value}` };
}
