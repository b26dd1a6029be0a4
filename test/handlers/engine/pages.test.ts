import { allPages } from '../../../src/handlers/engine/pages';

type Page = Awaited<ReturnType<Parameters<typeof allPages<number>>[0]>>;

/** Returns the items of these pages, and the tokens of the requests. */
async function itemsOf(...pages: Page[]): Promise<{ items: number[]; tokens: (string | undefined)[] }> {
  const tokens: (string | undefined)[] = [];
  const items = await allPages(async token => {
    tokens.push(token);
    return pages[tokens.length - 1];
  });
  return { items, tokens };
}

describe('a paginated list', () => {
  test('contains the items of all pages in order, each requested with the token of the page before', async () => {
    await expect(itemsOf({ items: [1, 2], nextToken: 'a' }, { items: [3], nextToken: 'b' }, { items: [4] }))
      .resolves.toEqual({ items: [1, 2, 3, 4], tokens: [undefined, 'a', 'b'] });
  });

  test('continues after a page without items', async () => {
    await expect(itemsOf({ items: [], nextToken: 'a' }, { items: undefined, nextToken: 'b' }, { items: [1] })).resolves.toMatchObject({ items: [1] });
  });

  test.each([undefined, null, ''])('ends without a token: %p', async nextToken => {
    await expect(itemsOf({ items: [1], nextToken }, { items: [2] })).resolves.toEqual({ items: [1], tokens: [undefined] });
  });
});
