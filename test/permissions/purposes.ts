import type { Statement } from './principal';
import { listOf } from './principal';
import type { Permission } from '../../src/private/permissions';

/** The permission that a statement of a template stands for, known by its actions; fails for one that stands for none. */
export function permissionOf(statement: Statement, permissions: readonly Permission[]): Permission {
  const actions = sorted(listOf(statement.Action ?? statement.NotAction));
  const found = permissions.filter(permission => sorted(permission.actions) === actions);
  if (found.length !== 1) throw new Error(`${found.length} permissions with ${actions} among: ${permissions.map(({ purpose }) => purpose).join('; ')}`);
  return found[0];
}

function sorted(actions: readonly string[]): string {
  return [...actions].sort().join();
}
