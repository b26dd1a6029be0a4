import { StringConcat, Token, Tokenization } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ValidationError } from '../private/errors';

const CODE = 'WebIdentityLaunchRoleInvalid';

/**
 * Claims that say where a token comes from, but not whose it is. Providers with many customers issue tokens with the
 * same values to all of them. The names are those of GitHub and GitLab, whose customers can choose the claims in the
 * subject.
 */
const CLAIMS_WITHOUT_OWNER = new Set([
  'actor', 'actor_id', 'base_ref', 'context', 'environment', 'event_name', 'head_ref', 'job_workflow_ref', 'job_workflow_sha', 'pull_request', 'ref',
  'ref_path', 'ref_protected', 'ref_type', 'repository_visibility', 'run_attempt', 'run_id', 'run_number', 'runner_environment', 'sha', 'workflow',
  'workflow_ref', 'workflow_sha',
]);

/** Claims that identify the owner of a token. */
const OWNER_CLAIMS = new Set([
  'enterprise', 'enterprise_id', 'namespace_id', 'namespace_path', 'project_id', 'project_path', 'repo', 'repository', 'repository_id', 'repository_owner',
  'repository_owner_id',
]);

/** The beginning of subjects of Kubernetes. Whoever may create a namespace chooses what follows. */
const SERVICE_ACCOUNT = ['system', 'serviceaccount'];

/** Fails for audiences that are not scoped. */
export function checkAudiences(scope: IConstruct, audiences: string[]): void {
  if (audiences.length > 0 && !audiences.some(audience => audience === '' || hasWildcard(audience) || hasVariable(audience))) return;
  throw new ValidationError(CODE, `audiences: ${shown(audiences)} is not scoped; use at least one complete name, without * or ?`, scope);
}

/** Fails for subjects that are not scoped. */
export function checkSubjects(scope: IConstruct, subjects: string[]): void {
  const mixed = subjects.find(subject => hasWildcard(subject) && Token.isUnresolved(subject));
  if (mixed !== undefined) {
    throw new ValidationError(CODE, `subjects: ${shown([mixed])} has a wildcard and a token, whose value may be a wildcard too; write one of them out`, scope);
  }
  if (subjects.length === 0 || subjects.some(subject => !hasWildcard(subject) && !isScoped(subject))) {
    throw new ValidationError(CODE,
      `subjects: ${shown(subjects)} is not scoped; use at least one, and name the owner of the tokens in each, such as 'repo:acme/app:ref:refs/heads/main'`, scope);
  }
  if (subjects.every(isScoped)) return;
  throw new ValidationError(CODE,
    `subjects: ${shown(subjects)} is not scoped; use * or ? only after two complete segments that name the owner of the tokens, such as 'repo:acme/app:*'`, scope);
}

/** Whether a text has a wildcard outside of its tokens. */
export function hasWildcard(text: string): boolean {
  return /[*?]/.test(literalPartOf(text));
}

/**
 * Whether the tokens of a subject belong to one owner. A subject without a wildcard is checked too: other owners may
 * have tokens with the same subject. Segments end with a colon or a slash.
 */
function isScoped(subject: string): boolean {
  if (subject === '' || hasVariable(subject)) return false;
  if (Token.isUnresolved(subject)) return true;
  const wildcard = subject.search(/[*?]/);
  const segments = subject.slice(0, wildcard < 0 ? undefined : wildcard).split(/[:/]/);
  const complete = wildcard < 0 ? segments : segments.slice(0, -1);
  if (wildcard >= 0 && (complete.length < 2 || complete.some(segment => segment === ''))) return false;
  if (startsWith(complete, SERVICE_ACCOUNT)) return complete.length > SERVICE_ACCOUNT.length;
  return !CLAIMS_WITHOUT_OWNER.has(complete[0]) || complete.some((segment, index) => OWNER_CLAIMS.has(segment) && Boolean(complete[index + 1]));
}

function startsWith(segments: string[], beginning: string[]): boolean {
  return beginning.every((segment, index) => segments[index] === segment);
}

/** Whether IAM would replace a part of the text, for example by the subject of the token itself. */
function hasVariable(text: string): boolean {
  return literalPartOf(text).includes('${');
}

function literalPartOf(text: string): string {
  return Token.isUnresolved(text) ? Tokenization.reverseString(text).mapTokens({ mapToken: () => '' }).join(new StringConcat()) : text;
}

function shown(texts: string[]): string {
  return JSON.stringify(texts.map(text => Token.isUnresolved(text) ? 'a token' : text));
}
