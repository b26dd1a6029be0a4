/** Time of the simulator: milliseconds since the epoch, a sleep and a timer. */
export interface Clock {
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Runs a task later. The returned function cancels it. */
  after(ms: number, task: () => void): () => void;
}

/** The longest delay that setTimeout accepts. A longer one would fire immediately. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The clock of this machine. With a scale of 10, ten seconds of service time pass in one second. */
export class RealClock implements Clock {
  private readonly start = Date.now();

  constructor(private readonly scale = 1) {}

  now(): number {
    return this.start + (Date.now() - this.start) * this.scale;
  }

  async sleep(ms: number): Promise<void> {
    return new Promise(resolve => setTimeout(resolve, this.realMs(ms)));
  }

  after(ms: number, task: () => void): () => void {
    const timer = setTimeout(task, this.realMs(ms));
    timer.unref(); // pending work of the simulator must not keep the process alive
    return () => clearTimeout(timer);
  }

  private realMs(ms: number): number {
    return Math.min(ms / this.scale, LONGEST_TIMER_MS);
  }
}

/** About two seconds of real time. */
const MAX_IDLE_TURNS = 2_000;

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly task: () => void;
}

/**
 * A clock that never sleeps. `run` lets all pending work proceed, then jumps to the next timer.
 *
 * Timers fire in the order of their times, then in the order in which they were set, so that every run is the same.
 * Anything that tasks await besides this clock must resolve in microtasks.
 */
export class VirtualClock implements Clock {
  private time: number;
  private order = 0;
  private readonly timers = new TimerHeap();
  private readonly cancelled = new Set<Timer>();

  constructor(start = Date.UTC(2026, 10, 23)) {
    this.time = start;
  }

  now(): number {
    return this.time;
  }

  async sleep(ms: number): Promise<void> {
    return new Promise(resolve => this.after(ms, resolve));
  }

  after(ms: number, task: () => void): () => void {
    const timer = { at: this.time + Math.max(0, ms), order: this.order++, task };
    this.timers.push(timer);
    return () => this.cancelled.add(timer);
  }

  /**
   * Advances to a given time (milliseconds since the epoch), until a condition holds, or until no timer is left.
   *
   * An error in a task stops the run. Node.js and jest report an unhandled rejection before the next timer fires.
   */
  async run(until?: number | (() => boolean)): Promise<void> {
    for (;;) {
      await drainMicrotasks();
      if (typeof until === 'function' && until()) return;
      const next = this.nextTimer();
      if (next === undefined || (typeof until === 'number' && next.at > until)) break;
      this.timers.pop();
      this.time = next.at;
      next.task();
    }
    if (typeof until === 'number') this.time = Math.max(this.time, until);
  }

  /** Advances until a task is done, even if it does a little real work, as the first call of an SDK client does. */
  async complete<T>(task: Promise<T>): Promise<T> {
    let done = false;
    const settled = () => { done = true; };
    task.then(settled, settled);
    for (let idle = 0; !done; idle++) {
      if (idle > MAX_IDLE_TURNS) throw new Error('the task is not done, and no timer is left');
      await this.run(() => done);
      if (!done) await new Promise(resolve => setTimeout(resolve, 1));
    }
    return task;
  }

  private nextTimer(): Timer | undefined {
    for (;;) {
      const next = this.timers.peek();
      if (next === undefined || !this.cancelled.delete(next)) return next;
      this.timers.pop();
    }
  }
}

/** All microtasks run before the next turn of the event loop starts. */
async function drainMicrotasks(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}

/** A binary heap, because generated histories set hundreds of thousands of timers. */
class TimerHeap {
  private readonly heap: Timer[] = [];

  peek(): Timer | undefined {
    return this.heap[0];
  }

  push(timer: Timer): void {
    let index = this.heap.push(timer) - 1;
    while (index > 0) {
      const parent = Math.floor((index - 1) / 2);
      if (!before(this.heap[index], this.heap[parent])) return;
      this.swap(index, parent);
      index = parent;
    }
  }

  pop(): void {
    const last = this.heap.pop();
    if (last === undefined || this.heap.length === 0) return;
    this.heap[0] = last;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      let first = index;
      if (left < this.heap.length && before(this.heap[left], this.heap[first])) first = left;
      if (right < this.heap.length && before(this.heap[right], this.heap[first])) first = right;
      if (first === index) return;
      this.swap(index, first);
      index = first;
    }
  }

  private swap(a: number, b: number): void {
    [this.heap[a], this.heap[b]] = [this.heap[b], this.heap[a]];
  }
}

function before(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
