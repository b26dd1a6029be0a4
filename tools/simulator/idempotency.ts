import type { ServiceError } from './errors';
import type { OperationName } from './model';
import type { Input } from './world';

interface Answered {
  readonly request: string;
  readonly answer: string;
}

/**
 * What was answered to client tokens.
 *
 * The service never forgets: a token answers the same even when what it made is long gone.
 */
export class ClientTokens {
  private readonly answered = new Map<string, Answered>();

  /** Does the work once for a token; without a token each time. */
  once(operation: OperationName, token: string | undefined, input: Input, mismatch: (message: string) => ServiceError, work: () => object): object {
    if (token === undefined) return work();
    const key = `${operation}/${token}`;
    const request = canonicalJson(input);
    const before = this.answered.get(key);
    if (before === undefined) {
      const answer = work();
      this.answered.set(key, { request, answer: JSON.stringify(answer) });
      return answer;
    }
    if (before.request !== request) throw mismatch('The client token was already used for a request with other parameters');
    return JSON.parse(before.answer) as object;
  }

  clear(): void {
    this.answered.clear();
  }
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item);
}
