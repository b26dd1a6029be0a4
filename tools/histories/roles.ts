import type { CfnResource, Stack } from 'aws-cdk-lib';
import { Lazy } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';
import {
  Microvm, MicrovmCode, MicrovmEgress, MicrovmImage, MicrovmIngress, MicrovmLaunchCheck, MicrovmLauncher, MicrovmLogging, MicrovmTermination,
  NetworkConnector,
} from '../../src';
import type { INetworkConnector } from '../../src';
import { ACCOUNT, testApp, testStack } from '../../test/support/stacks';
import { ResolvedTemplate } from '../../test/support/template';
import { Principal } from '../permissions/principal';

/**
 * The roles in the templates of this library: those of the resources of a history, and that of the handler function.
 *
 * A history contains resources with arbitrary names. For each, the construct is synthesized, and its role is read from
 * the template.
 */

export const REGION = 'us-east-1';
export const BUILD_ROLE = roleArn('build');
export const OPERATOR_ROLE = roleArn('operator');
export const BUILD_LOG_GROUP = 'builds';
export const LAUNCH_LOG_GROUP = 'microvms';
const FUNCTION_ROLE = 'CdkLambdaMicrovmsFunctionRole';

/** Roles of one type have the same statements, for other resources. */
export type RoleType = 'image' | 'connector' | 'microvm' | 'launch check' | 'function';

export interface TemplateRole {
  readonly type: RoleType;
  readonly principal: Principal;
  readonly trust: any;
}

/** Where a resource is: in which stack, and under which logical ID. */
export interface ResourceLocation {
  readonly stackId: string;
  readonly logicalId: string;
}

export interface ImageRoleSpec {
  readonly name: string;
  readonly tagKeys?: readonly string[];
  readonly termination?: keyof typeof MicrovmTermination;
}

export interface ConnectorRoleSpec {
  readonly name: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
  readonly overrides: Readonly<Record<string, string>>;
  readonly tagKeys: readonly string[];
}

export interface LaunchRoleSpec {
  readonly image: string;
  readonly hasHealthCheck: boolean;
  readonly executionRoleArn: string;
  /** Whether its egress is a connector of the stack, whose ARN is not known before its creation. */
  readonly usesConnector?: boolean;
}

const roles = new Map<string, TemplateRole>();
const templates = new Map<string, any>();

/** Returns the role with an ARN. Throws if no template has it. */
export function templateRole(arn: string): TemplateRole {
  const role = roles.get(arn);
  if (role === undefined) throw new Error(`no template has the role ${arn}`);
  return role;
}

/** Returns the ARN of the resource role of an image. */
export function imageResourceRole(location: ResourceLocation, { name, termination = 'ON_DELETE', tagKeys = [] }: ImageRoleSpec): string {
  return roleOf('image', location, [name, termination], stack => new MicrovmImage(stack, 'Subject', {
    microvmImageName: name,
    code: MicrovmCode.fromBucket(s3.Bucket.fromBucketName(stack, 'Assets', 'assets'), 'one.zip', { contentHash: '1' }),
    buildRole: iam.Role.fromRoleArn(stack, 'BuildRole', BUILD_ROLE, { mutable: false }),
    logging: MicrovmLogging.logGroup(logs.LogGroup.fromLogGroupName(stack, 'Logs', BUILD_LOG_GROUP)),
    showBuildLogInErrors: true,
    microvmTermination: MicrovmTermination[termination],
    tags: Object.fromEntries(tagKeys.map(key => [key, 'any'])),
  }), tagKeys);
}

/** Returns the ARN of the resource role of a connector. */
export function connectorResourceRole(location: ResourceLocation, spec: ConnectorRoleSpec): string {
  const { name, subnetIds, securityGroupIds, overrides, tagKeys } = spec;
  return roleOf('connector', location, [name], stack => {
    const connector = new NetworkConnector(stack, 'Subject', {
      networkConnectorName: name,
      vpc: ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: subnetIds.map((_, index) => `zone-${index}`), privateSubnetIds: [...subnetIds] }),
      securityGroups: securityGroupIds.map(id => ec2.SecurityGroup.fromSecurityGroupId(stack, id, id, { allowAllOutbound: false })),
      operatorRole: iam.Role.fromRoleArn(stack, 'OperatorRole', OPERATOR_ROLE, { mutable: false }),
      tags: Object.fromEntries(tagKeys.map(key => [key, 'any'])),
    });
    for (const [path, value] of Object.entries(overrides)) connector.addRequestOverride(path, value);
    return connector;
  }, [...subnetIds, ...securityGroupIds, ...Object.values(overrides), ...tagKeys]);
}

/** Returns the ARN of the resource role of a MicroVM or of a launch check. */
export function launchResourceRole(type: 'microvm' | 'launch check', location: ResourceLocation, { image, hasHealthCheck, executionRoleArn, usesConnector }: LaunchRoleSpec): string {
  return roleOf(type, location, [image, String(hasHealthCheck), executionRoleArn, String(usesConnector)], stack => {
    const launcher = new MicrovmLauncher(stack, 'Launcher', {
      image: MicrovmImage.fromMicrovmImageName(stack, 'Image', image),
      ingress: MicrovmIngress.http(),
      egress: usesConnector ? MicrovmEgress.connector(anyConnector(stack)) : MicrovmEgress.internet(),
      executionRole: iam.Role.fromRoleArn(stack, 'ExecutionRole', executionRoleArn, { mutable: false }),
      logging: MicrovmLogging.logGroup(logs.LogGroup.fromLogGroupName(stack, 'Logs', LAUNCH_LOG_GROUP)),
    });
    return type === 'launch check'
      ? new MicrovmLaunchCheck(stack, 'Subject', { launcher })
      : new Microvm(stack, 'Subject', { launcher, healthCheck: hasHealthCheck ? {} : undefined });
  });
}

/** Returns a connector with any ID. In a stack, its ARN is an attribute. */
function anyConnector(stack: Stack): INetworkConnector {
  const arn = Lazy.string({ produce: () => `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:*` });
  return NetworkConnector.fromNetworkConnectorArn(stack, 'Connector', arn);
}

/** Returns the ARN of the function role of a stack, which all resources of a history share. */
export function functionRole(stackId: string): string {
  const template = templateOf('function', 'A', stack => new MicrovmImage(stack, 'Subject', { code: MicrovmCode.fromInline('FROM scratch') }));
  const deployed = deployedAt(template, stackId);
  const arn = roleArn(`${stackNameOf(stackId)}-${deployed.ids('AWS::IAM::Role', FUNCTION_ROLE)[0]}`);
  register(arn, 'function', deployed, FUNCTION_ROLE);
  return arn;
}

/**
 * Returns the ARN of a role. If the policy of the same role can differ between templates, the part after `@` says which
 * one it is. The handler then has the policy that belongs to its properties.
 */
function roleOf(
  type: RoleType, { stackId, logicalId }: ResourceLocation, facts: string[], create: (stack: Stack) => IConstruct, policy: readonly string[] = [],
): string {
  const key = [type, logicalId, ...facts].join('-') + (policy.length === 0 ? '' : `@${policy.join('-')}`);
  const arn = roleArn([stackNameOf(stackId), key.replace(/[^\w@-]/g, '.')].join('-'));
  if (!roles.has(arn)) register(arn, type, deployedAt(templateOf(key, logicalId, create), stackId), 'SubjectResourceRole');
  return arn;
}

function register(arn: string, type: RoleType, deployed: ResolvedTemplate, part: string): void {
  if (roles.has(arn)) return;
  const statements = deployed.policiesOf(part).flatMap(({ Statement: found }) => found);
  const trust = deployed.resource('AWS::IAM::Role', part).Properties.AssumeRolePolicyDocument;
  roles.set(arn, { type, principal: new Principal(arn, statements), trust });
}

function deployedAt(template: any, stackId: string): ResolvedTemplate {
  return ResolvedTemplate.template(template, { stackId, region: REGION, namePrefix: stackNameOf(stackId) });
}

/** Returns a template in which the resource has the logical ID of the history. */
function templateOf(key: string, logicalId: string, create: (stack: Stack) => IConstruct): any {
  const known = templates.get(key);
  if (known !== undefined) return known;
  const stack = testStack(testApp(), 'History', { env: { account: ACCOUNT, region: REGION } });
  const resource = create(stack).node.findChild('Resource').node.defaultChild as CfnResource;
  resource.overrideLogicalId(logicalId);
  const template = Template.fromStack(stack).toJSON();
  templates.set(key, template);
  return template;
}

function roleArn(name: string): string {
  return `arn:aws:iam::${ACCOUNT}:role/${name}`;
}

function stackNameOf(stackId: string): string {
  return stackId.split('/')[1];
}
