import type { ProbeContext } from './probe-context';
import type { FactId } from '../facts/catalog';
import type { Answer, Settlement } from '../facts/fact';

/** Records the answer to a fact. A later answer replaces an earlier one. */
export type Settle = (fact: FactId, settled: Settlement, evidence: string) => void;

/**
 * Settles some facts by calling the service. A probe creates resources only through its context, which deletes them.
 */
export interface Probe {
  readonly name: string;
  readonly facts: readonly FactId[];
  run(context: ProbeContext, settle: Settle): Promise<void>;
}

/** Runs a probe. @returns one answer per fact. An error stops only this probe, and leaves its other facts unsettled. */
export async function answersOf(probe: Probe, context: ProbeContext): Promise<Answer[]> {
  const answers = new Map<FactId, Answer>();
  let reason = 'the probe did not reach this fact';
  try {
    await probe.run(context, (fact, settled, evidence) => answers.set(fact, { fact, settled, evidence: inOneLine(evidence) }));
  } catch (error) {
    reason = textOf(error);
  }
  return probe.facts.map(fact => answers.get(fact) ?? notSettled(fact, reason));
}

export function notSettled(fact: FactId, reason: string): Answer {
  return { fact, settled: 'not settled', evidence: inOneLine(reason) };
}

/** Result of a call: the answer, or the name and message of the error. */
export type Outcome<T> = { readonly answer: T; readonly rejected?: undefined } | { readonly answer?: undefined; readonly rejected: string };

/** Turns an error response into an outcome. Throws if the service did not process the request. */
export async function outcome<T>(call: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { answer: await call() };
  } catch (error) {
    if (!isAnswer(error)) throw error;
    return { rejected: textOf(error) };
  }
}

/** Whether the call was denied because a permission is missing. */
export function isDenied(result: Outcome<unknown>): boolean {
  return /^(AccessDenied|Unauthorized)/.test(result.rejected ?? '');
}

export function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function isAnswer(error: unknown): boolean {
  const { $metadata: metadata, name } = error as { $metadata?: { httpStatusCode?: number }; name?: string };
  const status = metadata?.httpStatusCode;
  const failed = /^(Service|InternalServer|Throttling|TooManyRequests)Exception$/.test(name ?? '');
  return !failed && (status === undefined ? /Exception$/.test(name ?? '') : status >= 400 && status < 500);
}

function inOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
