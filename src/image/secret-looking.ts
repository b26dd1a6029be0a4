import type { CfnParameter, IResolvable } from 'aws-cdk-lib';
import { CfnResource, Reference, Token, Tokenization } from 'aws-cdk-lib';

/** Names that are usual for secrets, as words with underscores. */
const NAME_OF_SECRET = /SECRET|PASSW(OR)?D|PASSPHRASE|_PWD|TOKEN(?!IZ)|CREDENTIAL|(API|PRIVATE|ACCESS|SIGNING|ENCRYPTION|MASTER)_?KEY/;

/** The end of a name that says where something is, how long it is valid, or how much of it there is. */
const NOT_THE_SECRET_ITSELF = new RegExp(`_(${[
  'ARNS?', 'IDS?', 'NAMES?', 'ALIAS', 'PREFIX', 'SUFFIX',
  'URLS?', 'URIS?', 'ENDPOINTS?', 'HOSTS?', 'HOSTNAMES?', 'DOMAINS?', 'PORTS?', 'REGIONS?', 'FILES?', 'PATHS?', 'DIR', 'DIRECTORY', 'PARAMETERS?', 'PARAMS?', 'SSM',
  'TTL', 'EXPIRY', 'EXPIRATION', 'LIFETIME', 'AGE', 'TIMEOUT', 'INTERVAL', 'DAYS', 'HOURS', 'MINUTES', 'MINS', 'SECONDS', 'SECS', 'MILLIS', 'MS',
  'COUNT', 'LIMIT', 'LIMITS', 'SIZE', 'LENGTH', 'MAX', 'MIN', 'BUDGET', 'RATE', 'QUOTA', 'ATTEMPTS', 'RETRIES',
  'ENABLED', 'DISABLED', 'REQUIRED', 'POLICY', 'TYPE', 'ALGORITHM', 'HEADER', 'ISSUER', 'AUDIENCE', 'VERSION', 'STAGE', 'PROVIDER', 'STORE', 'FIELD',
].join('|')})$`);
const AMOUNT = /(^|_)(MAX|MIN|NUM|NUMBER_OF|TOTAL)_|TOKENS(_|$)|TOKENS_PER_/;

const NUMBER = /^[+-]?\d+(\.\d+)?$/;
const SWITCH = /^(|0|1|true|false|yes|no|on|off|none|null|enabled|disabled)$/i;

/** ARNs, paths of parameters and files, and URLs without a password. */
const REFERENCE = /^(arn:|\/[\w.-]+(\/[\w.-]+)+$|[a-z][a-z0-9+.-]*:\/\/(?!\S*:\S*@))/i;

/** Texts that are secrets whatever their name is. Publishers chose these forms so that programs find them. */
const FORMS_OF_SECRETS = [
  /\b(AKIA|ASIA)[A-Z0-9]{16}\b/,
  /\bgh[oprsu]_\w{16,}|\bgithub_pat_\w{16,}|\bglpat-[\w-]{16,}/,
  /\bsk-(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{16,}|\b[rs]k_(live|test)_\w{16,}/,
  /\bxox[abeoprs]-[\w-]{10,}|\bnpm_\w{30,}|\bhf_\w{30,}|\bAIza[\w-]{30,}|\bdop_v1_\w{32,}/,
  /-----BEGIN [A-Z ]*PRIVATE KEY( BLOCK)?-----/,
  /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/,
  /:\/\/[^\s/:@]*:[^\s/@]+@/,
];

/** Attributes of resources that are secrets, such as `SecretAccessKey` and `ClientSecret`. */
const SECRET_ATTRIBUTE = /secret(accesskey|key)?$|password$|privatekey$|apikey$|token$/i;

/** Whether a variable of an environment looks like a secret: its value by its form, or its name by its words. */
export function looksSecret(name: string, value: string): boolean {
  const known = Token.isUnresolved(value) ? knownText(value) : value;
  if (FORMS_OF_SECRETS.some(form => form.test(known)) || tokensOf(value).some(isSecretToken)) return true;
  const words = wordsOf(name);
  if (!NAME_OF_SECRET.test(words) || NOT_THE_SECRET_ITSELF.test(words)) return false;
  return !SWITCH.test(value) && !(NUMBER.test(value) && !endsWithSecret(words)) && !REFERENCE.test(known) && !isIdentifier(value);
}

/** Returns a name in upper case with underscores between its words. */
function wordsOf(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/([A-Z])([A-Z][a-z])/g, '$1_$2').replace(/[^A-Za-z0-9]+/g, '_').toUpperCase();
}

/** Whether a number may be the secret itself, as in DB_PASSWORD, and not an amount, as in MAX_TOKENS. */
function endsWithSecret(words: string): boolean {
  return !AMOUNT.test(words) && new RegExp(`(${NAME_OF_SECRET.source})S?(_\\d+)?$`).test(words);
}

function tokensOf(value: string): IResolvable[] {
  return Token.isUnresolved(value) ? Tokenization.reverseString(value).tokens : [];
}

/** Returns the literal parts of a text with tokens. */
function knownText(value: string): string {
  return Tokenization.reverseString(value).mapTokens({ mapToken: () => '\0' as unknown as IResolvable })
    .join({ join: (left: unknown, right: unknown) => `${left ?? ''}${right ?? ''}` });
}

/** Whether a token is a password or the like: a parameter that is not echoed, or an attribute with such a name. */
function isSecretToken(token: IResolvable): boolean {
  if (!Reference.isReference(token)) return false;
  if ((token.target as Partial<CfnParameter>).noEcho === true) return true;
  return SECRET_ATTRIBUTE.test(token.displayName);
}

/** Whether a value identifies a resource: its `Ref`, or an attribute such as its ARN or URL. */
function isIdentifier(value: string): boolean {
  const token = Tokenization.reverseCompleteString(value);
  if (!Reference.isReference(token)) return false;
  return CfnResource.isCfnResource(token.target) && /^(ref|\w*(arn|id|name|url|uri|endpoint|address))$/i.test(token.displayName);
}
