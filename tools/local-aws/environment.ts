/** The emulator's account; its root is who calls with the credentials below. */
export const LOCAL_ACCOUNT = '000000000000';
export const LOCAL_REGION = 'us-east-1';
export const LOCAL_CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

/** Variables by which a user's own AWS, or the test runner, would reach into the local one. */
const FOREIGN = /^(AWS_|CDK_|NODE_OPTIONS$|JEST_|(https?|all)_proxy$)/i;

/** What a client of the local AWS must have in its environment. */
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

/** The environment of this process without anything that names another AWS. */
export function withoutForeignAws(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !FOREIGN.test(name)));
}

/** Names of variables that are set here and must be unset for the local AWS. */
export function foreignVariables(environment: NodeJS.ProcessEnv = process.env): string[] {
  return Object.keys(environment).filter(name => FOREIGN.test(name) && name.startsWith('AWS_'));
}
