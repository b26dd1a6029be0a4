import { dockerPattern, gitPattern } from './code-pattern';
import type { PathPattern } from './code-pattern';

/** A pattern, and who wrote it. */
export interface Rule {
  readonly pattern: string;
  readonly source: 'default' | 'exclude' | '.dockerignore';
}

interface CompiledRule extends Rule, PathPattern {}

/** What the rules say about a path. It is needed for the paths below. */
export interface Verdict {
  /** The rule that leaves the path out. */
  readonly leftOutBy?: Rule;
  /** The pattern of `exclude` or of the default exclusions that leaves the path out, if one of them does. */
  readonly excludedBy?: Rule;
  /** The last line of `.dockerignore` that matches the path or a directory above it; -1 if there is none. */
  readonly line: number;
}

export const ROOT_VERDICT: Verdict = { line: -1 };

/** Excluded by default, because it is secret or increases the size of the image. */
export const DEFAULT_EXCLUSIONS = [
  '.git', '.svn', '.hg', '.gitignore', '.gitattributes', '.gitmodules',
  'node_modules', 'bower_components', '.venv', 'venv', 'virtualenv', '.virtualenv', '__pypackages__', '.bundle', '.gradle', '.m2',
  '**/.cargo/registry', '**/.yarn/cache', '**/.yarn/unplugged',
  '.env', '.env.*', '*.env', '.envrc', '!.env.example', '!.env.sample', '!.env.template',
  '*.pem', '*.key', '*.p12', '*.pfx', '*.p8', '*.jks', '*.keystore', '*.crt', '*.cer', '*.der', '*.ppk', '*.asc', '*.gpg', '*.kdbx',
  'id_rsa*', 'id_dsa*', 'id_ecdsa*', 'id_ed25519*', '.ssh', '.gnupg', '.aws', '.azure', '.kube', '.docker', '.npmrc', '.pypirc', '.netrc', '**/.cargo/credentials*',
  '.git-credentials', '.htpasswd', 'credentials.json',
  '*.tfstate', '*.tfstate.*', '.terraform', '*.tfvars', '.pulumi', '.serverless', '.aws-sam',
  'cdk.out', 'cdk.context.json',
  '.cache', '.pytest_cache', '.mypy_cache', '.ruff_cache', '.tox', '.nox', '__pycache__', '*.pyc', '.nyc_output', '.parcel-cache', '.turbo', '.npm',
  '.DS_Store', 'Thumbs.db', '.idea', '.vscode', '*.swp',
  // Synth has applied them. A build that applied them again would leave out what `exclude` includes.
  '/.dockerignore', '/Dockerfile.dockerignore',
];

/**
 * Decides which paths of a directory are uploaded. There are three lists: the default exclusions, then the lines of
 * `.dockerignore`, then `exclude`. The last pattern that matches a path decides, with these rules:
 *
 * - What is in an excluded directory stays excluded, as in `.gitignore`, unless a pattern names its path from the root.
 * - Lines of `.dockerignore` have Docker's semantics among themselves.
 * - A line of `.dockerignore` that begins with `!` includes what is excluded by default only if it names exactly this
 *   path, without wildcards: `!src` and `!src/**` must not upload `src/.env`.
 */
export class CodeRules {
  private readonly patterns: CompiledRule[];
  private readonly lines: CompiledRule[];

  public constructor(defaults: readonly string[], dockerignore: readonly string[], exclude: readonly string[]) {
    this.lines = rules('.dockerignore', dockerignore, dockerPattern);
    const named = this.lines.filter(({ negative, literal }) => negative && literal !== undefined);
    this.patterns = [
      ...rules('default', defaults, gitPattern),
      ...named.map(rule => ({ ...rule, matches: (path: string) => path === rule.literal })),
      ...rules('exclude', exclude, gitPattern),
    ];
  }

  /** Judges a path, given the verdict on the directory in which it is. */
  public judge(parent: Verdict, path: string, isDirectory: boolean): Verdict {
    const pattern = this.patterns[lastMatch(this.patterns, path, isDirectory)];
    const effective = pattern?.negative && !reaches(pattern, parent) ? undefined : pattern;
    const excludedBy = effective ? effective.negative ? undefined : effective : parent.excludedBy;
    const includedAgain = effective?.source === 'exclude' && effective.negative;
    const line = includedAgain ? -1 : Math.max(parent.line, lastMatch(this.lines, path, isDirectory));
    const ignoredBy = line !== -1 && !this.lines[line].negative ? this.lines[line] : undefined;
    return { excludedBy, line, leftOutBy: excludedBy ?? ignoredBy };
  }

  /** Returns whether something in a directory can be included that is itself left out. */
  public canIncludeIn(verdict: Verdict, directory: string): boolean {
    const includes = (rule: CompiledRule) => rule.negative && rule.canMatchIn(directory);
    return this.patterns.some(rule => rule.rooted && includes(rule)) || (!verdict.excludedBy && this.lines.some(includes));
  }
}

/** Whether a pattern that includes applies to what is in a directory, which may be left out. */
function reaches(pattern: CompiledRule, { leftOutBy, excludedBy }: Verdict): boolean {
  if (pattern.source === '.dockerignore' && excludedBy?.source === 'exclude') return false;
  return leftOutBy === undefined || pattern.rooted;
}

function lastMatch(all: readonly CompiledRule[], path: string, isDirectory: boolean): number {
  let index = all.length - 1;
  while (index >= 0 && !all[index].matches(path, isDirectory)) index--;
  return index;
}

function rules(source: Rule['source'], patterns: readonly string[], compile: (pattern: string) => PathPattern | undefined): CompiledRule[] {
  return patterns.flatMap(text => {
    const pattern = compile(text);
    return pattern ? [{ ...pattern, pattern: text.trim(), source }] : [];
  });
}
