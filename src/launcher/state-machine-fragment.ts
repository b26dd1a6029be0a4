import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import type { IMicrovmLauncher } from './microvm-launcher';
import { checkPayload, LONGEST_PAYLOAD } from './payload';
import type { WorkflowEvent } from '../contract/workflow';
import type { DurationRule } from '../private/errors';
import { checkDuration } from '../private/errors';
import { handlerFunctionProps } from '../private/handler-function';
import { allow, PERMISSIONS } from '../private/permissions';

/**
 * Properties of a workflow's part that runs with a MicroVM.
 */
export interface MicrovmStateMachineFragmentProps {
  /**
   * What to launch, and how.
   */
  readonly launcher: IMicrovmLauncher;

  /**
   * What to do while the MicroVM runs. It finds it in `$.microvm`, with the members `microvmId`, `endpoint` and `imageVersion`, beside the input of the
   * workflow. To reach its endpoint, or to manage it, it needs grants of its own.
   */
  readonly body: sfn.IChainable;

  /**
   * What the image's run hook gets: at most 4,096 characters; may be a path into the input (`sfn.JsonPath.stringAt`).
   *
   * @default - none
   */
  readonly payload?: string;

  /**
   * For how long it is waited until the MicroVM runs: 5 seconds to 30 minutes.
   *
   * @default Duration.minutes(2)
   */
  readonly launchTimeout?: Duration;
}

const LAUNCH_TIMEOUT: DurationRule = { property: 'launchTimeout', code: 'MicrovmStateMachineFragmentInvalid', min: 5, max: 1800, allowed: '5 seconds to 30 minutes' };

const BETWEEN_LOOKS = Duration.seconds(2);

/** What may pass: errors of the service by their names, and what Lambda itself answers. */
const PASSING = [
  'ThrottlingException', 'InternalServerException', 'ServiceQuotaExceededException', 'InsufficientCapacityException', 'ConflictException', 'TimeoutError', 'AbortError',
  'Lambda.ServiceException', 'Lambda.AWSLambdaException', 'Lambda.SdkClientException', 'Lambda.ClientExecutionTimeoutException', 'Lambda.TooManyRequestsException',
];

/**
 * A part of a Step Functions workflow that has a MicroVM of its own: launches it, waits until it runs, does what the workflow asks for, and terminates
 * it, on success and on every error.
 *
 * It calls the service by a small function, with the launcher's `grantLaunch` and the right to terminate MicroVMs of the image. A launch that is
 * retried launches nothing twice. An error goes on with its name and cause once the MicroVM is terminated. An execution that is stopped or aborted
 * terminates nothing: the launcher's maximum duration does.
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
 * const workflow = new MicrovmStateMachineFragment(stack, 'Sandboxed', { launcher, body: work });
 * new sfn.StateMachine(stack, 'Machine', { definitionBody: sfn.DefinitionBody.fromChainable(workflow) });
 */
export class MicrovmStateMachineFragment extends sfn.StateMachineFragment {
  public readonly startState: sfn.State;
  public readonly endStates: sfn.INextable[];

  private readonly launchFunction: lambda.Function;
  private readonly props: MicrovmStateMachineFragmentProps;

  public constructor(scope: Construct, id: string, props: MicrovmStateMachineFragmentProps) {
    super(scope, id);
    checkDuration(LAUNCH_TIMEOUT, props.launchTimeout, this);
    checkPayload(this, props.launcher.image, props.payload, LONGEST_PAYLOAD);
    this.props = props;
    this.launchFunction = this.createFunction();

    const failure = new sfn.Fail(this, 'Fail', { stateName: this.named('failed'), errorPath: '$.microvmError.Error', causePath: '$.microvmError.Cause' });
    const clear = this.task('TerminateAfterError', 'terminate after error', 'terminate', sfn.JsonPath.DISCARD)
      .addCatch(failure, { resultPath: sfn.JsonPath.DISCARD });
    clear.next(failure);

    const output = new sfn.Pass(this, 'Output', { stateName: this.named('output'), inputPath: '$.microvmOutput[0]' });
    const terminate = this.task('Terminate', 'terminate', 'terminate', sfn.JsonPath.DISCARD);
    const body = new sfn.Parallel(this, 'Body', { stateName: this.named('body'), resultPath: '$.microvmOutput' })
      .branch(this.untilRunning(props.body))
      .addCatch(clear, { resultPath: '$.microvmError' });
    const launch = this.task('Launch', 'launch', 'launch', '$.microvm').addCatch(clear, { resultPath: '$.microvmError' });

    // The token comes first: whatever becomes of the answer, the launch can be found by it.
    this.startState = new sfn.Pass(this, 'Token', {
      stateName: this.named('token'), parameters: { token: sfn.JsonPath.uuid() }, resultPath: '$.microvm',
    });
    this.endStates = [output];
    sfn.Chain.start(this.startState).next(launch).next(body).next(terminate).next(output);
  }

  private untilRunning(body: sfn.IChainable): sfn.IChainable {
    const pause = new sfn.Wait(this, 'Wait', { stateName: this.named('wait'), time: sfn.WaitTime.duration(BETWEEN_LOOKS) });
    const look = this.task('Look', 'look', 'look', '$.microvm');
    const isPending = new sfn.Choice(this, 'Running', { stateName: this.named('running?') })
      .when(sfn.Condition.stringEquals('$.microvm.state', 'PENDING'), pause)
      .otherwise(body.startState);
    return pause.next(look).next(isPending);
  }

  private task(id: string, name: string, action: WorkflowEvent['action'], resultPath: string): tasks.LambdaInvoke {
    const event: Record<keyof WorkflowEvent, unknown> = {
      action,
      microvm: sfn.JsonPath.objectAt('$.microvm'),
      payload: this.props.payload,
      timeout: (this.props.launchTimeout ?? Duration.minutes(2)).toSeconds(),
    };
    const task = new tasks.LambdaInvoke(this, id, {
      stateName: this.named(name),
      lambdaFunction: this.launchFunction,
      payload: sfn.TaskInput.fromObject(event),
      payloadResponseOnly: true,
      resultPath,
      retryOnServiceExceptions: false,
    });
    task.addRetry({ errors: PASSING, interval: Duration.seconds(2), maxAttempts: 6, backoffRate: 2 });
    return task;
  }

  /** Names of states are unique in a state machine, which may have several of these. */
  private named(state: string): string {
    return `${this.node.id}: ${state}`;
  }

  private createFunction(): lambda.Function {
    const { launcher } = this.props;
    const logGroup = new logs.LogGroup(this, 'Logs', { retention: logs.RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    const role = new iam.Role(this, 'Role', {
      description: 'Launches and terminates the MicroVMs of a workflow',
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    });
    role.addToPolicy(allow(PERMISSIONS.workflow.logs, [logGroup.logGroupArn]));
    launcher.grantLaunch(role);
    const { imageArn } = launcher.image.microvmImageRef;
    role.addToPolicy(allow(PERMISSIONS.workflow.terminate, [imageArn]));
    const fn = new lambda.Function(this, 'Function', {
      description: 'Launches, looks at and terminates the MicroVMs of a workflow',
      ...handlerFunctionProps(this, 'workflow'),
      memorySize: 256,
      timeout: Duration.minutes(1),
      role,
      logGroup,
    });
    launcher.addToFunction(fn);
    return fn;
  }
}
