import { dirname, join } from 'node:path';
import { App, CliCredentialsStackSynthesizer, NestedStack, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { AllowedNetworkConnectors, NetworkConnector, NetworkConnectorCatalog, NetworkConnectorGrants, NetworkConnectorGuardrail } from '../../src';
import type { Bounds, Question } from '../../test/support/iam';
import { allows } from '../../test/support/iam';
import { ACCOUNT, REGION } from '../../test/support/stacks';
import { ResolvedTemplate } from '../../test/support/template';

/** What each person may do with the connectors of a network team, by simulation of the synthesized policies. */

const TEAM_PATH = '/network-team/';
const BOUNDARY = 'developer-boundary';
const QUALIFIER = 'netteam';
const PERMISSION_SET = 'NetworkTeam';
const IDENTITY_PROVIDER = `arn:aws:iam::${ACCOUNT}:saml-provider/Company`;
const ALLOW_ALL = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

/** A stack that the CDK nests in the stack `Network`, as CloudFormation names it. */
const NESTED = 'Network-InnerNestedStackInnerNestedStackResource745E041B-1A2B3C4D5E6F';
const SUBNET = 'subnet-0123456789abcdef1';
const GROUP = 'sg-0123456789abcdef1';
const TAGS = { owner: 'network' };

export interface Person {
  readonly name: string;
  readonly policies: any[];
  readonly bounds: Bounds;
}

export interface Ask extends Question {
  readonly what: string;
}

/** Whether each person may do each thing, in their orders. */
export interface Matrix {
  readonly persons: string[];
  readonly rows: { readonly what: string; readonly may: boolean[] }[];
}

const role = (name: string, path = '/') => `arn:aws:iam::${ACCOUNT}:role${path}${name}`;

/** The persons, with what the network team's app gives them. */
export function persons(): { readonly persons: Person[]; readonly published: string } {
  const app = new App({ analyticsReporting: false });
  NetworkConnectorGuardrail.applyNetworkTeamPath(app, TEAM_PATH);
  const stack = new Stack(app, 'Network', {
    env: { account: ACCOUNT, region: REGION }, synthesizer: new CliCredentialsStackSynthesizer({ qualifier: QUALIFIER }),
  });
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-0123456789abcdef1', availabilityZones: ['a'], privateSubnetIds: [SUBNET] });
  const group = ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', GROUP, { allowAllOutbound: false });
  const internal = new NetworkConnector(stack, 'Internal', { vpc, securityGroups: [group], tags: TAGS });
  const catalog = new NetworkConnectorCatalog(stack, 'Catalog', { catalogName: 'platform' });
  catalog.add('internal', internal);

  const developer = new iam.Role(stack, 'Developer', { assumedBy: new iam.AccountRootPrincipal() });
  catalog.grantUse(developer);
  const member = new iam.Role(stack, 'Member', { assumedBy: new iam.AccountRootPrincipal() });
  NetworkConnectorGrants.create(stack, member, {
    subnets: vpc.privateSubnets, securityGroups: [group], operatorRoles: [internal.operatorRole], requiredTags: TAGS,
  });
  internal.grantManage(member);
  const guardrail = new NetworkConnectorGuardrail(stack, 'Guardrail', {
    allowed: AllowedNetworkConnectors.only(internal),
    networkTeamPath: TEAM_PATH,
    boundaryName: BOUNDARY,
    networkTeamPermissionSets: [PERMISSION_SET],
    networkTeamIdentityProviders: [IDENTITY_PROVIDER],
  });
  void guardrail.denyPolicy;
  new NestedStack(stack, 'Inner');

  const deployed = ResolvedTemplate.stack(stack);
  const boundary = deployed.resource('AWS::IAM::ManagedPolicy', 'GuardrailBoundary').Properties.PolicyDocument;
  const denyPolicy = deployed.resource('AWS::IAM::ManagedPolicy', 'GuardrailDenyPolicy').Properties.PolicyDocument;
  const serviceControlPolicy = deployed.resolve(stack.resolve(guardrail.scpDocument));
  const permissionSet = role(`AWSReservedSSO_${PERMISSION_SET}_0123456789abcdef`, '/aws-reserved/sso.amazonaws.com/eu-west-1/');
  return {
    published: deployed.resolve(stack.resolve(internal.networkConnectorArn)),
    persons: [
      { name: 'developer with grant', policies: deployed.policiesOf('Developer'), bounds: { principal: role('developer') } },
      { name: 'administrator under boundary', policies: [ALLOW_ALL], bounds: { principal: role('administrator'), boundary } },
      { name: 'role that this administrator creates', policies: [ALLOW_ALL], bounds: { principal: role('made'), boundary } },
      { name: 'administrator under SCP', policies: [ALLOW_ALL], bounds: { principal: role('administrator'), serviceControlPolicy } },
      { name: 'administrator with deny policy', policies: [ALLOW_ALL, denyPolicy], bounds: { principal: role('administrator') } },
      { name: 'deploy role of developers under boundary', policies: deployRolePolicies(), bounds: { principal: role('cdk-hnb659fds-deploy-role'), boundary } },
      { name: 'permission set of network team', policies: [ALLOW_ALL], bounds: { principal: permissionSet, serviceControlPolicy } },
      { name: 'network team member', policies: deployed.policiesOf('Member'), bounds: { principal: role('member', TEAM_PATH), serviceControlPolicy } },
      { name: 'network team deployment', policies: [ALLOW_ALL], bounds: { principal: role('deployment', TEAM_PATH), serviceControlPolicy } },
      { name: 'stranger', policies: [], bounds: { principal: role('stranger') } },
    ],
  };
}

/** The policies of the deploy role of the bootstrap that comes with the CDK CLI. Every developer can assume it. */
function deployRolePolicies(): any[] {
  const stack = new Stack(new App({ analyticsReporting: false }), 'CDKToolkit');
  const templateFile = join(dirname(require.resolve('aws-cdk/package.json')), 'lib', 'api', 'bootstrap', 'bootstrap-template.yaml');
  new CfnInclude(stack, 'Bootstrap', { templateFile });
  return ResolvedTemplate.stack(stack).policiesOf('DeploymentActionRole');
}

/** What is asked, each with the context that the service presents. */
export function asks(published: string): Ask[] {
  const lambda = (rest: string) => `arn:aws:lambda:${REGION}:${ACCOUNT}:${rest}`;
  const managed = (name: string) => `arn:aws:lambda:${REGION}:aws:network-connector:aws-network-connector:${name}`;
  const other = lambda(`network-connector:nc-${'0'.repeat(36)}`);
  const image = lambda('microvm-image:sandbox');
  const requestTags = Object.fromEntries(Object.entries(TAGS).map(([key, value]) => [`aws:RequestTag/${key}`, value]));
  const creation = { 'lambda:SubnetIds': [SUBNET], 'lambda:SecurityGroupIds': [GROUP], ...requestTags };
  const boundary = `arn:aws:iam::${ACCOUNT}:policy/${BOUNDARY}`;
  const bound = { 'iam:PermissionsBoundary': boundary };
  const anyPolicy = { 'iam:PolicyARN': `arn:aws:iam::${ACCOUNT}:policy/any` };
  const teamPolicy = { 'iam:PolicyARN': `arn:aws:iam::${ACCOUNT}:policy${TEAM_PATH}Network-GuardrailDenyPolicy-1` };
  const stackArn = (name: string) => `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/${name}/1`;
  const states = (rest: string) => `arn:aws:states:${REGION}:${ACCOUNT}:${rest}`;
  const ec2Arn = (rest: string) => `arn:aws:ec2:${REGION}:${ACCOUNT}:${rest}`;
  const teamStack = { 'aws:ResourceTag/aws:cloudformation:stack-name': 'Network' };
  const pass = (resource: string) => ({ action: 'lambda:PassNetworkConnector', resource });
  return [
    { what: 'use the published connector', ...pass(published) },
    { what: 'use a version of it', ...pass(`${published}:2`) },
    { what: 'use another connector', ...pass(other) },
    { what: 'use the managed HTTP_INGRESS', ...pass(managed('HTTP_INGRESS')) },
    { what: 'use the managed NO_INGRESS', ...pass(managed('NO_INGRESS')) },
    { what: 'use the managed ALL_INGRESS', ...pass(managed('ALL_INGRESS')) },
    { what: 'use the managed SHELL_INGRESS', ...pass(managed('SHELL_INGRESS')) },
    { what: 'use the managed INTERNET_EGRESS', ...pass(managed('INTERNET_EGRESS')) },
    { what: 'read the published connector', action: 'lambda:GetNetworkConnector', resource: published },
    { what: 'read another connector', action: 'lambda:GetNetworkConnector', resource: other },
    { what: 'create a connector in the team\'s subnets', action: 'lambda:CreateNetworkConnector', resource: other, context: creation },
    { what: 'create one without the required tags', action: 'lambda:CreateNetworkConnector', resource: other, context: { ...creation, 'aws:RequestTag/owner': 'me' } },
    { what: 'create one in another subnet', action: 'lambda:CreateNetworkConnector', resource: other, context: { ...creation, 'lambda:SubnetIds': [SUBNET, 'subnet-other'] } },
    { what: 'create one without security groups', action: 'lambda:CreateNetworkConnector', resource: other, context: { 'lambda:SubnetIds': [SUBNET], ...requestTags } },
    { what: 'update the published connector', action: 'lambda:UpdateNetworkConnector', resource: published },
    { what: 'delete the published connector', action: 'lambda:DeleteNetworkConnector', resource: published },
    { what: 'delete another connector', action: 'lambda:DeleteNetworkConnector', resource: other },
    { what: 'tag the published connector', action: 'lambda:TagResource', resource: published, context: { 'aws:RequestTag/x': 'y', 'aws:TagKeys': ['x'] } },
    { what: 'untag the published connector', action: 'lambda:UntagResource', resource: published, context: { 'aws:TagKeys': ['x'] } },
    { what: 'read the catalog', action: 'ssm:GetParameters', resource: `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/network-connectors/platform/internal` },
    { what: 'write into the catalog', action: 'ssm:PutParameter', resource: `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/network-connectors/platform/mine` },
    { what: 'assume a role of the network team', action: 'sts:AssumeRole', resource: role('deployment', TEAM_PATH) },
    { what: 'pass a role of the network team', action: 'iam:PassRole', resource: role('operator', TEAM_PATH) },
    { what: 'create a role under its path', action: 'iam:CreateRole', resource: role('mine', TEAM_PATH), context: bound },
    { what: 'update a stack of the network team', action: 'cloudformation:UpdateStack', resource: stackArn('Network') },
    { what: 'update a stack that is nested in it', action: 'cloudformation:UpdateStack', resource: stackArn(NESTED) },
    { what: 'change its functions', action: 'lambda:UpdateFunctionCode', resource: lambda('function:Network-CdkLambdaMicrovmsHandler-1') },
    { what: 'invoke its functions', action: 'lambda:InvokeFunction', resource: lambda('function:Network-CdkLambdaMicrovmsHandler-1') },
    { what: 'change a function of it that has any other name', action: 'lambda:UpdateFunctionCode', resource: lambda('function:any'), context: teamStack },
    { what: 'start its state machines', action: 'states:StartExecution', resource: states('stateMachine:network-team-Waiter') },
    { what: 'read their executions', action: 'states:DescribeExecution', resource: states('execution:network-team-Waiter:1') },
    { what: 'write into the bucket that the team deploys from', action: 's3:PutObject', resource: `arn:aws:s3:::cdk-${QUALIFIER}-assets-${ACCOUNT}-${REGION}/x.zip` },
    { what: 'change the rules of a security group of the team', action: 'ec2:AuthorizeSecurityGroupEgress', resource: ec2Arn(`security-group/${GROUP}`), context: teamStack },
    { what: 'change its routes', action: 'ec2:ReplaceRoute', resource: ec2Arn('route-table/rtb-1'), context: teamStack },
    { what: 'tag its subnets', action: 'ec2:CreateTags', resource: ec2Arn(`subnet/${SUBNET}`), context: teamStack },
    {
      what: 'change the security groups of a network interface of a connector',
      action: 'ec2:ModifyNetworkInterfaceAttribute',
      resource: ec2Arn('network-interface/eni-1'),
      context: { 'aws:ResourceTag/aws:lambda:networkConnectorId': 'nc-1' },
    },
    { what: 'put an interface of one\'s own into its subnets', action: 'ec2:CreateNetworkInterface', resource: ec2Arn(`subnet/${SUBNET}`), context: teamStack },
    { what: 'change an identity provider of the team', action: 'iam:UpdateSAMLProvider', resource: IDENTITY_PROVIDER },
    {
      what: 'change the identity provider of IAM Identity Center', action: 'iam:UpdateSAMLProvider', resource: `arn:aws:iam::${ACCOUNT}:saml-provider/AWSSSO_1_DO_NOT_DELETE`,
    },
    { what: 'change the stack of its bootstrap', action: 'cloudformation:UpdateStack', resource: stackArn(`CDKToolkit-${QUALIFIER}`) },
    { what: 'leave the organization', action: 'organizations:LeaveOrganization', resource: '*' },
    { what: 'deploy a stack with a similar name', action: 'cloudformation:CreateChangeSet', resource: stackArn('Network-dev') },
    { what: 'create functions in it', action: 'lambda:CreateFunction', resource: lambda('function:Network-dev-CdkLambdaMicrovmsHandler-1') },
    { what: 'create a role without the boundary', action: 'iam:CreateRole', resource: role('mine') },
    { what: 'create a role with the boundary', action: 'iam:CreateRole', resource: role('mine'), context: bound },
    { what: 'remove the boundary', action: 'iam:DeleteRolePermissionsBoundary', resource: role('mine'), context: bound },
    { what: 'detach a policy from a role without the boundary', action: 'iam:DetachRolePolicy', resource: role('any'), context: anyPolicy },
    { what: 'detach the deny policy', action: 'iam:DetachRolePolicy', resource: role('any'), context: { ...bound, ...teamPolicy } },
    { what: 'change the deny policy', action: 'iam:CreatePolicyVersion', resource: teamPolicy['iam:PolicyARN'] },
    { what: 'create an access key for another user', action: 'iam:CreateAccessKey', resource: `arn:aws:iam::${ACCOUNT}:user/admin` },
    { what: 'add a user to a group', action: 'iam:AddUserToGroup', resource: `arn:aws:iam::${ACCOUNT}:group/admins` },
    { what: 'change the boundary', action: 'iam:CreatePolicyVersion', resource: boundary },
    { what: 'build an image', action: 'lambda:UpdateMicrovmImage', resource: image },
    { what: 'launch a MicroVM', action: 'lambda:RunMicrovm', resource: image },
  ];
}

export async function matrix(): Promise<Matrix> {
  const { persons: everybody, published } = persons();
  const rows = [];
  for (const ask of asks(published)) {
    const may = [];
    for (const { policies, bounds } of everybody) may.push(await allows(policies, ask, bounds));
    rows.push({ what: ask.what, may });
  }
  return { persons: everybody.map(({ name }) => name), rows };
}

/** As docs/guides/network-team.md shows it. */
export function markdown({ persons: names, rows }: Matrix): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(['action', ...names]),
    line(['---', ...names.map(() => ':-:')]),
    ...rows.map(({ what, may }) => line([what, ...may.map(yes => yes ? 'yes' : '–')])),
  ].join('\n');
}
