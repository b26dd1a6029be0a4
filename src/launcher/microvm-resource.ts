import type { CustomResource, Duration } from 'aws-cdk-lib';
import { ArnFormat, Fn, Stack, Tokenization } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { MicrovmHealthCheck } from './health-check';
import { healthCheckProperties } from './health-check';
import type { IMicrovmLauncher } from './microvm-launcher';
import { checkPayload, LONGEST_RECORDED_PAYLOAD } from './payload';
import type { MicrovmProperties } from '../contract/microvm';
import { LEDGER_PATH } from '../contract/microvm';
import { MicrovmImage } from '../image/microvm-image';
import { DEFAULT_DEPLOYMENT_TIMEOUT, customResource, logicalIdOfResource, deploymentTimeoutRule } from '../private/custom-resource';
import { checkDuration, ValidationError } from '../private/errors';
import { granted } from '../private/grant';
import { allow, PERMISSIONS } from '../private/permissions';
import { createResourceRole } from '../private/resource-role';
import { haveSameDeployment } from '../private/same-stack-value';

/** What a deployment launches. */
export interface MicrovmResourceProps {
  readonly launcher: IMicrovmLauncher;
  readonly payload?: string;
  readonly trigger?: string;
  readonly healthCheck?: MicrovmHealthCheck;
  readonly deploymentTimeout?: Duration;
}

/** A custom resource that launches, with a role of its own, after all that the launcher is made of is there. */
export function microvmResource(scope: Construct, resourceType: string, props: MicrovmResourceProps): CustomResource {
  const { launcher } = props;
  checkPayload(scope, launcher.image, props.payload, LONGEST_RECORDED_PAYLOAD);
  if (props.healthCheck && !launcher.ingress.bind(scope).admitsRequests) {
    throw new ValidationError('MicrovmHealthCheckNoIngress', 'healthCheck: nothing comes in through the ingress of the launcher; use MicrovmIngress.http()', scope);
  }
  checkDuration(deploymentTimeoutRule('MicrovmTimeoutInvalid'), props.deploymentTimeout, scope);
  const properties: MicrovmProperties = {
    ResourceRoleArn: microvmResourceRole(scope, launcher, props.healthCheck !== undefined).roleArn,
    LaunchRequest: launcher.launchRequest,
    ImageVersion: deployedVersion(scope, launcher),
    Payload: props.payload,
    Trigger: props.trigger,
    HealthCheck: props.healthCheck && healthCheckProperties(scope, props.healthCheck),
    TimeoutSeconds: Tokenization.stringifyNumber((props.deploymentTimeout ?? DEFAULT_DEPLOYMENT_TIMEOUT).toSeconds()),
  };
  const resource = customResource(scope, resourceType, properties);
  resource.node.addDependency(launcher, launcher.executionRole);
  return resource;
}

/** A new version is noticed, and launched rather than whatever is the latest at that moment, if this deployment makes it. */
function deployedVersion(scope: Construct, { image, imageVersion }: IMicrovmLauncher): string | undefined {
  const isLatest = imageVersion._version(image, scope) === undefined;
  const isMadeHere = MicrovmImage.isMicrovmImage(image) && haveSameDeployment(Stack.of(image), Stack.of(scope));
  return isLatest && isMadeHere ? image.microvmImageVersion : undefined;
}

/** Creates the role that the handler assumes to launch and terminate the MicroVMs of one resource. */
function microvmResourceRole(scope: Construct, launcher: IMicrovmLauncher, isProbed: boolean): iam.Role {
  const { microvmHandler } = PERMISSIONS;
  const imageArn = launcher.image.microvmImageRef.imageArn;
  const ledger = ledgerArn(scope);
  return createResourceRole(scope, {
    description: 'What a deployment may do for the MicroVMs that it launches',
    statements: [
      ...granted(grantee => launcher.grantLaunch(grantee)),
      allow(microvmHandler.terminate, [imageArn]),
      ...isProbed ? [allow(microvmHandler.probe, [imageArn])] : [],
      allow(microvmHandler.listLedger, [ledger]),
      allow(microvmHandler.ledger, [`${ledger}/*`]),
    ],
    covers: [
      imageArn,
      launcher.executionRole.roleArn,
      ...launcher.ingress.bind(scope).networkConnectorArns,
      ...launcher.egress.bind(scope).passableArns,
      String(isProbed),
    ],
  });
}

function ledgerArn(scope: Construct): string {
  const stackUuid = Fn.select(2, Fn.split('/', Stack.of(scope).stackId));
  return Stack.of(scope).formatArn({
    service: 'ssm',
    resource: 'parameter',
    resourceName: [LEDGER_PATH.slice(1), stackUuid, logicalIdOfResource(scope)].join('/'),
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
}
