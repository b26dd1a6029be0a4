import { createHash } from 'crypto';
import { Names, Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { TextRule } from './errors';
import { checkText, ValidationError } from './errors';

/** The service's rule for names of images (service-facts.md, 1.1). */
export const MICROVM_IMAGE_NAME_RULE: TextRule = {
  property: 'microvmImageName',
  code: 'MicrovmImageNameInvalid',
  minLength: 1,
  maxLength: 64,
  pattern: /^[a-zA-Z0-9_-]+$/,
  allowed: 'letters, digits, hyphens and underscores',
};

/** The service's rule for names of network connectors, the same as for images (service-facts.md, 1.3). */
export const NETWORK_CONNECTOR_NAME_RULE: TextRule = { ...MICROVM_IMAGE_NAME_RULE, property: 'networkConnectorName', code: 'NetworkConnectorNameInvalid' };

/** For each stack, the constructs with names that the user chose, by property and name. */
const chosenNames = new WeakMap<Stack, Map<string, IConstruct>>();

/** Throws if a name that the user chose is not valid, or if another construct of the stack has it. */
export function checkChosenName(rule: TextRule, name: string | undefined, owner: IConstruct): void {
  checkText(rule, name, owner);
  if (name === undefined || Token.isUnresolved(name)) return;
  const names = chosenNames.get(Stack.of(owner)) ?? new Map<string, IConstruct>();
  chosenNames.set(Stack.of(owner), names);
  const other = names.get(`${rule.property}/${name}`);
  if (other) throw new ValidationError(rule.code, `${rule.property}: '${name}' is already the name of ${other.node.path}; use another name`, owner);
  names.set(`${rule.property}/${name}`, owner);
}

/** Derives a name from the path of the construct and from the properties whose change needs a new name. */
export function generatedConnectorName(connector: IConstruct, ...immutable: string[]): string {
  const hash = shortHash(connector, ...immutable).toLowerCase();
  const maxLength = NETWORK_CONNECTOR_NAME_RULE.maxLength - hash.length - 1;
  return `${Names.uniqueResourceName(connector, { maxLength, separator: '-', allowedSpecialCharacters: '_-' })}-${hash}`;
}

/** Derives a name from the path of the construct alone: a change of the content creates a version, not a new image. */
export function generatedImageName(image: IConstruct): string {
  return Names.uniqueResourceName(image, { maxLength: MICROVM_IMAGE_NAME_RULE.maxLength, separator: '-', allowedSpecialCharacters: '_-' });
}

/** Returns a hash of the texts for use in construct IDs. Tokens count as their resolved form. */
export function shortHash(scope: IConstruct, ...texts: string[]): string {
  return createHash('sha256').update(JSON.stringify(Stack.of(scope).resolve(texts))).digest('hex').slice(0, 8).toUpperCase();
}
