import { Lazy, Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { Permission } from './permissions';
import { deny } from './permissions';
import { isOff } from './switches';
import { OWNER_RESOURCE_TAG, OWNER_STACK_TAG } from '../contract/common';

/**
 * The conditions that keep the role of one resource from the resources of others.
 *
 * The context key tagConditions is for the case that the service does not send the tags of requests or resources to
 * IAM. Without tags, the weaker conditions hold for every resource. With tags, they still protect what has an owner.
 */

/** What lambda:TagResource can tag besides images and connectors, by the Service Authorization Reference. */
const OTHER_TAGGED = ['capacity-provider:*', 'code-signing-config:*', 'event-source-mapping:*', 'function:*'];

const NOT_OWNED = { Null: { [`aws:ResourceTag/${OWNER_STACK_TAG}`]: 'true' } };

/** The request must set this resource's owner tags. */
export function ownerInRequest(scope: IConstruct, logicalId: string): iam.Conditions {
  return ownerConditions(scope, 'aws:RequestTag', logicalId);
}

/**
 * The request must set this resource's owner tags and none but these keys, and its target must not have an owner.
 *
 * Tagging at creation needs the resource `*`. Without this condition, the role could take over resources of other
 * stacks, and put any tag on them.
 *
 * @param tagKeys returns the keys of the resource's tags at synth, because aspects may add tags until then.
 */
export function ownerAtCreation(scope: IConstruct, logicalId: string, tagKeys: () => string[]): iam.Conditions {
  return {
    ...ownerInRequest(scope, logicalId),
    ...NOT_OWNED,
    'ForAllValues:StringEquals': { 'aws:TagKeys': Lazy.any({ produce: () => [...new Set([...tagKeys(), OWNER_STACK_TAG, OWNER_RESOURCE_TAG])].sort() }) },
  };
}

/** The target must have this resource's owner tags. */
export function ownerOfTarget(scope: IConstruct, logicalId: string): iam.Conditions {
  return ownerConditions(scope, 'aws:ResourceTag', logicalId);
}

/**
 * Denies owner tags for what exists without them. Otherwise the role could take possession of it, and then change or
 * delete it.
 *
 * The ARNs need no partition, Region and account, because a deny grants nothing.
 *
 * @param others the ends of the ARNs of this library's resources that the role never tags without an owner.
 */
export function keepUnowned(permission: Permission, others: string[]): iam.PolicyStatement {
  return deny(permission, [...OTHER_TAGGED, ...others].map(end => `arn:*:lambda:*:*:${end}`), NOT_OWNED);
}

/** Whether IAM is expected to know the tags of requests and resources. */
export function knowsTags(scope: IConstruct): boolean {
  return !isOff(scope, 'cdk-lambda-microvms:tagConditions');
}

function ownerConditions(scope: IConstruct, key: string, logicalId: string): iam.Conditions {
  return {
    [knowsTags(scope) ? 'StringEquals' : 'StringEqualsIfExists']: {
      [`${key}/${OWNER_STACK_TAG}`]: Stack.of(scope).stackId, [`${key}/${OWNER_RESOURCE_TAG}`]: logicalId,
    },
  };
}
