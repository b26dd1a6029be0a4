/**
 * Identifies a version that this library built. It stands at the end of the version's description, which the service
 * returns unchanged.
 */
export interface Marker {
  /** Fingerprint of the requested content. */
  readonly fingerprint: string;
  /** The operation that requested the version. */
  readonly operationId: string;
}

export function withMarker(description: string | undefined, marker: Marker): string {
  return `${description ?? ''} [cdk ${marker.fingerprint}/${marker.operationId}]`;
}

export function markerOf(description: string | undefined | null): Marker | undefined {
  const found = / \[cdk ([0-9a-f]+)\/([0-9a-f]+)\]$/.exec(description ?? '');
  return found ? { fingerprint: found[1], operationId: found[2] } : undefined;
}
