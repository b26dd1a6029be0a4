import type { Finding } from './findings';
import { parse } from './markdown';
import { files, read } from './repository';
import type { Text } from './texts';
import { lineOf, texts, withoutMarks } from './texts';

/** Finds prose that is hard to read: words that the project replaces, and long lines. */

interface Rule {
  /** A space stands for any white space, line breaks included. */
  readonly words: RegExp;
  readonly instead: string;
}

const RESOURCE = '(?:network |execution |build |operator |resource |function |log |security )?'
  + '(?:MicroVM|connector|image|version|role|stack|function|group|interface|policy|parameter|catalog|template|bucket|subnet)s?';

/** Words, and what to write instead. CONTRIBUTING.md has the reasons. */
export const RULES: readonly Rule[] = [
  { words: /\bmend(s|ed|ing)?\b/, instead: 'fix' },
  { words: /\ballow(s|ing)? to\b/, instead: 'grants permission to; "allow" needs an object' },
  { words: /\bcatalogues?\b/, instead: 'catalog' },
  { words: /\b(making|makes?|made) (a |an |the |its |their |no |one |another |each |every |new |two |of )*RESOURCE\b(?!-)/, instead: 'create' },
  { words: /\bRESOURCE (that|which) .{0,30}\b(makes?|made)\b/, instead: 'create' },
  { words: /\b(ends?|ended|ending) (a |an |the |its |all |those |these |that )*MicroVMs?\b/, instead: 'terminate' },
  { words: /\bMicroVMs? (that )?((is|are|was|were|be|been|has been|have been) )ended\b/, instead: 'terminate' },
  { words: /\b(is|are|was|were|be|been|being)( \w+)? gone\b/, instead: 'is deleted, does not exist' },
  { words: /\bnot there\b/, instead: 'does not exist' },
  { words: /(?<!\bwhere )\b(is|are|was|were) (already |still )?there\b(?! (is|are|was|were|a|an|any|no|one)\b)/, instead: 'exists' },
  { words: /(?<!\b(there|here) )\b(is|are) no (?!longer\b|more\b|one\b|other\b|different\b|need\b|way\b|reason\b)[a-z]+\b/, instead: 'is not a ...; or "has no ..."' },
  { words: /\bin front of\b/, instead: 'before' },
  {
    words: /(?<!\b(left|leaves?|leaving|stays?|stayed|remains?) (\S+ ){0,4})\bbehind\b(?! (a |an |the |your |its )?(\w+ )?(prox|load balancer|NAT|firewall|CloudFront|API|WebSocket))/,
    instead: 'after',
  },
  { words: /\b(words? of (a|the|its) (service|error|simulator)|service's (own )?words?|in (its|their) own words)\b/, instead: 'message' },
  { words: /(?<!\bconnections? (is |was |are |were )?)\brefus(e|es|ed|ing|al|als)\b(?! connections?\b)/, instead: 'reject, rejection; IAM: deny' },
  { words: /\b(lasting|passing) (error|failure|fault|refusal|rejection|trouble)s?\b/, instead: 'terminal, transient' },
  { words: /\bways? (in|out)\b(?! which\b)/, instead: 'ingress, egress' },
  { words: /\bwhat (becomes|became|will become) of\b/, instead: 'removal policy of; what happens to ... when' },
  { words: /\btime-outs?\b/, instead: 'timeout' },
  { words: /\blook-ups?\b/, instead: 'lookup' },
  { words: /\bclean-ups?\b/, instead: 'cleanup' },
  { words: /(?<!\b(nobody|you|users?) )\b(is|are|was|were|be|been|being|not) told\b/, instead: 'receives, gets' },
  { words: /\b(tell|tells|telling|told)( \S+){0,4} apart\b/, instead: 'distinguish' },
  { words: /\blook(s|ed|ing)? at (a |an |the |its |their |all |every |one |this |that |these |those )*RESOURCE\b/, instead: 'read, describe' },
  { words: /\b(sees?|saw|seeing) to\b/, instead: 'make sure' },
  { words: /(?<!\b(you|we|they|to|can|could|will|may|must|users?|readers?) )\bsee that\b/, instead: 'make sure' },
  { words: /\bready-made\b/, instead: 'existing' },
  { words: /\bfor good\b(?! reasons?\b)/, instead: 'permanently' },
  { words: /\bmint(s|ed|ing)?\b/, instead: 'create (a token)' },
  { words: /\bput (it |them )?into the world\b/, instead: 'create' },
  // American spelling, as in the documentation of AWS.
  { words: /\blicences?\b/, instead: 'license' },
  { words: /\b(mis)?behaviours?\b/, instead: 'behavior' },
  { words: /\b(un)?authoris(e|es|ed|ing|ation)\b/, instead: 'authorize' },
  { words: /\b(organ|recogn|normal|initial|serial|summar|custom|minim|maxim|optim|util|synchron|special|final|general|real)is(e|es|ed|ing|ation|ations)\b/, instead: '-ize' },
  { words: /\b(colour|favour|honour|neighbour|labour|rumour)\w*\b/, instead: '-or' },
  { words: /\b(cancel|model|label|travel|signal|channel)l(ed|ing)\b/, instead: 'one l: canceled' },
  { words: /\b(centre|defence|analyse|whilst|amongst|grey)(s|d)?\b/, instead: 'the American spelling' },
];

interface Exception {
  readonly file: RegExp;
  readonly words: RegExp;
  readonly reason: string;
}

/** Places where such words may stand. */
const EXCEPTIONS: readonly Exception[] = [
  { file: /^tools\/gate\/prose\.ts$/, words: /./, reason: 'has the words themselves' },
  { file: /^test\/house\/prose\.test\.ts$/, words: /./, reason: 'tests the words' },
  { file: /^tools\/local-aws\/emulator\/kept_dependencies\.py$/, words: /cancelled/, reason: 'quotes CloudFormation' },
];

const LONGEST_LINE = 120;

/** Words to replace in all texts; of tests, also the names. */
export function wordFindings(all: readonly Text[] = texts()): Finding[] {
  return all.filter(isProse).flatMap(text => {
    const prose = withoutMarks(text);
    return COMPILED.flatMap(({ words, instead }) => [...prose.matchAll(words)]
      .filter(([found]) => !EXCEPTIONS.some(exception => exception.file.test(text.file) && exception.words.test(found)))
      .map(match => ({
        file: text.file, line: lineOf(text, match.index), problem: `"${match[0].replace(/\s+/g, ' ')}": write ${instead}`,
      })));
  });
}

const COMPILED = RULES.map(({ words, instead }) => ({
  words: new RegExp(words.source.replaceAll('RESOURCE', RESOURCE).replaceAll(' ', '\\s+'), 'gi'), instead,
}));

/** Strings of tests are prose only if they name a test; others are often messages of the service. */
function isProse({ file, kind, text }: Text): boolean {
  return kind !== 'string' || !/^test\//.test(file) || NAMES.get(file)?.has(text) === true || namesIn(file).has(text);
}

const NAMES = new Map<string, Set<string>>();

function namesIn(file: string): Set<string> {
  const known = NAMES.get(file);
  if (known) return known;
  const names = new Set([...read(file).matchAll(/\b(?:test|describe|it)(?:\.each(?:<[^>]*>)?\([^]*?\))?\(\s*('(?:[^'\\\n]|\\.)*'|`[^`]*`|"(?:[^"\\\n]|\\.)*")/g)].map(([, name]) => name));
  NAMES.set(file, names);
  return names;
}

/** Lines of prose in pages, and of comments. ESLint checks the comments of TypeScript, apart from the examples. */
export function lengthFindings(): Finding[] {
  const pages = files().filter(file => /\.md$/.test(file) && !/^(API|PERMISSIONS)\.md$|^test\/recorded\//.test(file) || file === 'llms.txt');
  const inPages = pages.flatMap(file => parse(read(file)).lines
    .filter(({ text }) => !/^\s*(\||<!--|\[[^\]]+\]: )/.test(text) && withoutAddresses(text).length > LONGEST_LINE)
    .map(({ number, text }) => tooLong(file, number, text)));
  const inComments = texts().filter(({ kind, file }) => kind === 'comment' && !/^(src|test|integ|tools)\/.*\.ts$|^\.projenrc\.ts$/.test(file))
    .flatMap(({ file, line, text }) => text.split('\n').map((one, index) => ({ number: line + index, one })).filter(({ one }) => withoutAddresses(one).length > LONGEST_LINE)
      .map(({ number, one }) => tooLong(file, number, one)));
  return [...inPages, ...inComments];
}

function tooLong(file: string, line: number, text: string): Finding {
  return { file, line, problem: `a line of ${text.length} characters: wrap it at ${LONGEST_LINE}` };
}

/** An address cannot be wrapped. */
function withoutAddresses(text: string): string {
  return text.replace(/https?:\/\/[^\s)>]+/g, '').replace(/\]\([^)]*\)/g, ']');
}
