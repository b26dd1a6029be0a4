import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import type { SymlinkFollowMode } from 'aws-cdk-lib';
import { IgnoreMode, IgnoreStrategy, Token } from 'aws-cdk-lib';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import * as assets from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { checkText, ValidationError } from '../private/errors';
import { zipEntryNames } from '../private/zip';

/**
 * Where the code of an image is, once it is bound to a scope.
 */
export interface MicrovmCodeConfig {
  /**
   * The bucket, in the Region of the image.
   */
  readonly bucket: s3.IBucket;

  /**
   * The key of a ZIP with a Dockerfile at its root.
   */
  readonly objectKey: string;

  /**
   * Tells two contents under one key apart.
   *
   * @default - the key itself changes with the content
   */
  readonly contentHash?: string;
}

/**
 * How a directory becomes a ZIP.
 */
export interface MicrovmCodeDirectoryOptions {
  /**
   * What to leave out besides the usual, as patterns like those of a `.gitignore` file. A pattern that begins with `!` takes
   * something in again that is left out by default, for example `!node_modules`.
   *
   * A change of what is left out is a change of content, which makes a new version.
   *
   * @default - version control, dependencies, caches, build outputs of CDK, env files, keys, certificates and state files
   */
  readonly exclude?: string[];

  /**
   * Which symbolic links are followed.
   *
   * @default SymlinkFollowMode.NEVER
   */
  readonly followSymlinks?: SymlinkFollowMode;
}

/**
 * The code of an object in a bucket.
 */
export interface MicrovmCodeBucketOptions {
  /**
   * Whatever changes whenever the object does, for example its SHA-256 or its version id. An object can change under its
   * key, which nobody would notice: a change of this hash makes a new version.
   *
   * The service always reads the newest version of the object; it takes no version id.
   */
  readonly contentHash: string;
}

/** What nobody means to put into an image: it makes the image large, or it is secret. */
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

/**
 * The code of a MicroVM image: a ZIP in Amazon S3 with a Dockerfile at its root, which the service builds for each of two
 * generations of Graviton processors.
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
   * A directory with a Dockerfile at its root.
   *
   * Left out by default are version control, `node_modules` and other dependencies, caches, env files, keys, certificates,
   * state files and outputs of CDK: the Dockerfile installs what it needs. A `.dockerignore` or `.gitignore` file is not read.
   *
   * @param directory its path, relative to the working directory of the CDK app or absolute.
   */
  public static fromDirectory(directory: string, options: MicrovmCodeDirectoryOptions = {}): MicrovmCode {
    return new DirectoryCode(directory, options);
  }

  /**
   * A ZIP file with a Dockerfile at its root, as it is.
   *
   * @param file its path, relative to the working directory of the CDK app or absolute.
   */
  public static fromZip(file: string): MicrovmCode {
    return new ZipCode(file);
  }

  /**
   * A ZIP with a Dockerfile at its root that is in a bucket already, in the same Region as the image.
   *
   * A missing object, or one without a Dockerfile, fails the build.
   *
   * @param bucket if it has a KMS key of its own, the build role may decrypt with it.
   * @param objectKey without white space, `*`, `?` and `$`: those have a meaning in IAM policies.
   */
  public static fromBucket(bucket: s3.IBucket, objectKey: string, options: MicrovmCodeBucketOptions): MicrovmCode {
    return new BucketCode(bucket, objectKey, options);
  }

  /**
   * A Dockerfile as text, with files for it to copy.
   *
   * The text becomes an asset, so its length does not count to the limits of a template.
   *
   * @param dockerfile the text of the Dockerfile.
   * @param files texts by their path in the build context, for example `app/server.js`. None is executable.
   */
  public static fromInline(dockerfile: string, files: { [path: string]: string } = {}): MicrovmCode {
    return new InlineCode(dockerfile, files);
  }

  /**
   * Puts the code where the service can fetch it.
   *
   * @param scope what the code is for; assets are made in it.
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
        `code: the Dockerfile in '${this.directory}' is left out by exclude: ${JSON.stringify(this.options.exclude)}; add '!${DOCKERFILE}' to take it in`, scope);
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
      throw new ValidationError('MicrovmCodeNotFound', `code: there is no file '${this.file}'; looked for ${file}; give the path of a ZIP file`, scope);
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
    private readonly bucket: s3.IBucket,
    private readonly objectKey: string,
    private readonly options: MicrovmCodeBucketOptions,
  ) {
    super();
  }

  public bind(scope: Construct): MicrovmCodeConfig {
    checkText({
      property: 'code',
      code: 'MicrovmCodeObjectKeyInvalid',
      minLength: 1,
      maxLength: 1024,
      pattern: /^[^\s*?$]+$/,
      allowed: 'without white space and without * ? $ in the key of the object',
    }, this.objectKey, scope);
    checkText({
      property: 'code.contentHash',
      code: 'MicrovmCodeContentHashInvalid',
      minLength: 1,
      maxLength: 1024,
      allowed: 'which change whenever the object does, for example its SHA-256',
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
    // The asset has a copy by now, unless the app asked for none.
    if (!path.isAbsolute(asset.assetPath)) fs.rmSync(directory, { recursive: true });
    return ofAsset(asset);
  }

  private check(scope: Construct): void {
    if (this.dockerfile.trim() === '') {
      throw new ValidationError('MicrovmCodeInlineInvalid', 'code: the Dockerfile is empty; give its text, which begins with FROM', scope);
    }
    for (const [name, text] of Object.entries(this.files)) {
      if (name === '' || name === DOCKERFILE || path.posix.normalize(name) !== name || path.isAbsolute(name) || /^\.\.(\/|$)|\\|\/$/.test(name)) {
        throw new ValidationError('MicrovmCodeInlineInvalid',
          `code: '${name}' is not a path of a file; use a plain relative path such as 'app/server.js', other than '${DOCKERFILE}'`, scope);
      }
      if (Token.isUnresolved(text)) requirePlainText(name, scope);
    }
    if (Token.isUnresolved(this.dockerfile)) requirePlainText(DOCKERFILE, scope);
  }
}

function requirePlainText(name: string, scope: Construct): never {
  throw new ValidationError('MicrovmCodeInlineInvalid', `code: '${name}' has values that are known at deployment only; use environment for them`, scope);
}

function requireDockerfile(scope: Construct, given: string, directory: string): void {
  if (!fs.existsSync(directory) || !fs.statSync(directory).isDirectory()) {
    throw new ValidationError('MicrovmCodeNotFound', `code: there is no directory '${given}'; looked for ${directory}; give the path of one with a Dockerfile at its root`, scope);
  }
  // A list, not a look-up: the file systems of some developers do not tell upper case from lower case, the service does.
  const names = fs.readdirSync(directory);
  if (!names.includes(DOCKERFILE) || !fs.statSync(path.join(directory, DOCKERFILE)).isFile()) {
    const nearest = names.find(name => name.toLowerCase() === DOCKERFILE.toLowerCase());
    throw new ValidationError('MicrovmCodeDockerfileNotFound',
      `code: ${directory} has no file named Dockerfile at its root${nearest ? `, only '${nearest}'` : ''}; the service builds that file and no other, so put it there under this name`, scope);
  }
}

function ofAsset(asset: assets.Asset): MicrovmCodeConfig {
  return { bucket: asset.bucket, objectKey: asset.s3ObjectKey };
}
