import { CfnDynamicReference, SecretValue, Stack, Token, Tokenization } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ValidationError } from './errors';
import { textWith } from './template-text';

/**
 * CloudFormation resolves dynamic references to secrets in the properties of its own types, and not in those of custom
 * resources (CloudFormation User Guide, dynamic references). So the service would receive the text of the reference.
 * That guide names no such limit for references to plain parameters (`ssm`).
 */
const SECRET_REFERENCE = /\{\{resolve:(secretsmanager|ssm-secure):/;

/** Stands for the values in a text that only the deployment knows. */
const UNKNOWN = '\0';

/**
 * Throws for a dynamic reference to a secret in properties. It is too early to resolve tokens, so this finds only
 * the references that the CDK creates, and texts. `secretReferenceErrors` finds the others.
 */
export function rejectSecretReferences(scope: IConstruct, properties: Record<string, unknown>): void {
  const [path] = pathsOf(properties, value => isSecretReference(scope, value));
  if (path !== undefined) throw secretReferenceError(scope, path);
}

/** Returns an error for each dynamic reference to a secret in resolved properties. Call it at validation. */
export function secretReferenceErrors(scope: IConstruct, resolved: unknown): ValidationError[] {
  return pathsOf(resolved, isResolvedSecretReference).map(path => secretReferenceError(scope, path));
}

function secretReferenceError(scope: IConstruct, path: string): ValidationError {
  return new ValidationError('MicrovmSecretReferenceInvalid',
    `${path}: the value is a dynamic reference to a secret, which CloudFormation does not resolve here; pass the ARN or name of the secret, `
    + 'grant the execution role access to the secret, for example with secret.grantRead(launcher), and read the secret in the run hook', scope);
}

/** Returns the paths of the values that match, each only once. */
function pathsOf(value: unknown, matches: (value: unknown) => boolean, path: readonly string[] = []): string[] {
  if (matches(value)) return [path.join('.')];
  if (value === null || typeof value !== 'object' || Token.isUnresolved(value)) return [];
  const found = Object.entries(value).flatMap(([key, member]) => isFunction(key)
    ? Object.values(member ?? {}).flatMap(argument => pathsOf(argument, matches, path))
    : pathsOf(member, matches, [...path, ...segment(key, member, path.length === 0)]));
  return [...new Set(found)];
}

/** Whether a key is the name of an intrinsic function. */
function isFunction(key: string): boolean {
  return key.startsWith('Fn::');
}

/** Returns the name of a member as the user knows it. */
function segment(key: string, member: any, isProperty: boolean): string[] {
  if (key === 'Value') return [];
  if (typeof member?.Key === 'string' && 'Value' in member) return [member.Key];
  if (key === 'RequestOverrides') return ['addRequestOverride'];
  return [isProperty ? `${key[0].toLowerCase()}${key.slice(1)}` : key];
}

function isSecretReference(scope: IConstruct, value: unknown): boolean {
  if (SecretValue.isSecretValue(value)) return true;
  if (typeof value !== 'string') return value instanceof CfnDynamicReference && isResolvedSecretReference(Stack.of(scope).resolve(value));
  return SECRET_REFERENCE.test(value) || Tokenization.reverseString(value).tokens.some(token => isSecretReference(scope, token));
}

function isResolvedSecretReference(value: any): boolean {
  const isText = typeof value === 'string' || value?.['Fn::Join'] !== undefined || value?.['Fn::Sub'] !== undefined;
  return isText && SECRET_REFERENCE.test(textWith(value, () => UNKNOWN));
}
