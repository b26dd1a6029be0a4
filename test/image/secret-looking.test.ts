import type { Stack } from 'aws-cdk-lib';
import { CfnParameter, Lazy } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as apigw from 'aws-cdk-lib/aws-apigateway';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sm from 'aws-cdk-lib/aws-secretsmanager';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { looksSecret } from '../../src/image/secret-looking';
import { testImage, testStack } from '../support/stacks';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const PASSWORD = 'correct-horse';

/** Values in the forms of secrets, put together so that nobody's scanner finds a secret in this file. */
const form = (...parts: string[]) => parts.join('');
const LETTERS = 'abcdefghij0123456789ABCDEFGHIJ012345';

describe('a variable looks like a secret by its name', () => {
  test.each([
    'DB_PASSWORD', 'PASSWORD', 'passwd', 'DB_PASSWD', 'dbPassword', 'apiKey', 'API_KEY', 'APIKEY', 'OPENAI_API_KEY', 'GITHUB_TOKEN', 'TOKEN', 'accessToken',
    'client_secret', 'CLIENT_SECRET', 'CLIENT_SECRET_2', 'AWS_SECRET_ACCESS_KEY', 'PRIVATE_KEY', 'PASSPHRASE', 'MASTER_KEY', 'SECRETS', 'CREDENTIALS', 'PASSWORD_HASH',
    'MYSQL_PWD', 'dbPwd', 'SECRET_KEY_BASE', 'JWT_SIGNING_KEY', 'encryptionKey', 'GITHUB_PRIVATE_KEY', 'TOKEN_VALUE',
  ])('%s', name => {
    expect(looksSecret(name, PASSWORD)).toBe(true);
    expect(looksSecret(name, Lazy.string({ produce: () => PASSWORD }))).toBe(true);
  });

  test.each([
    'OPENAI_API_KEY_SECRET_ARN', 'DB_SECRET_ARN', 'dbSecretArn', 'API_KEY_ID', 'AWS_ACCESS_KEY_ID', 'SECRET_NAME', 'TOKEN_URL', 'TOKEN_URI', 'TOKEN_ENDPOINT', 'tokenEndpoint',
    'PASSWORD_FILE', 'PRIVATE_KEY_PATH', 'TOKEN_TTL', 'TOKEN_TTL_MINUTES', 'TOKEN_LIFETIME_SECONDS', 'TOKEN_TIMEOUT_MS', 'tokenTimeoutMs', 'TOKEN_COUNT', 'TOKEN_LIMIT', 'PASSWORD_SIZE',
    'PASSWORD_LENGTH', 'TOKEN_MAX', 'PASSWORD_MIN_LENGTH', 'TOKEN_ISSUER', 'TOKEN_AUDIENCE', 'SECRET_REGION', 'API_KEY_PARAMETER', 'TOKEN_HEADER', 'SECRET_IDS', 'SECRET_VERSION',
    'JWT_SECRET_PARAM', 'HF_TOKEN_SSM', 'PASSWORD_POLICY', 'TOKENIZER', 'tokenizerModel', 'TOKENIZERS_PARALLELISM', 'PWD', 'OLDPWD',
    'LEVEL', 'PORT', 'MONKEY', 'KEYBOARD', 'PUBLIC_KEY', 'PARTITION_KEY',
  ])('but not %s', name => expect(looksSecret(name, PASSWORD)).toBe(false));
});

describe('a variable with the name of a secret', () => {
  test.each([
    ['MAX_TOKENS', '100'], ['maxTokens', '200000'], ['TOKENS', '5'], ['TOKENS_PER_MINUTE', '1000'], ['MAX_TOKENS_PER_REQUEST', '4096'], ['PASSWORD_ATTEMPTS_ALLOWED', '3'], ['SECRET_ROTATION', '0.5'],
    ['USE_TOKEN', 'true'], ['REQUIRE_PASSWORD', 'FALSE'], ['SECRETS', 'off'], ['API_KEY', ''], ['TOKEN', '0'],
    ['SECRET', 'arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:db-abcdef'], ['API_KEY', '/app/prod/openai'], ['PASSWORD', '/run/secrets/password'], ['TOKEN', 'https://auth.example.com/token'],
  ])('holds none if its value is a count, a switch or a reference: %s=%s', (name, value) => expect(looksSecret(name, value)).toBe(false));

  test.each([
    ['DB_PASSWORD', '12345678'], ['PIN_TOKEN', '1234'], ['API_KEY', '42'], ['CLIENT_SECRET', '0123456789'], ['MAX_TOKENS', 'hunter2'], ['TOKEN', 'truely'], ['API_KEY', '/notapath'],
    ['TOKEN', 'https://user:hunter2@example.com'],
  ])('holds one otherwise: %s=%s', (name, value) => expect(looksSecret(name, value)).toBe(true));
});

describe('a variable looks like a secret by the form of its value', () => {
  test.each([
    form('AKIA', 'IOSFODNN7EXAMPLE'), form('ASIA', 'IOSFODNN7EXAMPLE'), form('ghp', '_', LETTERS), form('gho', '_', LETTERS), form('github', '_pat_', LETTERS), form('glpat', '-', LETTERS),
    form('sk', '-', LETTERS), form('sk', '-proj-', LETTERS), form('sk', '-ant-api03-', LETTERS), form('sk', '_live_', LETTERS), form('xox', 'b-', LETTERS), form('npm', '_', LETTERS),
    form('AIza', LETTERS), form('-----BEGIN ', 'PRIVATE KEY-----\nMIIE'), form('-----BEGIN ', 'RSA PRIVATE KEY-----'), form('-----BEGIN ', 'OPENSSH PRIVATE KEY-----'),
    form('eyJhbGciOiJIUzI1NiJ9', '.eyJzdWIiOiIxMjM0In0', '.c2lnbmF0dXJl'), form('postgres://', 'app:hunter2@db:5432/app'), form('https://', ':token@example.com'), form('Bearer ', 'ghp_', LETTERS),
  ])('%s', value => {
    expect(looksSecret('VALUE', value)).toBe(true);
    expect(looksSecret('SECRET_ARN', value)).toBe(true);
  });

  test.each([
    'debug', 'AKIA', 'sk-SK', 'sk-learn-pipeline-for-production', 'ghp_', '-----BEGIN CERTIFICATE-----', '-----BEGIN PUBLIC KEY-----', 'eyJ', 'eyJhbGciOiJIUzI1NiJ9', 'https://example.com/a:b@c',
    'postgres://app@db:5432/app', 'user:password', 'arn:aws:iam::123456789012:role/a', 'AKIAIOSFODNN7EXAMPLELONGER', 'task-1234567890123456abcd',
  ])('but not %s', value => expect(looksSecret('VALUE', value)).toBe(false));
});

describe('a value that only the deployment knows', () => {
  test.each<[string, string, (stack: Stack) => string]>([
    ['the ARN of a secret', 'SECRET', stack => new sm.Secret(stack, 'Secret').secretArn],
    ['the name of a secret', 'DB_SECRET_NAME', stack => new sm.Secret(stack, 'Secret', { secretName: 'db' }).secretName],
    ['the ARN of an imported secret', 'SECRET', stack => sm.Secret.fromSecretNameV2(stack, 'Secret', 'db').secretArn],
    ['the name of a parameter', 'API_KEY', stack => new ssm.StringParameter(stack, 'Parameter', { stringValue: 'x' }).parameterName],
    ['the ID of an API key', 'API_KEY', stack => new apigw.ApiKey(stack, 'Key').keyId],
    ['the ARN of a role', 'TOKEN_ROLE', stack => new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() }).roleArn],
  ])('is no secret if it is %s', (_, name, value) => expect(looksSecret(name, value(testStack()))).toBe(false));

  test.each<[string, string, (stack: Stack) => string]>([
    ['a parameter that is not echoed', 'VALUE', stack => new CfnParameter(stack, 'Parameter', { noEcho: true }).valueAsString],
    ['a text with a parameter that is not echoed', 'VALUE', stack => `user:${new CfnParameter(stack, 'Parameter', { noEcho: true }).valueAsString}`],
    ['the secret of an access key', 'VALUE', stack => new iam.CfnAccessKey(stack, 'Key', { userName: 'u' }).attrSecretAccessKey],
    ['the secret of a client', 'VALUE', stack => new cognito.CfnUserPoolClient(stack, 'Client', { userPoolId: 'p' }).attrClientSecret],
    ['a parameter with the name of a secret', 'TOKEN', stack => new CfnParameter(stack, 'Parameter').valueAsString],
  ])('is one if it is %s', (_, name, value) => expect(looksSecret(name, value(testStack()))).toBe(true));
});

test('the warning names all variables, shows no value, and can be acknowledged', () => {
  const stack = testStack();
  const image = testImage({ environment: { DB_PASSWORD: PASSWORD, VALUE: form('AKIA', 'IOSFODNN7EXAMPLE'), PORT: '1', SECRET_ARN: 'arn:aws:x' } }, stack);
  image.addEnvironment('LATE_TOKEN', PASSWORD);
  const warnings = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('cdk-lambda-microvms:environmentLooksSecret'));
  expect(warnings.map(({ entry }) => String(entry.data).split(';')[0])).toEqual([
    'environment: DB_PASSWORD, VALUE look like secrets', 'environment: LATE_TOKEN looks like a secret',
  ]);
  expect(JSON.stringify(warnings)).not.toContain(PASSWORD);
});
