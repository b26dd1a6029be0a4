import { CloudWatchLogsClient, CreateLogGroupCommand, CreateLogStreamCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mayPull } from './registry';

export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** The identity that the service presents when it assumes a role. */
export interface RoleRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  /** ARN of the image, both during builds and in MicroVMs. */
  readonly sourceArn: string;
  readonly sourceAccount: string;
}

export interface LogEvent {
  readonly timestamp: number;
  readonly message: string;
}

/** The other AWS services, called with credentials of a role of the user. Errors have the names of AWS. */
export interface AwsAccess {
  /** Endpoint for the processes in MicroVMs. */
  readonly endpoint?: string;
  assumeRole(request: RoleRequest): Promise<RoleCredentials>;
  getObject(credentials: RoleCredentials, bucket: string, key: string): Promise<Uint8Array>;
  /** Creates the log group and the stream if they do not exist. */
  putLogEvents(credentials: RoleCredentials, group: string, stream: string, events: readonly LogEvent[]): Promise<void>;
  /** Whether a role may pull from a private repository. */
  mayPull(credentials: RoleCredentials, image: string): Promise<boolean>;
}

/**
 * A local AWS at one URL. It has an endpoint of its own through which a service assumes a role (see tools/local-aws).
 */
export class LocalAws implements AwsAccess {
  constructor(readonly endpoint: string, private readonly region: string) {}

  async assumeRole(request: RoleRequest): Promise<RoleCredentials> {
    const answer = await fetch(new URL('/_emulator/assume-role-as-service', this.endpoint), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...request, service: 'lambda.amazonaws.com' }),
    });
    const body = await answer.json() as RoleCredentials & { code?: string; message?: string };
    if (!answer.ok) throw named(body.code ?? 'AccessDenied', body.message ?? `status ${answer.status}`);
    return { accessKeyId: body.accessKeyId, secretAccessKey: body.secretAccessKey, sessionToken: body.sessionToken };
  }

  async getObject(credentials: RoleCredentials, bucket: string, key: string): Promise<Uint8Array> {
    const client = new S3Client({ ...this.clientConfig(credentials), forcePathStyle: true });
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return await Body!.transformToByteArray();
    } finally {
      client.destroy();
    }
  }

  async putLogEvents(credentials: RoleCredentials, group: string, stream: string, events: readonly LogEvent[]): Promise<void> {
    const client = new CloudWatchLogsClient(this.clientConfig(credentials));
    try {
      await this.ensureStream(client, group, stream);
      await client.send(new PutLogEventsCommand({ logGroupName: group, logStreamName: stream, logEvents: [...events] }));
    } finally {
      client.destroy();
    }
  }

  /** Nothing is pulled, but the emulator authorizes a login and the request for the manifest. */
  async mayPull(credentials: RoleCredentials, image: string): Promise<boolean> {
    return mayPull({ endpoint: this.endpoint, region: this.region, credentials }, image);
  }

  private async ensureStream(client: CloudWatchLogsClient, logGroupName: string, logStreamName: string): Promise<void> {
    const createStream = async () => client.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
    try {
      await createStream();
    } catch (error) {
      const name = (error as Error).name;
      if (name === 'ResourceAlreadyExistsException') return;
      if (name !== 'ResourceNotFoundException') throw error;
      await client.send(new CreateLogGroupCommand({ logGroupName }));
      await createStream();
    }
  }

  private clientConfig(credentials: RoleCredentials) {
    return { endpoint: this.endpoint, region: this.region, credentials, maxAttempts: 2 };
  }
}

function named(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}
