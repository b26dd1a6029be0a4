import type { Reason } from './answers';
import { classify, isDeniedPermanently, messageOf, TerminalError } from './errors';
import type { Operation } from './operation';
import type { DeploymentErrorCode } from '../../contract/diagnostics';

/** How to classify and explain the rejected requests of one type of resource. */
export interface RejectionRules {
  /** The code for a request that the service rejects as it stands. */
  readonly code: DeploymentErrorCode;
  /** Whether a rejection with this message may be transient. */
  readonly isTransient: (message: string) => boolean;
  /** Explains a rejection in terms of the user's properties. */
  readonly explain: (message: string) => Explanation;
}

export type Explanation = Pick<Reason, 'summary' | 'hints'>;

/** Sends a request that is built from the user's properties, and turns a permanent rejection into a `TerminalError`. */
export async function submit<Answer>(call: () => Promise<Answer>, operation: Operation, rules: RejectionRules): Promise<Answer> {
  try {
    return await call();
  } catch (error) {
    throw terminalErrorOf(error, operation, rules) ?? error;
  }
}

function terminalErrorOf(error: unknown, operation: Operation, { code, isTransient, explain }: RejectionRules): TerminalError | undefined {
  if (error instanceof TerminalError) return error;
  if (classify(error) === 'invalid') {
    const { message } = error as Error;
    return isTransient(message) ? undefined : terminalError(code, explain(message));
  }
  if (isDeniedPermanently(error, operation.rolesMayBeFresh)) return terminalError('PermissionDenied', explain(messageOf(error)));
  return undefined;
}

export function terminalError(code: DeploymentErrorCode, { summary, hints }: Explanation): TerminalError {
  return new TerminalError(code, summary, hints);
}
