/** A question that documents, samples and users of the service answer differently, or not at all. */
export interface Fact {
  readonly id: string;
  /** Where it is open, or disputed. */
  readonly source: string;
  /** Settled by yes or no. */
  readonly question: string;
  /** Why no probe asks it. @default - one does */
  readonly notAsked?: string;
}

export type Settlement = 'yes' | 'no' | 'unclear' | 'not settled';

/** What a run found out about a fact. */
export interface Answer {
  readonly fact: string;
  readonly settled: Settlement;
  /** What was seen, in a line. */
  readonly evidence: string;
}
