import { Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Statement } from './principal';
import { Principal } from './principal';
import {
  DeploymentEncryption, Microvm, MicrovmBuildRole, MicrovmCode, MicrovmEgress, MicrovmHooks, MicrovmImage, MicrovmIngress, MicrovmLaunchCheck,
  MicrovmLauncher, MicrovmProvider, MicrovmStateMachineFragment, NetworkConnector, NetworkConnectorCatalog, NetworkConnectorElasticIps,
  NetworkConnectorGrants, NetworkConnectorOperatorRole, WebIdentityLaunchRole,
} from '../../src';
import { ACCOUNT, REGION, testApp } from '../../test/support/stacks';
import { ResolvedTemplate } from '../../test/support/template';

/**
 * A network team and two teams of developers with three images. The permissions, and what must be denied, are checked
 * against their templates.
 *
 * The teams have separate apps, as in reality: one app refers to resources of another one only by ARN or name.
 */

export type StackName = 'Network' | 'TeamA' | 'TeamB';

export const SUBNETS = ['subnet-0123456789abcdef1', 'subnet-0123456789abcdef2'];
export const SECURITY_GROUP = 'sg-0123456789abcdef1';
export const TEAM_TAGS = { owner: 'network' };
/** The name under which team A publishes its launcher. */
export const PUBLISHED_LAUNCHER = '/team-a/launcher';
export const AUDIENCE = 'https://api.partner.example';
/** The roles of the network team. */
export const TEAM_ROLES = `arn:aws:iam::${ACCOUNT}:role/network-team/*`;
export const IDENTITY_PROVIDER = `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`;

/** One role of a template. */
export interface SampleRole {
  readonly stack: StackName;
  readonly logicalId: string;
  readonly arn: string;
  readonly trust: Statement[];
  readonly principal: Principal;
  readonly managedPolicies: string[];
}

export interface Sample {
  readonly roles: SampleRole[];
  /** The statements of the resource role of the connector `internal` if the app turns conditions on tags off. */
  readonly withoutTagConditions: readonly Statement[];
  readonly deployed: Record<StackName, ResolvedTemplate>;
  readonly templates: Record<StackName, any>;
  /** The role whose logical ID, without its hash, begins like this. */
  role(stack: StackName, beginning: string): SampleRole;
  /** The same for any resource: an attribute, the value of `Ref`, or the logical ID. */
  arnOf(stack: StackName, beginning: string, attribute?: string): string;
  refOf(stack: StackName, beginning: string): string;
  idOf(stack: StackName, beginning: string): string;
}

export const connectorArn = (id: string) => `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:${id}`;
/** The connectors of the network team, with the IDs that a deployment would give them. */
export const INTERNAL = connectorArn('nc-Internal606E9597');
export const BUILDS = connectorArn('nc-BuildsE4FA881E');

function vpcIn(stack: Stack): ec2.IVpc {
  return ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-0123456789abcdef1', availabilityZones: ['a', 'b'], privateSubnetIds: SUBNETS });
}

function network(stack: Stack): void {
  DeploymentEncryption.apply(stack, { allowedPrincipalArns: [TEAM_ROLES] });
  const vpc = vpcIn(stack);
  const securityGroups = [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', SECURITY_GROUP, { allowAllOutbound: false })];
  const internal = new NetworkConnector(stack, 'Internal', { vpc, securityGroups, networkConnectorName: 'internal', tags: TEAM_TAGS });
  const builds = new NetworkConnector(stack, 'Builds', { vpc, securityGroups, networkConnectorName: 'builds', tags: TEAM_TAGS });
  const catalog = new NetworkConnectorCatalog(stack, 'Catalog', { catalogName: 'platform' });
  catalog.add('internal', internal);
  catalog.add('builds', builds);

  catalog.grantUse(person(stack, 'Developer'), 'internal');
  internal.grantUse(person(stack, 'User'));
  internal.grantManage(person(stack, 'Maintainer'));
  NetworkConnectorGrants.create(stack, person(stack, 'Member'), {
    subnets: vpc.privateSubnets, securityGroups, operatorRoles: [internal.operatorRole], requiredTags: TEAM_TAGS,
  });
  NetworkConnector.fromNetworkConnectorName(stack, 'Found', 'internal');
  new NetworkConnectorOperatorRole(stack, 'PublicOperatorRole', {
    subnets: vpc.privateSubnets, securityGroups, elasticIps: NetworkConnectorElasticIps.SERVICE_MANAGED,
  });
}

function teamA(stack: Stack): void {
  const repository = new ecr.Repository(stack, 'Bases');
  const bucket = s3.Bucket.fromBucketAttributes(stack, 'Code', { bucketName: 'code', encryptionKey: new kms.Key(stack, 'Key') });
  const buildRole = new MicrovmBuildRole(stack, 'AppBuildRole', { microvmImageName: 'app', repositories: [repository] });
  const app = new MicrovmImage(stack, 'App', {
    microvmImageName: 'app',
    code: MicrovmCode.fromBucket(bucket, 'app.zip', { contentHash: '1' }),
    buildRole,
    hooks: MicrovmHooks.withReady({ port: 8080, run: {} }),
    buildEgress: MicrovmEgress.connector(NetworkConnector.fromNetworkConnectorArn(stack, 'Builds', BUILDS)),
  });
  const launcher = new MicrovmLauncher(stack, 'Launcher', {
    image: app,
    ingress: MicrovmIngress.httpWithShell(),
    egress: MicrovmEgress.connector(NetworkConnector.fromNetworkConnectorArn(stack, 'Internal', INTERNAL)),
    encryptionKey: new kms.Key(stack, 'LaunchKey'),
  });
  launcher.grantWebIdentity({ audiences: [AUDIENCE], maximumLifetime: Duration.minutes(5) });
  new Microvm(stack, 'Resident', { launcher, healthCheck: {} });
  new MicrovmLaunchCheck(stack, 'Check', { launcher });
  new sfn.StateMachine(stack, 'Machine', {
    definitionBody: sfn.DefinitionBody.fromChainable(new MicrovmStateMachineFragment(stack, 'Sandboxed', { launcher, body: new sfn.Pass(stack, 'Work') })),
  });

  launcher.grantLaunch(person(stack, 'Launches'));
  launcher.grantConnect(person(stack, 'Connects'));
  launcher.grantShell(person(stack, 'OpensShells'));
  launcher.grantManage(person(stack, 'Manages'));
  launcher.publish(PUBLISHED_LAUNCHER).grantReadRequest(person(stack, 'ReadsRequest'));
  app.grantRun(person(stack, 'Runs'));
  app.grantRead(person(stack, 'Reads'));
  const sealed = new MicrovmImage(stack, 'Sealed', {
    microvmImageName: 'sealed', code: MicrovmCode.fromBucket(bucket, 'app.zip', { contentHash: '1' }), encryptionKey: new kms.Key(stack, 'ImageKey'),
  });
  sealed.grantRun(person(stack, 'RunsSealed'));
  const ci = new WebIdentityLaunchRole(stack, 'Ci', {
    identityProvider: iam.OidcProviderNative.fromOidcProviderArn(stack, 'Provider', IDENTITY_PROVIDER),
    issuer: 'token.actions.githubusercontent.com',
    audiences: ['sts.amazonaws.com'],
    subjects: ['repo:acme/app:ref:refs/heads/main'],
  });
  launcher.grantLaunch(ci);

  new MicrovmImage(stack, 'Tool', { microvmImageName: 'tool', code: MicrovmCode.fromInline('FROM public.ecr.aws/lambda/microvms:al2023-minimal') });
}

function teamB(stack: Stack): void {
  MicrovmProvider.configure(stack, { vpc: vpcIn(stack), tracing: lambda.Tracing.ACTIVE });
  const image = new MicrovmImage(stack, 'Other', {
    microvmImageName: 'other', code: MicrovmCode.fromInline('FROM public.ecr.aws/lambda/microvms:al2023-minimal'),
  });
  const launcher = new MicrovmLauncher(stack, 'Launcher', { image, ingress: MicrovmIngress.none(), egress: MicrovmEgress.internet() });
  launcher.grantLaunch(person(stack, 'Launches'));
}

function person(stack: Stack, id: string): iam.Role {
  return new iam.Role(stack, id, { assumedBy: new iam.AccountRootPrincipal() });
}

export function synthesizeSample(): Sample {
  const templates = { Network: synthesized('Network', network), TeamA: synthesized('TeamA', teamA), TeamB: synthesized('TeamB', teamB) };
  const deployed = {
    Network: deploymentOf('Network', templates.Network), TeamA: deploymentOf('TeamA', templates.TeamA), TeamB: deploymentOf('TeamB', templates.TeamB),
  };
  const roles = (Object.keys(templates) as StackName[]).flatMap(stack => deployed[stack].ids('AWS::IAM::Role').map(id => roleOf(stack, deployed[stack], id)));
  const idOf = (stack: StackName, beginning: string) => theOneOf(Object.keys(templates[stack].Resources), beginning);
  const weaker = deploymentOf('Network', synthesized('Network', network, { 'cdk-lambda-microvms:tagConditions': false }));
  return {
    roles,
    withoutTagConditions: roleOf('Network', weaker, idOf('Network', 'InternalResourceRole')).principal.statements,
    deployed,
    templates,
    role: (stack, beginning) => roles.find(role => role.stack === stack && role.logicalId === idOf(stack, beginning))!,
    arnOf: (stack, beginning, attribute = 'Arn') => deployed[stack].resolve({ 'Fn::GetAtt': [idOf(stack, beginning), attribute] }),
    idOf,
    refOf: (stack, beginning) => deployed[stack].resolve({ Ref: idOf(stack, beginning) }),
  };
}

/** After the path of a construct, a logical ID has one or two hashes. */
function theOneOf(logicalIds: string[], beginning: string): string {
  const found = logicalIds.filter(id => new RegExp(`^${beginning}([0-9A-F]{8}){1,2}$`).test(id));
  if (found.length !== 1) throw new Error(`${found.length} resources begin with ${beginning}`);
  return found[0];
}

export function stackIdOf(stack: StackName): string {
  return `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/${stack}/uuid-of-${stack}`;
}

function synthesized(name: StackName, fill: (stack: Stack) => void, context?: Record<string, unknown>): any {
  const stack = new Stack(testApp(context), name, { env: { account: ACCOUNT, region: REGION } });
  fill(stack);
  return Template.fromStack(stack).toJSON();
}

function deploymentOf(name: StackName, template: any): ResolvedTemplate {
  return ResolvedTemplate.template(template, { stackId: stackIdOf(name), region: REGION, namePrefix: name });
}

function roleOf(stack: StackName, deployed: ResolvedTemplate, logicalId: string): SampleRole {
  const { AssumeRolePolicyDocument: trust, ManagedPolicyArns: managedPolicies = [] } = deployed.resource('AWS::IAM::Role', logicalId).Properties;
  const arn = deployed.resolve({ 'Fn::GetAtt': [logicalId, 'Arn'] });
  const statements = deployed.policiesOf(logicalId).flatMap(({ Statement: found }) => found as Statement[]);
  return { stack, logicalId, arn, trust: trust.Statement, managedPolicies, principal: new Principal(arn, statements) };
}
