import type { Duration } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { MicrovmIdlePolicy } from './idle-policy';
import { IDLE_POLICY } from './idle-policy';
import type { MicrovmImageVersion } from './image-version';
import { IMAGE_VERSION } from './image-version';
import type { MicrovmEgress } from '../network/egress';
import { EGRESS } from '../network/egress';
import type { MicrovmIngress } from '../network/ingress';
import { INGRESS } from '../network/ingress';
import { DURATION, having, KEY, TEXT } from '../private/property-types';
import type { PropertyTypes } from '../private/property-types';

/**
 * Options that `MicrovmLauncher` and imported launchers have in common. Changing them applies to future launches.
 */
export interface MicrovmLaunchOptions {
  /**
   * The image to launch: a `MicrovmImage`, an L1 or an imported image, in the same account and Region.
   */
  readonly image: lambda.IMicrovmImageRef;

  /**
   * Ingress of the MicroVMs. There is no default, so that no MicroVM is public unless you choose it.
   */
  readonly ingress: MicrovmIngress;

  /**
   * Egress of the MicroVMs. There is no default, so that no MicroVM reaches the internet unless you choose it.
   *
   * The image sets the egress of builds.
   */
  readonly egress: MicrovmEgress;

  /**
   * The version of the image to launch.
   *
   * @default MicrovmImageVersion.latestActive()
   */
  readonly imageVersion?: MicrovmImageVersion;

  /**
   * Determines when the service suspends an idle MicroVM, and when it terminates it.
   *
   * @default - no idle policy; a MicroVM runs for its maximum duration
   */
  readonly idlePolicy?: MicrovmIdlePolicy;

  /**
   * The maximum lifetime of a MicroVM: 1 second to 8 hours, in whole seconds. Time in suspension counts
   * (service-facts.md, 1.2).
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
   * The issuer of the account's web-identity tokens: an https URL. IAM shows it after outbound identity federation has
   * been enabled in the account. Only `webIdentityClaims` uses it.
   *
   * @default - `webIdentityClaims` has no issuer
   */
  readonly webIdentityIssuer?: string;
}

export const LAUNCH_OPTIONS_TYPES: PropertyTypes<MicrovmLaunchOptions> = {
  image: having('a MicrovmImage', 'microvmImageRef').required(),
  ingress: INGRESS.required(),
  egress: EGRESS.required(),
  imageVersion: IMAGE_VERSION,
  idlePolicy: IDLE_POLICY,
  maximumDuration: DURATION,
  encryptionKey: KEY,
  webIdentityIssuer: TEXT,
};
