import type { IsCompleteAnswer } from './event';
import type { Hint } from './hints';
import { renderHint } from './hints';
import { logEnd } from './log-end';
import { redact } from './redact';
import type { DeploymentErrorCode } from '../../contract/diagnostics';
import { addressOf } from '../../contract/diagnostics';

/** Reason, IDs and data of an answer to CloudFormation share 4,096 bytes. */
const REASON_BYTES = 2_800;

/** A long message of the service must leave room for hints and for where to read more. */
const FIRST_LINE_BYTES = 2_000;

/** A long line must leave room for the others. Its end says most. */
const LOG_LINE_LENGTH = 500;

/** How much of a long line is searched for secrets. A value in an environment or a payload is shorter. */
const SEARCHED_LINE_LENGTH = 10_000;

export const NOT_YET: IsCompleteAnswer = { IsComplete: false };

/**
 * Why an operation failed: what happened, the end of a log if there is one, and where to read more.
 *
 * The message ends with the address of the explanation of its code.
 */
export interface Reason {
  /** Stands at the end of the first line. */
  readonly code: DeploymentErrorCode;
  readonly summary: string;
  readonly hints?: readonly Hint[];
  /** The error shows some of these lines (`logEnd`). */
  readonly log?: readonly string[];
  readonly more?: string;
}

/**
 * Returns the error whose message CloudFormation shows. It has no stack trace, which would take the room of the reason.
 */
export function failure(reason: Reason, secrets: string[]): Error {
  const error = new Error(render(reason, secrets));
  error.stack = '';
  return error;
}

function render(reason: Reason, secrets: string[]): string {
  const lines = linesOf(reason.log ?? [], secrets);
  const [first, ...others] = redact(reason.summary, secrets).split('\n');
  const hints = (reason.hints ?? []).map(hint => redact(renderHint(hint), secrets));
  const summary = [`${shorten(first, FIRST_LINE_BYTES)} [${reason.code}]`, ...others, ...hints].join('\n');
  const more = reason.more === undefined ? [] : [redact(reason.more, secrets)];
  let log = logEnd(lines);
  const text = () => [summary, ...(log.length > 0 ? ['the log ends with:', ...log] : []), ...more].join('\n');
  const ending = ['', ...handlerLog(), addressOf(reason.code)].join('\n');
  // Both sizes include the quotes of JSON.
  const bytes = REASON_BYTES - sizeOf(ending) + sizeOf('');
  while (log.length > 0 && sizeOf(text()) > bytes) log = logEnd(lines, log.length - 1);
  return `${shorten(text(), bytes)}${ending}`;
}

/** Secrets are replaced in all lines at once, because a line break may divide a value. */
function linesOf(log: readonly string[], secrets: string[]): string[] {
  if (log.length === 0) return [];
  return redact(log.map(line => line.slice(-SEARCHED_LINE_LENGTH)).join('\n'), secrets).split('\n').map(line => line.slice(-LOG_LINE_LENGTH));
}

/** The Provider framework appends the name of a log group that does not exist: `/aws/lambda/` and the function. */
function handlerLog(): string[] {
  const logGroup = process.env.AWS_LAMBDA_LOG_GROUP_NAME;
  return logGroup === undefined ? [] : [`the log of the handler is in the log group ${logGroup}`];
}

function shorten(text: string, bytes: number): string {
  if (sizeOf(text) <= bytes) return text;
  let length = text.length;
  while (sizeOf(text.slice(0, length)) > bytes - 3) length = Math.floor(length * 0.95);
  return `${text.slice(0, length)}...`;
}

function sizeOf(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}
