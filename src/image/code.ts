import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { MicrovmCodeBucketOptions } from './code-bucket';
import { bucketCode } from './code-bucket';
import type { MicrovmCodeConfig } from './code-config';
import type { MicrovmCodeDirectoryOptions } from './code-directory';
import { directoryCode } from './code-directory';
import { inlineCode } from './code-inline';
import { zipCode } from './code-zip';

/**
 * Code of a MicroVM image: a ZIP file in Amazon S3 with a Dockerfile at its root.
 *
 * The service builds each version twice, once for each of two generations of Graviton processors (service-facts.md,
 * 1.1).
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
   * is not uploaded either. `exclude` has the last word. `.gitignore` files have no effect.
   *
   * Each change of the path, the bytes or the executable bit of an uploaded file builds a new version. The upload
   * contains no empty directories, and copies in place of symbolic links.
   *
   * @param directory the path of the directory, absolute or relative to the working directory of the CDK app.
   */
  public static fromDirectory(directory: string, options: MicrovmCodeDirectoryOptions = {}): MicrovmCode {
    return new BoundCode(scope => directoryCode(scope, directory, options));
  }

  /**
   * Uploads an existing ZIP file with a Dockerfile at its root, unchanged.
   *
   * @param file the path of the ZIP file, absolute or relative to the working directory of the CDK app.
   */
  public static fromZip(file: string): MicrovmCode {
    return new BoundCode(scope => zipCode(scope, file));
  }

  /**
   * Uses an existing ZIP file in a bucket, with a Dockerfile at its root.
   *
   * Synth cannot check the object. If it does not exist or has no Dockerfile, the build fails with
   * `MicrovmImageBuildFailed`.
   *
   * @param bucket the bucket, in the Region of the image. If the app knows the KMS key of the bucket, the build role
   * may decrypt with it.
   * @param objectKey the key of the object: 1 to 1,024 characters, without white space and without `*`, `?` and `$`,
   * which have a meaning in IAM policies.
   */
  public static fromBucket(bucket: s3.IBucket, objectKey: string, options: MicrovmCodeBucketOptions): MicrovmCode {
    return new BoundCode(scope => bucketCode(scope, bucket, objectKey, options));
  }

  /**
   * Uploads a Dockerfile and further files that are given as strings.
   *
   * The library uploads the strings as an asset, so they do not count toward the size of the template. They cannot
   * contain tokens.
   *
   * @param dockerfile the text of the Dockerfile.
   * @param files the texts of further files by their relative paths, for example `app/server.js`. No file is
   * executable.
   */
  public static fromInline(dockerfile: string, files: { [path: string]: string } = {}): MicrovmCode {
    return new BoundCode(scope => inlineCode(scope, dockerfile, files));
  }

  /**
   * Returns the location of the code. Creates an asset in the scope if the code must be uploaded.
   *
   * @param scope the construct that uses the code.
   */
  public abstract bind(scope: Construct): MicrovmCodeConfig;
}

/** Code of one of the kinds of this library. */
class BoundCode extends MicrovmCode {
  public constructor(private readonly locate: (scope: Construct) => MicrovmCodeConfig) {
    super();
  }

  public bind(scope: Construct): MicrovmCodeConfig {
    return this.locate(scope);
  }
}
