import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { concisePolicy } from './concise';
import { PERMISSIONS } from './permissions';

/** The images for which the service may assume a role. */
export interface ServiceTrust {
  /** The ARN of the image, or a pattern of ARNs. */
  readonly imageArn: string;
  /** Whether the service may assume the role for these images only. If false: for any image of the account. */
  readonly sourceArnCondition: boolean;
}

/**
 * Returns the service as principal. It sends the ARN of the image, with a colon, at build and at launch
 * (service-facts.md, 3.1).
 *
 * @param tagging the conditions on session tags. If there are none, one statement permits sessions and their tags.
 */
export function microvmService(scope: IConstruct, trust: ServiceTrust, tagging?: iam.Conditions): iam.IPrincipal {
  const principal = service().withConditions(sourceConditions(scope, trust));
  return tagging && isEmpty(tagging) ? principal.withSessionTags() : principal;
}

/** Completes the trust policy of a role that the service assumes: a statement for session tags under conditions. */
export function finishTrustPolicy(role: iam.Role, trust: ServiceTrust, tagging?: iam.Conditions): void {
  const document = role.assumeRolePolicy!;
  if (tagging && !isEmpty(tagging)) {
    const statement = new iam.PolicyStatement({ actions: PERMISSIONS.trust.tagSession.actions, principals: [service()] });
    statement.addConditions(sourceConditions(role, trust));
    Object.entries(tagging).forEach(([test, keys]) => statement.addCondition(test, keys));
    document.addStatements(statement);
  }
  (role.node.defaultChild as iam.CfnRole).assumeRolePolicyDocument = concisePolicy(document);
}

function isEmpty(conditions: iam.Conditions): boolean {
  return Object.keys(conditions).length === 0;
}

function service(): iam.ServicePrincipal {
  return new iam.ServicePrincipal('lambda.amazonaws.com');
}

function sourceConditions(scope: IConstruct, { imageArn, sourceArnCondition }: ServiceTrust): iam.Conditions {
  return {
    StringEquals: { 'aws:SourceAccount': Stack.of(scope).account },
    ...sourceArnCondition ? { ArnLike: { 'aws:SourceArn': [imageArn, `${imageArn}:*`] } } : {},
  };
}
