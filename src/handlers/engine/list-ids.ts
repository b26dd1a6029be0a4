/** Ids that an error names. */
const IDS_IN_ERROR = 10;

export function named(ids: string[]): string {
  const more = ids.length > IDS_IN_ERROR ? ` and ${ids.length - IDS_IN_ERROR} more` : '';
  return `${ids.slice(0, IDS_IN_ERROR).join(', ')}${more}`;
}
