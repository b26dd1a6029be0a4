import { SymlinkFollowMode } from 'aws-cdk-lib';
import type * as ecr from 'aws-cdk-lib/aws-ecr';
import type * as ecr_assets from 'aws-cdk-lib/aws-ecr-assets';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { MicrovmCodeBucketOptions } from './code-bucket';
import { bucketCode } from './code-bucket';
import type { LocatedCode, MicrovmCodeConfig } from './code-config';
import type { MicrovmCodeDirectoryOptions } from './code-directory';
import { directoryCode } from './code-directory';
import { ecrImageCode, inlineCode } from './code-inline';
import { zipCode } from './code-zip';
import type { PropertyTypes } from '../private/property-types';
import { checkArgument, checkProps, having, instanceOf, oneOf, TEXT, TEXT_BY_NAME, TEXTS } from '../private/property-types';

const BUNDLING = having('BundlingOptions with an image', 'image');
const DIRECTORY_TYPES: PropertyTypes<MicrovmCodeDirectoryOptions> = {
  dockerfile: TEXT, exclude: TEXTS, followSymlinks: oneOf('SymlinkFollowMode', SymlinkFollowMode), bundling: BUNDLING, files: TEXT_BY_NAME,
};
const BUCKET_TYPES: PropertyTypes<MicrovmCodeBucketOptions> = { contentHash: TEXT.required() };

/**
 * Code of a MicroVM image: a ZIP file in Amazon S3 with a Dockerfile at its root.
 *
 * The service builds each version twice, once for each of two generations of Graviton processors (service-facts.md,
 * 1.1).
 *
 * Synth checks the Dockerfile, unless it is in a bucket, and fails if the build cannot work, for example because the
 * Dockerfile copies a file that is not uploaded. If the Dockerfile may be right, synth gives a warning instead.
 *
 * @example
 * import { MicrovmCode } from 'cdk-lambda-microvms';
 *
 * const fromDirectory = MicrovmCode.fromDirectory('sandbox', { exclude: ['docs'] });
 * const fromMonorepo = MicrovmCode.fromDirectory('.', {
 *   dockerfile: 'docker/microvm/Dockerfile',
 *   files: { 'app/runner.mjs': 'dist/runner.mjs' },
 * });
 *
 * const inline = MicrovmCode.fromInline([
 *   'FROM public.ecr.aws/lambda/microvms:al2023-minimal',
 *   'COPY server.sh /server.sh',
 *   'CMD ["sh", "/server.sh"]',
 * ].join('\n'), { 'server.sh': 'exec sleep infinity' });
 */
export abstract class MicrovmCode {
  /**
   * Uploads a directory with a Dockerfile: the file named `Dockerfile` at its root, or the one that `dockerfile` names.
   *
   * The default exclusions are version control, `node_modules` and other dependencies, caches, env files, keys,
   * certificates, state files and outputs of CDK. Install dependencies in the Dockerfile. What `.dockerignore` excludes
   * is not uploaded either. If these lists and `exclude` disagree, `exclude` decides. `.gitignore` files have no
   * effect.
   *
   * Each change of the path, the bytes or the executable bit of an uploaded file builds a new version. The upload
   * contains no empty directories, and copies in place of symbolic links.
   *
   * @param directory the path of the directory, absolute or relative to the working directory of the CDK app.
   */
  public static fromDirectory(directory: string, options: MicrovmCodeDirectoryOptions = {}): MicrovmCode {
    checkArgument('code', directory, TEXT);
    checkProps(undefined, options, DIRECTORY_TYPES, 'code');
    return new KnownCode(scope => directoryCode(scope, directory, options));
  }

  /**
   * Uploads an existing ZIP file with a Dockerfile at its root, unchanged.
   *
   * @param file the path of the ZIP file, absolute or relative to the working directory of the CDK app.
   */
  public static fromZip(file: string): MicrovmCode {
    checkArgument('code', file, TEXT);
    return new KnownCode(scope => zipCode(scope, file));
  }

  /**
   * Uses an existing ZIP file in a bucket, with a Dockerfile at its root.
   *
   * Synth cannot check the object. If it does not exist or has no Dockerfile, the build fails with
   * `MicrovmImageBuildFailed`.
   *
   * @param bucket the bucket, in the Region of the image: an L1, an L2 or an imported one. If the app knows the KMS key
   * of the bucket, the build role may decrypt with it.
   * @param objectKey the key of the object: 1 to 1,024 characters, without white space and without `*`, `?` and `$`,
   * which have a meaning in IAM policies.
   */
  public static fromBucket(bucket: s3.IBucketRef, objectKey: string, options: MicrovmCodeBucketOptions): MicrovmCode {
    checkArgument('code.bucket', bucket, having('an S3 bucket', 'bucketRef'));
    checkArgument('code.objectKey', objectKey, TEXT);
    checkProps(undefined, options, BUCKET_TYPES, 'code');
    return new KnownCode(scope => bucketCode(scope, bucket, objectKey, options));
  }

  /**
   * Uploads a Dockerfile and further files that are given as strings.
   *
   * The library uploads the strings as an asset, so they do not count toward the size of the template. They cannot
   * contain tokens, except the account, Region, partition and URL suffix of a stack with an `env`.
   *
   * @param dockerfile the text of the Dockerfile.
   * @param files the texts of further files by their relative paths, for example `app/server.js`. No file is
   * executable.
   */
  public static fromInline(dockerfile: string, files: { [path: string]: string } = {}): MicrovmCode {
    checkArgument('code', dockerfile, TEXT);
    checkArgument('code', files, TEXT_BY_NAME);
    return new KnownCode(scope => inlineCode(scope, dockerfile, files));
  }

  /**
   * Uses an image in a private ECR repository as it is: the Dockerfile has only its `FROM` line. The image grants the
   * build role permission to pull it.
   *
   * The repository must be in the account and Region of the MicroVM image. Its name must be known at synth, and the
   * stack needs an `env`, because the Dockerfile is uploaded before the deployment. The container image must fit the
   * architectures, and have the command that starts the application.
   *
   * @param repository the repository.
   * @param tagOrDigest a tag, or a digest that begins with `sha256:`. Changing it builds a new version. A build takes
   * what the tag names at that time; if the tag moves, nothing builds until `rebuildTrigger` changes.
   */
  public static fromEcrImage(repository: ecr.IRepositoryRef, tagOrDigest: string): MicrovmCode {
    checkArgument('code.repository', repository, having('an ECR repository', 'repositoryRef'));
    checkArgument('code.tagOrDigest', tagOrDigest, TEXT);
    return new KnownCode(scope => ecrImageCode(scope, repository, tagOrDigest));
  }

  /**
   * Uses an image that the CDK builds and publishes, as `fromEcrImage` does. Changing its content builds a new version.
   *
   * Docker builds the asset where `cdk deploy` runs, for the processor of that machine unless the asset has a
   * `platform`: `Platform.LINUX_ARM64` fits the default of `architectures`.
   *
   * @param asset the asset. Its stack must be in the account and Region of the image.
   */
  public static fromImageAsset(asset: ecr_assets.DockerImageAsset): MicrovmCode {
    checkArgument('code', asset, having('a DockerImageAsset', 'imageTag'));
    return MicrovmCode.fromEcrImage(asset.repository, asset.imageTag);
  }

  /**
   * Returns the location of the code. Creates an asset in the scope if the code must be uploaded.
   *
   * @param scope the construct that uses the code.
   */
  public abstract bind(scope: Construct): MicrovmCodeConfig;

  /**
   * Returns the location of the code, and its Dockerfile if synth knows it.
   *
   * @internal
   */
  public _locate(scope: Construct): LocatedCode {
    return { config: this.bind(scope) };
  }
}

/** Code of one of the kinds of this library. */
class KnownCode extends MicrovmCode {
  public constructor(private readonly locate: (scope: Construct) => LocatedCode) {
    super();
  }

  public bind(scope: Construct): MicrovmCodeConfig {
    return this.locate(scope).config;
  }

  /**
   * @internal
   */
  public override _locate(scope: Construct): LocatedCode {
    return this.locate(scope);
  }
}

export const CODE = instanceOf('MicrovmCode', MicrovmCode, "MicrovmCode.fromDirectory('directory')");
