/**
 * Additional Linux capabilities of the code in a MicroVM.
 */
export enum MicrovmOsCapabilities {
  /**
   * No additional capabilities: code can neither mount file systems nor change the host name.
   */
  NONE = 'NONE',

  /**
   * All capabilities of the service. Containers inside a MicroVM need them. The service offers no smaller set.
   */
  ALL = 'ALL',
}
