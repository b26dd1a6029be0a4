import type { IConstruct } from 'constructs';
import { managedImageArn } from '../private/arns';
import { checkText } from '../private/errors';
import { MICROVM_IMAGE_NAME_RULE } from '../private/names';

/**
 * The managed image that an image is built on: operating system and agent of the service.
 *
 * This is not the `FROM` of the Dockerfile, whose image is fetched by the build.
 *
 * @example
 * import type { Stack } from 'aws-cdk-lib';
 * import { MicrovmBaseImage, MicrovmCode, MicrovmImage } from 'cdk-lambda-microvms';
 *
 * declare const stack: Stack;
 *
 * new MicrovmImage(stack, 'Sandbox', {
 *   code: MicrovmCode.fromDirectory('sandbox'),
 *   baseImage: MicrovmBaseImage.AL2023.withVersion('1'), // until the version ages out
 * });
 */
export class MicrovmBaseImage {
  /**
   * Amazon Linux 2023 (`al2023-1`), the only one that AWS lists today.
   */
  public static readonly AL2023 = new MicrovmBaseImage('al2023-1');

  /**
   * Another image that AWS manages.
   *
   * @param name its name, for example `al2023-1`: the end of its ARN.
   */
  public static managed(name: string): MicrovmBaseImage {
    checkText({ ...MICROVM_IMAGE_NAME_RULE, property: 'baseImage', code: 'MicrovmBaseImageNameInvalid' }, name);
    return new MicrovmBaseImage(name);
  }

  private constructor(
    /**
     * The name of the managed image.
     */
    public readonly imageName: string,

    /**
     * The version that builds are pinned to.
     *
     * @default - the newest available version, looked up at each deployment
     */
    public readonly version?: string,
  ) {}

  /**
   * Pins the version.
   *
   * A version ages out: AWS deprecates it when it is replaced, and some months later no image can be built on it any more.
   *
   * @param version digits only, for example `1`. The service shows it as `1.0` but does not take that form.
   */
  public withVersion(version: string): MicrovmBaseImage {
    checkText({
      property: 'baseImage',
      code: 'MicrovmBaseImageVersionInvalid',
      minLength: 1,
      maxLength: 9,
      pattern: /^[0-9]+$/,
      allowed: "digits only, as in '1'; the service shows versions as '1.0' but does not take that form",
    }, version);
    return new MicrovmBaseImage(this.imageName, version);
  }

  /** @internal */
  public _arn(scope: IConstruct): string {
    return managedImageArn(scope, this.imageName);
  }
}
