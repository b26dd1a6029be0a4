import { Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { OWNER_RESOURCE_TAG, OWNER_STACK_TAG } from '../contract/common';

/**
 * Context key that removes the conditions, in case the service does not send the tags of requests or resources to
 * IAM.
 */
const TAG_CONDITIONS = 'cdk-lambda-microvms:tagConditions';

/**
 * The request must set this resource's owner tags, and its target must not have an owner.
 *
 * Tagging at creation needs the resource `*`. Without this condition, the role could take over resources of other
 * stacks.
 */
export function requestTagConditions(scope: IConstruct, logicalId: string): iam.Conditions | undefined {
  const conditions = ownerConditions(scope, 'aws:RequestTag', logicalId);
  return conditions && { ...conditions, Null: { [`aws:ResourceTag/${OWNER_STACK_TAG}`]: 'true' } };
}

/** The target must have this resource's owner tags. */
export function resourceTagConditions(scope: IConstruct, logicalId: string): iam.Conditions | undefined {
  return ownerConditions(scope, 'aws:ResourceTag', logicalId);
}

function ownerConditions(scope: IConstruct, key: string, logicalId: string): iam.Conditions | undefined {
  const context = scope.node.tryGetContext(TAG_CONDITIONS);
  if (context === false || context === 'false') return undefined;
  return { StringEquals: { [`${key}/${OWNER_STACK_TAG}`]: Stack.of(scope).stackId, [`${key}/${OWNER_RESOURCE_TAG}`]: logicalId } };
}
