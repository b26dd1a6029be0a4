import type { Clock } from './clock';

interface Entry<Row> {
  readonly at: number;
  /** Absent if the row was deleted. */
  readonly row?: Row;
}

/** How far into the past an eventually consistent read can reach. */
const HISTORY_MS = 60_000;

/**
 * Rows by ID, with their recent past, so that reads can be eventually consistent.
 *
 * Rows are never changed, only replaced.
 */
export class Table<Row> {
  private readonly histories = new Map<string, Entry<Row>[]>();

  constructor(private readonly clock: Clock) {}

  /** The current row, or the row at a given time. */
  get(id: string, asOf = Infinity): Row | undefined {
    const history = this.histories.get(id) ?? [];
    return history[lastIndexAt(history, asOf)]?.row;
  }

  /** All rows, oldest first. */
  list(asOf = Infinity): Row[] {
    return [...this.histories.keys()].map(id => this.get(id, asOf)).filter(row => row !== undefined);
  }

  put(id: string, row: Row): void {
    this.append(id, row);
  }

  /** Replaces a row with a changed copy. Does nothing if the row was deleted. */
  change(id: string, change: Partial<Row> | ((row: Row) => Row)): void {
    const row = this.get(id);
    if (row === undefined) return;
    this.append(id, typeof change === 'function' ? change(row) : { ...row, ...change });
  }

  delete(id: string): void {
    this.append(id, undefined);
    this.clock.after(HISTORY_MS, () => this.forget(id));
  }

  clear(): void {
    this.histories.clear();
  }

  private append(id: string, row: Row | undefined): void {
    const now = this.clock.now();
    const history = this.histories.get(id) ?? [];
    const firstNeeded = Math.max(0, lastIndexAt(history, now - HISTORY_MS));
    this.histories.set(id, [...history.slice(firstNeeded), { at: now, row }]);
  }

  private forget(id: string): void {
    if (this.get(id) === undefined) this.histories.delete(id);
  }
}

/** Index of the entry that was valid at a given time; -1 if there was none yet. */
function lastIndexAt(history: readonly Entry<unknown>[], moment: number): number {
  let index = history.length - 1;
  while (index >= 0 && history[index].at > moment) index--;
  return index;
}
