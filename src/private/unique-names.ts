import { Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ValidationError } from './errors';
import { sharedValue } from './shared-value';
import type { SynthesisErrorCode } from '../contract/diagnostics';

/**
 * Rejects a name that another construct of the app has in the same account and Region.
 *
 * If a stack leaves its account or Region open, only constructs of the same stack are compared: another stack may be
 * deployed elsewhere.
 */
export function requireUniqueName(code: SynthesisErrorCode, property: string, name: string | undefined, construct: IConstruct): void {
  if (name === undefined || Token.isUnresolved(name)) return;
  const names = sharedValue(construct.node.root, 'ownersByName', () => new Map<string, IConstruct>());
  const key = [property, placeOf(Stack.of(construct)), name].join('/');
  const owner = names.get(key);
  names.set(key, construct);
  if (owner === undefined || owner.node.scope?.node.tryFindChild(owner.node.id) !== owner) return;
  throw new ValidationError(code,
    `${property}: '${name}' is also the name of ${owner.node.path}, in the same account and Region; use another name, or leave it out for a generated one`, construct);
}

function placeOf(stack: Stack): string {
  const { account, region, nestedStackParent } = stack;
  if (!Token.isUnresolved(account) && !Token.isUnresolved(region)) return `${account}/${region}`;
  return nestedStackParent ? placeOf(nestedStackParent) : stack.node.addr;
}
