import type { Duration } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
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
   * The customer managed KMS key that encrypts the configuration of the MicroVMs at rest: a symmetric key in the same
   * Region, not an alias. An image has an `encryptionKey` of its own.
   *
   * `grantLaunch` also grants permission to use the key through Lambda. The key policy must let IAM policies of the
   * account decide, as the default policy of `kms.Key` does. AWS does not document which permissions the service needs;
   * those that this library grants were not verified against live AWS.
   *
   * **Version 3.1131.0 of the JavaScript client drops this member of the launch request silently**, and the MicroVM
   * runs without the key. Deployments and `MicrovmStateMachineFragment` send it; a backend in JavaScript must add it to
   * the request itself.
   *
   * @default - the service encrypts with a key that AWS owns
   */
  readonly encryptionKey?: kms.IKeyRef;

  /**
   * The issuer of the account's web-identity tokens: an https URL, which IAM shows once outbound federation is enabled.
   * Only `webIdentityClaims` uses it.
   *
   * @default - `webIdentityClaims` has no issuer
   */
  readonly webIdentityIssuer?: string;
}
