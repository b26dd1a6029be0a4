import type { CustomResource } from 'aws-cdk-lib';
import { ArnFormat, Fn, Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { MicrovmDeploymentOptions } from './deployment-options';
import type { MicrovmHealthCheck } from './health-check';
import { healthCheckProperties } from './health-check';
import type { IMicrovmLauncher } from './microvm-launcher';
import { checkPayload, LONGEST_RECORDED_PAYLOAD, recordErrors } from './payload';
import { DEFAULT_TIMEOUT_SECONDS } from '../contract/common';
import type { MicrovmProperties } from '../contract/microvm';
import { LEDGER_PATH } from '../contract/microvm';
import { MicrovmImage } from '../image/microvm-image';
import { logGroupArns } from '../private/arns';
import { booleanText, customResource, deploymentTimeoutRule, logicalIdOfResource, timeoutSeconds, withoutDefaults } from '../private/custom-resource';
import { checkDuration, ValidationError } from '../private/errors';
import { granted } from '../private/grant';
import { allow, PERMISSIONS } from '../private/permissions';
import type { RequestOverrides } from '../private/request-overrides';
import { createResourceRole } from '../private/resource-role';
import { haveSameDeployment } from '../private/same-stack-value';

export interface MicrovmResourceProps extends MicrovmDeploymentOptions {
  readonly healthCheck?: MicrovmHealthCheck;
  readonly requestOverrides?: RequestOverrides;
}

/**
 * Creates a custom resource that launches MicroVMs, and its resource role. The resource depends on all resources of the
 * launcher.
 */
export function microvmResource(scope: Construct, resourceType: string, props: MicrovmResourceProps): CustomResource {
  const { launcher } = props;
  checkPayload(scope, launcher.image, props.payload, LONGEST_RECORDED_PAYLOAD);
  if (props.healthCheck && !launcher.ingress.bind(scope).admitsRequests) {
    throw new ValidationError('MicrovmHealthCheckNoIngress',
      'healthCheck: the ingress of the launcher admits no requests; use MicrovmIngress.http()', scope);
  }
  checkDuration(deploymentTimeoutRule('MicrovmTimeoutInvalid'), props.deploymentTimeout, scope);
  const showsLog = props.showLogInErrors ?? true;
  const properties = withoutDefaults<MicrovmProperties>({
    ResourceRoleArn: microvmResourceRole(scope, launcher, props.healthCheck !== undefined, showsLog).roleArn,
    LaunchRequest: launcher.launchRequest,
    ImageVersion: versionOfThisDeployment(scope, launcher),
    Payload: props.payload,
    RequestOverrides: props.requestOverrides?.property,
    Trigger: props.trigger,
    HealthCheck: props.healthCheck && healthCheckProperties(scope, props.healthCheck),
    ShowLogInErrors: booleanText(showsLog),
    TimeoutSeconds: timeoutSeconds(props.deploymentTimeout),
  }, { TimeoutSeconds: DEFAULT_TIMEOUT_SECONDS });
  scope.node.addValidation({ validate: () => recordErrors(scope, properties.LaunchRequest, props.payload) });
  const resource = customResource(scope, resourceType, properties);
  resource.node.addDependency(launcher, launcher.executionRole);
  return resource;
}

/**
 * Returns the version of an image of the same deployment, if the launcher launches the latest version. A new version
 * then changes the resource, and the deployment launches exactly that version.
 */
function versionOfThisDeployment(scope: Construct, { image, imageVersion }: IMicrovmLauncher): string | undefined {
  const launchesLatest = imageVersion._version(image, scope) === undefined;
  if (!launchesLatest || !MicrovmImage.isMicrovmImage(image)) return undefined;
  return haveSameDeployment(Stack.of(image), Stack.of(scope)) ? image.microvmImageVersion : undefined;
}

/** Creates the role that the handler assumes to launch and terminate the MicroVMs of one resource. */
function microvmResourceRole(scope: Construct, launcher: IMicrovmLauncher, hasHealthCheck: boolean, showsLog: boolean): iam.Role {
  const { microvmHandler } = PERMISSIONS;
  const imageArn = launcher.image.microvmImageRef.imageArn;
  const ledger = ledgerArn(scope);
  const logGroup = showsLog ? logGroupOf(launcher) : undefined;
  const log = logGroup && logGroupArns(scope, logGroup);
  return createResourceRole(scope, {
    description: 'Launches and terminates the MicroVMs of one resource during deployments',
    statements: [
      ...granted(grantee => launcher.grantLaunch(grantee)),
      allow(microvmHandler.terminate, [imageArn]),
      allow(microvmHandler.listMicrovms, ['*']),
      ...hasHealthCheck ? [allow(microvmHandler.probe, [imageArn])] : [],
      allow(microvmHandler.listLedger, [ledger]),
      allow(microvmHandler.ledger, [`${ledger}/*`]),
      ...log ? [
        allow(microvmHandler.logStreams, [log.group, log.streams]),
        allow(microvmHandler.log, [log.streams]),
      ] : [],
    ],
    covers: [
      imageArn,
      launcher.executionRole.roleArn,
      ...launcher.ingress.bind(scope).networkConnectorArns,
      ...launcher.egress.bind(scope).passableArns,
      String(hasHealthCheck),
      ...keys(launcher),
    ],
  });
}

/**
 * Returns the ARNs of the keys of launcher and image. A resource role for other keys is another role: the old one may
 * have to repeat a launch with the old key.
 */
function keys({ encryptionKey, image }: IMicrovmLauncher): string[] {
  // IMicrovmImageRef has no encryptionKey. Images of this library have one, if the app knows it.
  return [encryptionKey, (image as { encryptionKey?: kms.IKeyRef }).encryptionKey].flatMap(key => key ? [key.keyRef.keyArn] : []);
}

/** Returns the log group of the MicroVMs. Launchers of this library have one, if logging is not disabled. */
function logGroupOf(launcher: IMicrovmLauncher): logs.ILogGroupRef | undefined {
  return (launcher as { _logGroup?: logs.ILogGroupRef })._logGroup;
}

/** Returns the ARN of the path of the SSM parameters that record the launches of one resource. */
function ledgerArn(scope: Construct): string {
  const stackUuid = Fn.select(2, Fn.split('/', Stack.of(scope).stackId));
  return Stack.of(scope).formatArn({
    service: 'ssm',
    resource: 'parameter',
    resourceName: [LEDGER_PATH.slice(1), stackUuid, logicalIdOfResource(scope)].join('/'),
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
}
