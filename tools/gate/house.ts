/**
 * Lists what test/house fails on, for those who clean up.
 *
 *   tsx tools/gate/house.ts [words|lengths|citations|links|snippets|layers]     all, or one kind
 *   tsx tools/gate/house.ts --count                                             how many, by kind and folder
 */
import { citationFindings } from './citations';
import type { Finding } from './findings';
import { inWords } from './findings';
import { cycles, engineFindings, layerFindings } from './layers';
import { linkFindings } from './links';
import { lengthFindings, wordFindings } from './prose';
import { snippetFindings } from './snippets';

const KINDS: Record<string, () => Finding[]> = {
  words: wordFindings,
  lengths: lengthFindings,
  citations: citationFindings,
  links: linkFindings,
  snippets: snippetFindings,
  layers: () => [
    ...layerFindings(), ...engineFindings(), ...cycles().map(cycle => ({ file: cycle.split(' ')[0], line: 1, problem: `a cycle: ${cycle}` })),
  ],
};

function countsOf(found: readonly Finding[]): [folder: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { file } of found) {
    const folder = file.split('/').slice(0, -1).slice(0, 2).join('/') || file;
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a);
}

const args = process.argv.slice(2);
const kinds = args.filter(arg => arg in KINDS);
for (const kind of kinds.length > 0 ? kinds : Object.keys(KINDS)) {
  const found = KINDS[kind]();
  if (found.length > 0) process.exitCode = 1;
  console.log(`${kind}: ${found.length}`);
  if (args.includes('--count')) countsOf(found).forEach(([folder, count]) => console.log(`${String(count).padStart(6)}  ${folder}`));
  else found.forEach(finding => console.log(inWords(finding)));
}
