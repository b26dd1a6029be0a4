/** Result of one assertion. */
export interface AssertionResult {
  /** ID of its output in the assertion stack. */
  readonly id: string;
  readonly status: 'success' | 'fail' | 'no result';
  readonly message?: string;
}

/**
 * integ-tests-alpha writes each result as JSON to an output with this prefix. A failed assertion does not fail the
 * deployment.
 */
const RESULT = /^AssertionResults/;

/**
 * Reads the results of the assertions of a stack from its outputs, as integ-runner does.
 *
 * @param declared IDs of the outputs in the template. An output without a value is not a success.
 */
export function assertionResults(declared: readonly string[], outputs: Readonly<Record<string, string>>): AssertionResult[] {
  return declared.filter(id => RESULT.test(id)).map(id => ({ id, ...resultOf(outputs[id]) }));
}

function resultOf(value: string | undefined): Omit<AssertionResult, 'id'> {
  if (value === undefined) return { status: 'no result', message: 'the stack has no such output' };
  try {
    // Messages about mismatches have several lines. The output holds them unescaped.
    const { status, message } = JSON.parse(value.replace(/\n/g, '\\n')) as { status?: string; message?: string };
    if (status === 'success' || status === 'fail') return { status, ...(message === undefined ? {} : { message }) };
  } catch {
    // Handled below.
  }
  return { status: 'no result', message: `the result cannot be parsed: ${value}` };
}
