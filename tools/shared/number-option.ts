/** Parses the number that a command line passes for an option. */
export function numberOption(option: string, value: string): number {
  const number = Number(value);
  if (value === '' || !Number.isFinite(number) || number < 0) throw new Error(`--${option} must be a number, got '${value}'`);
  return number;
}
