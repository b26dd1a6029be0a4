import { citationFindings } from '../../tools/gate/citations';
import { inWords } from '../../tools/gate/findings';

const problems = (text: string) => citationFindings([{ file: 'a.md', line: 1, kind: 'page', text }]).map(({ problem }) => problem);

test('every citation of the design has a heading with its number', () => {
  expect(citationFindings().map(inWords)).toEqual([]);
});

test.each([
  ['(service-facts.md, 1.2)', []],
  ['(reconciler.md, B.2 and B.10)', []],
  ['([iam.md](docs/design/iam.md), 4.1)', []],
  ['(service-facts.md, 1.2, 99.1)', ['docs/design/service-facts.md has no heading 99.1']],
  ['(reconciler.md, Z.1) is a title', []],
  ['service facts 1.2', ['"service facts 1.2": cite a page of docs/design like "service-facts.md, 1.2"']],
  ['reconciler.md B2', ['"reconciler.md B2": cite a page of docs/design like "service-facts.md, 1.2"']],
  ['nowhere.md', ['there is no page nowhere.md']],
])('%s', (text, expected) => {
  expect(problems(text)).toEqual(expected);
});
