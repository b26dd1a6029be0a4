import type { IConstruct } from 'constructs';
import { managedImageArn } from '../private/arns';
import { checkText } from '../private/errors';
import { MICROVM_IMAGE_NAME_RULE } from '../private/names';
import { checkArgument, instanceOf, TEXT } from '../private/property-types';

/**
 * Base image of an image: the operating system and the agent of the service. AWS manages it.
 *
 * It is not the image in the `FROM` line of the Dockerfile. The build pulls that image.
 *
 * @example
 * import type { Stack } from 'aws-cdk-lib';
 * import { MicrovmBaseImage, MicrovmCode, MicrovmImage } from 'cdk-lambda-microvms';
 *
 * declare const stack: Stack;
 *
 * new MicrovmImage(stack, 'Sandbox', {
 *   code: MicrovmCode.fromDirectory('sandbox'),
 *   baseImage: MicrovmBaseImage.AL2023.withVersion('1'), // pinned
 * });
 */
export class MicrovmBaseImage {
  /**
   * Amazon Linux 2023 (`al2023-1`), the only base image that AWS has listed so far (service-facts.md, 2.2).
   */
  public static readonly AL2023 = new MicrovmBaseImage('al2023-1');

  /**
   * Uses another base image that AWS manages.
   *
   * @param name the name at the end of its ARN, for example `al2023-1`: 1 to 64 letters, digits, hyphens and
   * underscores.
   */
  public static managed(name: string): MicrovmBaseImage {
    checkArgument('baseImage', name, TEXT);
    checkText({ ...MICROVM_IMAGE_NAME_RULE, property: 'baseImage', code: 'MicrovmBaseImageNameInvalid' }, name);
    return new MicrovmBaseImage(name);
  }

  private constructor(
    /**
     * The name of the base image.
     */
    public readonly imageName: string,

    /**
     * The version that builds are pinned to.
     *
     * @default - each build uses the newest available version
     */
    public readonly version?: string,
  ) {}

  /**
   * Returns this base image, pinned to a version.
   *
   * AWS deprecates a version after its successor appears. Some months later the version expires, and no image can be
   * built on it (service-facts.md, 5). A deployment then fails with `MicrovmBaseImageUnavailable`.
   *
   * @param version 1 to 9 digits, for example `1`. The service shows `1.0` but does not accept it.
   */
  public withVersion(version: string): MicrovmBaseImage {
    checkArgument('baseImage', version, TEXT);
    checkText({
      property: 'baseImage',
      code: 'MicrovmBaseImageVersionInvalid',
      minLength: 1,
      maxLength: 9,
      pattern: /^[0-9]+$/,
      allowed: "digits only, as in '1'; the service shows '1.0' but does not accept it",
    }, version);
    return new MicrovmBaseImage(this.imageName, version);
  }

  /**
   * The ARN of the base image in the Region of the scope.
   *
   * @internal
   */
  public _arn(scope: IConstruct): string {
    return managedImageArn(scope, this.imageName);
  }
}

export const BASE_IMAGE = instanceOf('MicrovmBaseImage', MicrovmBaseImage, 'MicrovmBaseImage.AL2023');
