import type { Duration } from 'aws-cdk-lib';
import type { IMicrovmLauncher } from './microvm-launcher';

/**
 * Options of the constructs with which a deployment launches MicroVMs: `Microvm` and `MicrovmLaunchCheck`.
 */
export interface MicrovmDeploymentOptions {
  /**
   * The launcher, which defines what to launch. A change of its launch request launches a new MicroVM.
   *
   * If the image is a `MicrovmImage` of the same stack, each new version of it launches a new MicroVM too.
   */
  readonly launcher: IMicrovmLauncher;

  /**
   * The payload of the image's run hook: at most 2,048 characters, counted as JSON. Changing it launches a new MicroVM.
   *
   * For longer data, pass the name of an object or a parameter. The payload is visible in the template, in the history
   * of the deployment's state machine and in an SSM parameter: it must not contain secrets.
   *
   * @default - no payload
   */
  readonly payload?: string;

  /**
   * A text that launches a new MicroVM when it changes.
   *
   * Use it to launch again after the maximum duration, or to launch new versions of an image of another stack.
   *
   * @default - no trigger
   */
  readonly trigger?: string;

  /**
   * The longest time that one create, update or delete may take: 1 to 55 minutes. After that it fails and names what it
   * was waiting for. Changing it launches nothing.
   *
   * @default Duration.minutes(50)
   */
  readonly deploymentTimeout?: Duration;
}
