import * as iam from 'aws-cdk-lib/aws-iam';
import { DependencyGroup } from 'constructs';

/**
 * How many resources one statement has at most: aws-cdk-lib moves statements of a policy that grows too large into managed policies, and splits none. By
 * its estimate of their size these fill a managed policy best.
 */
const MOST_RESOURCES = 7;

interface Given {
  readonly grant: iam.Grant;
  readonly statement: iam.PolicyStatement;
}

/** The last statement with the same actions, by grantee. */
const lastGiven = new WeakMap<iam.IPrincipal, Map<string, Given>>();

/**
 * Allows actions on resources. A grantee of many grants gets few statements, which IAM's limits need: the same actions on more resources are one statement.
 */
export function grantActions(grantee: iam.IGrantable, actions: string[], resourceArns: string[]): iam.Grant {
  const { grantPrincipal } = grantee;
  const given = lastGiven.get(grantPrincipal) ?? new Map<string, Given>();
  lastGiven.set(grantPrincipal, given);
  const key = actions.join();
  const last = given.get(key);
  if (last && !last.statement.frozen && last.statement.resources.length + resourceArns.length <= MOST_RESOURCES) {
    last.statement.addResources(...resourceArns);
    return last.grant;
  }
  const grant = iam.Grant.addToPrincipal({ grantee, actions, resourceArns: resourceArns.slice(0, MOST_RESOURCES) });
  const [statement] = grant.principalStatements;
  if (statement) given.set(key, { grant, statement });
  const others = resourceArns.slice(MOST_RESOURCES);
  return others.length === 0 ? grant : grant.combine(grantActions(grantee, actions, others));
}

/** What grants would give to a principal, for an inline policy: a policy of its own would be there later than its role. */
export function granted(give: (grantee: iam.IGrantable) => void): iam.PolicyStatement[] {
  const statements: iam.PolicyStatement[] = [];
  const principal: iam.IPrincipal = {
    assumeRoleAction: 'sts:AssumeRole',
    policyFragment: new iam.PrincipalPolicyFragment({ AWS: ['*'] }),
    get grantPrincipal() { return principal; },
    addToPrincipalPolicy: statement => {
      statements.push(statement);
      return { statementAdded: true, policyDependable: new DependencyGroup() };
    },
  };
  give(principal);
  return statements;
}
