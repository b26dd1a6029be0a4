import { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { HandlerProvider } from './handler-provider';
import { shortHash } from './names';

/** What the role of one custom resource may do. */
export interface ResourceRoleProps {
  readonly description: string;
  readonly statements: iam.PolicyStatement[];
  /**
   * What the statements are limited to.
   *
   * The logical id of the role covers it: a change creates a second role first, and the old role lives until the old resource is deleted.
   */
  readonly covers?: string[];
}

/** Creates the role that the handler assumes to manage one resource. */
export function createResourceRole(scope: Construct, { description, statements, covers = [] }: ResourceRoleProps): iam.Role {
  return new iam.Role(scope, covers.length === 0 ? 'ResourceRole' : `ResourceRole${shortHash(scope, ...covers)}`, {
    description,
    assumedBy: new iam.ArnPrincipal(HandlerProvider.of(scope).functionRole.roleArn),
    maxSessionDuration: Duration.hours(1),
    inlinePolicies: { resource: new iam.PolicyDocument({ statements }) },
  });
}
