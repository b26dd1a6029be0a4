/** A pattern of paths, compiled. Paths are relative to the root and have `/` between their parts. */
export interface PathPattern {
  /** Whether the pattern begins with `!`, so that it includes what it matches. */
  readonly negative: boolean;
  /** The path that the pattern names, if it has no wildcards. */
  readonly literal?: string;
  /** Whether the pattern begins at the root with a name, so that it says in which directories its matches are. */
  readonly rooted: boolean;
  /** Whether the pattern matches this path itself, not only a directory above it. */
  matches(path: string, isDirectory: boolean): boolean;
  /** Whether the pattern can match something in this directory. */
  canMatchIn(directory: string): boolean;
}

/** What differs between the syntaxes. */
interface Syntax {
  readonly flags: string;
  /** `**` as the last part of a pattern. */
  readonly closingStars: string;
  /** `**` beside other characters, and the same at the end of a pattern. */
  readonly innerStars: string;
  readonly innerClosingStars: string;
  /** The characters that negate a set. */
  readonly negations: string;
}

const GIT: Syntax = { flags: 'i', closingStars: '.+', innerStars: '[^/]*', innerClosingStars: '[^/]*', negations: '!^' };
const DOCKER: Syntax = { flags: '', closingStars: '.*', innerStars: '(?:.*/)?', innerClosingStars: '.*', negations: '^' };

/** Compiles a line in the syntax of `.gitignore`, in which case does not matter. Returns undefined for a comment. */
export function gitPattern(line: string): PathPattern | undefined {
  let text = line.replace(/(?<!\\)\s+$/, '');
  if (text === '' || text.startsWith('#')) return undefined;
  const negative = text.startsWith('!');
  if (negative) text = text.slice(1);
  const directoriesOnly = text.endsWith('/');
  text = text.replace(/\/+$/, '');
  // Without a slash before its end, a pattern matches at any depth.
  const anchored = text.includes('/');
  const segments = text.replace(/^\/+/, '').split('/');
  return compiled(anchored ? segments : ['**', ...segments], GIT, negative, directoriesOnly);
}

/** Compiles a line of a `.dockerignore` file, in which case matters. Returns undefined for a comment. */
export function dockerPattern(line: string): PathPattern | undefined {
  if (line.startsWith('#')) return undefined;
  let text = line.trim();
  const negative = text.startsWith('!');
  if (negative) text = text.slice(1).trim();
  const segments = cleaned(text);
  return segments.length === 0 ? undefined : compiled(segments, DOCKER, negative, false);
}

/** Resolves `.` and `..`, as Go's `filepath.Clean` does. */
function cleaned(text: string): string[] {
  const segments: string[] = [];
  for (const segment of text.split('/')) {
    if (segment === '..' && segments.length > 0 && segments.at(-1) !== '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return segments;
}

function compiled(segments: string[], syntax: Syntax, negative: boolean, directoriesOnly: boolean): PathPattern | undefined {
  const compile = (source: string) => new RegExp(`^${source}$`, syntax.flags);
  try {
    // The name alone is faster to test.
    const byName = segments.length === 2 && segments[0] === '**' && !segments[1].includes('**');
    const expression = compile((byName ? segments.slice(1) : segments).map((segment, index) => {
      const last = byName || index === segments.length - 1;
      if (segment === '**') return last ? syntax.closingStars : '(?:.*/)?';
      return `${segmentSource(segment, syntax, last)}${last ? '' : '/'}`;
    }).join(''));
    const parts = segments.map(segment => segment.includes('**') ? undefined : compile(segmentSource(segment, syntax, false)));
    return {
      negative,
      literal: segments.some(segment => /[*?[\\]/.test(segment)) ? undefined : segments.join('/'),
      rooted: parts[0] !== undefined,
      matches: (path, isDirectory) => (isDirectory || !directoriesOnly) && expression.test(byName ? path.slice(path.lastIndexOf('/') + 1) : path),
      canMatchIn: directory => canMatchIn(parts, directory.split('/')),
    };
  } catch (error) {
    // A set such as [z-a] matches nothing.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function canMatchIn(parts: (RegExp | undefined)[], names: string[]): boolean {
  for (const [index, part] of parts.entries()) {
    if (part === undefined || index === names.length) return true;
    if (!part.test(names[index])) return false;
  }
  return false;
}

/** Translates the part of a pattern between two slashes. */
function segmentSource(segment: string, { negations, innerStars, innerClosingStars }: Syntax, last: boolean): string {
  let source = '';
  for (let at = 0; at < segment.length; at++) {
    const set = /^\[([!^]?)(\]?[^\]]*)\]/.exec(segment.slice(at));
    if (set) {
      const negated = set[1] !== '' && negations.includes(set[1]);
      source += `[${negated ? '^' : set[1]}${set[2].replace(/\\?([\\[\]^])/g, '\\$1')}]`;
      at += set[0].length - 1;
    } else if (segment.startsWith('**', at)) {
      at++;
      source += last && at === segment.length - 1 ? innerClosingStars : innerStars;
    } else if (segment[at] === '*' || segment[at] === '?') {
      source += segment[at] === '*' ? '[^/]*' : '[^/]';
    } else {
      if (segment[at] === '\\' && at + 1 < segment.length) at++;
      source += segment[at].replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    }
  }
  return source;
}
