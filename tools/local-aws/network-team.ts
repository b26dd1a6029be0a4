import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import type { SessionCredentials } from './assume-role';
import { LOCAL_CREDENTIALS } from './environment';
import type { LocalAws } from './local-aws';

/** As in `NetworkTeamSynthesizerProps`. */
export interface NetworkTeam {
  readonly networkTeamPath: string;
  readonly qualifier: string;
}

/**
 * Creates a role of a member of a network team, and returns its credentials. The member may only assume
 * the roles of the team's bootstrap.
 */
export async function memberOf(aws: LocalAws, { networkTeamPath, qualifier }: NetworkTeam): Promise<SessionCredentials> {
  const teamRoles = `arn:aws:iam::${aws.account}:role${networkTeamPath}cdk-${qualifier}-*`;
  return roleWith(aws, networkTeamPath, 'member', { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: teamRoles });
}

/** Creates a role of an administrator who is not in the team, and returns its credentials. */
export async function administratorOf(aws: LocalAws): Promise<SessionCredentials> {
  return roleWith(aws, '/', 'administrator', { Effect: 'Allow', Action: '*', Resource: '*' });
}

async function roleWith(aws: LocalAws, path: string, name: string, statement: object): Promise<SessionCredentials> {
  const policy = (content: object) => JSON.stringify({ Version: '2012-10-17', Statement: [content] });
  const trust = { Effect: 'Allow', Principal: { AWS: aws.account }, Action: 'sts:AssumeRole' };
  const iam = new IAMClient({ endpoint: aws.url, region: aws.region, credentials: LOCAL_CREDENTIALS });
  const { Role: role } = await iam.send(new CreateRoleCommand({ RoleName: name, Path: path, AssumeRolePolicyDocument: policy(trust) }));
  await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'policy', PolicyDocument: policy(statement) }));
  return aws.credentialsOf(role!.Arn!);
}
