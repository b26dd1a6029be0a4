import { Duration, Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { ILogGroupRef } from 'aws-cdk-lib/aws-logs';
import type { IConstruct } from 'constructs';
import { idlePolicyRequest, LONGEST_LIFETIME_SECONDS } from './idle-policy';
import type { MicrovmImageVersion } from './image-version';
import type { MicrovmLaunchOptions } from './launch-options';
import { encryptionKeyArn } from '../private/encryption-key';
import type { DurationRule } from '../private/errors';
import { checkDuration, ValidationError } from '../private/errors';
import type { RequestOverrides } from '../private/request-overrides';

/** What a launcher defines for all of its launches. */
export interface LaunchSettings extends MicrovmLaunchOptions {
  readonly imageVersion: MicrovmImageVersion;
  /** Undefined if the MicroVMs have no role. */
  readonly executionRole?: iam.IRole;
  readonly logGroup?: ILogGroupRef;
  readonly requestOverrides?: RequestOverrides;
}

/**
 * Each caller identifies its launches by a token of its own, and may add a payload. Deployments add the version.
 */
export const LAUNCH_MEMBERS_OF_CALLERS = ['clientToken', 'imageVersion', 'runHookPayload'];

const MAXIMUM_DURATION_RULE: DurationRule = {
  property: 'maximumDuration', code: 'MicrovmMaximumDurationInvalid', min: 1, max: LONGEST_LIFETIME_SECONDS, allowed: '1 second to 8 hours',
};

/** Returns the execution role. Fails for a launcher without one. */
export function requiredExecutionRole(scope: IConstruct, { executionRole }: LaunchSettings): iam.IRole {
  if (executionRole) return executionRole;
  throw new ValidationError('MicrovmLauncherNoExecutionRole',
    'executionRole: the MicroVMs of this launcher have no role that could have permissions; remove omitExecutionRole', scope);
}

/**
 * Returns a RunMicrovm request as JSON, without `clientToken` and `runHookPayload`, which each caller adds.
 *
 * The request always contains ingress and egress: without them the service opens HTTP and the internet. It always
 * contains logging too, because MicroVMs do not inherit the log group of their image (service-facts.md, 1.2, 4).
 */
export function launchRequest(scope: IConstruct, settings: LaunchSettings): string {
  const { image, maximumDuration = Duration.seconds(LONGEST_LIFETIME_SECONDS) } = settings;
  checkDuration(MAXIMUM_DURATION_RULE, maximumDuration, scope);
  const request = {
    imageIdentifier: image.microvmImageRef.imageArn,
    imageVersion: settings.imageVersion._version(image, scope),
    executionRoleArn: settings.executionRole?.roleArn,
    ingressNetworkConnectors: settings.ingress.bind(scope).networkConnectorArns,
    egressNetworkConnectors: [settings.egress.bind(scope).networkConnectorArn],
    idlePolicy: settings.idlePolicy && idlePolicyRequest(scope, settings.idlePolicy),
    maximumDurationInSeconds: maximumDuration.toSeconds(),
    logging: settings.logGroup ? { cloudWatch: { logGroup: settings.logGroup.logGroupRef.logGroupName } } : { disabled: {} },
    kmsKeyIdentifier: settings.encryptionKey && encryptionKeyArn(scope, settings.encryptionKey),
  };
  return Stack.of(scope).toJsonString(settings.requestOverrides?.applyTo(request) ?? request);
}
