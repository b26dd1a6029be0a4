import { Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { Construct, DependencyGroup } from 'constructs';
import type { Permission } from './permissions';
import { requireReasonForStar } from './permissions';
import { checkArgument, having } from './property-types';
import { warn } from './warnings';

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
  checkArgument('grantee', grantee, having('a grantee, such as a role or a function', 'grantPrincipal'));
  permissions.forEach(permission => requireReasonForStar(permission, resourceArns));
  const actions = permissions.flatMap(permission => permission.actions);
  return conditions
    ? iam.Grant.addToPrincipal({ grantee, actions, resourceArns, conditions })
    : grantActions(grantee, actions, resourceArns);
}

function grantActions(grantee: iam.IGrantable, actions: string[], resourceArns: string[]): iam.Grant {
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
 * Warns if a grant permits nothing: to a principal that cannot hold a policy, or of another account. Images and
 * connectors take no resource policies, which the CDK would use for such principals.
 */
export function withWarning(scope: IConstruct, grantee: iam.IGrantable, grant: iam.Grant): iam.Grant {
  const { grantPrincipal } = grantee;
  const { account } = Stack.of(scope);
  const { principalAccount } = grantPrincipal;
  const isKnown = principalAccount !== undefined && !Token.isUnresolved(principalAccount) && !Token.isUnresolved(account);
  const isForeign = isKnown && principalAccount !== account;
  if (grant.success && !isForeign) return grant;
  const reason = isForeign ? `is of account ${principalAccount}` : 'cannot hold a policy';
  warn('cdk-lambda-microvms:grantWithoutEffect',
    `grant: ${nameOf(grantPrincipal)} ${reason}, and images and connectors take no resource policies, so the grant has no effect; `
    + `grant to a role of ${isForeign ? `account ${account}` : 'this account'}`, scope);
  return grant;
}

function nameOf(principal: iam.IPrincipal): string {
  if (Construct.isConstruct(principal)) return principal.node.path;
  const text = String(principal);
  return Token.isUnresolved(text) || text.startsWith('[object') ? `a ${principal.constructor.name}` : text;
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
