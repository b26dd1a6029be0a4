import { bundleRows } from './handlers/bundle';
import { callRows } from './handlers/calls';
import { queueRows } from './handlers/queue';
import { rollbackRows } from './handlers/rollback';
import { timeRows } from './handlers/times';
import type { Row } from './row';

/**
 * Measures what the handlers cost.
 *
 * Everything except the bundle is measured with a virtual clock, the simulated service and the real reconcilers. These
 * figures are exact.
 */
export async function rows(): Promise<Row[]> {
  return [...await bundleRows(), ...await callRows(), ...await timeRows(), ...await rollbackRows(), ...await queueRows()];
}
