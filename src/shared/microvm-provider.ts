import { RemovalPolicy } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { IConstruct } from 'constructs';
import { encryptionKeyArn } from '../private/encryption-key';
import type { NumberRule } from '../private/errors';
import { checkNumber, ValidationError } from '../private/errors';
import { checkArgument, checkProps, having, KEY, listOf, NUMBER, oneOf, plainObject } from '../private/property-types';
import type { PropertyTypes } from '../private/property-types';
import type { FunctionNetwork } from '../private/provider-settings';
import { addProviderSettings } from '../private/provider-settings';

/**
 * Options of `MicrovmProvider.configure`.
 *
 * No change replaces a function. The next deployment of each stack updates its functions in place.
 */
export interface MicrovmProviderOptions {
  /**
   * A log group of yours, in the account and Region of the stacks, for the logs of all functions. The library then
   * creates no log groups for them.
   *
   * Not valid together with `logEncryptionKey`, `logRetention` and `logRemovalPolicy`, because the log group is yours.
   *
   * @default - a log group for the provider of each stack, and for each `MicrovmStateMachineFragment`
   */
  readonly logGroup?: logs.ILogGroupRef;

  /**
   * The customer managed KMS key that encrypts the log groups.
   *
   * The library does not change the policy of the key. It must permit CloudWatch Logs to use the key:
   * `key.grantEncryptDecrypt(new iam.ServicePrincipal('logs.<region>.amazonaws.com'))`.
   *
   * @default - CloudWatch Logs encrypts with a key that AWS owns
   */
  readonly logEncryptionKey?: kms.IKeyRef;

  /**
   * Retention of log events.
   *
   * @default logs.RetentionDays.ONE_MONTH
   */
  readonly logRetention?: logs.RetentionDays;

  /**
   * Removal policy of the log groups.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly logRemovalPolicy?: RemovalPolicy;

  /**
   * The VPC of the functions, in the account and Region of the stacks. The roles of the functions get the permissions
   * for network interfaces that Lambda needs. The code of the functions cannot use these permissions.
   *
   * The functions must reach the APIs of Lambda, CloudFormation, STS, SSM, Step Functions and CloudWatch Logs, the
   * bucket of CloudFormation's response URLs in S3, and for health checks the endpoints of MicroVMs, over HTTPS. Use a
   * NAT gateway, or VPC endpoints for all of them. If a function does not reach its response URL, the deployment waits
   * for an hour before it fails.
   *
   * Lambda releases the network interfaces up to 20 minutes after it has deleted the functions. So the deletion of a
   * stack with their security groups takes longer.
   *
   * @default - the functions are in no VPC of yours, and reach the public endpoints of AWS
   */
  readonly vpc?: ec2.IVpc;

  /**
   * The subnets of the functions. Public subnets are not valid, because functions get no public addresses. Needs `vpc`.
   *
   * @default - the private subnets with egress
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * The security groups of the functions: 1 to 5. They must permit egress to port 443. Needs `vpc`.
   *
   * @default - a new security group for the provider of each stack, and for each `MicrovmStateMachineFragment`, with
   * egress to port 443 over IPv4
   */
  readonly securityGroups?: ec2.ISecurityGroupRef[];

  /**
   * X-Ray tracing of the functions. With `ACTIVE`, X-Ray also traces the state machine of the provider.
   *
   * Active tracing costs about 5 USD per million traces. A deployment polls every four seconds for each resource.
   *
   * @default - no tracing
   */
  readonly tracing?: lambda.Tracing;

  /**
   * Reserved concurrency of the handler, and of the function of each `MicrovmStateMachineFragment`: a whole number from
   * 2 to 10,000. Each of the three functions of the provider framework gets half of it, so that they can never throttle
   * the handler. So the provider of a stack reserves up to two and a half times this number.
   *
   * The number limits how many resources a deployment handles at the same time. Other resources wait. Lambda rejects
   * a reservation that leaves less than 100 to the other functions of the account and Region.
   *
   * @default - no reservation
   */
  readonly reservedConcurrentExecutions?: number;
}

const TYPES: PropertyTypes<MicrovmProviderOptions> = {
  logGroup: having('a log group', 'logGroupRef'),
  logEncryptionKey: KEY,
  logRetention: oneOf('RetentionDays', logs.RetentionDays),
  logRemovalPolicy: oneOf('RemovalPolicy', RemovalPolicy),
  vpc: having('a VPC', 'vpcId'),
  vpcSubnets: plainObject('an object such as { subnetType: ec2.SubnetType.PRIVATE_ISOLATED }'),
  securityGroups: listOf('security groups', having('a security group', 'securityGroupRef')),
  tracing: oneOf('Tracing', lambda.Tracing),
  reservedConcurrentExecutions: NUMBER,
};

const CODE = 'MicrovmProviderOptionsInvalid';

const CONCURRENCY_RULE: NumberRule = { property: 'reservedConcurrentExecutions', code: CODE, min: 2, max: 10_000 };

const MAX_SECURITY_GROUPS = 5;

/**
 * Configures the Lambda functions that this library creates: those of the provider, which manages the resources of a
 * stack during deployments, and the function of each `MicrovmStateMachineFragment`.
 *
 * The provider of a stack is the construct `<stack>/CdkLambdaMicrovms`. The path is stable, so an aspect or
 * `stack.node.findChild('CdkLambdaMicrovms')` can change what has no option here.
 *
 * The functions of the provider have few permissions. To manage a resource, the handler assumes the role of that
 * resource.
 *
 * @example
 * import { App, Stack, aws_lambda as lambda, aws_logs as logs } from 'aws-cdk-lib';
 * import { MicrovmCode, MicrovmImage, MicrovmProvider } from 'cdk-lambda-microvms';
 *
 * const app = new App();
 * MicrovmProvider.configure(app, {
 *   logRetention: logs.RetentionDays.ONE_YEAR,
 *   tracing: lambda.Tracing.ACTIVE,
 * });
 *
 * const stack = new Stack(app, 'Sandboxes');
 * new MicrovmImage(stack, 'Sandbox', { code: MicrovmCode.fromDirectory('sandbox') });
 */
export class MicrovmProvider {
  /**
   * Configures all functions of this library in a scope. You can create the resources before or after the call.
   *
   * If several calls cover a stack, each option counts from the nearest scope, and from the last call for that scope.
   * `vpc`, `vpcSubnets` and `securityGroups` count together. `logGroup` replaces the other options of logs.
   *
   * @param scope the app, a stage, a stack, or a construct that contains stacks or fragments.
   */
  public static configure(scope: IConstruct, options: MicrovmProviderOptions): void {
    checkArgument('options', options, plainObject('an object'), scope);
    checkProps(scope, options, TYPES);
    const { logGroup, logEncryptionKey, logRetention, logRemovalPolicy, tracing, reservedConcurrentExecutions } = options;
    if (logEncryptionKey) encryptionKeyArn(scope, logEncryptionKey);
    checkLogs(options, scope);
    checkNumber(CONCURRENCY_RULE, reservedConcurrentExecutions, scope);
    addProviderSettings(scope, {
      logGroup,
      logEncryptionKey,
      logRetention,
      logRemovalPolicy,
      reservedConcurrentExecutions,
      tracing: tracing === lambda.Tracing.DISABLED ? undefined : tracing,
      network: networkOf(options, scope),
    });
  }

  private constructor() {}
}

function checkLogs(options: MicrovmProviderOptions, scope: IConstruct): void {
  if (!options.logGroup) return;
  const others = (['logEncryptionKey', 'logRetention', 'logRemovalPolicy'] as const).filter(name => options[name] !== undefined);
  if (others.length === 0) return;
  throw new ValidationError(CODE, `${others[0]}: cannot be combined with logGroup; set it on your log group, or omit logGroup`, scope);
}

function networkOf({ vpc, vpcSubnets, securityGroups }: MicrovmProviderOptions, scope: IConstruct): FunctionNetwork | undefined {
  if (!vpc) {
    const property = vpcSubnets ? 'vpcSubnets' : 'securityGroups';
    if (vpcSubnets ?? securityGroups) throw new ValidationError(CODE, `${property}: needs vpc; set vpc too`, scope);
    return undefined;
  }
  if (securityGroups && (securityGroups.length === 0 || securityGroups.length > MAX_SECURITY_GROUPS)) {
    throw new ValidationError(CODE, `securityGroups: ${securityGroups.length} groups are not valid; use 1 to ${MAX_SECURITY_GROUPS}, or omit it`, scope);
  }
  const subnets = selectSubnets(vpc, vpcSubnets, scope);
  const publicIds = new Set(vpc.publicSubnets.map(({ subnetId }) => subnetId));
  const found = subnets.subnets.find(({ subnetId }) => publicIds.has(subnetId));
  if (found) {
    throw new ValidationError(CODE,
      `vpcSubnets: ${found.node.path} is public, and functions get no public address there; use private subnets with a NAT gateway or VPC endpoints`, scope);
  }
  return { vpc, subnets, securityGroups };
}

/** Selects subnets. The CDK's own error names neither the property nor the scope. */
function selectSubnets(vpc: ec2.IVpc, selection: ec2.SubnetSelection | undefined, scope: IConstruct): ec2.SelectedSubnets {
  try {
    return vpc.selectSubnets(selection);
  } catch (error) {
    const reason = (error as Error).message.split('\n')[0].replace(/[.:\s]+$/, '');
    throw new ValidationError(CODE, `vpcSubnets: the VPC ${vpc.node.path} does not have the selected subnets (${reason}); select others, for example by subnetType`, scope);
  }
}
