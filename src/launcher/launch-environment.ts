import { Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { IConstruct } from 'constructs';
import { environmentOf, requireSameAccount, requireSameEnvironment, requireSameRegion } from '../private/environments';

const CODE = 'MicrovmLauncherCrossEnvironment';

/** What a launch needs, in the account and Region of the launcher. */
interface LaunchResources {
  readonly image?: lambda.IMicrovmImageRef;
  readonly executionRole?: iam.IRole;
  readonly logGroup?: logs.ILogGroupRef;
  readonly encryptionKey?: kms.IKeyRef;
}

/**
 * Rejects what is in another account or Region, before anything asks for an ARN. The CDK's own error proposes a
 * physical name for the resource, but launches would fail with that name too.
 */
export function checkEnvironments(scope: IConstruct, { image, executionRole, logGroup, encryptionKey }: LaunchResources): void {
  if (image) requireSameEnvironment(scope, CODE, 'image', environmentOf(image, image.microvmImageRef.imageArn), 'images');
  if (executionRole) requireSameAccount(scope, CODE, 'executionRole', executionRole.env, 'execution roles');
  if (logGroup) requireSameEnvironment(scope, CODE, 'logging', logGroup.env, 'log groups');
  if (encryptionKey) requireSameRegion(scope, CODE, 'encryptionKey', environmentOf(encryptionKey), 'keys');
}

/** Rejects a launcher of another account or Region. */
export function checkLauncherEnvironment(scope: IConstruct, launcher: IConstruct): void {
  const { account, region } = Stack.of(launcher);
  requireSameEnvironment(scope, CODE, 'launcher', { account, region }, 'launchers');
}
