import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** The service whose service-linked role deletes the network interfaces of connectors (service-facts.md, 3.4). */
const SERVICE = 'lambda.amazonaws.com';

/** The condition that IAM offers for the creation of a service-linked role. */
export const FOR_THE_SERVICE = { StringEquals: { 'iam:AWSServiceName': SERVICE } };

/** The ARN of the service-linked role in the account of a scope. */
export function serviceLinkedRoleArn(scope: IConstruct): string {
  return Stack.of(scope).formatArn({
    service: 'iam', region: '', resource: 'role', resourceName: `aws-service-role/${SERVICE}/AWSServiceRoleForLambda`,
  });
}
