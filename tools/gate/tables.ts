import { writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { files, read, ROOT } from './repository';

/**
 * Tables that programs write into pages. A marker is a comment with the command that writes the table: `<!-- npm run
 * bench -->`, with an empty line after it. It stands in README.md or in a page of docs, in one place only.
 */

interface Place {
  readonly page: string;
  readonly text: string;
  readonly table: string;
  readonly start: number;
  readonly end: number;
}

/** The table after a marker, as it is in its page. */
export function writtenTable(marker: string): string {
  return find(marker).table;
}

/** Replaces the tables after the markers. */
export function updateTables(tables: Readonly<Record<string, string>>): void {
  for (const [marker, table] of Object.entries(tables)) {
    const { page, text, start, end } = find(marker);
    writeFileSync(path.join(ROOT, page), `${text.slice(0, start)}${table}\n${text.slice(end)}`);
  }
}

function find(marker: string): Place {
  const pages = files().filter(file => file === 'README.md' || /^docs\/.*\.md$/.test(file));
  const [place, ...others] = pages.flatMap(page => placesIn(page, marker));
  if (!place) throw new Error(`neither README.md nor a page of docs has the marker <!-- ${marker} --> with an empty line after it`);
  if (others.length > 0) throw new Error(`the marker <!-- ${marker} --> stands in ${[place, ...others].map(({ page }) => page).join(' and ')}; keep one`);
  return place;
}

function placesIn(page: string, marker: string): Place[] {
  const text = read(page);
  return [...text.matchAll(new RegExp(`<!-- ${marker} -->\n\n((?:\\|.*\n)*)`, 'g'))].map(match => {
    const end = match.index + match[0].length;
    return { page, text, table: match[1].trimEnd(), start: end - match[1].length, end };
  });
}
