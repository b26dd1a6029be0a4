/** Whether a path has a wildcard, by the rules of Docker. */
export function hasWildcard(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

/**
 * Translates a pattern of COPY, which has the syntax of Go's `filepath.Match`: `*` and `?` match no `/`, and `**` is
 * the same as `*`. Returns undefined if the pattern is malformed.
 */
export function globPattern(pattern: string): RegExp | undefined {
  let source = '';
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === '*') {
      source += '[^/]*';
    } else if (character === '?') {
      source += '[^/]';
    } else if (character === '[') {
      const list = /^\[(\^?)((?:\\.|[^\]\\])+)\]/.exec(pattern.slice(at));
      if (!list) return undefined;
      source += `[${list[1]}${list[2].replace(/[[^]/g, '\\$&')}]`;
      at += list[0].length - 1;
    } else {
      source += character.replace(/[.+^${}()|\]\\]/, '\\$&');
    }
  }
  try {
    return new RegExp(`^${source}$`);
  } catch {
    return undefined; // A range such as [z-a].
  }
}
