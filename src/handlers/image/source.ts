/**
 * What a version is built from, as far as the service returns it unchanged.
 *
 * Whoever may update the image can write a marker. Only a principal that may pass the build role can build with it.
 */
export interface Source {
  readonly baseImageArn?: string;
  readonly buildRoleArn?: string;
  readonly codeUri?: string;
}

/** What a request to build, and an answer about a version, say about its source. */
interface NamesSource {
  readonly baseImageArn?: string;
  readonly buildRoleArn?: string;
  readonly codeArtifact?: { readonly uri?: string };
}

/** Returns the source that a request names, or that the service shows of a version. */
export function sourceOf({ baseImageArn, buildRoleArn, codeArtifact }: NamesSource): Source {
  return { baseImageArn, buildRoleArn, codeUri: codeArtifact?.uri };
}

/** Returns the members of a source that differ from the desired one. A member that one of them lacks does not count. */
export function differences(found: Source, desired: Source): (keyof Source)[] {
  const members: (keyof Source)[] = ['buildRoleArn', 'codeUri', 'baseImageArn'];
  return members.filter(member => found[member] !== undefined && desired[member] !== undefined && found[member] !== desired[member]);
}
