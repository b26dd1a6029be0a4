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

function throughLambda(scope: IConstruct): Record<string, Record<string, unknown>> {
  const { region, urlSuffix } = Stack.of(scope);
  return { StringEquals: { [VIA_SERVICE]: `lambda.${region}.${urlSuffix}` } };
}

function forServices(scope: IConstruct): Record<string, Record<string, unknown>> {
  return { ...throughLambda(scope), Bool: { 'kms:GrantIsForAWSResource': 'true' } };
}
