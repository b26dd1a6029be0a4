import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { LOCAL_CREDENTIALS } from './environment';
import type { LocalAws } from './local-aws';

/** As in `NetworkTeamSynthesizerProps`. */
export interface NetworkTeam {
  readonly networkTeamPath: string;
  readonly qualifier: string;
}

/**
 * Creates a role of a member of a network team, and returns variables with its credentials. The member may only assume
 * the roles of the team's bootstrap.
 */
export async function memberOf(aws: LocalAws, { networkTeamPath, qualifier }: NetworkTeam): Promise<Record<string, string>> {
  const teamRoles = `arn:aws:iam::${aws.account}:role${networkTeamPath}cdk-${qualifier}-*`;
  return roleWith(aws, networkTeamPath, 'member', { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: teamRoles });
}

/** Creates a role of an administrator who is not in the team, and returns variables with its credentials. */
export async function administratorOf(aws: LocalAws): Promise<Record<string, string>> {
  return roleWith(aws, '/', 'administrator', { Effect: 'Allow', Action: '*', Resource: '*' });
}

async function roleWith(aws: LocalAws, path: string, name: string, statement: object): Promise<Record<string, string>> {
  const client = { endpoint: aws.url, region: aws.region, credentials: LOCAL_CREDENTIALS };
  const policy = (content: object) => JSON.stringify({ Version: '2012-10-17', Statement: [content] });
  const trust = { Effect: 'Allow', Principal: { AWS: aws.account }, Action: 'sts:AssumeRole' };
  const iam = new IAMClient(client);
  const { Role: role } = await iam.send(new CreateRoleCommand({ RoleName: name, Path: path, AssumeRolePolicyDocument: policy(trust) }));
  await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'policy', PolicyDocument: policy(statement) }));
  const { Credentials: credentials } = await new STSClient(client).send(new AssumeRoleCommand({ RoleArn: role!.Arn, RoleSessionName: name }));
  return {
    AWS_ACCESS_KEY_ID: credentials!.AccessKeyId!,
    AWS_SECRET_ACCESS_KEY: credentials!.SecretAccessKey!,
    AWS_SESSION_TOKEN: credentials!.SessionToken!,
  };
}
