import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct, IDependable } from 'constructs';
import { warn } from './warnings';
import type { SynthesisWarningCode } from '../contract/diagnostics';

/** A policy for a role that a user gave. */
export interface AddedPolicyProps {
  readonly role: iam.IRole;
  readonly statements: iam.PolicyStatement[];
  /** If nothing can be added: the code of a warning, and its beginning and end around the statements. */
  readonly warning: { readonly code: SynthesisWarningCode; readonly before: string; readonly after: string };
}

/**
 * Adds what a user's role needs, and returns what must be there first: what uses a role races a policy that it does not wait for.
 *
 * The policy is in the scope of the user of the role: a role of another stack would otherwise need this one, which needs that one.
 */
export function addPolicy(scope: Construct, id: string, { role, statements, warning }: AddedPolicyProps): IDependable[] {
  const policy = new AddedPolicy(scope, id, { statements });
  role.attachInlinePolicy(policy);
  if (policy.attached) return Stack.of(role) === Stack.of(scope) && iam.Role.isRole(role) ? [policy, role] : [policy];

  scope.node.tryRemoveChild(policy.node.id);
  const missing = Stack.of(scope).resolve(statements.map(statement => statement.toStatementJson()));
  warn(warning.code, `${warning.before} ${JSON.stringify(missing)} ${warning.after}`, scope);
  return [];
}

/** Knows whether a role took it: roles that cannot be changed ignore policies without a word. */
class AddedPolicy extends iam.Policy {
  public attached = false;

  public override attachToRole(role: iam.IRole): void {
    this.attached = true;
    super.attachToRole(role);
  }
}
