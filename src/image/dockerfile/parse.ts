import type * as ast from 'dockerfile-ast';
import { closest } from './closest';
import { HEREDOC, withoutHeredocs } from './heredocs';
import { jsonStrings, plainWords, shellWords } from './words';

/** An instruction, without its here-documents. */
export interface Instruction {
  /** In upper case. */
  readonly keyword: string;
  /** Counted from 1. */
  readonly line: number;
  readonly flags: readonly Flag[];
  /** The text after keyword and flags, on one line. */
  readonly text: string;
  /** The strings of the JSON form, or the words of the text. A here-document is one word, which begins with `<<`. */
  readonly words: readonly string[];
}

/** A flag such as `--from=builder`. */
export interface Flag {
  readonly name: string;
  readonly value: string;
}

/** A build stage: a FROM line and the instructions after it. */
export interface Stage {
  readonly from: Instruction;
  /** As written: an image, or the name of an earlier stage. */
  readonly base: string;
  /** In lower case, as Docker compares it. */
  readonly name?: string;
  readonly instructions: readonly Instruction[];
}

/** A Dockerfile that Docker can parse. */
export interface Dockerfile {
  readonly escape: string;
  /** The ARG instructions before the first FROM. */
  readonly globalArguments: readonly Instruction[];
  readonly stages: readonly Stage[];
}

/** Why Docker cannot parse a text. */
export interface Mistake {
  /** Absent if it concerns the whole file. */
  readonly line?: number;
  readonly problem: string;
}

/** The result of `parseDockerfile`: one of the three. */
export interface Parsed {
  readonly dockerfile?: Dockerfile;
  readonly mistake?: Mistake;
  /** The image of a frontend other than Docker's, whose language is not known. */
  readonly foreignSyntax?: string;
}

/** The instructions and the flags that each of them accepts. */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  ADD: ['chown', 'chmod', 'link', 'checksum', 'keep-git-dir', 'exclude', 'unpack'],
  ARG: [],
  CMD: [],
  COPY: ['from', 'chown', 'chmod', 'link', 'parents', 'exclude'],
  ENTRYPOINT: [],
  ENV: [],
  EXPOSE: [],
  FROM: ['platform'],
  HEALTHCHECK: ['interval', 'timeout', 'start-period', 'start-interval', 'retries'],
  LABEL: [],
  MAINTAINER: [],
  ONBUILD: [],
  RUN: ['mount', 'network', 'security', 'device'],
  SHELL: [],
  STOPSIGNAL: [],
  USER: [],
  VOLUME: [],
  WORKDIR: [],
};

/** Frontends that accept the language of Docker. */
const DOCKER_SYNTAX = /^(docker\.io\/)?docker\/dockerfile(-upstream)?([:@].*)?$/;

/** Parses a Dockerfile by the rules of BuildKit. */
export function parseDockerfile(source: string): Parsed {
  // Loaded on use, because the parser would slow down each load of the library. In the package, it is a bundle.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { DockerfileParser } = require('../dockerfile-ast') as typeof ast;
  const text = source.replace(/^\uFEFF/, '').replace(/\r\n/g, '\n');
  const directives = DockerfileParser.parse(text.slice(0, firstInstruction(text))).getDirectives();
  const syntax = directives.find(directive => directive.getName().toLowerCase() === 'syntax')?.getValue();
  if (syntax && !DOCKER_SYNTAX.test(syntax)) return { foreignSyntax: syntax };
  const escape = directives.find(directive => directive.getName().toLowerCase() === 'escape')?.getValue() === '`' ? '`' : '\\';
  const plain = withoutHeredocs(text, escape);
  const instructions = DockerfileParser.parse(plain.text).getInstructions().map(parsed => instructionOf(parsed, escape));
  const wrong = instructions.find(instruction => problemOf(instruction) !== undefined);
  if (wrong) return { mistake: { line: wrong.line, problem: problemOf(wrong)! } };
  if (plain.unterminated) return { mistake: { line: plain.unterminated, problem: 'has a here-document that does not end' } };
  return stagesOf(instructions, escape);
}

function firstInstruction(text: string): number {
  const match = /^(?![ \t]*#)[^\n]*\S/m.exec(text);
  return match ? match.index : text.length;
}

function instructionOf(parsed: ast.Instruction, escape: string): Instruction {
  const keyword = parsed.getKeyword();
  const text = (parsed.getArgumentsContent() ?? '').split(HEREDOC).join('<<');
  return {
    keyword,
    line: parsed.getRange().start.line + 1,
    flags: 'getFlags' in parsed ? (parsed as ast.ModifiableInstruction).getFlags().map(flag => ({ name: flag.getName(), value: flag.getValue() ?? '' })) : [],
    text,
    words: jsonStrings(text) ?? (['ARG', 'ENV', 'LABEL'].includes(keyword) ? shellWords(text, escape) : plainWords(text)),
  };
}

function problemOf({ keyword, flags, words, text }: Instruction): string | undefined {
  if (!(keyword in FLAGS)) {
    const meant = closest(keyword, Object.keys(FLAGS));
    return `has the unknown instruction ${keyword}${meant ? `; did you mean ${meant}?` : ''}`;
  }
  // Newer versions of Docker may accept more flags, so only those are wrong that look like a known one.
  const wrong = flags.find(({ name }) => !FLAGS[keyword].includes(name) && closest(name, FLAGS[keyword]) !== undefined);
  if (wrong) return `has the unknown flag --${wrong.name}; did you mean --${closest(wrong.name, FLAGS[keyword])}?`;
  if (keyword === 'FROM') return problemOfFrom(words);
  if ((keyword === 'COPY' || keyword === 'ADD') && words.length < 2) return `has ${keyword} without a source or without a destination`;
  if (words.length === 0 && text.trim() === '' && !['CMD', 'ENTRYPOINT', 'RUN'].includes(keyword)) return `has ${keyword} without an argument`;
  if (keyword === 'SHELL' && jsonStrings(text) === undefined) return 'has SHELL without a JSON array; use for example SHELL ["/bin/bash", "-c"]';
  if (keyword === 'ENV') return problemOfEnv(words);
  return undefined;
}

function problemOfFrom(words: readonly string[]): string | undefined {
  if (words.length !== 1 && (words.length !== 3 || words[1].toUpperCase() !== 'AS')) return `has FROM with ${words.length} arguments; use an image, or an image, AS and the name of a stage`;
  if (words.length === 3 && !/^[a-z][a-z0-9_.-]*$/i.test(words[2])) return `has the invalid name '${words[2]}' for a stage; begin it with a letter`;
  return undefined;
}

function problemOfEnv(words: readonly string[]): string | undefined {
  if (words.length === 1 && !words[0].includes('=')) return `has ENV ${words[0]} without a value`;
  const wrong = words.length > 0 && words[0].includes('=') ? words.find(word => !word.includes('=')) : undefined;
  return wrong === undefined ? undefined : `has '${wrong}' without = in ENV; put a value with blanks into quotes`;
}

function stagesOf(instructions: readonly Instruction[], escape: string): Parsed {
  if (instructions.length === 0) return { mistake: { problem: 'is empty; it needs a FROM line' } };
  const firstFrom = instructions.findIndex(({ keyword }) => keyword === 'FROM');
  const globalArguments = instructions.slice(0, firstFrom < 0 ? undefined : firstFrom);
  const stray = globalArguments.find(({ keyword }) => keyword !== 'ARG');
  if (stray) return { mistake: { line: stray.line, problem: `has ${stray.keyword} before the first FROM, where only ARG may be` } };
  if (firstFrom < 0) return { mistake: { problem: 'has no FROM line' } };
  const stages: (Stage & { instructions: Instruction[] })[] = [];
  for (const instruction of instructions.slice(firstFrom)) {
    if (instruction.keyword === 'FROM') {
      stages.push({ from: instruction, base: instruction.words[0], name: instruction.words[2]?.toLowerCase(), instructions: [] });
    } else {
      stages[stages.length - 1].instructions.push(instruction);
    }
  }
  return { dockerfile: { escape, globalArguments, stages } };
}
