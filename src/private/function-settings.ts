import { Lazy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { logGroupArns } from './arns';
import { onceAtSynth } from './at-synth';
import { encryptionKeyArn } from './encryption-key';
import { requireSameEnvironment } from './environments';
import { allow, deny, PERMISSIONS } from './permissions';
import type { FunctionNetwork, ProviderSettings } from './provider-settings';
import { providerSettingsOf } from './provider-settings';

const CODE = 'MicrovmProviderOptionsInvalid';

/** A function, and how much of the reserved concurrency it gets. */
export interface ConfigurableFunction {
  readonly resource: lambda.CfnFunction;
  readonly share?: (reserved: number) => number;
}

/** The functions of a provider or a fragment. They share a log group, and a network if they have one. */
export interface ConfigurableFunctions {
  readonly functions: ConfigurableFunction[];
  readonly logGroup: logs.LogGroup;
  /** Adds a statement to each of their roles. */
  readonly allow: (statement: iam.PolicyStatement) => void;
}

/** Applies what `MicrovmProvider.configure` sets for the scope. */
export function configureFunctions(scope: Construct, configurable: ConfigurableFunctions): void {
  onceAtSynth(scope, () => {
    const settings = providerSettingsOf(scope);
    checkEnvironments(scope, settings);
    configureLogs(scope, configurable, settings);
    if (settings.network) connect(scope, configurable, settings.network);
    if (settings.tracing) trace(configurable, settings.tracing);
    const reserved = settings.reservedConcurrentExecutions;
    if (reserved === undefined) return;
    for (const { resource, share = () => reserved } of configurable.functions) resource.reservedConcurrentExecutions = share(reserved);
  });
}

/** Settings of an app cover its stacks in all Regions, so each stack checks them. */
function checkEnvironments(scope: Construct, { logGroup, network }: ProviderSettings): void {
  if (logGroup) requireSameEnvironment(scope, CODE, 'logGroup', logGroup.env, 'log groups');
  if (network) requireSameEnvironment(scope, CODE, 'vpc', network.vpc.env, 'VPCs');
}

/** Returns the ARN on which the functions need permission to write logs. */
export function logStreamsArn(scope: Construct, logGroup: logs.LogGroup): string {
  return Lazy.string({
    produce: () => {
      const { logGroup: given } = providerSettingsOf(scope);
      return given ? logGroupArns(scope, given).streams : logGroup.logGroupArn;
    },
  });
}

function configureLogs(scope: Construct, { logGroup, functions }: ConfigurableFunctions, settings: ProviderSettings): void {
  if (settings.logGroup) {
    const { logGroupName } = settings.logGroup.logGroupRef;
    for (const { resource } of functions) resource.addPropertyOverride('LoggingConfig.LogGroup', logGroupName);
    scope.node.tryRemoveChild(logGroup.node.id);
    return;
  }
  const resource = logGroup.node.defaultChild as logs.CfnLogGroup;
  const { logEncryptionKey, logRetention, logRemovalPolicy } = settings;
  if (logEncryptionKey) resource.kmsKeyId = encryptionKeyArn(scope, logEncryptionKey);
  if (logRetention !== undefined) resource.retentionInDays = logRetention === logs.RetentionDays.INFINITE ? undefined : logRetention;
  if (logRemovalPolicy) resource.applyRemovalPolicy(logRemovalPolicy);
}

function connect(scope: Construct, { functions, allow: add }: ConfigurableFunctions, { vpc, subnets, securityGroups }: FunctionNetwork): void {
  const groups = securityGroups ?? [httpsOnly(scope, vpc)];
  for (const { resource } of functions) {
    resource.vpcConfig = { subnetIds: subnets.subnetIds, securityGroupIds: groups.map(group => group.securityGroupRef.securityGroupId) };
    // CloudFormation creates the function after its routes, and deletes the custom resources before them.
    resource.node.addDependency(subnets.internetConnectivityEstablished);
  }
  const { network, networkFromCode } = PERMISSIONS.providerOptions;
  add(allow(network, ['*']));
  add(deny(networkFromCode, ['*'], { Null: { 'lambda:SourceFunctionArn': 'false' } }));
}

/** The functions call AWS APIs, and the endpoints of MicroVMs. */
function httpsOnly(scope: Construct, vpc: ec2.IVpc): ec2.ISecurityGroup {
  const group = new ec2.SecurityGroup(scope, 'SecurityGroup', {
    vpc, description: 'Functions that manage Lambda MicroVMs', allowAllOutbound: false,
  });
  group.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'AWS APIs and endpoints of MicroVMs');
  return group;
}

function trace({ functions, allow: add }: ConfigurableFunctions, mode: lambda.Tracing): void {
  for (const { resource } of functions) resource.tracingConfig = { mode };
  add(allow(PERMISSIONS.providerOptions.trace, ['*']));
}
