import { isDeniedForGood, LastingError, sortOf, wordsOf } from './errors';
import type { Operation } from './operation';
import type { DeploymentErrorCode } from '../../contract/diagnostics';

/** How the refusals of a kind of resource are told apart and told. */
export interface Refusals {
  /** Of a request that the service does not take as it stands. */
  readonly code: DeploymentErrorCode;
  /** Whether words of a refusal may be about something that passes. */
  readonly mayPass: (words: string) => boolean;
  /** A refusal in the terms of the user's properties. */
  readonly tell: (words: string) => string;
}

/** Asks for what the user's properties say, and tells what time will mend from what it will not. */
export async function ask<Answer>(call: () => Promise<Answer>, operation: Operation, refusals: Refusals): Promise<Answer> {
  try {
    return await call();
  } catch (error) {
    if (sortOf(error) === 'invalid' && !refusals.mayPass((error as Error).message)) {
      throw new LastingError(refusals.code, refusals.tell((error as Error).message));
    }
    if (isDeniedForGood(error, operation.rolesMayBeFresh)) throw new LastingError('PermissionDenied', refusals.tell(wordsOf(error)));
    throw error;
  }
}
