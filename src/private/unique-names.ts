import { Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ValidationError } from './errors';
import type { SynthesisErrorCode } from '../contract/diagnostics';

/** For each app, the constructs by their place and name. */
const owners = new WeakMap<IConstruct, Map<string, IConstruct>>();

/**
 * Rejects a name that another construct of the app has in the same account and Region.
 *
 * If a stack leaves its account or Region open, only constructs of the same stack are compared: another stack may be
 * deployed elsewhere.
 */
export function requireUniqueName(code: SynthesisErrorCode, property: string, name: string | undefined, construct: IConstruct): void {
  if (name === undefined || Token.isUnresolved(name)) return;
  const { root } = construct.node;
  const names = owners.get(root) ?? new Map<string, IConstruct>();
  owners.set(root, names);
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
