import type { Lab } from './lab';
import type { FactId } from '../facts/catalog';
import type { Answer, Settlement } from '../facts/fact';

/** Says what was seen of a fact; the last word counts. */
export type Say = (fact: FactId, settled: Settlement, evidence: string) => void;

/** Asks the service about some facts. What it makes it makes through the lab, which takes it away. */
export interface Probe {
  readonly name: string;
  readonly facts: readonly FactId[];
  ask(lab: Lab, say: Say): Promise<void>;
}

/** The answers of a probe, one for each of its facts: what it could not ask is not settled, and ends nothing but the probe. */
export async function answersOf(probe: Probe, lab: Lab): Promise<Answer[]> {
  const answers = new Map<FactId, Answer>();
  let reason = 'the probe did not come to it';
  try {
    await probe.ask(lab, (fact, settled, evidence) => answers.set(fact, { fact, settled, evidence: inOneLine(evidence) }));
  } catch (error) {
    reason = textOf(error);
  }
  return probe.facts.map(fact => answers.get(fact) ?? notSettled(fact, reason));
}

export function notSettled(fact: FactId, reason: string): Answer {
  return { fact, settled: 'not settled', evidence: inOneLine(reason) };
}

/** What a call came to: its answer, or the name and message of its error. */
export type Outcome<T> = { readonly answer: T; readonly refused?: undefined } | { readonly answer?: undefined; readonly refused: string };

/** An error of the service is an answer to a probe; that there is no service is none. */
export async function outcome<T>(call: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { answer: await call() };
  } catch (error) {
    if (!isAnswer(error)) throw error;
    return { refused: textOf(error) };
  }
}

/** Whether it was refused for want of a permission. */
export function isDenied(result: Outcome<unknown>): boolean {
  return /^(AccessDenied|Unauthorized)/.test(result.refused ?? '');
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
