import type { IConstruct } from 'constructs';
import { MicrovmArchitecture } from './architecture';
import { ValidationError } from '../private/errors';

const DEFAULT: readonly string[] = [MicrovmArchitecture.ARM_64];

export function checkArchitectures(scope: IConstruct, architectures: MicrovmArchitecture[] | undefined): void {
  if (architectures === undefined) return;
  if (architectures.length === 0 || new Set(architectures).size < architectures.length) {
    throw new ValidationError('MicrovmImageArchitecturesInvalid',
      `architectures: [${architectures.join(', ')}] is not valid; name at least one architecture, and each only once`, scope);
  }
}

/**
 * Returns the property of the custom resource. Neither the order nor naming the default makes a difference, so that
 * they build no version.
 */
export function architecturesProperty(architectures: MicrovmArchitecture[] | undefined): string[] | undefined {
  const sorted = [...architectures ?? DEFAULT].sort();
  return sorted.join() === DEFAULT.join() ? undefined : sorted;
}
