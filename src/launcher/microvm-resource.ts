import type { CustomResource } from 'aws-cdk-lib';
import { ArnFormat, Fn, Stack, Stage, Tokenization } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { IMicrovmImageRef } from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { MicrovmDeploymentOptions } from './deployment-options';
import type { MicrovmHealthCheck } from './health-check';
import { healthCheckProperties } from './health-check';
import { checkLauncherEnvironment } from './launch-environment';
import type { IMicrovmLauncher } from './launcher-interface';
import { checkPayload, givenPayload, LONGEST_RECORDED_PAYLOAD, payloadText, recordErrors } from './payload';
import type { MicrovmProperties } from '../contract/microvm';
import { LEDGER_PATH } from '../contract/microvm';
import { MicrovmImage } from '../image/microvm-image';
import { waitWithoutCycle } from '../private/acyclic-dependencies';
import { logGroupArns } from '../private/arns';
import { booleanText, DEFAULT_DEPLOYMENT_TIMEOUT, customResource, logicalIdOfResource, deploymentTimeoutRule } from '../private/custom-resource';
import type { DurationRule } from '../private/errors';
import { checkDuration, ValidationError } from '../private/errors';
import { granted } from '../private/grant';
import { allow, PERMISSIONS } from '../private/permissions';
import type { RequestOverrides } from '../private/request-overrides';
import { createResourceRole } from '../private/resource-role';
import { haveSameDeployment } from '../private/same-stack-value';
import { rejectSecretReferences } from '../private/secret-references';

/** Users expect a timeout of a MicroVM to limit its life, as it does for a function. */
const TIMEOUT_RULE: DurationRule = {
  ...deploymentTimeoutRule('MicrovmTimeoutInvalid'),
  allowed: '1 to 55 minutes (maximumDuration of the launcher, not this, limits the life of a MicroVM)',
};

export interface MicrovmResourceProps extends MicrovmDeploymentOptions {
  readonly healthCheck?: MicrovmHealthCheck;
  readonly requestOverrides?: RequestOverrides;
}

/**
 * Creates a custom resource that launches MicroVMs, and its resource role. The resource waits for the image, and for
 * the resources of the launcher, except those that wait for it.
 */
export function microvmResource(scope: Construct, resourceType: string, props: MicrovmResourceProps): CustomResource {
  const { launcher } = props;
  checkLauncherEnvironment(scope, launcher);
  const given = givenPayload(scope, props);
  checkPayload(scope, launcher.image, given, LONGEST_RECORDED_PAYLOAD);
  const payload = payloadText(scope, given);
  rejectSecretReferences(scope, { trigger: props.trigger });
  if (props.healthCheck && !launcher.ingress.bind(scope).admitsRequests) {
    throw new ValidationError('MicrovmHealthCheckNoIngress',
      'healthCheck: the ingress of the launcher admits no requests; use MicrovmIngress.http()', scope);
  }
  checkDuration(TIMEOUT_RULE, props.deploymentTimeout, scope);
  const showsLog = props.showLogInErrors ?? true;
  const properties: MicrovmProperties = {
    ResourceRoleArn: microvmResourceRole(scope, launcher, props.healthCheck !== undefined, showsLog).roleArn,
    LaunchRequest: launcher.launchRequest,
    ImageVersion: versionOfThisDeployment(scope, launcher),
    Payload: payload,
    RequestOverrides: props.requestOverrides?.property,
    Trigger: props.trigger,
    HealthCheck: props.healthCheck && healthCheckProperties(scope, props.healthCheck),
    ShowLogInErrors: booleanText(showsLog),
    TimeoutSeconds: Tokenization.stringifyNumber((props.deploymentTimeout ?? DEFAULT_DEPLOYMENT_TIMEOUT).toSeconds()),
  };
  scope.node.addValidation({ validate: () => recordErrors(scope, properties.LaunchRequest, payload) });
  const resource = customResource(scope, resourceType, properties);
  waitForImage(resource, launcher.image);
  const executionRole = executionRoleOf(launcher);
  waitWithoutCycle(resource, launcher, ...executionRole ? [executionRole] : []);
  return resource;
}

/** The launch request has no attribute of the image that CloudFormation would wait for. */
function waitForImage(resource: CustomResource, image: IMicrovmImageRef): void {
  if (!MicrovmImage.isMicrovmImage(image) || Stage.of(image) !== Stage.of(resource)) return;
  resource.node.addDependency(image.node.defaultChild!);
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
  const executionRole = executionRoleOf(launcher);
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
      ...executionRole ? [executionRole.roleArn] : [],
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

/** Returns the execution role of the MicroVMs. Launchers of this library may have none. */
function executionRoleOf(launcher: IMicrovmLauncher): iam.IRole | undefined {
  return '_executionRole' in launcher ? launcher._executionRole as iam.IRole | undefined : launcher.executionRole;
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
