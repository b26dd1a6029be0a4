import { Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct, IDependable } from 'constructs';
import { MicrovmBuildRole } from './build-role';
import { buildCodeStatements, buildLogStatement } from './build-statements';
import type { MicrovmCodeConfig } from './code';
import { addPolicy } from '../private/role-policy';

/** What the builds of one image need. */
export interface BuildNeeds {
  readonly code: MicrovmCodeConfig;
  readonly logGroup?: logs.ILogGroup;
}

/** Adds to the role what builds need, and returns what must be there first. */
export function allowBuilds(image: Construct, role: iam.IRole, needs: BuildNeeds): IDependable[] {
  if (Stack.of(role) === Stack.of(image) && role instanceof MicrovmBuildRole) {
    role.addCode(needs.code.bucket, needs.code.objectKey);
    if (needs.logGroup) role.addLogGroup(needs.logGroup);
    return [role];
  }

  const statements = buildCodeStatements(needs.code.bucket, needs.code.objectKey);
  if (needs.logGroup) statements.push(buildLogStatement(image, needs.logGroup));
  return addPolicy(image, 'BuildPolicy', {
    role,
    statements,
    warning: {
      code: 'cdk-lambda-microvms:buildRoleNotModified',
      before: 'buildRole: nothing can be added to this role; see that its policy allows',
      after: 'and that its trust policy allows lambda.amazonaws.com sts:AssumeRole and sts:TagSession',
    },
  });
}
