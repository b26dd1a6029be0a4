import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';
import { environmentOf, requireSameAccount, requireSameEnvironment, requireSameRegion } from '../private/environments';

const CODE = 'MicrovmImageCrossEnvironment';

/** What a build needs, in the account and Region of the image. */
interface BuildResources {
  readonly codeBucket?: s3.IBucketRef;
  readonly buildRole?: iam.IRoleRef;
  readonly logGroup?: logs.ILogGroupRef;
  readonly encryptionKey?: kms.IKeyRef;
}

/** Rejects what is in another account or Region, where a build could not use it. */
export function checkImageEnvironment(scope: IConstruct, { codeBucket, buildRole, logGroup, encryptionKey }: BuildResources): void {
  if (codeBucket) requireSameRegion(scope, CODE, 'code', codeBucket.env, 'buckets');
  if (buildRole) requireSameAccount(scope, CODE, 'buildRole', environmentOf(buildRole, buildRole.roleRef.roleArn), 'build roles');
  if (logGroup) requireSameEnvironment(scope, CODE, 'logging', logGroup.env, 'log groups');
  if (encryptionKey) requireSameRegion(scope, CODE, 'encryptionKey', environmentOf(encryptionKey, encryptionKey.keyRef.keyArn), 'keys');
}
