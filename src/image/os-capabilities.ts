/**
 * Linux capabilities beyond the usual ones, for what runs in a MicroVM.
 */
export enum MicrovmOsCapabilities {
  /**
   * None: code cannot mount file systems or change the host name.
   */
  NONE = 'NONE',

  /**
   * All that the service can give, which containers inside a MicroVM need. The service has no smaller choice.
   */
  ALL = 'ALL',
}
