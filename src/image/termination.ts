/**
 * Determines when a deployment may terminate running MicroVMs of an image.
 *
 * The service rejects the deletion of an image while a MicroVM of it runs (service-facts.md, 1.4).
 */
export enum MicrovmTermination {
  /**
   * Deleting the image terminates its MicroVMs. Renaming the image fails before any change while MicroVMs run
   * (`MicrovmImageInUse`), because a rename deletes the image with the old name at the end.
   */
  ON_DELETE = 'ON_DELETE',

  /**
   * Deleting the image terminates its MicroVMs. Renaming the image terminates the MicroVMs of the old one.
   */
  ON_DELETE_OR_RENAME = 'ON_DELETE_OR_RENAME',

  /**
   * A deployment terminates no MicroVM. Deleting and renaming the image fail while MicroVMs run (`MicrovmImageInUse`),
   * and the error lists their IDs. The resource role has no permission to terminate MicroVMs.
   */
  NEVER = 'NEVER',
}
