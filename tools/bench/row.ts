/** A figure of one way to do it. */
export interface Figure {
  readonly of: string;
  readonly value: number;
}

export interface Goal {
  /** In words, for the table. */
  readonly inWords: string;
  readonly holds: boolean;
}

/** One line of the table: this library beside other ways to the same end, measured in one run. */
export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly ours: number;
  readonly others: readonly Figure[];
  readonly goals: readonly Goal[];
}

export function atMost(limit: number, value: number): Goal {
  return { inWords: `at most ${inFigures(limit)}`, holds: value <= limit };
}

export function lessThan(other: Figure, value: number): Goal {
  return { inWords: `less than ${other.of}`, holds: value < other.value };
}

export function atMostTimes(factor: number, other: Figure, value: number): Goal {
  return { inWords: `at most ${inFigures(factor)} times ${other.of}`, holds: value <= factor * other.value };
}

export function atLeastTimesLessThan(factor: number, other: Figure, value: number): Goal {
  return { inWords: `at least ${inFigures(factor)} times less than ${other.of}`, holds: value * factor <= other.value };
}

/** The rows as a table in Markdown; ratios are those of this library to the other way. */
export function table(rows: readonly Row[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(['what', 'here', 'against', 'goal', '']),
    line(['---', '--:', '---', '---', '---']),
    ...rows.map(({ what, unit, ours, others, goals }) => line([
      what,
      `${inFigures(ours)} ${unit}`.trim(),
      others.map(({ of, value }) => `${of}: ${inFigures(value)}${value === 0 ? '' : ` (${(ours / value).toFixed(2)}×)`}`).join('; ') || '–',
      goals.map(({ inWords }) => inWords).join('; ') || '–',
      goals.length === 0 ? '' : goals.every(({ holds }) => holds) ? 'holds' : '**does not hold**',
    ])),
  ].join('\n');
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Three figures are as many as a run is good for; whole numbers stay whole. */
function inFigures(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en') : String(Number(value.toPrecision(3)));
}
