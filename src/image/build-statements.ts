import type * as ecr from 'aws-cdk-lib/aws-ecr';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';
import { logGroupArns } from '../private/arns';
import { viaService } from '../private/encryption-key';
import { allow, PERMISSIONS } from '../private/permissions';

/**
 * Makes the statements for reading the code, and for decrypting it if the app knows the KMS key of the bucket.
 *
 * Code in a build has the credentials of the role, and the key may protect other data. So the role may use the key only
 * through S3 and for this object. S3 names the bucket instead of the object if the bucket has an S3 Bucket Key.
 */
export function buildCodeStatements(bucket: s3.IBucketRef, objectKey: string): iam.PolicyStatement[] {
  // IBucketRef has no encryptionKey. L2 buckets have one, if the app knows their key.
  const key = (bucket as Partial<s3.IBucket>).encryptionKey;
  const { bucketArn } = bucket.bucketRef;
  const objectArn = `${bucketArn}/${objectKey}`;
  return [
    allow(PERMISSIONS.build.code, [objectArn]),
    ...key ? [allow(PERMISSIONS.build.codeKey, [key.keyArn], {
      StringEquals: { ...viaService(bucket, 's3', bucket.env.region), 'kms:EncryptionContext:aws:s3:arn': [objectArn, bucketArn] },
    })] : [],
  ];
}

/** Makes the statements for writing the build log. */
export function buildLogStatements(scope: IConstruct, logGroup: logs.ILogGroupRef): iam.PolicyStatement[] {
  const { group, streams } = logGroupArns(scope, logGroup);
  return [allow(PERMISSIONS.build.logs, [streams]), allow(PERMISSIONS.build.logGroup, [group, streams])];
}

/** Makes the statements for pulling images from private repositories. */
export function buildRepositoryStatements(repositories: readonly ecr.IRepositoryRef[]): iam.PolicyStatement[] {
  if (repositories.length === 0) return [];
  return [
    allow(PERMISSIONS.build.registry, ['*']),
    allow(PERMISSIONS.build.repository, repositories.map(({ repositoryRef }) => repositoryRef.repositoryArn)),
  ];
}
