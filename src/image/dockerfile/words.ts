/** Returns the strings of the JSON form of an instruction; undefined if it is not in this form. */
export function jsonStrings(text: string): string[] | undefined {
  if (!text.trimStart().startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every(item => typeof item === 'string') ? value : undefined;
  } catch {
    return undefined; // As Docker does, which then takes the text for the shell form.
  }
}

/** Splits at white space outside of quotes, and keeps quotes and escapes. Returns nothing if a quote does not end. */
export function shellWords(text: string, escape = '\\'): string[] {
  const e = `\\${escape}`;
  const word = new RegExp(`(?:"(?:${e}[^]|[^"${e}])*"|'[^']*'|${e}[^]|[^\\s"'${e}])+`, 'g');
  return text.replace(word, '').trim() === '' ? text.match(word) ?? [] : [];
}

/** Splits at white space, as COPY, ADD, EXPOSE and FROM do: quotes group nothing. */
export function plainWords(text: string): string[] {
  return text.split(/\s+/).filter(word => word !== '');
}

/** Returns the value of a variable; null if it has none, and undefined if that is not known. */
export type Lookup = (name: string) => string | null | undefined;

const VARIABLE = /^\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-+])([^{}]*))?\})/;

/** Replaces variables, and removes quotes and escapes. Returns undefined if the result is not known. */
export function expand(word: string, lookup: Lookup, escape: string): string | undefined {
  let result = '';
  let quoted = false;
  for (let at = 0; at < word.length; at++) {
    const rest = word.slice(at);
    const single = quoted ? null : /^'([^']*)'/.exec(rest);
    if (rest[0] === escape) {
      // At the end of a word, an escape has no effect.
      result += quoted && !['"', '$', escape].includes(rest[1]) ? rest.slice(0, 2) : rest[1] ?? '';
      at++;
    } else if (single) {
      result += single[1];
      at += single[0].length - 1;
    } else if (rest[0] === '"') {
      quoted = !quoted;
    } else if (rest[0] === '$') {
      const variable = VARIABLE.exec(rest);
      const value = variable ? substituted(variable, lookup, escape) : undefined;
      if (value === undefined) return undefined;
      result += value;
      at += variable![0].length - 1;
    } else {
      result += rest[0];
    }
  }
  return quoted ? undefined : result;
}

function substituted([, plain, braced, operator, operand]: RegExpExecArray, lookup: Lookup, escape: string): string | undefined {
  const value = lookup(plain ?? braced);
  if (value === undefined) return undefined;
  if (operator === undefined) return value ?? '';
  const isSet = value !== null && (value !== '' || !operator.startsWith(':'));
  if (operator.endsWith('-')) return isSet ? value : expand(operand, lookup, escape);
  return isSet ? expand(operand, lookup, escape) : '';
}
