import { inWords } from '../../tools/gate/findings';
import { linkFindings, linksIn, problemOf } from '../../tools/gate/links';
import { read, REPOSITORY_URL } from '../../tools/gate/repository';

test('no link is dead, as far as the gate can see without a network', () => {
  expect(linkFindings().map(inWords)).toEqual([]);
});

describe('the README', () => {
  const readme = read('README.md');

  test('has at most 20 kB', () => {
    expect(Buffer.byteLength(readme)).toBeLessThanOrEqual(20_000);
  });

  test('has only absolute links, which work on npm, PyPI and Construct Hub too', () => {
    expect(linksIn(readme).map(({ target }) => target).filter(target => !target.startsWith('https://'))).toEqual([]);
  });
});

describe('a link', () => {
  const blob = `${REPOSITORY_URL}/blob/main`;

  test.each([
    'iam.md', 'iam.md#roles', '../guides', '#roles', `${blob}/docs/design/iam.md#roles`, `${REPOSITORY_URL}/tree/main/docs`,
    'https://docs.aws.amazon.com/lambda/', 'http://127.0.0.1:4566',
  ])('leads somewhere: %s', target => {
    expect(problemOf('docs/design/iam.md', target)).toBeUndefined();
  });

  test.each([
    ['nowhere.txt', 'there is no docs/design/nowhere.txt'],
    ['iam.md#nothing', 'docs/design/iam.md has no heading with this anchor'],
    ['../../../README.md', 'there is no ../README.md'],
    [`${blob}/nowhere`, 'there is no nowhere'],
    [`${blob}/docs/design/iam.md#nothing`, 'docs/design/iam.md has no heading with this anchor'],
    ['http://docs.aws.amazon.com/', 'use https'],
    ['https://localhost', undefined],
    ['https://aws', 'is not a valid address'],
    ['/docs', 'begin it with the name of a file, or with https://'],
  ])('%s: %s', (target, problem) => {
    expect(problemOf('docs/design/iam.md', target)).toBe(problem);
  });

  test('is found in brackets, by reference, in HTML and bare, but not in code', () => {
    const page = [
      '[a](one.md "title") and ![b](two.svg)', '', '[c]: three.md', '<a href="four.md">', 'https://five.example.', '`[d](no.md)`', '```', '[e](no.md)', '```',
    ].join('\n');
    expect(linksIn(page)).toEqual([
      { target: 'one.md', line: 1 }, { target: 'two.svg', line: 1 }, { target: 'three.md', line: 3 }, { target: 'four.md', line: 4 },
      { target: 'https://five.example', line: 5 },
    ]);
  });
});
