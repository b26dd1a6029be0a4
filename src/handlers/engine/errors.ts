import type { Hint } from './hints';
import type { DeploymentErrorCode } from '../../contract/diagnostics';

/**
 * - `denied`: IAM denied the call; transient while roles are new
 * - `invalid`: the service rejected the request, as it stands or in the present state
 * - `notFound`
 * - `transient`: throttling, quotas, conflicts, outages, lost answers and every error that is not known
 */
export type ErrorKind = 'denied' | 'invalid' | 'notFound' | 'transient';

export function classify(error: unknown): ErrorKind {
  switch (nameOf(error)) {
    case 'AccessDenied':
    case 'AccessDeniedException':
    case 'KMSAccessDeniedException':
      return 'denied';
    case 'ValidationException':
    case 'InvalidParameterValueException':
    case 'KMSDisabledException':
    case 'KMSInvalidStateException':
    case 'KMSNotFoundException':
      return 'invalid';
    case 'ResourceNotFoundException':
      return 'notFound';
    default:
      return 'transient';
  }
}

/**
 * Whether a later poll will be denied too.
 *
 * A role that IAM has not propagated yet lacks permissions. An explicit deny has another cause, and is permanent.
 */
export function isDeniedPermanently(error: unknown, rolesMayBeFresh: boolean): boolean {
  return classify(error) === 'denied' && (!rolesMayBeFresh || /explicit deny/i.test(messageOf(error)));
}

/**
 * Whether the error is a denial without a message. The service answers like this in a Region that does not have it, and
 * if an implied action, such as tagging at creation, is denied (service-facts.md, 1.0).
 */
export function isDeniedWithoutMessage(error: unknown): boolean {
  return classify(error) === 'denied' && givenMessage(error) === undefined;
}

/** Returns the message of the service. Clients of the SDK put `UnknownError` in place of an absent one. */
function givenMessage(error: unknown): string | undefined {
  const message = error instanceof Error ? error.message : String(error);
  return message === '' || message === 'UnknownError' ? undefined : message;
}

export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'UnknownError';
}

/** Returns name and message of an error in one line. */
export function messageOf(error: unknown): string {
  return `${nameOf(error)}: ${givenMessage(error) ?? 'no message; lambda:TagResource at creation may be denied'}`;
}

/** A failure that no later poll can resolve. */
export class TerminalError extends Error {
  public constructor(public readonly code: DeploymentErrorCode, message: string, public readonly hints: readonly Hint[] = []) {
    super(message);
  }
}

/** Thrown if the invocation has no time left for another call. */
export class OutOfTimeError extends Error {
  public constructor() {
    super('no time left in this poll');
    this.name = 'OutOfTimeError';
  }
}
