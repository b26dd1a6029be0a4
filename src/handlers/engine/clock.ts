/** Time as the handlers see it. Tests pass a clock of their own. */
export interface Clock {
  /** In milliseconds. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  sleep: milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds)),
};
