import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { Way } from '../../../tools/bench/constructs/app';
import { directoriesIn, synthesize } from '../../../tools/bench/constructs/app';
import * as byHand from '../../../tools/bench/constructs/by-hand';
import { brokenWithoutNeed, linesOfCode } from '../../../tools/bench/constructs/lines';
import * as ours from '../../../tools/bench/constructs/ours';
import * as quick from '../../../tools/bench/constructs/quick';
import type { Question } from '../../support/iam';
import { allows, expectAnswers, trusts } from '../../support/iam';
import { ACCOUNT, REGION } from '../../support/stacks';
import { ResolvedTemplate } from '../../support/template';

jest.mock('../../../src/private/bundle', () => jest.requireActual('../../support/no-bundle'));
jest.setTimeout(120_000);

const ROLES = ['OperatorRole', 'BuildRole', 'ExecutionRole', 'CallerServiceRole'];

const directory = mkdtempSync(path.join(tmpdir(), 'bench-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** What a way deploys, and the names of what it made. */
function deployment(way: Way) {
  const file = synthesize(way, { pairs: 1, launched: true, directoryOf: directoriesIn(directory, 1), outdir: path.join(directory, 'cdk.out') });
  const deployed = ResolvedTemplate.template(JSON.parse(readFileSync(file, 'utf8')));
  const request = JSON.parse(deployed.resource('AWS::Lambda::Function', 'Caller').Properties.Environment.Variables.MICROVM_LAUNCH_REQUEST);
  return { deployed, request };
}

const deployments = { ours: deployment(ours), quick: deployment(quick), byHand: deployment(byHand) };
type Deployment = typeof deployments.ours;

const arn = (service: string, rest: string, account = ACCOUNT) => `arn:aws:${service}:${REGION}:${account}:${rest}`;
const managed = (name: string) => arn('lambda', `network-connector:aws-network-connector:${name}`, 'aws');
const otherImage = arn('lambda', 'microvm-image:other');
const otherConnector = arn('lambda', 'network-connector:nc-other');
const otherRole = `arn:aws:iam::${ACCOUNT}:role/other`;
const NETWORK_INTERFACE = arn('ec2', 'network-interface/eni-1');
const FROM_FUNCTION = { 'lambda:SourceFunctionArn': arn('lambda', 'function:other') };
const OPERATOR = { 'ec2:CreateAction': 'CreateNetworkInterface', 'ec2:ManagedResourceOperator': 'network-connectors.lambda.amazonaws.com' };

/** What a caller of RunMicrovm needs. */
function launchOf({ request }: Deployment): Question[] {
  return [
    { action: 'lambda:RunMicrovm', resource: request.imageIdentifier },
    { action: 'iam:PassRole', resource: request.executionRoleArn },
    ...[...request.ingressNetworkConnectors, ...request.egressNetworkConnectors].map(resource => ({ action: 'lambda:PassNetworkConnector', resource })),
  ];
}

/** Calls on what a way made and on what is not its own, in the same order for each. */
function callsOf({ deployed, request }: Deployment): Question[] {
  const image = request.imageIdentifier;
  const [connector] = request.egressNetworkConnectors;
  const subnetIds: string[] = deployed.ids('AWS::EC2::Subnet', 'Private').map(id => deployed.resolve({ Ref: id }));
  const [group] = deployed.ids('AWS::EC2::SecurityGroup').map(id => deployed.resolve({ 'Fn::GetAtt': [id, 'GroupId'] }));
  const logStreams = [deployed.resolve({ Ref: deployed.ids('AWS::Logs::LogGroup', 'Sandbox')[0] }), request.logging.cloudWatch.logGroup]
    .map(name => arn('logs', `log-group:${name}:log-stream:1`));
  const { Properties: built } = deployed.ids('Custom::MicrovmImage').length > 0
    ? deployed.resource('Custom::MicrovmImage') : deployed.resource('AWS::Lambda::MicrovmImage');
  const code = (built.CodeUri ?? built.CodeArtifact.Uri).replace('s3://', 'arn:aws:s3:::');

  const on = (action: string, resources: string[], context?: Question['context']) => resources.map(resource => ({ action, resource, context }));
  return [
    ...launchOf({ deployed, request }),
    ...['GetMicrovm', 'TerminateMicrovm', 'CreateMicrovmAuthToken', 'DeleteMicrovmImage'].map(action => ({ action: `lambda:${action}`, resource: image })),
    ...on('lambda:RunMicrovm', [otherImage]),
    ...on('iam:PassRole', [otherRole]),
    ...on('lambda:PassNetworkConnector', [`${connector}:1`, otherConnector, managed('SHELL_INGRESS'), managed('INTERNET_EGRESS')]),
    ...on('ec2:CreateNetworkInterface', [
      ...subnetIds.map(id => arn('ec2', `subnet/${id}`)), arn('ec2', 'subnet/subnet-other'),
      arn('ec2', `security-group/${group}`), arn('ec2', 'security-group/sg-other'),
    ]),
    ...on('ec2:CreateNetworkInterface', [NETWORK_INTERFACE], { 'aws:TagKeys': ['aws:lambda:networkConnectorId'] }),
    ...on('ec2:CreateNetworkInterface', [NETWORK_INTERFACE], { 'aws:TagKeys': ['Name'] }),
    ...on('ec2:CreateNetworkInterface', [arn('ec2', `subnet/${subnetIds[0]}`)], FROM_FUNCTION),
    ...on('ec2:CreateTags', [NETWORK_INTERFACE], OPERATOR),
    ...on('ec2:CreateTags', [NETWORK_INTERFACE], { ...OPERATOR, 'ec2:CreateAction': 'RunInstances' }),
    ...on('s3:GetObject', [code, code.replace(/[^/]*$/, 'other.zip')]),
    ...on('s3:GetObject', [code], FROM_FUNCTION),
    ...on('logs:PutLogEvents', [...logStreams, arn('logs', 'log-group:other:log-stream:1')]),
    ...on('logs:PutLogEvents', logStreams, FROM_FUNCTION),
    ...on('logs:CreateLogGroup', [arn('logs', 'log-group:other')]),
  ];
}

/** Which roles may make each call. */
async function matrixOf(of: Deployment): Promise<string[][]> {
  const matrix: string[][] = [];
  for (const call of callsOf(of)) {
    const may: string[] = [];
    for (const role of ROLES) if (await allows(of.deployed.policiesOf(role), call)) may.push(role);
    matrix.push(may);
  }
  return matrix;
}

describe('the programs that are compared', () => {
  test.each(Object.entries(deployments))('%s: the caller may launch what it is told to', async (_, of) => {
    await expectAnswers(of.deployed.policiesOf('CallerServiceRole'), true, launchOf(of));
    expect(of.request.ingressNetworkConnectors).toEqual([managed('HTTP_INGRESS')]);
    expect(of.request.egressNetworkConnectors).toHaveLength(1);
  });

  test('each role written by hand may do what it may do by this library, and nothing else', async () => {
    const matrix = await matrixOf(deployments.ours);
    expect(await matrixOf(deployments.byHand)).toEqual(matrix);
    expect(new Set(matrix.flat())).toEqual(new Set(ROLES));
    expect(matrix.filter(may => may.length === 0).length).toBeGreaterThan(10);
  });

  test('each role written by hand can be assumed for what it can be assumed for by this library, and nothing else', async () => {
    for (const role of ROLES) {
      const answers = [];
      for (const { deployed, request } of [deployments.ours, deployments.byHand]) {
        const trust = deployed.resource('AWS::IAM::Role', role).Properties.AssumeRolePolicyDocument;
        const asked = ['sts:AssumeRole', 'sts:TagSession'].flatMap(action => [
          trusts(trust, 'lambda.amazonaws.com', action, { 'aws:SourceAccount': ACCOUNT, 'aws:SourceArn': request.imageIdentifier }),
          trusts(trust, 'lambda.amazonaws.com', action, { 'aws:SourceAccount': ACCOUNT, 'aws:SourceArn': otherImage }),
          trusts(trust, 'lambda.amazonaws.com', action, { 'aws:SourceAccount': '111122223333', 'aws:SourceArn': request.imageIdentifier }),
          trusts(trust, 'lambda.amazonaws.com', action),
        ]);
        answers.push(await Promise.all(asked));
      }
      expect([role, answers[1]]).toEqual([role, answers[0]]);
    }
  });

  test.each(['ours', 'quick', 'by-hand'])('%s: no code is on more lines than this repository would write it on', name => {
    expect(brokenWithoutNeed(path.join(__dirname, '..', '..', '..', 'tools', 'bench', 'constructs', `${name}.ts`))).toEqual([]);
  });
});

describe('the count of lines', () => {
  const program = (text: string) => {
    const file = path.join(directory, 'program.ts');
    writeFileSync(file, text);
    return file;
  };

  test('leaves out imports, comments, blank lines, and the heads and results of exported functions', () => {
    expect(linesOfCode(program([
      'import * as a from \'a\';', '', '/** A constant. */', 'const B = 1; // one', 'export function pair() {', '  // Makes one.', '  const c = a({',
      '    B,', '', '  });', '  return { c };', '}', 'function d() {', '  return B;', '}',
    ].join('\n')))).toBe(1 + 3 + 3);
  });

  test('finds code that would fit into one line', () => {
    expect(brokenWithoutNeed(program('const a = b({\n  c: [\n    1,\n    2,\n  ],\n});\n'))).toEqual(['const a = b({ c: [1, 2] });']);
    expect(brokenWithoutNeed(program(`const a = b({\n  c: '${'x'.repeat(140)}',\n});\n`))).toEqual([]);
  });
});
