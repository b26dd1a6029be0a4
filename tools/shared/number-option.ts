/** The number that a command line gives for an option. */
export function numberOption(option: string, value: string): number {
  const number = Number(value);
  if (value === '' || !Number.isFinite(number) || number < 0) throw new Error(`--${option} must be a number, got '${value}'`);
  return number;
}
