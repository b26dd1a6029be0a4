/** A measured value of one variant. */
export interface Figure {
  readonly of: string;
  readonly value: number;
}

export interface Goal {
  /** Text for the table. */
  readonly inWords: string;
  readonly holds: boolean;
}

/** One line of the table: this library compared with other variants, measured in one run. */
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

/** Formats rows as a Markdown table. Ratios are those of this library to the other variant. */
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
      goals.length === 0 ? '' : goals.every(({ holds }) => holds) ? 'met' : '**not met**',
    ])),
  ].join('\n');
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Rounds to three significant digits. Whole numbers stay whole. */
function inFigures(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en') : String(Number(value.toPrecision(3)));
}
