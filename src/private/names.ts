import { createHash } from 'crypto';
import { Names, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { TextRule } from './errors';

/** Names of images: service facts 1.1. */
export const MICROVM_IMAGE_NAME: TextRule = {
  property: 'microvmImageName',
  code: 'MicrovmImageNameInvalid',
  minLength: 1,
  maxLength: 64,
  pattern: /^[a-zA-Z0-9_-]+$/,
  allowed: 'letters, digits, hyphens and underscores',
};

/** Depends on the place in the tree alone: content makes versions, never names. */
export function generatedImageName(image: IConstruct): string {
  return Names.uniqueResourceName(image, { maxLength: MICROVM_IMAGE_NAME.maxLength, separator: '-', allowedSpecialCharacters: '_-' });
}

/** For ids of constructs: differs if one of the texts does, tokens included. */
export function shortHash(scope: IConstruct, ...texts: string[]): string {
  return createHash('sha256').update(JSON.stringify(Stack.of(scope).resolve(texts))).digest('hex').slice(0, 8).toUpperCase();
}
