import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { LocatedCode } from './code-config';
import { checkText } from '../private/errors';

/**
 * Options for code from a bucket.
 */
export interface MicrovmCodeBucketOptions {
  /**
   * A text of 1 to 1,024 characters that changes whenever the object changes, for example its SHA-256 or its version
   * ID. Changing it builds a new version of the image.
   *
   * It is required because CloudFormation does not notice a change of the object itself. A build always reads the
   * newest version of the object.
   */
  readonly contentHash: string;
}

/** Locates code in a bucket. */
export function bucketCode(scope: Construct, bucket: s3.IBucketRef, objectKey: string, { contentHash }: MicrovmCodeBucketOptions): LocatedCode {
  checkText({
    property: 'code.objectKey',
    code: 'MicrovmCodeObjectKeyInvalid',
    minLength: 1,
    maxLength: 1024,
    pattern: /^[^\s*?$]+$/,
    allowed: 'without white space and without * ? $',
  }, objectKey, scope);
  checkText({
    property: 'code.contentHash',
    code: 'MicrovmCodeContentHashInvalid',
    minLength: 1,
    maxLength: 1024,
    allowed: 'for example the SHA-256 of the object',
  }, contentHash, scope);
  return { config: { bucket: bucketOf(scope, bucket), objectKey, contentHash } };
}

/** Returns a bucket for a reference to one. A reference that is no `IBucket`, such as an L1, becomes an import. */
function bucketOf(scope: Construct, bucket: s3.IBucketRef): s3.IBucket {
  return 'bucketArn' in bucket ? bucket as s3.IBucket : s3.Bucket.fromBucketAttributes(scope, 'CodeBucket', bucket.bucketRef);
}
