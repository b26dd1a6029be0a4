import { shellWords } from './words';

/** Stands for `<<` in texts from which here-documents are removed. */
export const HEREDOC = '\u0001\u0001';

const COMMENT_OR_EMPTY = /^\s*(#|$)/;

/** A text without here-documents, or the line of one that never ends. */
export interface TextWithoutHeredocs {
  readonly text: string;
  readonly unterminated?: number;
}

/**
 * Replaces the bodies of here-documents by comments and `<<` by `HEREDOC`, so that all lines keep their numbers.
 * Comments and empty lines within an instruction become continuation lines, because the parser takes some for words.
 *
 * The parser reads a body as instructions if the here-document has a file descriptor (`3<<EOF`). It takes `<<` in the
 * JSON form for a here-document. The rules here are those of BuildKit (frontend/dockerfile/parser/parser.go).
 */
export function withoutHeredocs(text: string, escape: string): TextWithoutHeredocs {
  const lines = text.split('\n');
  const continued = new RegExp(`\\${escape}[ \\t]*$`);
  let unterminated: number | undefined;
  for (let index = 0; index < lines.length; index++) {
    if (COMMENT_OR_EMPTY.test(lines[index])) continue;
    const start = index;
    let logical = lines[index];
    while (continued.test(logical) && index + 1 < lines.length) {
      index++;
      if (!COMMENT_OR_EMPTY.test(lines[index])) logical = logical.replace(continued, '') + lines[index];
      else if (index + 1 < lines.length) lines[index] = escape;
    }
    for (const { delimiter, stripsTabs } of heredocsOf(logical)) {
      const ends = (line: string) => (stripsTabs ? line.replace(/^\t+/, '') : line) === delimiter;
      for (index++; index < lines.length && !ends(lines[index]); index++) lines[index] = '#';
      if (index >= lines.length) unterminated ??= start + 1;
      else lines[index] = '#';
    }
  }
  return { text: lines.join('\n').replace(/<</g, HEREDOC), unterminated };
}

function heredocsOf(logical: string): { delimiter: string; stripsTabs: boolean }[] {
  const match = /^\s*(?:ONBUILD\s+)?(?:RUN|COPY|ADD)\s+(?:--\S+\s+)*([^]*)$/i.exec(logical);
  // In the JSON form, each word begins with a quote or a bracket.
  return shellWords(match?.[1] ?? '').flatMap(word => {
    const heredoc = /^\d*<<(-?)\s*([^<]+)$/.exec(word);
    return heredoc ? [{ delimiter: heredoc[2].replace(/["']/g, ''), stripsTabs: heredoc[1] === '-' }] : [];
  });
}
