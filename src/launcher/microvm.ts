import type { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { MicrovmHealthCheck } from './health-check';
import type { IMicrovmLauncher } from './microvm-launcher';
import { microvmResource } from './microvm-resource';
import type { MicrovmAttributes as DeployedAttributes } from '../contract/microvm';
import { MICROVM_RESOURCE_TYPE } from '../contract/microvm';
import { SameStackValue } from '../private/same-stack-value';

/**
 * Properties of a MicroVM that a deployment launches.
 *
 * What changes the launch replaces it: the launcher's settings, the payload, the trigger, and a new version of the image if that is a `MicrovmImage`
 * of the same stack. Nothing else does.
 */
export interface MicrovmProps {
  /**
   * What to launch, and how. A change of what it says replaces the MicroVM.
   */
  readonly launcher: IMicrovmLauncher;

  /**
   * What the image's run hook gets: at most 2,048 characters, counted as JSON; point to what is longer. A change replaces the MicroVM.
   *
   * It is in the template, in the history of the deployment's state machine and in a parameter: never a secret.
   *
   * @default - none
   */
  readonly payload?: string;

  /**
   * A text whose change replaces the MicroVM, for example to launch one again that has reached its maximum duration.
   *
   * @default - none
   */
  readonly trigger?: string;

  /**
   * A request that must be answered before the MicroVM counts as launched.
   *
   * @default - it counts as launched when it runs
   */
  readonly healthCheck?: MicrovmHealthCheck;

  /**
   * How long one create, update or delete may take, 1 to 55 minutes. After that it fails and says what it was waiting for.
   *
   * @default Duration.minutes(50)
   */
  readonly deploymentTimeout?: Duration;
}

/**
 * A MicroVM that a deployment launches, and that lives until it is replaced or deleted, at most for 8 hours.
 *
 * **After the launcher's maximum duration, 8 hours at most, the service terminates it, and nothing launches it again**: the next deployment does, if it changes
 * something. It suits demos, tests and what a schedule deploys; what must always be there is launched by a backend.
 *
 * A replacement launches the new one before the old one is terminated; if that deployment is rolled back, the old one has never stopped. One that ends
 * before it runs and is healthy fails the deployment, with the reason of the service and where its log is. A deletion waits until it has terminated.
 *
 * The deployment writes each launch down in a parameter under `/cdk-lambda-microvms/`, since MicroVMs have neither names nor tags, and deletes that with it.
 *
 * @example
 * import { CfnOutput } from 'aws-cdk-lib';
 * import type { Stack } from 'aws-cdk-lib';
 * import type { MicrovmLauncher } from 'cdk-lambda-microvms';
 * import { Microvm } from 'cdk-lambda-microvms';
 *
 * declare const stack: Stack;
 * declare const launcher: MicrovmLauncher;
 *
 * const shared = new Microvm(stack, 'Shared', { launcher, healthCheck: { path: '/health' } });
 * new CfnOutput(stack, 'Endpoint', { value: shared.microvmEndpoint });
 */
export class Microvm extends Construct {
  /**
   * The id of the MicroVM: `microvm-...`. It cannot be read from another stack.
   *
   * @attribute
   */
  public readonly microvmId: string;

  /**
   * The host name of its endpoint. It cannot be read from another stack.
   *
   * @attribute
   */
  public readonly microvmEndpoint: string;

  /**
   * The version of the image that it was launched from, for example `3.0`. It cannot be read from another stack.
   *
   * @attribute
   */
  public readonly microvmImageVersion: string;

  public constructor(scope: Construct, id: string, props: MicrovmProps) {
    super(scope, id);
    const resource = microvmResource(this, MICROVM_RESOURCE_TYPE, props);
    this.node.defaultChild = resource.node.defaultChild;
    const attribute = (property: string, name: keyof DeployedAttributes) => SameStackValue.asString(resource.getAtt(name), {
      owner: this, attribute: property, code: 'MicrovmAttributeCrossStack', instead: 'read it in the stack of the MicroVM',
    });
    this.microvmId = attribute('microvmId', 'MicrovmId');
    this.microvmEndpoint = attribute('microvmEndpoint', 'Endpoint');
    this.microvmImageVersion = attribute('microvmImageVersion', 'ImageVersion');
  }
}
