/**
 * What constructs and handlers of all kinds say to each other.
 *
 * CloudFormation delivers every scalar as a string, so every scalar is one here.
 */

/** Tags by which a resource is known to be ours: the stack's id and the logical id. */
export const OWNER_STACK_TAG = 'cdk-lambda-microvms:stack';
export const OWNER_RESOURCE_TAG = 'cdk-lambda-microvms:resource';

export type BooleanProperty = 'true' | 'false';

export interface TagProperty {
  readonly Key: string;
  readonly Value: string;
}
