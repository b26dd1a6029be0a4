import { Token } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { MicrovmImage } from '../image/microvm-image';
import { ValidationError } from '../private/errors';

/**
 * Which version of an image a launcher takes.
 *
 * A version is active, and so taken by `latestActive()`, as soon as it is built: before the rest of its deployment has succeeded, and before a
 * `MicrovmLaunchCheck` has passed. `deployed()` is told of a new version only when its deployment comes to what reads the launcher.
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
   * The newest active version at the time of the launch.
   */
  public static latestActive(): MicrovmImageVersion {
    return new MicrovmImageVersion(() => undefined);
  }

  /**
   * The version that the deployment made or activated. The image must be a `MicrovmImage` of the stack in which the launcher is used.
   */
  public static ofThisDeployment(): MicrovmImageVersion {
    return new MicrovmImageVersion((image, scope) => {
      if (MicrovmImage.isMicrovmImage(image)) return image.microvmImageVersion;
      throw new ValidationError('MicrovmLauncherImageVersionInvalid',
        'imageVersion: deployed() is for a MicrovmImage of the same stack; use of() with a version of this image, or latestActive()', scope);
    });
  }

  /**
   * One version, for as long as it exists and is active.
   *
   * @param version for example `3.0`, as `ListMicrovmImageVersions` shows it.
   */
  public static of(version: string): MicrovmImageVersion {
    if (!Token.isUnresolved(version) && !/^\d+(\.\d+)?$/.test(version)) {
      throw new ValidationError('MicrovmLauncherImageVersionInvalid', `imageVersion: '${version}' is not a version; use a number like '3.0'`);
    }
    return new MicrovmImageVersion(() => version);
  }

  private constructor(private readonly choose: (image: lambda.IMicrovmImageRef, scope: IConstruct) => string | undefined) {}

  /**
   * What a launch names; undefined: the service takes the latest.
   *
   * @internal
   */
  public _version(image: lambda.IMicrovmImageRef, scope: IConstruct): string | undefined {
    return this.choose(image, scope);
  }
}
