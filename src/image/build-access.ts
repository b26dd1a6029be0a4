import { Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct, IConstruct } from 'constructs';
import { MicrovmBuildRole } from './build-role';
import { buildCodeStatements, buildLogStatements, buildRepositoryStatements } from './build-statements';
import type { MicrovmCodeConfig } from './code-config';
import { keyForPolicy } from './code-key';
import { IMAGE_ROLE_TRUST, warnIfNotAssumable } from '../private/known-trust';
import { addPolicy } from '../private/role-policy';

/** The code and the log group that the builds of one image use. */
export interface BuildNeeds {
  readonly code: MicrovmCodeConfig;
  readonly logGroup?: logs.ILogGroup;
}

/**
 * Grants a role the permissions that builds need. Returns the constructs that the image must wait for, or a build may
 * start before the policy is attached.
 */
export function allowBuilds(image: Construct, role: iam.IRole, needs: BuildNeeds): IConstruct[] {
  const objectKey = keyForPolicy(image, needs.code);
  const repositories = needs.code.repositories ?? [];
  if (Stack.of(role) === Stack.of(image) && MicrovmBuildRole.isMicrovmBuildRole(role)) {
    role.addCode(needs.code.bucket, objectKey);
    if (needs.logGroup) role.addLogGroup(needs.logGroup);
    repositories.forEach(repository => role.addRepository(repository));
    return [role];
  }

  if (!MicrovmBuildRole.isMicrovmBuildRole(role)) {
    warnIfNotAssumable(image, { role, property: 'buildRole', code: 'cdk-lambda-microvms:buildRoleNotAssumable', needs: IMAGE_ROLE_TRUST });
  }
  const statements = buildCodeStatements(needs.code.bucket, objectKey);
  if (needs.logGroup) statements.push(...buildLogStatements(image, needs.logGroup));
  statements.push(...buildRepositoryStatements(repositories));
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
