/** A function that assumes a role, and says how that ended. */
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';

export interface Assumption {
  /** Name and message of the error. Absent: the role was assumed. */
  readonly rejected?: string;
}

const sts = new STSClient({});

export async function handler({ roleArn }: { readonly roleArn: string }): Promise<Assumption> {
  try {
    await sts.send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'probe', DurationSeconds: 900 }));
    return {};
  } catch (error) {
    const { name, message } = error as Error;
    return { rejected: `${name}: ${message}` };
  }
}
