import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as cr from 'aws-cdk-lib/custom-resources';
import type { IConstruct } from 'constructs';
import { Construct } from 'constructs';
import { managedImageArn } from './arns';
import { onceAtSynth } from './at-synth';
import type { Waiter } from './deployment-encryption';
import { deploymentEncryptionOf, encryptWaiter } from './deployment-encryption';
import { ValidationError } from './errors';
import { configureFunctions, logStreamsArn } from './function-settings';
import { handlerFunctionProps } from './handler-function';
import { THIS_COPY } from './library-copy';
import { allow, fromFunctionOnly, PERMISSIONS } from './permissions';
import { providerSettingsOf } from './provider-settings';
import { TypeMarker } from './type-marker';

/** Must never change: CloudFormation does not allow a custom resource to change its service token. */
const ID = 'CdkLambdaMicrovms';

const TYPE = new TypeMarker('HandlerProvider');

/**
 * Context key that lets only the handler function assume the resource roles. It is off by default: if calls of the
 * handler did not carry `lambda:SourceFunctionArn`, no deployment would work.
 */
const SOURCE_FUNCTION_CONDITION = 'cdk-lambda-microvms:sourceFunctionCondition';

/** The interval between polls. The grace of the handlers is calculated from it. */
const QUERY_INTERVAL = Duration.seconds(4);

/**
 * Leaves out the lines of the runtime about the start and end of each invocation. They would bury the lines of the
 * handler, one for each change of state.
 */
const QUIET = lambda.SystemLogLevel.WARN;

/**
 * Longer than the longest `deploymentTimeout`: only the error of the resource's own timeout says what it waited for.
 */
const TOTAL_TIMEOUT = Duration.hours(1);

/**
 * Creates the handler function of a stack, which manages all custom resources of this library in the stack.
 *
 * The function role has hardly any permissions: the handler assumes the resource role of each resource. If all
 * resources shared one policy, an update would remove the statements for a removed resource before the cleanup
 * deletes that resource. The Delete would then be denied, and CloudFormation would ignore the failure (reconciler.md,
 * A.7).
 */
export class HandlerProvider extends Construct {
  /**
   * Returns the provider of the stack. The first call creates it.
   *
   * Another copy of this library may have created it. That copy must have the same handler, because constructs write
   * their properties for the handler of their own copy.
   */
  public static of(scope: IConstruct): HandlerProvider {
    const stack = Stack.of(scope);
    const existing = stack.node.tryFindChild(ID);
    if (!existing) return new HandlerProvider(stack, ID);
    if (existing instanceof HandlerProvider) return existing;
    if (!TYPE.isOn(existing)) {
      throw new ValidationError('MicrovmProviderIdTaken',
        `id: a construct of yours has the ID '${ID}', under which this library creates the handler of the stack; use another ID`, existing);
    }
    checkCopy(existing as HandlerProvider, scope);
    return existing as HandlerProvider;
  }

  /** The copy of this library whose handler is deployed. */
  public readonly copy = THIS_COPY;
  public readonly serviceToken: string;
  /** The role of the handler function, which the resource roles trust. */
  public readonly functionRole: iam.IRole;

  private constructor(stack: Stack, id: string) {
    super(stack, id);
    TYPE.mark(this);

    const logGroup = new logs.LogGroup(this, 'Logs', { retention: logs.RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    const policy = new iam.PolicyDocument({
      statements: [
        allow(PERMISSIONS.provider.logs, [logStreamsArn(this, logGroup)]),
        allow(PERMISSIONS.provider.stack, [stack.stackId]),
        allow(PERMISSIONS.provider.baseImages, [managedImageArn(this, '*')]),
      ],
    });
    const role = new iam.Role(this, 'FunctionRole', {
      description: 'Watches its stack and assumes the roles of the MicroVM resources in it',
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { handler: policy },
    });
    const handler = new lambda.Function(this, 'Handler', {
      description: 'Creates, updates and deletes the MicroVM resources of its stack',
      ...handlerFunctionProps(this, 'handler'),
      memorySize: 256,
      timeout: Duration.minutes(1),
      role: role.withoutPolicyUpdates(),
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      applicationLogLevelV2: lambda.ApplicationLogLevel.INFO,
      systemLogLevelV2: QUIET,
    });
    // A policy of its own: the inline policy of the role would depend on the function, which depends on the role.
    if (isOn(stack, SOURCE_FUNCTION_CONDITION)) {
      new iam.Policy(this, 'FromTheHandlerOnly', { roles: [role], statements: [fromFunctionOnly(handler.functionArn)] });
    }
    const frameworkPolicies = [frameworkPolicy(this, logGroup), frameworkPolicy(this, logGroup)];
    // One function handles both events. It distinguishes them, because the framework passes the result of onEvent to
    // isComplete.
    const provider = new cr.Provider(this, 'Provider', {
      onEventHandler: handler,
      isCompleteHandler: handler,
      queryInterval: QUERY_INTERVAL,
      totalTimeout: TOTAL_TIMEOUT,
      // Without a log group and roles, the framework's functions create log groups that no stack deletes, and may
      // write to all log groups.
      logGroup,
      frameworkOnEventRole: frameworkRole(this, 'OnEventRole', frameworkPolicies[0]),
      frameworkCompleteAndTimeoutRole: frameworkRole(this, 'WaiterRole', frameworkPolicies[1]),
    });

    const framework = provider.node.findAll().filter(child => lambda.CfnFunction.isCfnFunction(child));
    for (const resource of framework) resource.addPropertyOverride('LoggingConfig.SystemLogLevel', QUIET);

    this.serviceToken = provider.serviceToken;
    this.functionRole = role;
    const waiter = waiterOf(provider);
    this.encryptOnRequest(waiter);
    configureFunctions(this, {
      logGroup,
      functions: [
        { resource: handler.node.defaultChild as lambda.CfnFunction },
        // The framework calls the handler synchronously and fails if it is throttled.
        ...framework.map(resource => ({ resource, share: (reserved: number) => Math.floor(reserved / 2) })),
      ],
      allow: statement => [policy, ...frameworkPolicies].forEach(document => document.addStatements(statement)),
    });
    onceAtSynth(this, () => traceWaiter(this, waiter));
  }

  private encryptOnRequest(waiter: Waiter): void {
    // Without this, the state machine would keep using a key that a later template, or a rollback, no longer contains
    // and CloudFormation deletes (service-facts.md, 13.3).
    waiter.stateMachine.encryptionConfiguration = { type: 'AWS_OWNED_KEY' };
    onceAtSynth(this, () => {
      const settings = deploymentEncryptionOf(this);
      if (settings) encryptWaiter(this, waiter, settings);
    });
  }
}

/** Fails if another copy of this library created the provider, and its handler differs from the one of this copy. */
function checkCopy({ copy }: HandlerProvider, scope: IConstruct): void {
  if (copy.version === THIS_COPY.version && copy.bundleHash() === THIS_COPY.bundleHash()) return;
  throw new ValidationError('MicrovmProviderCopiesDiffer',
    `cdk-lambda-microvms: the stack has constructs of two copies of this library, ${copy.version} at ${copy.location} and ${THIS_COPY.version} at `
    + `${THIS_COPY.location}, and can have the handler of one only; run \`npm ls cdk-lambda-microvms\`, and let both dependents use one version`, scope);
}

/** Finds the parts of the framework that wait. */
function waiterOf(provider: cr.Provider): Waiter {
  const { node } = provider.node.findChild('waiter-state-machine');
  return {
    stateMachine: node.findChild('Resource') as sfn.CfnStateMachine,
    role: node.findChild('Role') as iam.Role,
    starter: provider.node.findChild('framework-onEvent') as lambda.Function,
  };
}

/** Whether a context key is set. The command line passes texts. */
function isOn(scope: IConstruct, key: string): boolean {
  return ['true', true].includes(scope.node.tryGetContext(key));
}

/** Lets X-Ray trace the state machine, if it traces the functions. */
function traceWaiter(scope: Construct, { stateMachine, role }: Waiter): void {
  if (providerSettingsOf(scope).tracing !== lambda.Tracing.ACTIVE) return;
  stateMachine.tracingConfiguration = { enabled: true };
  role.addToPrincipalPolicy(allow(PERMISSIONS.providerOptions.traceStateMachine, ['*']));
}

function frameworkPolicy(scope: Construct, logGroup: logs.LogGroup): iam.PolicyDocument {
  return new iam.PolicyDocument({ statements: [allow(PERMISSIONS.provider.logs, [logStreamsArn(scope, logGroup)])] });
}

/** Creates a role for a function of the framework. The framework adds the permission to invoke the handler. */
function frameworkRole(scope: Construct, id: string, policy: iam.PolicyDocument): iam.Role {
  return new iam.Role(scope, id, {
    description: 'For the functions of the provider framework',
    assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    inlinePolicies: { logs: policy },
  });
}
