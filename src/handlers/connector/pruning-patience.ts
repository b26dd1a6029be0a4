import { messageOf, TerminalError } from '../engine/errors';
import type { Operation } from '../engine/operation';

/** How long to try again after the first error. Errors that are further apart than this are independent. */
const PATIENCE = 60_000;

/** Remembers the errors of pruning, which is optional: an error that persists must not delay a deployment for long. */
export class PruningPatience {
  /** When the first and the last error in a row happened, by operation ID. */
  private readonly errors = new Map<string, { readonly first: number; readonly last: number }>();

  /** Makes a call. A minute after the first error, any error is terminal, so that the fallback of the step follows. */
  public async call<Answer>({ id, now }: Operation, call: () => Promise<Answer>): Promise<Answer> {
    try {
      return await call();
    } catch (error) {
      const before = this.errors.get(id);
      const first = before && now < before.last + PATIENCE ? before.first : now;
      this.errors.set(id, { first, last: now });
      if (now < first + PATIENCE) throw error;
      throw new TerminalError('NetworkConnectorRejected', messageOf(error));
    }
  }
}
