import { textWith } from '../private/template-text';

/** The shortest values of pseudo parameters. */
const SHORTEST: Readonly<Record<string, number>> = { 'AWS::AccountId': 12, 'AWS::Partition': 3, 'AWS::Region': 9 };

/**
 * Returns the length that a text of a resolved template has at least, without the values that only the deployment
 * knows.
 *
 * @param lengthOf the length of a known text.
 */
export function leastLength(resolved: unknown, lengthOf: (text: string) => number = text => text.length): number {
  return lengthOf(textWith(resolved, name => '0'.repeat(SHORTEST[name] ?? 0)));
}
