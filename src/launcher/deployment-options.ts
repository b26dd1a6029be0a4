import type { Duration } from 'aws-cdk-lib';
import type { IMicrovmLauncher } from './launcher-interface';
import { BOOLEAN, DURATION, having, plainObject, TEXT } from '../private/property-types';
import type { PropertyTypes } from '../private/property-types';

/**
 * Options of a launch by a deployment, without the launcher.
 */
export interface MicrovmDeployedLaunchOptions {
  /**
   * The payload of the run hook of the image: at most 2,048 characters, counted as JSON. Changing it launches a new
   * MicroVM.
   *
   * The payload and the launch request of the launcher together must have at most some 3,400 characters.
   *
   * Store longer data in S3 or in a parameter, and pass the name of the object or parameter. Do not put secrets here:
   * the payload is visible in the template, in the execution history of the deployment's state machine and in an SSM
   * parameter.
   *
   * @default - no payload, unless `payloadObject` is set
   */
  readonly payload?: string;

  /**
   * The payload of the run hook as an object, which the run hook receives as JSON. The limits are those of `payload`.
   * Changing it launches a new MicroVM. It cannot be combined with `payload`.
   *
   * @default - no payload, unless `payload` is set
   */
  readonly payloadObject?: { [key: string]: any };

  /**
   * A text that launches a new MicroVM whenever it changes.
   *
   * Use it to launch again after the maximum duration, or to launch new versions of an image of another stack.
   *
   * @default - only other changes launch
   */
  readonly trigger?: string;

  /**
   * Whether the error shows the end of the MicroVM's log if the MicroVM terminates early or is unhealthy. Changing it
   * launches nothing.
   *
   * The error shows `***` instead of the payload, but it can show other secrets that the application logs. If the
   * launcher disables logging, the error shows no log. With `false`, the resource role cannot read the log.
   *
   * @default true
   */
  readonly showLogInErrors?: boolean;

  /**
   * Maximum time of one create, update or delete: 1 to 55 minutes, in whole seconds. After this time, the operation
   * fails with `DeploymentTimedOut` and says what it was waiting for. Changing it launches nothing.
   *
   * It does not limit the life of the MicroVM: `maximumDuration` of the launcher does.
   *
   * @default Duration.minutes(50)
   */
  readonly deploymentTimeout?: Duration;
}

/**
 * Options that `Microvm` and `MicrovmLaunchCheck` have in common: a deployment launches their MicroVMs.
 */
export interface MicrovmDeploymentOptions extends MicrovmDeployedLaunchOptions {
  /**
   * The launcher, which defines what to launch. A change of its launch request launches a new MicroVM.
   *
   * If the image is a `MicrovmImage` of the same stack, each new version of the image launches a new MicroVM too.
   */
  readonly launcher: IMicrovmLauncher;
}

export const PAYLOAD_OBJECT = plainObject("an object, such as { tenant: 'a' }");

export const LAUNCHER = having('a MicrovmLauncher', 'launchRequest');

export const DEPLOYMENT_OPTIONS_TYPES: PropertyTypes<MicrovmDeploymentOptions> = {
  launcher: LAUNCHER.required(), payload: TEXT, payloadObject: PAYLOAD_OBJECT, trigger: TEXT, showLogInErrors: BOOLEAN, deploymentTimeout: DURATION,
};
