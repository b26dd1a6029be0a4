/** Shorter values are too likely to be part of ordinary words. */
const SECRET_LENGTH = 8;

/**
 * A value that is likely to be a word, such as `production`. Inside a longer word or name it is not the value: to
 * replace it there would cut the names of resources.
 */
const WORD = /^(?:[a-z]{1,12}|[A-Z]{1,12})$/;
const NAME_CHARACTER = /[\w-]/;

/** A line break with the white space around it. It is left out before a text is searched for secrets. */
const LINE_BREAK = /(?<![ \t])[ \t]*\r?\n[ \t]*/g;

const REPLACEMENT = '***';

/** One way in which a secret may appear in a text. */
interface Form {
  readonly text: string;
  /** Whether the secret is replaced only where it is not part of a longer name. */
  readonly isWord: boolean;
}

/** A part of a text, without the character at its end. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Replaces secrets in a text, including their single lines and usual encodings, in lower or upper case, and also if a
 * line break divides them.
 */
export function redact(text: string, secrets: readonly string[]): string {
  const searched = searchable(text);
  return replace(text, secrets.flatMap(formsOf).flatMap(form => occurrences(searched.text, form.text)
    .map(({ start, end }) => ({ start: searched.positions[start], end: searched.positions[end - 1] + 1 }))
    .filter(range => !form.isWord || !isInName(text, range))));
}

function formsOf(secret: string): Form[] {
  const values = [secret, secret.trim(), ...secret.split(/\r?\n/).map(line => line.trim())].filter(value => value.length >= SECRET_LENGTH);
  return [...new Set(values)].flatMap(value => [
    ...asItIs(value).map(text => ({ text, isWord: WORD.test(value) })),
    ...encoded(value).map(text => ({ text, isWord: false })),
  ]).map(form => ({ ...form, text: searchable(form.text).text })).filter(({ text }) => text.length > 0);
}

function isInName(text: string, { start, end }: Range): boolean {
  return NAME_CHARACTER.test(text.charAt(start - 1)) || NAME_CHARACTER.test(text.charAt(end));
}

/** Returns a value, also as it stands in JSON, in JSON within JSON, and in a URL. */
function asItIs(value: string): string[] {
  const json = inJson(value);
  // `encodeURIComponent` throws for text that is not well formed. Text that was decoded from bytes is.
  return [...new Set([value, json, inJson(json), encodeURIComponent(Buffer.from(value).toString())])];
}

function encoded(value: string): string[] {
  const bytes = Buffer.from(value);
  return [bytes.toString('hex'), ...base64Of(bytes)];
}

function inJson(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

/**
 * Returns what base64 shows of bytes, also in the middle of others, as in `user:password` of an HTTP header.
 *
 * Three bytes have four characters. A character that the bytes share with their neighbors is left out.
 */
function base64Of(bytes: Buffer): string[] {
  const inTheMiddle = [0, 1, 2].map(before => {
    const shifted = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64').replace(/=+$/, '');
    const shared = (before + bytes.length) % 3 === 0 ? 0 : 1;
    return shifted.slice(before === 0 ? 0 : before + 1, shifted.length - shared);
  });
  const alone = bytes.toString('base64').replace(/=+$/, '');
  return [...new Set([alone, ...inTheMiddle].flatMap(form => [form, form.replace(/\+/g, '-').replace(/\//g, '_')]))];
}

/** Returns a text without line breaks and in lower case, and where its characters are in the original. */
function searchable(text: string): { readonly text: string; readonly positions: number[] } {
  const breaks = [...text.matchAll(LINE_BREAK)];
  const positions: number[] = [];
  let start = 0;
  for (const { index, 0: { length } } of [...breaks, { index: text.length, 0: '' }]) {
    for (; start < index; start++) positions.push(start);
    start = index + length;
  }
  return { text: positions.map(position => lowerCase(text[position])).join(''), positions };
}

/** The length of a few characters depends on their case. */
function lowerCase(character: string): string {
  const lower = character.toLowerCase();
  return lower.length === 1 ? lower : character;
}

function occurrences(text: string, form: string): Range[] {
  const found: Range[] = [];
  for (let start = text.indexOf(form); start >= 0; start = text.indexOf(form, start + 1)) found.push({ start, end: start + form.length });
  return found;
}

/** Replaces each range. Ranges that overlap are replaced as one, so that no part of a secret is left. */
function replace(text: string, ranges: readonly Range[]): string {
  let redacted = '';
  let end = 0;
  for (const range of [...ranges].sort((a, b) => a.start - b.start)) {
    if (range.start >= end) redacted += text.slice(end, range.start) + REPLACEMENT;
    end = Math.max(end, range.end);
  }
  return redacted + text.slice(end);
}
