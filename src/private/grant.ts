import * as iam from 'aws-cdk-lib/aws-iam';
import { DependencyGroup } from 'constructs';
import type { Permission } from './permissions';
import { requireReasonForStar } from './permissions';

/**
 * The maximum number of resources in one statement. aws-cdk-lib moves the statements of a policy that is too large into
 * managed policies, but splits no statement. Seven resources fill a managed policy best, by its estimate of sizes.
 */
const MAX_RESOURCES = 7;

interface GivenStatement {
  readonly grant: iam.Grant;
  readonly statement: iam.PolicyStatement;
}

/** For each grantee, the last statement for each set of actions. */
const lastStatements = new WeakMap<iam.IPrincipal, Map<string, GivenStatement>>();

/**
 * Grants permissions on resources.
 *
 * Without conditions, later grants of the same permissions add their resources to the statement of the first one, so
 * that a grantee of many grants stays within IAM's limits on policies.
 */
export function grantPermissions(
  grantee: iam.IGrantable, permissions: Permission[], resourceArns: string[], conditions?: Record<string, Record<string, unknown>>,
): iam.Grant {
  permissions.forEach(permission => requireReasonForStar(permission, resourceArns));
  const actions = permissions.flatMap(permission => permission.actions);
  return conditions
    ? iam.Grant.addToPrincipal({ grantee, actions, resourceArns, conditions })
    : grantActions(grantee, actions, resourceArns);
}

/** Prefer `grantPermissions`, which checks the resource `*`. */
export function grantActions(grantee: iam.IGrantable, actions: string[], resourceArns: string[]): iam.Grant {
  const { grantPrincipal } = grantee;
  const statements = lastStatements.get(grantPrincipal) ?? new Map<string, GivenStatement>();
  lastStatements.set(grantPrincipal, statements);
  const key = actions.join();
  const last = statements.get(key);
  if (last && !last.statement.frozen && last.statement.resources.length + resourceArns.length <= MAX_RESOURCES) {
    last.statement.addResources(...resourceArns);
    return last.grant;
  }
  const grant = iam.Grant.addToPrincipal({ grantee, actions, resourceArns: resourceArns.slice(0, MAX_RESOURCES) });
  const [statement] = grant.principalStatements;
  if (statement) statements.set(key, { grant, statement });
  const others = resourceArns.slice(MAX_RESOURCES);
  return others.length === 0 ? grant : grant.combine(grantActions(grantee, actions, others));
}

/**
 * Returns the statements that grants would add to a principal, for the inline policy of a role.
 *
 * CloudFormation creates a separate policy after its role, so whoever uses the role could start without it.
 */
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
