import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';
import { logGroupArns } from '../private/arns';
import { allow, PERMISSIONS } from '../private/permissions';

export function buildCodeStatements(bucket: s3.IBucketRef, objectKey: string): iam.PolicyStatement[] {
  // Buckets that know their key are L2s.
  const key = (bucket as Partial<s3.IBucket>).encryptionKey;
  return [
    allow(PERMISSIONS.build.code, [`${bucket.bucketRef.bucketArn}/${objectKey}`]),
    ...key ? [allow(PERMISSIONS.build.codeKey, [key.keyArn])] : [],
  ];
}

export function buildLogStatement(scope: IConstruct, logGroup: logs.ILogGroupRef): iam.PolicyStatement {
  return allow(PERMISSIONS.build.logs, [logGroupArns(scope, logGroup).streams]);
}
