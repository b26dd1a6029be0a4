/** How a service assumes a role that was passed to it. */
export interface ServiceAssumeRoleProps {
  readonly roleArn: string;
  /** Principal of the service, like `lambda.amazonaws.com`. */
  readonly service: string;
  /** The `aws:SourceArn` that the service presents. @default - none */
  readonly sourceArn?: string;
  /** The `aws:SourceAccount` that the service presents. @default - none */
  readonly sourceAccount?: string;
  readonly sessionName: string;
  /** @default 3600 */
  readonly durationSeconds?: number;
}

export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** The trust policy does not allow the service to assume the role, or the role does not exist. */
export class AssumeRoleDenied extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'AccessDenied';
  }
}

/** Assumes a role as an AWS service does. The policies of the role apply to calls of the session. */
export async function assumeRoleAsService(awsUrl: string, props: ServiceAssumeRoleProps): Promise<SessionCredentials> {
  const response = await fetch(`${awsUrl}/_emulator/assume-role-as-service`, { method: 'POST', body: JSON.stringify(props) });
  const answer = await response.json() as any;
  if (response.status === 403) throw new AssumeRoleDenied(answer.message);
  if (!response.ok) throw new Error(`assuming ${props.roleArn} failed: ${JSON.stringify(answer)}`);
  return { ...answer, expiration: new Date(answer.expiration) };
}

/** A role as which a test acts. */
export interface RoleSessionProps {
  readonly roleArn: string;
  /** @default test */
  readonly sessionName?: string;
}

/** Returns credentials of a role, as an identity provider gives them to people. The trust policy does not matter. */
export async function credentialsOf(awsUrl: string, { roleArn, sessionName = 'test' }: RoleSessionProps): Promise<SessionCredentials> {
  const response = await fetch(`${awsUrl}/_emulator/credentials`, { method: 'POST', body: JSON.stringify({ roleArn, sessionName }) });
  const answer = await response.json() as any;
  if (!response.ok) throw new Error(`credentials of ${roleArn}: ${answer.message}`);
  return { ...answer, expiration: new Date(answer.expiration) };
}
