import type { CloudFormationClientConfig } from '@aws-sdk/client-cloudformation';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { LiveOptions } from './options';
import { clientEnvironment, LOCAL_ACCOUNT, LOCAL_CREDENTIALS, withoutForeignAws } from '../../tools/local-aws/environment';

/** Configuration that all clients share. */
export type ClientProps = Pick<CloudFormationClientConfig, 'region' | 'profile' | 'endpoint' | 'credentials' | 'maxAttempts'>;

/** The account and Region of a run, and how to reach them. */
export interface Account {
  readonly id: string;
  readonly partition: string;
  readonly region: string;
  /** The ARN of the caller. */
  readonly callerArn: string;
  readonly client: ClientProps;
  /** Environment of the CDK CLI and of the apps. */
  readonly environment: NodeJS.ProcessEnv;
  /** Endpoint of a local AWS; undefined for an AWS account. */
  readonly endpoint?: string;
  readonly simulator?: string;
}

const CREDENTIALS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];
/** Some operations have quotas of a few calls per second. */
const MAX_ATTEMPTS = 6;

/**
 * Determines the caller. Throws if the credentials belong to a local AWS that the options do not name, or if the
 * options name a local AWS but the credentials belong to an account.
*/
export async function openAccount(options: Pick<LiveOptions, 'region' | 'profile' | 'endpoint' | 'simulator'>, environment = process.env): Promise<Account> {
  const { region, profile, endpoint, simulator } = options;
  if (endpoint === undefined) rejectRedirection(environment);
  const client: ClientProps = endpoint === undefined
    ? { region, profile, maxAttempts: MAX_ATTEMPTS }
    : { region, endpoint, credentials: LOCAL_CREDENTIALS, maxAttempts: 2 };
  const { Account: id = '', Arn: callerArn = '' } = await new STSClient(client).send(new GetCallerIdentityCommand({}));
  if (endpoint === undefined && id === LOCAL_ACCOUNT) {
    throw new Error('these are credentials of a local AWS: set --endpoint to its URL, or use credentials of an account');
  }
  if (endpoint !== undefined && id !== LOCAL_ACCOUNT) throw new Error(`${endpoint} is not a local AWS: omit --endpoint to use an account`);
  return {
    id,
    partition: callerArn.split(':')[1],
    region,
    callerArn,
    client,
    environment: endpoint === undefined ? ownEnvironment(environment, region, profile) : localEnvironment(environment, endpoint),
    endpoint,
    simulator,
  };
}

/** Credentials of an account must not be sent to another endpoint, nor credentials of a local AWS to an account. */
function rejectRedirection(environment: NodeJS.ProcessEnv): void {
  const redirection = Object.keys(environment).find(name => name.startsWith('AWS_ENDPOINT_URL'));
  if (redirection !== undefined) throw new Error(`${redirection} redirects calls: unset it, or set --endpoint to the URL of a local AWS`);
  if (environment.AWS_ACCESS_KEY_ID === LOCAL_CREDENTIALS.accessKeyId) {
    throw new Error('these are credentials of a local AWS: set --endpoint to its URL, or use credentials of an account');
  }
}

function ownEnvironment(environment: NodeJS.ProcessEnv, region: string, profile?: string): NodeJS.ProcessEnv {
  const own = { ...environment, AWS_REGION: region, AWS_DEFAULT_REGION: region };
  if (profile === undefined) return own;
  return { ...Object.fromEntries(Object.entries(own).filter(([name]) => !CREDENTIALS.includes(name))), AWS_PROFILE: profile };
}

function localEnvironment(environment: NodeJS.ProcessEnv, endpoint: string): NodeJS.ProcessEnv {
  return { ...withoutForeignAws(environment), ...clientEnvironment(endpoint, '/dev/null') };
}
