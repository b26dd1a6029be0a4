import { Stack, Token } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { MicrovmImage } from '../image/microvm-image';
import { ValidationError } from '../private/errors';
import { checkArgument, instanceOf, TEXT } from '../private/property-types';
import { haveSameDeployment } from '../private/same-stack-value';

/**
 * Version of an image that a launcher launches.
 *
 * A new version is active as soon as it is built (service-facts.md, 1.1). From then on, `latestActive()` launches it,
 * even if the rest of its deployment or a `MicrovmLaunchCheck` fails later. `ofThisDeployment()` switches to a new
 * version only when the deployment reaches the resources that use the launcher.
 *
 * @example
 * import type { Stack } from 'aws-cdk-lib';
 * import type { MicrovmImage } from 'cdk-lambda-microvms';
 * import { MicrovmEgress, MicrovmImageVersion, MicrovmIngress, MicrovmLauncher } from 'cdk-lambda-microvms';
 *
 * declare const stack: Stack;
 * declare const image: MicrovmImage;
 *
 * new MicrovmLauncher(stack, 'Launcher', {
 *   image,
 *   imageVersion: MicrovmImageVersion.ofThisDeployment(),
 *   ingress: MicrovmIngress.http(),
 *   egress: MicrovmEgress.internet(),
 * });
 */
export class MicrovmImageVersion {
  /**
   * Launches the newest version that is active at the time of the launch.
   */
  public static latestActive(): MicrovmImageVersion {
    return new MicrovmImageVersion(() => undefined);
  }

  /**
   * Launches the version that the deployment of the image created or activated. The image must be a `MicrovmImage` of
   * the stack in which the launcher is used.
   */
  public static ofThisDeployment(): MicrovmImageVersion {
    return new MicrovmImageVersion((image, scope) => {
      if (MicrovmImage.isMicrovmImage(image)) {
        requireSameDeployment(image, scope);
        return image.microvmImageVersion;
      }
      throw new ValidationError('MicrovmLauncherImageVersionInvalid',
        'imageVersion: ofThisDeployment() needs a MicrovmImage of the same stack; use of() with a version of this image, or latestActive()', scope);
    });
  }

  /**
   * Launches one version. If the version does not exist or is not active, launches fail.
   *
   * @param version the version, for example `3.0`, as in the response of `ListMicrovmImageVersions`.
   */
  public static of(version: string): MicrovmImageVersion {
    checkArgument('imageVersion', version, TEXT);
    if (!Token.isUnresolved(version) && !/^\d+\.\d+$/.test(version)) {
      throw new ValidationError('MicrovmLauncherImageVersionInvalid', `imageVersion: '${version}' is not a version; use ${/^\d+$/.test(version) ? `'${version}.0'` : "a version like '3.0'"}`);
    }
    return new MicrovmImageVersion(() => version);
  }

  private constructor(private readonly choose: (image: lambda.IMicrovmImageRef, scope: IConstruct) => string | undefined) {}

  /**
   * Returns the version for the launch request; undefined if the service should choose the latest.
   *
   * @internal
   */
  public _version(image: lambda.IMicrovmImageRef, scope: IConstruct): string | undefined {
    return this.choose(image, scope);
  }
}

/** Otherwise the error would show at the end of synth only, when the CDK resolves the launch request. */
function requireSameDeployment(image: MicrovmImage, scope: IConstruct): void {
  const [owner, reader] = [Stack.of(image), Stack.of(scope)];
  if (haveSameDeployment(owner, reader)) return;
  throw new ValidationError('MicrovmImageVersionCrossStack',
    `imageVersion: stack '${reader.node.path}' cannot use ofThisDeployment() of image ${image.node.path}, which stack '${owner.node.path}' deploys; `
    + 'use it in the stack of the image, or use latestActive()', scope);
}

export const IMAGE_VERSION = instanceOf('MicrovmImageVersion', MicrovmImageVersion, "MicrovmImageVersion.of('3.0')");
