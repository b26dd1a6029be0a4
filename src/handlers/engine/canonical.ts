/** JSON with sorted keys: the same content always gives the same text. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member) => member !== null && typeof member === 'object' && !Array.isArray(member)
    ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
    : member);
}
