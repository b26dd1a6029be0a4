/** An error in a Dockerfile or in its context, with the message that docker shows. */
export class DockerfileError extends Error {}

const KEYWORDS = [
  'ADD', 'ARG', 'CMD', 'COPY', 'ENTRYPOINT', 'ENV', 'EXPOSE', 'FROM', 'HEALTHCHECK', 'LABEL', 'MAINTAINER', 'ONBUILD', 'RUN', 'SHELL',
  'STOPSIGNAL', 'USER', 'VOLUME', 'WORKDIR',
] as const;
export type Keyword = typeof KEYWORDS[number];

/** The flags that each instruction accepts. Other instructions accept none. */
const FLAGS: Partial<Record<Keyword, readonly string[]>> = {
  ADD: ['chown', 'chmod', 'link', 'checksum', 'keep-git-dir', 'exclude', 'unpack'],
  COPY: ['from', 'chown', 'chmod', 'link', 'parents', 'exclude'],
  FROM: ['platform'],
  HEALTHCHECK: ['interval', 'timeout', 'start-period', 'start-interval', 'retries'],
  RUN: ['mount', 'network', 'security', 'device'],
};

/** Instructions that accept a JSON array. */
const JSON_FORMS: readonly Keyword[] = ['ADD', 'CMD', 'COPY', 'ENTRYPOINT', 'RUN', 'SHELL', 'VOLUME'];

export interface Instruction {
  readonly keyword: Keyword;
  /** Line on which the instruction starts, counted from 1. */
  readonly line: number;
  readonly flags: Readonly<Record<string, string>>;
  /** The text after keyword and flags, on one line. */
  readonly text: string;
  /** The JSON form, if the instruction uses it. */
  readonly json?: readonly string[];
  /** Bodies of here-documents by delimiter. */
  readonly hereDocuments: Readonly<Record<string, string>>;
}

export interface Stage {
  /** As written: an image, or the name of an earlier stage. */
  readonly base: string;
  readonly name?: string;
  readonly instructions: readonly Instruction[];
}

export interface Dockerfile {
  /** ARG instructions before the first FROM. */
  readonly globalArguments: readonly Instruction[];
  readonly stages: readonly Stage[];
}

/** Parses a Dockerfile as docker does. */
export function parseDockerfile(text: string): Dockerfile {
  const instructions = readInstructions(text);
  if (instructions.length === 0) throw new DockerfileError('failed to solve: file with no instructions');
  const firstFrom = instructions.findIndex(({ keyword }) => keyword === 'FROM');
  const preamble = instructions.slice(0, firstFrom < 0 ? undefined : firstFrom);
  const stray = preamble.find(({ keyword }) => keyword !== 'ARG');
  if (stray !== undefined) throw parseError(stray.line, 'no build stage in current context');
  if (firstFrom < 0) throw new DockerfileError('failed to solve: dockerfile contains no stages to build');
  const stages: { base: string; name?: string; instructions: Instruction[] }[] = [];
  for (const instruction of instructions.slice(firstFrom)) {
    if (instruction.keyword === 'FROM') stages.push({ ...readFrom(instruction), instructions: [] });
    else stages[stages.length - 1].instructions.push(instruction);
  }
  return { globalArguments: preamble, stages };
}

function readInstructions(text: string): Instruction[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const escape = escapeCharacter(lines);
  const continued = new RegExp(`${escape === '\\' ? '\\\\' : '`'}[ \\t]*$`);
  const instructions: Instruction[] = [];
  for (let index = 0; index < lines.length; index++) {
    if (isSkipped(lines[index])) continue;
    const line = index + 1;
    let logical = lines[index];
    while (continued.test(logical) && index + 1 < lines.length) {
      index++;
      // Comments and empty lines inside a continuation do not end it.
      if (isSkipped(lines[index])) continue;
      logical = logical.replace(continued, '') + lines[index];
    }
    logical = logical.replace(continued, '').trim();
    const hereDocuments: Record<string, string> = {};
    for (const { delimiter, stripsTabs } of hereDocumentsOf(logical)) {
      const body: string[] = [];
      const textOf = (at: number) => (stripsTabs ? lines[at].replace(/^\t+/, '') : lines[at]);
      for (index++; index < lines.length && textOf(index) !== delimiter; index++) body.push(textOf(index));
      if (index >= lines.length) throw parseError(line, 'unterminated heredoc');
      hereDocuments[delimiter] = `${body.join('\n')}\n`;
    }
    instructions.push(readInstruction(logical, line, hereDocuments));
  }
  return instructions;
}

function readInstruction(logical: string, line: number, hereDocuments: Record<string, string>): Instruction {
  const [, word, afterWord] = /^(\S+)\s*([^]*)$/.exec(logical)!;
  const keyword = KEYWORDS.find(known => known === word.toUpperCase());
  if (keyword === undefined) throw parseError(line, `unknown instruction: ${word}`);
  const flags: Record<string, string> = {};
  let text = afterWord;
  for (let flag = FLAG.exec(text); flag !== null && takesFlags(keyword); flag = FLAG.exec(text)) {
    if (!FLAGS[keyword]?.includes(flag[1])) throw parseError(line, `unknown flag: --${flag[1]}`);
    flags[flag[1]] = flag[2] ?? 'true';
    text = text.slice(flag[0].length);
  }
  text = text.trim();
  const instruction = { keyword, line, flags, text, json: readJson(keyword, text), hereDocuments };
  checkArguments(instruction);
  return instruction;
}

const FLAG = /^--([a-z-]+)(?:=(\S*))?\s*/;

/** In other instructions, text that looks like a flag belongs to a command or value. */
function takesFlags(keyword: Keyword): boolean {
  return FLAGS[keyword] !== undefined;
}

function readJson(keyword: Keyword, text: string): string[] | undefined {
  if (!JSON_FORMS.includes(keyword) || !text.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every(item => typeof item === 'string') ? value : undefined;
  } catch {
    return undefined; // docker also treats it as the shell form
  }
}

function checkArguments({ keyword, line, text, json }: Instruction): void {
  const words = json ?? splitWords(text);
  if (words.length === 0 && !(keyword === 'CMD' || keyword === 'ENTRYPOINT')) {
    const required = keyword === 'FROM' ? 'either one or three arguments'
      : keyword === 'COPY' || keyword === 'ADD' ? 'at least two arguments, but only 0 were provided'
        : ['WORKDIR', 'USER', 'STOPSIGNAL'].includes(keyword) ? 'exactly one argument' : 'at least one argument';
    throw parseError(line, `${keyword} requires ${required}`);
  }
  if ((keyword === 'COPY' || keyword === 'ADD') && words.length < 2) {
    throw parseError(line, `${keyword} requires at least two arguments, but only one was provided. Destination could not be determined`);
  }
  if (keyword === 'SHELL' && json === undefined) throw parseError(line, 'SHELL requires the arguments to be in JSON form');
  if (keyword === 'WORKDIR' && text === '') throw parseError(line, 'WORKDIR requires exactly one argument');
  if (keyword === 'LABEL' && !text.includes('=') && words.length < 2) throw parseError(line, 'LABEL must have two arguments');
  if (keyword === 'ENV' && !text.includes('=') && words.length < 2) throw parseError(line, 'ENV must have two arguments');
  if (keyword === 'ONBUILD') {
    const trigger = words[0].toUpperCase();
    if (trigger === 'ONBUILD') throw parseError(line, "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
    if (trigger === 'FROM' || trigger === 'MAINTAINER') throw parseError(line, `${trigger} isn't allowed as an ONBUILD trigger`);
  }
}

function readFrom({ line, text }: Instruction): { base: string; name?: string } {
  const words = splitWords(text);
  if (words.length === 1) return { base: words[0] };
  if (words.length !== 3 || words[1].toUpperCase() !== 'AS') throw parseError(line, 'FROM requires either one or three arguments');
  if (!/^[a-z][a-z0-9-_.]*$/.test(words[2].toLowerCase())) throw parseError(line, `invalid name for build stage: "${words[2]}"`);
  return { base: words[0], name: words[2].toLowerCase() };
}

/** Parser directives come before everything else. */
function escapeCharacter(lines: readonly string[]): string {
  for (const line of lines) {
    const directive = /^#\s*([a-zA-Z]+)\s*=\s*(.+?)\s*$/.exec(line);
    if (directive === null) return '\\';
    if (directive[1].toLowerCase() === 'escape') return directive[2];
  }
  return '\\';
}

function isSkipped(line: string): boolean {
  return /^\s*(#|$)/.test(line);
}

function hereDocumentsOf(logical: string): { delimiter: string; stripsTabs: boolean }[] {
  if (!/^(RUN|COPY|ADD)\s/i.test(logical)) return [];
  return [...logical.matchAll(/<<(-?)(["']?)([A-Za-z_][A-Za-z0-9_.]*)\2/g)].map(match => ({ delimiter: match[3], stripsTabs: match[1] === '-' }));
}

function parseError(line: number, message: string): DockerfileError {
  return new DockerfileError(`failed to solve: dockerfile parse error on line ${line}: ${message}`);
}

/**
 * Splits text into words as a shell does. Quotes group words and are removed. A backslash escapes the next character.
 */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  for (const [word] of text.matchAll(/(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])+/gs)) {
    words.push(word.replace(/"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/gs, (_all, double?: string, single?: string, escaped?: string) =>
      double?.replace(/\\(["\\$])/g, '$1') ?? single ?? escaped ?? ''));
  }
  return words;
}

/** Replaces `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME:+alternative}`. */
export function expandVariables(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\\\$|\$(?:(\w+)|\{(\w+)(?::([-+])([^}]*))?\})/g, (all, plain, braced, operator, operand) => {
    if (all === '\\$') return '$';
    const value = variables[plain ?? braced];
    const isSet = value !== undefined && value !== '';
    if (operator === '-') return isSet ? value : expandVariables(operand, variables);
    if (operator === '+') return isSet ? expandVariables(operand, variables) : '';
    return value ?? '';
  });
}

/** The pairs of ENV, LABEL and ARG, in the new form (`A=1 B=2`) and in the old form (`A 1`). */
export function keyValuePairs(text: string): [string, string | undefined][] {
  const words = splitWords(text);
  if (words.length > 1 && !words[0].includes('=')) return [[words[0], text.slice(text.indexOf(words[0]) + words[0].length).trim()]];
  return words.map(word => {
    const at = word.indexOf('=');
    return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
  });
}
