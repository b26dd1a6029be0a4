/** The account of the emulator. The credentials below belong to its root user. */
export const LOCAL_ACCOUNT = '000000000000';
export const LOCAL_REGION = 'us-east-1';
export const LOCAL_CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

/** Variables through which the AWS configuration of the user, or the test runner, would affect the local AWS. */
const FOREIGN = /^(AWS_|CDK_|NODE_OPTIONS$|JEST_|(https?|all)_proxy$)/i;

/** Environment variables that a client of the local AWS needs. */
export function clientEnvironment(url: string, emptyFile: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: LOCAL_REGION,
    AWS_DEFAULT_REGION: LOCAL_REGION,
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: emptyFile,
    AWS_SHARED_CREDENTIALS_FILE: emptyFile,
  };
}

/** The environment of this process without variables that select another AWS. */
export function withoutForeignAws(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !FOREIGN.test(name)));
}

/** Names of variables that are set here and must be unset for the local AWS. */
export function foreignVariables(environment: NodeJS.ProcessEnv = process.env): string[] {
  return Object.keys(environment).filter(name => FOREIGN.test(name) && name.startsWith('AWS_'));
}
