import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { unzipSync } from 'fflate';
import { Application } from './application';
import type { AwsAccess, RoleCredentials } from './aws-access';
import type { Builder, BuildOutcome, BuildRequest, LaunchRequest, Machine } from './builder';
import { machineWithoutProcess } from './builder';
import type { ContainerImage } from './container-image';
import { buildContainerImage } from './container-image';
import { DockerfileError, parseDockerfile } from './dockerfile';
import { LogStream } from './log-stream';
import type { Hooks } from './rows';
import { CHIPSETS } from './rows';

const DEFAULT_IMAGE_HOOK_SECONDS = 30;
const MEBIBYTE = 1024 * 1024;

export interface LocalBuilderProps {
  readonly aws: AwsAccess;
  /** Where archives are unpacked. @default - the temporary directory of the system */
  readonly workDirectory?: string;
  /**
   * A port of this host that serves the requests of all MicroVMs. No process is started then, and all hooks succeed.
   *
   * @default - each MicroVM is a process
   */
  readonly placeholderPort?: number;
}

/** Directories that must not outlive this process. */
const DIRECTORIES = new Set<string>();
process.once('exit', () => DIRECTORIES.forEach(directory => fs.rmSync(directory, { recursive: true, force: true })));

/** Stops a build. The message becomes the stateReason of the build. */
class BuildFailure extends Error {}

/** Builds for real, as far as this host allows. README.md lists what it does and does not do. */
export class LocalBuilder implements Builder {
  private readonly directory: string;
  private readonly images = new Map<string, ContainerImage>();
  private readonly applications = new Set<Application>();

  constructor(private readonly props: LocalBuilderProps) {
    this.directory = fs.mkdtempSync(path.join(props.workDirectory ?? os.tmpdir(), 'microvms-'));
    DIRECTORIES.add(this.directory);
  }

  async build(request: BuildRequest): Promise<BuildOutcome> {
    try {
      const credentials = await this.assumeBuildRole(request);
      const log = this.buildLog(request, credentials);
      const { image, failure } = await this.attempt(request, credentials, log);
      log.write(failure === undefined ? 'build successful' : `build failed: ${failure}`);
      const reasons = [failure, await this.closeLog(log)].filter(reason => reason !== undefined);
      if (image === undefined || reasons.length > 0) throw new BuildFailure(reasons.join('. '));
      const snapshot = sizes(image, request);
      // This host has none of the chipsets. MicroVMs start from the build that was finished first.
      if (this.images.has(key(request))) this.remove(image);
      else this.images.set(key(request), image);
      return { succeeded: true, snapshot };
    } catch (error) {
      fs.rmSync(path.join(this.directory, request.buildId), { recursive: true, force: true });
      if (!(error instanceof BuildFailure)) throw error;
      return { succeeded: false, reason: error.message };
    }
  }

  async launch(request: LaunchRequest): Promise<Machine> {
    const image = this.images.get(key(request));
    if (image === undefined) throw new Error('The MicroVM image was not built by this simulator.');
    const credentials = request.executionRoleArn === undefined ? undefined : await this.assumeExecutionRole(request, request.executionRoleArn);
    const group = request.logging?.cloudWatch === undefined ? undefined
      : request.logging.cloudWatch.logGroup ?? `/aws/lambda-microvms/${request.imageName}`;
    const log = credentials === undefined || group === undefined ? undefined
      : new LogStream(this.props.aws, credentials, group, request.logging?.cloudWatch?.logStream ?? request.microvmId);
    return this.start(request, image, credentials, line => log?.writeSoon(line));
  }

  discard(imageArn: string, imageVersion: string): void {
    const image = this.images.get(key({ imageArn, imageVersion }));
    this.images.delete(key({ imageArn, imageVersion }));
    if (image !== undefined) this.remove(image);
  }

  processes(): number[] {
    for (const application of this.applications) if (application.processId === undefined) this.applications.delete(application);
    return [...this.applications].map(({ processId }) => processId).filter(id => id !== undefined);
  }

  async dispose(): Promise<void> {
    this.applications.forEach(application => application.terminate());
    this.applications.clear();
    this.images.clear();
    fs.rmSync(this.directory, { recursive: true, force: true });
  }

  private remove(image: ContainerImage): void {
    fs.rmSync(path.dirname(image.root), { recursive: true, force: true });
  }

  private async assumeBuildRole(request: BuildRequest): Promise<RoleCredentials> {
    const roleArn = request.configuration.buildRoleArn;
    return this.assume(request, roleArn).catch((error: Error) => {
      throw new BuildFailure(`The service is unable to assume the build role provided: ${error.message}`);
    });
  }

  private async assumeExecutionRole(request: LaunchRequest, roleArn: string): Promise<RoleCredentials> {
    return this.assume(request, roleArn).catch(() => {
      throw new Error('The service is unable to assume the role provided. Please verify the trust policy on the role.');
    });
  }

  private async assume(request: { imageArn: string; account: string }, roleArn: string): Promise<RoleCredentials> {
    return this.props.aws.assumeRole({
      roleArn,
      sessionName: `Lambda-microvmsExecutor-${request.imageArn.split(':')[6]}`.slice(0, 64),
      sourceArn: request.imageArn,
      sourceAccount: request.account,
    });
  }

  private buildLog(request: BuildRequest, credentials: RoleCredentials): LogStream {
    const { logging } = request.configuration;
    const day = new Date().toISOString().slice(0, 10).replace(/-/g, '/');
    const stream = logging?.cloudWatch?.logStream ?? `${day}[${request.imageVersion}]microvm-${request.buildId}`;
    const group = logging?.disabled !== undefined ? undefined : logging?.cloudWatch?.logGroup ?? `/aws/lambda-microvms/${request.imageName}`;
    return new LogStream(this.props.aws, credentials, group, stream, logging?.cloudWatch !== undefined);
  }

  private async attempt(
    request: BuildRequest, credentials: RoleCredentials, log: LogStream,
  ): Promise<{ readonly image?: ContainerImage; readonly failure?: string }> {
    try {
      log.write(`build of version ${request.imageVersion} for ${CHIPSET_NAMES[CHIPSETS[request.architecture].chipset]} ${request.generation}`);
      const image = await this.buildImage(request, credentials, log);
      await this.runHooks(request, image, credentials, log);
      return { image };
    } catch (error) {
      if (!(error instanceof BuildFailure)) throw error;
      return { failure: error.message };
    }
  }

  /**
   * Writes the log. @returns the reason if that failed.
   *
   * The service silently loses the log if the role may not write it. Here the build fails if a log was requested,
   * because otherwise a wrong policy of this project would remain unnoticed until somebody needs the log.
   */
  private async closeLog(log: LogStream): Promise<string | undefined> {
    try {
      await log.flush();
      return undefined;
    } catch (error) {
      return log.required ? `The build role could not write the build log: ${(error as Error).message}` : undefined;
    }
  }

  private async buildImage(request: BuildRequest, credentials: RoleCredentials, log: LogStream): Promise<ContainerImage> {
    const archive = await this.fetchArchive(request, credentials);
    const directory = path.join(this.directory, request.buildId);
    const context = path.join(directory, 'context');
    unpack(archive, context);
    const dockerfile = path.join(context, 'Dockerfile');
    if (!fs.existsSync(dockerfile)) throw new BuildFailure('ARCHIVE_DOCKERFILE_NOT_FOUND: the archive has no Dockerfile at its root');
    try {
      return await buildContainerImage({
        dockerfile: parseDockerfile(fs.readFileSync(dockerfile, 'utf8')),
        context,
        output: directory,
        architecture: request.architecture,
        log: line => log.write(line),
        mayPull: image => this.props.aws.mayPull(credentials, image),
      });
    } catch (error) {
      if (!(error instanceof DockerfileError)) throw error;
      log.write(`ERROR: ${error.message}`);
      throw new BuildFailure('The container image build failed.');
    } finally {
      fs.rmSync(context, { recursive: true, force: true });
    }
  }

  private async fetchArchive(request: BuildRequest, credentials: RoleCredentials): Promise<Uint8Array> {
    const [, bucket, objectKey] = /^s3:\/\/([^/]+)\/(.+)$/.exec(request.configuration.codeArtifact.uri)!;
    return this.props.aws.getObject(credentials, bucket, objectKey).catch((error: Error) => {
      throw new BuildFailure(`${S3_REASONS[error.name] ?? 'INTERNAL_PLATFORM_ERROR'}: ${error.message}`);
    });
  }

  /** Starts the server as for a snapshot, calls the ready and validate hooks, and stops it. */
  private async runHooks(request: BuildRequest, image: ContainerImage, credentials: RoleCredentials, log: LogStream): Promise<void> {
    const hooks = request.configuration.hooks?.microvmImageHooks;
    const application = await this.start(request, image, credentials, line => log.write(line)).catch((error: Error) => {
      throw new BuildFailure(`INTERNAL_PLATFORM_ERROR: ${error.message}`);
    });
    try {
      for (const name of ['ready', 'validate'] as const) {
        if (hooks?.[name] !== 'ENABLED') continue;
        const failure = await application.hook(name, hooks[`${name}TimeoutInSeconds`] ?? DEFAULT_IMAGE_HOOK_SECONDS, {});
        if (failure !== undefined) throw new BuildFailure(failure);
      }
    } finally {
      application.terminate();
    }
  }

  private async start(
    request: BuildRequest | LaunchRequest, image: ContainerImage, credentials: RoleCredentials | undefined, onOutput: (line: string) => void,
  ): Promise<Machine> {
    if (this.props.placeholderPort !== undefined) return machineWithoutProcess(this.props.placeholderPort);
    const hooks: Hooks | undefined = request.configuration.hooks;
    const application = await Application.start({
      image,
      hooksPort: hooks?.port,
      environment: {
        ...request.configuration.environmentVariables,
        AWS_LAMBDA_MICROVM_IMAGE_NAME: request.imageName,
        AWS_LAMBDA_MICROVM_IMAGE_ARN: request.imageArn,
        AWS_LAMBDA_MICROVM_IMAGE_VERSION: request.imageVersion,
        AWS_REGION: request.region,
        ...this.roleEnvironment(credentials),
      },
      onOutput,
    });
    this.applications.add(application);
    await application.untilListening();
    return application;
  }

  /**
   * A live MicroVM reads credentials from the instance metadata. A process on this host receives them in its
   * environment.
   */
  private roleEnvironment(credentials: RoleCredentials | undefined): Record<string, string> {
    return {
      ...(this.props.aws.endpoint === undefined ? {} : { AWS_ENDPOINT_URL: this.props.aws.endpoint }),
      ...(credentials === undefined ? {} : {
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_SESSION_TOKEN: credentials.sessionToken,
      }),
    };
  }
}

const CHIPSET_NAMES = { GRAVITON: 'Graviton', INTEL: 'Intel' } as const;

/** The reason for a failed build by the name of the S3 error. */
const S3_REASONS: Readonly<Record<string, string>> = {
  AccessDenied: 'S3_ACCESS_DENIED',
  Forbidden: 'S3_ACCESS_DENIED',
  NoSuchKey: 'S3_NO_SUCH_KEY',
  NotFound: 'S3_NO_SUCH_KEY',
  NoSuchBucket: 'S3_NO_SUCH_BUCKET',
  PermanentRedirect: 'S3_CROSS_REGION_ACCESS_DENIED',
  InvalidObjectState: 'S3_INVALID_OBJECT',
};

function key({ imageArn, imageVersion }: { imageArn: string; imageVersion: string }): string {
  return `${imageArn}/${imageVersion}`;
}

function unpack(archive: Uint8Array, directory: string): void {
  try {
    fs.mkdirSync(directory, { recursive: true });
    for (const [name, content] of Object.entries(unzipSync(archive))) {
      const file = path.join(directory, path.posix.resolve('/', name));
      if (name.endsWith('/')) {
        fs.mkdirSync(file, { recursive: true });
      } else {
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, content);
      }
    }
  } catch (error) {
    throw new BuildFailure(`ARCHIVE_INVALID: ${(error as Error).message}`);
  }
}

function sizes(image: ContainerImage, request: BuildRequest) {
  return {
    codeInstallSizeInBytes: treeSize(image.root),
    diskSnapshotSizeInBytes: treeSize(image.root),
    memorySnapshotSizeInBytes: request.configuration.resources[0].minimumMemoryInMiB * MEBIBYTE,
  };
}

function treeSize(directory: string): number {
  return fs.readdirSync(directory, { withFileTypes: true })
    .map(entry => (entry.isDirectory() ? treeSize(path.join(directory, entry.name)) : fs.statSync(path.join(directory, entry.name)).size))
    .reduce((sum, size) => sum + size, 0);
}
