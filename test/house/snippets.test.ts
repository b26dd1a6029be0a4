import { inWords } from '../../tools/gate/findings';
import type { Snippet } from '../../tools/gate/snippets';
import { snippetFindings, snippets } from '../../tools/gate/snippets';

const BROKEN: Snippet = { file: 'a.md', line: 11, code: "import { MicrovmImage } from 'cdk-lambda-microvms';\nconst image: MicrovmImage = 1;" };
const [own, seeded] = split(snippetFindings([...snippets(), BROKEN]));

function split(all: ReturnType<typeof snippetFindings>) {
  return [all.filter(({ file }) => file !== BROKEN.file), all.filter(({ file }) => file === BROKEN.file)].map(found => found.map(inWords));
}

test('every block of TypeScript in a page compiles', () => {
  expect(own).toEqual([]);
});

test('a block that does not compile is found by its page and line', () => {
  expect(seeded).toEqual(["a.md:12: Type 'number' is not assignable to type 'MicrovmImage'."]);
});
