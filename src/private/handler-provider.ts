import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as cr from 'aws-cdk-lib/custom-resources';
import type { IConstruct } from 'constructs';
import { Construct } from 'constructs';
import { managedImageArn } from './arns';
import { handlerFunctionProps } from './handler-function';
import { allow, PERMISSIONS } from './permissions';

/** Never changes: a resource cannot move to another service token. */
const ID = 'CdkLambdaMicrovms';

/** The grace of the handlers is reckoned with it. */
const QUERY_INTERVAL = Duration.seconds(6);

/** Above every resource's own deadline, which says what it waited for; this one would not. */
const TOTAL_TIMEOUT = Duration.hours(1);

/**
 * Handles all custom resources of a stack.
 *
 * It may do next to nothing: each resource has its own role, which the handler assumes. A policy shared by all resources would
 * shrink before a removed resource is cleaned up, which would then be denied, without a word.
 */
export class HandlerProvider extends Construct {
  /** The provider of the stack; made when first asked for. */
  public static of(scope: IConstruct): HandlerProvider {
    const stack = Stack.of(scope);
    return (stack.node.tryFindChild(ID) as HandlerProvider | undefined) ?? new HandlerProvider(stack, ID);
  }

  public readonly serviceToken: string;
  /** Whom the roles of the resources trust. */
  public readonly functionRole: iam.IRole;

  private constructor(stack: Stack, id: string) {
    super(stack, id);

    const logGroup = new logs.LogGroup(this, 'Logs', { retention: logs.RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    const role = new iam.Role(this, 'FunctionRole', {
      description: 'Watches its stack and assumes the roles of the MicroVM resources in it',
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        handler: new iam.PolicyDocument({
          statements: [
            allow(PERMISSIONS.provider.logs, [logGroup.logGroupArn]),
            allow(PERMISSIONS.provider.stack, [stack.stackId]),
            allow(PERMISSIONS.provider.baseImages, [managedImageArn(this, '*')]),
          ],
        }),
      },
    });
    const handler = new lambda.Function(this, 'Handler', {
      description: 'Creates, updates and deletes the MicroVM resources of its stack',
      ...handlerFunctionProps(this, 'handler'),
      memorySize: 256,
      timeout: Duration.minutes(1),
      role: role.withoutPolicyUpdates(),
      logGroup,
    });
    // One function is both: the framework hands isComplete what onEvent returned, which tells the calls apart.
    const provider = new cr.Provider(this, 'Provider', {
      onEventHandler: handler,
      isCompleteHandler: handler,
      queryInterval: QUERY_INTERVAL,
      totalTimeout: TOTAL_TIMEOUT,
      // The framework's functions would otherwise make log groups of their own, which stay behind, and be allowed to write to all.
      logGroup,
      frameworkOnEventRole: frameworkRole(this, 'OnEventRole', logGroup),
      frameworkCompleteAndTimeoutRole: frameworkRole(this, 'WaiterRole', logGroup),
    });

    this.serviceToken = provider.serviceToken;
    this.functionRole = role;
  }
}

/** The framework adds what its functions invoke. */
function frameworkRole(scope: Construct, id: string, logGroup: logs.ILogGroup): iam.Role {
  return new iam.Role(scope, id, {
    description: 'For the functions of the provider framework',
    assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    inlinePolicies: { logs: new iam.PolicyDocument({ statements: [allow(PERMISSIONS.provider.logs, [logGroup.logGroupArn])] }) },
  });
}
