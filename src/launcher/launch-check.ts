import type { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { MicrovmHealthCheck } from './health-check';
import type { IMicrovmLauncher } from './microvm-launcher';
import { microvmResource } from './microvm-resource';
import type { MicrovmLaunchCheckAttributes as DeployedAttributes } from '../contract/microvm';
import { MICROVM_LAUNCH_CHECK_RESOURCE_TYPE } from '../contract/microvm';

/**
 * Properties of a launch check.
 */
export interface MicrovmLaunchCheckProps {
  /**
   * What to launch, and how. A change of what it says checks again, and so does each new version of the image if that is a `MicrovmImage` of the same stack.
   */
  readonly launcher: IMicrovmLauncher;

  /**
   * The request that must be answered.
   *
   * @default - a GET request of `/` on port 8080, for a minute
   */
  readonly healthCheck?: MicrovmHealthCheck;

  /**
   * What the image's run hook gets: at most 2,048 characters, counted as JSON. A change checks again.
   *
   * @default - none
   */
  readonly payload?: string;

  /**
   * A text whose change checks again; of use for images of other stacks, whose new versions are not noticed.
   *
   * @default - none
   */
  readonly trigger?: string;

  /**
   * How long one check may take, 1 to 55 minutes. After that it fails and says what it was waiting for.
   *
   * @default Duration.minutes(50)
   */
  readonly deploymentTimeout?: Duration;
}

/**
 * A check that each new version of an image can be launched: the deployment launches one MicroVM, waits for its healthy answer, and terminates it on every path.
 *
 * If it fails, the deployment fails, and the version before is active again. **Until then a launcher of the latest version may already take the new one**: a
 * version is active as soon as it is built, and an inactive one cannot be launched. A launcher of `MicrovmImageVersion.ofThisDeployment()` names the new version only
 * to what is deployed after it; make that depend on the check.
 *
 * The times that it measured are attributes: of one launch, looked at twice a second.
 *
 * @example
 * import type { aws_lambda as lambda, Stack } from 'aws-cdk-lib';
 * import type { MicrovmLauncher } from 'cdk-lambda-microvms';
 * import { MicrovmLaunchCheck } from 'cdk-lambda-microvms';
 *
 * declare const stack: Stack;
 * declare const launcher: MicrovmLauncher;
 * declare const backend: lambda.Function;
 *
 * const check = new MicrovmLaunchCheck(stack, 'Check', { launcher, healthCheck: { path: '/health' } });
 * backend.node.addDependency(check);
 */
export class MicrovmLaunchCheck extends Construct {
  /**
   * The version of the image that was checked, for example `3.0`.
   *
   * @attribute
   */
  public readonly microvmImageVersion: string;

  /**
   * Milliseconds from the launch until the MicroVM was seen to run; empty after a rollback to what was never checked.
   *
   * @attribute
   */
  public readonly timeToRunning: string;

  /**
   * Milliseconds from the launch until the first answer of 2xx; empty after a rollback to what was never checked.
   *
   * @attribute
   */
  public readonly timeToFirstResponse: string;

  public constructor(scope: Construct, id: string, props: MicrovmLaunchCheckProps) {
    super(scope, id);
    const resource = microvmResource(this, MICROVM_LAUNCH_CHECK_RESOURCE_TYPE, { ...props, healthCheck: props.healthCheck ?? {} });
    this.node.defaultChild = resource.node.defaultChild;
    const attribute = (name: keyof DeployedAttributes) => resource.getAttString(name);
    this.microvmImageVersion = attribute('ImageVersion');
    this.timeToRunning = attribute('RunningAfter');
    this.timeToFirstResponse = attribute('RespondedAfter');
  }
}
