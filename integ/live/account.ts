import type { CloudFormationClientConfig } from '@aws-sdk/client-cloudformation';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { LiveOptions } from './options';
import { clientEnvironment, LOCAL_ACCOUNT, LOCAL_CREDENTIALS, withoutForeignAws } from '../../tools/local-aws/environment';

/** What all clients here have in common. */
export type ClientProps = Pick<CloudFormationClientConfig, 'region' | 'profile' | 'endpoint' | 'credentials' | 'maxAttempts'>;

/** The account and Region of a run, and how it is reached. */
export interface Account {
  readonly id: string;
  readonly partition: string;
  readonly region: string;
  /** Who acts there. */
  readonly callerArn: string;
  readonly client: ClientProps;
  /** Of the CDK CLI and of the apps. */
  readonly environment: NodeJS.ProcessEnv;
  /** Of a local AWS; undefined in an account. */
  readonly endpoint?: string;
  readonly simulator?: string;
}

const CREDENTIALS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];
/** Some operations have quotas of a few calls per second. */
const MAX_ATTEMPTS = 6;

/** Finds out who calls. Fails if that is a local AWS that the options do not name, or an account where they name a local one. */
export async function openAccount(options: Pick<LiveOptions, 'region' | 'profile' | 'endpoint' | 'simulator'>, environment = process.env): Promise<Account> {
  const { region, profile, endpoint, simulator } = options;
  if (endpoint === undefined) refuseRedirection(environment);
  const client: ClientProps = endpoint === undefined
    ? { region, profile, maxAttempts: MAX_ATTEMPTS }
    : { region, endpoint, credentials: LOCAL_CREDENTIALS, maxAttempts: 2 };
  const { Account: id = '', Arn: callerArn = '' } = await new STSClient(client).send(new GetCallerIdentityCommand({}));
  if (endpoint === undefined && id === LOCAL_ACCOUNT) {
    throw new Error('these are the credentials of a local AWS: name its URL with --endpoint, or use those of an account');
  }
  if (endpoint !== undefined && id !== LOCAL_ACCOUNT) throw new Error(`${endpoint} is no local AWS: leave --endpoint out for an account`);
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

/** Credentials of an account must not go to wherever these variables lead, nor those of a local AWS to an account. */
function refuseRedirection(environment: NodeJS.ProcessEnv): void {
  const redirection = Object.keys(environment).find(name => name.startsWith('AWS_ENDPOINT_URL'));
  if (redirection !== undefined) throw new Error(`${redirection} leads to another AWS: unset it, or name the URL of a local AWS with --endpoint`);
  if (environment.AWS_ACCESS_KEY_ID === LOCAL_CREDENTIALS.accessKeyId) {
    throw new Error('these are the credentials of a local AWS: name its URL with --endpoint, or use those of an account');
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
