/**
 * CPU architecture of the MicroVMs of an image.
 *
 * @example
 * import type { Stack } from 'aws-cdk-lib';
 * import { MicrovmArchitecture, MicrovmCode, MicrovmImage } from 'cdk-lambda-microvms';
 *
 * declare const stack: Stack;
 *
 * new MicrovmImage(stack, 'Browser', {
 *   code: MicrovmCode.fromDirectory('browser'),
 *   architectures: [MicrovmArchitecture.X86_64],
 * });
 */
export enum MicrovmArchitecture {
  /**
   * ARM, on Graviton processors.
   */
  ARM_64 = 'ARM_64',

  /**
   * x86-64, on Intel processors. It is in the service's API since November 2026, and was not verified against live AWS.
   */
  X86_64 = 'X86_64',
}
