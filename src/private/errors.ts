import type { Duration } from 'aws-cdk-lib';
import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { SynthesisErrorCode } from '../contract/diagnostics';

/** Something was asked for that cannot be. Its text names the property, the value, what is allowed and what to do. */
export class ValidationError extends Error {
  public readonly code: SynthesisErrorCode;
  public readonly constructPath?: string;

  public constructor(code: SynthesisErrorCode, message: string, scope?: IConstruct) {
    super(`${message} [${code}${scope ? ` at ${scope.node.path}` : ''}]`);
    this.name = 'ValidationError';
    this.code = code;
    this.constructPath = scope?.node.path;
  }
}

/** What a text may be. */
export interface TextRule {
  readonly property: string;
  readonly code: SynthesisErrorCode;
  readonly minLength: number;
  readonly maxLength: number;
  readonly pattern?: RegExp;
  /** The pattern in words, and what to do. */
  readonly allowed: string;
}

/** Tokens pass. */
export function checkText(rule: TextRule, value: string | undefined, scope?: IConstruct): void {
  if (value === undefined || Token.isUnresolved(value)) return;
  const fits = value.length >= rule.minLength && value.length <= rule.maxLength && (rule.pattern?.test(value) ?? true);
  if (!fits) {
    throw new ValidationError(rule.code,
      `${rule.property}: '${shortened(value)}' (${value.length} characters) is not valid; use ${rule.minLength} to ${rule.maxLength} characters, ${rule.allowed}`,
      scope);
  }
}

/** What a number may be. */
export interface NumberRule {
  readonly property: string;
  readonly code: SynthesisErrorCode;
  readonly min: number;
  readonly max: number;
}

/** Tokens pass. */
export function checkNumber(rule: NumberRule, value: number | undefined, scope?: IConstruct): void {
  if (value === undefined || Token.isUnresolved(value)) return;
  if (!Number.isInteger(value) || value < rule.min || value > rule.max) {
    throw new ValidationError(rule.code, `${rule.property}: ${value} is not valid; use a whole number from ${rule.min} to ${rule.max}`, scope);
  }
}

/** What a duration may be, in seconds. */
export interface DurationRule extends NumberRule {
  /** The range in words. */
  readonly allowed: string;
}

/** Tokens pass. */
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
