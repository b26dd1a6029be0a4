import { Annotations, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct, IDependable } from 'constructs';
import { MicrovmBuildRole } from './build-role';
import { buildCodeStatements, buildLogStatement } from './build-statements';
import type { MicrovmCodeConfig } from './code';

/** What the builds of one image need. */
export interface BuildNeeds {
  readonly code: MicrovmCodeConfig;
  readonly logGroup?: logs.ILogGroup;
}

/** Adds to the role what builds need, and returns what must be there first: a build races a policy that it does not wait for. */
export function allowBuilds(image: Construct, role: iam.IRole, needs: BuildNeeds): IDependable[] {
  const sameStack = Stack.of(role) === Stack.of(image);
  if (sameStack && role instanceof MicrovmBuildRole) {
    role.addCode(needs.code.bucket, needs.code.objectKey);
    if (needs.logGroup) role.addLogGroup(needs.logGroup);
    return [role];
  }

  const statements = buildCodeStatements(needs.code.bucket, needs.code.objectKey);
  if (needs.logGroup) statements.push(buildLogStatement(image, needs.logGroup));
  // In the image's own scope: a role of another stack would otherwise need this one, which needs that one.
  const policy = new BuildPolicy(image, 'BuildPolicy', { statements });
  role.attachInlinePolicy(policy);
  if (policy.attached) return sameStack && iam.Role.isRole(role) ? [policy, role] : [policy];

  image.node.tryRemoveChild(policy.node.id);
  const missing = Stack.of(image).resolve(statements.map(statement => statement.toStatementJson()));
  Annotations.of(image).addWarningV2('cdk-lambda-microvms:buildRoleNotModified',
    `buildRole: nothing can be added to this role; see that its policy allows ${JSON.stringify(missing)} `
    + 'and that its trust policy allows lambda.amazonaws.com sts:AssumeRole and sts:TagSession');
  return [];
}

/** Knows whether a role took it: roles that cannot be changed ignore policies without a word. */
class BuildPolicy extends iam.Policy {
  public attached = false;

  public override attachToRole(role: iam.IRole): void {
    this.attached = true;
    super.attachToRole(role);
  }
}
