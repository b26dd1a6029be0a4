import type * as ecr from 'aws-cdk-lib/aws-ecr';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as assets from 'aws-cdk-lib/aws-s3-assets';
import type { DockerfileInCode } from './dockerfile/contents';

/**
 * Location of the code of an image.
 */
export interface MicrovmCodeConfig {
  /**
   * The bucket, in the Region of the image.
   */
  readonly bucket: s3.IBucket;

  /**
   * The object key of a ZIP file with a Dockerfile at its root.
   */
  readonly objectKey: string;

  /**
   * Identifies the content if the object key does not. Changing it builds a new version of the image.
   *
   * @default - none; the key changes whenever the content changes
   */
  readonly contentHash?: string;

  /**
   * Whether the object is a CDK asset, whose key is derived from its content. The policy of the build role then reads
   * the key from a mapping of the template. So a change of the code alone does not make `cdk deploy` ask for approval
   * of IAM changes. The policy permits the same either way.
   *
   * @default false
   */
  readonly isAsset?: boolean;

  /**
   * Private ECR repositories that the Dockerfile names. The image grants the build role permission to pull from them.
   *
   * @default - none
   */
  readonly repositories?: ecr.IRepositoryRef[];
}

/** The location of code, and what synth knows about it. */
export interface LocatedCode {
  readonly config: MicrovmCodeConfig;
  /** Undefined if synth does not know the Dockerfile. */
  readonly dockerfile?: DockerfileInCode;
}

/** Returns the location of an asset. */
export function assetLocation(asset: assets.Asset): MicrovmCodeConfig {
  return { bucket: asset.bucket, objectKey: asset.s3ObjectKey, isAsset: true };
}
