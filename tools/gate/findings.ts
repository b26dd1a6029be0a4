/** Something that a check of the gate found. */
export interface Finding {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly problem: string;
}

export function inWords({ file, line, problem }: Finding): string {
  return `${file}:${line}: ${problem}`;
}
