import type { Clock } from './clock';
import { OutOfTimeError } from './errors';

/**
 * How long the handler works in one invocation before it leaves the rest to the next poll.
 *
 * It ends before the function's timeout, because a crash or a timeout fails the operation at once.
 */
export const WORK_LIMIT = 50_000;

/** The handler stops waiting for a call after this time, with or without an answer. */
export const CALL_TIME_LIMIT = 4_000;

/** Clients do not retry: the next poll observes again, and no call takes effect later than the grace period allows. */
export const CLIENT_SETTINGS = { maxAttempts: 1 } as const;

/** Time limits for the calls of one invocation. */
export class CallLimits {
  public constructor(private readonly clock: Clock, private readonly end: number) {}

  /** Returns the options of one call. Throws `OutOfTimeError` if too little time is left for it. */
  public options(timeLimit = CALL_TIME_LIMIT): { abortSignal: AbortSignal } {
    if (this.clock.now() + timeLimit > this.end) throw new OutOfTimeError();
    return { abortSignal: AbortSignal.timeout(timeLimit) };
  }
}
