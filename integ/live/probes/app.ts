/** The stack that all probes use: one image, one launcher, one connector, and several roles to test. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { App, ArnFormat, CfnOutput, Duration, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { buildSync } from 'esbuild';
import type { ProbeOutputs } from './stack-outputs';
import { AUDIENCE, IPV4_ONLY, KEY_ACTIONS, PROBE_STACK } from './stack-outputs';
import {
  DeploymentEncryption, MicrovmCode, MicrovmEgress, MicrovmExecutionRole, MicrovmHooks, MicrovmImage, MicrovmIngress, MicrovmLauncher, MicrovmMemory,
  NetworkConnector, NetworkConnectorOperatorRole, SessionTagging,
} from '../../../src';
import { OBSERVED_STACKS } from '../statuses/contract';

const app = new App();
const stack = new Stack(app, PROBE_STACK);

const image = new MicrovmImage(stack, 'Image', {
  code: MicrovmCode.fromDirectory(bundled(path.join(__dirname, 'microvm', 'server.ts'), path.join(__dirname, 'microvm', 'Dockerfile'))),
  memory: MicrovmMemory.MIB_512,
  hooks: MicrovmHooks.withReady({ port: 8080, run: {} }),
});
const launcher = new MicrovmLauncher(stack, 'Launcher', {
  image, ingress: MicrovmIngress.http(), egress: MicrovmEgress.internet(), maximumDuration: Duration.minutes(30),
});
launcher.grantWebIdentity({ audiences: [AUDIENCE] });
const untaggable = new MicrovmExecutionRole(stack, 'Untaggable', { image, sessionTagging: SessionTagging.none() });

// MicroVMs may assume this role, so a probe can see whether their calls are denied. The role has no permissions.
const target = new iam.Role(stack, 'Target', { assumedBy: new iam.ArnPrincipal(launcher.executionRole.roleArn) });
launcher.executionRole.addToPrincipalPolicy(new iam.PolicyStatement({ actions: ['sts:AssumeRole'], resources: [target.roleArn] }));

// A dual-stack VPC, so that a probe can try to change the protocol of a connector. The local AWS does not support IPv6.
const ipProtocol = app.node.tryGetContext(IPV4_ONLY) ? ec2.IpProtocol.IPV4_ONLY : ec2.IpProtocol.DUAL_STACK;
const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0, ipProtocol, restrictDefaultSecurityGroup: false });
const securityGroups = [new ec2.SecurityGroup(stack, 'MicroVMs', { vpc, description: 'MicroVMs', allowAllOutbound: false })];
const { subnets, subnetIds } = vpc.selectSubnets({ subnetType: ec2.SubnetType.PRIVATE_ISOLATED });
const operators = {
  operator: new NetworkConnectorOperatorRole(stack, 'Operator', { subnets, securityGroups }),
  otherPrincipal: new NetworkConnectorOperatorRole(stack, 'OtherPrincipal', {
    subnets, securityGroups, servicePrincipal: 'network-connectors.lambda.amazonaws.com',
  }),
  connectorTag: new NetworkConnectorOperatorRole(stack, 'ConnectorTag', { subnets, securityGroups, requireConnectorTag: true }),
  sourceAccount: new NetworkConnectorOperatorRole(stack, 'SourceAccount', { subnets, securityGroups }),
};
// The library offers no property for this condition.
(operators.sourceAccount.node.defaultChild as iam.CfnRole).addPropertyOverride('AssumeRolePolicyDocument.Statement.0.Condition', {
  StringEquals: { 'aws:SourceAccount': stack.account },
});
const connector = new NetworkConnector(stack, 'Connector', { vpc, vpcSubnets: { subnets }, securityGroups, operatorRole: operators.operator });

// One public subnet: an account may have few Elastic IPs.
const publicSubnets = vpc.publicSubnets.slice(0, 1);
const publicGroups = [new ec2.SecurityGroup(stack, 'PublicMicroVMs', { vpc, description: 'MicroVMs with Elastic IPs' })];
const elasticIps = stack.formatArn({ service: 'ec2', resource: 'elastic-ip', resourceName: '*' });
const allocate = new iam.PolicyStatement({ actions: ['ec2:AllocateAddress'], resources: [elasticIps] });
const associate = [
  new iam.PolicyStatement({ actions: ['ec2:AssociateAddress'], resources: [elasticIps] }),
  // The conditions are those of NetworkConnectorOperatorRole.
  new iam.PolicyStatement({
    actions: ['ec2:AssociateAddress'],
    resources: [stack.formatArn({ service: 'ec2', account: '*', resource: 'network-interface', resourceName: '*' })],
    conditions: {
      ArnLike: { 'ec2:Subnet': publicSubnets.map(({ subnetId }) => stack.formatArn({ service: 'ec2', resource: 'subnet', resourceName: subnetId })) },
      StringEquals: { 'ec2:ManagedResourceOperator': 'network-connectors.lambda.amazonaws.com' },
    },
  }),
];
const elasticIpOperators = {
  both: publicOperator('ElasticIps', allocate, ...associate),
  noAllocate: publicOperator('NoAllocate', ...associate),
  noAssociate: publicOperator('NoAssociate', allocate),
};

const key = new kms.Key(stack, 'Key', { removalPolicy: RemovalPolicy.DESTROY, pendingWindow: Duration.days(7) });

// The role of the library also has logs:CreateLogGroup.
const noLogGroup = new iam.Role(stack, 'NoLogGroup', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com').withSessionTags() });
noLogGroup.addToPolicy(new iam.PolicyStatement({
  actions: ['s3:GetObject'], resources: [stack.formatArn({ service: 's3', region: '', account: '', resource: 'cdk-*', resourceName: '*' })],
}));
noLogGroup.addToPolicy(new iam.PolicyStatement({
  actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [image.logGroup!.logGroupArn],
}));

// The probes restrict sessions of this role with session policies: see ProbeContext.session.
const caller = new iam.Role(stack, 'Caller', { assumedBy: new iam.AccountRootPrincipal() });
caller.addToPolicy(new iam.PolicyStatement({
  actions: [
    'lambda:*Microvm*', 'lambda:*NetworkConnector*', 'lambda:TagResource', 'lambda:UntagResource', 'lambda:ListTags',
    'ec2:DescribeSubnets', 'ec2:DescribeSecurityGroups',
  ],
  resources: ['*'],
}));
caller.addToPolicy(new iam.PolicyStatement({ actions: [...KEY_ACTIONS], resources: [key.keyArn] }));
caller.addToPolicy(new iam.PolicyStatement({
  actions: ['iam:PassRole'], resources: [launcher.executionRole, image.buildRole!, operators.operator].map(role => role.roleArn),
}));

const reader = new iam.Role(stack, 'Reader', { assumedBy: new iam.AccountRootPrincipal() });
const executions = stack.formatArn({ service: 'states', resource: 'execution', resourceName: '*', arnFormat: ArnFormat.COLON_RESOURCE_NAME });
const readsExecutions = [
  new iam.PolicyStatement({ actions: ['states:DescribeExecution'], resources: [executions] }),
  new iam.PolicyStatement({ actions: ['kms:Decrypt'], resources: [stack.formatArn({ service: 'kms', resource: 'key', resourceName: '*' })] }),
];
for (const role of [caller, reader]) readsExecutions.forEach(statement => role.addToPolicy(statement));
DeploymentEncryption.apply(stack, { allowedPrincipalArns: [caller.roleArn] });
const [stateMachine] = stack.node.findAll().filter(node => node instanceof sfn.CfnStateMachine);

const observerLogs = new logs.LogGroup(stack, 'ObserverLogs', { removalPolicy: RemovalPolicy.DESTROY });
const observer = new lambda.Function(stack, 'Observer', {
  code: lambda.Code.fromAsset(bundled(path.join(__dirname, '..', 'statuses', 'observer.ts'))),
  handler: 'index.handler',
  runtime: lambda.Runtime.NODEJS_24_X,
  timeout: Duration.minutes(5),
  logGroup: observerLogs,
});
observer.addToRolePolicy(new iam.PolicyStatement({
  actions: ['cloudformation:DescribeStackResource', 'cloudformation:DescribeStacks'],
  resources: [stack.formatArn({ service: 'cloudformation', resource: 'stack', resourceName: `${OBSERVED_STACKS}*` })],
}));

const outputs: ProbeOutputs = {
  ImageArn: image.microvmImageArn,
  ImageVersion: image.microvmImageVersion,
  LaunchRequest: launcher.launchRequest,
  ExecutionRoleArn: launcher.executionRole.roleArn,
  UntaggableRoleArn: untaggable.roleArn,
  CallerRoleArn: caller.roleArn,
  TargetRoleArn: target.roleArn,
  BuildRoleArn: image.buildRole!.roleArn,
  NoLogGroupRoleArn: noLogGroup.roleArn,
  KeyArn: key.keyArn,
  StateMachineArn: stateMachine.ref,
  ReaderRoleArn: reader.roleArn,
  ConnectorArn: connector.networkConnectorArn,
  SubnetIds: Fn.join(',', subnetIds),
  SecurityGroupId: securityGroups[0].securityGroupId,
  OperatorRoleArn: operators.operator.roleArn,
  OtherPrincipalRoleArn: operators.otherPrincipal.roleArn,
  SourceAccountRoleArn: operators.sourceAccount.roleArn,
  ConnectorTagRoleArn: operators.connectorTag.roleArn,
  PublicSubnetId: publicSubnets[0].subnetId,
  PublicSecurityGroupId: publicGroups[0].securityGroupId,
  ElasticIpsRoleArn: elasticIpOperators.both.roleArn,
  NoAllocateRoleArn: elasticIpOperators.noAllocate.roleArn,
  NoAssociateRoleArn: elasticIpOperators.noAssociate.roleArn,
  ObserverArn: observer.functionArn,
  ObserverLogGroup: observerLogs.logGroupName,
};
for (const [id, value] of Object.entries(outputs)) new CfnOutput(stack, id, { value });

/** Creates an operator role for the public subnet, with more statements. */
function publicOperator(id: string, ...statements: iam.PolicyStatement[]): iam.Role {
  const role = new NetworkConnectorOperatorRole(stack, id, { subnets: publicSubnets, securityGroups: publicGroups });
  statements.forEach(statement => role.addToPolicy(statement));
  return role;
}

/** Creates a directory with one bundled module and the given files. */
function bundled(entryPoint: string, ...files: string[]): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'live-bundle-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  buildSync({ entryPoints: [entryPoint], bundle: true, platform: 'node', target: 'node20', minify: true, outfile: path.join(directory, 'index.js') });
  for (const file of files) cpSync(file, path.join(directory, path.basename(file)));
  return directory;
}
