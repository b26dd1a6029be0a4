/** What the checks of the gate need to know about a page of Markdown. */

export interface Heading {
  readonly text: string;
  /** As GitHub makes it from the text. */
  readonly anchor: string;
}

export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

export interface Block {
  readonly language: string;
  /** The line of the first line of code, from 1. */
  readonly line: number;
  readonly code: string;
}

const FENCE = /^\s*(```+|~~~+)\s*(\w*)/;

/** The lines of a page that are not in fenced blocks, and the blocks. */
export function parse(page: string): { readonly lines: Line[]; readonly blocks: Block[] } {
  const lines: Line[] = [];
  const blocks: Block[] = [];
  let open: { fence: string; language: string; line: number; code: string[] } | undefined;
  for (const [index, text] of page.split('\n').entries()) {
    const fence = FENCE.exec(text);
    if (open) {
      if (fence?.[1].startsWith(open.fence) && text.trim() === fence[1]) {
        blocks.push({ language: open.language, line: open.line, code: open.code.join('\n') });
        open = undefined;
      } else {
        open.code.push(text);
      }
    } else if (fence) {
      open = { fence: fence[1], language: fence[2], line: index + 2, code: [] };
    } else {
      lines.push({ number: index + 1, text });
    }
  }
  if (open) throw new Error(`line ${open.line - 1}: a block is not closed`);
  return { lines, blocks };
}

/** Outside of fenced blocks; a text that occurs again gets a number at the end of its anchor. */
export function headingsOf(page: string): Heading[] {
  const taken = new Map<string, number>();
  return parse(page).lines.flatMap(({ text }) => {
    const heading = /^#{1,6} +(.*?)(?: +#+)? *$/.exec(text)?.[1];
    if (heading === undefined) return [];
    const anchor = anchorOf(heading);
    const times = taken.get(anchor) ?? 0;
    taken.set(anchor, times + 1);
    return [{ text: heading, anchor: times === 0 ? anchor : `${anchor}-${times}` }];
  });
}

function anchorOf(heading: string): string {
  const shown = heading.replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/<[^>]+>/g, '');
  return shown.trim().toLowerCase().replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '').replace(/ /g, '-');
}
