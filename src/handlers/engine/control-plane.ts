import { CloudFormationClient, DescribeStackResourceCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { OutOfTimeError } from './errors';
import type { StackView } from './operation';
import { CALL_TIME_LIMIT } from './operation';

/** Time as the handlers see it; tests bring their own. */
export interface Clock {
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  sleep: milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds)),
};

/** For how long a handler works before it leaves the rest to the next poll: a crash or time-out would fail the operation at once. */
export const WORK_LIMIT = 50_000;

/** A call ends within its time limit and is not retried: the next poll looks again, and nothing lands later than the grace allows for. */
export const CLIENT_SETTINGS = { maxAttempts: 1 } as const;

/** Time limits for the calls of one invocation. */
export class CallLimits {
  public constructor(private readonly clock: Clock, private readonly end: number) {}

  /** Options of one call; throws if there is no time for it. */
  public options(): { abortSignal: AbortSignal } {
    if (this.clock.now() + CALL_TIME_LIMIT > this.end) throw new OutOfTimeError();
    return { abortSignal: AbortSignal.timeout(CALL_TIME_LIMIT) };
  }
}

/** Shows the handler's own stack; what cannot be seen is absent. Throws only if there is no time to look. */
export type StackViewer = (stackId: string, logicalId: string) => Promise<StackView>;

export function stackViewer(client: CloudFormationClient, limits: CallLimits): StackViewer {
  const stackView = async (stackId: string): Promise<StackView> => {
    const { Stacks: stacks } = await client.send(new DescribeStacksCommand({ StackName: stackId }), limits.options());
    const time = stacks?.[0]?.LastUpdatedTime ?? stacks?.[0]?.CreationTime;
    return { stackStatus: stacks?.[0]?.StackStatus, stackTime: time?.toISOString() };
  };
  const resourceView = async (stackId: string, logicalId: string): Promise<StackView> => {
    const { StackResourceDetail: detail } = await client.send(
      new DescribeStackResourceCommand({ StackName: stackId, LogicalResourceId: logicalId }), limits.options());
    return { resourceStatus: detail?.ResourceStatus, physicalId: detail?.PhysicalResourceId };
  };
  return async (stackId, logicalId) => {
    const [stack, resource] = await Promise.allSettled([stackView(stackId), resourceView(stackId, logicalId)]);
    for (const view of [stack, resource]) {
      if (view.status === 'rejected' && view.reason instanceof OutOfTimeError) throw view.reason;
    }
    return {
      ...(stack.status === 'fulfilled' ? stack.value : {}),
      ...(resource.status === 'fulfilled' ? resource.value : { resourceIsAbsent: /^Resource .* does not exist/.test((resource.reason as Error).message) }),
    };
  };
}

export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Credentials of a resource's own role. */
export type RoleAssumer = (roleArn: string, sessionName: string) => Promise<RoleCredentials>;

/** Sessions last 15 minutes; a container of the handler uses one for the first ten. */
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

/** Of a container: connections are kept from one poll to the next. */
const cloudFormation = new CloudFormationClient(CLIENT_SETTINGS);
const sts = new STSClient(CLIENT_SETTINGS);

/** What the handler does with its own role: look at its stack and assume the roles of its resources. */
export function controlPlane(clock: Clock, limits: CallLimits): { viewStack: StackViewer; assumeRole: RoleAssumer } {
  return { viewStack: stackViewer(cloudFormation, limits), assumeRole: roleAssumer(sts, clock, limits) };
}
