/**
 * Additional Linux capabilities of the code in a MicroVM.
 */
export enum MicrovmOsCapabilities {
  /**
   * No additional capabilities: code can neither mount file systems nor change the host name.
   */
  NONE = 'NONE',

  /**
   * All capabilities that the service offers. Containers inside a MicroVM need them. The service offers no smaller set.
   *
   * One report found capabilities missing in spite of this value (service-facts.md, 5). Whether Docker runs inside a
   * MicroVM was not verified against AWS.
   */
  ALL = 'ALL',
}
