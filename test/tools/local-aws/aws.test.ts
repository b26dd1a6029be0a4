import { execFile, spawn } from 'child_process';
import { once } from 'events';
import { existsSync, readFileSync } from 'fs';
import * as fs from 'fs/promises';
import type { Server } from 'http';
import { createServer } from 'http';
import type { AddressInfo } from 'net';
import { tmpdir } from 'os';
import * as path from 'path';
import { setTimeout as sleep } from 'timers/promises';
import { promisify } from 'util';
import { CloudWatchLogsClient, CreateLogStreamCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateMicrovmAuthTokenCommand, CreateMicrovmImageCommand, GetMicrovmCommand, GetMicrovmImageCommand, LambdaMicrovmsClient,
  ListManagedMicrovmImageVersionsCommand, ListMicrovmImagesCommand, ListMicrovmsCommand, ListTagsCommand, RunMicrovmCommand, TagResourceCommand,
  TerminateMicrovmCommand,
} from '@aws-sdk/client-lambda-microvms';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { build } from 'esbuild';
import type { ClientProps } from './stacks';
import { assume as assumeRole, rootOf, sendTo, Stacks } from './stacks';
import { assumeRoleAsService } from '../../../tools/local-aws/assume-role';
import type { CliResult, StackEventSummary, StackOperationResult } from '../../../tools/local-aws/cdk';
import { withoutForeignAws } from '../../../tools/local-aws/environment';
import type { LocalAws } from '../../../tools/local-aws/local-aws';
import { startLocalAws } from '../../../tools/local-aws/local-aws';
import { VirtualBuilder } from '../../../tools/simulator/builder';
import { RealClock } from '../../../tools/simulator/clock';

const SPEED = 300;
const ROOT = path.resolve(__dirname, '..', '..', '..');
const AWS_DIRECTORY = path.join(ROOT, 'tools', 'local-aws');
const CLI = ['--import', 'tsx', path.join(AWS_DIRECTORY, 'cli.ts')];
const ACCOUNT = '000000000000';
const LAMBDA = 'arn:aws:lambda:us-east-1';
const MANAGED_IMAGE = `${LAMBDA}:aws:microvm-image:al2023-1`;
const MANAGED_CONNECTOR = `${LAMBDA}:aws:network-connector:aws-network-connector`;
const imageArn = (name: string) => `${LAMBDA}:${ACCOUNT}:microvm-image:${name}`;
const roleArn = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;

let aws: LocalAws;
let clientProps: ClientProps;
let stacks: Stacks;

beforeAll(async () => {
  const clock = new RealClock(SPEED);
  // No code is built here. Builds have their own tests.
  aws = await startLocalAws({ waitScale: 0.1, speed: SPEED, builder: new VirtualBuilder({ clock }) });
  clientProps = rootOf(aws);
  stacks = new Stacks(clientProps);
});

afterAll(async () => aws.stop());

describe('IAM of the MicroVM API', () => {
  const allow = (actions: string | string[], resources: string | string[], condition?: object) =>
    ({ Effect: 'Allow', Action: actions, Resource: resources, ...(condition ? { Condition: condition } : {}) });
  const launch = allow(['lambda:RunMicrovm', 'lambda:GetMicrovm', 'lambda:CreateMicrovmAuthToken'], imageArn('granted'));
  const pass = (...names: string[]) => allow('lambda:PassNetworkConnector', names.map(name => `${MANAGED_CONNECTOR}:${name}`));
  const create = allow('lambda:CreateMicrovmImage', '*');

  const policies: Record<string, object[]> = {
    'launcher': [launch, pass('HTTP_INGRESS', 'INTERNET_EGRESS'), allow('iam:PassRole', roleArn('execution'))],
    'no-connectors': [launch],
    'no-egress': [launch, pass('HTTP_INGRESS')],
    'no-ingress': [launch, pass('INTERNET_EGRESS')],
    'microvm-arn': [allow('lambda:*', `${LAMBDA}:${ACCOUNT}:microvm:*`)],
    'lister': [allow(['lambda:ListMicrovms', 'lambda:ListMicrovmImages'], imageArn('*'))],
    'creator': [create, allow('iam:PassRole', roleArn('build'))],
    'pass-to-service': [create, allow('iam:PassRole', roleArn('build'), { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } })],
    'tagging-creator': [
      create,
      allow('iam:PassRole', roleArn('build')),
      allow('lambda:TagResource', '*', { StringEquals: { 'aws:RequestTag/team': 'red' } }),
    ],
    'red-team': [
      allow('lambda:GetMicrovmImage', '*', { StringEquals: { 'aws:ResourceTag/team': 'red' } }),
      allow(['lambda:TagResource', 'lambda:ListTags'], imageArn('*'), { StringEquals: { 'aws:ResourceTag/team': 'red' } }),
    ],
    'base-images': [allow('lambda:ListManagedMicrovmImageVersions', MANAGED_IMAGE)],
    'network-team': [
      allow('lambda:CreateNetworkConnector', '*', {
        'ForAllValues:StringEquals': { 'lambda:SubnetIds': ['subnet-1'], 'lambda:SecurityGroupIds': ['sg-1'] },
        'Null': { 'lambda:SubnetIds': 'false', 'lambda:SecurityGroupIds': 'false' },
      }),
      allow('iam:PassRole', roleArn('operator')),
    ],
    'connectors-of-red-team': [
      allow('lambda:GetNetworkConnector', `${LAMBDA}:${ACCOUNT}:network-connector:*`, { StringEquals: { 'aws:ResourceTag/team': 'red' } }),
    ],
    'build': [
      allow('s3:GetObject', 'arn:aws:s3:::code/app.zip'),
      allow(['logs:CreateLogStream', 'logs:PutLogEvents'], `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/builds/app:*`),
    ],
    'execution': [],
    'operator': [allow(['ec2:CreateNetworkInterface', 'ec2:CreateTags'], '*')],
  };
  const trustOfBuild = {
    Effect: 'Allow',
    Principal: { Service: 'lambda.amazonaws.com' },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT }, ArnLike: { 'aws:SourceArn': imageArn('granted') } },
  };
  const trusts: Record<string, object> = {
    build: trustOfBuild,
    execution: { ...trustOfBuild, Condition: { 'ForAllValues:StringLike': { 'aws:SourceArn': imageArn('*') }, 'Null': { 'aws:SourceArn': 'false' } } },
    operator: { ...trustOfBuild, Condition: { Null: { 'aws:SourceAccount': 'true' } } },
  };
  const rootTrust = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'sts:AssumeRole' };

  beforeAll(async () => {
    const roles = Object.entries(policies).map(([name, statements], index) => [`Role${index}`, {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: name,
        AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [trusts[name] ?? rootTrust] },
        Policies: statements.length > 0 ? [{ PolicyName: 'own', PolicyDocument: { Version: '2012-10-17', Statement: statements } }] : [],
      },
    }]);
    const logGroup = { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/builds/app' } };
    expect(await stacks.create('Callers', { Resources: { ...Object.fromEntries(roles), LogGroup: logGroup } })).toBe('CREATE_COMPLETE');
    aws.simulator.addForeignImage('granted', { team: 'red' });
    aws.simulator.addForeignImage('other', { team: 'blue' });
  });

  const as = async (role: string) => new LambdaMicrovmsClient({ ...clientProps, credentials: await assume(role) });
  const assume = async (role: string) => assumeRole(clientProps, roleArn(role));
  const run = (image = 'granted') => new RunMicrovmCommand({ imageIdentifier: imageArn(image) });
  const imageRequest = {
    name: 'new',
    baseImageArn: MANAGED_IMAGE,
    buildRoleArn: roleArn('build'),
    codeArtifact: { uri: 's3://code/app.zip' },
  };

  test('authorizes MicroVM actions on the ARN of the image', async () => {
    const launcher = await as('launcher');
    const { microvmId: microvmIdentifier } = await launcher.send(run());
    await expect(launcher.send(new GetMicrovmCommand({ microvmIdentifier }))).resolves.toMatchObject({ imageArn: imageArn('granted') });
    await expect(launcher.send(new TerminateMicrovmCommand({ microvmIdentifier }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringMatching(/launcher\/test is not authorized to perform: lambda:TerminateMicrovm on resource: .*:microvm-image:granted /),
    });
    await expect(launcher.send(run('other'))).rejects.toThrow(/lambda:RunMicrovm on resource: .*:other /);
    const byMicrovm = await as('microvm-arn');
    await expect(byMicrovm.send(new GetMicrovmCommand({ microvmIdentifier }))).rejects.toThrow(/not authorized/);
    const token = new CreateMicrovmAuthTokenCommand({ microvmIdentifier, expirationInMinutes: 1, allowedPorts: [{ port: 80 }] });
    await expect(byMicrovm.send(token)).rejects.toThrow(/lambda:CreateMicrovmAuthToken/);
    await expect(launcher.send(new GetMicrovmCommand({ microvmIdentifier: 'microvm-none' }))).rejects.not.toThrow(/not authorized/);
  });

  test('authorizes lists only on every resource', async () => {
    const lister = await as('lister');
    await expect(lister.send(new ListMicrovmsCommand({}))).rejects.toThrow(/lambda:ListMicrovms on resource: \*/);
    await expect(lister.send(new ListMicrovmImagesCommand({}))).rejects.toThrow(/lambda:ListMicrovmImages on resource: \*/);
  });

  test('authorizes the versions of a managed image on its ARN', async () => {
    const list = new ListManagedMicrovmImageVersionsCommand({ imageIdentifier: MANAGED_IMAGE });
    await expect((await as('base-images')).send(list)).resolves.toMatchObject({ items: expect.any(Array) });
    await expect((await as('launcher')).send(list)).rejects.toThrow(/on resource: .*:aws:microvm-image:al2023-1/);
  });

  test('requires permission to pass the managed connectors of a launch', async () => {
    await expect((await as('no-connectors')).send(run())).rejects.toThrow(/lambda:PassNetworkConnector on resource: .*:HTTP_INGRESS /);
    await expect((await as('no-egress')).send(run())).rejects.toThrow(/lambda:PassNetworkConnector on resource: .*:INTERNET_EGRESS /);
    await expect((await as('no-ingress')).send(run())).rejects.toThrow(/lambda:PassNetworkConnector on resource: .*:HTTP_INGRESS /);
    const egressNetworkConnectors = [`${LAMBDA}:${ACCOUNT}:network-connector:nc-1`];
    const own = new RunMicrovmCommand({ imageIdentifier: imageArn('granted'), egressNetworkConnectors });
    await expect((await as('launcher')).send(own)).rejects.toThrow(/lambda:PassNetworkConnector on resource: .*:nc-1 /);
  });

  test('requires iam:PassRole on the exact role, and denies policies with a condition on iam:PassedToService', async () => {
    const launcher = await as('launcher');
    const running = (role: string) => launcher.send(new RunMicrovmCommand({ imageIdentifier: imageArn('granted'), executionRoleArn: roleArn(role) }));
    await expect(running('execution')).resolves.toMatchObject({ microvmId: expect.any(String) });
    await expect(running('build')).rejects.toThrow(/iam:PassRole on resource: .*role\/build /);
    const withOtherRole = new CreateMicrovmImageCommand({ ...imageRequest, buildRoleArn: roleArn('operator') });
    await expect((await as('creator')).send(withOtherRole)).rejects.toThrow(/iam:PassRole/);
    await expect((await as('pass-to-service')).send(new CreateMicrovmImageCommand(imageRequest))).rejects.toThrow(/iam:PassRole/);
  });

  test('denies tags at creation, without a message, if the caller may not set them', async () => {
    const tagged = (team: string) => new CreateMicrovmImageCommand({ ...imageRequest, tags: { team } });
    const denial = await (await as('creator')).send(tagged('red')).catch((error: Error & { Message?: unknown }) => error);
    expect(denial).toMatchObject({ name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 } });
    expect(String((denial as Error).message)).not.toMatch(/TagResource/);
    await expect((await as('tagging-creator')).send(tagged('blue'))).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect((await as('tagging-creator')).send(tagged('red'))).resolves.toMatchObject({ name: 'new' });
  });

  test('evaluates the tags of images', async () => {
    const red = await as('red-team');
    await expect(red.send(new GetMicrovmImageCommand({ imageIdentifier: imageArn('granted') }))).resolves.toMatchObject({ name: 'granted' });
    await expect(red.send(new GetMicrovmImageCommand({ imageIdentifier: imageArn('other') }))).rejects.toThrow(/not authorized/);
    await expect(red.send(new ListTagsCommand({ Resource: imageArn('granted') }))).resolves.toMatchObject({ Tags: { team: 'red' } });
    await expect(red.send(new TagResourceCommand({ Resource: imageArn('other'), Tags: { team: 'red' } }))).rejects.toThrow(/lambda:TagResource/);
  });

  test('evaluates the subnets and security groups of a new connector, and the tags of connectors', async () => {
    const team = await as('network-team');
    const connectors = '/2026-04-04/network-connectors';
    const createConnector = (SubnetIds: string[], SecurityGroupIds: string[], role = 'operator') => {
      const VpcEgressConfiguration = { SubnetIds, SecurityGroupIds, NetworkProtocol: 'IPv4', AssociatedComputeResourceTypes: ['MicroVm'] };
      const request = { Name: 'internal', ClientToken: 'token', OperatorRole: roleArn(role), Configuration: { VpcEgressConfiguration } };
      return sendTo(team, 'POST', connectors, request);
    };
    await expect(createConnector(['subnet-1', 'subnet-2'], ['sg-1'])).rejects.toThrow(/lambda:CreateNetworkConnector/);
    await expect(createConnector(['subnet-1'], [])).rejects.toThrow(/lambda:CreateNetworkConnector/);
    await expect(createConnector(['subnet-1'], ['sg-1'], 'build')).rejects.toThrow(/iam:PassRole/);
    await createConnector(['subnet-1'], ['sg-1']);
    const [{ arn }] = aws.simulator.connectors();
    const red = await as('connectors-of-red-team');
    const connectorPath = `${connectors}/${encodeURIComponent(arn)}`;
    await expect(sendTo(red, 'GET', connectorPath)).rejects.toThrow(/lambda:GetNetworkConnector/);
    await new LambdaMicrovmsClient(clientProps).send(new TagResourceCommand({ Resource: arn, Tags: { team: 'red' } }));
    await sendTo(red, 'GET', connectorPath);
    await sendTo(red, 'GET', `${connectors}/internal`);
  });

  test('denies access to images of other accounts', async () => {
    const foreign = new GetMicrovmImageCommand({ imageIdentifier: `${LAMBDA}:111122223333:microvm-image:any` });
    await expect(new LambdaMicrovmsClient(clientProps).send(foreign)).rejects.toThrow(/no resource-based policy allows the lambda:GetMicrovmImage/);
  });

  test('rejects signatures with a wrong secret', async () => {
    const credentials = { ...await assume('launcher'), secretAccessKey: 'guessed' };
    await expect(new LambdaMicrovmsClient({ ...clientProps, credentials }).send(run())).rejects.toThrow(/signature/);
  });

  describe('roles that a service assumes', () => {
    const unsourced = { service: 'lambda.amazonaws.com', sessionName: 'session' };
    const request = { ...unsourced, roleArn: roleArn('build'), sourceAccount: ACCOUNT, sourceArn: imageArn('granted') };
    const execution = { ...request, roleArn: roleArn('execution') };
    const operator = { ...unsourced, roleArn: roleArn('operator') };

    test('follow the conditions of the trust policy', async () => {
      await assumeRoleAsService(aws.url, request);
      await assumeRoleAsService(aws.url, execution);
      await assumeRoleAsService(aws.url, operator);
    });

    test.each([
      ['for another image', { ...request, sourceArn: imageArn('other') }],
      ['for the slash form of the image', { ...request, sourceArn: imageArn('granted').replace('image:', 'image/') }],
      ['for another account', { ...request, sourceAccount: '111122223333' }],
      ['without a source', { ...request, sourceArn: undefined, sourceAccount: undefined }],
      ['by another service', { ...request, service: 'ec2.amazonaws.com' }],
      ['that do not exist', { ...request, roleArn: roleArn('none') }],
      ['without a source where one must be present', { ...execution, sourceArn: undefined }],
      ['with a source where none may be present', { ...operator, sourceAccount: ACCOUNT }],
    ])('fails %s', async (_, props) => {
      const denial = { name: 'AccessDenied', message: expect.stringContaining('sts:AssumeRole') };
      await expect(assumeRoleAsService(aws.url, props)).rejects.toMatchObject(denial);
    });

    test('may do in S3 and CloudWatch Logs what their policies allow', async () => {
      const s3 = new S3Client(clientProps);
      await s3.send(new CreateBucketCommand({ Bucket: 'code' }));
      for (const Key of ['app.zip', 'other.zip']) await s3.send(new PutObjectCommand({ Bucket: 'code', Key, Body: 'zip' }));
      const session = { ...clientProps, credentials: await assumeRoleAsService(aws.url, request) };
      const getObject = (Key: string) => new S3Client(session).send(new GetObjectCommand({ Bucket: 'code', Key }));
      await getObject('app.zip');
      await expect(getObject('other.zip')).rejects.toMatchObject({ name: 'AccessDenied' });
      const logs = new CloudWatchLogsClient(session);
      const stream = { logGroupName: '/builds/app', logStreamName: 'one' };
      await logs.send(new CreateLogStreamCommand(stream));
      await logs.send(new PutLogEventsCommand({ ...stream, logEvents: [{ timestamp: Date.now(), message: 'built' }] }));
      await expect(logs.send(new CreateLogStreamCommand({ ...stream, logGroupName: '/builds/other' }))).rejects.toThrow(/logs:CreateLogStream/);
    });
  });
});

describe('CloudFormation', () => {
  interface Observation {
    readonly what: 'onEvent' | 'isolation';
    readonly request: string;
    readonly resource: string;
    readonly id?: string;
    readonly name: string;
    readonly resourceStatus?: string;
    readonly shownId?: string;
    readonly updated?: string;
    readonly stackStatus?: string;
    readonly [outcome: string]: string | undefined;
  }
  let observations: Observation[] = [];
  let recorder: Server;
  let directory: string;

  beforeAll(async () => {
    recorder = createServer(async (request, response) => {
      const chunks = await request.toArray();
      observations.push(JSON.parse(Buffer.concat(chunks).toString()));
      response.end();
    });
    await once(recorder.listen(0, '127.0.0.1'), 'listening');
    directory = await fs.mkdtemp(path.join(tmpdir(), 'local-aws-test-'));
    await Promise.all([aws.bootstrap(), synthesizeTestApp()]);
  });

  afterAll(async () => {
    recorder.close();
    await fs.rm(directory, { recursive: true });
  });

  async function synthesizeTestApp(): Promise<void> {
    const bundle = path.join(directory, 'handler');
    const entryPoints = [path.join(AWS_DIRECTORY, 'test-app', 'handler.ts')];
    await build({ entryPoints, bundle: true, platform: 'node', target: 'node20', outfile: path.join(bundle, 'index.js') });
    const recorderUrl = `http://127.0.0.1:${(recorder.address() as AddressInfo).port}`;
    const tsx = path.join(ROOT, 'node_modules', '.bin', 'tsx');
    await promisify(execFile)(tsx, [path.join(AWS_DIRECTORY, 'test-app', 'app.ts'), directory, bundle, recorderUrl]);
  }

  const assembly = (variant: string) => ({ app: path.join(directory, variant), stacks: ['TestApp'] });
  /** Calls CloudFormation directly, which is faster than the CLI. The assets exist since the first deployment. */
  const operate = async (action: 'create' | 'update', StackName: string, variant: string) => {
    const start = new Date();
    const template = JSON.parse(readFileSync(path.join(directory, variant, 'TestApp.template.json'), 'utf8'));
    const status = await stacks[action](StackName, template);
    return { status, events: (await aws.cdk.events(StackName)).filter(({ time }) => time >= start) };
  };
  const seen = () => observations.filter(({ what }) => what === 'onEvent')
    .map(({ request, resource, id, name, resourceStatus, stackStatus }) =>
      [request, withoutHash(resource), id?.split(':').pop() ?? '-', name, resourceStatus, stackStatus].join(' '));
  const withoutHash = (logicalId: string) => logicalId.replace(/[0-9A-F]{8}$/, '');
  const statuses = (events: StackEventSummary[], resource: string) =>
    events.filter(({ logicalId }) => withoutHash(logicalId) === resource).map(({ status }) => status);
  const images = () => aws.simulator.images().map(({ name }) => name).filter(name => !['granted', 'other', 'new'].includes(name));

  beforeEach(() => { observations = []; });

  test('deploys resources that act only with their own roles', async () => {
    expectSuccess(await aws.cdk.deploy(assembly('both')));
    expect(images()).toEqual(['one', 'two']);
    expect(seen()).toEqual([
      'Create One - one CREATE_IN_PROGRESS CREATE_IN_PROGRESS',
      'Create Two - two CREATE_IN_PROGRESS CREATE_IN_PROGRESS',
    ]);
    expect(observations.find(({ what }) => what === 'isolation')).toMatchObject({
      readsOther: expect.stringMatching(/^AccessDeniedException: .*lambda:GetMicrovmImage on resource: .*:one /),
      deletesOther: expect.stringMatching(/^AccessDeniedException: .*lambda:DeleteMicrovmImage/),
      passesOtherRole: expect.stringMatching(/^AccessDeniedException: .*iam:PassRole/),
      passesOtherConnector: expect.stringMatching(/^AccessDeniedException: .*lambda:PassNetworkConnector on resource: .*:nc-other /),
      tagsAtCreation: expect.stringMatching(/^AccessDeniedException: (?!.*TagResource)/),
      readsWithHandlerRole: expect.stringMatching(/^AccessDeniedException: .*HandlerRole/),
      assumesBuildRole: expect.stringMatching(/^AccessDenied: .*sts:AssumeRole/),
      describesOtherStack: expect.stringMatching(/^AccessDenied: .*cloudformation:DescribeStacks/),
    });
  });

  test('adopts the ID of a failed replacement and deletes it in the cleanup of the rollback', async () => {
    const { status, events } = await operate('update', 'TestApp', 'failingRename');
    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(seen()).toEqual([
      'Update One one uno UPDATE_IN_PROGRESS UPDATE_IN_PROGRESS',
      'Update Two two dos UPDATE_IN_PROGRESS UPDATE_IN_PROGRESS',
      'Update Two dos two UPDATE_IN_PROGRESS UPDATE_ROLLBACK_IN_PROGRESS',
      'Delete Two dos dos UPDATE_COMPLETE UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
      'Delete One uno uno DELETE_IN_PROGRESS UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
    ]);
    expect(images()).toEqual(['one', 'two']);
    expect(statuses(events, 'TestApp')).toContain('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
  });

  test('deletes what an update replaced and removed in a separate cleanup phase', async () => {
    const { status, events } = await operate('update', 'TestApp', 'renamed');
    expect(status).toBe('UPDATE_COMPLETE');
    expect(seen()).toEqual([
      'Update One one uno UPDATE_IN_PROGRESS UPDATE_IN_PROGRESS',
      'Delete One one one UPDATE_COMPLETE UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'Delete Two two two DELETE_IN_PROGRESS UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
    ]);
    expect(images()).toEqual(['uno']);
    expect(statuses(events, 'One').slice(-2)).toEqual(['DELETE_IN_PROGRESS', 'DELETE_COMPLETE']);
  });

  test('keeps the provider if its resource cannot be deleted', async () => {
    aws.simulator.launchMicrovm('uno');
    expect(await stacks.delete('TestApp')).toBe('DELETE_FAILED');
    const failures = (await aws.cdk.events('TestApp')).filter(({ status }) => status === 'DELETE_FAILED');
    expect(failures.find(({ logicalId }) => withoutHash(logicalId) === 'One')?.reason).toContain('running microvms');
    expect(failures.find(({ logicalId }) => withoutHash(logicalId) === 'BackendHandlerRole')?.reason)
      .toMatch(/Resource deletion cancelled: One\w* was not deleted/);
  });

  test('leaves nothing behind after destroy', async () => {
    for (const { id } of aws.simulator.microvms()) aws.simulator.terminateMicrovm(id);
    expectSuccess(await aws.cdk.destroy(assembly('renamed')));
    expect(images()).toEqual([]);
  });

  test('deletes the resource of a failed create during the rollback', async () => {
    const { status, events } = await operate('create', 'Failing', 'failing');
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(seen()).toEqual([
      'Create One - one CREATE_IN_PROGRESS CREATE_IN_PROGRESS',
      'Create Two - two CREATE_IN_PROGRESS CREATE_IN_PROGRESS',
      'Delete Two two two DELETE_IN_PROGRESS ROLLBACK_IN_PROGRESS',
      'Delete One one one DELETE_IN_PROGRESS ROLLBACK_IN_PROGRESS',
    ]);
    expect(statuses(events, 'Two')).toEqual(['CREATE_IN_PROGRESS', 'CREATE_FAILED', 'DELETE_IN_PROGRESS', 'DELETE_COMPLETE']);
    expect(events.find(({ status: reached }) => reached === 'CREATE_FAILED')?.reason).toContain('the image exists, but its operation fails');
    expect(images()).toEqual([]);
  });
});

describe('the local AWS', () => {
  const isAlive = (pid: number) => existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').length > 0;

  test('ignores the AWS configuration of the user', () => {
    const own = { PATH: '/bin', AWS_PROFILE: 'mine', AWS_SESSION_TOKEN: 'token', CDK_DEFAULT_ACCOUNT: '123456789012', HTTPS_PROXY: 'http://proxy' };
    expect(withoutForeignAws(own)).toEqual({ PATH: '/bin' });
    expect(readFileSync(aws.environment.AWS_CONFIG_FILE, 'utf8')).toBe('');
    expect(readFileSync(aws.environment.AWS_SHARED_CREDENTIALS_FILE, 'utf8')).toBe('');
  });

  test('fails with one clear line if Python is missing', async () => {
    const failure = await promisify(execFile)(process.execPath, CLI, { cwd: ROOT, env: { PATH: '' } }).catch((error: { stderr: string }) => error);
    expect(failure.stderr).toMatch(/^python3 .* is needed for the local AWS: install python3-venv\n$/);
  });

  test('terminates its processes and removes its files when it is stopped', async () => {
    await aws.stop();
    await expect(fetch(aws.url)).rejects.toThrow();
    await expect(fetch(aws.simulatorUrl)).rejects.toThrow();
    expect(isAlive(aws.emulatorProcessId)).toBe(false);
    expect(existsSync(path.dirname(aws.environment.AWS_CONFIG_FILE))).toBe(false);
  });

  test('terminates when the process that started it is killed', async () => {
    const child = spawn(process.execPath, [...CLI, '--no-bootstrap'], { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'] });
    const url = await firstUrl(child.stdout);
    expect((await fetch(`${url}/_ministack/health`)).ok).toBe(true);
    child.kill('SIGKILL');
    await untilUnreachable(url);
  });
});

function expectSuccess(result: CliResult | StackOperationResult): void {
  if (result.exitCode !== 0) throw new Error(`${result.output}\nlog: ${aws.logFile}`);
}

async function firstUrl(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) {
    text += String(chunk);
    const url = /AWS_ENDPOINT_URL=(\S+)\n/.exec(text)?.[1];
    if (url) return url;
  }
  throw new Error('the local AWS did not start');
}

async function untilUnreachable(url: string): Promise<void> {
  while (await fetch(url).then(() => true, () => false)) await sleep(50);
}
