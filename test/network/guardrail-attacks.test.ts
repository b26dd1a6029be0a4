import { CfnStack, NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import {
  ALLOW_ALL, bound, DEVELOPER, documentsOf, expectOpen, expectTheTeamsAlone, functionArn, guardrail, ofStack, role, stackArn, TEAM, TEAM_PATH,
  teamApp, teamStack,
} from './guardrail-support';
import { testNetworkConnector } from './support';
import { NetworkConnectorGuardrail, NetworkTeamSynthesizer } from '../../src';
import type { Bounds, Question } from '../support/iam';
import { allows, expectAnswers } from '../support/iam';
import { ACCOUNT, REGION, testApp } from '../support/stacks';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

/** What an attacker with all other permissions may do under a guardrail, by simulation. */

function stateMachineNames(stack: Stack): string[] {
  const machines = Template.fromStack(stack).findResources('AWS::StepFunctions::StateMachine');
  return Object.values(machines).map(({ Properties }) => Properties.StateMachineName as string);
}

describe('the code of the team', () => {
  const object = (qualifier: string) => `arn:aws:s3:::cdk-${qualifier}-assets-${ACCOUNT}-${REGION}/0123.zip`;

  test('is in a bucket that only the team writes, if its bootstrap has a qualifier of its own', async () => {
    const documents = documentsOf(guardrail(teamStack(teamApp(), 'Network', 'netteam')));
    await expectTheTeamsAlone(documents, [
      { action: 's3:PutObject', resource: object('netteam') },
      { action: 's3:DeleteObjectVersion', resource: object('netteam') },
      { action: 's3:PutBucketPolicy', resource: `arn:aws:s3:::cdk-netteam-assets-${ACCOUNT}-${REGION}` },
      { action: 'ecr:SetRepositoryPolicy', resource: `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/cdk-netteam-container-assets-${ACCOUNT}-${REGION}` },
      { action: 'ecr:PutImage', resource: `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/cdk-netteam-container-assets-${ACCOUNT}-${REGION}` },
      { action: 'ssm:PutParameter', resource: `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/cdk-bootstrap/netteam/version` },
      { action: 'cloudformation:UpdateStack', resource: stackArn('CDKToolkit-netteam') },
      { action: 'cloudformation:CreateChangeSet', resource: stackArn('CDKToolkit-netteam') },
    ]);
    await expectOpen(documents, [
      { action: 's3:GetObject', resource: object('netteam') },
      { action: 's3:PutObject', resource: object('hnb659fds') },
      { action: 's3:PutObject', resource: object('netteamx') },
    ]);
  });

  test('is in the buckets of the qualifiers that the guardrail is given', async () => {
    const documents = documentsOf(guardrail(teamStack(testApp(), 'Guard'), { networkTeamQualifiers: ['net1', 'net2'] }));
    await expectTheTeamsAlone(documents, ['net1', 'net2'].map(qualifier => ({ action: 's3:PutObject', resource: object(qualifier) })));
  });
});

describe('executions of the team\'s state machines', () => {
  const machines = (kind: string, name: string) => `arn:aws:states:${REGION}:${ACCOUNT}:${kind}:${name}`;

  test('can be neither read nor started nor stopped by others', async () => {
    const stack = teamStack(teamApp(), 'Network');
    testNetworkConnector({}, stack);
    const documents = documentsOf(guardrail(stack));
    const [name] = stateMachineNames(stack);
    expect(name).toMatch(/^network-team-Network-CdkLambdaMicrovms.*-[0-9A-F]{8}$/);
    await expectTheTeamsAlone(documents, [
      { action: 'states:DescribeExecution', resource: machines('execution', `${name}:1`) },
      { action: 'states:GetExecutionHistory', resource: machines('execution', `${name}:1`) },
      { action: 'states:StopExecution', resource: machines('execution', `${name}:1`) },
      { action: 'states:RedriveExecution', resource: machines('execution', `${name}:1`) },
      { action: 'states:StartExecution', resource: machines('stateMachine', name) },
      { action: 'states:UpdateStateMachine', resource: machines('stateMachine', name) },
    ]);
    await expectOpen(documents, [
      { action: 'states:DescribeStateMachine', resource: machines('stateMachine', name) },
      { action: 'states:ListExecutions', resource: machines('stateMachine', name) },
      { action: 'states:DescribeExecution', resource: machines('execution', 'mine:1') },
    ]);
  });

  test('have names of at most 80 characters that differ between stacks, also with a long path', () => {
    const path = `/${'platform/'.repeat(12)}`;
    const app = testApp();
    NetworkConnectorGuardrail.applyNetworkTeamPath(app, path);
    const names = ['A', 'B'].flatMap(id => {
      const stack = teamStack(app, id);
      testNetworkConnector({}, stack);
      return [stack];
    }).flatMap(stateMachineNames);
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9-]{1,80}$/);
  });
});

describe('the network of the team\'s stacks', () => {
  const ec2 = (resource: string) => `arn:aws:ec2:${REGION}:${ACCOUNT}:${resource}`;
  const [group, table, acl, subnet, vpc] = ['security-group/sg-1', 'route-table/rtb-1', 'network-acl/acl-1', 'subnet/subnet-1', 'vpc/vpc-1'].map(ec2);
  const changes: [string, string][] = [
    ['AuthorizeSecurityGroupEgress', group], ['AuthorizeSecurityGroupIngress', group], ['RevokeSecurityGroupEgress', group],
    ['ModifySecurityGroupRules', group], ['UpdateSecurityGroupRuleDescriptionsEgress', group], ['DeleteSecurityGroup', group],
    ['CreateRoute', table], ['ReplaceRoute', table], ['DeleteRoute', table], ['ReplaceRouteTableAssociation', table], ['AssociateRouteTable', table],
    ['CreateNetworkAclEntry', acl], ['ReplaceNetworkAclEntry', acl], ['ReplaceNetworkAclAssociation', acl],
    ['DeleteSubnet', subnet], ['ModifySubnetAttribute', subnet], ['AssociateRouteTable', subnet],
    ['AttachInternetGateway', vpc], ['ModifyVpcAttribute', vpc], ['AssociateDhcpOptions', vpc], ['CreateVpcEndpoint', vpc],
    ['DeleteNatGateway', ec2('natgateway/nat-1')], ['DetachInternetGateway', ec2('internet-gateway/igw-1')],
    ['ModifyManagedPrefixList', ec2('prefix-list/pl-1')],
  ];

  test.each(['Network', 'Network-RulesNestedStackRulesNestedStackResource1A2B3C4D-1XYZ'])('is the team\'s if CloudFormation tags it with %s', async name => {
    const stack = teamStack(teamApp(), 'Network');
    new NestedStack(stack, 'Rules');
    const documents = documentsOf(guardrail(stack, { networkTeamStacks: ['Network'] }));
    await expectTheTeamsAlone(documents, changes.map(([action, resource]) => ({ action: `ec2:${action}`, resource, context: ofStack(name) })));
  });

  test('can still be used', async () => {
    const documents = documentsOf(guardrail(teamStack(teamApp(), 'Network')));
    await expectOpen(documents, [
      { action: 'ec2:RunInstances', resource: subnet, context: ofStack('Network') },
      { action: 'ec2:CreateNetworkInterface', resource: group, context: ofStack('Network') },
      { action: 'ec2:CreateSecurityGroup', resource: vpc, context: ofStack('Network') },
    ]);
  });

  test('is open to its owner if it belongs to another stack', async () => {
    const documents = documentsOf(guardrail(teamStack(teamApp(), 'Network')));
    await expectOpen(documents, changes.map(([action, resource]) => ({ action: `ec2:${action}`, resource, context: ofStack('Network-dev') })));
  });
});

describe('stacks and functions of the team', () => {
  const LONG = 'platform-network-connectors-production';
  const change = (name: string): Question[] => ['UpdateFunctionCode', 'UpdateFunctionConfiguration', 'InvokeFunction', 'AddPermission']
    .map(action => ({ action: `lambda:${action}`, resource: functionArn(name) }));
  const update = (name: string): Question[] => ['UpdateStack', 'CreateChangeSet', 'ExecuteChangeSet', 'DeleteStack', 'SetStackPolicy']
    .map(action => ({ action: `cloudformation:${action}`, resource: stackArn(name) }));

  test('are the team\'s, however long the names are', async () => {
    const stack = teamStack(teamApp(), LONG);
    testNetworkConnector({}, stack);
    new lambda.CfnFunction(stack, 'Restricts', { code: { zipFile: 'x' }, role: TEAM });
    const documents = documentsOf(guardrail(stack));
    await expectTheTeamsAlone(documents, [
      ...change('platform-network-connecto-CdkLambdaMicrovmsHandler-QPvJLrG1d1mb'),
      ...change('platform-network-connecto-CdkLambdaMicrovmsProvide-QPvJLrG1d1mb'),
      ...change('platform-network-connectors-production-Restricts-QPvJLrG1d1mb'),
      ...change('platform-network-connecto-Restricts-QPvJLrG1d1mb'),
      ...update(LONG),
    ]);
  });

  test('are the team\'s by their tag, whatever their names are', async () => {
    const documents = documentsOf(guardrail(teamStack(teamApp(), 'Network')));
    await expectTheTeamsAlone(documents, [
      { action: 'lambda:UpdateFunctionCode', resource: functionArn('named'), context: ofStack('Network') },
      { action: 'lambda:InvokeFunction', resource: functionArn('named'), context: ofStack('Network') },
    ]);
  });

  test('are the team\'s in nested stacks', async () => {
    const stack = teamStack(teamApp(), 'Network');
    const nested = new NestedStack(stack, 'Inner');
    testNetworkConnector({}, nested);
    const deeper = new NestedStack(nested, 'Deeper');
    new iam.Role(deeper, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    new CfnStack(stack, 'Raw', { templateUrl: 'https://example.com' });
    const documents = documentsOf(guardrail(stack));
    const inner = 'Network-InnerNestedStackInnerNestedStackResource745E041B';
    expect(JSON.stringify(documents.boundary)).toContain(`:stack/${inner}*/*`);
    await expectTheTeamsAlone(documents, [
      ...update(`${inner}-1A2B3C4D5E6F`),
      ...update(`${inner}-1A2B3C4D5E6F-DeeperNestedStackDeeperNestedStackResource-1A2B3C`),
      ...update('Network-Raw-1A2B3C4D5E6F'),
      ...change('Network-InnerNestedStackI-CdkLambdaMicrovmsHandler-QPvJLrG1d1mb'),
    ]);
  });

  test('are by default all of the app that are under the path, or create connectors', async () => {
    const app = testApp();
    const guard = teamStack(app, 'Guard');
    const connectors = teamStack(app, 'Connectors');
    testNetworkConnector({}, connectors);
    const underPath = teamStack(app, 'Vpc');
    NetworkConnectorGuardrail.applyNetworkTeamPath(underPath, TEAM_PATH);
    const rail = guardrail(guard);
    // Stacks that the app creates after the guardrail count too.
    const later = teamStack(app, 'Later');
    NetworkConnectorGuardrail.applyNetworkTeamPath(later, TEAM_PATH);
    teamStack(app, 'Developers');
    const documents = documentsOf(rail);
    await expectTheTeamsAlone(documents, ['Guard', 'Connectors', 'Vpc', 'Later'].flatMap(update));
    await expectTheTeamsAlone(documents, change('Connectors-CdkLambdaMicrovmsHandler1234-QPvJLrG1d1mb'));
    await expectOpen(documents, update('Developers'));
  });

  test('do not include a developer\'s stack with a similar name', async () => {
    for (const props of [{}, { networkTeamStacks: ['Network'] }]) {
      const app = teamApp();
      const own = teamStack(app, 'Network');
      testNetworkConnector({}, own);
      await expectOpen(documentsOf(guardrail(own, props)), [
        ...update('Network-dev'),
        ...change('Network-dev-CdkLambdaMicrovmsHandler1234-QPvJLrG1d1mb'),
        { action: 'lambda:CreateFunction', resource: functionArn('Network-dev-Backend-QPvJLrG1d1mb') },
      ]);
    }
  });
});

describe('roles and policies', () => {
  const documents = () => documentsOf(guardrail(teamStack(teamApp(), 'Network')));

  test('of the team, and the boundary, are read by others and changed by nobody else', async () => {
    const found = documents();
    expect(found.denyPolicyPath).toBe(TEAM_PATH);
    const policy = `arn:aws:iam::${ACCOUNT}:policy${TEAM_PATH}Network-GuardrailDenyPolicy-1`;
    await expectTheTeamsAlone(found, [
      { action: 'sts:AssumeRole', resource: TEAM },
      { action: 'iam:PassRole', resource: TEAM },
      { action: 'iam:UpdateAssumeRolePolicy', resource: TEAM, context: bound() },
      { action: 'iam:CreateRole', resource: role('mine', TEAM_PATH), context: bound() },
      { action: 'iam:CreatePolicyVersion', resource: policy },
      { action: 'iam:SetDefaultPolicyVersion', resource: `arn:aws:iam::${ACCOUNT}:policy/developer-boundary` },
      { action: 'iam:DeletePolicy', resource: `arn:aws:iam::${ACCOUNT}:policy/developer-boundary` },
    ]);
    await expectOpen(found, [{ action: 'iam:GetRole', resource: TEAM }, { action: 'iam:GetPolicyVersion', resource: policy }]);
  });

  test.each(['DetachRolePolicy', 'DetachUserPolicy', 'DetachGroupPolicy'])('of the team cannot be detached with %s by those that the deny policy binds', async name => {
    const { denyPolicy } = documents();
    const kind = name.slice('Detach'.length, -'Policy'.length).toLowerCase();
    const question = (path: string) => ({
      action: `iam:${name}`, resource: `arn:aws:iam::${ACCOUNT}:${kind}/x`, context: { 'iam:PolicyARN': `arn:aws:iam::${ACCOUNT}:policy${path}Deny` },
    });
    expect(await allows([ALLOW_ALL, denyPolicy], question(TEAM_PATH))).toBe(false);
    expect(await allows([ALLOW_ALL, denyPolicy], question('/'))).toBe(true);
  });

  test.each([
    'CreateRole', 'PutRolePolicy', 'AttachRolePolicy', 'DetachRolePolicy', 'DeleteRolePolicy', 'UpdateAssumeRolePolicy', 'PutRolePermissionsBoundary',
  ])('without the boundary cannot be changed by %s under the boundary', async name => {
    const { boundary } = documents();
    const question = (context: Question['context']) => ({ action: `iam:${name}`, resource: role('any'), context });
    await expectAnswers([ALLOW_ALL], false, [question({}), question(bound('other'))], { principal: DEVELOPER, boundary });
    await expectAnswers([ALLOW_ALL], true, [question(bound())], { principal: DEVELOPER, boundary });
  });

  test('of groups and credentials of others cannot be changed under the boundary', async () => {
    const { boundary } = documents();
    const group = `arn:aws:iam::${ACCOUNT}:group/admins`;
    const user = (name: string) => `arn:aws:iam::${ACCOUNT}:user/${name}`;
    const asBob: Bounds = { principal: user('bob'), boundary };
    const bob = { 'aws:username': 'bob' };
    await expectAnswers([ALLOW_ALL], false, [
      ...['AddUserToGroup', 'PutGroupPolicy', 'AttachGroupPolicy', 'DetachGroupPolicy', 'DeleteGroupPolicy', 'RemoveUserFromGroup']
        .map(name => ({ action: `iam:${name}`, resource: group })),
      ...['CreateAccessKey', 'CreateLoginProfile', 'UpdateLoginProfile', 'CreateServiceSpecificCredential', 'UploadSigningCertificate']
        .map(name => ({ action: `iam:${name}`, resource: user('admin'), context: bob })),
      { action: 'iam:CreateAccessKey', resource: user('adminbob'), context: bob },
    ], asBob);
    await expectAnswers([ALLOW_ALL], true, [
      { action: 'iam:CreateAccessKey', resource: user('bob'), context: bob },
      { action: 'iam:CreateAccessKey', resource: user('staff/bob'), context: bob },
      { action: 'iam:GetGroup', resource: group },
    ], asBob);
    await expectAnswers([ALLOW_ALL], false, [{ action: 'iam:CreateAccessKey', resource: user('admin') }], { principal: DEVELOPER, boundary });
  });
});

describe('people of the team', () => {
  const permissionSet = (name: string, region = '') => `arn:aws:iam::${ACCOUNT}:role/aws-reserved/sso.amazonaws.com/${region}AWSReservedSSO_${name}`;
  const HASH = '0123456789abcdef';

  test('come in by a permission set, and by nothing that looks like one', async () => {
    const { serviceControlPolicy } = documentsOf(guardrail(teamStack(teamApp(), 'Network'), { networkTeamPermissionSets: ['NetworkTeam'] }));
    const assume = [{ action: 'sts:AssumeRole', resource: TEAM }];
    for (const principal of [permissionSet(`NetworkTeam_${HASH}`), permissionSet(`NetworkTeam_${HASH}`, 'eu-west-1/')]) {
      await expectAnswers([ALLOW_ALL], true, assume, { principal, serviceControlPolicy });
      await expectAnswers([ALLOW_ALL], false, [{ action: 'lambda:CreateNetworkConnector', resource: `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-1` }],
        { principal, serviceControlPolicy });
    }
    for (const principal of [
      permissionSet(`NetworkTeam_Readers_${HASH}`), permissionSet(`Developers_${HASH}`), role(`AWSReservedSSO_NetworkTeam_${HASH}`), DEVELOPER,
    ]) await expectAnswers([ALLOW_ALL], false, assume, { principal, serviceControlPolicy });
  });

  test('come in by the permission sets of the synthesizer', async () => {
    const synthesizer = new NetworkTeamSynthesizer({ networkTeamPath: TEAM_PATH, qualifier: 'netteam', permissionSets: ['NetworkTeam'] });
    const { serviceControlPolicy } = documentsOf(guardrail(new Stack(teamApp(), 'Network', { env: { account: ACCOUNT, region: REGION }, synthesizer })));
    const assume = [{ action: 'sts:AssumeRole', resource: TEAM }];
    await expectAnswers([ALLOW_ALL], true, assume, { principal: permissionSet(`NetworkTeam_${HASH}`), serviceControlPolicy });
    await expectAnswers([ALLOW_ALL], false, assume, { principal: permissionSet(`Developers_${HASH}`), serviceControlPolicy });
  });

  test.each(['*', 'Network?', 'a/b', ''])('do not come in by a permission set named %p', name => {
    expect(() => guardrail(teamStack(teamApp(), 'Network'), { networkTeamPermissionSets: [name] })).toThrow(/networkTeamPermissionSets: .*NetworkConnectorGuardrailInvalid/);
  });

  test('come in by identity providers that nobody else can change', async () => {
    const [saml, oidc] = [`arn:aws:iam::${ACCOUNT}:saml-provider/Company`, `arn:aws:iam::${ACCOUNT}:oidc-provider/ci.example.com`];
    const documents = documentsOf(guardrail(teamStack(teamApp(), 'Network'), { networkTeamIdentityProviders: [saml, oidc] }));
    await expectTheTeamsAlone(documents, [
      { action: 'iam:UpdateSAMLProvider', resource: saml },
      { action: 'iam:DeleteSAMLProvider', resource: saml },
      { action: 'iam:UpdateOpenIDConnectProviderThumbprint', resource: oidc },
      { action: 'iam:AddClientIDToOpenIDConnectProvider', resource: oidc },
    ]);
    await expectOpen(documents, [{ action: 'iam:CreateOpenIDConnectProvider', resource: `arn:aws:iam::${ACCOUNT}:oidc-provider/mine.example.com` }]);
  });
});
