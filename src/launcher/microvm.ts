import { Construct } from 'constructs';
import type { MicrovmDeploymentOptions } from './deployment-options';
import { DEPLOYMENT_OPTIONS_TYPES } from './deployment-options';
import type { MicrovmHealthCheck } from './health-check';
import { HEALTH_CHECK } from './health-check';
import { LAUNCH_MEMBERS_OF_CALLERS } from './launch-request';
import { microvmResource } from './microvm-resource';
import type { MicrovmAttributes as DeployedAttributes } from '../contract/microvm';
import { MICROVM_RESOURCE_TYPE } from '../contract/microvm';
import { checkProps, pathOf } from '../private/property-types';
import type { PropertyTypes } from '../private/property-types';
import { RequestOverrides } from '../private/request-overrides';
import { SameStackValue } from '../private/same-stack-value';

/**
 * Properties of a MicroVM that a deployment launches.
 *
 * Changing the launch request of the launcher, the payload or the trigger replaces the MicroVM. So does a new version
 * of the image, if the image is a `MicrovmImage` of the same stack. No other change replaces it.
 */
export interface MicrovmProps extends MicrovmDeploymentOptions {
  /**
   * Health check that must succeed before the deployment of the resource is complete. If it does not, the deployment
   * fails with `MicrovmUnhealthy`. Changing it replaces nothing.
   *
   * @default - the deployment of the resource is complete when the MicroVM runs
   */
  readonly healthCheck?: MicrovmHealthCheck;
}

const TYPES: PropertyTypes<MicrovmProps> = { ...DEPLOYMENT_OPTIONS_TYPES, healthCheck: HEALTH_CHECK };

/**
 * A MicroVM that a deployment launches. It runs until it is replaced or deleted, for at most 8 hours.
 *
 * **The service terminates it after the maximum duration of the launcher, at most 8 hours, and nothing launches it
 * again** until a later deployment changes the launch. Use it for demos, for tests and for scheduled deployments. If a
 * MicroVM must always be available, let a backend launch it.
 *
 * A replacement terminates the old MicroVM only after the new one runs and its health check has succeeded. If the
 * deployment is rolled back, the old MicroVM keeps running. A deletion waits until the MicroVM has terminated.
 *
 * If the new MicroVM terminates early, the deployment fails with `MicrovmTerminatedEarly`, the reason of the service
 * and the end of the MicroVM's log.
 *
 * MicroVMs have neither names nor tags (service-facts.md, 1.2). The deployment therefore records each launch in an SSM
 * parameter under `/cdk-lambda-microvms/`, and deletes the parameter with the MicroVM.
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
   * The ID of the MicroVM: `microvm-...`. Other stacks cannot read it.
   *
   * @attribute
   */
  public readonly microvmId: string;

  /**
   * The host name of the endpoint. Other stacks cannot read it.
   *
   * @attribute
   */
  public readonly microvmEndpoint: string;

  /**
   * The version of the image that was launched, for example `3.0`. Other stacks cannot read it.
   *
   * @attribute
   */
  public readonly microvmImageVersion: string;

  private readonly requestOverrides = new RequestOverrides(this, LAUNCH_MEMBERS_OF_CALLERS);

  public constructor(scope: Construct, id: string, props: MicrovmProps) {
    checkProps(pathOf(scope, id), props, TYPES);
    super(scope, id);
    const resource = microvmResource(this, MICROVM_RESOURCE_TYPE, { ...props, requestOverrides: this.requestOverrides });
    this.node.defaultChild = resource.node.defaultChild;
    const attribute = (property: string, name: keyof DeployedAttributes) => SameStackValue.asString(resource.getAtt(name), {
      owner: this, attribute: property, code: 'MicrovmAttributeCrossStack', instead: 'read it in the stack of the MicroVM',
    });
    this.microvmId = attribute('microvmId', 'MicrovmId');
    this.microvmEndpoint = attribute('microvmEndpoint', 'Endpoint');
    this.microvmImageVersion = attribute('microvmImageVersion', 'ImageVersion');
  }

  /**
   * Sets a member of the request that launches this MicroVM, as `addPropertyOverride` of L1s sets a property. A change
   * replaces the MicroVM.
   *
   * Nothing checks the override, and no permission follows from it. It is applied after the launcher's own overrides,
   * the version and the payload. Like the payload, it is stored in the template and in a parameter.
   *
   * @param path names of members with dots between them, and the index of an element of a list, as in
   * `logging.cloudWatch.logGroup`. A dot after a backslash belongs to the name. `clientToken`, `imageVersion` and
   * `runHookPayload` cannot be overridden.
   * @param value the value as the API expects it in JSON. It may contain tokens.
   */
  public addRequestOverride(path: string, value: any): void {
    this.requestOverrides.add(path, value);
  }
}
