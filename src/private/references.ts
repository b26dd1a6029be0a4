import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/**
 * Returns a role for a reference to one. A reference that is no `IRole`, such as an L1, becomes an import in the scope,
 * which can get policies.
 */
export function roleOf(scope: Construct, id: string, reference: iam.IRoleRef): iam.IRole {
  if ('attachInlinePolicy' in reference) return reference as iam.IRole;
  const { roleName, roleArn } = reference.roleRef;
  // An import derives its ARN from its name, or its name from its ARN. Either would be wrong for a role with a path.
  const role = iam.Role.fromRoleName(scope, id, roleName);
  return Object.defineProperties(role, {
    roleArn: { value: roleArn, enumerable: true },
    policyFragment: { value: new iam.ArnPrincipal(roleArn).policyFragment, enumerable: true },
  });
}

/**
 * Returns a security group for a reference to one. A reference that is no `ISecurityGroup`, such as an L1, becomes an
 * import in the scope, which can get rules.
 */
export function securityGroupOf(scope: Construct, reference: ec2.ISecurityGroupRef): ec2.ISecurityGroup {
  if ('addEgressRule' in reference) return reference as ec2.ISecurityGroup;
  // The address is stable, so a rule keeps its logical ID if the list of groups changes.
  const id = `SecurityGroup${reference.node.addr.slice(-8)}`;
  return scope.node.tryFindChild(id) as ec2.ISecurityGroup | undefined
    ?? ec2.SecurityGroup.fromSecurityGroupId(scope, id, reference.securityGroupRef.securityGroupId, { allowAllOutbound: false });
}
