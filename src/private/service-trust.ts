import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
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
 */
export function microvmService(scope: IConstruct, trust: ServiceTrust): iam.IPrincipal {
  return service().withConditions(sourceConditions(scope, trust));
}

/** Lets the service tag its sessions of the role, under conditions on the keys of the tags. */
export function allowSessionTags(role: iam.Role, trust: ServiceTrust, tagging: iam.Conditions): void {
  const statement = new iam.PolicyStatement({ actions: PERMISSIONS.trust.tagSession.actions, principals: [service()] });
  statement.addConditions(sourceConditions(role, trust));
  Object.entries(tagging).forEach(([test, keys]) => statement.addCondition(test, keys));
  role.assumeRolePolicy?.addStatements(statement);
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
