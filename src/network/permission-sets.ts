import type { IConstruct } from 'constructs';
import type { SynthesisErrorCode } from '../contract/diagnostics';
import { checkText } from '../private/errors';

/** IAM Identity Center ends the name of each role that it creates with these many characters of its choice. */
const SUFFIX = '?'.repeat(16);

/** Checks the names of permission sets, by the rule of CreatePermissionSet. A wildcard is not part of a name. */
export function checkPermissionSets(code: SynthesisErrorCode, property: string, permissionSets: string[], scope?: IConstruct): void {
  for (const name of permissionSets) {
    checkText({
      property, code, minLength: 1, maxLength: 32, pattern: /^[\w+=,.@-]+$/, allowed: 'letters, digits and +=,.@-_, the name of a permission set',
    }, name, scope);
  }
}

/**
 * Returns patterns of the ARNs of the roles that IAM Identity Center creates for permission sets.
 *
 * The name of the role ends with a suffix, which changes when the set is assigned to the account again. The path
 * contains the Region of IAM Identity Center, except `us-east-1` (IAM Identity Center User Guide, referencing
 * permission sets in resource policies). The pattern counts the characters of the suffix: the set `Network` does not
 * match the roles of the set `Network_Read`.
 *
 * @param partition the partition, or a placeholder for it.
 */
export function permissionSetArns(partition: string, names: string[]): string[] {
  return names.flatMap(name => ['', '*/'].map(region =>
    `arn:${partition}:iam::*:role/aws-reserved/sso.amazonaws.com/${region}AWSReservedSSO_${name}_${SUFFIX}`));
}
