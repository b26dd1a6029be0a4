import type { Outcome, Settle } from './probe';
import { isDenied } from './probe';
import type { FactId } from '../facts/catalog';

/** Settles whether a request needs a permission, from its outcome with all permissions and without this one. */
export function settleNeed(settle: Settle, fact: FactId, complete: Outcome<unknown>, incomplete: Outcome<unknown>): void {
  const evidence = `with all permissions: ${said(complete)}; without this one: ${said(incomplete)}`;
  if (complete.rejected !== undefined) settle(fact, 'unclear', evidence);
  else if (incomplete.rejected === undefined) settle(fact, 'no', evidence);
  else settle(fact, lacksPermission(incomplete) ? 'yes' : 'unclear', evidence);
}

/** Whether the caller, or a role that the service used for the request, lacks a permission. */
export function lacksPermission(result: Outcome<unknown>): boolean {
  return isDenied(result) || /not authorized|unauthorized|access ?denied|permission/i.test(result.rejected ?? '');
}

export function said({ rejected }: Outcome<unknown>): string {
  return rejected ?? 'accepted';
}
