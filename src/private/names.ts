import { createHash } from 'crypto';
import { Names, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { TextRule } from './errors';

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
