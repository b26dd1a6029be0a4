import { IMAGE, measureLife } from './life';
import { naive, ours } from './trial';
import type { Row } from '../row';
import { atLeastTimesLessThan } from '../row';

/** Measures the rollback to the previous version after a successful build. A build takes 150 s. */
export async function rollbackRows(): Promise<Row[]> {
  const [here, there] = [await measureLife(ours, IMAGE), await measureLife(naive, IMAGE)].map(({ rollback }) => rollback.duration / 1000);
  const rebuilding = { of: 'rebuilding it', value: there };
  return [{ what: 'rollback of an image to a kept version', unit: 's', ours: here, others: [rebuilding], goals: [atLeastTimesLessThan(5, rebuilding, here)] }];
}
