/** Whether a text matches a pattern of IAM: `*` stands for any characters, and `?` for one. */
export function matchesWildcards(pattern: string, text: string, flags?: 'i'): boolean {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.');
  return new RegExp(`^${source}$`, flags).test(text);
}
