import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct, IConstruct } from 'constructs';
import { warn } from './warnings';
import type { SynthesisWarningCode } from '../contract/diagnostics';

/** A policy for a role that the user passed in. */
export interface AddedPolicyProps {
  readonly role: iam.IRole;
  readonly statements: iam.PolicyStatement[];
  /** The warning if the role cannot be changed: its code, and the texts before and after the statements. */
  readonly warning: { readonly code: SynthesisWarningCode; readonly before: string; readonly after: string };
}

/**
 * Adds statements to a role that the user passed in. Returns the constructs that every resource using the role must
 * depend on, or it may start before the policy is attached.
 *
 * The policy is created in the scope, not in the role: a policy in another stack would create a circular dependency
 * between the stacks.
 */
export function addPolicy(scope: Construct, id: string, { role, statements, warning }: AddedPolicyProps): IConstruct[] {
  const policy = new AddedPolicy(scope, id, { statements });
  role.attachInlinePolicy(policy);
  if (policy.attached) return Stack.of(role) === Stack.of(scope) && iam.Role.isRole(role) ? [policy, role] : [policy];

  scope.node.tryRemoveChild(policy.node.id);
  const missing = Stack.of(scope).resolve(statements.map(statement => statement.toStatementJson()));
  warn(warning.code, `${warning.before} ${JSON.stringify(missing)} ${warning.after}`, scope);
  return [];
}

/** Returns the role as an L2. Nothing can be added to a role that is only a reference, such as an L1. */
export function roleOf(scope: Construct, id: string, role: iam.IRoleRef): iam.IRole {
  const isL2 = 'grantPrincipal' in role;
  return isL2 ? role as iam.IRole : iam.Role.fromRoleArn(scope, id, role.roleRef.roleArn, { mutable: false });
}

/** Records whether the policy was attached: immutable roles ignore it silently. */
class AddedPolicy extends iam.Policy {
  public attached = false;

  public override attachToRole(role: iam.IRole): void {
    this.attached = true;
    super.attachToRole(role);
  }
}
