import type { IConstruct } from 'constructs';

/**
 * Returns a value that all copies of this library share about a construct. A WeakMap of a module would belong to one
 * copy.
 */
export function sharedValue<T>(owner: IConstruct, name: string, create: () => T): T {
  const symbol = Symbol.for(`cdk-lambda-microvms.${name}`);
  const properties = owner as unknown as Record<symbol, T>;
  if (!Object.prototype.hasOwnProperty.call(owner, symbol)) Object.defineProperty(owner, symbol, { value: create() });
  return properties[symbol];
}
