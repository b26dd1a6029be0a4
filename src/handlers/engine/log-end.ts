/** How many lines of a log an error shows. */
const SHOWN_LINES = 25;

/** How many lines of a log are worth fetching: an error may stand well before the end. */
export const FETCHED_LINES = 200;

/** How many of the last lines follow an error before them. If there is room for few lines, a fifth of them. */
const LAST_LINES = 5;

/** Stands where lines are left out. */
const LEFT_OUT = '...';

/** How many lines apart two lines that look like errors may be, and still be of one error. */
const GAP = 3;

/** Words with which programs, package managers and runtimes begin the message of an error. */
const LOOKS_LIKE_AN_ERROR = new RegExp([
  String.raw`\b(?:error|errors|fatal|critical|panic|traceback|segfault)\b(?!\s*[=:]\s*(?:0|none|null|false)\b)`,
  String.raw`\w(?:Error|Exception)\b`,
  String.raw`\bERR!`,
  String.raw`\bfail(?:ed|ure)\b(?!\s*[=:]\s*0\b)`,
  String.raw`\bexit(?:ed)?(?: with)?(?: code| status)?:?\s*[1-9]`,
  String.raw`\bcommand not found\b`,
].join('|'), 'i');

/** Words of a line that reports success. */
const REPORTS_NONE = /\b(?:0|no|without)\s+(?:error|errors|failed|failures?)\b/i;

/**
 * Picks the lines of a log that are worth showing: the last ones, unless an error stands before them. Then it picks
 * the lines around the last error, and fewer of the last lines.
 */
export function logEnd(lines: readonly string[], limit = SHOWN_LINES): string[] {
  const all = lines.filter((line, index) => line !== lines[index - 1]).slice(-FETCHED_LINES);
  const last = Math.min(LAST_LINES, Math.floor(limit / 5));
  const room = limit - last - 1;
  const error = lastErrorIn(all.slice(0, all.length - last));
  if (limit <= 1 || !error) return endOf(all, limit);
  // The last line of an error says most. If there is room for all of it, the lines before it say what was running.
  const from = Math.max(0, error.from - Math.floor(room / 5), error.to - room);
  if (all.length - from <= limit) return endOf(all, limit);
  return [...all.slice(from, from + room), LEFT_OUT, ...endOf(all, last)];
}

/** Not `slice(-count)`, which returns everything if the count is 0. */
function endOf(lines: readonly string[], count: number): string[] {
  return lines.slice(Math.max(0, lines.length - count));
}

/** Returns where the last error begins and ends. Indented lines, such as those of a stack trace, belong to it. */
function lastErrorIn(lines: readonly string[]): { readonly from: number; readonly to: number } | undefined {
  let index = lines.length - 1;
  while (index >= 0 && !looksLikeError(lines[index])) index--;
  if (index < 0) return undefined;
  const to = index + 1;
  let from = index;
  for (let gap = 0; index >= 0 && gap <= GAP; index--) {
    if (looksLikeError(lines[index])) {
      from = index;
      gap = 0;
    } else if (!/^\s/.test(lines[index])) {
      gap++;
    }
  }
  return { from, to };
}

function looksLikeError(line: string): boolean {
  return LOOKS_LIKE_AN_ERROR.test(line) && !REPORTS_NONE.test(line);
}
