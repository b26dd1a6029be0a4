import type * as iam from 'aws-cdk-lib/aws-iam';
import { PrincipalPolicyFragment } from 'aws-cdk-lib/aws-iam';
import { DependencyGroup } from 'constructs';

/** What grants would give to a principal, for an inline policy: a policy of its own would be there later than its role. */
export function granted(give: (grantee: iam.IGrantable) => void): iam.PolicyStatement[] {
  const statements: iam.PolicyStatement[] = [];
  const principal: iam.IPrincipal = {
    assumeRoleAction: 'sts:AssumeRole',
    policyFragment: new PrincipalPolicyFragment({ AWS: ['*'] }),
    get grantPrincipal() { return principal; },
    addToPrincipalPolicy: statement => {
      statements.push(statement);
      return { statementAdded: true, policyDependable: new DependencyGroup() };
    },
  };
  give(principal);
  return statements;
}
