import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { IgnoreMode, IgnoreStrategy, SymlinkFollowMode, Token } from 'aws-cdk-lib';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import * as assets from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { checkText, ValidationError } from '../private/errors';
import type { PropertyTypes } from '../private/property-types';
import { checkArgument, checkProps, having, instanceOf, oneOf, TEXT, TEXT_BY_NAME, TEXTS } from '../private/property-types';
import { zipEntryNames } from '../private/zip';

/**
 * Location of the code of an image.
 */
export interface MicrovmCodeConfig {
  /**
   * The bucket, in the Region of the image.
   */
  readonly bucket: s3.IBucketRef;

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
}

/**
 * Options for code from a directory.
 */
export interface MicrovmCodeDirectoryOptions {
  /**
   * Files to exclude in addition to the default exclusions, as patterns in the syntax of `.gitignore`. A pattern that
   * begins with `!` includes files again that are excluded by default, for example `!node_modules`.
   *
   * Changing the set of uploaded files builds a new version of the image.
   *
   * @default - only the default exclusions: version control, dependencies, caches, outputs of CDK, env files, keys,
   * certificates and state files
   */
  readonly exclude?: string[];

  /**
   * The symbolic links that the upload replaces with their targets. Changing the uploaded files builds a new version of
   * the image.
   *
   * @default SymlinkFollowMode.NEVER
   */
  readonly followSymlinks?: SymlinkFollowMode;
}

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

/** Excluded by default, because it is secret or increases the size of the image. */
const EXCLUDED = [
  '.git', '.svn', '.hg', '.gitignore', '.gitattributes', '.gitmodules',
  'node_modules', 'bower_components', '.venv', 'venv', 'virtualenv', '.virtualenv', '__pypackages__', '.bundle', '.gradle', '.m2',
  '**/.cargo/registry', '**/.yarn/cache', '**/.yarn/unplugged',
  '.env', '.env.*', '*.env', '.envrc', '!.env.example', '!.env.sample', '!.env.template',
  '*.pem', '*.key', '*.p12', '*.pfx', '*.p8', '*.jks', '*.keystore', '*.crt', '*.cer', '*.der', '*.ppk', '*.asc', '*.gpg', '*.kdbx',
  'id_rsa*', 'id_dsa*', 'id_ecdsa*', 'id_ed25519*', '.ssh', '.gnupg', '.aws', '.azure', '.kube', '.docker', '.npmrc', '.pypirc', '.netrc', '**/.cargo/credentials*',
  '.git-credentials', '.htpasswd', 'credentials.json',
  '*.tfstate', '*.tfstate.*', '.terraform', '*.tfvars', '.pulumi', '.serverless', '.aws-sam',
  'cdk.out', 'cdk.context.json',
  '.cache', '.pytest_cache', '.mypy_cache', '.ruff_cache', '.tox', '.nox', '__pycache__', '*.pyc', '.nyc_output', '.parcel-cache', '.turbo', '.npm',
  '.DS_Store', 'Thumbs.db', '.idea', '.vscode', '*.swp',
];

const DOCKERFILE = 'Dockerfile';

const DIRECTORY_TYPES: PropertyTypes<MicrovmCodeDirectoryOptions> = { exclude: TEXTS, followSymlinks: oneOf('SymlinkFollowMode', SymlinkFollowMode) };
const BUCKET_TYPES: PropertyTypes<MicrovmCodeBucketOptions> = { contentHash: TEXT.required() };

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
 *
 * const inline = MicrovmCode.fromInline([
 *   'FROM public.ecr.aws/lambda/microvms:al2023-minimal',
 *   'COPY server.sh /server.sh',
 *   'CMD ["sh", "/server.sh"]',
 * ].join('\n'), { 'server.sh': 'exec sleep infinity' });
 */
export abstract class MicrovmCode {
  /**
   * Uploads a directory with a file named `Dockerfile` at its root.
   *
   * The default exclusions are version control, `node_modules` and other dependencies, caches, env files, keys,
   * certificates, state files and outputs of CDK. Install dependencies in the Dockerfile. The upload ignores
   * `.dockerignore` and `.gitignore` files; use `exclude` instead.
   *
   * @param directory the path of the directory, absolute or relative to the working directory of the CDK app.
   */
  public static fromDirectory(directory: string, options: MicrovmCodeDirectoryOptions = {}): MicrovmCode {
    checkArgument('code', directory, TEXT);
    checkProps(undefined, options, DIRECTORY_TYPES, 'code');
    return new DirectoryCode(directory, options);
  }

  /**
   * Uploads an existing ZIP file with a Dockerfile at its root, unchanged.
   *
   * @param file the path of the ZIP file, absolute or relative to the working directory of the CDK app.
   */
  public static fromZip(file: string): MicrovmCode {
    checkArgument('code', file, TEXT);
    return new ZipCode(file);
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
    return new BucketCode(bucket, objectKey, options);
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
    checkArgument('code', dockerfile, TEXT);
    checkArgument('code', files, TEXT_BY_NAME);
    return new InlineCode(dockerfile, files);
  }

  /**
   * Returns the location of the code. Creates an asset in the scope if the code must be uploaded.
   *
   * @param scope the construct that uses the code.
   */
  public abstract bind(scope: Construct): MicrovmCodeConfig;
}

class DirectoryCode extends MicrovmCode {
  public constructor(private readonly directory: string, private readonly options: MicrovmCodeDirectoryOptions) {
    super();
  }

  public bind(scope: Construct): MicrovmCodeConfig {
    const directory = path.resolve(this.directory);
    const exclude = [...EXCLUDED, ...this.options.exclude ?? []];
    requireDockerfile(scope, this.directory, directory);
    if (IgnoreStrategy.git(directory, exclude).ignores(path.join(directory, DOCKERFILE))) {
      throw new ValidationError('MicrovmCodeDockerfileExcluded',
        `code: exclude ${JSON.stringify(this.options.exclude)} excludes the Dockerfile in '${this.directory}'; add '!${DOCKERFILE}' to include it`, scope);
    }
    return ofAsset(new assets.Asset(scope, 'Code', {
      path: directory, exclude, ignoreMode: IgnoreMode.GIT, followSymlinks: this.options.followSymlinks,
    }));
  }
}

class ZipCode extends MicrovmCode {
  public constructor(private readonly file: string) {
    super();
  }

  public bind(scope: Construct): MicrovmCodeConfig {
    const file = path.resolve(this.file);
    if (!fs.existsSync(file) || !fs.statSync(file).isFile()) {
      throw new ValidationError('MicrovmCodeNotFound',
        `code: '${this.file}' is not a file (looked for ${file}); pass the path of a ZIP file`, scope);
    }
    const names = zipEntryNames(file);
    if (names === undefined) {
      throw new ValidationError('MicrovmCodeNotZip', `code: '${this.file}' is not a ZIP file; zip it, or use MicrovmCode.fromDirectory()`, scope);
    }
    if (!names.includes(DOCKERFILE)) {
      const nearest = names.find(name => path.posix.basename(name).toLowerCase() === DOCKERFILE.toLowerCase());
      throw new ValidationError('MicrovmCodeDockerfileNotFound',
        `code: '${this.file}' has no Dockerfile at its root${nearest ? `, only '${nearest}'` : ''}; zip the contents of the directory, not the directory`, scope);
    }
    return ofAsset(new assets.Asset(scope, 'Code', { path: file }));
  }
}

class BucketCode extends MicrovmCode {
  public constructor(
    private readonly bucket: s3.IBucketRef,
    private readonly objectKey: string,
    private readonly options: MicrovmCodeBucketOptions,
  ) {
    super();
  }

  public bind(scope: Construct): MicrovmCodeConfig {
    checkText({
      property: 'code.objectKey',
      code: 'MicrovmCodeObjectKeyInvalid',
      minLength: 1,
      maxLength: 1024,
      pattern: /^[^\s*?$]+$/,
      allowed: 'without white space and without * ? $',
    }, this.objectKey, scope);
    checkText({
      property: 'code.contentHash',
      code: 'MicrovmCodeContentHashInvalid',
      minLength: 1,
      maxLength: 1024,
      allowed: 'for example the SHA-256 of the object',
    }, this.options.contentHash, scope);
    return { bucket: this.bucket, objectKey: this.objectKey, contentHash: this.options.contentHash };
  }
}

class InlineCode extends MicrovmCode {
  public constructor(private readonly dockerfile: string, private readonly files: { [path: string]: string }) {
    super();
  }

  public bind(scope: Construct): MicrovmCodeConfig {
    this.check(scope);
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'microvm-code-'));
    for (const [name, text] of Object.entries({ ...this.files, [DOCKERFILE]: this.dockerfile })) {
      const file = path.join(directory, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, text);
    }
    const asset = new assets.Asset(scope, 'Code', { path: directory });
    // An absolute path means that asset staging is disabled, so that the asset still refers to this directory.
    if (!path.isAbsolute(asset.assetPath)) fs.rmSync(directory, { recursive: true });
    return ofAsset(asset);
  }

  private check(scope: Construct): void {
    if (this.dockerfile.trim() === '') {
      throw new ValidationError('MicrovmCodeInlineInvalid', 'code: the Dockerfile is empty; pass its text, which needs a FROM line', scope);
    }
    for (const [name, text] of Object.entries(this.files)) {
      if (name === '' || name === DOCKERFILE || path.posix.normalize(name) !== name || path.isAbsolute(name) || /^\.\.(\/|$)|\\|\/$/.test(name)) {
        throw new ValidationError('MicrovmCodeInlineInvalid',
          `code: '${name}' is not a valid path of a file; use a relative path such as 'app/server.js', other than '${DOCKERFILE}'`, scope);
      }
      if (Token.isUnresolved(text)) requirePlainText(name, scope);
    }
    if (Token.isUnresolved(this.dockerfile)) requirePlainText(DOCKERFILE, scope);
  }
}

function requirePlainText(name: string, scope: Construct): never {
  throw new ValidationError('MicrovmCodeInlineInvalid',
    `code: '${name}' contains a token, whose value is known only during the deployment; pass this value in environment`, scope);
}

function requireDockerfile(scope: Construct, given: string, directory: string): void {
  if (!fs.existsSync(directory) || !fs.statSync(directory).isDirectory()) {
    throw new ValidationError('MicrovmCodeNotFound',
      `code: '${given}' is not a directory (looked for ${directory}); pass the path of a directory with a Dockerfile at its root`, scope);
  }
  // Lists the names, because some file systems ignore upper and lower case in a lookup. The service does not.
  const names = fs.readdirSync(directory);
  if (!names.includes(DOCKERFILE) || !fs.statSync(path.join(directory, DOCKERFILE)).isFile()) {
    const nearest = names.find(name => name.toLowerCase() === DOCKERFILE.toLowerCase());
    throw new ValidationError('MicrovmCodeDockerfileNotFound',
      `code: ${directory} has no file named Dockerfile at its root${nearest ? `, only '${nearest}'` : ''}; `
      + 'add one under exactly this name', scope);
  }
}

function ofAsset(asset: assets.Asset): MicrovmCodeConfig {
  return { bucket: asset.bucket, objectKey: asset.s3ObjectKey };
}

export const CODE = instanceOf('MicrovmCode', MicrovmCode, "MicrovmCode.fromDirectory('directory')");
