import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { GetMicrovmCommandOutput } from '@aws-sdk/client-lambda-microvms';
import {
  CreateMicrovmAuthTokenCommand, CreateMicrovmImageCommand, GetMicrovmCommand, GetMicrovmImageCommand, LambdaMicrovmsClient,
  RunMicrovmCommand,
} from '@aws-sdk/client-lambda-microvms';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DeleteParameterCommand, GetParameterCommand, GetParametersByPathCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { strToU8, zipSync } from 'fflate';
import type { ClientProps } from './stacks';
import { assume, rootOf, Stacks } from './stacks';
import type { LocalAws } from '../../../tools/local-aws/local-aws';
import { startLocalAws } from '../../../tools/local-aws/local-aws';

/**
 * The local AWS for launchers: functions reach endpoints of MicroVMs, MicroVMs run with a role, and launches are
 * recorded.
 */

const ACCOUNT = '000000000000';
const IMAGE = `arn:aws:lambda:us-east-1:${ACCOUNT}:microvm-image:app`;
const LEDGER = '/cdk-lambda-microvms/stack/Shared';
const roleArn = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const parameterArn = (name: string) => `arn:aws:ssm:us-east-1:${ACCOUNT}:parameter${name}`;

const allow = (actions: string[], resource: string) => ({ Effect: 'Allow', Action: actions, Resource: resource });
const LAMBDA = { Service: 'lambda.amazonaws.com' };
const ofImage = (sourceArn: string, account = ACCOUNT) => ({ ArnEquals: { 'aws:SourceArn': sourceArn }, StringEquals: { 'aws:SourceAccount': account } });

const role = (RoleName: string, statements: object[], principal: object = LAMBDA, condition: object = {}) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName,
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole', Condition: condition }],
    },
    Policies: statements.length > 0 ? [{ PolicyName: 'own', PolicyDocument: { Version: '2012-10-17', Statement: statements } }] : [],
  },
});

const lambdaFunction = (FunctionName: string, Runtime: string, ...lines: string[]) => ({
  Type: 'AWS::Lambda::Function',
  DependsOn: 'Caller',
  Properties: { FunctionName, Runtime, Handler: 'index.handler', Role: roleArn('caller'), Timeout: 30, Code: { ZipFile: lines.join('\n') } },
});

const TEMPLATE = {
  Resources: {
    Build: role('build', [allow(['s3:GetObject'], 'arn:aws:s3:::code/*')], LAMBDA, ofImage(IMAGE)),
    Execution: role('execution', [allow(['logs:*'], '*')], LAMBDA, ofImage(IMAGE)),
    OfAnotherImage: role('of-another-image', [], LAMBDA, ofImage(`${IMAGE}-2`)),
    OfAnotherAccount: role('of-another-account', [], LAMBDA, ofImage(IMAGE, '111122223333')),
    Caller: role('caller', []),
    Ledger: role('ledger', [
      allow(['ssm:GetParametersByPath'], parameterArn(LEDGER)),
      allow(['ssm:PutParameter', 'ssm:GetParameter', 'ssm:DeleteParameter'], parameterArn(`${LEDGER}/*`)),
    ], { AWS: `arn:aws:iam::${ACCOUNT}:root` }),
    Fetch: lambdaFunction('by-fetch', 'nodejs22.x',
      'exports.handler = async ({ url, headers }) => {',
      '  const answer = await fetch(url, { headers });',
      '  return { status: answer.status, text: await answer.text(), options: process.env.NODE_OPTIONS };',
      '};'),
    Https: lambdaFunction('by-https', 'nodejs22.x',
      'const { request } = require("node:https");',
      'exports.handler = async ({ url, headers }) => new Promise((resolve, reject) => request(url, { headers }, async answer => {',
      '  resolve({ status: answer.statusCode, text: Buffer.concat(await answer.toArray()).toString() });',
      '}).on("error", reject).end());'),
    Urllib: lambdaFunction('by-urllib', 'python3.12',
      'import urllib.error, urllib.request',
      'def handler(event, context):',
      '    try:',
      '        with urllib.request.urlopen(urllib.request.Request(event["url"], headers=event["headers"])) as answer:',
      '            return {"status": answer.status, "text": answer.read().decode()}',
      '    except urllib.error.HTTPError as error:',
      '        return {"status": error.code, "text": error.read().decode()}'),
  },
};

const DOCKERFILE = 'FROM public.ecr.aws/lambda/microvms:al2023-minimal\nCOPY server.js .\nENV PORT=8080\nEXPOSE 8080 9090\nCMD ["node", "server.js"]\n';
const SERVER = 'require("http").createServer(({ url, headers }, answer) => answer.end(url + " of " + headers.host)).listen(process.env.PORT);';

let aws: LocalAws;
let root: ClientProps;
let service: LambdaMicrovmsClient;

beforeAll(async () => {
  aws = await startLocalAws({ waitScale: 0.1, times: { buildPending: 100, imageSettling: 100, launch: 300, termination: 300 } });
  root = rootOf(aws);
  service = new LambdaMicrovmsClient(root);
  const stacks = new Stacks(root);
  const status = await stacks.create('Backend', TEMPLATE);
  expect(await stacks.failures('Backend')).toEqual([]);
  expect(status).toBe('CREATE_COMPLETE');
  const s3 = new S3Client({ ...root, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'code' }));
  const Body = zipSync({ 'Dockerfile': strToU8(DOCKERFILE), 'server.js': strToU8(SERVER) });
  await s3.send(new PutObjectCommand({ Bucket: 'code', Key: 'app.zip', Body }));
  await service.send(new CreateMicrovmImageCommand({
    name: 'app', baseImageArn: 'arn:aws:lambda:us-east-1:aws:microvm-image:al2023-1', buildRoleArn: roleArn('build'), codeArtifact: { uri: 's3://code/app.zip' },
  }));
  await until(async () => (await service.send(new GetMicrovmImageCommand({ imageIdentifier: IMAGE }))).state !== 'CREATING');
});

afterAll(async () => aws.stop());

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(resolve => setTimeout(resolve, 50));
}

/** Returns a MicroVM once it runs or has terminated. */
async function launched(executionRole: string): Promise<GetMicrovmCommandOutput> {
  const { microvmId } = await service.send(new RunMicrovmCommand({ imageIdentifier: IMAGE, executionRoleArn: roleArn(executionRole) }));
  const look = async () => service.send(new GetMicrovmCommand({ microvmIdentifier: microvmId }));
  await until(async () => ['RUNNING', 'TERMINATED'].includes((await look()).state!));
  return look();
}

describe('the endpoint of a MicroVM', () => {
  let microvm: GetMicrovmCommandOutput;
  let token: string;

  beforeAll(async () => {
    microvm = await launched('execution');
    const { authToken } = await service.send(new CreateMicrovmAuthTokenCommand({
      microvmIdentifier: microvm.microvmId, expirationInMinutes: 5, allowedPorts: [{ port: 8080 }],
    }));
    token = authToken!['X-aws-proxy-auth'];
  });

  async function ask(FunctionName: string, headers: Record<string, string>): Promise<object> {
    const Payload = strToU8(JSON.stringify({ url: `https://${microvm.endpoint}/path?query`, headers }));
    const answer = await new LambdaClient(root).send(new InvokeCommand({ FunctionName, Payload }));
    return JSON.parse(Buffer.from(answer.Payload!).toString());
  }

  describe.each(['by-fetch', 'by-https', 'by-urllib'])('for a function that calls it %s', name => {
    test('answers a request with a token', async () => {
      const answer = { status: 200, text: `/path?query of ${microvm.endpoint}` };
      expect(await ask(name, { 'X-aws-proxy-auth': token })).toEqual(answer);
      expect(await ask(name, { 'X-aws-proxy-auth': token, 'X-aws-proxy-port': '8080' })).toEqual(answer);
    });

    test('rejects a request without a token, or for a port that the token does not allow', async () => {
      expect(await ask(name, {})).toEqual({ status: 403, text: 'Request missing authentication' });
      expect(await ask(name, { 'X-aws-proxy-auth': token, 'X-aws-proxy-port': '9090' })).toEqual({ status: 403, text: 'Access to port denied' });
    });
  });
});

describe('the execution role', () => {
  test('is assumed for the image and the account', async () => {
    expect(await launched('execution')).toMatchObject({ state: 'RUNNING' });
  });

  test.each(['of-another-image', 'of-another-account', 'that-is-not-there'])('terminates the MicroVM if the role is one %s', async name => {
    expect(await launched(name)).toMatchObject({ state: 'TERMINATED', stateReason: expect.stringContaining('unable to assume the role provided') });
  });
});

describe('the Parameter Store', () => {
  let ssm: SSMClient;

  beforeAll(async () => {
    ssm = new SSMClient({ ...root, credentials: await assume(root, roleArn('ledger')) });
  });

  const put = async (Name: string, Value: string, Overwrite = false) => ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite }));
  const get = async (Name: string) => (await ssm.send(new GetParameterCommand({ Name }))).Parameter!.Value;
  const list = async (Path: string, NextToken?: string) => ssm.send(new GetParametersByPathCommand({ Path, NextToken }));

  test('stores what a role writes under its path', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `${LEDGER}/token-${index}`).sort();
    for (const name of names) await put(name, 'asked');
    const first = await list(LEDGER);
    expect(first.Parameters).toHaveLength(10);
    const second = await list(LEDGER, first.NextToken);
    expect([...first.Parameters!, ...second.Parameters!].map(({ Name }) => Name)).toEqual(names);
    expect(second.NextToken).toBeUndefined();

    await expect(put(names[0], 'again')).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
    await put(names[0], 'launched', true);
    expect(await get(names[0])).toBe('launched');

    for (const Name of names) await ssm.send(new DeleteParameterCommand({ Name }));
    await expect(ssm.send(new DeleteParameterCommand({ Name: names[0] }))).rejects.toMatchObject({ name: 'ParameterNotFound' });
    await expect(get(names[0])).rejects.toMatchObject({ name: 'ParameterNotFound' });
    expect((await list(LEDGER)).Parameters).toEqual([]);
  });

  test('denies everything else to the role', async () => {
    const other = '/cdk-lambda-microvms/stack/Other';
    const onOther = (action: string, name = `${other}/token`) => ({
      name: 'AccessDeniedException', message: expect.stringContaining(`is not authorized to perform: ssm:${action} on resource: ${parameterArn(name)}`),
    });
    await expect(put(`${other}/token`, 'asked')).rejects.toMatchObject(onOther('PutParameter'));
    await expect(get(`${other}/token`)).rejects.toMatchObject(onOther('GetParameter'));
    await expect(ssm.send(new DeleteParameterCommand({ Name: `${other}/token` }))).rejects.toMatchObject(onOther('DeleteParameter'));
    await expect(list(other)).rejects.toMatchObject(onOther('GetParametersByPath', other));
    await expect(list('/cdk-lambda-microvms')).rejects.toMatchObject(onOther('GetParametersByPath', '/cdk-lambda-microvms'));
  });
});
