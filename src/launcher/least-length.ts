/** The shortest values of pseudo parameters. */
const SHORTEST: Readonly<Record<string, number>> = { 'AWS::AccountId': 12, 'AWS::Partition': 3, 'AWS::Region': 9 };

/**
 * Returns the length that a text of a resolved template has at least, without the values that only the deployment
 * knows.
 *
 * @param lengthOf the length of a known part.
 */
export function leastLength(resolved: unknown, lengthOf: (text: string) => number = text => text.length): number {
  if (typeof resolved === 'string') return lengthOf(resolved);
  if (resolved === null || typeof resolved !== 'object') return 0;
  const { Ref: name, 'Fn::Join': join, 'Fn::Sub': sub } = resolved as Record<string, any>;
  if (typeof name === 'string') return SHORTEST[name] ?? 0;
  if (typeof sub === 'string') {
    const names = [...sub.matchAll(/\$\{([^}]+)\}/g)].map(([, reference]) => SHORTEST[reference] ?? 0);
    return names.reduce((sum, length) => sum + length, lengthOf(sub.replace(/\$\{[^}]+\}/g, '')));
  }
  const parts = join?.[1];
  return Array.isArray(parts) ? parts.reduce<number>((sum, part) => sum + leastLength(part, lengthOf), 0) : 0;
}
