/** Returns why a value cannot become JSON, for example because it contains itself; undefined if it can. */
export function jsonProblem(value: unknown): string | undefined {
  if (typeof value === 'function') return 'a function';
  try {
    JSON.stringify(value);
    return undefined;
  } catch (error) {
    return (error as Error).message.split('\n')[0];
  }
}
