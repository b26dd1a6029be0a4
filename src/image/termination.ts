/**
 * When a deployment may end MicroVMs that still run.
 *
 * The service deletes no image while a MicroVM of it runs.
 */
export enum MicrovmTermination {
  /**
   * Deleting the image ends its MicroVMs, as deleting a service ends its tasks. A rename, which deletes the image under the
   * old name in the end, is refused before its first step while MicroVMs run.
   */
  ON_DELETE = 'ON_DELETE',

  /**
   * Deleting the image and renaming it end its MicroVMs.
   */
  ON_DELETE_OR_RENAME = 'ON_DELETE_OR_RENAME',

  /**
   * A deployment ends no MicroVM: deleting the image and renaming it are refused, with the ids of those that run. The
   * deployment then has no permission to terminate MicroVMs either.
   */
  NEVER = 'NEVER',
}
