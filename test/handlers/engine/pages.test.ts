import { allPages } from '../../../src/handlers/engine/pages';

type Page = Awaited<ReturnType<Parameters<typeof allPages<number>>[0]>>;

/** The items of these pages, and with which tokens they were asked for. */
async function itemsOf(...pages: Page[]): Promise<{ items: number[]; tokens: (string | undefined)[] }> {
  const tokens: (string | undefined)[] = [];
  const items = await allPages(async token => {
    tokens.push(token);
    return pages[tokens.length - 1];
  });
  return { items, tokens };
}

describe('a list in pages', () => {
  test('is the items of all pages in their order, each asked for with the token of the one before', async () => {
    await expect(itemsOf({ items: [1, 2], nextToken: 'a' }, { items: [3], nextToken: 'b' }, { items: [4] }))
      .resolves.toEqual({ items: [1, 2, 3, 4], tokens: [undefined, 'a', 'b'] });
  });

  test('goes on after a page without items', async () => {
    await expect(itemsOf({ items: [], nextToken: 'a' }, { items: undefined, nextToken: 'b' }, { items: [1] })).resolves.toMatchObject({ items: [1] });
  });

  test.each([undefined, null, ''])('ends without a token: %p', async nextToken => {
    await expect(itemsOf({ items: [1], nextToken }, { items: [2] })).resolves.toEqual({ items: [1], tokens: [undefined] });
  });
});
