import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { concisePolicy } from './concise';
import { HandlerProvider } from './handler-provider';
import { shortHash } from './names';

/** Properties of a resource role. */
export interface ResourceRoleProps {
  readonly description: string;
  readonly statements: iam.PolicyStatement[];
  /**
   * The names and ARNs that the statements are restricted to.
   *
   * They are part of the role's logical ID. If they change, the deployment creates a second role first, and deletes
   * the old role only after the cleanup has deleted the old resource.
   */
  readonly covers?: string[];
}

/** Creates a resource role, which the handler assumes to manage one resource. */
export function createResourceRole(scope: Construct, { description, statements, covers = [] }: ResourceRoleProps): iam.Role {
  const role = new iam.Role(scope, covers.length === 0 ? 'ResourceRole' : `ResourceRole${shortHash(scope, ...covers)}`, {
    description,
    assumedBy: new iam.ArnPrincipal(HandlerProvider.of(scope).functionRole.roleArn),
  });
  const policyDocument = concisePolicy(new iam.PolicyDocument({ statements, minimize: false }));
  (role.node.defaultChild as iam.CfnRole).policies = [{ policyName: 'resource', policyDocument }];
  return role;
}
