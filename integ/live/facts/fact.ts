/** A question that documentation, samples and users of the service answer differently or not at all. */
export interface Fact {
  readonly id: string;
  /** Sections of `docs/design` that leave the question open, like `iam.md, 4.1`, separated by semicolons. */
  readonly source: string;
  /** A question with the answer yes or no. */
  readonly question: string;
  /** Why no probe asks it. @default - a probe asks it */
  readonly notAsked?: string;
}

export type Settlement = 'yes' | 'no' | 'unclear' | 'not settled';

/** The answer to a fact that a run found. */
export interface Answer {
  readonly fact: string;
  readonly settled: Settlement;
  /** What was observed, in one line. */
  readonly evidence: string;
}
