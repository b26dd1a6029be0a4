import type { Statement } from './principal';
import { listOf } from './principal';
import type { Permission } from '../../src/private/permissions';

/**
 * Finds the permissions that the statements of a template implement, by their actions. Throws if no permission
 * explains a statement.
 *
 * A statement may implement several permissions. If several permissions have the same actions, they explain the
 * statements in order.
 */
export function explain(statements: readonly Statement[], permissions: readonly Permission[]): Permission[][] {
  const seen = new Map<string, number>();
  return statements.map(statement => {
    const actions = listOf(statement.Action ?? statement.NotAction);
    const key = sorted(actions);
    const nth = seen.get(`${statement.Effect} ${key}`) ?? 0;
    seen.set(`${statement.Effect} ${key}`, nth + 1);
    // A permission that is always denied explains such a statement best. A guardrail also denies other permissions.
    const denies = statement.Effect === 'Deny' ? permissions.filter(({ isDeny }) => isDeny) : [];
    const candidates = [...denies, ...permissions.filter(({ isDeny }) => !isDeny)];
    const same = candidates.filter(permission => sorted(permission.actions) === key);
    if (same.length > 0) return [same[Math.min(nth, same.length - 1)]];
    const parts = candidates.filter(permission => permission.actions.every(action => actions.includes(action)));
    if (sorted([...new Set(parts.flatMap(part => part.actions))]) !== key) throw new Error(`no permission explains ${key}`);
    return parts;
  });
}

function sorted(actions: readonly string[]): string {
  return [...actions].sort().join();
}
