/** How a service assumes a role that was passed to it. */
export interface ServiceAssumeRoleProps {
  readonly roleArn: string;
  /** Principal of the service, like `lambda.amazonaws.com`. */
  readonly service: string;
  /** What the service presents as `aws:SourceArn`. @default - nothing */
  readonly sourceArn?: string;
  /** What the service presents as `aws:SourceAccount`. @default - nothing */
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

/** The role's trust policy does not let the service assume it, or there is no such role. */
export class AssumeRoleDenied extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'AccessDenied';
  }
}

/** Assumes a role as an AWS service does; the session's calls are authorised by the role's policies. */
export async function assumeRoleAsService(awsUrl: string, props: ServiceAssumeRoleProps): Promise<SessionCredentials> {
  const response = await fetch(`${awsUrl}/_emulator/assume-role-as-service`, { method: 'POST', body: JSON.stringify(props) });
  const answer = await response.json() as any;
  if (response.status === 403) throw new AssumeRoleDenied(answer.message);
  if (!response.ok) throw new Error(`assuming ${props.roleArn} failed: ${JSON.stringify(answer)}`);
  return { ...answer, expiration: new Date(answer.expiration) };
}
