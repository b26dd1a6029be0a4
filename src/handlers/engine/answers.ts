import type { IsCompleteAnswer } from './event';
import type { DeploymentErrorCode } from '../../contract/diagnostics';

/** Reason, ids and data share 4,096 bytes of an answer to CloudFormation. */
const REASON_BYTES = 2_800;

/** What the service says in one line must not take the room of hints, and of where to read on. */
const FIRST_LINE_BYTES = 2_000;

/** One long line must not take the room of all others; its end is what matters. */
const LOG_LINE_LENGTH = 500;

/** Shorter values are too likely to be part of ordinary words. */
const SECRET_LENGTH = 8;

export const NOT_YET: IsCompleteAnswer = { IsComplete: false };

/** Why an operation failed: what happened, the end of a log if there is one, and where to read on. */
export interface Reason {
  /** Shown at the end of the first line. */
  readonly code: DeploymentErrorCode;
  readonly summary: string;
  readonly log?: string[];
  readonly more?: string;
}

/** The error whose message CloudFormation shows; without a stack trace, which would take the room of the reason. */
export function failure(reason: Reason, secrets: string[]): Error {
  const error = new Error(render(reason, secrets));
  error.stack = '';
  return error;
}

function render(reason: Reason, secrets: string[]): string {
  const lines = (reason.log ?? []).map(line => redact(line, secrets).slice(-LOG_LINE_LENGTH));
  const [first, ...others] = redact(reason.summary, secrets).split('\n');
  const summary = [`${shorten(first, FIRST_LINE_BYTES)} [${reason.code}]`, ...others].join('\n');
  const more = reason.more === undefined ? [] : [redact(reason.more, secrets)];
  const text = (log: string[]) => [summary, ...(log.length > 0 ? ['the log ends with:', ...log] : []), ...more].join('\n');
  while (lines.length > 0 && sizeOf(text(lines)) > REASON_BYTES) lines.shift();
  return shorten(text(lines), REASON_BYTES);
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

/** Cuts secrets out of a text, also their single lines and usual encodings; longest first, so that no part of one is left. */
export function redact(text: string, secrets: string[]): string {
  return secrets
    .flatMap(secret => [secret, secret.trim(), ...secret.split(/\r?\n/).map(line => line.trim())])
    .filter(secret => secret.length >= SECRET_LENGTH)
    .flatMap(encodings)
    .sort((a, b) => b.length - a.length)
    .reduce((redacted, secret) => redacted.split(secret).join('***'), text);
}

function encodings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  // The text of the bytes is well formed, which a percent encoding needs.
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(bytes.toString()), bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url')];
}
