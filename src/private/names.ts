import { createHash } from 'crypto';
import { Names, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { TextRule } from './errors';

/** Names of images: service facts 1.1. */
export const MICROVM_IMAGE_NAME_RULE: TextRule = {
  property: 'microvmImageName',
  code: 'MicrovmImageNameInvalid',
  minLength: 1,
  maxLength: 64,
  pattern: /^[a-zA-Z0-9_-]+$/,
  allowed: 'letters, digits, hyphens and underscores',
};

/** Names of network connectors: service facts 1.3. */
export const NETWORK_CONNECTOR_NAME_RULE: TextRule = { ...MICROVM_IMAGE_NAME_RULE, property: 'networkConnectorName', code: 'NetworkConnectorNameInvalid' };

/** Depends on the place in the tree, and on what cannot be changed under one name. */
export function generatedConnectorName(connector: IConstruct, ...unchangeable: string[]): string {
  const hash = shortHash(connector, ...unchangeable).toLowerCase();
  const maxLength = NETWORK_CONNECTOR_NAME_RULE.maxLength - hash.length - 1;
  return `${Names.uniqueResourceName(connector, { maxLength, separator: '-', allowedSpecialCharacters: '_-' })}-${hash}`;
}

/** Depends on the place in the tree alone: content makes versions, never names. */
export function generatedImageName(image: IConstruct): string {
  return Names.uniqueResourceName(image, { maxLength: MICROVM_IMAGE_NAME_RULE.maxLength, separator: '-', allowedSpecialCharacters: '_-' });
}

/** For ids of constructs: differs if one of the texts does, tokens included. */
export function shortHash(scope: IConstruct, ...texts: string[]): string {
  return createHash('sha256').update(JSON.stringify(Stack.of(scope).resolve(texts))).digest('hex').slice(0, 8).toUpperCase();
}
