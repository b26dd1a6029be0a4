import type { Operation } from './operation';
import { isDetailedPoll } from './operation';

/** How long the service usually takes for something, in milliseconds. */
export interface UsualTime {
  readonly from: number;
  readonly to: number;
}

/** The usual time of something that has none: polls observe it often at first, and rarely later. */
export const UNKNOWN: UsualTime = { from: Infinity, to: Infinity };

/** The longest time between two observations of something that is not due, or overdue. */
const LONGEST_INTERVAL = 15_000;

/** How many operations a container remembers. */
const REMEMBERED = 1_000;

interface Wait {
  readonly usual: UsualTime;
  readonly since: number;
  readonly observedAt: number;
}

/**
 * Decides which polls observe anything: all of them while something is due, and few before and after that.
 *
 * Something that takes less time than usual is noticed late by no more than it has taken, because its age limits the
 * interval. A container remembers only what it has observed itself. If another one polls, it observes once more.
 */
export class Pace {
  private readonly waits = new Map<string, Wait>();

  /** Whether this poll need not observe anything. */
  public isTooEarly(operation: Operation): boolean {
    const wait = this.waits.get(operation.paceKey);
    if (!wait || operation.endsSoon || isDetailedPoll(operation)) return false;
    const { usual, since, observedAt } = wait;
    const elapsed = operation.now - since;
    const isDue = elapsed >= usual.from && elapsed < usual.to;
    return !isDue && operation.now < observedAt + Math.min(observedAt - since, LONGEST_INTERVAL);
  }

  /** Remembers that a poll waits for something that takes a usual time, or for anything else. */
  public remember(operation: Operation, usual: UsualTime | undefined): void {
    const { paceKey, now } = operation;
    const before = this.waits.get(paceKey);
    this.forget(operation);
    if (!usual) return;
    if (this.waits.size >= REMEMBERED) this.waits.clear();
    this.waits.set(paceKey, { usual, since: before?.usual === usual ? before.since : now, observedAt: now });
  }

  public forget({ paceKey }: Operation): void {
    this.waits.delete(paceKey);
  }
}
