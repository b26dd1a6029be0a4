import { Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { IConstruct } from 'constructs';
import { ValidationError } from './errors';
import { grantPermissions } from './grant';
import { allow, PERMISSIONS } from './permissions';

const VIA_SERVICE = 'kms:ViaService';

/**
 * Permissions on the customer managed key of an image or of launches.
 *
 * They are restricted to calls that Lambda makes. They are added to policies of principals only: the key policy must
 * let IAM policies of the account decide, as the default key policy does.
 */

/** Returns the statements for the inline policy of a role. */
export function encryptionKeyStatements(scope: IConstruct, key: kms.IKeyRef): iam.PolicyStatement[] {
  const { use, delegate } = PERMISSIONS.encryptionKey;
  const arns = [encryptionKeyArn(scope, key)];
  return [allow(use, arns, throughLambda(scope)), allow(delegate, arns, forServices(scope))];
}

/** Grants the permissions to a grantee. */
export function grantEncryptionKey(grantee: iam.IGrantable, scope: IConstruct, key: kms.IKeyRef): iam.Grant {
  const { use, delegate } = PERMISSIONS.encryptionKey;
  const arns = [encryptionKeyArn(scope, key)];
  return grantPermissions(grantee, [use], arns, throughLambda(scope))
    .combine(grantPermissions(grantee, [delegate], arns, forServices(scope)));
}

/** Returns the ARN of the key. Fails for an alias, because IAM authorizes on keys only. */
export function encryptionKeyArn(scope: IConstruct, key: kms.IKeyRef): string {
  if ('aliasName' in key) {
    throw new ValidationError('MicrovmEncryptionKeyInvalid', 'encryptionKey: an alias is not a key; pass its key, for example aliasTargetKey', scope);
  }
  return key.keyRef.keyArn;
}

/** Whether a statement is restricted to calls that Lambda makes, as those of this file are. */
export function isThroughLambda(scope: IConstruct, { conditions }: iam.PolicyStatement): boolean {
  const textOf = (value: unknown) => JSON.stringify(Stack.of(scope).resolve(value));
  return textOf(conditions.StringEquals?.[VIA_SERVICE]) === textOf(throughLambda(scope).StringEquals[VIA_SERVICE]);
}

/**
 * Returns the condition that a service uses the key for the principal. Sources disagree about the suffix in China: it
 * is that of endpoints in public templates, and amazonaws.com in aws-cdk-lib (service-facts.md, 3.2).
 */
export function viaService(scope: IConstruct, service: string, region = Stack.of(scope).region): Record<string, string> {
  return { [VIA_SERVICE]: `${service}.${region}.${Stack.of(scope).urlSuffix}` };
}

function throughLambda(scope: IConstruct): Record<string, Record<string, unknown>> {
  return { StringEquals: viaService(scope, 'lambda') };
}

function forServices(scope: IConstruct): Record<string, Record<string, unknown>> {
  return { ...throughLambda(scope), Bool: { 'kms:GrantIsForAWSResource': 'true' } };
}
