/** Returns all items of a paginated list. */
export async function allPages<Item>(
  page: (nextToken?: string) => Promise<{ items: Item[] | undefined; nextToken?: string | null }>,
): Promise<Item[]> {
  const items: Item[] = [];
  let nextToken: string | undefined;
  do {
    const answer = await page(nextToken);
    items.push(...answer.items ?? []);
    nextToken = answer.nextToken ?? undefined;
  } while (nextToken);
  return items;
}
