/**
 * What all custom resources share between constructs and handlers.
 *
 * CloudFormation passes every scalar property of a custom resource as a string, so all scalars are strings here.
 */

/** Owner tags: the ID of the stack and the logical ID of the custom resource that manages a resource. */
export const OWNER_STACK_TAG = 'cdk-lambda-microvms:stack';
export const OWNER_RESOURCE_TAG = 'cdk-lambda-microvms:resource';

/** The deadline of one create, update or delete, in seconds, if a resource names none: 50 minutes. */
export const DEFAULT_TIMEOUT_SECONDS = '3000';

export type BooleanProperty = 'true' | 'false';

export interface TagProperty {
  readonly Key: string;
  readonly Value: string;
}
