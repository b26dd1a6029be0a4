import { Construct } from 'constructs';
import type { MicrovmDeployedLaunchOptions, MicrovmDeploymentOptions } from './deployment-options';
import { DEPLOYMENT_OPTIONS_TYPES } from './deployment-options';
import type { MicrovmHealthCheck } from './health-check';
import { HEALTH_CHECK } from './health-check';
import { microvmResource } from './microvm-resource';
import type { MicrovmLaunchCheckAttributes as DeployedAttributes } from '../contract/microvm';
import { MICROVM_LAUNCH_CHECK_RESOURCE_TYPE } from '../contract/microvm';
import { checkProps, pathOf } from '../private/property-types';
import type { PropertyTypes } from '../private/property-types';

/**
 * Options of a launch check, without the launcher.
 */
export interface MicrovmLaunchCheckOptions extends MicrovmDeployedLaunchOptions {
  /**
   * Health check that must succeed. Changing it alone does not run the launch check again.
   *
   * @default - a GET request to `/` on port 8080, repeated for at most one minute
   */
  readonly healthCheck?: MicrovmHealthCheck;
}

/**
 * Properties of a launch check.
 *
 * The check runs again when the launch request of the launcher, the payload or the trigger changes. If the image is a
 * `MicrovmImage` of the same stack, the check also runs for each new version.
 */
export interface MicrovmLaunchCheckProps extends MicrovmDeploymentOptions {
  /**
   * Health check that must succeed. Changing it alone does not run the launch check again.
   *
   * @default - a GET request to `/` on port 8080, repeated for at most one minute
   */
  readonly healthCheck?: MicrovmHealthCheck;
}

const TYPES: PropertyTypes<MicrovmLaunchCheckProps> = { ...DEPLOYMENT_OPTIONS_TYPES, healthCheck: HEALTH_CHECK };

/**
 * Checks that each new version of an image can be launched. The deployment launches one MicroVM and waits until its
 * health check has succeeded. Then it terminates the MicroVM, also if the check has failed.
 *
 * If the check fails, the deployment fails, for example with `MicrovmUnhealthy`. Its rollback activates the previous
 * version again.
 *
 * **Until then, a launcher of the latest version may already launch the new one.** A version is active as soon as it is
 * built, and the service does not launch an inactive version (service-facts.md, 1.1). To avoid that, use
 * `MicrovmImageVersion.ofThisDeployment()` in the launcher, and let the resources that use the launcher depend on the
 * check.
 *
 * The times in `timeToRunning` and `timeToFirstResponse` come from one launch. The deployment polls after one second,
 * and then with growing pauses, so the times can be some seconds too long.
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
   * Milliseconds from the launch until the MicroVM ran, as a string; empty after a rollback to settings that were never
   * checked.
   *
   * @attribute
   */
  public readonly timeToRunning: string;

  /**
   * Milliseconds from the launch until the first response with a 2xx status, as a string; empty after a rollback to
   * settings that were never checked.
   *
   * @attribute
   */
  public readonly timeToFirstResponse: string;

  public constructor(scope: Construct, id: string, props: MicrovmLaunchCheckProps) {
    checkProps(pathOf(scope, id), props, TYPES);
    super(scope, id);
    const resource = microvmResource(this, MICROVM_LAUNCH_CHECK_RESOURCE_TYPE, { ...props, healthCheck: props.healthCheck ?? {} });
    this.node.defaultChild = resource.node.defaultChild;
    const attribute = (name: keyof DeployedAttributes) => resource.getAttString(name);
    this.microvmImageVersion = attribute('ImageVersion');
    this.timeToRunning = attribute('RunningAfter');
    this.timeToFirstResponse = attribute('RespondedAfter');
  }
}
