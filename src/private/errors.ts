import type { Duration } from 'aws-cdk-lib';
import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { SynthesisErrorCode } from '../contract/diagnostics';
import { addressOf } from '../contract/diagnostics';

/**
 * Thrown at synth for an invalid property. The message names the property, its value, the allowed range and the fix;
 * the code stands at the end of the first line, and the last line is the address of the code's explanation.
 */
export class ValidationError extends Error {
  public readonly code: SynthesisErrorCode;
  public readonly constructPath?: string;

  /** @param scope the construct, or its path if it does not exist yet. */
  public constructor(code: SynthesisErrorCode, message: string, scope?: IConstruct | string) {
    const path = typeof scope === 'string' ? scope : scope?.node.path;
    super(`${message} [${code}${path === undefined ? '' : ` at ${path}`}]\n${addressOf(code)}`);
    this.name = 'ValidationError';
    this.code = code;
    this.constructPath = path;
    keepMessage(this);
  }
}

/**
 * Protects the message of an error that a token throws. The CDK puts `Resolution error: ` before it and a dot after it
 * at each level of resolving, so that the code would no longer end the first line.
 */
function keepMessage(error: Error): void {
  let text = error.message;
  Object.defineProperty(error, 'message', {
    configurable: true,
    get: () => text,
    set: (changed: string) => { text = changed.startsWith('Resolution error: ') ? text : changed; },
  });
}

/** The rule for a text. */
export interface TextRule {
  readonly property: string;
  readonly code: SynthesisErrorCode;
  readonly minLength: number;
  readonly maxLength: number;
  readonly pattern?: RegExp;
  /** Describes the pattern, and says what to do. */
  readonly allowed: string;
}

/** Does not check unresolved tokens. */
export function checkText(rule: TextRule, value: string | undefined, scope?: IConstruct): void {
  if (value === undefined || Token.isUnresolved(value)) return;
  const fits = value.length >= rule.minLength && value.length <= rule.maxLength && (rule.pattern?.test(value) ?? true);
  if (!fits) {
    throw new ValidationError(rule.code,
      `${rule.property}: '${shortened(value)}' (${value.length} characters) is not valid; use ${rule.minLength} to ${rule.maxLength} characters, ${rule.allowed}`,
      scope);
  }
}

/** The rule for a whole number. */
export interface NumberRule {
  readonly property: string;
  readonly code: SynthesisErrorCode;
  readonly min: number;
  readonly max: number;
}

/** Does not check unresolved tokens. */
export function checkNumber(rule: NumberRule, value: number | undefined, scope?: IConstruct): void {
  if (value === undefined || Token.isUnresolved(value)) return;
  if (!Number.isInteger(value) || value < rule.min || value > rule.max) {
    throw new ValidationError(rule.code, `${rule.property}: ${value} is not valid; use a whole number from ${rule.min} to ${rule.max}`, scope);
  }
}

/** The rule for a duration, in seconds. */
export interface DurationRule extends NumberRule {
  /** Describes the range. */
  readonly allowed: string;
}

/** Does not check unresolved tokens. */
export function checkDuration(rule: DurationRule, value: Duration | undefined, scope?: IConstruct): void {
  if (value === undefined || value.isUnresolved()) return;
  const seconds = value.toSeconds({ integral: false });
  if (!Number.isInteger(seconds) || seconds < rule.min || seconds > rule.max) {
    throw new ValidationError(rule.code, `${rule.property}: ${value.toHumanString()} is not valid; use ${rule.allowed}, in whole seconds`, scope);
  }
}

function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
