import { CfnParameter, LegacyStackSynthesizer, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import {
  ALLOW_ALL, bound, DEVELOPER, documentsOf, expectOpen, expectTheTeamsAlone, functionArn, guardrail, ofStack, stackArn, TEAM, TEAM_PATH,
  teamApp, teamStack,
} from './guardrail-support';
import { testNetworkConnector } from './support';
import { AllowedNetworkConnectors, NetworkConnectorGuardrail, NetworkTeamSynthesizer } from '../../src';
import type { Question } from '../support/iam';
import { expectAnswers } from '../support/iam';
import { ACCOUNT, REGION, testApp } from '../support/stacks';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

/** A second attack on the guardrail: ways around its denies, and inputs that would leave gaps in them. */

const update = (...names: string[]): Question[] => names.flatMap(name => ['UpdateStack', 'CreateChangeSet', 'ExecuteChangeSet', 'DeleteStack']
  .map(action => ({ action: `cloudformation:${action}`, resource: stackArn(name) })));
const ec2 = (action: string, resource: string, context: Question['context']): Question =>
  ({ action: `ec2:${action}`, resource: `arn:aws:ec2:${REGION}:${ACCOUNT}:${resource}`, context });
const synthesizer = (networkTeamPath = TEAM_PATH) => new NetworkTeamSynthesizer({ networkTeamPath, qualifier: 'netteam' });
const documents = () => documentsOf(guardrail(teamStack(teamApp(), 'Network')));

describe('stacks that CloudFormation deploys with a role of the team', () => {
  test('include the bootstrap, whose parameters the next bootstrap uses again', async () => {
    const own = documentsOf(guardrail(teamStack(teamApp(), 'Network', 'netteam'), { networkTeamQualifiers: ['other'] }));
    await expectTheTeamsAlone(own, update('CDKToolkit-netteam', 'CDKToolkit-other'));
    await expectOpen(own, update('CDKToolkit', 'CDKToolkit-netteam2'));
  });

  test('include those without the path of the team', async () => {
    const app = testApp();
    const stack = (id: string) => new Stack(app, id, { env: { account: ACCOUNT, region: REGION }, synthesizer: synthesizer() });
    const network = stack('Network');
    NetworkConnectorGuardrail.applyNetworkTeamPath(network, TEAM_PATH);
    new lambda.CfnFunction(stack('Monitoring'), 'Probe', { code: { zipFile: 'x' }, role: TEAM });
    teamStack(app, 'Developers');
    const own = documentsOf(guardrail(network));
    await expectTheTeamsAlone(own, [
      ...update('Monitoring'),
      { action: 'lambda:UpdateFunctionCode', resource: functionArn('Monitoring-Probe-1A2B3C4D') },
    ]);
    await expectOpen(own, update('Developers'));
  });

  test.each([['none', []], ['those of another app', ['Vpc']]])('include those of the app, if the list of others has %s', async (_, networkTeamStacks) => {
    const app = teamApp();
    testNetworkConnector({}, teamStack(app, 'Connectors'));
    const own = documentsOf(guardrail(teamStack(app, 'Network'), { networkTeamStacks, networkTeamQualifiers: [] }));
    await expectTheTeamsAlone(own, [
      ...update('Network', 'Connectors', ...networkTeamStacks),
      { action: 'lambda:UpdateFunctionCode', resource: functionArn('Connectors-CdkLambdaMicrovmsHandler1234-QPvJLrG1d1mb') },
      { action: 's3:PutObject', resource: `arn:aws:s3:::cdk-netteam-assets-${ACCOUNT}-${REGION}/0123.zip` },
    ]);
  });

  test('take no room in the policies if a pattern matches their names', () => {
    const app = teamApp();
    ['Network1', 'Network2', 'Other'].forEach(name => teamStack(app, name));
    const { serviceControlPolicy } = documentsOf(guardrail(teamStack(app, 'Network'), { networkTeamStacks: ['Net?ork*'] }));
    const names = JSON.stringify(serviceControlPolicy).match(/:stack\/[^/]+/g);
    expect(names?.sort()).toEqual([':stack/CDKToolkit-netteam', ':stack/Net?ork*', ':stack/Net?ork*-*NestedStack*', ':stack/Other']);
  });

  test('are covered too if the list of others has characters of regular expressions', async () => {
    await expectTheTeamsAlone(documentsOf(guardrail(teamStack(teamApp(), 'Network'), { networkTeamStacks: ['N.+', '(', '[N]etwork'] })), update('Network'));
  });
});

describe('state machines of the team', () => {
  test('are the team\'s whatever their names are', async () => {
    const stack = teamStack(teamApp(), 'Network');
    new sfn.CfnStateMachine(stack, 'Named', { stateMachineName: 'approve', roleArn: TEAM });
    const own = documentsOf(guardrail(stack, { networkTeamStacks: ['Network*'] }));
    const arn = (kind: string, name: string) => `arn:aws:states:${REGION}:${ACCOUNT}:${kind}:${name}`;
    await expectTheTeamsAlone(own, [
      { action: 'states:UpdateStateMachine', resource: arn('stateMachine', 'approve') },
      { action: 'states:StartExecution', resource: arn('stateMachine', 'approve') },
      { action: 'states:DescribeExecution', resource: arn('execution', 'approve:1') },
    ]);
    await expectOpen(own, [
      { action: 'states:UpdateStateMachine', resource: arn('stateMachine', 'approve-dev') },
      { action: 'states:DescribeExecution', resource: arn('execution', 'approve-dev:1') },
    ]);
  });
});

describe('the account', () => {
  test.each(['LeaveOrganization', 'AcceptHandshake'])('is not taken out of the service control policy with %s', async name => {
    const { serviceControlPolicy, boundary } = documents();
    const handshake = 'arn:aws:organizations::111122223333:handshake/o-1234567890/invite/h-12345678';
    const question = { action: `organizations:${name}`, resource: name === 'AcceptHandshake' ? handshake : '*' };
    for (const principal of [DEVELOPER, TEAM]) await expectAnswers([ALLOW_ALL], false, [question], { principal, serviceControlPolicy });
    await expectAnswers([ALLOW_ALL], true, [question], { principal: DEVELOPER, boundary });
  });
});

describe('identity providers', () => {
  const saml = (name: string) => `arn:aws:iam::${ACCOUNT}:saml-provider/${name}`;
  const change = (name: string): Question[] => ['UpdateSAMLProvider', 'DeleteSAMLProvider'].map(action => ({ action: `iam:${action}`, resource: saml(name) }));

  test('of IAM Identity Center are the team\'s, because whoever changes them signs in with every permission set', async () => {
    const own = documentsOf(guardrail(teamStack(teamApp(), 'Network'), { networkTeamPermissionSets: ['NetworkTeam'] }));
    const provider = 'AWSSSO_0123456789abcdef_DO_NOT_DELETE';
    await expectTheTeamsAlone(own, [...change(provider), { action: 'iam:CreateSAMLProvider', resource: saml(provider) }]);
    await expectOpen(own, [{ action: 'iam:GetSAMLProvider', resource: saml(provider) }, { action: 'iam:CreateSAMLProvider', resource: saml('mine') }]);
    await expectAnswers([ALLOW_ALL], true, change('mine'), { principal: DEVELOPER, serviceControlPolicy: own.serviceControlPolicy });
  });

  test('through which others get roles without the boundary cannot be changed under the boundary', async () => {
    const { boundary } = documents();
    await expectAnswers([ALLOW_ALL], false, change('Company'), { principal: DEVELOPER, boundary });
    await expectAnswers([ALLOW_ALL], true, [
      { action: 'iam:CreateOpenIDConnectProvider', resource: `arn:aws:iam::${ACCOUNT}:oidc-provider/mine.example.com` },
      { action: 'iam:UpdateAssumeRolePolicy', resource: `arn:aws:iam::${ACCOUNT}:role/mine`, context: bound() },
    ], { principal: DEVELOPER, boundary });
  });
});

test('the boundary denies keys for the repositories of other users', async () => {
  const { boundary } = documents();
  await expectAnswers([ALLOW_ALL], false, [{ action: 'iam:UploadSSHPublicKey', resource: `arn:aws:iam::${ACCOUNT}:user/admin` }], { principal: DEVELOPER, boundary });
});

describe('what a connector reaches', () => {
  const OF_CONNECTOR = { 'aws:ResourceTag/aws:lambda:networkConnectorId': 'nc-1' };

  test('does not change with its network interfaces', async () => {
    const own = documents();
    await expectTheTeamsAlone(own, [
      ec2('ModifyNetworkInterfaceAttribute', 'network-interface/eni-1', OF_CONNECTOR),
      ec2('AssociateAddress', 'network-interface/eni-1', OF_CONNECTOR),
      ec2('AssignPrivateIpAddresses', 'network-interface/eni-1', OF_CONNECTOR),
      ec2('CreateTrafficMirrorSession', 'network-interface/eni-1', OF_CONNECTOR),
      ec2('CreateNetworkInterfacePermission', 'network-interface/eni-1', OF_CONNECTOR),
    ]);
    await expectOpen(own, [
      ec2('ModifyNetworkInterfaceAttribute', 'network-interface/eni-2', {}),
      ec2('AssociateAddress', 'network-interface/eni-2', ofStack('Developers')),
    ]);
  });

  test('does not change with routes that a VPN propagates, or with tags by which subnets are found', async () => {
    const own = documents();
    const changes: [string, string][] = [
      ['CreateVpnConnection', 'vpn-gateway/vgw-1'], ['CreateVpnConnection', 'transit-gateway/tgw-1'], ['ModifyVpnConnection', 'vpn-connection/vpn-1'],
      ['CreateTags', 'subnet/subnet-1'], ['DeleteTags', 'vpc/vpc-1'],
    ];
    await expectTheTeamsAlone(own, changes.map(([action, resource]) => ec2(action, resource, ofStack('Network'))));
    await expectOpen(own, [
      ...changes.map(([action, resource]) => ec2(action, resource, ofStack('Developers'))),
      ec2('CreateTags', 'network-interface/eni-2', {}),
      ec2('RunInstances', 'security-group/sg-1', ofStack('Network')),
    ]);
  });
});

describe('mistakes of the team fail at synth:', () => {
  const network = (path: string) => new Stack(testApp(), 'Network', { env: { account: ACCOUNT, region: REGION }, synthesizer: synthesizer(path) });
  const synthesize = (stack: Stack) => () => (stack.node.root as ReturnType<typeof testApp>).synth();

  test.each([
    `arn:aws:lambda:${REGION}:aws:network-connector:aws-network-connector:HTTP_INGRESS`,
    `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-*`,
    `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-1:2`,
  ])('the list of connectors has %s', arn => {
    const stack = teamStack(teamApp(), 'Network');
    const connector = { networkConnectorRef: { networkConnectorArn: arn } } as lambda.INetworkConnectorRef;
    expect(() => guardrail(stack, { allowed: AllowedNetworkConnectors.only(connector) })).toThrow(/allowed: 'arn.*' is not the ARN of a network connector/);
  });

  test.each(['/aws-reserved/', '/aws-service-role/lambda.amazonaws.com/', '/service-role/'])('AWS creates roles for others under the path %s', networkTeamPath => {
    expect(() => guardrail(teamStack(testApp(), 'Network'), { networkTeamPath })).toThrow(/networkTeamPath: AWS creates roles for others/);
    expect(() => synthesizer(networkTeamPath)).toThrow(/networkTeamPath: AWS creates roles for others/);
  });

  test('the path is a token, which neither names nor comparisons of paths resolve', () => {
    const stack = teamStack(testApp(), 'Network');
    const path = new CfnParameter(stack, 'Path').valueAsString;
    expect(() => NetworkConnectorGuardrail.applyNetworkTeamPath(stack, path)).toThrow(/networkTeamPath: the path is an unresolved token/);
  });

  test('the guardrail has another path than its stack', () => {
    const stack = teamStack(teamApp(), 'Network');
    guardrail(stack, { networkTeamPath: '/other/' });
    expect(synthesize(stack)).toThrow(/networkTeamPath: '\/other\/' does not contain '\/network-team\/'/);
  });

  test('the synthesizer has another path than the stack', () => {
    const stack = network('/other/');
    NetworkConnectorGuardrail.applyNetworkTeamPath(stack, TEAM_PATH);
    expect(synthesize(stack)).toThrow(/networkTeamPath: the synthesizer of stack 'Network' has the path '\/other\/'/);
  });

  test('a stack is deployed with the legacy synthesizer, which uses the shared bootstrap', () => {
    const stack = new Stack(testApp(), 'Network', { synthesizer: new LegacyStackSynthesizer() });
    NetworkConnectorGuardrail.applyNetworkTeamPath(stack, TEAM_PATH);
    expect(synthesize(stack)).toThrow(/NetworkTeamBootstrapShared/);
  });

  test('a path below the path of the team does not fail', () => {
    const stack = network(`${TEAM_PATH}bootstrap/`);
    NetworkConnectorGuardrail.applyNetworkTeamPath(stack, TEAM_PATH);
    guardrail(stack);
    expect(synthesize(stack)).not.toThrow();
  });
});
