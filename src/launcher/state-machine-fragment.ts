import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { Construct } from 'constructs';
import { LAUNCHER, PAYLOAD_OBJECT } from './deployment-options';
import { ERROR_MEMBER, FragmentBody, inputWith, JSONATA_INPUT, OUTPUT_MEMBER } from './fragment-body';
import { longStateNames, stateNamePrefix } from './fragment-names';
import { checkLauncherEnvironment } from './launch-environment';
import type { IMicrovmLauncher } from './launcher-interface';
import type { Payload } from './payload';
import { checkPayload, givenPayload, LONGEST_PAYLOAD } from './payload';
import type { WorkflowEvent } from '../contract/workflow';
import { DEFAULT_LAUNCH_TIMEOUT_SECONDS } from '../contract/workflow';
import type { DurationRule } from '../private/errors';
import { checkDuration } from '../private/errors';
import { configureFunctions, logStreamsArn } from '../private/function-settings';
import { handlerFunctionProps } from '../private/handler-function';
import { allow, PERMISSIONS } from '../private/permissions';
import { checkProps, DURATION, having, pathOf, TEXT } from '../private/property-types';
import type { PropertyTypes } from '../private/property-types';
import { secretReferenceErrors } from '../private/secret-references';

/**
 * Properties of a state machine fragment that has its own MicroVM.
 */
export interface MicrovmStateMachineFragmentProps {
  /**
   * The launcher, which defines what to launch.
   */
  readonly launcher: IMicrovmLauncher;

  /**
   * The states that use the MicroVM. They start when the MicroVM runs.
   *
   * Their input is the input of the fragment, with the MicroVM in the member `microvm`: `$.microvm` in JSONPath and
   * `$states.input.microvm` in JSONata. Its members are `microvmId`, `endpoint` (a host name) and `imageVersion`. The
   * output of these states is the output of the fragment.
   *
   * In a state machine in JSONata, create each of these states with its `jsonata` method.
   *
   * To connect to the MicroVM or to manage it, the roles of these states need grants, for example
   * `launcher.grantConnect`.
   */
  readonly body: sfn.IChainable;

  /**
   * The payload of the run hook of the image: at most 4,096 characters, counted as JSON. It may come from the input of
   * the fragment: as a JSONata expression (`{% $states.input.job %}`) in every state machine, or as a path
   * (`sfn.JsonPath.stringAt`) in a state machine in JSONPath. An object of the input becomes JSON.
   *
   * The service accepts 4,096 bytes (service-facts.md, 1.2). It rejects a longer value from the input at the launch.
   *
   * @default - no payload, unless `payloadObject` is set
   */
  readonly payload?: string;

  /**
   * The payload of the run hook as an object, which the run hook receives as JSON. Its values may come from the input,
   * as in `payload`. It cannot be combined with `payload`.
   *
   * @default - no payload, unless `payload` is set
   */
  readonly payloadObject?: { [key: string]: any };

  /**
   * Maximum time from the launch until the MicroVM runs: 5 seconds to 30 minutes, in whole seconds. After this time,
   * the fragment fails with `MicrovmLaunchTimedOut`.
   *
   * @default Duration.minutes(2)
   */
  readonly launchTimeout?: Duration;
}

const TYPES: PropertyTypes<MicrovmStateMachineFragmentProps> = {
  launcher: LAUNCHER.required(),
  body: having('a state or chain of states', 'startState').required(),
  payload: TEXT,
  payloadObject: PAYLOAD_OBJECT,
  launchTimeout: DURATION,
};

const LAUNCH_TIMEOUT_RULE: DurationRule = {
  property: 'launchTimeout', code: 'MicrovmStateMachineFragmentInvalid', min: 5, max: 1800, allowed: '5 seconds to 30 minutes',
};

const POLL_INTERVAL = Duration.seconds(2);

/** Names of transient errors: those of the service, and those of Lambda when it invokes the function. */
const TRANSIENT_ERRORS = [
  'ThrottlingException', 'InternalServerException', 'ServiceQuotaExceededException', 'InsufficientCapacityException', 'ConflictException',
  'TimeoutError', 'AbortError',
  'Lambda.ServiceException', 'Lambda.AWSLambdaException', 'Lambda.SdkClientException', 'Lambda.ClientExecutionTimeoutException',
  'Lambda.TooManyRequestsException',
];

interface TaskOptions {
  readonly payload?: Payload;
  /** JSONata expression of the output of the task. */
  readonly outputs: string;
}

/** Whether a payload contains paths into the input (`sfn.JsonPath`). */
function hasJsonPath(payload: Payload | undefined): boolean {
  return sfn.FieldUtils.findReferencedPaths({ payload }).length > 0;
}

/** Returns a JSONata expression for a member of the caught error. The error of a `Fail` state may have no cause. */
function memberOfError(name: 'Error' | 'Cause', otherwise: string): string {
  const member = `$states.input.${ERROR_MEMBER}.${name}`;
  return `{% $exists(${member}) ? ${member} : '${otherwise}' %}`;
}

/**
 * A fragment of a Step Functions state machine that has its own MicroVM. It launches the MicroVM, waits until it runs,
 * and executes the states of `body`. Then it terminates the MicroVM, on success and on every error.
 *
 * A Lambda function calls the service. It has `grantLaunch` of the launcher and permission to terminate MicroVMs of the
 * image. A retry of the launch does not launch a second MicroVM.
 *
 * If a state fails, the fragment first terminates the MicroVM. Then it fails with the name and cause of the error.
 *
 * The state machine may be in JSONPath or in JSONata. The states of the fragment itself are in JSONata, which both
 * permit. Their names begin with the path of the fragment in its stack, shortened if they would be too long.
 *
 * If an execution is stopped or aborted, its MicroVM keeps running until the maximum duration of the launcher.
 *
 * @example
 * import { aws_stepfunctions as sfn } from 'aws-cdk-lib';
 * import type { Stack } from 'aws-cdk-lib';
 * import type { MicrovmLauncher } from 'cdk-lambda-microvms';
 * import { MicrovmStateMachineFragment } from 'cdk-lambda-microvms';
 *
 * declare const stack: Stack;
 * declare const launcher: MicrovmLauncher;
 * declare const work: sfn.IChainable;
 *
 * const fragment = new MicrovmStateMachineFragment(stack, 'Sandboxed', { launcher, body: work });
 * new sfn.StateMachine(stack, 'Machine', { definitionBody: sfn.DefinitionBody.fromChainable(fragment) });
 */
@propertyInjectable
export class MicrovmStateMachineFragment extends sfn.StateMachineFragment {
  /**
   * Identifies the class for property injectors.
   */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-lambda-microvms.MicrovmStateMachineFragment';

  public readonly startState: sfn.State;
  public readonly endStates: sfn.INextable[];

  private readonly launchFunction: lambda.Function;
  private readonly namePrefix: string;
  private readonly props: MicrovmStateMachineFragmentProps;

  public constructor(scope: Construct, id: string, props: MicrovmStateMachineFragmentProps) {
    checkProps(pathOf(scope, id), props, TYPES);
    super(scope, id);
    checkLauncherEnvironment(this, props.launcher);
    checkDuration(LAUNCH_TIMEOUT_RULE, props.launchTimeout, this);
    const payload = givenPayload(this, props);
    checkPayload(this, props.launcher.image, payload, LONGEST_PAYLOAD);
    this.node.addValidation({
      validate: () => secretReferenceErrors(this, Stack.of(this).resolve({ payload })).map(error => error.message),
    });
    this.props = props;
    this.namePrefix = stateNamePrefix(this);
    this.launchFunction = this.createFunction();
    this.node.addValidation({ validate: () => longStateNames(this) });

    const failure = sfn.Fail.jsonata(this, 'Fail', {
      stateName: this.stateName('failed'), error: memberOfError('Error', 'States.TaskFailed'), cause: memberOfError('Cause', ''),
    });
    const terminateAfterError = this.task('TerminateAfterError', 'terminate after error', 'terminate', { payload, outputs: JSONATA_INPUT })
      .addCatch(failure, { outputs: JSONATA_INPUT });
    terminateAfterError.next(failure);

    const terminate = this.task('Terminate', 'terminate', 'terminate', { outputs: `{% $states.input.${OUTPUT_MEMBER}[0] %}` });
    const body = new FragmentBody(this, 'Body', {
      stateName: this.stateName('body'), onError: terminateAfterError, hasJsonPathPayload: hasJsonPath(payload),
    }).branch(this.untilRunning(props.body));
    const launch = this.task('Launch', 'launch', 'launch', { payload, outputs: inputWith('microvm', '$states.result') })
      .addCatch(terminateAfterError, { outputs: inputWith(ERROR_MEMBER, '$states.errorOutput') });

    // The client token exists before the launch, so that the MicroVM can be terminated even if the response is lost.
    this.startState = hasJsonPath(payload)
      ? sfn.Pass.jsonPath(this, 'Token', {
        stateName: this.stateName('token'),
        parameters: { token: sfn.JsonPath.uuid(), payload },
        resultPath: '$.microvm',
      })
      : sfn.Pass.jsonata(this, 'Token', { stateName: this.stateName('token'), outputs: inputWith('microvm', "{'token': $uuid()}") });
    this.endStates = [terminate];
    sfn.Chain.start(this.startState).next(launch).next(body).next(terminate);
  }

  private untilRunning(body: sfn.IChainable): sfn.IChainable {
    const pause = sfn.Wait.jsonata(this, 'Wait', { stateName: this.stateName('wait'), time: sfn.WaitTime.duration(POLL_INTERVAL) });
    const describe = this.task('Describe', 'describe', 'describe', { outputs: inputWith('microvm', '$states.result') });
    const isPending = sfn.Choice.jsonata(this, 'Running', { stateName: this.stateName('running?') })
      .when(sfn.Condition.jsonata("{% $states.input.microvm.state = 'PENDING' %}"), pause)
      .otherwise(body.startState);
    return pause.next(describe).next(isPending);
  }

  private task(id: string, name: string, action: WorkflowEvent['action'], { payload, outputs }: TaskOptions): tasks.LambdaInvoke {
    const event: Record<keyof WorkflowEvent, unknown> = {
      action,
      microvm: '{% $states.input.microvm %}',
      // The token state puts a payload in JSONPath into the MicroVM.
      payload: hasJsonPath(payload) ? undefined : payload,
      timeout: this.props.launchTimeout?.toSeconds() ?? DEFAULT_LAUNCH_TIMEOUT_SECONDS,
    };
    const task = tasks.LambdaInvoke.jsonata(this, id, {
      stateName: this.stateName(name),
      lambdaFunction: this.launchFunction,
      payload: sfn.TaskInput.fromObject(event),
      payloadResponseOnly: true,
      outputs,
      retryOnServiceExceptions: false,
    });
    task.addRetry({ errors: TRANSIENT_ERRORS, interval: Duration.seconds(2), maxAttempts: 6, backoffRate: 2 });
    return task;
  }

  private stateName(state: string): string {
    return `${this.namePrefix}: ${state}`;
  }

  private createFunction(): lambda.Function {
    const { launcher } = this.props;
    const logGroup = new logs.LogGroup(this, 'Logs', { retention: logs.RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    const role = new iam.Role(this, 'Role', {
      description: 'Launches and terminates the MicroVMs of a state machine fragment',
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    });
    role.addToPolicy(allow(PERMISSIONS.workflow.logs, [logStreamsArn(this, logGroup)]));
    launcher.grantLaunch(role);
    const { imageArn } = launcher.image.microvmImageRef;
    role.addToPolicy(allow(PERMISSIONS.workflow.terminate, [imageArn]));
    const fn = new lambda.Function(this, 'Function', {
      description: 'Launches, describes and terminates the MicroVMs of a state machine fragment',
      ...handlerFunctionProps(this, 'workflow'),
      memorySize: 256,
      timeout: Duration.minutes(1),
      role,
      logGroup,
    });
    launcher.addToFunction(fn);
    configureFunctions(this, {
      logGroup,
      functions: [{ resource: fn.node.defaultChild as lambda.CfnFunction }],
      allow: statement => role.addToPolicy(statement),
    });
    return fn;
  }
}
