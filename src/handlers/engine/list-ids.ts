/** How many IDs an error lists. */
const MAXIMUM = 10;

/** Lists IDs for an error, up to ten. */
export function listIds(ids: string[]): string {
  const more = ids.length > MAXIMUM ? ` and ${ids.length - MAXIMUM} more` : '';
  return `${ids.slice(0, MAXIMUM).join(', ')}${more}`;
}
