import type { Duration } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { MicrovmIdlePolicy } from './idle-policy';
import type { MicrovmImageVersion } from './image-version';
import type { MicrovmEgress } from '../network/egress';
import type { MicrovmIngress } from '../network/ingress';

/**
 * Options of launches that defined and imported launchers have in common.
 */
export interface MicrovmLaunchOptions {
  /**
   * The image to launch: a `MicrovmImage`, an L1 or an imported image, in the same account and Region.
   */
  readonly image: lambda.IMicrovmImageRef;

  /**
   * Ingress of the MicroVMs. There is no default, so that nothing is public unless you ask for it.
   */
  readonly ingress: MicrovmIngress;

  /**
   * Egress of the MicroVMs. Builds of the image have an egress of their own.
   *
   * There is no default, so that nothing reaches the internet unless you ask for it.
   */
  readonly egress: MicrovmEgress;

  /**
   * The version of the image to launch.
   *
   * @default MicrovmImageVersion.latestActive()
   */
  readonly imageVersion?: MicrovmImageVersion;

  /**
   * When an idle MicroVM is suspended and terminated.
   *
   * @default - a MicroVM runs for its maximum duration
   */
  readonly idlePolicy?: MicrovmIdlePolicy;

  /**
   * The maximum lifetime of a MicroVM: 1 second to 8 hours. Time in suspension counts.
   *
   * @default Duration.hours(8) - the limit of the service
   */
  readonly maximumDuration?: Duration;

  /**
   * The issuer of the account's web-identity tokens: an https URL, which IAM shows once outbound federation is enabled.
   * Only `webIdentityClaims` uses it.
   *
   * @default - `webIdentityClaims` has no issuer
   */
  readonly webIdentityIssuer?: string;
}
