import type { CfnResource, Stack } from 'aws-cdk-lib';
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
import { ACCOUNT, testApp, testStack } from '../../test/support/stacks';
import { ResolvedTemplate } from '../../test/support/template';
import { Principal } from '../permissions/principal';

/**
 * The roles that the templates of the library give to the resources of a history, and to the handler of their stack.
 *
 * A history names resources as it likes; here the construct that would have made one is synthesized, and its role read from the template.
 */

export const REGION = 'us-east-1';
export const BUILD_ROLE = roleArn('build');
export const OPERATOR_ROLE = roleArn('operator');
export const BUILD_LOG_GROUP = 'builds';
const PROVIDER = 'CdkLambdaMicrovmsFunctionRole';

/** Roles of one kind have the same statements, for other resources. */
export type ResourceType = 'image' | 'connector' | 'microvm' | 'launch check' | 'provider';

export interface TemplateRole {
  readonly kind: ResourceType;
  readonly principal: Principal;
  readonly trust: any;
}

/** A resource in the stack of a history. */
export interface Home {
  readonly stackId: string;
  readonly logicalId: string;
}

export interface ImageRoleSpec {
  readonly name: string;
  readonly termination?: keyof typeof MicrovmTermination;
}

export interface LaunchRoleSpec {
  readonly image: string;
  readonly isProbed: boolean;
  readonly executionRoleArn: string;
}

const roles = new Map<string, TemplateRole>();
const templates = new Map<string, any>();

/** Whose role it is; fails for one that no template has. */
export function templateRole(arn: string): TemplateRole {
  const role = roles.get(arn);
  if (role === undefined) throw new Error(`no template has the role ${arn}`);
  return role;
}

/** The ARN of the role of an image. */
export function imageResourceRole(home: Home, { name, termination = 'ON_DELETE' }: ImageRoleSpec): string {
  return roleOf('image', home, [name, termination], stack => new MicrovmImage(stack, 'Made', {
    microvmImageName: name,
    code: MicrovmCode.fromBucket(s3.Bucket.fromBucketName(stack, 'Assets', 'assets'), 'one.zip', { contentHash: '1' }),
    buildRole: iam.Role.fromRoleArn(stack, 'BuildRole', BUILD_ROLE, { mutable: false }),
    logging: MicrovmLogging.logGroup(logs.LogGroup.fromLogGroupName(stack, 'Logs', BUILD_LOG_GROUP)),
    microvmTermination: MicrovmTermination[termination],
  }));
}

/** The ARN of the role of a connector. */
export function connectorResourceRole(home: Home, name: string): string {
  return roleOf('connector', home, [name], stack => new NetworkConnector(stack, 'Made', {
    networkConnectorName: name,
    vpc: ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: ['subnet-1'] }),
    securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1', { allowAllOutbound: false })],
    operatorRole: iam.Role.fromRoleArn(stack, 'OperatorRole', OPERATOR_ROLE, { mutable: false }),
  }));
}

/** The ARN of the role of a MicroVM, or of a launch check. */
export function launchResourceRole(kind: 'microvm' | 'launch check', home: Home, { image, isProbed, executionRoleArn }: LaunchRoleSpec): string {
  return roleOf(kind, home, [image, String(isProbed), executionRoleArn], stack => {
    const launcher = new MicrovmLauncher(stack, 'Launcher', {
      image: MicrovmImage.fromMicrovmImageName(stack, 'Image', image),
      ingress: MicrovmIngress.http(),
      egress: MicrovmEgress.internet(),
      executionRole: iam.Role.fromRoleArn(stack, 'ExecutionRole', executionRoleArn, { mutable: false }),
      logging: MicrovmLogging.disabled(),
    });
    return kind === 'launch check'
      ? new MicrovmLaunchCheck(stack, 'Made', { launcher })
      : new Microvm(stack, 'Made', { launcher, healthCheck: isProbed ? {} : undefined });
  });
}

/** The ARN of the role of the handler of a stack, which all resources of a history share. */
export function providerRole(stackId: string): string {
  const template = templateOf('provider', 'A', stack => new MicrovmImage(stack, 'Made', { code: MicrovmCode.fromInline('FROM scratch') }));
  const deployed = deployedAt(template, stackId);
  const arn = roleArn(`${stackNameOf(stackId)}-${deployed.ids('AWS::IAM::Role', PROVIDER)[0]}`);
  register(arn, 'provider', deployed, PROVIDER);
  return arn;
}

function roleOf(kind: ResourceType, { stackId, logicalId }: Home, facts: string[], make: (stack: Stack) => IConstruct): string {
  const key = [kind, logicalId, ...facts].join('-');
  const arn = roleArn([stackNameOf(stackId), key.replace(/[^\w-]/g, '.')].join('-'));
  if (!roles.has(arn)) register(arn, kind, deployedAt(templateOf(key, logicalId, make), stackId), 'MadeResourceRole');
  return arn;
}

function register(arn: string, kind: ResourceType, deployed: ResolvedTemplate, part: string): void {
  if (roles.has(arn)) return;
  const statements = deployed.policiesOf(part).flatMap(({ Statement: found }) => found);
  const trust = deployed.resource('AWS::IAM::Role', part).Properties.AssumeRolePolicyDocument;
  roles.set(arn, { kind, principal: new Principal(arn, statements), trust });
}

function deployedAt(template: any, stackId: string): ResolvedTemplate {
  return ResolvedTemplate.template(template, { stackId, region: REGION, namePrefix: stackNameOf(stackId) });
}

/** With the logical id that the history gives the resource. */
function templateOf(key: string, logicalId: string, make: (stack: Stack) => IConstruct): any {
  const known = templates.get(key);
  if (known !== undefined) return known;
  const stack = testStack(testApp(), 'History', { env: { account: ACCOUNT, region: REGION } });
  const resource = make(stack).node.findChild('Resource').node.defaultChild as CfnResource;
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
