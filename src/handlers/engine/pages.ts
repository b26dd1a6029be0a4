import { OutOfTimeError } from './errors';

interface Page<Item> {
  readonly items: Item[] | undefined;
  readonly nextToken?: string | null;
}

/** Returns all items of a paginated list. */
export async function allPages<Item>(page: (nextToken?: string) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = [];
  let nextToken: string | undefined;
  do {
    const answer = await page(nextToken);
    items.push(...answer.items ?? []);
    nextToken = answer.nextToken || undefined;
  } while (nextToken !== undefined);
  return items;
}

/** Items of a list that may be too long for one poll. */
export interface Found<Item> {
  readonly found: Item[];
  readonly areAll: boolean;
}

/** Reads pages of a list until enough is found, or until the poll has no time left for another page. */
export async function pagesInTime<Item>(
  page: (nextToken?: string) => Promise<Page<Item>>, isEnough: (found: readonly Item[]) => boolean,
): Promise<Found<Item>> {
  const found: Item[] = [];
  let nextToken: string | undefined;
  do {
    try {
      const answer = await page(nextToken);
      found.push(...answer.items ?? []);
      nextToken = answer.nextToken || undefined;
    } catch (error) {
      // Without a single page, nothing is known.
      if (!(error instanceof OutOfTimeError) || nextToken === undefined) throw error;
      return { found, areAll: false };
    }
  } while (nextToken !== undefined && !isEnough(found));
  return { found, areAll: nextToken === undefined };
}
