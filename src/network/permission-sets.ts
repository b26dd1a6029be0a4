/** The characters that IAM Identity Center appends to the name of a permission set. */
const SUFFIX = '_????????????????';

/**
 * Returns the patterns of the roles of IAM Identity Center for permission sets with these names. Nobody else can create
 * a role under that path.
 */
export function permissionSetArns(partition: string, names: readonly string[]): string[] {
  // The star covers the home Region of the Identity Center, which is absent in us-east-1.
  return names.map(name => `arn:${partition}:iam::*:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_${name}${SUFFIX}`);
}
