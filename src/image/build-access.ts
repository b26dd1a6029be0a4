import { Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct, IDependable } from 'constructs';
import { MicrovmBuildRole } from './build-role';
import { buildCodeStatements, buildLogStatements } from './build-statements';
import type { MicrovmCodeConfig } from './code-config';
import { keyForPolicy } from './code-key';
import { addPolicy } from '../private/role-policy';

/** The code and the log group that the builds of one image use. */
export interface BuildNeeds {
  readonly code: MicrovmCodeConfig;
  readonly logGroup?: logs.ILogGroup;
}

/**
 * Grants a role the permissions that builds need. Returns the dependables that the image must depend on, or a build may
 * start before the policy is attached.
 */
export function allowBuilds(image: Construct, role: iam.IRole, needs: BuildNeeds): IDependable[] {
  const objectKey = keyForPolicy(image, needs.code);
  if (Stack.of(role) === Stack.of(image) && role instanceof MicrovmBuildRole) {
    role.addCode(needs.code.bucket, objectKey);
    if (needs.logGroup) role.addLogGroup(needs.logGroup);
    return [role];
  }

  const statements = buildCodeStatements(needs.code.bucket, objectKey);
  if (needs.logGroup) statements.push(...buildLogStatements(image, needs.logGroup));
  return addPolicy(image, 'BuildPolicy', {
    role,
    statements,
    warning: {
      code: 'cdk-lambda-microvms:buildRoleNotModified',
      before: 'buildRole: the library cannot add a policy to this role; make sure that it has these statements:',
      after: 'and that its trust policy allows sts:AssumeRole and sts:TagSession to lambda.amazonaws.com',
    },
  });
}
