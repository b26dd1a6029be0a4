import { Duration, Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { ILogGroupRef } from 'aws-cdk-lib/aws-logs';
import type { IConstruct } from 'constructs';
import type { MicrovmIdlePolicy } from './idle-policy';
import { idlePolicyRequest } from './idle-policy';
import type { MicrovmImageVersion } from './image-version';
import { LONGEST_LIFE } from './limits';
import type { MicrovmEgress } from '../network/egress';
import type { MicrovmIngress } from '../network/ingress';
import type { DurationRule } from '../private/errors';
import { checkDuration } from '../private/errors';

/** All that a launch is made of, but for what each caller adds. */
export interface LaunchSettings {
  readonly image: lambda.IMicrovmImageRef;
  readonly imageVersion: MicrovmImageVersion;
  readonly ingress: MicrovmIngress;
  readonly egress: MicrovmEgress;
  readonly idlePolicy?: MicrovmIdlePolicy;
  readonly maximumDuration?: Duration;
  readonly executionRole: iam.IRole;
  readonly logGroup?: ILogGroupRef;
}

const MAXIMUM_DURATION: DurationRule = { property: 'maximumDuration', code: 'MicrovmMaximumDurationInvalid', min: 1, max: LONGEST_LIFE, allowed: '1 second to 8 hours' };

/** A RunMicrovm request as JSON. Ingress, egress and logging are always in it: left out, the service opens HTTP and the internet, and logs nothing. */
export function launchRequest(scope: IConstruct, settings: LaunchSettings): string {
  const { image, maximumDuration = Duration.seconds(LONGEST_LIFE) } = settings;
  checkDuration(MAXIMUM_DURATION, maximumDuration, scope);
  return Stack.of(scope).toJsonString({
    imageIdentifier: image.microvmImageRef.imageArn,
    imageVersion: settings.imageVersion._version(image, scope),
    executionRoleArn: settings.executionRole.roleArn,
    ingressNetworkConnectors: settings.ingress.bind(scope).networkConnectorArns,
    egressNetworkConnectors: [settings.egress.bind(scope).networkConnectorArn],
    idlePolicy: settings.idlePolicy && idlePolicyRequest(scope, settings.idlePolicy),
    maximumDurationInSeconds: maximumDuration.toSeconds(),
    logging: settings.logGroup ? { cloudWatch: { logGroup: settings.logGroup.logGroupRef.logGroupName } } : { disabled: {} },
  });
}
