import { Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { OWNER_RESOURCE_TAG, OWNER_STACK_TAG } from '../contract/common';

/** Context that takes these conditions away, should the service not present the tags of requests or resources. */
const TAG_CONDITIONS = 'cdk-lambda-microvms:tagConditions';

/**
 * The request carries the owner tags of this resource, and what is tagged has no owner yet: new things are tagged by a permission on everything, which
 * would otherwise make what belongs to another resource one's own.
 */
export function requestTagConditions(scope: IConstruct, logicalId: string): iam.Conditions | undefined {
  const conditions = ownerConditions(scope, 'aws:RequestTag', logicalId);
  return conditions && { ...conditions, Null: { [`aws:ResourceTag/${OWNER_STACK_TAG}`]: 'true' } };
}

/** What is acted on carries the owner tags of this resource. */
export function resourceTagConditions(scope: IConstruct, logicalId: string): iam.Conditions | undefined {
  return ownerConditions(scope, 'aws:ResourceTag', logicalId);
}

function ownerConditions(scope: IConstruct, key: string, logicalId: string): iam.Conditions | undefined {
  const context = scope.node.tryGetContext(TAG_CONDITIONS);
  if (context === false || context === 'false') return undefined;
  return { StringEquals: { [`${key}/${OWNER_STACK_TAG}`]: Stack.of(scope).stackId, [`${key}/${OWNER_RESOURCE_TAG}`]: logicalId } };
}
