import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import type { Account } from '../account';

/** The statements of a role's trust policy, as JSON. */
export async function trustOf(account: Account, roleArn: string): Promise<string> {
  const { Role: role } = await new IAMClient(account.client).send(new GetRoleCommand({ RoleName: roleArn.split('/').pop() }));
  return JSON.stringify(JSON.parse(decodeURIComponent(role!.AssumeRolePolicyDocument!)).Statement);
}

/** Whether the trust policy has both source conditions: account and image. */
export function hasSourceConditions(trust: string): boolean {
  return trust.includes('aws:SourceArn') && trust.includes('aws:SourceAccount');
}
