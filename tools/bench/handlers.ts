import { bundleRows } from './handlers/bundle';
import { callRows } from './handlers/calls';
import { deletionRows } from './handlers/deletions';
import { queueRows } from './handlers/queue';
import { rollbackRows } from './handlers/rollback';
import { timeRows } from './handlers/times';
import type { Row } from './row';

/**
 * Costs of the handlers. All rows except those of the bundle are exact: they are measured on a virtual clock with the
 * simulated service and the real reconcilers.
*/
export async function rows(): Promise<Row[]> {
  return [...await bundleRows(), ...await callRows(), ...await timeRows(), ...await rollbackRows(), ...await deletionRows(), ...await queueRows()];
}
