/** Advice that an error ends with. */
export interface Hint {
  /** The property of the construct that the advice is about. */
  readonly property?: string;
  readonly text: string;
}

/** Advice for messages that match. */
export interface HintRule extends Hint {
  readonly when: RegExp;
}

/** Returns the advice of every rule that matches the message. */
export function hintsFor(message: string, rules: readonly HintRule[]): Hint[] {
  return rules.filter(({ when }) => when.test(message)).map(({ property, text }) => ({ property, text }));
}

/** Returns the advice of the first rule that matches the message, if one does. */
export function firstHint(message: string, rules: readonly HintRule[]): Hint[] {
  return hintsFor(message, rules).slice(0, 1);
}

export function renderHint({ property, text }: Hint): string {
  return ['hint', ...property === undefined ? [] : [property], text].join(': ');
}
