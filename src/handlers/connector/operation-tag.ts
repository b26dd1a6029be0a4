import type { Attempt } from './input';
import type { Settings } from './request';
import { OPERATION_TAG } from '../../contract/connector';
import { hash } from '../engine/fingerprint';
import type { Tags } from '../engine/owner';

/** The last request to create or to update a connector, as the operation tag describes it. */
export interface LastRequest {
  readonly operationId: string;
  readonly attempt: Attempt;
  /** When the update was requested, in milliseconds. Absent for a creation, whose repeated requests must be equal. */
  readonly requestedAt?: number;
  /** Hash of the request overrides, which answers of the service may not show. Absent without overrides. */
  readonly overrides?: string;
}

export function operationTagValue({ operationId, attempt, requestedAt, overrides }: LastRequest): string {
  // Absent parts at the end are left out.
  return [operationId, attempt, requestedAt, overrides].join('/').replace(/\/+$/, '');
}

/** Returns undefined if no operation has created or changed the connector. */
export function lastRequestIn(tags: Tags): LastRequest | undefined {
  const value = tags[OPERATION_TAG];
  if (value === undefined) return undefined;
  const [operationId, attempt, requestedAt, overrides] = value.split('/');
  return { operationId, attempt: attempt === '2' ? 2 : 1, requestedAt: requestedAt ? Number(requestedAt) : undefined, overrides };
}

/** Returns a hash of the request overrides that fits into a tag. */
export function overridesHash({ requestOverrides }: Settings): string | undefined {
  return requestOverrides === undefined ? undefined : hash(requestOverrides).slice(0, 32);
}
