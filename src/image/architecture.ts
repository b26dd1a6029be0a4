/**
 * CPU architecture of the MicroVMs of an image.
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
