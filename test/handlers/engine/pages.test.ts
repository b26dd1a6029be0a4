import { OutOfTimeError } from '../../../src/handlers/engine/errors';
import { allPages, pagesInTime } from '../../../src/handlers/engine/pages';

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

describe('a list that may be too long for one poll', () => {
  const found = async (pages: (Page | Error)[], isEnough: (items: readonly number[]) => boolean = () => false) => {
    let read = 0;
    return pagesInTime(async () => {
      const page = pages[read++];
      if (page instanceof Error) throw page;
      return page;
    }, isEnough);
  };
  const first: Page = { items: [1, 2], nextToken: 'a' };

  test.each([undefined, null, ''])('is complete if its last page has no token: %p', async nextToken => {
    await expect(found([first, { items: [3], nextToken }])).resolves.toEqual({ found: [1, 2, 3], areAll: true });
  });

  test('ends once enough is found', async () => {
    await expect(found([first, { items: [3] }], items => items.length >= 2)).resolves.toEqual({ found: [1, 2], areAll: false });
  });

  test('ends with what was found when the poll has no time left', async () => {
    await expect(found([first, new OutOfTimeError()])).resolves.toEqual({ found: [1, 2], areAll: false });
  });

  test('fails without a single page, and for any other reason', async () => {
    await expect(found([new OutOfTimeError()])).rejects.toThrow(OutOfTimeError);
    await expect(found([first, new Error('no answer')])).rejects.toThrow('no answer');
  });
});
