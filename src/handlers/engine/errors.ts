import type { DeploymentErrorCode } from '../../contract/diagnostics';

/**
 * - `denied`: an IAM refusal, passing while roles are fresh
 * - `invalid`: the request itself, as it stands or in the present state
 * - `notFound`
 * - `passing`: throttling, quotas, conflicts, outages, lost answers and whatever is not known
 */
export type ErrorSort = 'denied' | 'invalid' | 'notFound' | 'passing';

export function sortOf(error: unknown): ErrorSort {
  switch (nameOf(error)) {
    case 'AccessDenied':
    case 'AccessDeniedException':
      return 'denied';
    case 'ValidationException':
    case 'InvalidParameterValueException':
      return 'invalid';
    case 'ResourceNotFoundException':
      return 'notFound';
    default:
      return 'passing';
  }
}

/** A role that is not known everywhere yet lacks permissions; an explicit deny does not come of that, and does not pass. */
export function isDeniedForGood(error: unknown, rolesMayBeFresh: boolean): boolean {
  return sortOf(error) === 'denied' && (!rolesMayBeFresh || /explicit deny/i.test(wordsOf(error)));
}

export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'UnknownError';
}

/** The error in one line, in the service's own words. */
export function wordsOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  // The service refuses an unsupported Region and an implied action (tags at creation) without a message: service facts 1.0.
  const words = message && message !== 'UnknownError' ? message : 'no message; the Region may not have the service, or lambda:TagResource at creation may be denied';
  return `${nameOf(error)}: ${words}`;
}

/** A failure that no later poll can mend. */
export class LastingError extends Error {
  public constructor(public readonly code: DeploymentErrorCode, message: string) {
    super(message);
  }
}

/** The invocation has no time left for another call. */
export class OutOfTimeError extends Error {
  public constructor() {
    super('no time left in this poll');
    this.name = 'OutOfTimeError';
  }
}
