import { CloudFormationClient, DescribeStackResourceCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { CallLimits } from './calls';
import { CLIENT_SETTINGS } from './calls';
import type { Clock } from './clock';
import { classify, OutOfTimeError } from './errors';
import type { StackView } from './stack';

/** Describes one resource of the handler's own stack and, unless it is asked for the resource only, the stack. */
export type StackViewer = (stackId: string, logicalId: string, scope: 'all' | 'resource') => Promise<StackView>;

export function stackViewer(client: CloudFormationClient, limits: CallLimits): StackViewer {
  const stackView = async (stackId: string): Promise<StackView> => {
    const { Stacks: stacks } = await client.send(new DescribeStacksCommand({ StackName: stackId }), limits.options());
    const time = stacks?.[0]?.LastUpdatedTime ?? stacks?.[0]?.CreationTime;
    return { stackStatus: stacks?.[0]?.StackStatus, stackTime: time?.toISOString() };
  };
  const resourceView = async (stackId: string, logicalId: string): Promise<StackView> => {
    const { StackResourceDetail: detail } = await client.send(
      new DescribeStackResourceCommand({ StackName: stackId, LogicalResourceId: logicalId }), limits.options());
    return {
      resourceStatus: detail?.ResourceStatus,
      resourceTime: detail?.LastUpdatedTimestamp?.toISOString(),
      physicalId: detail?.PhysicalResourceId,
    };
  };
  return async (stackId, logicalId, scope) => {
    const looks = [resourceView(stackId, logicalId), ...scope === 'all' ? [stackView(stackId)] : []];
    const views = await Promise.all(looks.map(async look => look.catch(viewAfter)));
    const isIncomplete = views.some(view => view.isIncomplete);
    return Object.assign({}, ...views, isIncomplete && { isIncomplete });
  };
}

/** Returns what an error shows. Denials are permanent, and so are answers that a stack or resource does not exist. */
function viewAfter(error: Error): StackView {
  if (error instanceof OutOfTimeError) return { isIncomplete: true };
  if (/^Resource .* does not exist/.test(error.message)) return { resourceIsAbsent: true };
  const isLasting = classify(error) === 'denied' || error.name === 'ValidationError';
  return isLasting ? {} : { isIncomplete: true };
}

export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Returns credentials of the role of one resource. */
export type RoleAssumer = (roleArn: string, sessionName: string) => Promise<RoleCredentials>;

/** A session lasts 15 minutes. A container of the handler uses it for the first ten. */
const SESSION_SECONDS = 900;
const SESSION_USE = 600_000;

const sessions = new Map<string, { credentials: RoleCredentials; usableUntil: number }>();

export function roleAssumer(client: STSClient, clock: Clock, limits: CallLimits): RoleAssumer {
  return async (roleArn, sessionName) => {
    const session = sessions.get(roleArn);
    if (session && clock.now() < session.usableUntil) return session.credentials;
    const { Credentials: given } = await client.send(
      new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: sessionName.slice(0, 64), DurationSeconds: SESSION_SECONDS }), limits.options(),
    );
    if (!given?.AccessKeyId || !given.SecretAccessKey || !given.SessionToken) throw new Error(`no credentials for the role ${roleArn}`);
    const credentials = { accessKeyId: given.AccessKeyId, secretAccessKey: given.SecretAccessKey, sessionToken: given.SessionToken };
    sessions.set(roleArn, { credentials, usableUntil: clock.now() + SESSION_USE });
    return credentials;
  };
}

/** Created once per container, so that connections are reused between polls. */
const cloudFormation = new CloudFormationClient(CLIENT_SETTINGS);
const sts = new STSClient(CLIENT_SETTINGS);

/** What the handler does with the function role: it describes its stack and assumes the roles of its resources. */
export function controlPlane(clock: Clock, limits: CallLimits): { viewStack: StackViewer; assumeRole: RoleAssumer } {
  return { viewStack: stackViewer(cloudFormation, limits), assumeRole: roleAssumer(sts, clock, limits) };
}
