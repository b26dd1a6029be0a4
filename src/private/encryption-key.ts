import { Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { IConstruct } from 'constructs';
import { grantPermissions } from './grant';
import { allow, PERMISSIONS } from './permissions';

/**
 * Permissions on the customer managed key of an image or of launches.
 *
 * They are restricted to calls that Lambda makes. They are added to policies of principals only: the key policy must
 * let IAM policies of the account decide, as the default key policy does.
 */

/** Returns the statements for the inline policy of a role. */
export function encryptionKeyStatements(scope: IConstruct, key: kms.IKeyRef): iam.PolicyStatement[] {
  const { use, delegate } = PERMISSIONS.encryptionKey;
  const arns = [key.keyRef.keyArn];
  return [allow(use, arns, throughLambda(scope)), allow(delegate, arns, forServices(scope))];
}

/** Grants the permissions to a grantee. */
export function grantEncryptionKey(grantee: iam.IGrantable, scope: IConstruct, key: kms.IKeyRef): iam.Grant {
  const { use, delegate } = PERMISSIONS.encryptionKey;
  const arns = [key.keyRef.keyArn];
  return grantPermissions(grantee, [use], arns, throughLambda(scope))
    .combine(grantPermissions(grantee, [delegate], arns, forServices(scope)));
}

function throughLambda(scope: IConstruct): Record<string, Record<string, unknown>> {
  const { region, urlSuffix } = Stack.of(scope);
  return { StringEquals: { 'kms:ViaService': `lambda.${region}.${urlSuffix}` } };
}

function forServices(scope: IConstruct): Record<string, Record<string, unknown>> {
  return { ...throughLambda(scope), Bool: { 'kms:GrantIsForAWSResource': 'true' } };
}
