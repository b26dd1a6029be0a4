import type { ServiceError } from './errors';

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Absent on the last page. */
  readonly next?: string;
}

/** Returns one page of a list. The token holds the position. */
export function page<Item>(items: readonly Item[], size: number, token: string | undefined, badToken: (message: string) => ServiceError): Page<Item> {
  const start = token === undefined ? 0 : position(token, badToken);
  const end = start + size;
  return { items: items.slice(start, end), next: end < items.length ? Buffer.from(`position=${end}`).toString('base64url') : undefined };
}

function position(token: string, badToken: (message: string) => ServiceError): number {
  const match = /^position=(\d+)$/.exec(Buffer.from(token, 'base64url').toString('utf8'));
  if (match === null) throw badToken('Invalid pagination token');
  return Number(match[1]);
}
