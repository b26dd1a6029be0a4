import { readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';

const README = path.join(__dirname, '..', '..', 'README.md');

/** The table of the README after a marker, which is a comment with the command that writes it. */
export function readmeTable(marker: string): string {
  return found(readFileSync(README, 'utf8'), marker).table;
}

/** Writes tables into the README, each by its marker, in place of those that are there. */
export function updateReadme(tables: Readonly<Record<string, string>>): void {
  const updated = Object.entries(tables).reduce((readme, [marker, table]) => {
    const { start, end } = found(readme, marker);
    return `${readme.slice(0, start)}${table}\n${readme.slice(end)}`;
  }, readFileSync(README, 'utf8'));
  writeFileSync(README, updated);
}

function found(readme: string, marker: string): { table: string; start: number; end: number } {
  const match = new RegExp(`<!-- ${marker} -->\n\n((?:\\|.*\n)*)`).exec(readme);
  if (!match) throw new Error(`the README has no marker <!-- ${marker} --> with an empty line after it`);
  const end = match.index + match[0].length;
  return { table: match[1].trimEnd(), start: end - match[1].length, end };
}
