import { RemovalPolicy } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ValidationError } from './errors';

/**
 * Rejects `SNAPSHOT`, which CloudFormation supports for few types of resources only.
 *
 * @param property the name of the property, or of the method that sets the policy.
 */
export function checkRemovalPolicy(property: string, policy: RemovalPolicy | undefined, scope?: IConstruct): void {
  if (policy !== RemovalPolicy.SNAPSHOT) return;
  throw new ValidationError('MicrovmRemovalPolicyInvalid',
    `${property}: SNAPSHOT is not possible, because CloudFormation takes no snapshots of this resource; use RemovalPolicy.RETAIN or RemovalPolicy.DESTROY`, scope);
}
