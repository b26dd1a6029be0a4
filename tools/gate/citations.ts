import type { Finding } from './findings';
import { headingsOf } from './markdown';
import { files, read } from './repository';
import type { Text } from './texts';
import { lineOf, texts, withoutMarks } from './texts';

/**
 * Citations of the pages of docs/design: the page, and the number with which a heading of it begins.
 * "(service-facts.md, 1.2)" is one.
 */

const PAGES = 'service-facts|reconciler|iam|verification';
const NUMBER = '[A-H]?\\.?\\d+(?:\\.\\d+)*|[A-H]';

const CITATION = new RegExp(`\\b(${PAGES})\\.md(?:\\]\\([^)]*\\))?,\\s+((?:${NUMBER})(?:(?:,|,?\\s+and|\\s+to)\\s+(?:${NUMBER})\\b)*)(?![\\w(])`, 'g');

/** Forms without a page, or without a comma. */
const OTHER_FORMS = [
  new RegExp('\\b(?:service|design)[ /-]facts?,?\\s+\\(?\\d[\\d.]*', 'gi'),
  new RegExp(`\\b(?:${PAGES})\\.md\\s+(?:${NUMBER})\\b`, 'g'),
];

/** Tests of the checks have such forms on purpose. */
const TESTS = /^test\/house\//;

export function citationFindings(all: readonly Text[] = texts()): Finding[] {
  return all.filter(({ file }) => !TESTS.test(file)).flatMap(text => {
    const prose = withoutMarks(text);
    const at = (position: number) => ({ file: text.file, line: lineOf(text, position) });
    return [
      ...[...prose.matchAll(CITATION)].flatMap(match => numbersIn(match[2]).filter(number => !hasHeading(match[1], number))
        .map(number => ({ ...at(match.index), problem: `docs/design/${match[1]}.md has no heading ${number}` }))),
      ...OTHER_FORMS.flatMap(form => [...prose.matchAll(form)])
        .map(match => ({ ...at(match.index), problem: `"${match[0]}": cite a page of docs/design like "service-facts.md, 1.2"` })),
      ...[...prose.matchAll(/(?<![\w/.-])(?:[\w.-]+\/)*[\w-]+\.md\b/g)].filter(([page]) => !isPage(page))
        .map(match => ({ ...at(match.index), problem: `there is no page ${match[0]}` })),
    ];
  });
}

function numbersIn(list: string): string[] {
  return list.split(/,?\s+and\s+|\s+to\s+|,\s*/).filter(number => number !== '');
}

function hasHeading(page: string, number: string): boolean {
  let headings = known.get(page);
  if (!headings) {
    headings = headingsOf(read(`docs/design/${page}.md`)).map(({ text }) => text);
    known.set(page, headings);
  }
  return headings.some(heading => heading.startsWith(`${number} `));
}

const known = new Map<string, string[]>();

/** Programs write these, and nobody commits them. */
const WRITTEN = ['live-report.md'];

/** By its path, or by the end of it. */
function isPage(mentioned: string): boolean {
  if (WRITTEN.includes(mentioned)) return true;
  const end = mentioned.replace(/^(\.{1,2}\/)+/, '');
  return files().some(file => file === end || file.endsWith(`/${end}`));
}
